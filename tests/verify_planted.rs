//! Faults planted into a copy of a sample customer's database: each is found, with its record and the right severity.
//!
//! Needs Docker, the image `postgres:15` and the sample data; says so and passes where one is missing.

use std::collections::BTreeSet;

use hopp::event::{Finding, Severity};
use hopp::ident::Series;
use hopp::odoo::openupgrade::Renames;
use hopp::verify::baseline::{self, Baseline};
use hopp::verify::catalogue::{self, Ground};
use hopp::verify::compare::{self, Way};
use hopp::verify::content::{self, Block, Net, Shape, Side};

use crate::verify_sql::Postgres;

/// A fault: what is done, and the finding that tells it: its code, a part of its subject, a part of its evidence, how
/// bad it is.
type Fault = (&'static str, &'static str, &'static str, &'static str, Severity);

use Severity::{Error, Warning};

/// Each touches a record that no other does.
const FAULTS: [Fault; 43] = [
    (
        "UPDATE account_move_line SET debit = debit + 0.01, balance = balance + 0.01 WHERE id = (SELECT min(id) FROM account_move_line WHERE debit > 0 AND parent_state = 'posted')",
        "record-changed",
        "account.move.line: balance",
        "account.move.line",
        Error,
    ),
    (
        "DELETE FROM account_account_tag_account_move_line_rel WHERE ctid = (SELECT min(ctid) FROM account_account_tag_account_move_line_rel)",
        "link-lost",
        "account_account_tag_account_move_line_rel",
        "se_",
        Error,
    ),
    (
        "UPDATE account_move SET invoice_date = invoice_date - 1 WHERE id = (SELECT min(id) FROM account_move WHERE move_type = 'out_invoice')",
        "record-changed",
        "account.move: invoice_date",
        "account.move",
        Error,
    ),
    (
        "UPDATE account_move SET invoice_date_due = invoice_date_due + 1 WHERE id = (SELECT min(id) FROM account_move WHERE move_type = 'out_invoice')",
        "record-changed",
        "account.move: invoice_date_due",
        "account.move",
        Error,
    ),
    (
        "UPDATE account_move SET partner_id = 1 WHERE id = (SELECT max(id) FROM account_move WHERE move_type = 'out_invoice')",
        "record-changed",
        "account.move: partner_id",
        "account.move",
        Error,
    ),
    (
        "UPDATE account_move SET payment_reference = 'x' WHERE id = (SELECT max(id) FROM account_move WHERE move_type = 'out_invoice')",
        "record-changed",
        "account.move: payment_reference",
        "`x` after",
        Error,
    ),
    (
        "UPDATE account_payment_term_line SET nb_days = nb_days + 1 WHERE id = (SELECT max(id) FROM account_payment_term_line)",
        "record-changed",
        "account.payment.term.line: nb_days",
        "account.payment.term.line",
        Error,
    ),
    (
        "UPDATE res_company SET fiscalyear_lock_date = '2020-12-31'",
        "record-changed",
        "res.company: fiscalyear_lock_date",
        "2020-12-31",
        Error,
    ),
    (
        "INSERT INTO res_currency_rate (name, rate, currency_id, company_id) SELECT '2001-01-01', 2, 1, min(id) FROM res_company",
        "record-added",
        "res.currency.rate",
        "res.currency.rate",
        Warning,
    ),
    (
        "DELETE FROM account_fiscal_position_tax WHERE id = (SELECT min(id) FROM account_fiscal_position_tax)",
        "tax-mapping",
        "fiscal position",
        "becomes",
        Error,
    ),
    (
        "UPDATE account_tax SET amount = amount + 1 WHERE id = (SELECT min(id) FROM account_tax)",
        "record-changed",
        "account.tax: amount",
        "account.tax",
        Error,
    ),
    (
        "UPDATE account_journal SET active = false WHERE id = (SELECT max(id) FROM account_journal)",
        "record-changed",
        "account.journal: active",
        "account.journal",
        Error,
    ),
    (
        "DELETE FROM account_partial_reconcile WHERE id = (SELECT min(id) FROM account_partial_reconcile)",
        "reconciliations",
        "reconciled amounts",
        "company 1",
        Error,
    ),
    (
        "ALTER SEQUENCE ir_sequence_id_seq RESTART 1",
        "id-sequences",
        "counter of ids",
        "ir_sequence",
        Error,
    ),
    (
        "UPDATE product_product SET standard_price = jsonb_build_object('1', 0.5) WHERE id = (SELECT min(id) FROM product_product WHERE standard_price IS NOT NULL)",
        "cost-prices",
        "cost price",
        "0.5",
        Error,
    ),
    (
        "UPDATE product_template SET list_price = list_price + 1 WHERE id = (SELECT max(id) FROM product_template)",
        "record-changed",
        "product.template: list_price",
        "product.template",
        Error,
    ),
    (
        "UPDATE account_account SET name = name - 'sv_SE' WHERE id = (SELECT max(id) FROM account_account WHERE name ? 'sv_SE')",
        "record-changed",
        "account.account: name",
        "account.account",
        Warning,
    ),
    (
        "UPDATE sale_order_line SET product_uom_qty = product_uom_qty + 1 WHERE id = (SELECT min(id) FROM sale_order_line)",
        "record-changed",
        "sale.order.line: product_uom_qty",
        "sale.order.line",
        Error,
    ),
    (
        "UPDATE stock_quant SET quantity = quantity + 1 WHERE id = (SELECT min(id) FROM stock_quant WHERE quantity > 1)",
        "stock-places",
        "stock per product",
        "product",
        Error,
    ),
    (
        "UPDATE stock_valuation_layer SET value = value + 1 WHERE id = (SELECT min(id) FROM stock_valuation_layer)",
        "stock-value",
        "value of the stock moves",
        "product",
        Error,
    ),
    (
        "UPDATE stock_move_line SET quantity = quantity - 1 WHERE id = (SELECT min(id) FROM stock_move_line WHERE state = 'done')",
        "stock-done",
        "quantities done",
        "product",
        Error,
    ),
    (
        "UPDATE res_partner SET email = 'planted@example.com' WHERE id = (SELECT max(id) FROM res_partner)",
        "record-changed",
        "res.partner: email",
        "planted@example.com",
        Warning,
    ),
    (
        "UPDATE res_partner SET vat = 'SE000000000001' WHERE id = (SELECT max(id) FROM res_partner)",
        "record-changed",
        "res.partner: vat",
        "SE000000000001",
        Error,
    ),
    (
        "UPDATE res_partner SET name = 'Planted' WHERE id = (SELECT max(id) FROM res_partner)",
        "record-changed",
        "res.partner: name",
        "Planted",
        Warning,
    ),
    (
        "UPDATE res_users SET password = 'x' WHERE login = 'admin'",
        "passwords",
        "passwords",
        "admin",
        Error,
    ),
    (
        "UPDATE res_users SET active = true WHERE id = (SELECT max(id) FROM res_users WHERE NOT active)",
        "users-gained",
        "could not log in",
        "user",
        Error,
    ),
    (
        "INSERT INTO res_groups_users_rel (gid, uid) SELECT (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'group_system'), u.id FROM res_users u WHERE u.active AND NOT EXISTS (SELECT FROM res_groups_users_rel r JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = r.gid WHERE r.uid = u.id AND d.name = 'group_system') LIMIT 1",
        "rights-gained",
        "res.groups",
        "base.group_system",
        Error,
    ),
    (
        "INSERT INTO res_users_apikeys (name, user_id, scope, index, key) VALUES ('planted', 2, 'rpc', 'abcdef01', 'x')",
        "api-keys-gained",
        "API keys",
        "planted",
        Error,
    ),
    (
        "DELETE FROM ir_rule WHERE id = (SELECT min(r.id) FROM ir_rule r JOIN ir_model_data d ON d.model = 'ir.rule' AND d.res_id = r.id)",
        "record-lost",
        "ir.rule",
        "ir.rule",
        Error,
    ),
    (
        "UPDATE ir_rule SET domain_force = '[(1, ''='', 1)]' WHERE id = (SELECT max(id) FROM ir_rule)",
        "record-changed",
        "ir.rule: domain_force",
        "ir.rule",
        Error,
    ),
    (
        "UPDATE ir_model_access SET perm_unlink = NOT coalesce(perm_unlink, false) WHERE id = (SELECT max(id) FROM ir_model_access)",
        "record-changed",
        "ir.model.access: perm_unlink",
        "ir.model.access",
        Error,
    ),
    (
        "DELETE FROM ir_attachment WHERE id = (SELECT max(id) FROM ir_attachment WHERE res_field IS NULL AND res_id > 0 AND res_model NOT LIKE 'ir.%' AND coalesce(url, '') = '')",
        "attachments",
        "files attached",
        "attachment",
        Error,
    ),
    (
        "UPDATE mail_message SET body = '' WHERE id = (SELECT max(id) FROM mail_message WHERE coalesce(body, '') <> '')",
        "record-changed",
        "mail.message: body",
        "mail.message",
        Error,
    ),
    (
        "DELETE FROM mail_followers WHERE id = (SELECT max(id) FROM mail_followers)",
        "record-lost",
        "mail.followers",
        "mail.followers",
        Warning,
    ),
    (
        "UPDATE mail_alias SET alias_name = 'planted' WHERE id = (SELECT max(id) FROM mail_alias)",
        "record-changed",
        "mail.alias: alias_name",
        "planted",
        Warning,
    ),
    (
        "UPDATE ir_config_parameter SET value = 'planted' WHERE key = 'web.base.url'",
        "record-changed",
        "ir.config_parameter: value",
        "web.base.url",
        Warning,
    ),
    (
        "UPDATE ir_cron SET active = true WHERE id = (SELECT min(id) FROM ir_cron WHERE NOT active)",
        "crons-on",
        "scheduled actions",
        "on after",
        Error,
    ),
    (
        "UPDATE res_lang SET active = false WHERE code = 'sv_SE'",
        "languages",
        "languages",
        "sv_SE",
        Error,
    ),
    (
        "ALTER TABLE crm_lead DROP CONSTRAINT crm_lead_team_id_fkey; UPDATE crm_lead SET team_id = 99999 WHERE id = (SELECT max(id) FROM crm_lead)",
        "orphans",
        "point at records",
        "crm_lead.team_id",
        Error,
    ),
    ("SELECT 1", "foreign-keys", "foreign keys", "crm_lead.team_id", Warning),
    (
        "DELETE FROM ir_ui_menu WHERE id = (SELECT max(id) FROM ir_ui_menu)",
        "names-of-nothing",
        "external ids",
        "ir.ui.menu",
        Warning,
    ),
    (
        "DELETE FROM acme_loyalty_card WHERE id = (SELECT max(id) FROM acme_loyalty_card)",
        "record-lost",
        "acme.loyalty.card",
        "acme.loyalty.card",
        Warning,
    ),
    (
        "UPDATE res_partner SET customer_rank = customer_rank + 7 WHERE id = (SELECT max(id) FROM res_partner)",
        "record-changed",
        "res.partner: customer_rank",
        "res.partner",
        Warning,
    ),
];

