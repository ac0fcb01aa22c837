//! What hops to 15.0 … 18.0 convert is told from what somebody changed: excerpts of a customer of 14.0, before and after five hops.
//!
//! Needs Docker, the image `postgres:15` and the sample data; says so and passes where one is missing.

use hopp::event::Finding;
use hopp::ident::Series;
use hopp::odoo::openupgrade::{Apriori, Renames};
use hopp::verify::catalogue::{self, Ground};
use hopp::verify::compare::Way;
use hopp::verify::content::{Shape, shape_sql};

use crate::verify_planted::sides;
use crate::verify_sql::Postgres;

/// Tables of 14.0 and of 19.0, with the records that were converted.
const TABLES: [&str; 2] = [
    include_str!("verify_chain/before.sql"),
    include_str!("verify_chain/after.sql"),
];

/// Makes the models and fields of these tables.
const MODELS: &str = include_str!("verify_chain/models.sql");

/// Changes that no hop makes, what is found then, and of which record.
const CHANGES: [(&str, &str, &str); 14] = [
    (
        "UPDATE account_move_line SET display_type = 'product' WHERE id = 3",
        "account.move.line: display_type",
        "account.move.line 3",
    ),
    (
        "UPDATE account_move_line SET quantity = 0 WHERE id = 1",
        "account.move.line: quantity",
        "account.move.line 1",
    ),
    (
        "UPDATE account_journal SET profit_account_id = 77 WHERE id = 8",
        "account.journal: profit_account_id",
        "account.journal 8 (Bank): nothing before, `77` after",
    ),
    (
        "UPDATE account_journal SET loss_account_id = NULL WHERE id = 9",
        "account.journal: loss_account_id",
        "account.journal 9",
    ),
    (
        "UPDATE account_tax SET invoice_label = '{\"en_US\": \"25 %\"}' WHERE id = 1",
        "account.tax: invoice_label",
        "account.tax 1",
    ),
    (
        "UPDATE discuss_channel SET group_public_id = NULL WHERE id = 1",
        "discuss.channel: group_public_id",
        "discuss.channel 1",
    ),
    (
        "UPDATE mail_message SET model = 'stock.quant' WHERE id = 1",
        "mail.message: model",
        "mail.message 1",
    ),
    (
        "DELETE FROM mail_message WHERE id = 2",
        "mail.message",
        "mail.message 2",
    ),
    (
        "UPDATE mail_template SET subject = '{\"en_US\": \"Hi {{object.name}}\"}' WHERE id = 20",
        "mail.template: subject",
        "mail.template 20",
    ),
    (
        "UPDATE mail_template SET body_html = '{\"en_US\": \"<p>Bye <t t-out=\\\"object.name\\\"/></p>\"}' WHERE id = 20",
        "mail.template: body_html",
        "mail.template 20",
    ),
    (
        "UPDATE res_partner SET comment = '<p>Another</p>' WHERE id = 12",
        "res.partner: comment",
        "res.partner 12",
    ),
    (
        "UPDATE res_partner SET country_id = 5 WHERE id = 1",
        "res.partner: country_id",
        "res.partner 1",
    ),
    (
        "UPDATE account_payment_term_line SET delay_type = 'days_after' WHERE id = 7",
        "terms of payment: what is due when, of invoices of 2026-01-15 and 2026-08-31",
        "payment term 7 (End of Following Month): 100.00 % on 2026-02-28, 100.00 % on 2026-09-30 before",
    ),
    (
        "DELETE FROM resource_calendar_attendance WHERE id = 1",
        "resource.calendar.attendance",
        "resource.calendar.attendance 1",
    ),
];

