//! The manifest: modules, files and bundles it names.

use std::ops::Range;

use ruff_python_ast::Expr;

use super::super::super::facts::Facts;
use super::super::super::python::Tree;
use super::super::super::{Kind, Level, Manifest, Python, range};
use super::super::nearest::{hint, nearest};
use super::{Case, packages};

pub(super) fn judge(case: &mut Case<'_, '_>) {
    let Some(file) = case.module.files.iter().find(|file| file.kind() == Kind::Manifest) else {
        return;
    };
    let facts = Facts::default();
    let Ok(tree) = Tree::parse(&file.text) else { return };
    let Some(manifest) = Manifest::new(&file.path, &case.module.name, &file.text, &tree, &facts) else {
        return;
    };
    for literal in manifest.literals("depends") {
        let name = literal.value.to_str();
        if !case.world.addons.contains_key(name) {
            let best = nearest(name, case.world.addons.keys().copied());
            let remedy = hint(
                best,
                "bring it along, or do without it: what it could bring is not judged here",
            );
            let message = format!("there is no module `{name}`");
            case.say(
                "ref.depends",
                Level::Error,
                &file.path,
                range(literal).start,
                message,
                remedy,
            );
        }
    }
    packages::wanted(case, &file.path, manifest.value("external_dependencies"));
    let beyond: Vec<&str> = (case.missing.iter())
        .filter(|name| !manifest.list("depends").contains(name))
        .copied()
        .collect();
    if !beyond.is_empty() {
        let message = format!("what it depends on needs `{}`, which is not there", beyond.join("`, `"));
        let remedy = "bring it along: what it could bring is not judged here".to_owned();
        case.say("ref.depends", Level::Note, &file.path, 0, message, remedy);
    }
    for key in ["data", "demo"] {
        for literal in manifest.literals(key) {
            let path = literal.value.to_str();
            let looked_at = matches!(Kind::of(path), Kind::Xml | Kind::Csv);
            if looked_at && !case.addon.files.contains(path) {
                let best = nearest(path, case.addon.files.iter().map(String::as_str));
                let level = if key == "data" { Level::Error } else { Level::Warning };
                let message = format!("there is no file `{path}`");
                let remedy = hint(best, "add the file, or leave the line out");
                case.say("ref.file", level, &file.path, range(literal).start, message, remedy);
            }
        }
    }
    if let Some(Expr::Dict(assets)) = manifest.value("assets") {
        for item in assets {
            let Some(key) = &item.key else { continue };
            if let Some(name) = Python::string(key) {
                bundle(case, &file.path, name, range(key).start, true);
            }
            let entries = match &item.value {
                Expr::List(list) => &list.elts,
                Expr::Tuple(tuple) => &tuple.elts,
                _ => continue,
            };
            for entry in entries {
                asset(case, &file.path, entry);
            }
        }
    }
}

/// Bundles of the web client that were taken away.
const GONE: [&str; 5] = [
    "web.assets_qweb",
    "web.assets_common",
    "web.assets_common_minimal",
    "web.assets_backend_legacy_lazy",
    "web.tests_assets",
];

/// Judges a bundle of another module; `adds` says whether the manifest adds to it.
fn bundle(case: &mut Case<'_, '_>, path: &str, name: &str, at: usize, adds: bool) {
    let own = &case.module.name;
    let others = (case.world.bundles.get(name)).is_some_and(|addons| addons.iter().any(|addon| addon != own));
    let (module, _) = name.split_once('.').unwrap_or((name, ""));
    let mine = module == own || (case.world.bundles.contains_key(name) && !adds);
    // Nobody is told of a bundle that never was: files may have been left in it on purpose.
    if !GONE.contains(&name)
        || others
        || mine
        || !name.contains('.')
        || (!case.closed() && !case.world.addons.contains_key(module))
    {
        return;
    }
    let best = nearest(name, case.world.bundles.keys().copied().filter(|it| *it != name));
    let remedy = hint(best, "put the files into a bundle that is loaded");
    let message = format!("there is no bundle `{name}`");
    case.say("ref.asset", Level::Warning, path, at, message, remedy);
}

fn asset(case: &mut Case<'_, '_>, path: &str, entry: &Expr) {
    let (parts, at): (Vec<Option<&str>>, Range<usize>) = match entry {
        Expr::Tuple(tuple) => (tuple.elts.iter().map(Python::string).collect(), range(entry)),
        Expr::List(list) => (list.elts.iter().map(Python::string).collect(), range(entry)),
        _ => (vec![Python::string(entry)], range(entry)),
    };
    match parts.as_slice() {
        [Some("include"), Some(name)] => bundle(case, path, name, at.start, false),
        [Some("remove" | "prepend"), Some(file)] | [Some(file)] => asset_file(case, path, file, at.start),
        [Some("before" | "after" | "replace"), Some(target), Some(file)] => {
            asset_file(case, path, target, at.start);
            asset_file(case, path, file, at.start);
        }
        _ => {}
    }
}

fn asset_file(case: &mut Case<'_, '_>, path: &str, file: &str, at: usize) {
    let trimmed = file.trim_start_matches('/');
    let Some((module, inside)) = trimmed.split_once('/') else {
        return;
    };
    if file.contains("://") || !case.world.addons.contains_key(module) {
        return;
    }
    let Some(addon) = case.world.addons.get(module) else {
        return;
    };
    let readable = ["xml", "js", "css", "scss", "sass", "less"];
    let ending = inside.rsplit('.').next().unwrap_or_default();
    // Of a module at hand only what is ported is read.
    if module == case.module.name && Kind::of(inside) == Kind::Other {
        return;
    }
    if inside.contains(['*', '?', '['])
        || !inside.starts_with("static/src/")
        || !readable.contains(&ending)
        || addon.files.contains(inside)
    {
        return;
    }
    let name = inside.rsplit('/').next().unwrap_or(inside);
    let moved = addon.files.iter().find(|it| it.ends_with(&format!("/{name}")));
    let best = moved
        .map(String::as_str)
        .or_else(|| nearest(inside, addon.files.iter().map(String::as_str)));
    let best = best.map(|best| format!("{module}/{best}"));
    let remedy = hint(best.as_deref(), "leave it out");
    let message = format!("there is no file `{trimmed}`");
    case.say("ref.asset", Level::Error, path, at, message, remedy);
}
