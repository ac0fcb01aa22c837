//! What lives in a database alone, asked in the target: server and automated actions, filters, rules, manual fields, mail
//! templates, views that no module owns.
//!
//! Exact first: told is only what the database itself has now, from modules whose source the target has, and that the target
//! has no more. What customers' own modules bring is theirs to port.

mod known;
mod source;
mod texts;
mod views;

use std::collections::BTreeMap;

use super::super::{Facts, Hop, Model};
use super::Index;
use crate::odoo::stored::Stored;
use known::Known;
pub use source::{index_of, only_told};

/// Something that a record of the database names and the target has no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// What kind of thing: `field`, `model`, `xmlid`, `anchor`, `view`.
    pub what: &'static str,
    /// The record's model.
    pub model: String,
    /// Its id in the database.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The field that names it.
    pub field: &'static str,
    /// The line of that text, from 1.
    pub line: usize,
    /// Whether the record does anything now.
    pub active: bool,
    /// What is gone.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// Asks a target about everything that people made in a database. `hops` lead to the target, with what OpenUpgrade renames.
pub fn judge_stored(index: &Index, stored: &Stored, hops: &[Hop]) -> Vec<Gone> {
    let facts = facts(stored);
    let nothing = BTreeMap::new();
    let known = Known::new(index, &nothing, stored, hops);
    let mut gone = Vec::new();
    for record in &stored.records {
        texts::judge(&known, &facts, record, &mut gone);
    }
    gone.extend(views::judge(&known, &facts));
    let key = |it: &Gone| (it.model.clone(), it.id, it.field, it.line, it.message.clone());
    gone.sort_by_key(key);
    gone.dedup_by(|b, a| (&a.model, a.id, &a.message) == (&b.model, b.id, &b.message));
    gone
}

/// What the database says of its models, for those who follow fields through texts.
fn facts(stored: &Stored) -> Facts {
    let model = |model: &crate::odoo::stored::Model| Model {
        fields: (model.fields.iter())
            .map(|(name, field)| (name.clone(), (field.kind.clone(), field.to.clone())))
            .collect(),
        ..Model::default()
    };
    Facts {
        models: (stored.models.iter())
            .map(|(name, it)| (name.clone(), model(it)))
            .collect(),
        ..Facts::default()
    }
}
