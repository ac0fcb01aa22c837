//! What became of names over several hops.

use std::collections::{BTreeMap, BTreeSet};

use super::apriori::Apriori;

/// What became of the names of modules and models from the first hop to the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    modules: BTreeMap<String, String>,
    models: BTreeMap<String, String>,
    merged_models: BTreeSet<String>,
    uninstalled: BTreeSet<String>,
    dropped: BTreeSet<String>,
}

impl Renames {
    /// Chains the tables of the hops, in their order.
    pub fn chain<'a>(hops: impl IntoIterator<Item = &'a Apriori>) -> Renames {
        let mut renames = Renames::default();
        for hop in hops {
            let modules = hop.renamed_modules.iter().chain(&hop.merged_modules);
            follow(&mut renames.modules, modules);
            let models = hop.renamed_models.iter().chain(&hop.merged_models);
            follow(&mut renames.models, models);
            renames.merged_models.extend(hop.merged_models.values().cloned());
        }
        renames
    }

    /// Adds modules that the plan uninstalls.
    #[must_use]
    pub fn uninstalling(mut self, modules: impl IntoIterator<Item = String>) -> Renames {
        self.uninstalled.extend(modules);
        self
    }

    /// Adds modules that Odoo dropped, by the names they had then.
    #[must_use]
    pub fn dropping(mut self, modules: impl IntoIterator<Item = String>) -> Renames {
        self.dropped.extend(modules);
        self
    }

    /// Returns what a module is called at the end.
    pub fn module<'a>(&'a self, name: &'a str) -> &'a str {
        self.modules.get(name).map_or(name, String::as_str)
    }

    /// Returns what a model is called at the end.
    pub fn model<'a>(&'a self, name: &'a str) -> &'a str {
        self.models.get(name).map_or(name, String::as_str)
    }

    /// Says whether records of another model came to this one.
    pub fn is_merge_target(&self, model: &str) -> bool {
        self.merged_models.contains(model)
    }

    /// Says whether the plan uninstalls a module, under the name it has in the backup or at the end.
    pub fn is_uninstalled(&self, module: &str) -> bool {
        self.uninstalled.contains(module) || self.uninstalled.contains(self.module(module))
    }

    /// Says whether Odoo dropped a module.
    pub fn is_dropped(&self, module: &str) -> bool {
        self.dropped.contains(module) || self.dropped.contains(self.module(module))
    }
}

/// Adds one hop's names: `a → b` before and `b → c` now is `a → c`.
fn follow<'a>(known: &mut BTreeMap<String, String>, hop: impl Iterator<Item = (&'a String, &'a String)>) {
    let hop: BTreeMap<&String, &String> = hop.collect();
    for new in known.values_mut() {
        if let Some(newer) = hop.get(new) {
            *new = (*newer).clone();
        }
    }
    for (old, new) in hop {
        known.entry(old.clone()).or_insert_with(|| new.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(modules: &[(&str, &str)]) -> Apriori {
        let own = |&(old, new): &(&str, &str)| (old.to_owned(), new.to_owned());
        Apriori {
            renamed_modules: modules.iter().map(own).collect(),
            ..Apriori::default()
        }
    }

    #[test]
    fn a_module_renamed_twice_has_its_last_name() {
        let renames = Renames::chain(&[hop(&[("a", "b"), ("x", "y")]), hop(&[("b", "c")])]);
        assert_eq!(renames.module("a"), "c");
        assert_eq!(renames.module("b"), "c");
        assert_eq!(renames.module("x"), "y");
        assert_eq!(renames.module("other"), "other");
    }
}
