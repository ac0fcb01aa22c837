//! Search views.

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Xml};

pub(super) const GROUP: Rule = Rule {
    id: "19.7",
    title: "<group> in <search> without expand and string",
    why: "the schema of search views of 19.0 knows neither: the view does not load",
    source: "odoo/addons/base/rng/search_view.rng, 19.0",
    deed: Deed::Mechanical,
    words: &["<search"],
    looks: &[Look::Xml(search_group)],
};

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
