//! Views that no module owns: their fields, and the places in other views that they hold on to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::super::uses;
use super::super::super::{Facts, Module, SourceFile, Xml};
use super::Gone;
use super::known::Known;
use crate::odoo::stored::View;

/// What the views of nobody are called as a module.
const OURS: &str = "__database__";

/// Returns the fields that a view names and that are gone, with the line of each.
fn fields_of(known: &Known<'_>, facts: &Facts, view: &View) -> Vec<(String, usize, super::known::Lost)> {
    let text = record(view, "view");
    let Ok(xml) = Xml::parse("view.xml", OURS, &text, facts) else {
        return Vec::new();
    };
    let start = text.find("type=\"xml\">").unwrap_or_default();
    let mut found = Vec::new();
    for it in uses::of_xml(&xml) {
        if it.place.start > start
            && let Some(model) = &it.model
            && let Some(lost) = known.lost_field(model, &it.field)
        {
            found.push((it.field.clone(), line(&text, it.place.start), lost));
        }
    }
    found
}

/// Judges every view that is in use and that no module owns.
pub(super) fn judge(known: &Known<'_>, facts: &Facts) -> Vec<Gone> {
    let mut gone = Vec::new();
    let own = |view: &&View| view.xmlid.is_none() && view.active;
    let mut anchors: BTreeMap<u64, Vec<Gone>> = BTreeMap::new();
    let by_id: BTreeMap<u64, &View> = known
        .stored
        .views
        .iter()
        .filter(own)
        .map(|view| (view.id, view))
        .collect();
    if by_id.is_empty() {
        return gone;
    }
    for judged in super::super::judge(known.index, &modules(known))
        .into_iter()
        .filter(|judged| judged.name == OURS)
    {
        for finding in judged.findings {
            let what = match finding.rule {
                "ref.anchor" => "anchor",
                "ref.view" => "view",
                _ => continue,
            };
            let id = finding
                .path
                .trim_start_matches("views/")
                .trim_end_matches(".xml")
                .parse();
            if let Some(view) = id.ok().and_then(|id| by_id.get(&id)) {
                let of = of(
                    view,
                    what,
                    finding.line.saturating_sub(1).max(1),
                    finding.message,
                    finding.remedy,
                );
                anchors.entry(view.id).or_default().push(of);
            }
        }
    }
    for view in by_id.values() {
        let lost = anchors.remove(&view.id).unwrap_or_default();
        for (field, line, it) in fields_of(known, facts, view) {
            // An anchor that is lost is told as such.
            let quoted = [format!("'{field}'"), format!("\"{field}\"")];
            if !lost
                .iter()
                .any(|lost| quoted.iter().any(|name| lost.message.contains(name)))
            {
                gone.push(of(view, "field", line, it.message, it.remedy));
            }
        }
        gone.extend(lost);
    }
    gone
}

fn of(view: &View, what: &'static str, line: usize, message: String, remedy: String) -> Gone {
    Gone {
        what,
        model: "ir.ui.view".to_owned(),
        id: view.id,
        name: view.name.clone(),
        field: "arch_db",
        line,
        active: view.active,
        message,
        remedy,
    }
}

/// Returns the line of the arch that a byte of a record stands in: the arch begins in the second line.
fn line(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count().max(1)
}

/// Returns the views as modules: one for each module that the target does not have, and one of what no module owns.
fn modules(known: &Known<'_>) -> Vec<Module> {
    let stored = known.stored;
    let is_there = |name: &str| known.index.addons.contains_key(known.module(name));
    let custom: BTreeSet<&str> = (stored.modules.keys().map(String::as_str))
        .filter(|name| !is_there(name))
        .collect();
    let target = |name: &str| -> Option<String> {
        let new = known.module(name);
        (custom.contains(name) || known.index.addons.contains_key(new))
            .then(|| if custom.contains(name) { name } else { new }.to_owned())
    };
    let mut files: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for view in &stored.views {
        let module = match view.xmlid.as_deref().and_then(|id| id.split_once('.')) {
            Some((module, name)) if custom.contains(module) => {
                let file = (format!("views/{}.xml", view.id), record(view, name));
                files.entry(module).or_default().push(file);
                continue;
            }
            Some(_) => continue,
            None => OURS,
        };
        let file = (
            format!("views/{}.xml", view.id),
            record(view, &format!("view_{}", view.id)),
        );
        files.entry(module).or_default().push(file);
    }
    let mut modules: Vec<Module> = (custom.iter())
        .map(|name| {
            let depends = stored.modules[*name].iter().filter_map(|needed| target(needed));
            module(name, &depends.collect(), files.remove(name).unwrap_or_default())
        })
        .collect();
    let all: BTreeSet<String> = stored.modules.keys().filter_map(|name| target(name)).collect();
    modules.push(module(OURS, &all, files.remove(OURS).unwrap_or_default()));
    modules
}

fn module(name: &str, depends: &BTreeSet<String>, files: Vec<(String, String)>) -> Module {
    let quoted = |names: &mut dyn Iterator<Item = &str>| {
        names.fold(String::new(), |mut text, name| {
            let _ = write!(text, "'{name}', ");
            text
        })
    };
    let manifest = format!(
        "{{'name': '{name}', 'depends': [{}], 'data': [{}]}}\n",
        quoted(&mut depends.iter().map(String::as_str)),
        quoted(&mut files.iter().map(|(path, _)| path.as_str())),
    );
    let all = std::iter::once(("__manifest__.py".to_owned(), manifest)).chain(files);
    Module {
        name: name.to_owned(),
        files: all
            .filter_map(|(path, text)| SourceFile::read(path, text.into_bytes()).ok())
            .collect(),
    }
}

/// Returns a view as a record of a data file.
fn record(view: &View, id: &str) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let mut head = format!("<odoo><record id=\"{}\" model=\"ir.ui.view\">", escaped(id));
    match &view.model {
        Some(model) => drop(write!(head, "<field name=\"model\">{}</field>", escaped(model))),
        None => head.push_str("<field name=\"type\">qweb</field>"),
    }
    if let Some(inherit) = &view.inherit {
        let _ = write!(head, "<field name=\"inherit_id\" ref=\"{}\"/>", escaped(inherit));
    }
    if view.primary {
        head.push_str("<field name=\"mode\">primary</field>");
    }
    if !view.active {
        head.push_str("<field name=\"active\" eval=\"False\"/>");
    }
    let arch = view.arch.trim();
    // A declaration is none in the middle of a file.
    let arch = match arch.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, arch)) => arch.trim_start(),
        None => arch,
    };
    format!(
        "{head}<field name=\"priority\" eval=\"{}\"/><field name=\"arch\" type=\"xml\">\n{arch}\n</field></record></odoo>\n",
        view.priority
    )
}
