//! What the database has now, held against what the target has.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::super::super::Hop;
use super::super::nearest::{hint, nearest};
use super::super::world::{Member, World};
use super::super::{Addon, Index};
use crate::odoo::stored::Stored;

/// What is lost, and what to do about it.
pub(super) struct Lost {
    pub(super) message: String,
    pub(super) remedy: String,
}

/// The database and the target, side by side.
pub(super) struct Known<'a> {
    pub(super) index: &'a Index,
    pub(super) stored: &'a Stored,
    world: World<'a>,
    hops: &'a [Hop],
    /// Modules of the target that what is installed becomes.
    among: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn new(
        index: &'a Index,
        nothing: &'a BTreeMap<String, Addon>,
        stored: &'a Stored,
        hops: &'a [Hop],
    ) -> Known<'a> {
        let world = World::new(index, nothing);
        let mut known = Known {
            index,
            stored,
            world,
            hops,
            among: HashSet::new(),
        };
        for module in stored.modules.keys() {
            let name = known.module(module);
            if let Some((name, _)) = known.index.addons.get_key_value(name) {
                known.among.insert(name);
            }
        }
        known
    }

    /// Returns what a module is called in the target.
    pub(super) fn module<'s>(&'s self, name: &'s str) -> &'s str {
        self.hops.iter().fold(name, |name, hop| {
            let renames = &hop.renames;
            let new = renames
                .renamed_modules
                .get(name)
                .or_else(|| renames.merged_modules.get(name));
            new.map_or(name, String::as_str)
        })
    }

    /// Returns what a model is called in the target.
    fn model<'s>(&'s self, name: &'s str) -> &'s str {
        self.hops.iter().fold(name, |name, hop| {
            let renames = &hop.renames;
            let new = renames
                .renamed_models
                .get(name)
                .or_else(|| renames.merged_models.get(name));
            new.map_or(name, String::as_str)
        })
    }

    /// Says whether the target has the source of a module, or is known to have dropped it.
    fn is_theirs(&self, module: &str) -> bool {
        let dropped = |hop: &Hop| hop.changes.removed_modules.contains(module);
        self.index.addons.contains_key(self.module(module)) || self.hops.iter().any(dropped)
    }

    fn are_theirs(&self, modules: &BTreeSet<String>) -> bool {
        !modules.is_empty() && modules.iter().all(|module| self.is_theirs(module))
    }

    /// Says that the database has a model which the target has no more.
    pub(super) fn lost_model(&self, name: &str) -> Option<Lost> {
        let model = self.stored.models.get(name)?;
        let new = self.model(name);
        if !self.are_theirs(&model.modules) {
            return None;
        }
        if new != name {
            return Some(Lost {
                message: format!("there is no model `{name}` any more"),
                remedy: format!("it is `{new}` now"),
            });
        }
        if self.world.has_model(name) || !self.world.parts(name).is_empty() {
            return None;
        }
        let best = nearest(name, self.world.model_names());
        Some(Lost {
            message: format!("there is no model `{name}` any more"),
            remedy: hint(best, "find what took its place, or leave it out"),
        })
    }

    /// Says that the database has a field which the target has no more.
    pub(super) fn lost_field(&self, model: &str, name: &str) -> Option<Lost> {
        let field = self.stored.models.get(model)?.fields.get(name)?;
        let new = self.model(model);
        if !self.are_theirs(&field.modules) || self.world.parts(new).is_empty() {
            return None;
        }
        if self.world.member(new, name, &self.among) != Member::Nothing {
            return None;
        }
        let renamed = self.renamed(model, name);
        let best = nearest(name, self.world.field_names(new, &self.among));
        Some(Lost {
            message: format!("`{model}` has no field `{name}` any more"),
            remedy: match renamed {
                Some(new) => format!("it is `{new}` now"),
                None => hint(best, "find what took its place, or leave it out"),
            },
        })
    }

    /// Returns the new name of a field, as OpenUpgrade knows it.
    fn renamed(&self, model: &str, name: &str) -> Option<String> {
        let (mut model, mut name, mut found) = (model.to_owned(), name.to_owned(), false);
        for hop in self.hops {
            let changes = &hop.changes;
            let new = (changes.renamed_fields.get(&model)).and_then(|fields| fields.get(&name));
            if let Some(new) = new {
                name.clone_from(new);
                found = true;
            }
            if let Some(new) = hop.renames.renamed_models.get(&model) {
                model.clone_from(new);
            }
        }
        found.then_some(name)
    }

    /// Says that the database has an external id which the target has no more.
    pub(super) fn lost_id(&self, id: &str) -> Option<Lost> {
        self.stored.ids.get(id)?;
        let (module, name) = id.split_once('.')?;
        if !self.is_theirs(module) {
            return None;
        }
        let renamed = (self.hops.iter()).fold(None, |known: Option<&String>, hop| {
            let old = known.map_or(id, String::as_str);
            hop.changes.renamed_ids.get(old).or(known)
        });
        let new = match renamed {
            Some(new) => new.clone(),
            None => format!("{}.{name}", self.module(module)),
        };
        if self.world.has_id(&new) {
            return None;
        }
        let module = new.split_once('.').map_or("", |(module, _)| module).to_owned();
        let best = nearest(&new, self.world.ids_of(&module));
        Some(Lost {
            message: format!("there is no `{id}` any more"),
            remedy: hint(best, "find what took its place, or leave it out"),
        })
    }

    /// Follows a path of fields through the database; returns what the target lacks of it.
    pub(super) fn lost_path(&self, model: &str, path: &str) -> Option<Lost> {
        let mut model = model;
        for step in path.trim().split('.') {
            if let Some(lost) = self.lost_field(model, step) {
                return Some(lost);
            }
            model = self.stored.models.get(model)?.fields.get(step)?.to.as_deref()?;
        }
        None
    }
}
