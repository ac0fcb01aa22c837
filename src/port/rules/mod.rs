//! The rules, one file per hop: what changes between two series, and what to do about it.
//!
//! A rule's folder `fixtures/port/<id>` holds a small module before and after it: its test and its documentation.

mod always;
mod code;
mod fields;
mod hop_12_13;
mod hop_13_14;
mod hop_14_15;
mod hop_15_16;
mod hop_16_17;
mod hop_17_18;
mod hop_18_19;
mod markup;
mod models;
mod renames;
mod tags;

use super::facts::Facts;
use super::found::Found;
use super::{Manifest, Python, SourceFile, Table, Xml};
pub(crate) use hop_18_19::left_python;

/// Whether a rule edits or only speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It edits. What it cannot edit for sure it reports.
    Mechanical,
    /// It reports.
    Detect,
}

/// What a rule looks at. A rule may have several: Python and XML.
#[derive(Clone, Copy)]
pub enum Look {
    /// Every Python file, the manifest left out.
    Python(fn(&Python<'_>, &mut Found)),
    /// Every XML file.
    Xml(fn(&Xml<'_>, &mut Found)),
    /// Every CSV file.
    Csv(fn(&Table<'_>, &mut Found)),
    /// The manifest.
    Manifest(fn(&Manifest<'_>, &mut Found)),
    /// Every `JavaScript` file, as text.
    Script(fn(&Script<'_>, &mut Found)),
    /// The module as a whole, after the rules of its files.
    Module(fn(&Whole<'_>, &mut Deeds)),
}

/// A `JavaScript` file.
pub struct Script<'a> {
    /// Where it lies in its module.
    pub path: &'a str,
    /// What it says.
    pub text: &'a str,
    /// What is known of all modules and of the hop.
    pub facts: &'a Facts,
    /// The name of its module.
    pub module: &'a str,
}

/// A module with its files as they are now.
pub struct Whole<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its files.
    pub files: &'a [&'a SourceFile],
    /// What is known of all modules and of the hop.
    pub facts: &'a Facts,
}

/// What a rule makes of a module as a whole.
#[derive(Debug, Default)]
pub struct Deeds {
    /// Edits and findings by path.
    pub found: Vec<(String, Found)>,
    /// Files that go.
    pub removed: Vec<String>,
    /// Files that come: path and text.
    pub added: Vec<(String, String)>,
    /// Files that get another path.
    pub moved: Vec<(String, String)>,
}

/// A change between two series.
pub struct Rule {
    /// Its number, such as `19.5`: the series it leads to and its place there; `A1` belongs to every hop.
    pub id: &'static str,
    /// What it does in a few words, for a commit's subject.
    pub title: &'static str,
    /// Why: what happens to a module that is left as it is.
    pub why: &'static str,
    /// Where that is known from, such as `odoo/orm/models.py, 19.0`.
    pub source: &'static str,
    /// Whether it edits.
    pub deed: Deed,
    /// Words of which a file must hold one to be looked at; none means every file.
    pub words: &'static [&'static str],
    /// What it looks at.
    pub looks: &'static [Look],
}

/// Returns the rules of the hop to a series, in the order they are applied. The version of the manifest comes last.
pub fn of_hop(to: u8) -> impl Iterator<Item = &'static Rule> {
    // Old code lies around in modules of 13.0.
    let older = if to == 14 { hop_12_13::RULES } else { &[] };
    let own: &'static [&'static [Rule]] = match to {
        13 => hop_12_13::RULES,
        14 => hop_13_14::RULES,
        15 => hop_14_15::RULES,
        16 => hop_15_16::RULES,
        17 => hop_16_17::RULES,
        18 => hop_17_18::RULES,
        19 => &[hop_18_19::RULES],
        _ => &[],
    };
    older.iter().chain(own).copied().flatten().chain(always::RULES)
}

/// Returns every rule once, by hop: those of every hop first.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let hops = (hop_12_13::RULES.iter())
        .chain(hop_13_14::RULES)
        .chain(hop_14_15::RULES)
        .chain(hop_15_16::RULES)
        .chain(hop_16_17::RULES)
        .chain(hop_17_18::RULES)
        .chain(&[hop_18_19::RULES]);
    always::RULES.iter().chain(hops.copied().flatten())
}
