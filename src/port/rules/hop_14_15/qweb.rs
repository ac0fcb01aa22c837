//! 15.4, 15.8: templates and views.

use crate::port::{Found, Level, Xml};

/// `t-esc` and `t-raw` are `t-out`, which escapes what is not marked as safe.
pub(super) fn out(xml: &Xml<'_>, found: &mut Found) {
    // Templates of the web client are drawn by another engine.
    if xml.path.starts_with("static/") {
        return;
    }
    for node in xml
        .doc
        .descendants()
        .filter(|node| node.is_element() && Xml::in_arch(*node))
    {
        let kanban = node
            .ancestors()
            .any(|above| above.has_tag_name("templates") || above.has_tag_name("kanban"));
        for name in ["t-esc", "t-raw"] {
            let Some(attribute) = node.attribute_node(name).filter(|_| !kanban) else {
                continue;
            };
            found.replace(attribute.range_qname(), "t-out");
            if name == "t-raw" && attribute.value().trim() != "0" {
                found.say(
                    attribute.range().start,
                    Level::Warning,
                    "t-out escapes what is not Markup, t-raw did not",
                    "nothing for HTML fields; else build the value with markupsafe.Markup",
                );
            }
        }
    }
}

/// The toggle of a list that was a button.
pub(super) fn toggle(xml: &Xml<'_>, found: &mut Found) {
    for node in xml.elements("field") {
        if let Some(widget) = node.attribute_node("widget").filter(|it| it.value() == "toggle_button") {
            found.replace(widget.range_value(), "boolean_toggle");
        }
    }
    for node in xml.elements("attribute") {
        let text = node
            .first_child()
            .filter(|text| text.text().map(str::trim) == Some("toggle_button"));
        if let Some(text) = text.filter(|_| node.attribute("name") == Some("widget")) {
            found.replace(text.range(), "boolean_toggle");
        }
    }
}
