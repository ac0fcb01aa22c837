//! What a database has: tables and columns with their types, models and their fields.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What a database has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// Each table with the type of each of its columns, as PostgreSQL calls it (`int4`).
    pub tables: BTreeMap<String, BTreeMap<String, String>>,
    /// The models that keep records in a table of their own, by name; those of wizards are left out.
    pub models: BTreeMap<String, Model>,
    /// The tables that hold nothing but links between two models.
    pub links: Vec<Link>,
    /// Every foreign key of one column.
    pub keys: Vec<ForeignKey>,
    /// Each table's size in bytes.
    pub sizes: BTreeMap<String, u64>,
}

/// A model that keeps records in a table of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its table.
    pub table: String,
    /// Its stored fields, each with Odoo's name for its type (`many2one`).
    pub fields: BTreeMap<String, String>,
    /// What may be chosen in its fields of choices.
    #[serde(default)]
    pub choices: BTreeMap<String, BTreeSet<String>>,
}

/// A table that links two models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The table.
    pub table: String,
    /// The column that holds the record with the field.
    pub from: String,
    /// The column that holds the record it points at.
    pub to: String,
    /// The model with the field.
    pub model: String,
    /// The model it points at.
    pub relation: String,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The table that points.
    pub table: String,
    /// The column that points.
    pub column: String,
    /// The table it points at, by its `id`.
    pub target: String,
    /// Whether a record goes with the one it points at.
    #[serde(default)]
    pub cascades: bool,
}

impl Shape {
    /// Says whether a table with all these columns is there.
    pub fn has(&self, table: &str, columns: &[&str]) -> bool {
        self.tables
            .get(table)
            .is_some_and(|present| columns.iter().all(|column| present.contains_key(*column)))
    }

    /// Returns the type of a column.
    pub fn kind(&self, table: &str, column: &str) -> Option<&str> {
        self.tables.get(table)?.get(column).map(String::as_str)
    }

    /// Returns the expression that reads a text which is translated in some series: the English one.
    pub fn text(&self, alias: &str, table: &str, column: &str) -> String {
        if self.kind(table, column) == Some("jsonb") {
            format!("{alias}.{column} ->> 'en_US'")
        } else {
            format!("{alias}.{column}")
        }
    }
}

/// Returns the query that answers with a [`Shape`] as JSON.
pub fn shape_sql() -> &'static str {
    "WITH relation AS (
  SELECT c.oid, c.relname FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname ~ '^[a-z0-9_]+$'
), known AS (
  SELECT m.id, m.model, r.relname FROM ir_model m JOIN relation r ON r.relname = CASE m.model
    WHEN 'ir.actions.report' THEN 'ir_act_report_xml' WHEN 'ir.actions.act_window' THEN 'ir_act_window'
    WHEN 'ir.actions.act_window.view' THEN 'ir_act_window_view' WHEN 'ir.actions.act_url' THEN 'ir_act_url'
    WHEN 'ir.actions.server' THEN 'ir_act_server' WHEN 'ir.actions.client' THEN 'ir_act_client'
    ELSE replace(m.model, '.', '_') END
  WHERE m.transient IS NOT TRUE AND m.model ~ '^[a-z0-9_.]+$'
)
SELECT jsonb_build_object(
  'tables', (SELECT jsonb_object_agg(r.relname, (
      SELECT coalesce(jsonb_object_agg(a.attname, t.typname), '{}') FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname ~ '^[a-zA-Z0-9_]+$')) FROM relation r),
  'sizes', (SELECT jsonb_object_agg(r.relname, pg_table_size(r.oid)) FROM relation r),
  'models', (SELECT coalesce(jsonb_object_agg(k.model, jsonb_build_object('table', k.relname, 'fields', (
      SELECT coalesce(jsonb_object_agg(f.name, f.ttype), '{}') FROM ir_model_fields f
      WHERE f.model_id = k.id AND f.store), 'choices', (
      SELECT coalesce(jsonb_object_agg(c.name, c.values), '{}') FROM (
        SELECT f.name, jsonb_agg(s.value) AS values FROM ir_model_fields f JOIN ir_model_fields_selection s ON s.field_id = f.id
        WHERE f.model_id = k.id AND f.store AND f.ttype = 'selection' GROUP BY f.name) c))), '{}') FROM known k),
  'links', (SELECT coalesce(jsonb_agg(jsonb_build_object('table', f.relation_table, 'from', f.column1, 'to', f.column2,
      'model', f.model, 'relation', f.relation) ORDER BY f.id), '[]')
    FROM ir_model_fields f JOIN relation r ON r.relname = f.relation_table JOIN known k ON k.id = f.model_id
    WHERE f.ttype = 'many2many' AND f.store AND f.column1 IS NOT NULL AND f.column2 IS NOT NULL),
  'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('table', r.relname, 'column', a.attname, 'target', o.relname, 'cascades', c.confdeltype = 'c')
      ORDER BY r.relname, a.attname), '[]')
    FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid JOIN relation o ON o.oid = c.confrelid
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    -- 14.0 points at a language by its code.
    JOIN pg_attribute i ON i.attrelid = c.confrelid AND i.attnum = c.confkey[1] AND i.attname = 'id'
    WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 1))"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translated_text_is_read_in_english() {
        let mut shape = Shape::default();
        let columns = BTreeMap::from([
            ("name".to_owned(), "jsonb".to_owned()),
            ("code".to_owned(), "varchar".to_owned()),
        ]);
        shape.tables.insert("account_tax".into(), columns);
        assert_eq!(shape.text("t", "account_tax", "name"), "t.name ->> 'en_US'");
        assert_eq!(shape.text("t", "account_tax", "code"), "t.code");
    }
}