/// Compares the sample database with its copy, as a run does with the databases before and after.
fn verify(postgres: &Postgres, after: &str) -> Vec<Finding> {
    let series = Series::from_major(18).unwrap();
    let (hops, renames) = ([series], Renames::default());
    let way = Way::new(&hops, &renames);
    let measured = |name: &str| -> Baseline {
        let probe = baseline::parse_probe(&postgres.psql_on(name, &baseline::probe_sql())).unwrap();
        baseline::parse(&postgres.psql_on(name, &baseline::baseline_sql(series, &probe))).unwrap()
    };
    let mut comparisons = compare::along(&measured("odoo"), &measured(after), &way);
    let shape = |name: &str| -> Shape { serde_json::from_str(&postgres.psql_on(name, content::shape_sql())).unwrap() };
    let (old, new) = (shape("odoo"), shape(after));
    let invariants = catalogue::all();
    let (before_ground, after_ground) = (
        Ground {
            series,
            shape: &old,
            other: &new,
        },
        Ground {
            series,
            shape: &new,
            other: &old,
        },
    );
    let answers = |name: &str, one, other| {
        let sql = catalogue::sql(&invariants, one, other);
        catalogue::parse(&invariants, &postgres.psql_on(name, &sql)).unwrap()
    };
    let was = answers("odoo", &before_ground, &after_ground);
    let is = answers(after, &after_ground, &before_ground);
    comparisons.extend(catalogue::compare(&invariants, &was, &is, &way));
    let mut findings: Vec<Finding> = comparisons
        .into_iter()
        .filter_map(|comparison| comparison.finding)
        .collect();

    let pairs = content::pair(&old, &new, &way);
    let blocks = |name: &str, side| -> Vec<Block> {
        let text = postgres.psql_on(name, &content::digest_sql(&pairs, side));
        text.lines().map(|line| content::parse_digest(line).unwrap()).collect()
    };
    let mut net = Net::default();
    let differing = net.differing(&blocks("odoo", Side::Before), &blocks(after, Side::After));
    let rows = |name: &str, side| postgres.psql_on(name, &content::rows_sql(&pairs, &differing, side));
    let (was, is) = (rows("odoo", Side::Before), rows(after, Side::After));
    net.compare(&pairs, was.lines(), is.lines()).unwrap();
    let dangling: BTreeSet<(String, i64)> = postgres
        .psql_on(after, &content::dangling_sql(&pairs))
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .map(|(model, id)| (model.to_owned(), id.parse().unwrap()))
        .collect();
    findings.extend(content::judge(&net, &pairs, &dangling, &way).findings);
    findings
}

