//! What every hop asks for.

use crate::port::{Edit, Found, Level, Manifest, Xml, range};

use super::{Deed, Look, Rule};

/// The rules, in their order.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "A4",
        title: "<data noupdate=\"0\"> → <data>, <openerp> → <odoo>",
        why: "`<openerp>` is not accepted any more; noupdate=\"0\" is the default",
        source: "odoo/import_xml.rng, 17.0",
        deed: Deed::Mechanical,
        words: &["noupdate=\"0\"", "<openerp"],
        looks: &[Look::Xml(data)],
    },
    Rule {
        id: "A1",
        title: "version",
        why: "19.0 refuses a module whose version names another series, 17.0 and 18.0 fail on it",
        source: "odoo/modules/module.py, adapt_version, 17.0 and 19.0",
        deed: Deed::Mechanical,
        words: &[],
        looks: &[Look::Manifest(version)],
    },
];

fn data(xml: &Xml<'_>, found: &mut Found) {
    for node in xml.elements("data") {
        if let Some(attribute) = node
            .attribute_node("noupdate")
            .filter(|attribute| attribute.value() == "0")
        {
            found.remove(xml.attribute_with_blank(attribute));
        }
    }
    for node in xml.elements("openerp") {
        let (start, end) = xml.tag_names(node);
        let tags = [Some(start), end].into_iter().flatten();
        found.change(tags.map(|tag| Edit::replace(tag, "odoo")).collect());
    }
}

/// `18.0.1.2.3` becomes `19.0.1.0.0`; a version without series stays, Odoo puts its own before it.
fn version(manifest: &Manifest<'_>, found: &mut Found) {
    let Some(literal) = manifest
        .value("version")
        .and_then(|value| value.as_string_literal_expr())
    else {
        return;
    };
    let Some(inside) = manifest.python.inside(literal) else {
        found.say(
            range(literal).start,
            Level::Warning,
            "the version is not a plain text",
            "write it as one literal",
        );
        return;
    };
    let to = manifest.python.facts.to;
    let parts: Vec<&str> = literal.value.to_str().split('.').collect();
    if parts.len() == 5 && parts[1] == "0" && parts[0].parse::<u8>().is_ok_and(|series| series < to) {
        found.replace(inside, format!("{to}.0.1.0.0"));
    }
}
