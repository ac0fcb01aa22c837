//! Which tables and columns are held against each other.

use std::collections::BTreeSet;

use super::shape::{Model, Shape};
use super::value::{self, Kind};
use super::{converted, known};
use crate::verify::compare::{Way, made_of, model_gone, model_grew};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one before the first hop.
    Before,
    /// The one after the last.
    After,
}

/// A table that both databases have, under one name or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The model, as it is called at the end; of links the model with the field.
    pub model: String,
    /// For links the model they point at.
    pub relation: Option<String>,
    /// What each side calls the model.
    pub(super) models: [String; 2],
    /// The table before and after.
    pub tables: [String; 2],
    /// The column before and after that tells the records apart: `id`, or of links the record with the field.
    pub key: [String; 2],
    /// What is compared.
    pub columns: Vec<Column>,
    /// Which columns say what a record is called, before and after.
    pub label: [String; 2],
    /// Whether the table has `write_date` on both sides.
    pub dated: bool,
    /// The conditions for the records that count before and after, where not all do.
    pub(super) only: [Option<String>; 2],
    /// Whether there may be more of them: links of a field that held one record and holds several now.
    pub(super) grows: bool,
    /// Why there are more of them, where the hop is known to make some.
    pub(super) more: Option<&'static str>,
}

/// A column that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name at the end.
    pub name: String,
    /// Odoo's name for its type: `many2one`, `monetary`.
    pub ttype: String,
    /// The expressions that read it before and after.
    pub(super) read: [String; 2],
    /// Whether its values must not be shown.
    pub secret: bool,
    /// What may be chosen at the end, where it is a choice.
    pub(super) choices: Option<BTreeSet<String>>,
    /// The model it points at by a foreign key, as it is called at the end, and whether a record goes with that.
    pub(super) points: Option<(String, bool)>,
    /// Whether the hop may fill it: what it then is, is marked.
    pub(super) given: bool,
}

impl Side {
    pub(super) fn index(self) -> usize {
        match self {
            Side::Before => 0,
            Side::After => 1,
        }
    }
}

impl Pair {
    /// Says whether it is a table of links.
    pub fn is_link(&self) -> bool {
        self.relation.is_some()
    }
}

/// Returns every pair of tables whose records must be what they were; those that come with the code only where its modules
/// can be asked about them.
pub fn pair(before: &Shape, after: &Shape, way: &Way, asked: bool) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = before
        .models
        .iter()
        .filter(|(model, _)| !known::is_left_out(model, asked))
        .filter_map(|(model, old)| records(before, after, model, old, way, asked))
        .collect();
    pairs.extend(links(before, after, way, asked));
    pairs.extend(widened(before, after, way, asked));
    pairs
}

/// Pairs a column that pointed at one record with the table of links that took its place: a filter's user is one of its
/// users since 19.0.
fn widened(before: &Shape, after: &Shape, way: &Way, asked: bool) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for key in &before.keys {
        let Some((model, old)) = before.models.iter().find(|(_, model)| model.table == key.table) else {
            continue;
        };
        let name = way.model(model);
        let Some(new) = after.models.get(name) else { continue };
        // `user_id` is among `user_ids`.
        let several = new.fields.get(&format!("{}s", key.column));
        if several.is_none_or(|ttype| ttype != "many2many")
            || new.fields.contains_key(&key.column)
            || !old.fields.contains_key(&key.column)
            || known::is_left_out(name, asked)
        {
            continue;
        }
        let points_there = |model: &str| after.models.get(model).is_some_and(|model| model.table == key.target);
        let mut fresh = after.links.iter().filter(|link| {
            link.model == name && points_there(&link.relation) && !before.tables.contains_key(&link.table)
        });
        // Of two it cannot be told which it is.
        let (Some(link), None) = (fresh.next(), fresh.next()) else {
            continue;
        };
        pairs.push(Pair {
            model: name.to_owned(),
            models: [model.to_owned(), name.to_owned()],
            relation: Some(link.relation.clone()),
            tables: [old.table.clone(), link.table.clone()],
            key: ["id".into(), link.from.clone()],
            label: [label(before, &old.table), "NULL".into()],
            columns: vec![Column {
                name: link.to.clone(),
                ttype: "many2many".into(),
                read: [
                    format!("t.\"{}\"::text", key.column),
                    format!("t.\"{}\"::text", link.to),
                ],
                secret: false,
                choices: None,
                points: None,
                given: false,
            }],
            dated: false,
            only: [Some(format!("t.\"{}\" IS NOT NULL", key.column)), None],
            grows: true,
            more: None,
        });
    }
    pairs
}

