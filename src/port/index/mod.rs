//! What a series' source holds, and whether what a module refers to is there.
//!
//! [`Index::read`] takes the files of a source apart once: models, fields, methods, XML ids, views, templates, Python
//! names, exports of scripts, bundles. [`judge`] then asks it about every reference of the modules at hand.
//! What cannot be decided is not a finding.

mod arch;
mod checks;
mod inherit;
mod judge;
mod mend;
mod nearest;
mod python;
mod read;
mod records;
mod script;
mod store;
mod stored;
mod world;
mod xpath;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use checks::{CHECKS, Check};
pub use judge::{Judged, judge, only_lost};
pub use mend::settle;
pub use store::IndexError;
pub use stored::{Gone, index_of, judge_stored, only_told};

/// What a source holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The series its `release.py` names, such as `19.0`; empty when it has none.
    pub series: String,
    /// Addons by name.
    pub addons: BTreeMap<String, Addon>,
    /// What Python modules outside of addons offer, by dotted path: `odoo.tools.misc`.
    pub library: BTreeMap<String, Names>,
    /// What every model has without saying so: `create`, `id`, `env`.
    pub base: BTreeSet<String>,
    /// What else Python can import where it runs; nothing where nobody could ask, as of a folder.
    pub packages: Option<Packages>,
    /// What is installed in the database that modules are judged for: it stands beside them, whether they depend on it or
    /// not. Nothing where nobody knows.
    #[serde(skip)]
    pub installed: BTreeSet<String>,
}

/// What Python can import, Odoo left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packages {
    /// Names that can be imported: `lxml`.
    pub names: BTreeSet<String>,
    /// What is installed, as [`Packages::distribution`] writes it: `python-dateutil`.
    pub distributions: BTreeSet<String>,
}

impl Index {
    /// Says whether an addon defines a model.
    pub fn has_model(&self, name: &str) -> bool {
        let mut parts = self.addons.values().flat_map(|addon| &addon.models);
        parts.any(|part| part.defines && part.name == name)
    }
}

impl Packages {
    /// Returns a distribution's name as it is compared: PyPI makes no difference between `-`, `_`, `.` and of case, and what
    /// stands behind the name in a requirement is left out.
    pub fn distribution(requirement: &str) -> String {
        let named = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name = requirement.trim().split(|c| !named(c)).next().unwrap_or_default();
        name.replace(['_', '.'], "-").to_lowercase()
    }

    /// Says whether a manifest's requirement is met, as Odoo does: by a distribution, or else by a name that can be imported.
    pub fn has(&self, requirement: &str) -> bool {
        self.distributions.contains(&Packages::distribution(requirement)) || self.names.contains(requirement)
    }
}

/// What an addon holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addon {
    /// Addons its manifest names.
    pub depends: Vec<String>,
    /// Addons whose presence installs it, wherever; none where it waits to be asked for.
    pub auto_install: BTreeSet<String>,
    /// Python packages its manifest asks for.
    pub wants: BTreeSet<String>,
    /// Bundles its manifest adds to.
    pub bundles: BTreeSet<String>,
    /// Data files its manifest names, in their order.
    pub data: Vec<String>,
    /// Its files that a manifest or a script may name, from its folder.
    pub files: BTreeSet<String>,
    /// What its classes say of models.
    pub models: Vec<ModelPart>,
    /// XML ids it brings, with their addon, and the model of the record.
    pub ids: BTreeMap<String, String>,
    /// XML ids that its code makes.
    pub made: BTreeSet<String>,
    /// Whether it has models whose names are computed.
    pub computed: bool,
    /// Its views and server-side templates, in the order of its files.
    pub views: Vec<View>,
    /// What its Python modules offer, by dotted path in its folder; its `__init__` has no name.
    pub python: BTreeMap<String, Names>,
    /// Arguments that its Python passes to methods by name, by method.
    pub passes: BTreeMap<String, BTreeSet<String>>,
    /// What its scripts offer, by path.
    pub scripts: BTreeMap<String, Script>,
    /// Its templates of the web client.
    pub templates: Vec<Template>,
}

