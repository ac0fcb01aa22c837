//! 15.1, 15.2: scripts, styles and templates are named in the manifest.

use std::collections::BTreeMap;

use roxmltree::Node;
use ruff_python_ast::Expr;

use crate::port::python::Tree;
use crate::port::rules::{Deeds, Whole};
use crate::port::{Edit, Found, Kind, Level, Manifest, Python, SourceFile, Xml, range};

/// Files by bundle, bundles in the order they are met.
#[derive(Default)]
struct Bundles(Vec<(String, Vec<String>)>);

impl Bundles {
    fn add(&mut self, bundle: &str, path: String) {
        match self.0.iter_mut().find(|(known, _)| known == bundle) {
            Some((_, paths)) => paths.push(path),
            None => self.0.push((bundle.to_owned(), vec![path])),
        }
    }
}

/// `qweb` of the manifest becomes a bundle.
pub(super) fn qweb(manifest: &Manifest<'_>, found: &mut Found) {
    let Some(Expr::List(list)) = manifest.value("qweb") else {
        return;
    };
    let mut bundles = Bundles::default();
    for element in &list.elts {
        let Some(path) = Python::string(element) else {
            return found.say(
                range(element).start,
                Level::Error,
                "the key qweb is ignored in 15.0, and this is no plain path",
                "assets: {\"web.assets_qweb\": […]}",
            );
        };
        let full = format!("{}/{}", manifest.python.module, path.trim_start_matches('/'));
        let full = if path.starts_with(&format!("{}/", manifest.python.module)) {
            path.to_owned()
        } else {
            full
        };
        bundles.add("web.assets_qweb", full);
    }
    let Some(item) = manifest.item_with_line("qweb") else {
        return;
    };
    let mut edits = vec![Edit::remove(item.clone())];
    if bundles.0.is_empty() {
        return found.change(edits);
    }
    edits.extend(added(manifest, &bundles, Some(item.start)));
    found.change(edits);
}

/// The edit that puts files into bundles; a new `assets` stands at `place`, else at the end.
fn added(manifest: &Manifest<'_>, bundles: &Bundles, place: Option<usize>) -> Option<Edit> {
    let python = &manifest.python;
    let newline = python.newline();
    let first = manifest.dict.items.first()?.key.as_ref()?;
    let quote = python.at(first).chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let line = python.line_start(range(first).start);
    let indent = &python.text[line..range(first).start];
    let indent = if indent.trim().is_empty() { indent } else { "    " };
    let written = |(bundle, paths): &(String, Vec<String>), outer: &str| {
        let mut text = format!("{outer}{quote}{bundle}{quote}: [{newline}");
        for path in paths {
            text.push_str(
                &[
                    outer,
                    "    ",
                    &quote.to_string(),
                    path,
                    &quote.to_string(),
                    ",",
                    newline,
                ]
                .concat(),
            );
        }
        text + outer + "]," + newline
    };
    let Some(value) = manifest.value("assets") else {
        let inner = format!("{indent}    ");
        let lists: String = bundles.0.iter().flat_map(|it| [written(it, &inner)]).collect();
        let text = format!("{indent}{quote}assets{quote}: {{{newline}{lists}{indent}}},{newline}");
        if let Some(place) = place.filter(|place| python.line_start(*place) == *place) {
            return Some(Edit::insert(place, text));
        }
        let last = range(&manifest.dict.items.last()?.value).end;
        let comma = python.text[last..].starts_with(',');
        let at = if comma { last + 1 } else { last };
        let text = format!("{}{newline}{}", if comma { "" } else { "," }, text.trim_end());
        return Some(Edit::insert(at, text));
    };
    let Expr::Dict(assets) = value else { return None };
    let known =
        |name: &str| (assets.items.iter()).find(|item| item.key.as_ref().and_then(Python::string) == Some(name));
    let [only] = bundles.0.as_slice() else {
        // Several bundles: each that is new comes at the end; those that are there are left to a person.
        let fresh: String = (bundles.0.iter())
            .filter(|(bundle, _)| known(bundle).is_none())
            .flat_map(|it| [written(it, &format!("{indent}    "))])
            .collect();
        return (bundles.0.iter().all(|(bundle, _)| known(bundle).is_none())).then(|| at_end(python, assets, &fresh));
    };
    match known(&only.0).map(|item| &item.value) {
        Some(Expr::List(there)) => {
            let last = there.elts.last()?;
            let line = &python.text[python.line_start(range(last).start)..range(last).start];
            let between = if line.trim().is_empty() {
                format!(",{newline}{line}")
            } else {
                ", ".to_owned()
            };
            let (mut text, quoted) = (String::new(), quote.to_string());
            for path in &only.1 {
                text.push_str(&[between.as_str(), &quoted, path, &quoted].concat());
            }
            Some(Edit::insert(range(last).end, text))
        }
        Some(_) => None,
        None => Some(at_end(python, assets, &written(only, &format!("{indent}    ")))),
    }
}

/// After the last bundle of `assets`.
fn at_end(python: &Python<'_>, assets: &ruff_python_ast::ExprDict, text: &str) -> Edit {
    let Some(last) = assets.items.last() else {
        return Edit::insert(range(assets).start + 1, format!("{}{text}    ", python.newline()));
    };
    let end = range(&last.value).end;
    let comma = python.text[end..].starts_with(',');
    let with = format!(
        "{}{}{}",
        if comma { "" } else { "," },
        python.newline(),
        text.trim_end()
    );
    Edit::insert(if comma { end + 1 } else { end }, with)
}

