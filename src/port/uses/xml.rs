//! Fields in records, actions, rules and templates.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::piece::Piece;
use super::strings::{About, expression, path};
use super::views::{Place, view};
use super::{How, Use};
use crate::port::Xml;

/// Returns the fields that a file names, in the order of their places.
pub fn of_xml(xml: &Xml<'_>) -> Vec<Use> {
    let mut uses = Vec::new();
    for record in xml.elements("record") {
        let Some(model) = record.attribute("model") else {
            continue;
        };
        for field in record.children().filter(|node| node.has_tag_name("field")) {
            let Some(name) = field.attribute_node("name") else {
                continue;
            };
            let mut it = Use::new(Some(model), name.value(), name.range_value(), How::Key);
            it.truth = field.attribute_node("eval").and_then(|eval| match eval.value() {
                "True" | "1" => Some((eval.range_value(), true)),
                "False" | "0" => Some((eval.range_value(), false)),
                _ => None,
            });
            uses.push(it);
        }
        texts(xml, record, model, &mut uses);
    }
    for arch in xml.archs() {
        if let Some(model) = Xml::view_model(arch) {
            let place = Place::of(model.trim());
            arch.children().for_each(|node| view(xml, node, &place, &mut uses));
        }
    }
    for template in xml.elements("template") {
        let mut names = documents(xml, template);
        qweb(xml, template, &mut names, &mut uses);
    }
    uses.sort_by_key(|it| (it.place.start, it.place.end, it.model.is_none()));
    uses.dedup_by(|b, a| a.place == b.place);
    uses
}

/// Takes the domain and the context of a record that speaks of another model.
fn texts(xml: &Xml<'_>, record: Node<'_, '_>, model: &str, uses: &mut Vec<Use>) {
    let of = |name: &str| Xml::field(record, name);
    let about = match model {
        "ir.actions.act_window" => of("res_model").and_then(|field| field.text()).map(str::trim),
        "ir.filters" => of("model_id").and_then(|field| field.text()).map(str::trim),
        "ir.rule" => {
            let id = of("model_id").and_then(|field| field.attribute("ref"));
            id.and_then(|id| xml.facts.model_of_id(id))
        }
        _ => return,
    };
    for name in ["domain", "context", "domain_force"] {
        if let Some(text) = of(name).and_then(|field| field.first_child()).filter(Node::is_text)
            && let Some(piece) = Piece::escaped(&xml.text[text.range()], text.range().start)
        {
            let about = About {
                domain: about,
                names: None,
                parent: None,
                record: false,
            };
            expression(xml.facts, &piece, about, uses);
        }
    }
}

/// What names in Odoo's own reports stand for, by the module of the template that is changed.
const DOCUMENTS: [(&str, &[(&str, &str)]); 4] = [
    (
        "sale.",
        &[
            ("doc", "sale.order"),
            ("sale_order", "sale.order"),
            ("order", "sale.order"),
            ("line", "sale.order.line"),
        ],
    ),
    (
        "purchase.",
        &[
            ("o", "purchase.order"),
            ("order", "purchase.order"),
            ("line", "purchase.order.line"),
            ("order_line", "purchase.order.line"),
        ],
    ),
    ("account.", &[("o", "account.move"), ("line", "account.move.line")]),
    (
        "stock.",
        &[
            ("o", "stock.picking"),
            ("move", "stock.move"),
            ("move_line", "stock.move.line"),
        ],
    ),
];

/// Returns what the names of a template stand for at its beginning.
fn documents(xml: &Xml<'_>, template: Node<'_, '_>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let base = template.attribute("inherit_id").unwrap_or_default();
    if let Some((_, known)) = DOCUMENTS.iter().find(|(module, _)| base.starts_with(module)) {
        names.extend(
            known
                .iter()
                .map(|(name, model)| ((*name).to_owned(), (*model).to_owned())),
        );
    }
    let own = template.attribute("id").map(|id| xml.full_id(id));
    let report = xml.records("ir.actions.report").find(|report| {
        let name = Xml::field(*report, "report_name").and_then(|field| field.text());
        name.is_some() && name.map(str::trim) == own.as_deref()
    });
    if let Some(model) = report.and_then(|report| Xml::field(report, "model")?.text()) {
        for name in ["docs", "doc", "o", "object"] {
            names.insert(name.to_owned(), model.trim().to_owned());
        }
    }
    names
}

/// Goes through a template in its order; `t-foreach` and `t-set` give names to what they lead to.
fn qweb(xml: &Xml<'_>, node: Node<'_, '_>, names: &mut BTreeMap<String, String>, uses: &mut Vec<Use>) {
    for attribute in node.attributes() {
        let name = attribute.name();
        let is_code = name.starts_with("t-") || (name == "expr" && node.has_tag_name("xpath"));
        if !is_code || matches!(name, "t-as" | "t-set" | "t-call" | "t-name" | "t-lang") {
            continue;
        }
        let start = attribute.range_value().start;
        for (at, word) in words(&xml.text[attribute.range_value()]) {
            let Some((first, rest)) = word.split_once('.') else {
                continue;
            };
            let model = names.get(first).map(String::as_str);
            let from = start + at + first.len() + 1;
            let place = |it: std::ops::Range<usize>| from + it.start..from + it.end;
            path(xml.facts, model, rest, place, How::Read, uses);
        }
    }
    let bound = [("t-as", "t-foreach"), ("t-set", "t-value")];
    for (name, value) in bound {
        if let (Some(name), Some(value)) = (node.attribute(name), node.attribute(value)) {
            let mut steps = value.trim().split('.');
            let first = steps.next().and_then(|first| names.get(first)).map(String::as_str);
            let end = steps.fold(first, |model, step| xml.facts.comodel(model?, step));
            match end.map(str::to_owned) {
                Some(model) => names.insert(name.to_owned(), model),
                None => None,
            };
        }
    }
    for child in node.children().filter(Node::is_element) {
        qweb(xml, child, names, uses);
    }
}

/// Returns dotted names with their place, those in quotes among them: a path may name what it looks for.
fn words(text: &str) -> Vec<(usize, &str)> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let (bytes, mut at, mut found) = (text.as_bytes(), 0, Vec::new());
    while at < bytes.len() {
        if !inside(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && inside(bytes[at]) {
            at += 1;
        }
        let word = text[start..at].trim_end_matches('.');
        if word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            found.push((start, word));
        }
    }
    found
}
