//! Python packages that a module imports or asks for, where it is known what there is.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, Stmt};

use super::super::super::{Level, Python, SourceFile, range};
use super::Case;
use crate::port::rules::left_python;

/// Judges what the manifest asks for: Odoo installs no module whose packages are missing.
pub(super) fn wanted(case: &mut Case<'_, '_>, path: &str, external: Option<&Expr>) {
    let Some(packages) = &case.world.index.packages else {
        return;
    };
    let Some(Expr::Dict(external)) = external else { return };
    for item in &external.items {
        let is_python = item.key.as_ref().and_then(Python::string) == Some("python");
        let list = item.value.as_list_expr().filter(|_| is_python);
        for literal in list.into_iter().flat_map(|list| &list.elts) {
            let Some(requirement) = Python::string(literal).filter(|it| !packages.has(it)) else {
                continue;
            };
            let message = format!("the image has no Python package `{requirement}`");
            let remedy = "build an image with it; `hopp run` adds what manifests ask for by itself".to_owned();
            case.say("ref.depends", Level::Note, path, range(literal).start, message, remedy);
        }
    }
}

/// Judges what a file imports when it is loaded and no manifest asks for.
pub(super) fn judge(case: &mut Case<'_, '_>, file: &SourceFile, body: &[Stmt]) {
    let Some(packages) = &case.world.index.packages else {
        return;
    };
    // On the way to 19.0 a rule tells what Python itself has no more.
    let told = case.world.index.series == "19.0";
    let mut lost: Vec<(usize, &str)> = Vec::new();
    imported(body, &mut lost);
    lost.retain_mut(|(_, path)| {
        *path = path.split('.').next().unwrap_or(path);
        let known = matches!(*path, "odoo" | "openerp") || packages.names.contains(*path);
        !(known || told && left_python(path))
    });
    if lost.is_empty() || !case.closed() || !is_loaded(case, &file.path) {
        return;
    }
    let addons = case.known.iter().filter_map(|name| case.world.addons.get(name));
    let wanted: BTreeSet<&str> = addons.flat_map(|addon| &addon.wants).map(String::as_str).collect();
    // A distribution may be called otherwise than what it brings: where one is missing that is told.
    if wanted.iter().any(|it| !packages.has(it)) {
        return;
    }
    for (at, name) in lost.into_iter().filter(|(_, name)| !wanted.contains(name)) {
        let message = format!("Odoo's image has no Python package `{name}`");
        let remedy = match name {
            "PyPDF2" => "use what `odoo.tools.pdf` offers",
            _ => "name it in the manifest's `external_dependencies`, or do without it",
        };
        case.say("ref.import", Level::Error, &file.path, at, message, remedy.to_owned());
    }
}

/// Says whether a file is imported when the module is: its package names it, and is imported itself.
fn is_loaded(case: &Case<'_, '_>, path: &str) -> bool {
    let Some(inside) = path.strip_suffix(".py").filter(|inside| *inside != "__init__") else {
        return true;
    };
    let inside = inside.strip_suffix("/__init__").unwrap_or(inside);
    let (folder, name) = inside.rsplit_once('/').unwrap_or(("", inside));
    let package = if folder.is_empty() {
        "__init__.py".to_owned()
    } else {
        format!("{folder}/__init__.py")
    };
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let names = |text: &str| text.split(|c| !word(c)).any(|it| it == name);
    case.file(&package).is_some_and(|file| names(&file.text)) && is_loaded(case, &package)
}

/// Gathers what is imported at the margin without being asked for first.
fn imported<'a>(body: &'a [Stmt], names: &mut Vec<(usize, &'a str)>) {
    for stmt in body {
        match stmt {
            Stmt::Import(it) => names.extend(
                it.names
                    .iter()
                    .map(|alias| (range(alias).start, alias.name.id.as_str())),
            ),
            Stmt::ImportFrom(it) if it.level == 0 => {
                names.extend(it.module.as_ref().map(|module| (range(stmt).start, module.id.as_str())));
            }
            Stmt::ClassDef(it) => imported(&it.body, names),
            Stmt::With(it) if !suppresses(&it.items) => imported(&it.body, names),
            _ => {}
        }
    }
}

/// Says whether what fails inside is passed over: `with suppress(ImportError)`.
fn suppresses(items: &[ruff_python_ast::WithItem]) -> bool {
    items.iter().any(|item| item.context_expr.is_call_expr())
}
