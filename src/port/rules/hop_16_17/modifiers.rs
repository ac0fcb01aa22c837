//! 17.1, 17.2: `attrs` and `states` become attributes that hold Python expressions.

use std::collections::BTreeMap;

use roxmltree::{Attribute, Node};
use ruff_python_ast::Expr;
use ruff_python_parser::parse_expression;

use crate::port::rules::markup::{self, in_list};
use crate::port::{Edit, Found, Level, Python, Xml};

use super::domain;

/// What `attrs` may hold, in the order it is written out.
const NAMES: [&str; 4] = ["invisible", "column_invisible", "readonly", "required"];

/// Modifiers by name; nothing means never.
type Modifiers = BTreeMap<&'static str, Option<String>>;

pub(super) fn attrs(xml: &Xml<'_>, found: &mut Found) {
    for arch in xml.archs() {
        for node in arch.descendants().filter(Node::is_element) {
            if node.has_tag_name("attribute") {
                match node.attribute("name") {
                    Some("attrs") => inherited_attrs(xml, node, found),
                    Some("invisible") => inherited_column(node, found),
                    _ => {}
                }
            } else if let Some(attribute) = node.attribute_node("attrs") {
                own_attrs(xml, node, attribute, found);
            } else {
                own_column(node, found);
            }
        }
    }
}

pub(super) fn states(xml: &Xml<'_>, found: &mut Found) {
    for arch in xml.archs() {
        for node in arch.descendants().filter(Node::is_element) {
            if node.has_tag_name("attribute") && node.attribute("name") == Some("states") {
                inherited_states(node, found);
            } else if let Some(attribute) = node.attribute_node("states") {
                own_states(xml, node, attribute, found);
            }
        }
    }
}

/// Says where views are written in Python: nothing is rewritten there.
pub(super) fn in_python(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        let text = literal.value.to_str();
        if text.contains('<') && (text.contains(" attrs=") || text.contains(" states=")) {
            found.say(
                literal.range.start().to_usize(),
                Level::Warning,
                "a view in this text uses `attrs` or `states`, which 17.0 refuses",
                "write each modifier as an attribute with a Python expression: invisible=\"state != 'draft'\"",
            );
        }
    }
    for call in &python.nodes.calls {
        let about = call.arguments.args.first().and_then(Python::string);
        if matches!(Python::called(call), Some("set" | "get")) && matches!(about, Some("attrs" | "modifiers")) {
            found.say(
                call.range.start().to_usize(),
                Level::Warning,
                "this code reads or writes `attrs` or `modifiers` of a view's node; 17.0 has neither",
                "set the attributes invisible, readonly, required or column_invisible to a Python expression",
            );
        }
    }
}

/// Reads the dictionary of `attrs`.
fn read(text: &str) -> Result<Modifiers, String> {
    let (text, places) = without_places(text.trim());
    let parsed = parse_expression(&text).map_err(|error| error.error.to_string())?;
    let Expr::Dict(dict) = parsed.expr() else {
        return Err("it is no dictionary".to_owned());
    };
    let mut modifiers = Modifiers::new();
    for item in &dict.items {
        let key = item.key.as_ref().and_then(Python::string).unwrap_or("**");
        let Some(name) = NAMES.into_iter().find(|name| *name == key) else {
            return Err(format!("`{key}` is no modifier of 17.0"));
        };
        let expression = domain::expression(&item.value, &text)?;
        modifiers.insert(name, expression.map(|text| with_places(text, &places)));
    }
    Ok(modifiers)
}

/// Puts names in the place of `%(module.record)d`, which is filled in when the view is loaded.
fn without_places(text: &str) -> (String, Vec<String>) {
    let (mut out, mut places) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find("%(") {
        let Some(len) = rest[at..].find(")d").map(|len| len + 2) else {
            break;
        };
        out.push_str(&rest[..at]);
        out.push_str(&place(places.len()));
        places.push(rest[at..at + len].to_owned());
        rest = &rest[at + len..];
    }
    out.push_str(rest);
    (out, places)
}

fn with_places(mut text: String, places: &[String]) -> String {
    for (number, written) in places.iter().enumerate().rev() {
        text = text.replace(&place(number), written);
    }
    text
}

fn place(number: usize) -> String {
    format!("xmlid_{number}_")
}

