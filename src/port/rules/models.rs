//! Models that have another name.

use std::ops::Range;

use crate::port::{Found, Python, Table, Xml};

/// Models: the name before, the name now.
pub(super) type Renamed = &'static [(&'static str, &'static str)];

/// Text literals that are the name of a model, or the XML id of its `ir.model` record.
pub(super) fn python(python: &Python<'_>, found: &mut Found, models: Renamed) {
    for literal in &python.nodes.strings {
        let text = literal.value.to_str();
        for (old, new) in models {
            let (id, new_id) = (xml_id(old), xml_id(new));
            if text == *old
                && let Some(inside) = python.inside(literal)
            {
                found.replace(inside, *new);
            } else if let Some(at) = text
                .find(&id)
                .filter(|at| at + id.len() == text.len() && text[..*at].ends_with('.'))
                && let Some(inside) = python.inside(literal)
            {
                found.replace(inside.start + at..inside.end, new_id);
            }
        }
    }
}

/// Attributes and fields of records that name a model; a text for people is none of them.
pub(super) fn xml(xml: &Xml<'_>, found: &mut Found, models: Renamed) {
    for node in xml.doc.descendants() {
        for attribute in node.attributes() {
            if !matches!(attribute.name(), "string" | "help" | "id" | "class") {
                tokens(xml.text, attribute.range_value(), found, models);
            }
        }
        let field = node.parent().filter(|parent| parent.has_tag_name("field"));
        let name = field.and_then(|field| field.attribute("name")).unwrap_or_default();
        if node.is_text() && !matches!(name, "name" | "help" | "description" | "body_html") {
            tokens(xml.text, node.range(), found, models);
        }
    }
}

/// Columns of a table.
pub(super) fn csv(table: &Table<'_>, found: &mut Found, models: Renamed) {
    for field in table.rows.iter().flatten() {
        if !field.value.contains(' ') {
            tokens(table.text, field.range.clone(), found, models);
        }
    }
}

fn xml_id(model: &str) -> String {
    format!("model_{}", model.replace('.', "_"))
}

/// Replaces the names where they stand alone.
fn tokens(text: &str, within: Range<usize>, found: &mut Found, models: Renamed) {
    let part = &text[within.clone()];
    for (old, new) in models {
        for (old, new) in [((*old).to_owned(), (*new).to_owned()), (xml_id(old), xml_id(new))] {
            for (at, _) in part.match_indices(&old) {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let dotted = old.contains('.');
                let before = part[..at].chars().next_back();
                let after = part[at + old.len()..].chars().next();
                let begins = before.is_none_or(|c| !(word(c) || dotted && c == '.'));
                let ends = after.is_none_or(|c| !word(c) && c != '.');
                if begins && ends {
                    found.replace(within.start + at..within.start + at + old.len(), new.clone());
                }
            }
        }
    }
}
