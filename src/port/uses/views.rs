//! Fields in the archs of views, nested lists and inheriting views among them.

use std::ops::Range;

use roxmltree::{Attribute, Node};

use super::piece::Piece;
use super::strings::{About, expression, path};
use super::{How, Use};
use crate::port::Xml;

/// Where in a view a node stands.
#[derive(Clone)]
pub(super) struct Place {
    /// The model whose fields stand here.
    model: Option<String>,
    /// The model of the view around a nested one.
    parent: Option<String>,
    /// Whether the node may as well stand in a nested view: below a path that does not say.
    loose: bool,
}

impl Place {
    pub(super) fn of(model: &str) -> Place {
        Place {
            model: Some(model.to_owned()),
            parent: None,
            loose: false,
        }
    }

    fn inside(&self, xml: &Xml<'_>, field: &str) -> Place {
        let model = self.model.as_deref().and_then(|model| xml.facts.comodel(model, field));
        Place {
            model: model.map(str::to_owned),
            parent: self.model.clone(),
            loose: false,
        }
    }
}

/// Attributes that hold an expression on the record.
const EXPRESSIONS: [&str; 4] = ["invisible", "readonly", "required", "column_invisible"];

/// Attributes of the root of a view that name fields.
const NAMES: [&str; 9] = [
    "default_order",
    "default_group_by",
    "date_start",
    "date_stop",
    "date_delay",
    "all_day",
    "color",
    "progress",
    "sample_field",
];

/// Takes what a node of a view and those inside it name.
pub(super) fn view(xml: &Xml<'_>, node: Node<'_, '_>, place: &Place, uses: &mut Vec<Use>) {
    if !node.is_element() {
        return;
    }
    if node.has_tag_name("xpath") {
        let inner = xpath(xml, node, place, uses);
        return below(xml, node, &inner, uses);
    }
    let name = node.attribute_node("name");
    if node.has_tag_name("field") || node.has_tag_name("groupby") {
        let Some(name) = name else { return };
        let anchor = node.has_attribute("position");
        let how = if anchor || place.loose { How::Anchor } else { How::View };
        uses.push(Use::new(place.model.as_deref(), name.value(), name.range_value(), how));
        attributes(xml, node, place, Some(name.value()), uses);
        if anchor {
            // What is beside a field may stand in a nested view, as the field itself.
            let beside = Place {
                loose: true,
                ..place.clone()
            };
            return below(xml, node, &beside, uses);
        }
        return below(xml, node, &place.inside(xml, name.value()), uses);
    }
    if let Some(label) = node.attribute_node("for").filter(|_| node.has_tag_name("label")) {
        let how = if place.loose { How::Anchor } else { How::View };
        uses.push(Use::new(
            place.model.as_deref(),
            label.value(),
            label.range_value(),
            how,
        ));
    }
    attributes(xml, node, place, None, uses);
    below(xml, node, place, uses);
}

fn below(xml: &Xml<'_>, node: Node<'_, '_>, place: &Place, uses: &mut Vec<Use>) {
    for child in node.children() {
        if child.has_tag_name("attribute") {
            attribute_node(xml, child, place, uses);
        } else {
            view(xml, child, place, uses);
        }
    }
}

/// Takes `<attribute name="invisible">…</attribute>`.
fn attribute_node(xml: &Xml<'_>, node: Node<'_, '_>, place: &Place, uses: &mut Vec<Use>) {
    let name = node.attribute("name").unwrap_or_default();
    let is_text =
        EXPRESSIONS.contains(&name) || matches!(name, "domain" | "context") || name.starts_with("decoration-");
    if !is_text {
        return;
    }
    let text = node.first_child().filter(Node::is_text).map(|text| text.range());
    if let Some(piece) = text.and_then(|text| Piece::escaped(&xml.text[text.clone()], text.start)) {
        let about = About {
            domain: None,
            names: place.model.as_deref(),
            parent: place.parent.as_deref(),
            record: true,
        };
        expression_at(xml, &piece, about, place, uses);
    }
}

