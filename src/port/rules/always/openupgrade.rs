//! Modules, fields and XML ids that OpenUpgrade knows to have another name or to be gone.

use std::ops::Range;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::uses::{How, Use, of_csv, of_python, of_xml};
use crate::port::{Edit, Facts, Found, Level, Manifest, Python, Xml, range};

pub(super) const DEPENDS: Rule = Rule {
    id: "A6",
    title: "dependencies that have another name",
    why: "the module was renamed or became part of another: a module that depends on the old name is not installable",
    source: "openupgrade_scripts/apriori.py, renamed_modules and merged_modules",
    deed: Deed::Mechanical,
    words: &["depends", "odoo.addons."],
    looks: &[Look::Manifest(depends), Look::Python(imports)],
};

pub(super) const ABSENT: Rule = Rule {
    id: "A9",
    title: "dependencies that are gone",
    why: "a module that depends on one that is not there is not installable",
    source: "upgrade_general_log.txt of a release of OpenUpgrade",
    deed: Deed::Detect,
    words: &["depends"],
    looks: &[Look::Manifest(absent)],
};

pub(super) const FIELDS: Rule = Rule {
    id: "A8",
    title: "fields and XML ids that OpenUpgrade renames",
    why: "the old name is gone; OpenUpgrade carries the data over to the new one",
    source: "upgrade_analysis.txt and pre-migration scripts of a release of OpenUpgrade",
    deed: Deed::Mechanical,
    words: &[],
    looks: &[
        Look::Python(|python, found| {
            if python.facts.changes != crate::odoo::openupgrade::Changes::default() {
                fields(python.facts, python.path, &of_python(python), &|_| None, found);
                references(python, found);
            }
        }),
        Look::Xml(|xml, found| {
            if xml.facts.changes != crate::odoo::openupgrade::Changes::default() {
                fields(xml.facts, xml.path, &of_xml(xml), &|it| leaf(xml, it), found);
                ids(xml, found);
            }
        }),
        Look::Csv(|table, found| fields(table.facts, table.path, &of_csv(table), &|_| None, found)),
    ],
};

fn depends(manifest: &Manifest<'_>, found: &mut Found) {
    let facts = manifest.python.facts;
    let literals = manifest.literals("depends");
    let mut there: Vec<&str> = literals.iter().map(|literal| literal.value.to_str()).collect();
    for literal in literals {
        let old = literal.value.to_str();
        let renames = &facts.renames;
        let new = renames.renamed_modules.get(old).or(renames.merged_modules.get(old));
        let (Some(new), Some(inside)) = (
            new.filter(|_| !facts.modules.contains_key(old)),
            manifest.python.inside(literal),
        ) else {
            continue;
        };
        if there.contains(&new.as_str()) {
            found.remove(element(manifest.python.text, range(literal)));
        } else {
            found.replace(inside, new.as_str());
            there.push(new.as_str());
        }
    }
}

/// `from odoo.addons.web_editor.tools import …`
fn imports(python: &Python<'_>, found: &mut Found) {
    let facts = python.facts;
    let modules = (python.nodes.imports_from.iter()).filter_map(|import| import.module.as_ref());
    let names = (python.nodes.imports.iter()).flat_map(|import| import.names.iter().map(|alias| &alias.name));
    for name in modules.chain(names) {
        let Some(rest) = name.id.as_str().strip_prefix("odoo.addons.") else {
            continue;
        };
        let old = rest.split('.').next().unwrap_or(rest);
        let renames = &facts.renames;
        let new = renames.renamed_modules.get(old).or(renames.merged_modules.get(old));
        if let Some(new) = new.filter(|_| !facts.modules.contains_key(old)) {
            let start = range(name).start + "odoo.addons.".len();
            found.replace(start..start + old.len(), new.as_str());
        }
    }
}

/// Returns the bytes of an element of a list with the comma and the blanks that go with it.
fn element(text: &str, place: Range<usize>) -> Range<usize> {
    let rest = &text[place.end..];
    let trimmed = rest.trim_start();
    if let Some(after) = trimmed.strip_prefix(',') {
        let end = place.end + (rest.len() - after.len());
        let blank = after.len() - after.trim_start().len();
        return place.start..end + blank;
    }
    let before = text[..place.start].trim_end();
    let start = before.strip_suffix(',').map_or(place.start, str::len);
    start..place.end
}

