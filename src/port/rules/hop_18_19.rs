//! 18.0 → 19.0.

use crate::port::{Edit, Found, Python, Xml, range};

use super::{Deed, Look, Rule};

/// The rules, in their order.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "19.6",
        title: "auto_join → bypass_search_access",
        why: "the parameter has another name; 19.0 warns and ignores the old one",
        source: "odoo/orm/fields_relational.py, 19.0",
        deed: Deed::Mechanical,
        words: &["auto_join"],
        looks: &[Look::Python(auto_join)],
    },
    Rule {
        id: "19.7",
        title: "<group> in <search> without expand and string",
        why: "the schema of search views of 19.0 knows neither: the view does not load",
        source: "odoo/addons/base/rng/search_view.rng, 19.0",
        deed: Deed::Mechanical,
        words: &["<search"],
        looks: &[Look::Xml(search_group)],
    },
];

fn auto_join(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let is_field = Python::dotted(&call.func).is_some_and(|name| name.starts_with("fields."));
        if is_field && let Some(keyword) = Python::keyword(call, "auto_join") {
            let name = keyword.arg.as_ref().map(range).unwrap_or_default();
            found.replace(name, "bypass_search_access");
        }
    }
}

fn search_group(xml: &Xml<'_>, found: &mut Found) {
    for group in xml.elements("group") {
        if group.ancestors().any(|above| above.has_tag_name("search")) {
            let names = ["expand", "string"];
            let attributes = names.into_iter().filter_map(|name| group.attribute_node(name));
            found.change(
                attributes
                    .map(|it| Edit::remove(xml.attribute_with_blank(it)))
                    .collect(),
            );
        }
    }
}