/// Templates that inherit a bundle become entries of the manifest.
pub(super) fn templates(whole: &Whole<'_>, deeds: &mut Deeds) {
    let Some(manifest_file) = whole.files.iter().find(|file| file.kind() == Kind::Manifest) else {
        return;
    };
    let mut bundles = Bundles::default();
    let mut cut: BTreeMap<&str, (Found, bool)> = BTreeMap::new();
    for file in whole.files.iter().filter(|file| is_candidate(file)) {
        let Ok(xml) = Xml::parse(&file.path, whole.name, &file.text, whole.facts) else {
            continue;
        };
        let mut found = Found::default();
        let (mut edits, mut kept) = (Vec::new(), 0);
        for node in xml.doc.root_element().descendants().filter(|node| is_record(*node)) {
            let inherited = node.attribute("inherit_id").unwrap_or_default();
            if !node.has_tag_name("template") || !is_bundle(inherited) {
                kept += 1;
                continue;
            }
            match entries(node) {
                Ok(paths) => {
                    for path in paths {
                        bundles.add(&bundle(inherited), path);
                    }
                    edits.push(Edit::remove(xml.with_lines(node.range())));
                }
                Err(why) => {
                    kept += 1;
                    found.say(
                        node.range().start,
                        Level::Error,
                        format!("the bundle {inherited} is no template in 15.0, and {why}"),
                        "name the files in `assets` of the manifest",
                    );
                }
            }
        }
        let emptied = kept == 0 && !edits.is_empty();
        found.change(edits);
        cut.insert(&file.path, (found, emptied));
    }
    let Ok(tree) = Tree::parse(&manifest_file.text) else {
        return;
    };
    let Some(manifest) = Manifest::new(&manifest_file.path, whole.name, &manifest_file.text, &tree, whole.facts) else {
        return;
    };
    let mut found = Found::default();
    let place = (!bundles.0.is_empty()).then(|| added(&manifest, &bundles, None));
    if let Some(None) = place {
        found.say(
            0,
            Level::Error,
            "bundles are no templates in 15.0, and `assets` of this manifest has them already",
            "name the files there",
        );
    }
    let goes = !matches!(place, Some(None));
    let mut edits: Vec<Edit> = place.flatten().into_iter().collect();
    for (path, (mut told, emptied)) in cut {
        if !goes {
            told.changes.clear();
        } else if emptied {
            deeds.removed.push(path.to_owned());
            edits.extend(without(&manifest, path));
            continue;
        }
        deeds.found.push((path.to_owned(), told));
    }
    found.change(edits);
    deeds.found.push((manifest_file.path.clone(), found));
}

fn is_candidate(file: &SourceFile) -> bool {
    file.kind() == Kind::Xml
        && !file.path.starts_with("static/")
        && file.text.contains("inherit_id=")
        && file.text.contains("assets")
}

/// Something the loader reads: neither a wrapper nor a part of a record.
fn is_record(node: Node<'_, '_>) -> bool {
    let wrapper = |node: Node<'_, '_>| matches!(node.tag_name().name(), "odoo" | "openerp" | "data");
    node.is_element() && !wrapper(node) && node.parent_element().is_some_and(wrapper)
}

fn is_bundle(id: &str) -> bool {
    let name = id.rsplit('.').next().unwrap_or_default();
    id.contains('.')
        && (name.starts_with("assets") || name.ends_with("assets") || name.contains("_assets") || name == "qunit_suite")
}

/// Bundles are named by the module `web`, whoever inherited them.
fn bundle(id: &str) -> String {
    match id {
        "website.assets_frontend" | "web_editor.assets_frontend" => "web.assets_frontend".to_owned(),
        "web.qunit_suite" => "web.qunit_suite_tests".to_owned(),
        other => other.to_owned(),
    }
}

/// The files that a template adds to a bundle.
fn entries(template: Node<'_, '_>) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    for child in template.children().filter(Node::is_element) {
        let adds =
            child.has_tag_name("xpath") && matches!(child.attribute("position"), Some("inside" | "after") | None);
        if !adds {
            return Err(format!("<{}> does more than add files", child.tag_name().name()));
        }
        for asset in child.children().filter(Node::is_element) {
            let path = match asset.tag_name().name() {
                "script" => asset.attribute("src"),
                "link" => asset.attribute("href"),
                _ => None,
            };
            let Some(path) = path.filter(|path| path.starts_with('/') && !path.starts_with("//")) else {
                return Err(format!("a <{}> names no file", asset.tag_name().name()));
            };
            if asset.has_attribute("t-if") || asset.has_attribute("groups") {
                return Err("a file is added on a condition".to_owned());
            }
            paths.push(path.trim_start_matches('/').to_owned());
        }
    }
    Ok(paths)
}

/// The edit that takes a file out of `data`.
fn without(manifest: &Manifest<'_>, path: &str) -> Option<Edit> {
    let python = &manifest.python;
    let literal = manifest
        .literals("data")
        .into_iter()
        .find(|it| it.value.to_str() == path)?;
    let place = range(literal);
    let mut end = place.end;
    if python.text[end..].starts_with(',') {
        end += 1;
    }
    let line = python.line_start(place.start);
    let rest = python.line_end(end);
    if python.text[line..place.start].trim().is_empty() && python.text[end..rest].trim().is_empty() {
        return Some(Edit::remove(line..rest));
    }
    let blanks = python.text[end..].len() - python.text[end..].trim_start_matches(' ').len();
    Some(Edit::remove(place.start..end + blanks))
}
