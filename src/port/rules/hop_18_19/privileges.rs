//! Groups belong to privileges, and privileges to categories.

use roxmltree::Node;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Level, Xml};

pub(super) const PRIVILEGES: Rule = Rule {
    id: "19.14",
    title: "res.groups category_id → a privilege and privilege_id",
    why: "a group has no category any more: the record does not load. A privilege between the two keeps its place in \
          the form of a user",
    source: "odoo/addons/base/models/res_groups.py and res_groups_privilege.py, 19.0",
    deed: Deed::Mechanical,
    words: &["category_id"],
    looks: &[Look::Xml(privileges)],
};

/// Categories whose groups were shown apart, as technical settings; 19.0 does so with groups that have no privilege.
const HIDDEN: [&str; 3] = [
    "base.module_category_hidden",
    "base.module_category_usability",
    "base.module_category_user_type",
];

/// Categories of 18.0 that have another name, by how their names begin.
const MOVED: [(&str, &str); 3] = [
    ("base.module_category_inventory", "base.module_category_supply_chain"),
    (
        "base.module_category_manufacturing_manufacturing",
        "base.module_category_supply_chain_manufacturing",
    ),
    (
        "base.module_category_manufacturing",
        "base.module_category_supply_chain",
    ),
];

fn privileges(xml: &Xml<'_>, found: &mut Found) {
    let mut made: Vec<String> = Vec::new();
    for group in xml.records("res.groups") {
        let Some(field) = Xml::field(group, "category_id") else {
            continue;
        };
        let Some(reference) = field.attribute_node("ref") else {
            match field.attribute("eval") {
                Some("False" | "None") => found.remove(xml.with_lines(field.range())),
                _ => found.say(
                    field.range().start,
                    Level::Error,
                    "res.groups has no `category_id` in 19.0",
                    "make a record of res.groups.privilege with this category and set `privilege_id`",
                ),
            }
            continue;
        };
        let category = xml.full_id(reference.value());
        if HIDDEN.contains(&category.as_str()) {
            found.remove(xml.with_lines(field.range()));
            continue;
        }
        let id = privilege_id(&category);
        let (name, _) = xml.tag_names(field);
        let attribute = field.attribute_node("name").map(|it| it.range_value());
        let mut edits = vec![Edit::replace(attribute.unwrap_or(name), "privilege_id")];
        edits.push(Edit::replace(reference.range_value(), id.clone()));
        if !made.contains(&id) {
            edits.push(Edit::insert(
                xml.with_lines(group.range()).start,
                record(xml, group, &id, reference.value(), &category),
            ));
            made.push(id);
        }
        found.change(edits);
    }
}

/// Names the privilege after its category: `acme.module_category_loyalty` → `privilege_loyalty`.
fn privilege_id(category: &str) -> String {
    let name = category.rsplit('.').next().unwrap_or(category);
    let stem = name.strip_prefix("module_category_").unwrap_or(name);
    format!("res_groups_privilege_{stem}")
}

/// Writes the privilege as the file writes its groups.
fn record(xml: &Xml<'_>, group: Node<'_, '_>, id: &str, category: &str, full: &str) -> String {
    let newline = xml.newline();
    let indent = xml.indent(group.range().start);
    let inner = group
        .children()
        .find(Node::is_element)
        .map_or("    ", |child| xml.indent(child.range().start));
    let known = xml
        .records("ir.module.category")
        .find(|record| record.attribute("id").is_some_and(|own| xml.full_id(own) == full));
    let name = (known.and_then(|record| Xml::field(record, "name")))
        .and_then(|name| name.text())
        .map_or_else(|| title(id), |name| name.trim().to_owned());
    let name = name.replace('&', "&amp;").replace('<', "&lt;");
    let moved = MOVED
        .iter()
        .find_map(|(old, new)| Some(format!("{new}{}", category.strip_prefix(old)?)));
    let category = moved.as_deref().unwrap_or(category);
    format!(
        "{indent}<record id=\"{id}\" model=\"res.groups.privilege\">{newline}\
         {inner}<field name=\"name\">{name}</field>{newline}\
         {inner}<field name=\"category_id\" ref=\"{category}\" />{newline}\
         {indent}</record>{newline}"
    )
}

/// Makes words of the end of an id: `res_groups_privilege_human_resources` → `Human Resources`.
fn title(id: &str) -> String {
    let words = id.trim_start_matches("res_groups_privilege_").split('_');
    let mut words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    // `inventory_inventory` is a category inside another of its name.
    words.dedup();
    words.join(" ")
}
