//! Menus and views of Odoo that are gone.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Found, Level, Xml};

pub(super) const IDS: Rule = Rule {
    id: "19.49",
    title: "menus and views that are gone → what is above them",
    why: "a menu below one that is gone and a view that inherits from one that is gone do not load",
    source: "menus and views of all modules of 18.0 and 19.0 compared",
    deed: Deed::Mechanical,
    words: &["parent", "inherit_id"],
    looks: &[Look::Xml(ids)],
};

const TABLE: &str = include_str!("ids.txt");

fn table() -> &'static HashMap<&'static str, &'static str> {
    static IDS: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    IDS.get_or_init(|| {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once(' ')).collect()
    })
}

fn ids(xml: &Xml<'_>, found: &mut Found) {
    let mut change = |old: &str, place: Range<usize>, what: &str| {
        if let Some(new) = table().get(old) {
            found.replace(place.clone(), *new);
            found.say(
                place.start,
                Level::Note,
                format!("{what} `{old}` is gone"),
                format!("it is `{new}` now: look whether that is the right one"),
            );
        }
    };
    for menu in xml.elements("menuitem") {
        if let Some(parent) = menu.attribute_node("parent") {
            change(parent.value(), parent.range_value(), "the menu");
        }
    }
    for template in xml.elements("template") {
        if let Some(parent) = template.attribute_node("inherit_id") {
            change(parent.value(), parent.range_value(), "the view");
        }
    }
    for (model, field, what) in [
        ("ir.ui.menu", "parent_id", "the menu"),
        ("ir.ui.view", "inherit_id", "the view"),
    ] {
        for record in xml.records(model) {
            if let Some(reference) = Xml::field(record, field).and_then(|it| it.attribute_node("ref")) {
                change(reference.value(), reference.range_value(), what);
            }
        }
    }
}