/// Looks through an expression; names in one that may stand in a nested view are as uncertain as its place.
fn expression_at(xml: &Xml<'_>, piece: &Piece, about: About<'_>, place: &Place, uses: &mut Vec<Use>) {
    let from = uses.len();
    expression(xml.facts, piece, about, uses);
    for it in uses[from..].iter_mut().filter(|it| place.loose && it.how == How::Name) {
        it.how = How::Anchor;
    }
}

/// Takes the expressions in the attributes of an element; `field` when it is one.
fn attributes(xml: &Xml<'_>, node: Node<'_, '_>, place: &Place, field: Option<&str>, uses: &mut Vec<Use>) {
    let model = place.model.as_deref();
    let is_filter = node.has_tag_name("filter");
    for attribute in node.attributes() {
        let name = attribute.name();
        if EXPRESSIONS.contains(&name) || name.starts_with("decoration-") || matches!(name, "domain" | "context") {
            let domain = match field {
                Some(field) => model.and_then(|model| xml.facts.comodel(model, field)),
                None => model.filter(|_| is_filter),
            };
            let about = About {
                domain,
                names: model,
                parent: place.parent.as_deref(),
                record: !is_filter,
            };
            if let Some(piece) = text(xml, attribute) {
                expression_at(xml, &piece, about, place, uses);
            }
        } else if NAMES.contains(&name) && field.is_none() {
            let start = attribute.range_value().start;
            let within = |it: Range<usize>| start + it.start..start + it.end;
            path(xml.facts, model, attribute.value(), within, How::Path, uses);
        } else if name.starts_with("t-") {
            cards(xml, attribute, model, uses);
        }
    }
}

fn text(xml: &Xml<'_>, attribute: Attribute<'_, '_>) -> Option<Piece> {
    let range = attribute.range_value();
    Piece::escaped(&xml.text[range.clone()], range.start)
}

/// Takes `record.field.value` of a kanban card.
fn cards(xml: &Xml<'_>, attribute: Attribute<'_, '_>, model: Option<&str>, uses: &mut Vec<Use>) {
    let range = attribute.range_value();
    let raw = &xml.text[range.clone()];
    let mut at = 0;
    while let Some(found) = raw[at..].find("record.") {
        let start = at + found + "record.".len();
        let len = raw[start..]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(raw.len() - start);
        let name = &raw[start..start + len];
        at = start + len;
        let place = range.start + start..range.start + at;
        uses.push(Use::new(model, name, place, How::Name));
    }
}

/// Takes the fields that a path names, and returns where what is inside the `<xpath>` ends up.
fn xpath(xml: &Xml<'_>, node: Node<'_, '_>, place: &Place, uses: &mut Vec<Use>) -> Place {
    let mut place = Place {
        loose: true,
        ..place.clone()
    };
    let Some(attribute) = node.attribute_node("expr") else {
        return place;
    };
    let range = attribute.range_value();
    let raw = &xml.text[range.clone()];
    let steps = fields_of(raw);
    for (number, (name, at, end)) in steps.iter().enumerate() {
        let from = range.start + at;
        let how = if place.loose { How::Anchor } else { How::View };
        uses.push(Use::new(place.model.as_deref(), name, from..from + name.len(), how));
        let is_last = number + 1 == steps.len();
        let beyond = raw[*end..].trim_start_matches(']').contains('/');
        let inside = matches!(node.attribute("position"), None | Some("inside"));
        if !is_last || beyond || inside {
            let next = place.inside(xml, name);
            // A field that leads nowhere we know: nothing is known of what is inside it.
            place = next;
        }
    }
    place
}

/// Returns the names in `field[@name='…']` with their place and the end of the step.
fn fields_of(path: &str) -> Vec<(&str, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) = path[at..].find("field[@name=") {
        let open = at + step + "field[@name=".len();
        let rest = &path[open..];
        let quote = ["&quot;", "&apos;", "'", "\""]
            .into_iter()
            .find(|quote| rest.starts_with(quote));
        let Some(quote) = quote else { break };
        let start = open + quote.len();
        let Some(len) = path[start..].find(quote) else { break };
        found.push((&path[start..start + len], start, start + len + quote.len()));
        at = start + len + quote.len();
    }
    found
}
