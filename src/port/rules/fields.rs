//! Fields of the hops before 19.0: renamed where their model is known, told where they only changed.

use super::renames::{Renamed, rename};
use crate::port::uses::{Use, of_csv, of_python, of_xml};
use crate::port::{Facts, Found, Level, Python, Table, Xml};

/// A field of some models that has another name.
pub(super) const fn renamed(
    models: &'static [&'static str],
    old: &'static str,
    new: &'static str,
    alone: bool,
) -> Renamed {
    Renamed {
        models,
        old,
        new,
        read: None,
        alone,
    }
}

/// A name that only one model has says enough; of a common one nothing is said where the model is unknown.
fn sure(facts: &Facts, mut uses: Vec<Use>, table: &[Renamed], found: &mut Found) {
    uses.retain(|it| it.model.is_some() || table.iter().any(|renamed| renamed.old == it.field && renamed.alone));
    rename(facts, &uses, table, found);
}

pub(super) fn python(python: &Python<'_>, found: &mut Found, table: &[Renamed]) {
    sure(python.facts, of_python(python), table, found);
}

pub(super) fn xml(xml: &Xml<'_>, found: &mut Found, table: &[Renamed]) {
    sure(xml.facts, of_xml(xml), table, found);
}

pub(super) fn csv(csv: &Table<'_>, found: &mut Found, table: &[Renamed]) {
    sure(csv.facts, of_csv(csv), table, found);
}

/// A field that is gone, or means something else.
pub(super) struct Changed {
    /// The models it belongs to.
    pub(super) models: &'static [&'static str],
    /// Its name.
    pub(super) name: &'static str,
    /// Whether only these models have such a field: then it is told where the model cannot be.
    pub(super) alone: bool,
    /// How much it weighs.
    pub(super) level: Level,
    /// What happened to it.
    pub(super) message: &'static str,
    /// What to do.
    pub(super) remedy: &'static str,
}

/// Says where changed fields are named.
pub(super) fn say(facts: &Facts, uses: &[Use], table: &[Changed], found: &mut Found) {
    for it in uses {
        let about = table.iter().find(|changed| {
            changed.name == it.field
                && match &it.model {
                    Some(model) => facts.family(model).iter().any(|name| changed.models.contains(name)),
                    None => changed.alone,
                }
        });
        if let Some(changed) = about {
            found.say(it.place.start, changed.level, changed.message, changed.remedy);
        }
    }
}

pub(super) fn say_python(python: &Python<'_>, found: &mut Found, table: &[Changed]) {
    say(python.facts, &of_python(python), table, found);
}

pub(super) fn say_xml(xml: &Xml<'_>, found: &mut Found, table: &[Changed]) {
    say(xml.facts, &of_xml(xml), table, found);
}
