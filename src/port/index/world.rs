//! The target and the modules at hand together, asked by name.

mod members;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::facts::Facts;
use super::arch::Tree;
use super::{Addon, Field, Index, ModelPart, Names, View};

/// What is there once the modules at hand stand beside the target's.
pub(crate) struct World<'a> {
    pub(crate) index: &'a Index,
    /// Addons of the target and modules at hand; of two with one name, the one at hand.
    pub(crate) addons: BTreeMap<&'a str, &'a Addon>,
    models: HashMap<&'a str, Vec<(&'a str, &'a ModelPart)>>,
    ids: HashMap<&'a str, Vec<(&'a str, &'a str)>>,
    views: HashMap<&'a str, Vec<ViewAt<'a>>>,
    heirs: HashMap<&'a str, Vec<ViewAt<'a>>>,
    by_addon: HashMap<&'a str, Vec<ViewAt<'a>>>,
    depth: HashMap<&'a str, usize>,
    made: HashSet<&'a str>,
    delegates: BTreeSet<String>,
    pub(crate) template_names: HashSet<&'a str>,
    pub(crate) keys: HashSet<&'a str>,
    pub(crate) categories: HashMap<&'a str, HashSet<&'a str>>,
    pub(crate) defines: HashSet<&'a str>,
    pub(crate) bundles: HashMap<&'a str, HashSet<&'a str>>,
    trees: Mutex<HashMap<u32, Option<Arc<Tree>>>>,
    /// The same models for those who follow fields through Python.
    pub(crate) facts: Facts,
}

/// A view and its addon.
#[derive(Clone, Copy)]
pub(crate) struct ViewAt<'a> {
    pub(crate) addon: &'a str,
    /// Its place among the addon's views.
    pub(crate) place: usize,
    /// Its number among all; what its arch is remembered by.
    pub(crate) number: u32,
    pub(crate) view: &'a View,
}

/// What was found by a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Member<'a> {
    /// A field, and the model that has it.
    Field(&'a Field),
    /// Something of the class.
    Name,
    /// Nobody can tell.
    Unknown,
    /// Not there.
    Nothing,
}

/// What is there when a module is installed.
#[derive(Default)]
pub(crate) struct Closure<'a> {
    /// The module and all it depends on.
    pub(crate) depends: HashSet<&'a str>,
    /// The same, what is installed anyway, and what installs itself beside them.
    pub(crate) known: HashSet<&'a str>,
    /// What it depends on and nobody has.
    pub(crate) missing: BTreeSet<&'a str>,
}

const DOTTED: [&str; 2] = ["__", "base.module_"];

