//! Cutting a copy of a database off from the world, in SQL of our own.
//!
//! It needs no Odoo, so that it can run before the first Odoo process starts and for series whose Odoo cannot do it
//! itself (before 16.0). Each [`Neutralization`] says which rows are *live* and what makes them dead; the change
//! touches live rows only, so doing it twice changes nothing the second time, and [`check_sql`] asks the same
//! question again. What a module that is not installed would need is skipped by the tables and columns that are not
//! there. Which tables hold what in which series: Odoo's own `neutralize.sql` files of 16.0 to 19.0 and the models
//! of 14.0 and 15.0.

mod business;
mod mail;
mod psql;
mod sweep;
mod system;

use serde::{Deserialize, Serialize};

use crate::ident::Series;

/// One thing that must not reach the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neutralization {
    /// The area: `mail`, `cron`, `payment` …
    pub area: &'static str,
    /// What is done, for people.
    pub what: &'static str,
    /// Tables and columns without which there is nothing to do.
    pub needs: Vec<(&'static str, &'static [&'static str])>,
    /// The statement that does it, with `RETURNING 1` at its end.
    pub sql: String,
    /// A query that counts what is still live.
    pub live: String,
}

/// What one neutralization did, or what a check found still live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neutralized {
    /// The area.
    pub area: String,
    /// What was done. Names of parameters and columns, never a value.
    pub what: String,
    /// How many rows.
    pub rows: u64,
}

/// The answer of a neutralizing script could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what the neutralizing script did: {source}")]
pub struct NotNeutralized {
    source: serde_json::Error,
}

impl Neutralization {
    /// Something done by `UPDATE table SET set WHERE live`.
    fn update(
        area: &'static str,
        what: &'static str,
        (table, columns): (&'static str, &'static [&'static str]),
        set: &str,
        live: &str,
    ) -> Self {
        Neutralization {
            area,
            what,
            needs: vec![(table, columns)],
            sql: format!("UPDATE {table} SET {set} WHERE {live} RETURNING 1"),
            live: format!("SELECT count(*) FROM {table} WHERE {live}"),
        }
    }

    /// Something done by `DELETE FROM table WHERE live`.
    fn delete(
        area: &'static str,
        what: &'static str,
        (table, columns): (&'static str, &'static [&'static str]),
        live: &str,
    ) -> Self {
        Neutralization {
            area,
            what,
            needs: vec![(table, columns)],
            sql: format!("DELETE FROM {table} WHERE {live} RETURNING 1"),
            live: format!("SELECT count(*) FROM {table} WHERE {live}"),
        }
    }

    /// The same, when these are there too.
    fn with(mut self, table: &'static str, columns: &'static [&'static str]) -> Self {
        self.needs.push((table, columns));
        self
    }
}

/// Returns everything that has to be cut off in a database of this series.
pub fn statements(series: Series) -> Vec<Neutralization> {
    let mut all = mail::statements(series);
    all.extend(system::statements());
    all.extend(business::statements());
    all
}

/// Returns a script for `psql -X` that neutralizes in one transaction and prints what it did as JSON
/// (see [`parse`]). Nothing is changed when anything of it fails.
pub fn script(series: Series) -> String {
    let mut script = psql::Script::begin();
    for statement in statements(series) {
        script.count_changes(&statement);
    }
    script.run_generated(sweep::SECRETS);
    script.run(sweep::KEPT_KEYS);
    script.end()
}

/// Returns a script for `psql -X` that prints what is still live as JSON (see [`parse`]): an empty list, or the
/// database must not be started.
pub fn check_sql() -> String {
    let mut script = psql::Script::begin();
    // The questions are the same in every series: what a series does not have is skipped.
    for statement in statements(Series::NEWEST) {
        script.count_live(&statement);
    }
    script.end()
}

/// Reads what [`script`] or [`check_sql`] printed.
pub fn parse(json: &str) -> Result<Vec<Neutralized>, NotNeutralized> {
    serde_json::from_str(json.trim()).map_err(|source| NotNeutralized { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_reports_the_rows_it_changed() {
        for series in Series::all() {
            for statement in statements(series) {
                assert!(
                    statement.sql.ends_with("RETURNING 1"),
                    "{}: {}",
                    statement.area,
                    statement.what
                );
                assert!(statement.live.starts_with("SELECT count(*) "));
                assert!(!statement.needs.is_empty());
            }
        }
    }

    #[test]
    fn no_two_statements_say_the_same() {
        for series in Series::all() {
            let mut seen = std::collections::BTreeSet::new();
            for statement in statements(series) {
                assert!(
                    seen.insert((statement.area, statement.what)),
                    "{}: {}",
                    statement.area,
                    statement.what
                );
            }
        }
    }

    #[test]
    fn the_mail_server_of_14_has_no_authentication_column() {
        assert!(!script(Series::OLDEST).contains("smtp_authentication"));
        assert!(script(Series::NEWEST).contains("smtp_authentication"));
    }

    #[test]
    fn an_answer_that_is_not_json_is_refused() {
        assert_eq!(parse(r#"[{"area": "mail", "what": "x", "rows": 2}]"#).unwrap().len(), 1);
        assert!(parse("ERROR: relation").is_err());
    }
}
