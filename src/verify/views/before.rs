//! The database before the first hop: what it had of what is not there now, and which records were as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

use super::{Fault, NotAViewCheck, ViewCheck};

/// What the database before the first hop had.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Before {
    /// Of the models it was asked for, or whose fields, those that it had.
    models: BTreeSet<String>,
    /// Of the fields, `model.field`, those that it had.
    fields: BTreeSet<String>,
    /// Of the actions, those that it had.
    actions: BTreeSet<i64>,
    /// Of the external ids, those that it had.
    xmlids: BTreeSet<String>,
    /// Of the views that are off now, those that were active.
    active: BTreeSet<i64>,
    /// The MD5 of the text of each broken view.
    views: BTreeMap<String, String>,
    /// Records by table and id, each with its columns.
    rows: BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>,
}

/// Reads what the query of [`super::before_sql`] printed.
pub fn parse_before(json: &str) -> Result<Before, NotAViewCheck> {
    serde_json::from_str(json.trim()).map_err(|source| NotAViewCheck { source })
}

impl Before {
    /// Says whether something that is not there was not there before either; where that is not known, it was.
    pub(super) fn never_had(&self, name: &str) -> bool {
        match name.split_once(':') {
            Some(("model", name)) => !self.models.contains(name),
            Some(("xmlid", name)) => !self.xmlids.contains(name),
            Some(("action", id)) => id.parse().is_ok_and(|id| !self.actions.contains(&id)),
            Some(_) => false, // a database does not know methods
            // A model that had another name had its fields under that name.
            None => name
                .rsplit_once('.')
                .is_some_and(|(model, _)| self.models.contains(model) && !self.fields.contains(name)),
        }
    }

    /// Says whether a record had the same texts.
    pub(super) fn has_same(&self, fault: &Fault) -> bool {
        let row = self
            .rows
            .get(&fault.table)
            .and_then(|rows| rows.get(&fault.id.to_string()));
        row.is_some_and(|row| {
            let same =
                |(column, value): (&String, &Value)| row.get(column).is_some_and(|old| plain(old) == plain(value));
            !fault.texts.is_empty() && fault.texts.iter().all(same)
        })
    }

    /// Says whether a view was active.
    pub(super) fn was_active(&self, view: i64) -> bool {
        self.active.contains(&view)
    }

    /// Says whether a broken view had the text that it has now.
    pub(super) fn has_same_view(&self, view: i64, digest: Option<&str>) -> bool {
        digest.is_some() && self.views.get(&view.to_string()).map(String::as_str) == digest
    }
}

/// Texts are translated since 16.0.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(languages) => languages
            .get("en_US")
            .or_else(|| languages.values().next())
            .map_or_else(String::new, plain),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

