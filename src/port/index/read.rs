//! The files of a source taken apart, addon by addon, side by side.

use std::collections::BTreeMap;

use ruff_python_ast::{Expr, Stmt};

use crate::parallel;

use super::super::facts::Facts;
use super::super::python::Tree;
use super::super::{Kind, Manifest, Module};
use super::{Addon, Index, python, records, script};

/// Endings of files that say something, or that a manifest names.
const READ: [&str; 9] = ["py", "xml", "js", "csv", "css", "scss", "sass", "less", "sql"];

/// A file: its path and its bytes.
type File = (String, Vec<u8>);

impl Index {
    /// Says whether a file of a source is worth reading, by its path.
    pub fn wants(path: &str) -> bool {
        let ending = path.rsplit('.').next().unwrap_or_default();
        READ.contains(&ending)
            && !path
                .split('/')
                .any(|part| matches!(part, "i18n" | "__pycache__" | ".git"))
    }

    /// Takes the files of a source apart. Paths have `/`; a folder with a manifest is an addon; what else lies in a
    /// folder named `odoo` (or `openerp`) is the library.
    pub fn read(files: Vec<File>) -> Index {
        let mut roots: Vec<String> = (files.iter())
            .filter_map(|(path, _)| {
                let (folder, name) = path.rsplit_once('/')?;
                matches!(name, "__manifest__.py" | "__openerp__.py").then(|| folder.to_owned())
            })
            .collect();
        roots.sort();
        let mut addons: BTreeMap<String, Vec<File>> = BTreeMap::new();
        let mut library: Vec<File> = Vec::new();
        for (path, bytes) in files {
            // The outermost folder with a manifest.
            let root = path
                .match_indices('/')
                .map(|(at, _)| &path[..at])
                .find(|folder| roots.binary_search_by(|root| root.as_str().cmp(folder)).is_ok());
            match root {
                Some(root) => {
                    let name = root.rsplit('/').next().unwrap_or(root).to_owned();
                    let inside = path[root.len() + 1..].to_owned();
                    addons.entry(name).or_default().push((inside, bytes));
                }
                None => library.push((path, bytes)),
            }
        }
        let mut index = Index::default();
        for (path, bytes) in library {
            index.library_file(&path, bytes);
        }
        let addons: Vec<(String, Vec<File>)> = addons.into_iter().collect();
        let read = parallel::map(&addons, |(name, files)| {
            let text = |bytes: &'_ [u8]| String::from_utf8(bytes.to_owned()).ok();
            addon(name, files.iter().map(|(path, bytes)| (path.clone(), text(bytes))))
        });
        let magic = [
            "id",
            "display_name",
            "create_uid",
            "create_date",
            "write_uid",
            "write_date",
        ];
        index.base.extend(magic.map(str::to_owned));
        index.addons = addons.into_iter().map(|(name, _)| name).zip(read).collect();
        index
    }

    /// Puts modules beside the addons: what those that are asked about depend on. An addon of the same name stays.
    pub fn put_beside(&mut self, modules: &[Module]) {
        let read = parallel::map(modules, module);
        for (module, addon) in modules.iter().zip(read) {
            self.addons.entry(module.name.clone()).or_insert(addon);
        }
    }

