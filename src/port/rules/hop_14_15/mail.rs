//! 15.5: texts of mail templates.

use crate::port::{Edit, Found, Level, Xml};

/// Texts of mail templates: `${…}` becomes `{{ … }}`, and elements in the body.
pub(super) fn texts(xml: &Xml<'_>, found: &mut Found) {
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
            let control = controls(content);
            let is_body = name == "body_html" && record.attribute("model") == Some("mail.template");
            let outcome = match (is_body, control.is_empty()) {
                (true, true) => body(content, start),
                // All of it or nothing: half of a condition is none.
                (true, false) => blocks(content, start, &control),
                (false, true) => inline(content, start),
                (false, false) => Err("it has lines that begin with %".to_owned()),
            };
            match outcome {
                Ok(edits) if control.is_empty() => edits.into_iter().for_each(|edit| found.change(vec![edit])),
                Ok(edits) => found.change(edits),
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

/// A line that begins with `%`: its bytes without blanks and line end, and what it says.
struct Control<'a> {
    place: std::ops::Range<usize>,
    said: &'a str,
}

fn controls(text: &str) -> Vec<Control<'_>> {
    let mut all = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if let Some(rest) = said.strip_prefix('%').filter(|rest| !rest.starts_with('%')) {
            all.push(Control {
                place: start..start + said.len(),
                said: rest.trim(),
            });
        }
    }
    all
}

/// Conditions, loops and assignments become `<t>` around what stands between them, which must be whole elements.
fn blocks(text: &str, start: usize, controls: &[Control<'_>]) -> Result<Vec<Edit>, String> {
    let mut edits = body(text, start)?;
    // Elements and blocks that are open: the innermost last.
    let mut open: Vec<&str> = Vec::new();
    let mut from = 0;
    for control in controls {
        elements(&text[from..control.place.start], &mut open)?;
        from = control.place.end;
        let said = control.said.trim_end_matches(':').trim_end();
        let (word, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
        let rest = rest.trim();
        let inside = open.last().copied();
        let with = match (word, inside) {
            ("if", _) => {
                open.push("% if");
                format!("<t t-if=\"{}\">", attribute(rest)?)
            }
            ("elif", Some("% if")) => format!("</t><t t-elif=\"{}\">", attribute(rest)?),
            ("else", Some("% if")) => "</t><t t-else=\"\">".to_owned(),
            ("for", _) => {
                let (each, all) = rest.split_once(" in ").ok_or("a loop goes over nothing")?;
                if each.contains(',') {
                    return Err("a loop has two variables".to_owned());
                }
                open.push("% for");
                format!("<t t-foreach=\"{}\" t-as=\"{}\">", attribute(all)?, each.trim())
            }
            ("set", _) => {
                let (name, value) = rest.split_once('=').ok_or("a variable is set to nothing")?;
                format!("<t t-set=\"{}\" t-value=\"{}\"/>", name.trim(), attribute(value)?)
            }
            ("endif", Some("% if")) | ("endfor", Some("% for")) => {
                open.pop();
                "</t>".to_owned()
            }
            _ => return Err(format!("`% {}` does not stand where its block began", control.said)),
        };
        edits.push(Edit::replace(
            start + control.place.start..start + control.place.end,
            with,
        ));
    }
    elements(&text[from..], &mut open)?;
    match open.last() {
        None if text.contains("loop.") => Err("it asks how far a loop is".to_owned()),
        None => Ok(edits),
        Some(word) => Err(format!("`{word}` has no end")),
    }
}

/// Returns an expression as it stands in an attribute.
fn attribute(said: &str) -> Result<String, String> {
    let said = said.trim();
    if said.is_empty() || said.contains('|') || said.contains(" is defined") {
        return Err(format!("`{said}` is no expression of Python"));
    }
    if said.contains('"') && said.contains('\'') {
        return Err(format!("`{said}` has quotes of both kinds"));
    }
    let said = said.replace('&', "&amp;").replace('<', "&lt;");
    Ok(said
        .replace("&amp;lt;", "&lt;")
        .replace("&amp;gt;", "&gt;")
        .replace('"', "'"))
}

/// Elements that are never closed.
const VOID: [&str; 7] = ["br", "hr", "img", "input", "meta", "link", "col"];

/// Follows the elements that a piece of a text opens and closes: none may end outside of the block it began in.
fn elements<'a>(text: &'a str, open: &mut Vec<&'a str>) -> Result<(), String> {
    let whole = || "a block is not made of whole elements".to_owned();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix("!--") {
            rest = after.split_once("-->").ok_or_else(whole)?.1;
            continue;
        }
        if rest.starts_with("![CDATA[") {
            continue;
        }
        let (tag, after) = rest.split_once('>').ok_or_else(whole)?;
        rest = after;
        let name = |tag: &'_ str| {
            tag.split(|c: char| c.is_whitespace() || c == '/')
                .next()
                .unwrap_or_default()
                .len()
        };
        if let Some(closed) = tag.strip_prefix('/') {
            if open.pop() != Some(closed.trim()) {
                return Err(whole());
            }
        } else if !tag.ends_with('/') && !VOID.contains(&&tag[..name(tag)]) {
            open.push(&tag[..name(tag)]);
        }
    }
    Ok(())
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
