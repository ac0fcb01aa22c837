//! Fields that have another name, in Python, XML and tables.

use std::collections::BTreeSet;

use crate::port::uses::{How, Use};
use crate::port::{Edit, Facts, Found, Level};

/// A field that has another name on some models.
pub(super) struct Renamed {
    /// The models.
    pub(super) models: &'static [&'static str],
    /// Its name before.
    pub(super) old: &'static str,
    /// Its name now.
    pub(super) new: &'static str,
    /// Its name now where it is read or searched, when that is another.
    pub(super) read: Option<&'static str>,
    /// Whether Odoo has the old name on these models only: then it is renamed where the model cannot be told.
    pub(super) alone: bool,
}

/// What to do about a field that is named.
pub(super) enum Fate<'r> {
    /// It has another name.
    Is(&'r Renamed),
    /// It has another name if it belongs to one of these models, which cannot be told.
    May(&'r Renamed),
}

/// Returns what became of a field that is named.
pub(super) fn fate<'r>(facts: &Facts, table: &'r [Renamed], it: &Use) -> Option<Fate<'r>> {
    let mut candidates = table.iter().filter(|renamed| renamed.old == it.field).peekable();
    candidates.peek()?;
    let Some(model) = &it.model else {
        let first = candidates.next()?;
        // A module at hand that has such a field itself takes the certainty away.
        let own = facts
            .models
            .iter()
            .any(|(name, model)| model.fields.contains_key(first.old) && !belongs(facts, name, first.models));
        return Some(if first.alone && !own && it.how != How::Key {
            Fate::Is(first)
        } else {
            Fate::May(first)
        });
    };
    let of = |model: &str| {
        table
            .iter()
            .find(|it_| it_.old == it.field && belongs(facts, model, it_.models))
    };
    if let Some(renamed) = of(model) {
        return Some(Fate::Is(renamed));
    }
    let family: BTreeSet<&str> = facts.family(model).into_iter().collect();
    let defined = (family.iter()).any(|name| {
        facts
            .models
            .get(*name)
            .is_some_and(|it_| it_.fields.contains_key(&it.field))
    });
    // A stock move has a `product_uom` itself.
    if it.how != How::Anchor || defined || facts.comodel(model, &it.field).is_some() {
        return None;
    }
    // An anchor may stand in a nested list.
    facts.neighbours(model).into_iter().find_map(of).map(Fate::Is)
}

fn belongs(facts: &Facts, model: &str, models: &[&str]) -> bool {
    facts.family(model).iter().any(|name| models.contains(name))
}

/// Renames fields where their model is known, and says where it is not.
pub(super) fn rename(facts: &Facts, uses: &[Use], table: &[Renamed], found: &mut Found) {
    for it in uses {
        match fate(facts, table, it) {
            Some(Fate::Is(renamed)) => {
                let read = matches!(it.how, How::Read | How::Domain | How::Name);
                let new = renamed.read.filter(|_| read).unwrap_or(renamed.new);
                found.change(vec![Edit::replace(it.place.clone(), new)]);
            }
            // A word such as `users` is a field of many models.
            Some(Fate::May(renamed)) if renamed.old.contains('_') && (it.how != How::Key || renamed.alone) => {
                found.say(
                    it.place.start,
                    Level::Note,
                    format!(
                        "`{}` is `{}` now if this is a record of {}",
                        renamed.old,
                        renamed.new,
                        renamed.models.join(" or ")
                    ),
                    "look which model it is".to_owned(),
                );
            }
            _ => {}
        }
    }
}