    fn library_file(&mut self, path: &str, bytes: Vec<u8>) {
        let parts: Vec<&str> = path.split('/').collect();
        // A checkout may lie in a folder of that name too: the innermost counts.
        let Some(root) = (parts.iter()).rposition(|part| matches!(*part, "odoo" | "openerp")) else {
            return;
        };
        let Some(stem) = path.strip_suffix(".py") else { return };
        let Ok(text) = String::from_utf8(bytes) else { return };
        let mut dotted: Vec<&str> = stem.split('/').skip(root).collect();
        dotted[0] = "odoo";
        let package = dotted.last() == Some(&"__init__");
        if package {
            dotted.pop();
        }
        let path = dotted.join(".");
        if path == "odoo.release" {
            self.series = series(&text);
        }
        let Ok(tree) = Tree::parse(&text) else { return };
        let names = python::names(tree.body(), &path, package);
        if path == "odoo.init" {
            // 19.0: the package itself has no file; its names are set from here.
            let package = self.library.entry("odoo".to_owned()).or_default();
            package.names.extend(names.sets.iter().cloned());
        }
        if path.starts_with("odoo.models") || path.starts_with("odoo.orm") {
            python::base_members(tree.body(), &mut self.base);
        }
        let known = self.library.entry(path).or_default();
        known.names.extend(names.names);
        if let Some(all) = names.all {
            known.all.get_or_insert_default().extend(all);
        }
        known.stars.extend(names.stars);
        known.sets.extend(names.sets);
        known.open |= names.open;
    }
}

/// Reads `version_info = (19, 0, …)`.
fn series(text: &str) -> String {
    let numbers = text
        .split("\nversion_info")
        .nth(1)
        .and_then(|rest| rest.split('(').nth(1));
    let mut numbers = numbers.unwrap_or_default().split(',').map(str::trim);
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => format!("{}.{minor}", major.trim_matches(['\'', '"']).replace("saas~", "")),
        _ => String::new(),
    }
}

/// Takes a module at hand apart.
pub(crate) fn module(module: &Module) -> Addon {
    let files = module
        .files
        .iter()
        .map(|file| (file.path.clone(), Some(file.text.clone())));
    addon(&module.name, files)
}

fn addon(name: &str, files: impl Iterator<Item = (String, Option<String>)>) -> Addon {
    let mut addon = Addon::default();
    let mut files: Vec<(String, Option<String>)> = files.collect();
    files.sort();
    for (path, text) in files {
        let named = path.rsplit_once('.').is_some_and(|(_, ending)| {
            matches!(ending, "xml" | "csv" | "js" | "css" | "scss" | "sass" | "less" | "sql")
        });
        if named {
            addon.files.insert(path.clone());
        }
        let Some(text) = text else { continue };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if !path.starts_with("static/") && matches!(Kind::of(&path), Kind::Python | Kind::Xml) {
            addon.made.extend(records::made(text).into_iter().map(str::to_owned));
        }
        match Kind::of(&path) {
            Kind::Manifest => manifest(&mut addon, name, &path, text),
            Kind::Python => python_file(&mut addon, name, &path, text),
            Kind::Xml => records::xml(&mut addon, name, &path, text),
            Kind::Csv => records::csv(&mut addon, name, &path, text),
            Kind::Script => {
                if path.starts_with("static/") && !path.contains("/libs/") {
                    addon.scripts.insert(path, script::read(text));
                }
            }
            Kind::Other => {
                if path.rsplit('.').next() == Some("js")
                    && path.starts_with("static/lib/")
                    && !path.ends_with(".min.js")
                    && text.len() < 400_000
                {
                    let mut script = script::read(text);
                    script.open |= script.exports.is_empty();
                    addon.scripts.insert(path, script);
                }
            }
        }
    }
    // Views are in force in the order of the manifest's files.
    let data = std::mem::take(&mut addon.data);
    let place = |path: &str| data.iter().position(|file| file == path).unwrap_or(usize::MAX);
    addon.views.sort_by_key(|view| place(&view.path));
    addon.data = data;
    addon
}