#[test]
fn every_planted_fault_is_found_and_an_untouched_copy_has_none() {
    let test = "every_planted_fault_is_found_and_an_untouched_copy_has_none";
    let Some(postgres) = Postgres::with(test, "acme") else {
        return;
    };
    postgres.copy("after");
    assert_eq!(verify(&postgres, "after"), []);

    for (sql, ..) in FAULTS {
        // The triggers that watch over foreign keys rest, as they do when a tool writes behind Odoo's back.
        postgres.psql_on(
            "after",
            &format!("SET search_path = public; SET session_replication_role = replica; {sql};"),
        );
    }
    let found = verify(&postgres, "after");
    let missed: Vec<String> = FAULTS
        .iter()
        .filter(|(_, code, subject, evidence, severity)| {
            !found.iter().any(|finding| {
                finding.code == *code
                    && finding.subject.contains(subject)
                    && finding.severity == *severity
                    && finding.evidence.iter().any(|line| line.contains(evidence))
            })
        })
        .map(|(sql, code, subject, ..)| {
            let like: Vec<String> = found
                .iter()
                .filter(|finding| finding.code == *code || finding.subject.contains(subject))
                .map(|finding| {
                    format!(
                        "{:?} {} {} {:?}",
                        finding.severity, finding.code, finding.subject, finding.evidence
                    )
                })
                .collect();
            format!("{code} {subject}: {sql}\n  found like it: {}", like.join("\n    "))
        })
        .collect();
    assert!(
        missed.is_empty(),
        "{} of {} missed:\n{}",
        missed.len(),
        FAULTS.len(),
        missed.join("\n")
    );
    for finding in &found {
        assert!(finding.evidence.len() <= 11, "{finding:?}");
        assert!(!finding.remedy.is_empty(), "{finding:?}");
    }
}
