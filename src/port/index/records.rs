//! What data files bring: XML ids, views, templates.

use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};

use super::super::facts::Facts;
use super::super::table::Table;
use super::{Addon, Field, ModelPart, Template, View};

/// Parses an XML file.
pub(crate) fn parse(text: &str) -> Option<Document<'_>> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).ok()
}

/// Returns an XML id with its addon.
pub(crate) fn full(module: &str, id: &str) -> String {
    if id.contains('.') {
        id.to_owned()
    } else {
        format!("{module}.{id}")
    }
}

/// Returns the field of a record.
pub(crate) fn field<'a, 'i>(record: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    record
        .children()
        .find(|node| node.has_tag_name("field") && node.attribute("name") == Some(name))
}

fn value<'a>(record: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let field = field(record, name)?;
    field.attribute("eval").or_else(|| field.text()).map(str::trim)
}

/// Reads an XML file of an addon.
pub(crate) fn xml(addon: &mut Addon, module: &str, path: &str, text: &str) {
    let Some(doc) = parse(text) else { return };
    if path.starts_with("static/") {
        templates(addon, path, text, &doc);
        return;
    }
    for node in doc.descendants().filter(Node::is_element) {
        let id = node.attribute("id");
        match (node.tag_name().name(), id) {
            ("record", Some(id)) => {
                let model = node.attribute("model").unwrap_or_default();
                addon.ids.insert(full(module, id), model.to_owned());
                if model == "ir.ui.view" {
                    addon.views.extend(view(node, module, path, text, id));
                } else if model == "ir.model.fields" {
                    addon.models.extend(custom(node));
                }
            }
            ("template", id) => {
                if let Some(id) = id.or_else(|| node.attribute("t-name")) {
                    addon.ids.insert(full(module, id), "ir.ui.view".to_owned());
                    addon.views.push(template(node, module, path, text, id));
                }
            }
            ("menuitem", Some(id)) => {
                addon.ids.insert(full(module, id), "ir.ui.menu".to_owned());
            }
            ("report", Some(id)) => {
                addon.ids.insert(full(module, id), "ir.actions.report".to_owned());
            }
            ("act_window", Some(id)) => {
                addon.ids.insert(full(module, id), "ir.actions.act_window".to_owned());
            }
            ("asset", Some(id)) => {
                addon.ids.insert(full(module, id), "ir.asset".to_owned());
            }
            _ => {}
        }
    }
}

/// Reads the record of a view that brings an arch.
fn view(record: Node<'_, '_>, module: &str, path: &str, text: &str, id: &str) -> Option<View> {
    let arch = field(record, "arch")?;
    let root = arch.children().find(Node::is_element)?;
    // All of the field: an arch may have several roots.
    let Range { start, end } = arch.range();
    let inherit = field(record, "inherit_id").and_then(|it| it.attribute("ref"));
    let template = value(record, "type") == Some("qweb") && inherit.is_none() && root.has_tag_name("template");
    Some(View {
        id: full(module, id),
        model: value(record, "model").map(|model| model.trim_matches(['\'', '"']).to_owned()),
        inherit: inherit.map(|id| full(module, id.trim())),
        primary: value(record, "mode").is_some_and(|mode| mode.trim_matches(['\'', '"']) == "primary"),
        priority: value(record, "priority").and_then(|it| it.parse().ok()).unwrap_or(16),
        active: !matches!(value(record, "active"), Some("False" | "0")),
        template,
        path: path.to_owned(),
        at: start,
        arch: text[start..end].to_owned(),
    })
}

/// Returns XML ids that code makes: texts like `'stock.picking_type_in'` where something is done with XML ids.
pub(crate) fn made(text: &str) -> Vec<&str> {
    if !["xmlid", "xml_id", "ir.model.data"]
        .iter()
        .any(|word| text.contains(word))
    {
        return Vec::new();
    }
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for start in memchr::memchr2_iter(b'\'', b'"', bytes) {
        let rest = &text[start + 1..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')
            .unwrap_or(rest.len());
        let id = &rest[..end];
        if rest.as_bytes().get(end) == Some(&bytes[start]) && id.matches('.').count() == 1 && !id.ends_with('.') {
            found.push(id);
        }
    }
    found
}

fn template(node: Node<'_, '_>, module: &str, path: &str, text: &str, id: &str) -> View {
    let Range { start, end } = node.range();
    View {
        id: full(module, id),
        model: None,
        inherit: node.attribute("inherit_id").map(|id| full(module, id.trim())),
        primary: node.attribute("primary") == Some("True"),
        priority: node.attribute("priority").and_then(|it| it.parse().ok()).unwrap_or(16),
        active: node.attribute("active") != Some("False"),
        template: true,
        path: path.to_owned(),
        at: start,
        arch: text[start..end].to_owned(),
    }
}

/// Reads a field that is made by data.
fn custom(record: Node<'_, '_>) -> Option<ModelPart> {
    let name = value(record, "name")?;
    let model = match field(record, "model_id").and_then(|it| it.attribute("ref")) {
        Some(id) => {
            let id = id.rsplit('.').next().unwrap_or(id);
            id.strip_prefix("model_")?.replace('_', ".")
        }
        None => value(record, "model")?.to_owned(),
    };
    let made = Field {
        to: value(record, "relation").map(str::to_owned),
        ..Field::default()
    };
    Some(ModelPart {
        name: model,
        fields: [(name.to_owned(), made)].into(),
        ..ModelPart::default()
    })
}

/// Reads the templates of the web client.
fn templates(addon: &mut Addon, path: &str, text: &str, doc: &Document<'_>) {
    for node in doc.descendants().filter(Node::is_element) {
        let inherit = node.attribute("t-inherit");
        let name = node.attribute("t-name");
        if name.is_none() && inherit.is_none() {
            continue;
        }
        let Range { start, end } = node.range();
        addon.templates.push(Template {
            name: name.map(str::to_owned),
            inherit: inherit.map(str::to_owned),
            primary: node.attribute("t-inherit-mode") != Some("extension"),
            path: path.to_owned(),
            at: start,
            text: text[start..end].to_owned(),
        });
    }
}

/// Reads a CSV file of an addon.
pub(crate) fn csv(addon: &mut Addon, module: &str, path: &str, text: &str) {
    let facts = Facts::default();
    let Ok(table) = Table::parse(path, module, text, &facts) else {
        return;
    };
    let Some(id) = table.column("id") else { return };
    for row in table.records() {
        if let Some(cell) = row.get(id)
            && !cell.value.is_empty()
        {
            addon
                .ids
                .insert(full(module, &cell.value), table.model().replace('_', "."));
        }
    }
}