fn manifest(addon: &mut Addon, name: &str, path: &str, text: &str) {
    let facts = Facts::default();
    let Ok(tree) = Tree::parse(text) else { return };
    let Some(manifest) = Manifest::new(path, name, text, &tree, &facts) else {
        return;
    };
    addon.depends = manifest.list("depends").into_iter().map(str::to_owned).collect();
    if addon.depends.is_empty() && name != "base" {
        addon.depends.push("base".to_owned());
    }
    addon.auto_install = match manifest.value("auto_install") {
        Some(Expr::BooleanLiteral(truth)) if truth.value => addon.depends.iter().cloned().collect(),
        Some(_) => manifest.list("auto_install").into_iter().map(str::to_owned).collect(),
        None => std::collections::BTreeSet::new(),
    };
    if let Some(Expr::Dict(external)) = manifest.value("external_dependencies") {
        let python = (external.items.iter())
            .find(|item| item.key.as_ref().and_then(crate::port::Python::string) == Some("python"))
            .and_then(|item| item.value.as_list_expr());
        let names = python
            .into_iter()
            .flat_map(|list| &list.elts)
            .filter_map(crate::port::Python::string);
        addon.wants.extend(names.map(str::to_owned));
    }
    if let Some(Expr::Dict(assets)) = manifest.value("assets") {
        let keys = assets
            .items
            .iter()
            .filter_map(|item| item.key.as_ref().and_then(crate::port::Python::string));
        addon.bundles.extend(keys.map(str::to_owned));
    }
    let lists = ["data", "demo", "init_xml", "update_xml"];
    let files = lists.iter().flat_map(|key| manifest.list(key));
    addon.data.extend(files.map(str::to_owned));
}

fn python_file(addon: &mut Addon, name: &str, path: &str, text: &str) {
    // Scripts of other versions are loaded by path, and nothing is imported from them.
    if path.starts_with("migrations/") || path.starts_with("upgrades/") {
        return;
    }
    let Ok(tree) = Tree::parse(text) else { return };
    let mut dotted: Vec<&str> = path.trim_end_matches(".py").split('/').collect();
    let package = dotted.last() == Some(&"__init__");
    if package {
        dotted.pop();
    }
    let inside = dotted.join(".");
    let whole = if inside.is_empty() {
        format!("odoo.addons.{name}")
    } else {
        format!("odoo.addons.{name}.{inside}")
    };
    addon.python.insert(inside, python::names(tree.body(), &whole, package));
    // Classes inside of functions and `if`s too.
    let nodes = crate::port::Nodes::of(tree.body());
    // What a test passes nobody else does.
    for call in nodes.calls.iter().filter(|_| !path.starts_with("tests/")) {
        pass(addon, call);
    }
    addon.computed |= nodes.classes.iter().any(|class| python::is_computed(class));
    for class in nodes.classes {
        let Some(mut part) = python::model(class) else { continue };
        part.names.extend(set_later(tree.body(), class.name.id.as_str()));
        addon.models.push(part);
    }
}

/// Writes down what a call passes by name to a method; what makes a field is none.
fn pass(addon: &mut Addon, call: &ruff_python_ast::ExprCall) {
    let Expr::Attribute(function) = &*call.func else { return };
    let names = || {
        call.arguments
            .keywords
            .iter()
            .filter_map(|keyword| keyword.arg.as_ref())
    };
    let of_fields = matches!(&*function.value, Expr::Name(name) if name.id.as_str() == "fields");
    if of_fields || names().next().is_none() {
        return;
    }
    let known = addon.passes.entry(function.attr.id.to_string()).or_default();
    known.extend(names().map(|name| name.id.to_string()));
}

/// Returns names that `setattr(Class, 'name', …)` gives a class after it was made.
fn set_later(body: &[Stmt], class: &str) -> Vec<String> {
    let call = |stmt: &Stmt| -> Option<String> {
        let Stmt::Expr(expr) = stmt else { return None };
        let call = expr.value.as_call_expr()?;
        let [of, name, ..] = &*call.arguments.args else {
            return None;
        };
        let is = crate::port::Python::called(call) == Some("setattr")
            && matches!(of, Expr::Name(name) if name.id.as_str() == class);
        is.then(|| crate::port::Python::string(name).map(str::to_owned))
            .flatten()
    };
    body.iter().filter_map(call).collect()
}