fn records(before: &Shape, after: &Shape, model: &str, old: &Model, way: &Way, asked: bool) -> Option<Pair> {
    let name = way.model(model);
    if name != model && way.is_merge_target(name) || model_gone(model, way).is_some() {
        // Its records have other ids now.
        return None;
    }
    let new = after.models.get(name)?;
    let (columns_before, columns_after) = (before.tables.get(&old.table)?, after.tables.get(&new.table)?);
    if !columns_before.contains_key("id")
        || !columns_after.contains_key("id")
        || known::is_left_out(name, asked)
        || known::is_said_otherwise(way, name)
    {
        return None;
    }
    let mut columns = Vec::new();
    for (column, typname) in columns_before {
        let becomes = known::renamed_column(way, name, column);
        let Some(new_type) = columns_after.get(becomes) else {
            continue;
        };
        // A column without a field is a leftover of an earlier series.
        let Some(ttype) = new.fields.get(becomes) else {
            continue;
        };
        if !old.fields.contains_key(column) || known::is_left_out_column(way, name, becomes) {
            continue;
        }
        let (Some(kind), Some(new_kind)) = (Kind::of(typname), Kind::of(new_type)) else {
            continue;
        };
        let quoted = [format!("t.\"{column}\""), format!("t.\"{becomes}\"")];
        let filled = converted::converted(way, name, becomes, |old| match old.split_once('.') {
            Some((table, column)) => before.has(table, &[column]),
            None => columns_before.contains_key(old),
        });
        let both = |column: &str| columns_before.contains_key(column) && columns_after.contains_key(column);
        let by_others = (kind == new_kind).then(|| converted::told_by_others(name, becomes, both));
        let text = old
            .fields
            .get(column)
            .is_some_and(|ttype| ttype == "text" || ttype == "char");
        let read = if text && ttype == "html" {
            value::read_as_html
        } else {
            value::read
        };
        if let Some(read) = read((&quoted[0], kind), (&quoted[1], new_kind)) {
            let said = converted::template(way, name, becomes, &read);
            let said = said.or_else(|| converted::arch(way, name, becomes, &read));
            let [was, is] = said.unwrap_or(read);
            let given = converted::given(way, name, becomes, &is, |table, column| after.has(table, &[column]));
            let is = given.clone().unwrap_or(is);
            let read = match (
                by_others.flatten(),
                names_model(before, after, way, (old, column), (new, becomes)),
            ) {
                (Some(told), _) => [told, told].map(str::to_owned),
                (None, Some(read)) => read,
                (None, None) => [filled.map_or(was, str::to_owned), is],
            };
            columns.push(Column {
                secret: value::is_secret(name, becomes),
                name: becomes.to_owned(),
                ttype: ttype.clone(),
                choices: new.choices.get(becomes).cloned(),
                points: points(before, after, way, (&old.table, column), (&new.table, becomes)),
                given: given.is_some(),
                read,
            });
        }
    }
    let had = |model: &str| {
        let size = |model: &Model| before.sizes.get(&model.table).copied().unwrap_or_default();
        before.models.get(model).is_some_and(|model| size(model) > 0)
    };
    let made = made_of(name, way).filter(|(from, _)| had(from));
    let dated = |columns: &std::collections::BTreeMap<String, String>| columns.contains_key("write_date");
    Some(Pair {
        model: name.to_owned(),
        models: [model.to_owned(), name.to_owned()],
        relation: None,
        label: [label(before, &old.table), label(after, &new.table)],
        dated: dated(columns_before) && dated(columns_after),
        only: [columns_before, columns_after]
            .map(|columns| known::only(way, name, |column| columns.contains_key(column)).map(str::to_owned)),
        grows: false,
        more: model_grew(name, way).or(made.map(|(_, why)| why)),
        tables: [old.table.clone(), new.table.clone()],
        key: ["id".into(), "id".into()],
        columns,
    })
}

/// Returns the expressions for a column that names a model beside a record of it (`res_model`, `res_id`), or points at one: what
/// the model is called at the end. One that was merged into another has other ids there.
fn names_model(
    before: &Shape,
    after: &Shape,
    way: &Way,
    (old, column): (&Model, &str),
    (new, becomes): (&Model, &str),
) -> Option<[String; 2]> {
    let points = |shape: &Shape, table: &str, column: &str| {
        let mut keys = shape.keys.iter();
        keys.any(|key| key.table == table && key.column == column && key.target == "ir_model")
    };
    let moved = || before.models.keys().filter(|model| way.model(model) != model.as_str());
    let renamed = |text: &str| way.renamed(text, before.models.keys().map(String::as_str));
    if points(before, &old.table, column) && points(after, &new.table, becomes) {
        let named = |column: &str, name: &str| format!("(SELECT {name} FROM ir_model m WHERE m.id = t.\"{column}\")");
        return Some([named(column, &renamed("m.model")), named(becomes, "m.model")]);
    }
    let beside = matches!(column, "model" | "res_model") && before.has(&old.table, &["res_id"]);
    (beside && column == becomes && moved().next().is_some()).then(|| {
        let text = format!("t.\"{column}\"::text");
        [renamed(&text), format!("nullif({text}, '')")]
    })
}

