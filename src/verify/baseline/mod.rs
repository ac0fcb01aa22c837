//! What a database holds, measured in plain SQL: no Odoo is needed, before a hop as after.
//!
//! First [`probe_sql`] asks which tables and columns there are; [`baseline_sql`] then asks only what this database
//! can answer. Every answer is one JSON value. Ids survive an upgrade, so things are told apart by their ids.

mod books;
mod goods;
mod people;
mod probe;
mod sql;
mod summary;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use probe::{Probe, ProbedModel, parse_probe, probe_sql};
pub use sql::baseline_sql;
pub use summary::Summary;

use crate::amount::Amount;

/// Moves when what is measured does: an older measurement lacks it.
pub const REVISION: &str = "baseline 3";

/// What a database holds. A list is empty where the database has no such thing at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Baseline {
    /// `latest_version` of the module base: `18.0.1.3`.
    pub version: String,
    /// Rows of every table that belongs to a model.
    pub tables: Vec<TableCount>,
    /// The trial balance.
    pub trial_balance: Vec<AccountBalance>,
    /// Posted items by journal and month.
    pub journals: Vec<JournalMonth>,
    /// Journal entries whose items do not add up to zero; must be empty.
    pub unbalanced: Vec<i64>,
    /// Open receivables and payables.
    pub open_items: Vec<OpenItems>,
    /// Journal entries by kind and state.
    pub documents: Vec<Documents>,
    /// The figures of the tax report.
    pub vat: Vec<VatGrid>,
    /// Links from taxes to tags with a sign, which 19.0 no longer reads: what new invoices would be tagged with.
    pub signed_tax_tags: u64,
    /// What is in stock.
    pub stock: Vec<Quantity>,
    /// Every user.
    pub users: Vec<User>,
    /// What each group implies, directly.
    pub groups: Vec<Group>,
    /// Attachments.
    pub attachments: Attachments,
    /// Scheduled actions.
    pub crons: Vec<Cron>,
    /// Number sequences.
    pub sequences: Vec<Sequence>,
    /// Modules that are not uninstalled.
    pub modules: Vec<Module>,
}

/// Rows of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Its model.
    pub model: String,
    /// Whether the model comes from a module that is not Odoo's own, or was made by hand.
    pub custom: bool,
    /// Number of rows.
    pub rows: u64,
    /// How many records have the name that a module's data gave them; those of a chart of accounts do not count.
    #[serde(default)]
    pub of_modules: u64,
}

/// Posted items of one account in one company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBalance {
    /// Id of the company.
    pub company: i64,
    /// Id of the account.
    pub account: i64,
    /// The account's code in this company.
    pub code: Option<String>,
    /// Number of items.
    pub items: u64,
    /// Sum of debit.
    pub debit: Amount,
    /// Sum of credit.
    pub credit: Amount,
    /// Sum of balance.
    pub balance: Amount,
}

/// Posted items of one journal in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalMonth {
    /// Id of the company.
    pub company: i64,
    /// Id of the journal.
    pub journal: i64,
    /// The month: `2026-11`.
    pub month: String,
    /// Number of items.
    pub items: u64,
    /// Sum of debit.
    pub debit: Amount,
    /// Sum of credit.
    pub credit: Amount,
}

/// Open items of one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenItems {
    /// Id of the company.
    pub company: i64,
    /// Id of the partner.
    pub partner: Option<i64>,
    /// `receivable` or `payable`.
    pub kind: String,
    /// Number of items.
    pub items: u64,
    /// Sum open, in the company's currency.
    pub residual: Amount,
    /// Sum open, each item in its own currency.
    pub residual_currency: Amount,
}

/// Journal entries of one kind in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documents {
    /// Id of the company.
    pub company: i64,
    /// `out_invoice`, `in_refund`, `entry` …
    pub kind: String,
    /// `draft`, `posted`, `cancel`.
    pub state: String,
    /// `paid`, `not_paid` …
    pub payment_state: String,
    /// How many.
    pub count: u64,
    /// Sum of their signed totals.
    pub total: Amount,
    /// Sum still open.
    pub residual: Amount,
}

/// One grid of the tax report in one month, by the formula of the series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatGrid {
    /// Id of the company.
    pub company: i64,
    /// The grid's name without a sign: `se_05`.
    pub grid: String,
    /// The month: `2026-11`.
    pub month: String,
    /// What the report says.
    pub amount: Amount,
}

/// A product at an internal or transit location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// Id of the product.
    pub product: i64,
    /// Id of the location.
    pub location: i64,
    /// How much is there.
    pub quantity: Amount,
    /// How much of it is promised.
    pub reserved: Amount,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: i64,
    /// Its login.
    pub login: String,
    /// Whether it may log in.
    pub active: bool,
    /// Whether it is a portal or public user.
    pub share: bool,
    /// External ids of every group it is in, those implied by others included.
    pub groups: Vec<String>,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its external id.
    pub name: String,
    /// External ids of the groups that its users are in as well.
    pub implies: Vec<String>,
}

/// Attachments in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attachments {
    /// All of them.
    pub rows: u64,
    /// Those whose content lies in the filestore.
    pub in_filestore: u64,
    /// Sum of the sizes in bytes.
    pub bytes: u64,
    /// Files that people attached to records of theirs, by model.
    pub documents: BTreeMap<String, u64>,
}

/// A scheduled action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cron {
    /// Its external id, or `ir.cron 12` where it has none.
    pub name: String,
    /// Whether it is switched on.
    pub active: bool,
}

/// A number sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Which: `ir.sequence 12 (sale.order)`, `journal 3 INV/2026/`.
    pub name: String,
    /// The number last given or next to give; it must not fall.
    pub number: i64,
}

/// A module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Its technical name.
    pub name: String,
    /// `installed` or a transient state.
    pub state: String,
    /// `latest_version`: the version of its code that was loaded last.
    pub version: Option<String>,
}

/// A measurement that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the {what} of a database: {source}")]
pub struct NotABaseline {
    pub(super) what: &'static str,
    pub(super) source: serde_json::Error,
}

/// Reads what the queries of [`baseline_sql`] printed: one line each.
pub fn parse(answers: &str) -> Result<Baseline, NotABaseline> {
    let not_a_baseline = |source| NotABaseline {
        what: "baseline",
        source,
    };
    let mut fields = serde_json::Map::new();
    for line in answers.lines().filter(|line| !line.trim().is_empty()) {
        let some: serde_json::Map<_, _> = serde_json::from_str(line).map_err(not_a_baseline)?;
        fields.extend(some);
    }
    serde_json::from_value(fields.into()).map_err(not_a_baseline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_survives_its_own_json() {
        let baseline = parse(
            r#"{"version": "18.0.1.3", "vat": [{"company": 1, "grid": "se_05", "month": "2026-01", "amount": "1250.500000"}]}"#,
        )
        .unwrap();
        let json = serde_json::to_string(&baseline).unwrap();
        assert_eq!(parse(&json).unwrap(), baseline);
        assert!(json.contains(r#""1250.5""#));
    }

    #[test]
    fn answers_to_several_questions_are_one_baseline() {
        let baseline = parse("{\"version\": \"18.0.1.3\"}\n{\"unbalanced\": [7]}\n").unwrap();
        assert_eq!((baseline.version.as_str(), baseline.unbalanced), ("18.0.1.3", vec![7]));
    }

    #[test]
    fn an_amount_as_a_float_is_refused() {
        let json = r#"{"vat": [{"company": 1, "grid": "x", "month": "2026-01", "amount": 0.1}]}"#;
        assert!(parse(json).is_err());
    }
}
