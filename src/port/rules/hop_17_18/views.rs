//! 18.2, 18.12, 18.13: what views, data and scripts leave out.

use roxmltree::Node;

use crate::port::rules::Script;
use crate::port::{Edit, Found, Level, Xml};

/// The fields that a chatter had to hold.
const FIELDS: [&str; 3] = ["message_follower_ids", "activity_ids", "message_ids"];

pub(super) fn chatter(xml: &Xml<'_>, found: &mut Found) {
    for arch in xml.archs() {
        for node in arch.descendants().filter(Node::is_element) {
            let class = node.attribute("class").unwrap_or_default();
            if node.has_tag_name("div") && class.split_whitespace().any(|word| word == "oe_chatter") {
                if node.has_attribute("position") {
                    locator(xml, node, found);
                } else {
                    div(node, found);
                }
            } else if node.has_tag_name("xpath") {
                path(xml, node, found);
            } else if node.has_attribute("position") && FIELDS.contains(&node.attribute("name").unwrap_or_default()) {
                lost(node, found);
            }
        }
    }
}

fn lost(node: Node<'_, '_>, found: &mut Found) {
    found.say(
        node.range().start,
        Level::Error,
        "the chatter of 18.0 holds no fields: this place is gone",
        "inherit from //chatter; it has the attributes reload_on_post, reload_on_attachment, reload_on_follower and open_attachments",
    );
}

/// `<div class="oe_chatter">` with its fields.
fn div(node: Node<'_, '_>, found: &mut Found) {
    let mut attributes = String::new();
    for child in node.children().filter(Node::is_element) {
        let name = child.attribute("name").unwrap_or_default();
        let groups = child.has_attribute("groups") || child.has_attribute("invisible");
        if !child.has_tag_name("field") || !FIELDS.contains(&name) || (groups && name == "message_ids") {
            return found.say(
                child.range().start,
                Level::Error,
                "the chatter of 18.0 holds no elements, and this one would be lost",
                "move it out of the chatter, and write <chatter/>",
            );
        }
        let options = child.attribute("options").unwrap_or_default();
        let mut add = |name: &str, wanted: bool| {
            if wanted && !attributes.contains(name) {
                attributes.push_str(&[" ", name, "=\"True\""].concat());
            }
        };
        match name {
            "message_follower_ids" => add("reload_on_follower", options.contains("post_refresh")),
            "message_ids" => {
                add("reload_on_attachment", options.contains("always"));
                add("reload_on_post", options.contains("post_refresh"));
            }
            _ => {}
        }
        add(
            "open_attachments",
            options.contains("open_attachments") && !options.contains("open_attachments': False"),
        );
    }
    found.replace(node.range(), format!("<chatter{attributes}/>"));
}

/// `<div class="oe_chatter" position="…">`.
fn locator(xml: &Xml<'_>, node: Node<'_, '_>, found: &mut Found) {
    let (start, end) = xml.tag_names(node);
    let tags = [Some(start), end].into_iter().flatten();
    let mut edits: Vec<Edit> = tags.map(|tag| Edit::replace(tag, "chatter")).collect();
    edits.extend(
        node.attribute_node("class")
            .map(|class| Edit::remove(xml.attribute_with_blank(class))),
    );
    found.change(edits);
}

fn path(xml: &Xml<'_>, node: Node<'_, '_>, found: &mut Found) {
    let Some(attribute) = node.attribute_node("expr") else {
        return;
    };
    let path = attribute.value();
    let place = attribute.range_value();
    let written = &xml.text[place.clone()];
    for step in [
        "div[hasclass('oe_chatter')]",
        "div[@class='oe_chatter']",
        "div[contains(@class, 'oe_chatter')]",
        "div[contains(@class,'oe_chatter')]",
        "div[hasclass(\"oe_chatter\")]",
        "div[@class=\"oe_chatter\"]",
        "*[hasclass('oe_chatter')]",
    ] {
        if let Some(at) = written.find(step) {
            if written[at + step.len()..].is_empty() {
                found.replace(place.start + at..place.start + at + step.len(), "chatter");
            } else {
                lost(node, found);
            }
            return;
        }
    }
    let last = path.rsplit("//").next().unwrap_or(path);
    if FIELDS
        .iter()
        .any(|field| last.starts_with(&format!("field[@name='{field}']")))
        || path.contains("oe_chatter")
    {
        lost(node, found);
    }
}

/// Scheduled actions run for ever and never catch up.
pub(super) fn cron(xml: &Xml<'_>, found: &mut Found) {
    for record in xml.records("ir.cron") {
        for name in ["numbercall", "doall"] {
            if let Some(field) = Xml::field(record, name) {
                found.remove(xml.with_lines(field.range()));
            }
        }
    }
}

/// `/** @odoo-module **/` says nothing any more where modules are expected.
pub(super) fn pragma(script: &Script<'_>, found: &mut Found) {
    let expected = script.path.starts_with("static/src/") || script.path.starts_with("static/tests/");
    let start = script.text.len() - script.text.trim_start().len();
    let rest = &script.text[start..];
    let Some(len) = rest
        .starts_with("/*")
        .then(|| rest.find("*/"))
        .flatten()
        .map(|at| at + 2)
    else {
        return;
    };
    let words = rest[..len].trim_matches(['/', '*']).trim();
    if expected && words == "@odoo-module" {
        let after = &rest[len..];
        let blank = after.len() - after.trim_start_matches([' ', '\t', '\r', '\n']).len();
        found.remove(start..start + len + blank);
    }
}
