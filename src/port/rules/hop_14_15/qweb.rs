//! 15.4, 15.5, 15.8: templates and views.

use crate::port::{Edit, Found, Level, Xml};

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

/// Texts of mail templates: `${…}` becomes `{{ … }}`, and elements in the body.
pub(super) fn mail(xml: &Xml<'_>, found: &mut Found) {
    for record in xml.records("mail.template").chain(xml.records("sms.template")) {
        for field in record.children().filter(|node| node.has_tag_name("field")) {
            let name = field.attribute("name").unwrap_or_default();
            let whole = field.range();
            let text = &xml.text[whole.clone()];
            if !text.contains("${") && !text.contains("% if") && !text.contains("% for") && !text.contains("% set") {
                continue;
            }
            let start = xml.start_tag(field).end;
            let end = xml.text[whole.clone()]
                .rfind("</")
                .map_or(whole.end, |at| whole.start + at);
            let content = &xml.text[start..end];
            let control = content.contains("% if")
                || content.contains("% for")
                || content.contains("% set")
                || content.contains("% end");
            let outcome = if control {
                Err("it has lines that begin with %".to_owned())
            } else if name == "body_html" && record.attribute("model") == Some("mail.template") {
                body(content, start)
            } else {
                inline(content, start)
            };
            match outcome {
                Ok(edits) => edits.into_iter().for_each(|edit| found.change(vec![edit])),
                Err(why) => found.say(
                    field.range().start,
                    Level::Error,
                    format!("{name} is written for Jinja, which 15.0 does not read: {why}"),
                    "QWeb in the body: <t t-if=\"…\">, <t t-out=\"…\"/>; {{ … }} in other fields",
                ),
            }
        }
    }
}

/// The expressions of a text: where they stand with their marks, and what they say.
fn expressions(text: &str) -> Result<Vec<(std::ops::Range<usize>, String)>, String> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("${").map(|it| at + it) {
        let Some(close) = text[open..].find('}').map(|it| open + it) else {
            return Err("an expression is never closed".to_owned());
        };
        let mut said = text[open + 2..close].trim();
        if let Some(plain) = said.strip_suffix("|safe").or(said.strip_suffix("| safe")) {
            said = plain.trim_end();
        }
        if said.contains('{') {
            return Err("an expression holds a dictionary".to_owned());
        }
        // `a | b` of Python is as good as unknown here.
        if said.contains('|') {
            return Err(format!("`{said}` has a filter"));
        }
        all.push((open..close + 1, said.to_owned()));
        at = close + 1;
    }
    Ok(all)
}

fn inline(text: &str, start: usize) -> Result<Vec<Edit>, String> {
    let all = expressions(text)?;
    Ok((all.into_iter())
        .map(|(place, said)| Edit::replace(start + place.start..start + place.end, format!("{{{{ {said} }}}}")))
        .collect())
}

/// In a text an element, in an attribute a `t-attf-`.
fn body(text: &str, start: usize) -> Result<Vec<Edit>, String> {
    if text.contains("&lt;") && !text.contains("<![CDATA[") {
        return Err("its elements are escaped".to_owned());
    }
    let mut edits: Vec<Edit> = Vec::new();
    let mut renamed = Vec::new();
    for (place, said) in expressions(text)? {
        let before = &text[..place.start];
        let in_tag = before
            .rfind('<')
            .is_some_and(|open| before.rfind('>').is_none_or(|close| close < open));
        let with = if in_tag {
            let Some(quote) = before.rfind("=\"").or(before.rfind("='")) else {
                return Err("an expression stands in a tag and in no attribute".to_owned());
            };
            let name = before[..quote]
                .rfind(|c: char| c.is_whitespace())
                .map_or(0, |at| at + 1);
            if !before[name..quote].starts_with("t-") && !renamed.contains(&name) {
                renamed.push(name);
                edits.push(Edit::insert(start + name, "t-attf-"));
            }
            format!("{{{{ {said} }}}}")
        } else if said.contains(['"', '<', '&']) {
            let said = said.replace('"', "'");
            if said.contains(['<', '&']) {
                return Err(format!("`{said}` cannot stand in an attribute"));
            }
            format!("<t t-out=\"{said}\"/>")
        } else {
            format!("<t t-out=\"{said}\"/>")
        };
        edits.push(Edit::replace(start + place.start..start + place.end, with));
    }
    Ok(edits)
}