impl<'a> World<'a> {
    /// Puts the modules at hand beside the target.
    pub(crate) fn new(index: &'a Index, at_hand: &'a BTreeMap<String, Addon>) -> World<'a> {
        let mut addons: BTreeMap<&str, &Addon> = index.addons.iter().map(|(name, it)| (name.as_str(), it)).collect();
        addons.extend(at_hand.iter().map(|(name, it)| (name.as_str(), it)));
        let mut world = World {
            index,
            models: HashMap::new(),
            ids: HashMap::new(),
            views: HashMap::new(),
            heirs: HashMap::new(),
            by_addon: HashMap::new(),
            depth: HashMap::new(),
            made: HashSet::new(),
            delegates: BTreeSet::new(),
            template_names: HashSet::new(),
            keys: HashSet::new(),
            categories: HashMap::new(),
            defines: HashSet::new(),
            bundles: HashMap::new(),
            trees: Mutex::default(),
            facts: Facts::default(),
            addons,
        };
        let mut number = 0;
        for (name, addon) in world.addons.clone() {
            // Code at hand only speaks for itself: it may name what is gone.
            let own = format!("{name}.");
            let speaks = |id: &&String| !at_hand.contains_key(name) || id.starts_with(&own);
            world.made.extend(addon.made.iter().filter(speaks).map(String::as_str));
            for part in &addon.models {
                let ends = part
                    .delegates
                    .iter()
                    .map(|model| format!("_{}", model.replace('.', "_")));
                world.delegates.extend(ends);
                world.models.entry(&part.name).or_default().push((name, part));
                learn(&mut world.facts, part);
            }
            for (id, model) in &addon.ids {
                world.ids.entry(id).or_default().push((name, model));
            }
            for (place, view) in addon.views.iter().enumerate() {
                // What the manifest does not name is not loaded.
                if !addon.data.contains(&view.path) {
                    continue;
                }
                number += 1;
                let at = ViewAt {
                    addon: name,
                    place,
                    number,
                    view,
                };
                world.views.entry(&view.id).or_default().push(at);
                world.by_addon.entry(name).or_default().push(at);
                if let Some(inherit) = &view.inherit {
                    world.heirs.entry(inherit).or_default().push(at);
                }
            }
            for template in &addon.templates {
                world.template_names.extend(template.name.as_deref());
            }
            for bundle in &addon.bundles {
                world.bundles.entry(bundle).or_default().insert(name);
            }
            for script in addon.scripts.values() {
                world.keys.extend(script.keys.iter().map(String::as_str));
                world.defines.extend(script.defines.iter().map(String::as_str));
                for category in &script.categories {
                    world.categories.entry(category).or_default().insert(name);
                }
            }
        }
        let names: Vec<&str> = world.addons.keys().copied().collect();
        for name in names {
            world.measure(name, 0);
        }
        world
    }

    fn measure(&mut self, name: &'a str, guard: usize) -> usize {
        if let Some(depth) = self.depth.get(name) {
            return *depth;
        }
        let Some(addon) = self.addons.get(name).copied() else {
            return 0;
        };
        if guard > 200 {
            return 0;
        }
        let depends = addon.depends.iter().map(|it| self.measure(it, guard + 1) + 1).max();
        let depth = depends.unwrap_or(0);
        self.depth.insert(name, depth);
        depth
    }

    /// Returns what is there when a module is installed.
    pub(crate) fn closure(&self, name: &'a str) -> Closure<'a> {
        let mut closure = Closure::default();
        let Closure {
            depends,
            known,
            missing,
        } = &mut closure;
        let mut queue = vec![name, "base"];
        // The web client is always there, whoever depends on it.
        queue.extend(self.addons.contains_key("web").then_some("web"));
        loop {
            while let Some(name) = queue.pop() {
                match self.addons.get_key_value(name) {
                    Some((name, addon)) => {
                        if known.insert(*name) {
                            queue.extend(addon.depends.iter().map(String::as_str));
                        }
                    }
                    None => {
                        missing.insert(name);
                    }
                }
            }
            if depends.is_empty() {
                depends.clone_from(known);
            }
            // What is installed anyway is there too, and what installs itself beside them.
            let follows = |name: &&str, addon: &Addon| {
                let itself =
                    !addon.auto_install.is_empty() && addon.auto_install.iter().all(|it| known.contains(it.as_str()));
                !known.contains(name)
                    && (itself || self.index.installed.contains(*name))
                    && addon.depends.iter().all(|it| self.addons.contains_key(it.as_str()))
            };
            queue.extend(
                self.addons
                    .iter()
                    .filter(|(name, addon)| follows(name, addon))
                    .map(|(name, _)| *name),
            );
            if queue.is_empty() {
                return closure;
            }
        }
    }

    /// Says whether a model is there.
    pub(crate) fn has_model(&self, model: &str) -> bool {
        (self.models.get(model)).is_some_and(|parts| parts.iter().any(|(_, part)| part.defines))
            || model == "base"
            || model.starts_with("x_")
    }

    /// Returns the model whose records a table holds; nothing where none does, or several could.
    pub(crate) fn model_of_table(&self, table: &str) -> Option<&'a str> {
        let dotted = table.replace('_', ".");
        let same = |model: &&&'a str| model.replace('_', ".") == dotted && self.has_model(model);
        let mut found = self.models.keys().filter(same).copied();
        let model = found.next()?;
        found.next().is_none().then_some(model)
    }

    /// Returns the names of all models.
    pub(crate) fn model_names(&self) -> impl Iterator<Item = &'a str> {
        self.models.keys().copied()
    }

    /// Returns what classes say of a model.
    pub(crate) fn parts(&self, model: &str) -> &[(&'a str, &'a ModelPart)] {
        self.models.get(model).map_or(&[], Vec::as_slice)
    }

    /// Says whether an XML id is there; those that Odoo makes by itself are told from what they stand for.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        let Some((module, name)) = id.split_once('.') else {
            return true;
        };
        if module.is_empty() || name.is_empty() {
            return true;
        }
        if self.ids.contains_key(id) || self.made.contains(id) || DOTTED.iter().any(|start| id.starts_with(start)) {
            return true;
        }
        // The record behind `_inherits` is named after the one before it.
        if self.delegates.iter().any(|end| {
            id.strip_suffix(end.as_str())
                .is_some_and(|id| self.ids.contains_key(id) || self.made.contains(id))
        }) {
            return true;
        }
        if let Some(model) = name.strip_prefix("model_") {
            let Some(addon) = self.addons.get(module) else {
                return false;
            };
            return addon.computed
                || (addon.models.iter()).any(|part| part.name.replace('.', "_") == model)
                || (module == "base" && matches!(model, "base" | "_unknown"));
        }
        name.starts_with("field_") || name.starts_with("selection_") || name.starts_with("constraint_")
    }

    /// Returns the XML ids of an addon.
    pub(crate) fn ids_of(&self, module: &str) -> impl Iterator<Item = &'a str> {
        let addon = self.addons.get(module).copied();
        addon.into_iter().flat_map(|addon| addon.ids.keys().map(String::as_str))
    }

    /// Returns the views of an addon.
    pub(crate) fn views_of(&self, addon: &str) -> impl Iterator<Item = ViewAt<'a>> {
        let all = self.by_addon.get(addon).map_or(&[][..], Vec::as_slice);
        all.iter().copied()
    }

    /// Returns the model of an XML id's record.
    pub(crate) fn model_of(&self, id: &str) -> Option<&'a str> {
        self.ids.get(id)?.last().map(|(_, model)| *model)
    }

    /// Returns the view of an XML id as a set of addons sees it: the last that brings an arch.
    pub(crate) fn view(&self, id: &str, among: &HashSet<&str>) -> Option<ViewAt<'a>> {
        let views = self.views.get(id)?.iter().filter(|it| among.contains(it.addon));
        views.max_by_key(|it| self.order(it)).copied()
    }

    /// Says whether anyone brings a view of this id.
    pub(crate) fn has_view(&self, id: &str) -> bool {
        self.views.contains_key(id)
    }

    /// Returns the views that inherit from a view, in the order they are in force.
    pub(crate) fn heirs(&self, id: &str, among: &HashSet<&str>) -> Vec<ViewAt<'a>> {
        let heirs = self.heirs.get(id).map_or(&[][..], Vec::as_slice).iter();
        let mut heirs: Vec<ViewAt<'a>> = heirs.filter(|it| among.contains(it.addon)).copied().collect();
        heirs.sort_by_key(|it| (it.view.priority, self.order(it)));
        heirs
    }

    fn order(&self, at: &ViewAt<'a>) -> (usize, &'a str, usize) {
        (self.depth.get(at.addon).copied().unwrap_or(0), at.addon, at.place)
    }

    /// Returns modules in the order they are loaded.
    pub(crate) fn load_order(&self, name: &'a str) -> (usize, &'a str) {
        (self.depth.get(name).copied().unwrap_or(0), name)
    }

    /// Returns the arch of a view as a tree, parsed once.
    pub(crate) fn tree(&self, at: &ViewAt<'a>) -> Option<Arc<Tree>> {
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        let parse = || {
            let mut tree = Tree::parse(&at.view.arch, at.number, at.view.at)?;
            tree.qualify(at.addon);
            let root = tree.root;
            if tree.tag(root) == "field" && at.view.arch.starts_with("<field") && !at.view.template {
                let roots: Vec<usize> = tree.elements(root).collect();
                match roots.as_slice() {
                    [only] => {
                        tree.nodes[*only].parent = None;
                        tree.root = *only;
                    }
                    _ => tree.rename(root, "data"),
                }
            } else if at.view.template {
                let origin = tree.nodes[root].origin;
                if at.view.inherit.is_some() {
                    tree.rename(root, "data");
                } else {
                    tree.rename(root, "t");
                    tree.set_attr(root, "t-name", &at.view.id, origin);
                }
            }
            Some(Arc::new(tree))
        };
        trees.entry(at.number).or_insert_with(parse).clone()
    }

    /// Returns the names of a Python module.
    pub(crate) fn python(&self, path: &str) -> Option<&'a Names> {
        if let Some(rest) = path.strip_prefix("odoo.addons.") {
            let (addon, inside) = rest.split_once('.').unwrap_or((rest, ""));
            return self.addons.get(addon)?.python.get(inside);
        }
        self.index.library.get(path)
    }

    /// Says whether a Python module offers a name; a module inside it is one.
    pub(crate) fn offers(&self, path: &str, name: &str) -> bool {
        let mut seen = HashSet::new();
        let mut queue = vec![path.to_owned()];
        while let Some(from) = queue.pop() {
            if !seen.insert(from.clone()) {
                continue;
            }
            // A star brings what is public.
            let direct = from == path;
            if direct && self.is_python(&format!("{from}.{name}")) {
                return true;
            }
            let Some(names) = self.python(&from) else {
                return true;
            };
            let public = || {
                names
                    .all
                    .as_ref()
                    .map_or(!name.starts_with('_'), |all| all.contains(name))
            };
            if names.open || (names.names.contains(name) && (direct || public())) {
                return true;
            }
            queue.extend(names.stars.iter().cloned());
        }
        matches!(name, "__name__" | "__file__" | "__path__" | "__doc__" | "__version__")
    }

    /// Says whether a Python module or package is there.
    pub(crate) fn is_python(&self, path: &str) -> bool {
        if matches!(path, "odoo" | "odoo.addons" | "odoo.upgrade") || self.python(path).is_some() {
            return true;
        }
        // A folder without `__init__`.
        let inside = format!("{path}.");
        match path.strip_prefix("odoo.addons.") {
            Some(rest) => {
                let (addon, inside) = rest.split_once('.').unwrap_or((rest, ""));
                let inside = format!("{inside}.");
                (self.addons.get(addon)).is_some_and(|addon| addon.python.keys().any(|it| it.starts_with(&inside)))
            }
            None => (self.index.library.range(inside.clone()..).next()).is_some_and(|(it, _)| it.starts_with(&inside)),
        }
    }
}

/// Adds what a class says of a model to what is known of it.
fn learn(facts: &mut Facts, part: &ModelPart) {
    let model = facts.models.entry(part.name.clone()).or_default();
    let parents = part
        .inherits
        .iter()
        .chain(&part.delegates)
        .filter(|it| **it != part.name);
    model.inherits.extend(parents.cloned());
    for (name, field) in part.fields.iter().filter(|(_, field)| field.to.is_some()) {
        model
            .fields
            .insert(name.clone(), (field.kind.clone(), field.to.clone()));
    }
}
