//! Tables of chart templates.

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Found, Level, Table};

pub(super) const TAGS: Rule = Rule {
    id: "19.9",
    title: "tags of taxes without a sign",
    why: "there is one tag where there were two: those with `+` and `-` are not found. Which lines of the tax report must be \
          turned round for it only its author knows",
    source: "odoo/upgrade_code/18.5-00-no-tax-tag-invert.py, 19.0",
    deed: Deed::Detect,
    words: &["tag_ids"],
    looks: &[Look::Csv(tags)],
};

pub(super) const POSITIONS: Rule = Rule {
    id: "19.10",
    title: "taxes of fiscal positions",
    why: "a fiscal position has no table of taxes any more: each tax says of which positions it is and what it replaces",
    source: "odoo/upgrade_code/18.3-00-l10n-fiscal-position-taxes.py, 19.0",
    deed: Deed::Detect,
    words: &["tax_ids/tax_src_id", "tax_ids/tax_dest_id"],
    looks: &[Look::Csv(positions)],
};

pub(super) const TRANSLATIONS: Rule = Rule {
    id: "19.11",
    title: "translations of a localisation's data",
    why: "names in a localisation's data are read for all languages from columns such as `name@fr`; translations in `i18n` are \
          only there for languages that are installed when the module is",
    source: "odoo/upgrade_code/18.2-00-l10n-translate.py, 19.0",
    deed: Deed::Detect,
    words: &["name"],
    looks: &[Look::Csv(translations)],
};

/// Models of localisations whose names have a column for each language.
const TRANSLATED: [&str; 14] = [
    "account.account.tag",
    "account.cash.rounding",
    "account.incoterms",
    "account.journal",
    "account.payment.method",
    "account.report",
    "account.report.column",
    "account.report.line",
    "account.tax.group",
    "account.tax.report",
    "l10n_latam.document.type",
    "l10n_latam.identification.type",
    "res.city",
    "res.country.state",
];

fn translations(table: &Table<'_>, found: &mut Found) {
    let concerned = [table.module, table.model()]
        .iter()
        .any(|name| name.starts_with("l10n_"))
        && !of_chart(table)
        && TRANSLATED.contains(&table.model());
    let Some(head) = table.rows.first().filter(|_| concerned) else {
        return;
    };
    let name = head.iter().find(|cell| cell.value == "name");
    if let Some(cell) = name.filter(|_| head.iter().all(|cell| !cell.value.starts_with("name@"))) {
        found.say(
            cell.range.start,
            Level::Note,
            "the names have no translations beside them",
            "move them out of `i18n` into columns such as `name@fr`; `odoo-bin upgrade_code --from 18.2` does it",
        );
    }
}

fn of_chart(table: &Table<'_>) -> bool {
    table.path.contains("data/template/") && table.model().starts_with("account.")
}

fn tags(table: &Table<'_>, found: &mut Found) {
    let Some(column) = table.column("repartition_line_ids/tag_ids").filter(|_| of_chart(table)) else {
        return;
    };
    // Tags are named one after the other, with `||` between them.
    let signed = |value: &str| value.split("||").any(|tag| tag.starts_with(['+', '-']));
    let mut cells = table.records().iter().filter_map(|row| row.get(column));
    if let Some(cell) = cells.find(|cell| signed(&cell.value)) {
        found.say(
            cell.range.start,
            Level::Error,
            format!("tags have no sign in 19.0: there is no tag `{}`", cell.value),
            "leave the signs out; where the invoice had `-` and the refund `+`, turn the line of the tax report round",
        );
    }
}

fn positions(table: &Table<'_>, found: &mut Found) {
    let columns = ["tax_ids/tax_src_id", "tax_ids/tax_dest_id"];
    let Some(head) = table.rows.first().filter(|_| of_chart(table)) else {
        return;
    };
    if let Some(cell) = head.iter().find(|cell| columns.contains(&cell.value.as_str())) {
        found.say(
            cell.range.start,
            Level::Error,
            "fiscal positions have no `tax_ids` in 19.0",
            "name the positions in the column `fiscal_position_ids` of the taxes, and in `original_tax_ids` what each of them \
             replaces",
        );
    }
}
