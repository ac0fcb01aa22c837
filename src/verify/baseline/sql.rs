//! The query that measures a database, made for the tables and columns it has.

use super::probe::Probe;
use super::{books, goods, people};
use crate::ident::Series;

/// Returns the queries whose answers, one a line, [`super::parse`] reads together: so many that can be asked at once, of
/// one moment of the database.
///
/// They name no table or column that the probe did not see.
pub fn baseline_sql(series: Series, probe: &Probe, shares: usize) -> Vec<String> {
    let mut parts = vec![
        Part::value(
            "version",
            "SELECT latest_version FROM ir_module_module WHERE name = 'base'",
        ),
        Part::list(
            "modules",
            "SELECT name, state, latest_version AS version FROM ir_module_module
             WHERE state NOT IN ('uninstalled', 'uninstallable') ORDER BY name",
        ),
        tables(probe),
    ];
    parts.extend(books::parts(series, probe));
    parts.extend(goods::parts(probe));
    parts.extend(people::parts(probe));
    let mut shares = vec![Vec::new(); shares.clamp(1, parts.len())];
    let count = shares.len();
    for (index, part) in parts.iter().enumerate() {
        shares[index % count].push(format!("'{}', ({})", part.field, part.query));
    }
    let queries = shares.iter();
    queries
        .map(|fields| format!("SELECT jsonb_build_object(\n{})", fields.join(",\n")))
        .collect()
}

/// One field of the answer.
pub(super) struct Part {
    field: &'static str,
    query: String,
}

impl Part {
    /// A field whose value is what the query selects.
    pub(super) fn value(field: &'static str, query: impl Into<String>) -> Part {
        Part {
            field,
            query: query.into(),
        }
    }

    /// A field that lists the rows of the query.
    pub(super) fn list(field: &'static str, query: impl AsRef<str>) -> Part {
        Part {
            field,
            query: format!(
                "SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM ({}) AS x",
                query.as_ref()
            ),
        }
    }
}

/// Returns an exact sum as text, with as many decimals as [`crate::amount::Amount`] holds.
pub(super) fn sum(expression: &str) -> String {
    format!("round(coalesce(sum({expression}), 0)::numeric, 6)::text")
}

/// How many records of each model a module's data named. Those of a chart of accounts (`1_a1910`) are the company's own, but for
/// those that a series makes for a setting of the company and names after it (`1_account_journal_payment_debit_account_id`).
const NAMED: &str = "WITH named AS (
  SELECT d.model, count(DISTINCT d.res_id) AS records FROM ir_model_data d JOIN ir_module_module m ON m.name = d.module
  WHERE m.state IN ('installed', 'to upgrade') AND (d.name !~ '^[0-9]+_' OR d.name ~ '^[0-9]+_[a-z_]+_account_id$') GROUP BY d.model)
";

fn tables(probe: &Probe) -> Part {
    let counts: Vec<String> = probe
        .models
        .iter()
        .filter(|model| is_plain(&model.table) && is_plain(&model.model.replace('.', "_")))
        .map(|model| {
            format!(
                "SELECT '{}' AS \"table\", '{}' AS model, {} AS custom, (SELECT count(*) FROM \"{}\"{}) AS rows, \
                 coalesce((SELECT n.records FROM named n WHERE n.model = '{}'), 0) AS of_modules",
                model.table,
                model.model,
                model.custom,
                model.table,
                only(&model.model),
                model.model
            )
        })
        .collect();
    if counts.is_empty() {
        return Part::value("tables", "SELECT '[]'::jsonb");
    }
    Part::list("tables", format!("{NAMED}{}", counts.join("\nUNION ALL ")))
}

/// Returns the condition for the rows that count. Up to 14.0 channels follow as well; only persons still do after that.
fn only(model: &str) -> &'static str {
    match model {
        "mail.followers" => " WHERE partner_id IS NOT NULL",
        _ => "",
    }
}

/// Odoo allows nothing else in the names of models; this keeps quotes out of the query whatever a database says.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::super::probe::ProbedModel;
    use super::*;

    #[test]
    fn an_empty_database_is_asked_for_its_modules_only() {
        let sql = baseline_sql(Series::NEWEST, &Probe::default(), 2).concat();
        assert!(sql.contains("ir_module_module"));
        assert!(!sql.contains("account_move"));
    }

    #[test]
    fn a_table_with_a_quote_in_its_name_is_left_out() {
        let mut probe = Probe::default();
        for table in ["x_\"; DROP", "x_berth"] {
            probe.models.push(ProbedModel {
                model: table.into(),
                table: table.into(),
                custom: true,
            });
        }
        let sql = baseline_sql(Series::NEWEST, &probe, 2).concat();
        assert!(sql.contains("FROM \"x_berth\""));
        assert!(!sql.contains("DROP"));
    }
}
