//! 18.1: the view type `tree` is called `list`.

use roxmltree::{Attribute, Node};
use ruff_python_ast::{Expr, ExprStringLiteral};

use crate::port::rules::Script;
use crate::port::{Edit, Found, Python, Xml, range};

/// Fields and keys that hold view types, separated by commas.
const MODES: [&str; 5] = ["view_mode", "binding_view_types", "mode", "view_type", "type"];

pub(super) fn xml(xml: &Xml<'_>, found: &mut Found) {
    for node in xml.doc.descendants().filter(Node::is_element) {
        let arch = Xml::in_arch(node);
        if arch && node.has_tag_name("tree") {
            let (start, end) = xml.tag_names(node);
            let tags = [Some(start), end].into_iter().flatten();
            found.change(tags.map(|tag| Edit::replace(tag, "list")).collect());
        }
        for attribute in node.attributes() {
            match attribute.name() {
                "expr" if node.has_tag_name("xpath") => path(xml, attribute, found),
                "mode" | "view_mode" | "binding_view_types" => {
                    let place = attribute.range_value();
                    modes(&xml.text[place.clone()], place.start, found);
                }
                "eval" => eval(xml, attribute, found),
                _ => {}
            }
            view_ref(xml, attribute.range_value(), found);
        }
        let name = node.attribute("name").unwrap_or_default();
        let holds_modes = node.has_tag_name("field")
            && !arch
            && (matches!(name, "view_mode" | "binding_view_types") || name == "type" && of_view(node));
        let attribute = node.has_tag_name("attribute");
        if (holds_modes || attribute && name == "mode")
            && let Some(text) = node.first_child().filter(Node::is_text)
        {
            let place = text.range();
            modes(&xml.text[place.clone()], place.start, found);
        }
        if (node.has_tag_name("field") || attribute)
            && name == "context"
            && let Some(text) = node.first_child().filter(Node::is_text)
        {
            view_ref(xml, text.range(), found);
        }
    }
}

fn of_view(field: Node<'_, '_>) -> bool {
    field
        .parent()
        .is_some_and(|record| record.attribute("model") == Some("ir.ui.view"))
}

/// `tree` in a list of view types.
fn modes(text: &str, start: usize, found: &mut Found) {
    let mut at = start;
    for part in text.split(',') {
        if part.trim() == "tree" {
            let from = at + part.find("tree").unwrap_or(0);
            found.replace(from..from + 4, "list");
        }
        at += part.len() + 1;
    }
}

fn view_ref(xml: &Xml<'_>, place: std::ops::Range<usize>, found: &mut Found) {
    for (at, _) in xml.text[place.clone()].match_indices("tree_view_ref") {
        found.replace(place.start + at..place.start + at + 4, "list");
    }
}

/// Steps called `tree` of an `XPath`, texts within it left alone.
fn steps(path: &str) -> Vec<usize> {
    let bytes = path.as_bytes();
    let (mut places, mut quote, mut at) = (Vec::new(), None, 0);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (None, b'"' | b'\'') => quote = Some(bytes[at]),
            (Some(open), byte) if open == byte => quote = None,
            (None, b't') if path[at..].starts_with("tree") => {
                let before = at.checked_sub(1).map(|before| bytes[before]);
                let after = bytes.get(at + 4);
                let begins = matches!(before, None | Some(b'/' | b':' | b'(' | b'|' | b'[' | b' '));
                let ends = matches!(after, None | Some(b'/' | b'[' | b']' | b')' | b'|' | b' '));
                if begins && ends {
                    places.push(at);
                }
                at += 3;
            }
            _ => {}
        }
        at += 1;
    }
    places
}

fn path(xml: &Xml<'_>, attribute: Attribute<'_, '_>, found: &mut Found) {
    let place = attribute.range_value();
    let written = xml.text[place.clone()]
        .replace("&quot;", "\"     ")
        .replace("&apos;", "'     ");
    for at in steps(&written) {
        found.replace(place.start + at..place.start + at + 4, "list");
    }
}

/// Python in an attribute: `[(0, 0, {'view_mode': 'tree'})]`.
fn eval(xml: &Xml<'_>, attribute: Attribute<'_, '_>, found: &mut Found) {
    let place = attribute.range_value();
    let text = &xml.text[place.clone()];
    if !text.contains("tree") || text != attribute.value() {
        return;
    }
    for (at, _) in text.match_indices("tree") {
        let before = text[..at]
            .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | '_' | ' ' | '\'' | '"' | ':'));
        let key = text[before.len()..at].trim_start_matches(['\'', '"']);
        let whole = text[at + 4..].starts_with([',', '\'', '"']) && text[..at].ends_with([',', '\'', '"']);
        if whole && (key.starts_with("view_mode") || key.starts_with("binding_view_types")) {
            found.replace(place.start + at..place.start + at + 4, "list");
        }
    }
}