/// Names of a Python module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Names bound at its margin.
    pub names: BTreeSet<String>,
    /// Names that `import *` brings, when it says which.
    pub all: Option<BTreeSet<String>>,
    /// Modules all names of which it takes over.
    pub stars: Vec<String>,
    /// Names it sets in other modules: `odoo.SUPERUSER_ID = …`.
    pub sets: BTreeSet<String>,
    /// Whether it may have other names as well.
    pub open: bool,
}

/// What one class says of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelPart {
    /// The model.
    pub name: String,
    /// Whether the class defines it; else it extends it.
    pub defines: bool,
    /// Models it takes fields and methods from.
    pub inherits: Vec<String>,
    /// Models whose fields it shows as its own.
    pub delegates: Vec<String>,
    /// Its fields.
    pub fields: BTreeMap<String, Field>,
    /// Its methods and their parameters.
    pub methods: BTreeMap<String, String>,
    /// Other names of the class.
    pub names: BTreeSet<String>,
    /// Whether it is there for other models to inherit from.
    pub mixin: bool,
    /// Whether it may have other members as well: a base that is no model, parents that are computed.
    pub open: bool,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its type, such as `Many2one`; empty when the class calls something else than `fields`.
    pub kind: String,
    /// The model it leads to.
    pub to: Option<String>,
    /// The path it is related to.
    pub related: Option<String>,
    /// Its values when it is a selection; [`ANYTHING`] among them when not all of them are literal, none when the class says
    /// nothing of them.
    pub values: Vec<String>,
    /// Whether its class says that it has no column: it is computed or related and not stored, or leads to many.
    pub unstored: bool,
}

/// Stands for values that are not literal.
pub const ANYTHING: &str = "*";

/// A view, or a server-side template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its XML id with its addon.
    pub id: String,
    /// The model its record names.
    pub model: Option<String>,
    /// The view it inherits from.
    pub inherit: Option<String>,
    /// Whether it is a view of its own in spite of that.
    pub primary: bool,
    /// Its priority.
    pub priority: i64,
    /// Whether it is in use from the start.
    pub active: bool,
    /// Whether it was a `<template>`.
    pub template: bool,
    /// Its file.
    pub path: String,
    /// The first byte of its arch there.
    pub at: usize,
    /// Its arch, as written.
    pub arch: String,
}

/// A template of the web client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name; an extension has none.
    pub name: Option<String>,
    /// The template it inherits from.
    pub inherit: Option<String>,
    /// Whether it is a template of its own in spite of that.
    pub primary: bool,
    /// Its file.
    pub path: String,
    /// Its first byte there.
    pub at: usize,
    /// Its element, as written.
    pub text: String,
}

/// What a script offers and uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Names it exports; the default is `default`.
    pub exports: BTreeSet<String>,
    /// Scripts it exports everything of, as written.
    pub stars: Vec<String>,
    /// Whether it may export other names as well.
    pub open: bool,
    /// Names it takes from elsewhere: its own name for it, the script as written, the name there (`*` for all).
    pub imports: BTreeMap<String, (String, String)>,
    /// Names it passes on: the name, the script as written, the name there.
    pub passes: BTreeMap<String, (String, String)>,
    /// Its classes: what each extends, and its members.
    pub classes: BTreeMap<String, (Option<String>, BTreeSet<String>)>,
    /// What it patches: the class as it calls it, and the members it brings.
    pub patches: Vec<(String, BTreeSet<String>)>,
    /// Registry categories it names.
    pub categories: BTreeSet<String>,
    /// Keys it adds to registries, whichever.
    pub keys: BTreeSet<String>,
    /// Names of `odoo.define` and of `@odoo-module alias=`.
    pub defines: BTreeSet<String>,
}
