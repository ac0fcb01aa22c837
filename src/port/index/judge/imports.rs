//! Names of Python modules: `from odoo… import name`, `tools.name`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::super::super::{Level, Nodes, Python, SourceFile, range};
use super::super::nearest::{hint, nearest};
use super::super::python::absolute;
use super::{Case, packages};

pub(super) fn judge(case: &mut Case<'_, '_>, file: &SourceFile, body: &[Stmt]) {
    let mut brought = BTreeMap::new();
    let stem = file.path.trim_end_matches(".py").replace('/', ".");
    let package = stem == "__init__" || stem.ends_with(".__init__");
    let stem = stem.trim_end_matches("__init__").trim_end_matches('.');
    let own = format!("odoo.addons.{}.{stem}", case.module.name);
    let own = own.trim_end_matches('.');
    walk(case, file, body, (own, package), false, &mut brought);
    if !file.path.starts_with("tests/") {
        packages::judge(case, file, body);
        attributes(case, file, body, &brought);
    }
}

/// Goes through all imports; those that may fail are known by the `try` around them.
fn walk(
    case: &mut Case<'_, '_>,
    file: &SourceFile,
    body: &[Stmt],
    own: (&str, bool),
    guarded: bool,
    brought: &mut BTreeMap<String, String>,
) {
    for stmt in body {
        match stmt {
            Stmt::Import(it) => {
                for alias in &it.names {
                    let path = alias.name.id.as_str();
                    match &alias.asname {
                        Some(name) => brought.insert(name.id.to_string(), path.to_owned()),
                        None if path == "odoo" || path.starts_with("odoo.") => {
                            brought.insert("odoo".to_owned(), "odoo".to_owned())
                        }
                        None => None,
                    };
                    if !guarded && path.starts_with("odoo.") && judged(case, path) && !case.world.is_python(path) {
                        say_module(case, file, range(alias).start, path);
                    }
                }
            }
            Stmt::ImportFrom(it) => {
                let module = it.module.as_ref().map_or("", |module| module.id.as_str());
                let Some(from) = absolute(own.0, own.1, it.level, module) else {
                    continue;
                };
                if from != "odoo" && !from.starts_with("odoo.") {
                    continue;
                }
                for alias in &it.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    brought.insert(name.id.to_string(), format!("{from}.{}", alias.name.id));
                }
                // The module's own names are its own affair.
                if guarded || it.level > 0 || !judged(case, &from) {
                    continue;
                }
                if !case.world.is_python(&from) {
                    say_module(case, file, range(stmt).start, &from);
                    continue;
                }
                for alias in &it.names {
                    let name = alias.name.id.as_str();
                    if from == "odoo.addons" {
                        let path = format!("odoo.addons.{name}");
                        if !name.starts_with('_') && judged(case, &path) && !case.world.is_python(&path) {
                            say_module(case, file, range(alias).start, &path);
                        }
                    } else if name != "*" && !case.world.offers(&from, name) {
                        say_name(case, file, range(alias).start, &from, name);
                    }
                }
            }
            Stmt::Try(it) => {
                walk(case, file, &it.body, own, true, brought);
                for handler in it.handlers.iter().filter_map(|it| it.as_except_handler()) {
                    walk(case, file, &handler.body, own, true, brought);
                }
                walk(case, file, &it.orelse, own, guarded, brought);
                walk(case, file, &it.finalbody, own, guarded, brought);
            }
            Stmt::If(it) => {
                // A question about versions or types stands before it.
                walk(case, file, &it.body, own, true, brought);
                for clause in &it.elif_else_clauses {
                    walk(case, file, &clause.body, own, true, brought);
                }
            }
            Stmt::FunctionDef(it) => walk(case, file, &it.body, own, guarded, brought),
            Stmt::ClassDef(it) => walk(case, file, &it.body, own, guarded, brought),
            Stmt::With(it) => walk(case, file, &it.body, own, guarded, brought),
            Stmt::For(it) => walk(case, file, &it.body, own, guarded, brought),
            _ => {}
        }
    }
}

/// Says whether an import can be judged: its addon is known, or nothing the module depends on is missing.
fn judged(case: &Case<'_, '_>, path: &str) -> bool {
    match path.strip_prefix("odoo.addons.") {
        Some(rest) => {
            let addon = rest.split('.').next().unwrap_or_default();
            case.world.addons.contains_key(addon) || !case.missing.contains(addon)
        }
        None => !case.world.index.library.is_empty() && !path.starts_with("odoo.upgrade"),
    }
}

