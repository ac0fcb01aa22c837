//! Which tables, columns and models a database has.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::NotABaseline;

/// Which tables, columns and models a database has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Each table with its columns.
    pub tables: BTreeMap<String, BTreeSet<String>>,
    /// The models that keep records in a table of their own.
    pub models: Vec<ProbedModel>,
}

/// A model that keeps records in a table of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbedModel {
    /// Its technical name.
    pub model: String,
    /// Its table.
    pub table: String,
    /// Whether it comes from a module that is not Odoo's own, or was made by hand.
    pub custom: bool,
}

impl Probe {
    /// Says whether a table with all these columns is there.
    pub fn has(&self, table: &str, columns: &[&str]) -> bool {
        self.tables
            .get(table)
            .is_some_and(|present| columns.iter().all(|column| present.contains(*column)))
    }
}

/// Returns the query whose answer [`parse_probe`] reads.
///
/// A module counts as Odoo's own when its author says so: the database does not know where a module's code lies.
/// Models whose records live for minutes only (wizards) are left out.
pub fn probe_sql() -> String {
    "WITH relation AS (
  SELECT c.oid, c.relname FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
), origin AS (
  SELECT d.res_id AS model, bool_or(m.author ~* 'odoo s\\.?a' OR m.author ~* '^odoo$' OR m.name = 'base') AS own
  FROM ir_model_data d JOIN ir_module_module m ON m.name = d.module
  WHERE d.model = 'ir.model' GROUP BY d.res_id
)
SELECT jsonb_build_object(
  'tables', (SELECT jsonb_object_agg(r.relname, (
      SELECT coalesce(jsonb_agg(a.attname), '[]') FROM pg_attribute a
      WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)) FROM relation r),
  'models', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'model', m.model, 'table', r.relname,
      'custom', m.state = 'manual' OR NOT coalesce(o.own, false)) ORDER BY m.model), '[]')
    FROM ir_model m JOIN relation r ON r.relname = replace(m.model, '.', '_') LEFT JOIN origin o ON o.model = m.id
    WHERE m.transient IS NOT TRUE))"
        .to_owned()
}

/// Reads what the query of [`probe_sql`] printed.
pub fn parse_probe(json: &str) -> Result<Probe, NotABaseline> {
    serde_json::from_str(json.trim()).map_err(|source| NotABaseline { what: "tables", source })
}
