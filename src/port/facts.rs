//! What rules know beyond the file before them: the models of all modules at hand, and what the hop renames.

use std::collections::{BTreeMap, BTreeSet};

use crate::odoo::openupgrade::Apriori;

use super::perform::Module;
use super::python::{Class, Python, Tree};
use super::{Kind, Manifest};

/// What the modules at hand say of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// Models it takes fields and methods from, its own name left out.
    pub inherits: BTreeSet<String>,
    /// Its fields by name: type (`Many2one`) and the model it leads to.
    pub fields: BTreeMap<String, (String, Option<String>)>,
    /// Its methods.
    pub methods: BTreeSet<String>,
}

/// What is known when a rule runs.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The series the modules are brought to, such as 19.
    pub to: u8,
    /// What OpenUpgrade renames and merges at this hop.
    pub renames: Apriori,
    /// Models by name: what the modules at hand define and extend.
    pub models: BTreeMap<String, Model>,
    /// Modules at hand, and what they depend on.
    pub modules: BTreeMap<String, Vec<String>>,
}

impl Facts {
    /// Gathers what modules say, before anything is changed.
    pub(super) fn gather(to: u8, renames: Apriori, modules: &[Module]) -> Facts {
        let mut facts = Facts {
            to,
            renames,
            ..Facts::default()
        };
        for module in modules {
            let mut depends = Vec::new();
            for file in &module.files {
                match file.kind() {
                    Kind::Manifest => {
                        if let Ok(tree) = Tree::parse(&file.text) {
                            depends = Manifest::new(&file.path, &module.name, &file.text, &tree, &Facts::default())
                                .map(|manifest| manifest.list("depends").into_iter().map(str::to_owned).collect())
                                .unwrap_or_default();
                        }
                    }
                    Kind::Python if file.text.contains("_name") || file.text.contains("_inherit") => {
                        if let Ok(tree) = Tree::parse(&file.text) {
                            let python = Python::new(&file.path, &module.name, &file.text, &tree, &facts);
                            let found: Vec<(String, Model)> = (python.nodes.classes.iter())
                                .filter_map(|class| model(Class::of(class)))
                                .collect();
                            for (name, model) in found {
                                facts.add(name, model);
                            }
                        }
                    }
                    _ => {}
                }
            }
            facts.modules.insert(module.name.clone(), depends);
        }
        facts
    }

    fn add(&mut self, name: String, model: Model) {
        let known = self.models.entry(name).or_default();
        known.inherits.extend(model.inherits);
        known.fields.extend(model.fields);
        known.methods.extend(model.methods);
    }
}

/// Reads what a class says of its model.
fn model(class: Class<'_>) -> Option<(String, Model)> {
    let name = class.model()?;
    let lead = |call: &ruff_python_ast::ExprCall| {
        let named = Python::keyword(call, "comodel_name").map(|keyword| &keyword.value);
        named
            .or_else(|| call.arguments.args.first())
            .and_then(Python::string)
            .map(str::to_owned)
    };
    let fields = class.fields().map(|(field, kind, call)| {
        let to = matches!(kind, "Many2one" | "One2many" | "Many2many")
            .then(|| lead(call))
            .flatten();
        (field.to_owned(), (kind.to_owned(), to))
    });
    let model = Model {
        inherits: (class.inherits().into_iter())
            .filter(|inherited| *inherited != name)
            .map(str::to_owned)
            .collect(),
        fields: fields.collect(),
        methods: class.methods().map(|method| method.name.id.to_string()).collect(),
    };
    Some((name.to_owned(), model))
}
