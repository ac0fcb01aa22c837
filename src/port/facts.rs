//! What rules know beyond the file before them: the models of all modules at hand, and what the hop renames.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use crate::odoo::openupgrade::{Apriori, Changes};
use crate::parallel;

use super::draft::Draft;
use super::python::{Class, Python, Tree};
use super::{Kind, Manifest, SourceFile};

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
    /// What OpenUpgrade knows of fields, models and XML ids at this hop.
    pub changes: Changes,
    /// Models by name: what the modules at hand define and extend.
    pub models: BTreeMap<String, Model>,
    /// Modules at hand, and what they depend on.
    pub modules: BTreeMap<String, Vec<String>>,
}

impl Facts {
    /// Gathers what modules say, before anything is changed: the name of each file's module, and the file.
    pub(super) fn gather(to: u8, renames: Apriori, drafts: Vec<(&str, &mut Draft)>) -> Facts {
        let mut facts = Facts {
            to,
            renames,
            ..Facts::default()
        };
        let drafts: Vec<_> = (drafts.into_iter())
            .map(|(module, draft)| Mutex::new((module, draft)))
            .collect();
        // What was heard at the hop before still holds for files that it did not change.
        parallel::map(&drafts, |draft| {
            let mut draft = draft.lock().unwrap_or_else(PoisonError::into_inner);
            let (module, draft) = &mut *draft;
            if draft.heard.is_none() {
                draft.heard = Some(Heard::of(&draft.file, module));
            }
        });
        for draft in drafts {
            let (module, draft) = draft.into_inner().unwrap_or_else(PoisonError::into_inner);
            let Some(heard) = &draft.heard else { continue };
            let depends = facts.modules.entry(module.to_owned()).or_default();
            if let Some(named) = &heard.depends {
                depends.clone_from(named);
            }
            for (name, model) in &heard.models {
                facts.add(name, model);
            }
        }
        facts
    }

    fn add(&mut self, name: &str, model: &Model) {
        if !self.models.contains_key(name) {
            self.models.insert(name.to_owned(), model.clone());
        } else if let Some(known) = self.models.get_mut(name) {
            known.inherits.extend(model.inherits.iter().cloned());
            known
                .fields
                .extend(model.fields.iter().map(|(name, field)| (name.clone(), field.clone())));
            known.methods.extend(model.methods.iter().cloned());
        }
    }
}

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Of a manifest: what its module depends on.
    depends: Option<Vec<String>>,
    /// Of Python: models, class by class.
    models: Vec<(String, Model)>,
}

impl Heard {
    fn of(file: &SourceFile, module: &str) -> Heard {
        let nothing = Facts::default();
        let says = |word: &str| memchr::memmem::find(file.text.as_bytes(), word.as_bytes()).is_some();
        let mut heard = Heard::default();
        match file.kind() {
            Kind::Manifest => {
                if let Ok(tree) = Tree::parse(&file.text)
                    && let Some(manifest) = Manifest::new(&file.path, module, &file.text, &tree, &nothing)
                {
                    heard.depends = Some(manifest.list("depends").into_iter().map(str::to_owned).collect());
                }
            }
            Kind::Python if says("_name") || says("_inherit") => {
                if let Ok(tree) = Tree::parse(&file.text) {
                    let classes = Class::all(tree.body());
                    heard.models = classes.into_iter().filter_map(model).collect();
                }
            }
            _ => {}
        }
        heard
    }
}

/// Reads what a class says of its model.
fn model(class: Class<'_>) -> Option<(String, Model)> {
    let name = class.model()?;
    let lead = |call: &ruff_python_ast::ExprCall| {
        let comodel = call.arguments.find_argument_value("comodel_name", 0);
        comodel.and_then(Python::string).map(str::to_owned)
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