/// Returns the model that a column points at by a foreign key, as it is called at the end, and whether a record goes with
/// the one it points at.
fn points(
    before: &Shape,
    after: &Shape,
    way: &Way,
    (table, column): (&str, &str),
    (new_table, becomes): (&str, &str),
) -> Option<(String, bool)> {
    let key = |shape: &Shape, table: &str, column: &str| -> Option<(String, bool)> {
        let mut keys = shape.keys.iter();
        let key = keys.find(|key| key.table == table && key.column == column)?;
        let mut models = shape.models.iter();
        let (model, _) = models.find(|(_, model)| model.table == key.target)?;
        Some((model.clone(), key.cascades))
    };
    let now = key(after, new_table, becomes);
    let (model, cascades) = key(before, table, column)?;
    let cascades = cascades || now.is_some_and(|(_, cascades)| cascades);
    Some((way.model(&model).to_owned(), cascades))
}

/// Pairs the tables of links: those under the same name, and those of a field that was renamed.
fn links(before: &Shape, after: &Shape, way: &Way, asked: bool) -> Vec<Pair> {
    let mut seen = BTreeSet::new();
    let mut pairs = Vec::new();
    for old in &before.links {
        let same = |new: &&super::shape::Link| {
            new.table == old.table
                && ((new.from == old.from && new.to == old.to) || (new.from == old.to && new.to == old.from))
        };
        if !after.links.iter().any(|new| same(&new)) {
            continue;
        }
        let (model, relation) = (way.model(&old.model), way.model(&old.relation));
        if !seen.insert(&old.table) || known::is_left_out_link(model, relation, &old.table, asked) {
            continue;
        }
        // A table of links that is a model as well was compared as that.
        if before.models.values().any(|model| model.table == old.table)
            || !before.has(&old.table, &[&old.from, &old.to])
        {
            continue;
        }
        let name = |model: &str, shape: &Shape, column: &str| -> String {
            let table = shape
                .models
                .get(model)
                .map(|model| model.table.clone())
                .unwrap_or_default();
            if table.is_empty() {
                return "NULL".into();
            }
            let expression = label(shape, &table).replace("t.", "o.");
            format!("(SELECT {expression} FROM \"{table}\" o WHERE o.id = t.\"{column}\")")
        };
        pairs.push(Pair {
            label: [name(&old.model, before, &old.from), name(model, after, &old.from)],
            model: model.to_owned(),
            models: [old.model.clone(), model.to_owned()],
            relation: Some(relation.to_owned()),
            tables: [old.table.clone(), old.table.clone()],
            key: [old.from.clone(), old.from.clone()],
            columns: vec![Column {
                name: old.to.clone(),
                ttype: "many2many".into(),
                read: [before, after].map(|shape| other_end(shape, &old.to, (model, relation))),
                secret: false,
                choices: None,
                points: None,
                given: false,
            }],
            dated: false,
            only: [
                only_linked(before, way, &old.model, &old.from),
                only_linked(after, way, model, &old.from),
            ],
            grows: false,
            more: None,
        });
    }
    pairs
}

/// Returns the condition for the links that count: those of records that do.
fn only_linked(shape: &Shape, way: &Way, model: &str, from: &str) -> Option<String> {
    let table = &shape.models.get(model)?.table;
    let only = known::only_linked(way, way.model(model))
        .or_else(|| known::only(way, way.model(model), |column| shape.has(table, &[column])))?;
    Some(format!("t.\"{from}\" IN (SELECT t.id FROM \"{table}\" t WHERE {only})"))
}

/// Returns the expression for the record at the other end of a link. Tax tags lose their sign in 19.0, so they are told
/// apart by what they are called without it.
fn other_end(shape: &Shape, column: &str, (model, relation): (&str, &str)) -> String {
    // Those of accounts are of another kind.
    if relation != "account.account.tag" || model == "account.account" {
        return format!("t.\"{column}\"::text");
    }
    let name = shape.text("o", "account_account_tag", "name");
    format!("(SELECT ltrim({name}, '+-') FROM account_account_tag o WHERE o.id = t.\"{column}\")")
}

/// Returns the expression that says what a record of a table is called.
fn label(shape: &Shape, table: &str) -> String {
    const NAMES: [&str; 9] = [
        // Of an item its entry.
        "move_name",
        "complete_name",
        "name",
        "display_name",
        "login",
        "number",
        "code",
        "subject",
        "key",
    ];
    let columns = shape.tables.get(table);
    let found = NAMES.iter().find_map(|name| {
        let kind = columns?.get(*name)?;
        match kind.as_str() {
            "jsonb" => Some(format!("t.\"{name}\" ->> 'en_US'")),
            "varchar" | "text" => Some(format!("t.\"{name}\"")),
            _ => None,
        }
    });
    // What belongs to a record of any model is told by that.
    let of = ["model", "res_model"].iter().find_map(|name| {
        let beside = shape.kind(table, name) == Some("varchar") && shape.has(table, &["res_id"]);
        beside.then(|| format!("t.\"{name}\" || ' ' || t.\"res_id\"::text"))
    });
    match (found, of) {
        (Some(found), Some(of)) => format!("concat_ws(' of ', nullif({found}, ''), {of})"),
        (found, of) => found.or(of).unwrap_or_else(|| "NULL".into()),
    }
}