fn say_module(case: &mut Case<'_, '_>, file: &SourceFile, at: usize, path: &str) {
    let known = case.world.index.library.keys().map(String::as_str);
    let remedy = hint(nearest(path, known), "find what took its place");
    let message = format!("there is no Python module `{path}`");
    case.say("ref.import", Level::Error, &file.path, at, message, remedy);
}

fn say_name(case: &mut Case<'_, '_>, file: &SourceFile, at: usize, from: &str, name: &str) {
    let known: BTreeSet<&str> = case
        .world
        .python(from)
        .map(|names| names.names.iter().map(String::as_str).collect())
        .unwrap_or_default();
    let elsewhere = (case.world.index.library.iter())
        .find(|(path, names)| names.names.contains(name) && path.starts_with("odoo.") && path.as_str() != from);
    let remedy = match elsewhere {
        Some((path, _)) => format!("`{path}` has a name `{name}`"),
        None => hint(nearest(name, known), "find what took its place"),
    };
    let message = format!("`{from}` has no name `{name}`");
    case.say("ref.import", Level::Error, &file.path, at, message, remedy);
}

/// Judges `tools.name` where `tools` is a module of Odoo's.
fn attributes(case: &mut Case<'_, '_>, file: &SourceFile, body: &[Stmt], brought: &BTreeMap<String, String>) {
    let nodes = Nodes::of(body);
    let scopes: Vec<(Range<usize>, BTreeSet<&str>)> = nodes
        .functions
        .iter()
        .map(|function| (range(*function), bound(function, &nodes)))
        .collect();
    let rebound: BTreeSet<&str> = body
        .iter()
        .filter_map(|stmt| match stmt {
            Stmt::Assign(it) => match it.targets.as_slice() {
                [Expr::Name(name)] => Some(name.id.as_str()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    for attribute in &nodes.attributes {
        let Some(dotted) = Python::dotted(&attribute.value) else {
            continue;
        };
        let (first, rest) = dotted.split_once('.').map_or((dotted.as_str(), ""), |it| it);
        let Some(path) = brought.get(first) else { continue };
        let at = range(*attribute).start;
        let local = |name: &str| {
            rebound.contains(name) || (scopes.iter()).any(|(range, names)| range.contains(&at) && names.contains(name))
        };
        if local(first) || guarded(&file.text, at) {
            continue;
        }
        let path = if rest.is_empty() {
            path.clone()
        } else {
            format!("{path}.{rest}")
        };
        // `from .config import config` hides the module of that name.
        if path.rsplit_once('.').is_some_and(|(package, name)| {
            case.world
                .python(package)
                .is_some_and(|names| names.names.contains(name))
        }) {
            continue;
        }
        let name = attribute.attr.id.as_str();
        if path == "odoo.addons" || case.world.python(&path).is_none() || !judged(case, &path) {
            continue;
        }
        // `import odoo` reaches what was imported elsewhere as well.
        if attribute.ctx.is_load() && !case.world.offers(&path, name) && !set_elsewhere(case, name) {
            let end = range(&attribute.attr).start;
            say_name(case, file, end, &path, name);
        }
    }
}

/// Says whether some file sets the name from outside: `odoo.evented = False`, `fields.Serialized = Serialized`.
fn set_elsewhere(case: &Case<'_, '_>, name: &str) -> bool {
    let of_addons = case.world.addons.values().flat_map(|addon| addon.python.values());
    let mut all = case.world.index.library.values().chain(of_addons);
    all.any(|it| it.sets.contains(name))
}

/// Says whether the line asks first: `hasattr(…)`, `getattr(…)`.
fn guarded(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..at].contains("attr(")
}

/// Names that a function binds: its parameters and what it assigns.
fn bound<'a>(function: &'a StmtFunctionDef, nodes: &Nodes<'a>) -> BTreeSet<&'a str> {
    let whole = range(function);
    let parameters = function.parameters.iter().map(|it| it.name().as_str());
    let assigned = (nodes.names.iter()).filter(|name| name.ctx.is_store() && whole.contains(&range(**name).start));
    parameters.chain(assigned.map(|name| name.id.as_str())).collect()
}