fn absent(manifest: &Manifest<'_>, found: &mut Found) {
    let facts = manifest.python.facts;
    for literal in manifest.literals("depends") {
        let name = literal.value.to_str();
        let renames = &facts.renames;
        let goes_on = renames.renamed_modules.contains_key(name) || renames.merged_modules.contains_key(name);
        if facts.changes.removed_modules.contains(name) && !goes_on && !facts.modules.contains_key(name) {
            found.say(
                range(literal).start,
                Level::Error,
                format!("the module {name} is gone"),
                "depend on what took its place, or leave out what needs it",
            );
        }
    }
}

/// Renames fields of a model that is known, and names those that are gone. What `leaf` finds shows a field and nothing
/// else: without the field it goes.
fn fields(facts: &Facts, path: &str, uses: &[Use], leaf: &dyn Fn(&Use) -> Option<Range<usize>>, found: &mut Found) {
    for it in uses {
        let Some(model) = &it.model else { continue };
        let family = facts.family(model);
        let own = |name: &&str| {
            facts
                .models
                .get(*name)
                .is_some_and(|known| known.fields.contains_key(&it.field))
        };
        if it.how != How::Define && family.iter().any(own) {
            continue;
        }
        let known = |table: &'_ std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>| {
            (family.iter()).find_map(|name| table.get(*name)?.get(&it.field).cloned())
        };
        if let Some(new) = known(&facts.changes.renamed_fields) {
            found.change(vec![Edit::replace(it.place.clone(), new)]);
            continue;
        }
        let replaced = known(&facts.changes.replaced_fields);
        let removed = (family.iter()).any(|name| {
            let fields = facts.changes.removed_fields.get(*name);
            fields.is_some_and(|fields| fields.contains(&it.field))
        });
        if !removed || it.how == How::Define {
            continue;
        }
        let remedy = match replaced {
            Some(new) => format!("`{new}` took its place; look whether it means the same"),
            None => "leave it out, or find what took its place".to_owned(),
        };
        let message = format!("{model} has no field `{}` any more", it.field);
        if let Some(node) = leaf(it) {
            found.remove(node);
            found.say(
                it.place.start,
                Level::Note,
                format!("{message}; the view does without it"),
                remedy,
            );
            continue;
        }
        let breaks = matches!(it.how, How::View | How::Anchor | How::Path | How::Key | How::Domain);
        let level = if breaks {
            Level::Error.within(path)
        } else {
            Level::Warning
        };
        found.say(it.place.start, level, message, remedy);
    }
}

/// Returns the bytes of an element of a view that only shows a field.
fn leaf(xml: &Xml<'_>, it: &Use) -> Option<Range<usize>> {
    let named = |node: &roxmltree::Node<'_, '_>| {
        node.attribute_node("name")
            .is_some_and(|name| name.range_value() == it.place)
    };
    let node = xml.elements("field").find(named).filter(|node| Xml::in_arch(*node))?;
    let alone = !node.has_attribute("position") && !node.children().any(|child| child.is_element());
    alone.then(|| xml.with_lines(node.range()))
}

/// Renames the ids that `env.ref` and `groups=` name.
fn references(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        if !matches!(
            Python::called(call),
            Some("ref" | "_xmlid_to_res_id" | "has_group" | "_for_xml_id")
        ) {
            continue;
        }
        if let Some(literal) = call
            .arguments
            .args
            .first()
            .and_then(|first| first.as_string_literal_expr())
            && let Some(new) = python.facts.changes.renamed_ids.get(literal.value.to_str())
            && let Some(inside) = python.inside(literal)
        {
            found.replace(inside, new.as_str());
        }
    }
}

/// Renames the ids that records, views and menus name.
fn ids(xml: &Xml<'_>, found: &mut Found) {
    let changes = &xml.facts.changes;
    for node in xml.doc.descendants().filter(roxmltree::Node::is_element) {
        for name in ["ref", "inherit_id", "parent", "action", "t-call"] {
            let Some(attribute) = node.attribute_node(name) else {
                continue;
            };
            let id = attribute.value();
            if let Some(new) = changes.renamed_ids.get(id) {
                found.replace(attribute.range_value(), new.as_str());
            } else if changes.removed_ids.contains(id) && name != "t-call" {
                found.say(
                    attribute.range_value().start,
                    Level::Error.within(xml.path),
                    format!("`{id}` is gone: what names it does not load"),
                    "find what took its place, or leave this out",
                );
            }
        }
    }
}
