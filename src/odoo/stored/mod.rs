//! What a database holds that names models, fields and records, read off its dump: code, domains, templates and views that
//! people made or changed, and what the database itself knows of models.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

pub use rows::Collector;

/// What a database knows of its models, and what people put into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Installed modules and the modules each needs.
    pub modules: BTreeMap<String, Vec<String>>,
    /// Models by name.
    pub models: BTreeMap<String, Model>,
    /// External ids of modules, and the model of each record.
    pub ids: BTreeMap<String, String>,
    /// What people made or changed.
    pub records: Vec<Record>,
    /// Views, those of modules too.
    pub views: Vec<View>,
}

/// A model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// The modules that define or extend it; none when it was made in the database.
    pub modules: BTreeSet<String>,
    /// Its fields.
    pub fields: BTreeMap<String, Field>,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its type, such as `many2one`.
    pub kind: String,
    /// The model it leads to.
    pub to: Option<String>,
    /// The modules that define it; none when it was made in the database.
    pub modules: BTreeSet<String>,
}

/// A record that holds code, or names fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its model, such as `ir.actions.server`.
    pub model: String,
    /// Its id in the database.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The model that it is about.
    pub about: String,
    /// Whether it does anything now.
    pub active: bool,
    /// What it says.
    pub texts: Vec<Text>,
}

/// A text of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The field that holds it.
    pub field: &'static str,
    /// In what it is written.
    pub written: Written,
    /// The text.
    pub text: String,
}

/// In what a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Python, where names such as `record` and `self` are records of the model that it is about.
    Code,
    /// A domain.
    Domain,
    /// A context: what it groups by.
    Context,
    /// Paths of fields with commas between them.
    Paths,
    /// A list of orders.
    Sort,
    /// A text with expressions on `object`.
    Template,
}

/// A view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Its id in the database.
    pub id: u64,
    /// Its external id, where a module brought it.
    pub xmlid: Option<String>,
    /// Its name.
    pub name: String,
    /// The model it shows.
    pub model: Option<String>,
    /// The external id of the view it inherits from, or `view_ID` where that has none.
    pub inherit: Option<String>,
    /// Whether it is a view of its own in spite of that.
    pub primary: bool,
    /// Whether it is in use.
    pub active: bool,
    /// Its priority.
    pub priority: u64,
    /// Its arch.
    pub arch: String,
}