#[test]
fn what_five_hops_convert_is_no_finding_and_a_change_beside_it_is() {
    let test = "what_five_hops_convert_is_no_finding_and_a_change_beside_it_is";
    let Some(postgres) = Postgres::with(test, "bryggan") else {
        return;
    };
    for (name, tables) in ["before", "untouched"].into_iter().zip(TABLES) {
        postgres.psql_on("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        postgres.psql_on(name, &format!("{tables}\n{MODELS}"));
    }
    let was = shape(&postgres, "before");
    assert_eq!(findings(&postgres, &was, "untouched"), [], "an upgrade by the book");
    mended(&postgres);
    postgres.psql_on("postgres", "CREATE DATABASE changed TEMPLATE untouched");
    postgres.psql_on("changed", &CHANGES.map(|(change, ..)| change).join(";\n"));
    let found = findings(&postgres, &was, "changed");
    for (change, subject, record) in CHANGES {
        let mut of = found.iter().filter(|finding| finding.subject == subject);
        let named = of.any(|finding| finding.evidence.iter().any(|line| line.starts_with(record)));
        assert!(named, "{change}: {found:#?}");
    }
}

/// What the playbooks' steps do for excerpts: the columns of 14.0 and 16.0 side by side, and tags as 17.0 has them.
fn mended(postgres: &Postgres) {
    postgres.psql_on("postgres", "CREATE DATABASE mended TEMPLATE template0");
    postgres.psql_on("mended", include_str!("verify_chain/mended.sql"));
    for _ in 0..2 {
        postgres.psql_on(
            "mended",
            include_str!("../playbooks/community_known_issues/16-after-payment-terms.sql"),
        );
        postgres.psql_on("mended", include_str!("../playbooks/l10n_se/18-before-box-48.sql"));
    }
    let terms = "SELECT string_agg(concat_ws(' ', option, end_month, months, days, days_after), ', ' ORDER BY id) FROM account_payment_term_line";
    assert_eq!(
        postgres.psql_on("mended", terms).trim(),
        "day_after_invoice_date f 0 30 0, after_invoice_month t 0 0 30, day_following_month t 0 0 10, day_following_month t 1 0 0, \
         day_current_month t 0 0 0, day_current_month f 0 15 0, day_after_invoice_date t 0 30 0"
    );
    let tags = "SELECT string_agg(concat_ws(' ', account_move_line_id, name ->> 'en_US'), ', ' ORDER BY account_move_line_id, id) \
                FROM account_account_tag_account_move_line_rel JOIN account_account_tag ON id = account_account_tag_id";
    // The third item had both, and has.
    assert_eq!(
        postgres.psql_on("mended", tags).trim(),
        "1 +se_48, 2 -se_48, 3 -se_48, 3 +se_48, 4 +se_05"
    );
    let taxes = "SELECT string_agg(concat_ws(' ', account_tax_repartition_line_id, name ->> 'en_US'), ', ' ORDER BY account_tax_repartition_line_id) \
                 FROM account_account_tag_account_tax_repartition_line_rel JOIN account_account_tag ON id = account_account_tag_id";
    assert_eq!(postgres.psql_on("mended", taxes).trim(), "1 +se_48, 2 -se_48");
}

fn shape(postgres: &Postgres, name: &str) -> Shape {
    serde_json::from_str(&postgres.psql_on(name, shape_sql())).unwrap()
}

fn findings(postgres: &Postgres, was: &Shape, name: &str) -> Vec<Finding> {
    let apriori: Vec<Apriori> = [
        ("stock.production.lot", "stock.lot"),
        ("mail.channel", "discuss.channel"),
    ]
    .into_iter()
    .map(|(old, new)| Apriori {
        renamed_models: [(old.to_owned(), new.to_owned())].into(),
        ..Apriori::default()
    })
    .collect();
    let (renames, hops) = (Renames::chain(&apriori), [15, 16, 17, 18, 19].map(series));
    let way = &Way::new(&hops, &renames);
    let is = &shape(postgres, name);
    let ground = |major, shape, other| Ground {
        series: series(major),
        shape,
        other,
    };
    let mut invariants = catalogue::all();
    invariants.retain(|invariant| invariant.id == "payment-terms");
    let grounds = (&ground(14, was, is), &ground(19, is, was));
    let judged = sides::records(postgres, ("before", name), (was, is), way);
    let named = sides::named(postgres, ("before", name), &invariants, grounds, (way, &judged));
    let mut found: Vec<Finding> = named.into_iter().filter_map(|comparison| comparison.finding).collect();
    found.extend(judged.findings);
    found
}

fn series(major: u8) -> Series {
    Series::from_major(major).unwrap()
}