pub(super) fn python(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        let Some(place) = python.inside(literal) else { continue };
        let text = &python.text[place.clone()];
        if !text.contains("tree") {
            continue;
        }
        for (at, _) in text.match_indices("tree_view_ref") {
            found.replace(place.start + at..place.start + at + 4, "list");
        }
        if text.contains("<tree") || text.contains("</tree>") {
            tags(text, place.start, found);
        } else if text == "tree" && is_type(python, literal) || text.split(',').count() > 1 && is_mode(python, literal)
        {
            modes(text, place.start, found);
        } else if text.contains("/tree") && is_path(python, literal) {
            for at in steps(text) {
                found.replace(place.start + at..place.start + at + 4, "list");
            }
        }
    }
}

/// Tags of a view that is written in a text.
fn tags(text: &str, start: usize, found: &mut Found) {
    for mark in ["<tree", "</tree"] {
        for (at, _) in text.match_indices(mark) {
            let after = text[at + mark.len()..].chars().next();
            if after.is_none_or(|c| c.is_whitespace() || matches!(c, '>' | '/' | '\\')) {
                let name = start + at + mark.len() - 4;
                found.replace(name..name + 4, "list");
            }
        }
    }
}

/// What stands before a literal on its line.
fn before<'a>(python: &Python<'a>, literal: &ExprStringLiteral) -> &'a str {
    let at = range(literal).start;
    &python.text[python.line_start(at)..at]
}

/// `'tree,form'` where view types are expected.
fn is_mode(python: &Python<'_>, literal: &ExprStringLiteral) -> bool {
    let before = before(python, literal);
    MODES.iter().any(|name| before.contains(name))
}

/// `'tree'` where it is a type of view: `(False, 'tree')`, `{'view_mode': 'tree'}`, `view_type == 'tree'`, `.tag == 'tree'`.
fn is_type(python: &Python<'_>, literal: &ExprStringLiteral) -> bool {
    let at = range(literal);
    let line = before(python, literal);
    let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let near: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if near.iter().any(|word| {
        matches!(
            *word,
            "view_mode" | "view_type" | "viewtype" | "views" | "tag" | "binding_view_types"
        )
    }) {
        return true;
    }
    // The second of a pair whose first is no text: a view's id and its type.
    let opened = line.trim_end().strip_suffix(',').map(str::trim_end);
    let closes = python.text[at.end..].trim_start().starts_with([')', ']']);
    match opened {
        Some(first) if closes => !first.ends_with(['\'', '"']) && first.contains(['(', '[']),
        _ => line.contains("\"type\"") || line.contains("'type'") && near.len() < 3,
    }
}

/// The path of `arch.xpath("//tree")` and its like.
fn is_path(python: &Python<'_>, literal: &ExprStringLiteral) -> bool {
    python.nodes.calls.iter().any(|call| {
        let first = call.arguments.args.first();
        matches!(
            Python::called(call),
            Some("xpath" | "find" | "findall" | "iterfind" | "hasclass")
        ) && first.is_some_and(|first| matches!(first, Expr::StringLiteral(it) if range(it) == range(literal)))
    })
}

pub(super) fn script(script: &Script<'_>, found: &mut Found) {
    let text = script.text;
    for (at, _) in text.match_indices("tree_view_ref") {
        found.replace(at..at + 4, "list");
    }
    for quoted in ["'tree'", "\"tree\""] {
        for (at, _) in text.match_indices(quoted) {
            let line = &text[text[..at].rfind('\n').map_or(0, |newline| newline + 1)..at];
            let pair =
                line.trim_end().ends_with(',') && text[at + 6..].trim_start().starts_with(']') && line.contains('[');
            if pair || line.contains("view_mode") || line.contains("viewType") || line.contains("view_type") {
                found.replace(at + 1..at + 5, "list");
            }
        }
    }
    for (at, _) in text.match_indices("view_mode") {
        let rest = &text[at..text[at..].find(['\n', '}', ';']).map_or(text.len(), |end| at + end)];
        for quote in ['\'', '"'] {
            let mut parts = rest.splitn(3, quote);
            if let (Some(key), Some(value)) = (parts.next(), parts.next())
                && value.contains(',')
                && key.trim_end().ends_with(':')
            {
                modes(value, at + key.len() + 1, found);
            }
        }
    }
    if text.contains("<tree") {
        tags(text, 0, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_path_are_found_and_texts_in_it_are_not() {
        assert_eq!(steps("//tree"), [2]);
        assert_eq!(steps("//field[@name='tree']/tree[1]/field[@name='/tree/']"), [22]);
        assert_eq!(steps("//subtree/treeview"), [] as [usize; 0]);
        assert_eq!(steps("//field[not(ancestor::tree)]"), [22]);
    }
}
