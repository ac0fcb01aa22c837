//! A script for `psql` that skips what a database does not have.
//!
//! `\gset` and `\if` decide, since a statement that names an absent table cannot even be prepared.

use std::fmt::Write as _;

use super::Neutralization;

const BEGIN: &str = r"\set ON_ERROR_STOP on
\set QUIET on
\set ECHO none
\pset tuples_only on
\pset format unaligned
\pset pager off
SET client_min_messages = warning;
BEGIN;
CREATE TEMP TABLE hopp_neutralized (seq serial, area text, what text, rows bigint) ON COMMIT DROP;
";

const END: &str =
    "SELECT coalesce(jsonb_agg(jsonb_build_object('area', area, 'what', what, 'rows', rows) ORDER BY seq), '[]')
FROM hopp_neutralized WHERE rows > 0;
COMMIT;
";

/// Collects a script.
pub(super) struct Script(String);

impl Script {
    pub(super) fn begin() -> Self {
        Script(BEGIN.into())
    }

    /// Does it, and notes how many rows it changed.
    pub(super) fn count_changes(&mut self, of: &Neutralization) {
        let Neutralization { area, what, sql, .. } = of;
        self.when(
            of,
            &format!(
                "WITH changed AS ({sql})\nINSERT INTO hopp_neutralized (area, what, rows) SELECT {}, {}, count(*) FROM changed;",
                quoted(area),
                quoted(what)
            ),
        );
    }

    /// Notes how many rows are live.
    pub(super) fn count_live(&mut self, of: &Neutralization) {
        let Neutralization { area, what, live, .. } = of;
        self.when(
            of,
            &format!(
                "INSERT INTO hopp_neutralized (area, what, rows) SELECT {}, {}, ({live});",
                quoted(area),
                quoted(what)
            ),
        );
    }

    /// Runs each of the statements that a query returns.
    pub(super) fn run_generated(&mut self, query: &str) {
        self.0.push_str(query.trim_end());
        self.0.push_str("\n\\gexec\n");
    }

    /// Runs a statement as it is.
    pub(super) fn run(&mut self, statement: &str) {
        self.0.push_str(statement);
    }

    /// Returns the script, which prints its notes at the end.
    pub(super) fn end(mut self) -> String {
        self.0.push_str(END);
        self.0
    }

    fn when(&mut self, of: &Neutralization, statement: &str) {
        let present: Vec<String> = of
            .needs
            .iter()
            .map(|(table, columns)| present(table, columns))
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.0,
            "SELECT {} AS present \\gset\n\\if :present\n{statement}\n\\endif",
            present.join(" AND ")
        );
    }
}

/// Returns a condition that holds when the table with all these columns is there.
fn present(table: &str, columns: &[&str]) -> String {
    let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    let table = quoted(&format!("public.{table}"));
    let mut condition =
        format!("EXISTS (SELECT FROM pg_class WHERE oid = to_regclass({table}) AND relkind IN ('r', 'p'))");
    if !names.is_empty() {
        let _ = write!(
            condition,
            " AND (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass({table}) AND NOT attisdropped AND attname IN ({})) = {}",
            names.join(", "),
            names.len()
        );
    }
    condition
}

/// Returns an SQL literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
