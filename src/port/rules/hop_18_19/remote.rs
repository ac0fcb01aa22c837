//! What is called from outside: by the web client and by other programs.

use crate::port::rules::{Deed, Look, Rule, Script};
use crate::port::{Found, Level, Python, Xml, range};

pub(super) const PRIVATE: Rule = Rule {
    id: "19.34",
    title: "private methods called from outside, and old ways in",
    why: "what begins with `_` or is `@api.private` cannot be called by the web client or another program; /xmlrpc and \
          /jsonrpc are deprecated and will go",
    source: "odoo/service/model.py, get_public_method; addons/rpc, 19.0",
    deed: Deed::Detect,
    words: &["orm.call", "type=\"object\"", "/xmlrpc", "/jsonrpc"],
    looks: &[Look::Xml(buttons), Look::Script(calls), Look::Python(ways)],
};

const REMEDY: &str = "give what is called a name without `_`, and let it look who calls";

fn buttons(xml: &Xml<'_>, found: &mut Found) {
    for button in xml.elements("button").filter(|button| Xml::in_arch(*button)) {
        let is_call = button.attribute("type") == Some("object") && !button.has_attribute("position");
        if let Some(name) = button
            .attribute_node("name")
            .filter(|it| is_call && it.value().starts_with('_'))
        {
            let message = format!("`{}` is private: the button fails", name.value());
            found.say(name.range_value().start, Level::Error, message, REMEDY);
        }
    }
}

/// `orm.call("model", "_method", …)`.
fn calls(script: &Script<'_>, found: &mut Found) {
    for (at, call) in script.text.match_indices("orm.call(") {
        let rest = &script.text[at + call.len()..];
        let Some((_, second)) = rest.split_once(',') else {
            continue;
        };
        let second = second.trim_start();
        let Some(quote) = second.chars().next().filter(|it| matches!(it, '"' | '\'')) else {
            continue;
        };
        let name = second[1..].split(quote).next().unwrap_or_default();
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.starts_with('_') && is_name {
            let message = format!("`{name}` is private: the call fails");
            found.say(at, Level::Error, message, REMEDY);
        }
    }
}

fn ways(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        let text = literal.value.to_str();
        let old = ["/xmlrpc/", "/jsonrpc"].iter().any(|way| text.contains(way));
        if old && !text.contains(' ') {
            found.say(
                range(*literal).start,
                Level::Note,
                format!("`{text}` is deprecated in 19.0"),
                "/json/2/MODEL/METHOD with a key of the user's, as long as the module `rpc` is not all there is",
            );
        }
    }
}