fn refuse(found: &mut Found, at: usize, why: &str) {
    found.say(
        at,
        Level::Error,
        format!("these attrs were left as they are: {why}"),
        "write each modifier as an attribute with a Python expression; 17.0 refuses the view until then",
    );
}

/// What an attribute says for good: `1`, `False`.
fn fixed(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "" | "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

fn own_attrs(xml: &Xml<'_>, node: Node<'_, '_>, attribute: Attribute<'_, '_>, found: &mut Found) {
    let at = attribute.range().start;
    let mut modifiers = match read(attribute.value()) {
        Ok(modifiers) => modifiers,
        Err(why) => return refuse(found, at, &why),
    };
    let mut edits = Vec::new();
    for name in ["invisible", "readonly", "required"] {
        let Some(other) = node.attribute_node(name) else {
            continue;
        };
        // In a list, `invisible` beside `attrs` was about the column.
        if name == "invisible" && in_list(node) {
            edits.extend(column(other));
            continue;
        }
        let Some(mine) = modifiers.get(name) else { continue };
        match (fixed(other.value()), mine) {
            (Some(true), _) | (_, None) => {
                modifiers.remove(name);
            }
            (Some(false), Some(_)) => edits.push(Edit::remove(xml.attribute_with_blank(other))),
            (None, Some(mine)) => {
                let both = format!("({}) or ({mine})", other.value());
                edits.push(Edit::replace(
                    other.range_value(),
                    markup::escape(&both, quote(xml, other)),
                ));
                modifiers.remove(name);
            }
        }
    }
    if in_list(node)
        && modifiers
            .get("invisible")
            .is_some_and(|it| it.as_deref() == Some("True"))
    {
        modifiers.remove("invisible");
        modifiers.insert("column_invisible", Some("True".to_owned()));
    }
    let delimiter = quote(xml, attribute);
    let written: Vec<String> = (NAMES.iter())
        .filter_map(|name| {
            let expression = modifiers.get(name)?.as_deref()?;
            Some(format!(
                "{name}={delimiter}{}{delimiter}",
                markup::escape(expression, delimiter)
            ))
        })
        .collect();
    if written.is_empty() {
        edits.push(Edit::remove(xml.attribute_with_blank(attribute)));
    } else {
        edits.push(Edit::replace(
            attribute.range(),
            written.join(&markup::between(xml, at)),
        ));
    }
    found.change(edits);
}

fn quote(xml: &Xml<'_>, attribute: Attribute<'_, '_>) -> char {
    if xml.text[..attribute.range().end].ends_with('\'') {
        '\''
    } else {
        '"'
    }
}

/// `invisible` of a column, which 17.0 calls `column_invisible`; its own `invisible` empties cells.
fn column(attribute: Attribute<'_, '_>) -> Option<Edit> {
    (fixed(attribute.value()) != Some(false)).then(|| Edit::replace(attribute.range_qname(), "column_invisible"))
}

fn own_column(node: Node<'_, '_>, found: &mut Found) {
    if (node.has_tag_name("field") || node.has_tag_name("button"))
        && in_list(node)
        && node.attribute("column_invisible").is_none()
        && let Some(attribute) = node.attribute_node("invisible")
    {
        // An expression over the record was never possible here before 17.0: it is one already.
        let settled = fixed(attribute.value()).is_some() || attribute.value().contains("context");
        if settled {
            found.change(column(attribute).into_iter().collect());
        }
    }
}

fn inherited_column(node: Node<'_, '_>, found: &mut Found) {
    let value = node.text().unwrap_or_default();
    let settled = fixed(value) == Some(true) || value.contains("context");
    if settled && in_list(node) && !siblings(node, "column_invisible") {
        let name = node.attribute_node("name").map(|name| name.range_value());
        found.change(
            name.map(|name| Edit::replace(name, "column_invisible"))
                .into_iter()
                .collect(),
        );
    }
}

fn siblings(node: Node<'_, '_>, name: &str) -> bool {
    sibling(node, name).is_some()
}

/// Another `<attribute>` for the same element.
fn sibling<'d, 'a>(node: Node<'d, 'a>, name: &str) -> Option<Node<'d, 'a>> {
    node.parent()?
        .children()
        .find(|other| other.has_tag_name("attribute") && other.attribute("name") == Some(name))
}

fn inherited_attrs(xml: &Xml<'_>, node: Node<'_, '_>, found: &mut Found) {
    let at = node.range().start;
    if node.attribute("add").is_some() || node.attribute("remove").is_some() {
        return refuse(found, at, "a part of a dictionary is added or removed");
    }
    let text = node.text().unwrap_or_default();
    if node.children().any(|child| !child.is_text()) {
        return refuse(found, at, "there is more than text in them");
    }
    let modifiers = match read(text) {
        Ok(modifiers) => modifiers,
        Err(_) if text.trim().is_empty() => Modifiers::new(),
        Err(why) => return refuse(found, at, &why),
    };
    if modifiers.is_empty() {
        found.say(
            at,
            Level::Warning,
            "attrs are emptied here; in 17.0 each modifier is an attribute of its own",
            "empty the one that is meant: <attribute name=\"invisible\"/>",
        );
        return;
    }
    let mut edits = Vec::new();
    let mut written = Vec::new();
    for name in NAMES {
        let Some(expression) = modifiers.get(name) else {
            continue;
        };
        if let Some(other) = sibling(node, name).filter(|_| !(name == "invisible" && in_list(node))) {
            match fixed(other.text().unwrap_or_default()) {
                Some(true) => continue,
                Some(false) => edits.push(Edit::remove(xml.with_lines(other.range()))),
                None => return refuse(found, at, &format!("`{name}` is set twice")),
            }
        }
        let expression = expression.as_deref().unwrap_or("False");
        written.push(format!(
            "<attribute name=\"{name}\">{}</attribute>",
            markup::escape(expression, '<')
        ));
    }
    if written.is_empty() {
        edits.push(Edit::remove(xml.with_lines(node.range())));
    } else {
        let between = format!("{}{}", xml.newline(), xml.indent(at));
        edits.push(Edit::replace(node.range(), written.join(&between)));
    }
    found.change(edits);
}

/// `draft,sent` as an expression that holds in every other state.
fn elsewhere(states: &str) -> Option<String> {
    let states: Vec<&str> = states
        .split(',')
        .map(str::trim)
        .filter(|state| !state.is_empty())
        .collect();
    match states.as_slice() {
        [] => None,
        [only] => Some(format!("state != '{only}'")),
        several => Some(format!("state not in ['{}']", several.join("', '"))),
    }
}

fn own_states(xml: &Xml<'_>, node: Node<'_, '_>, attribute: Attribute<'_, '_>, found: &mut Found) {
    let gone = || vec![Edit::remove(xml.attribute_with_blank(attribute))];
    let Some(expression) = elsewhere(attribute.value()) else {
        return found.change(gone());
    };
    let delimiter = quote(xml, attribute);
    let Some(other) = node.attribute_node("invisible") else {
        let written = markup::escape(&expression, delimiter);
        return found.replace(attribute.range(), format!("invisible={delimiter}{written}{delimiter}"));
    };
    match fixed(other.value()) {
        Some(true) => found.change(gone()),
        Some(false) => {
            let mut edits = gone();
            edits.push(Edit::replace(
                other.range_value(),
                markup::escape(&expression, quote(xml, other)),
            ));
            found.change(edits);
        }
        None => {
            let mut edits = gone();
            let both = if other.value().contains("context") {
                format!("({}) or {expression}", other.value())
            } else {
                found.say(
                    other.range().start,
                    Level::Note,
                    "attrs and states met here: 16.0 hid the element only when both said so, and so does this",
                    "write `or` if either alone should hide it",
                );
                format!("({}) and {expression}", other.value())
            };
            edits.push(Edit::replace(
                other.range_value(),
                markup::escape(&both, quote(xml, other)),
            ));
            found.change(edits);
        }
    }
}

fn inherited_states(node: Node<'_, '_>, found: &mut Found) {
    let at = node.range().start;
    let odd = node.attribute("add").is_some() || node.attribute("remove").is_some() || siblings(node, "invisible");
    match elsewhere(node.text().unwrap_or_default()) {
        Some(expression) if !odd => {
            let written = markup::escape(&expression, '<');
            found.replace(
                node.range(),
                format!("<attribute name=\"invisible\">{written}</attribute>"),
            );
        }
        _ => found.say(
            at,
            Level::Warning,
            "states are changed here; 17.0 knows only `invisible`, with all conditions in one expression",
            "set `invisible` to the whole expression",
        ),
    }
}