/// Returns the query for what the database before the first hop had of what is not there, or not well, now.
pub(super) fn sql(check: &ViewCheck) -> String {
    let names: BTreeSet<String> = check
        .faults
        .iter()
        .flat_map(|fault| fault.names.iter().cloned())
        .collect();
    let names: BTreeSet<String> = names
        .into_iter()
        .chain(check.broken.iter().flat_map(super::BrokenView::names))
        .collect();
    let of = |kind: &'static str| names.iter().filter_map(move |name| name.strip_prefix(kind));
    let fields: Vec<&str> = names
        .iter()
        .filter(|name| !name.contains(':'))
        .map(String::as_str)
        .collect();
    let owners = fields
        .iter()
        .filter_map(|field| field.rsplit_once('.'))
        .map(|(model, _)| model);
    let models = texts(of("model:").chain(owners));
    let xmlids = texts(of("xmlid:"));
    let actions = numbers(of("action:").filter_map(|id| id.parse().ok()));
    let off = numbers(check.off.iter().map(|view| view.id));
    let broken = numbers(check.broken.iter().map(|view| view.id));
    let fields = texts(fields.into_iter());
    let mut sql = format!(
        "SELECT jsonb_build_object(
  'models', (SELECT coalesce(jsonb_agg(model), '[]') FROM ir_model WHERE model = ANY ({models})),
  'fields', (SELECT coalesce(jsonb_agg(DISTINCT concat(model, '.', name)), '[]') FROM ir_model_fields WHERE concat(model, '.', name) = ANY ({fields})),
  'xmlids', (SELECT coalesce(jsonb_agg(concat(module, '.', name)), '[]') FROM ir_model_data WHERE concat(module, '.', name) = ANY ({xmlids})),
  'actions', (SELECT coalesce(jsonb_agg(id), '[]') FROM ir_actions WHERE id = ANY ({actions})),
  'active', (SELECT coalesce(jsonb_agg(id), '[]') FROM ir_ui_view WHERE active AND id = ANY ({off})),
  'views', (SELECT coalesce(jsonb_object_agg(id, md5(arch_db::text)), '{{}}') FROM ir_ui_view WHERE id = ANY ({broken})),
  'rows', jsonb_build_object("
    );
    let mut tables: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for fault in check.faults.iter().filter(|fault| !fault.table.is_empty()) {
        tables.entry(&fault.table).or_default().insert(fault.id);
    }
    for (index, (table, ids)) in tables.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let (table, ids) = (quoted(table), numbers(ids.into_iter()));
        // A table that was not there yet has no rows: `query_to_xml` asks for what may not be there, and hexadecimal
        // digits pass through XML as they are.
        // Writing to a String cannot fail.
        let _ = write!(
            sql,
            "{comma}
    {table}, CASE WHEN to_regclass(quote_ident({table})) IS NULL THEN '{{}}'::jsonb ELSE coalesce(convert_from(decode((xpath('//rows/text()',
      query_to_xml(format('SELECT encode(convert_to(jsonb_object_agg(t.id, to_jsonb(t))::text, ''UTF8''), ''hex'') AS rows
        FROM %I t WHERE t.id = ANY (%L::bigint[])', {table}, ({ids})::text), false, true, '')))[1]::text, 'hex'), 'UTF8')::jsonb, '{{}}') END"
        );
    }
    sql.push_str("))");
    sql
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let values: BTreeSet<String> = values.map(quoted).collect();
    format!("ARRAY[{}]::text[]", values.into_iter().collect::<Vec<_>>().join(", "))
}

fn numbers(values: impl Iterator<Item = i64>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    format!("ARRAY[{}]::bigint[]", values.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::verify::views::Kind;

    fn before() -> Before {
        parse_before(
            r#"{"models": ["res.partner"], "fields": ["res.partner.mobile"], "actions": [7], "xmlids": [],
                "rows": {"ir_filters": {"3": {"domain": {"en_US": "[] "}, "sort": null}}}}"#,
        )
        .unwrap()
    }

    #[test]
    fn what_was_never_there_did_not_vanish_and_what_is_not_known_may_have() {
        let before = before();
        let never = ["res.partner.moblie", "model:x.gone", "action:8", "xmlid:a.b"];
        assert!(never.iter().all(|name| before.never_had(name)));
        let vanished_or_unknown = [
            "res.partner.mobile",
            "model:res.partner",
            "action:7",
            "stock.lot.x",
            "method:res.partner.x",
        ];
        assert!(vanished_or_unknown.iter().all(|name| !before.never_had(name)));
    }

    #[test]
    fn a_text_is_the_same_in_whatever_column_it_is_kept() {
        let mut fault = Fault {
            kind: Kind::Filter,
            table: "ir_filters".into(),
            id: 3,
            texts: [("domain".into(), json!("[]")), ("sort".into(), json!(""))].into(),
            ..Fault::default()
        };
        assert!(before().has_same(&fault));
        fault.texts.insert("domain".into(), json!("[1]"));
        assert!(!before().has_same(&fault));
        fault.texts.clear();
        assert!(!before().has_same(&fault), "nothing to compare is no proof");
    }

    #[test]
    fn the_query_quotes_what_it_asks_for() {
        let check = ViewCheck {
            faults: vec![Fault {
                table: "ir_filters".into(),
                id: 3,
                names: vec!["model:it's".into(), "res.partner.mobile".into()],
                ..Fault::default()
            }],
            ..ViewCheck::default()
        };
        let sql = sql(&check);
        for part in [
            "ARRAY['it''s', 'res.partner']",
            "ARRAY['res.partner.mobile']",
            "'ir_filters', CASE",
            "ARRAY[3]::bigint[]",
        ] {
            assert!(sql.contains(part), "{part} in {sql}");
        }
    }
}
