//! Search views.

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Xml};

pub(super) const GROUP: Rule = Rule {
    id: "19.7",
    title: "<group> in <search> without expand and string",
    why: "the schema of search views of 19.0 knows neither: the view does not load, and nothing is found by them",
    source: "odoo/addons/base/rng/search_view.rng, 19.0",
    deed: Deed::Mechanical,
    words: &["<group", "group[@"],
    looks: &[Look::Xml(search_group)],
};

fn search_group(xml: &Xml<'_>, found: &mut Found) {
    for group in xml.elements("group").filter(|group| Xml::in_arch(*group)) {
        // Outside of views that say so, only search views have groups that are folded, or that hold filters.
        let searches = group.ancestors().any(|above| above.has_tag_name("search"))
            || group.has_attribute("expand")
            || group.children().any(|child| child.has_tag_name("filter"));
        if searches {
            let names = ["expand", "string"];
            let attributes = names.into_iter().filter_map(|name| group.attribute_node(name));
            found.change(
                attributes
                    .map(|it| Edit::remove(xml.attribute_with_blank(it)))
                    .collect(),
            );
        }
    }
    for spec in xml.elements("xpath") {
        let Some(expr) = spec.attribute_node("expr") else {
            continue;
        };
        // What stands as it reads.
        let (text, value) = (&xml.text[expr.range_value()], expr.value());
        if text != value {
            continue;
        }
        let filters = spec.children().any(|child| child.has_tag_name("filter")) || value.contains("filter");
        for (at, _) in value.match_indices("group[@") {
            let condition = at + "group".len();
            let Some(end) = value[condition..].find(']').map(|len| condition + len + 1) else {
                continue;
            };
            let named = &value[condition + 2..end];
            let folded = named.starts_with("expand");
            if folded || (named.starts_with("string") && (filters || value.contains("search"))) {
                let start = expr.range_value().start;
                found.remove(start + condition..start + end);
            }
        }
    }
}
