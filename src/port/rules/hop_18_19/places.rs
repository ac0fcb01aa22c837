//! Places in Odoo's views that are gone.

use std::collections::HashMap;
use std::sync::OnceLock;

use roxmltree::Node;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Facts, Found, Level, Xml};

pub(super) const PLACES: Rule = Rule {
    id: "19.47",
    title: "places in views that are gone → what stands beside them",
    why: "a view that inherits holds on to fields, buttons and groups which Odoo's view does not have any more: it does \
          not load. What stood beside them is mostly still there",
    source: "the views of all modules of 18.0 and 19.0, put together and compared",
    deed: Deed::Mechanical,
    words: &["inherit_id"],
    looks: &[Look::Xml(places)],
};

/// Made by comparing the two series; its first lines say how it reads.
const TABLE: &str = include_str!("places.txt");

/// Where something that is gone was.
struct Place {
    /// The nested view it stood in, as `order_line/list`; empty in the view itself.
    within: &'static str,
    /// Whether nothing in the view is called so any more.
    whole: bool,
    /// `is`, `after`, `before` or `inside`; `wrap` when what it held needs such an element of its own.
    how: &'static str,
    /// What it was beside.
    expr: &'static str,
}

/// What is gone from a view: by element, attribute and value, as a line of the table has them.
type Gone = HashMap<&'static str, Vec<Place>>;

#[derive(Default)]
struct Places {
    /// The number of the view that stands by itself, by the id of every view of its family.
    views: HashMap<&'static str, usize>,
    gone: Vec<Gone>,
}

fn table() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| {
        let mut places = Places::default();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            if let Some(family) = line.strip_prefix("@ ") {
                let number = places.gone.len();
                places.views.extend(family.split(' ').map(|id| (id, number)));
                places.gone.push(Gone::default());
            } else if let Some((within, rest)) = line.split_once('\t')
                && let [expr, how, whole, element] = *rest.rsplitn(4, '\t').collect::<Vec<_>>().as_slice()
                && let Some(view) = places.gone.last_mut()
            {
                let whole = whole == "*";
                view.entry(element).or_default().push(Place {
                    within,
                    whole,
                    how,
                    expr,
                });
            }
        }
        places
    })
}

fn places(xml: &Xml<'_>, found: &mut Found) {
    for record in xml.records("ir.ui.view") {
        let parent = Xml::field(record, "inherit_id").and_then(|it| it.attribute("ref"));
        if let (Some(parent), Some(arch)) = (parent, Xml::field(record, "arch")) {
            inheriting(xml, parent, arch, found);
        }
    }
    for template in xml.elements("template") {
        if let Some(parent) = template.attribute("inherit_id") {
            inheriting(xml, parent, template, found);
        }
    }
}

/// Goes through what a view looks for in the one it inherits from.
fn inheriting(xml: &Xml<'_>, parent: &str, specs: Node<'_, '_>, found: &mut Found) {
    let Some(view) = table().views.get(parent.trim()) else {
        return;
    };
    let gone = &table().gone[*view];
    let goes = |spec| lost(xml.facts, gone, spec).is_some_and(|(place, _)| is_needless(spec, place));
    let mut empty = specs.children().filter(Node::is_element).all(goes);
    for spec in specs.children().filter(Node::is_element) {
        if spec.has_tag_name("data") {
            inheriting(xml, parent, spec, found);
        } else if let Some((place, wanted)) = lost(xml.facts, gone, spec) {
            if !is_needless(spec, place) {
                mend(xml, parent, spec, place, &wanted, found);
                continue;
            }
            // A view must have something.
            if std::mem::take(&mut empty) {
                found.replace(spec.range(), "<data />");
            } else {
                found.remove(xml.with_lines(spec.range()));
            }
            found.say(
                spec.range().start,
                Level::Note,
                format!("`{parent}` has no `{wanted}` any more"),
                "what changed it was taken out: look whether something else is to be changed now",
            );
        }
    }
}

/// Says whether a spec has nothing to do any more: it changed or took out what is gone.
fn is_needless(spec: Node<'_, '_>, place: &Place) -> bool {
    let has_content = spec.children().any(|child| child.is_element());
    let takes = match spec.attribute("position") {
        Some("attributes") => true,
        Some("replace") => !has_content,
        _ => false,
    };
    takes && place.whole && !matches!(place.how, "is" | "wrap")
}

/// Returns what became of the place a spec looks for, if it is gone, and what it looks for.
fn lost(facts: &Facts, gone: &'static Gone, spec: Node<'_, '_>) -> Option<(&'static Place, String)> {
    // OpenUpgrade knows its new name, which another rule writes.
    let renamed = |value: &str| {
        facts
            .changes
            .renamed_fields
            .values()
            .any(|fields| fields.contains_key(value))
    };
    if spec.has_tag_name("xpath") {
        let expr = spec.attribute("expr")?;
        let steps = steps(expr)?;
        let last = steps.last()?;
        if matches!(last.tag, "field" | "label") && renamed(last.value) {
            return None;
        }
        let within = within(&steps);
        let fits = |place: &&Place| match &within {
            // Nobody says in which of the views inside the view: the first of that name was meant.
            None => place.whole,
            Some((field, "")) => place.within.split_once('/').is_some_and(|(it, _)| it == *field),
            Some((field, view)) => place.within.split_once('/') == Some((field, view)),
        };
        let place = gone
            .get(key(last.tag, last.attribute, last.value).as_str())?
            .iter()
            .find(fits)?;
        return Some((place, expr.to_owned()));
    }
    let tag = spec.tag_name().name();
    let named = ["name", "id", "for", "t-field", "t-call", "t-foreach", "t-set", "string"];
    let (attribute, value) = (named.iter())
        .find_map(|it| Some((*it, spec.attribute(*it)?)))
        .unwrap_or_default();
    if matches!(tag, "field" | "label") && renamed(value) {
        return None;
    }
    let place = gone
        .get(key(tag, attribute, value).as_str())?
        .iter()
        .find(|place| place.whole)?;
    let wanted = match attribute {
        "" => format!("<{tag}>"),
        _ => format!("<{tag} {attribute}=\"{value}\">"),
    };
    Some((place, wanted))
}

fn key(tag: &str, attribute: &str, value: &str) -> String {
    format!("{tag}\t{attribute}\t{value}")
}

/// A step of a path: `field[@name='x']`.
struct Step<'a> {
    tag: &'a str,
    attribute: &'a str,
    value: &'a str,
}

/// Takes a simple path apart: steps with one condition at most.
fn steps(expr: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    let mut rest = expr.trim();
    while !rest.is_empty() {
        rest = rest.trim_start_matches(['/', '.']);
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))
            .unwrap_or(rest.len());
        let (tag, after) = rest.split_at(end);
        if tag.is_empty() {
            return None;
        }
        let Some(inside) = after.strip_prefix('[') else {
            if !after.is_empty() && !after.starts_with('/') {
                return None;
            }
            steps.push(Step {
                tag,
                attribute: "",
                value: "",
            });
            rest = after;
            continue;
        };
        let (attribute, quoted, close) = match inside.strip_prefix('@') {
            Some(named) => {
                let (attribute, quoted) = named.split_once('=')?;
                (attribute.trim(), quoted.trim_start(), "]")
            }
            None => ("class", inside.strip_prefix("hasclass(")?, ")]"),
        };
        let quote = quoted.chars().next().filter(|it| matches!(it, '\'' | '"'))?;
        let (value, after) = quoted[1..].split_once(quote)?;
        rest = after.trim_start().strip_prefix(close)?;
        if !rest.is_empty() && !rest.starts_with('/') {
            return None;
        }
        steps.push(Step { tag, attribute, value });
    }
    Some(steps)
}

/// Returns the nested view a path leads into: the last field before its end, and the view if the path says which.
fn within<'a>(steps: &[Step<'a>]) -> Option<(&'a str, &'a str)> {
    let above = &steps[..steps.len().saturating_sub(1)];
    let at = above
        .iter()
        .rposition(|step| step.tag == "field" && step.attribute == "name")?;
    let view = match above.get(at + 1).map(|step| step.tag) {
        Some("tree") => "list",
        Some(view @ ("list" | "form" | "kanban")) => view,
        _ => "",
    };
    Some((above[at].value, view))
}

/// Elements that hold what may as well stand beside them.
const HOLDERS: [&str; 8] = ["group", "div", "span", "t", "setting", "section", "p", "tr"];

fn mend(xml: &Xml<'_>, parent: &str, spec: Node<'_, '_>, place: &Place, wanted: &str, found: &mut Found) {
    let position = spec.attribute("position").unwrap_or("inside");
    let takes_back = spec
        .descendants()
        .any(|node| node.attribute("position") == Some("move") || node.text().is_some_and(|text| text.trim() == "$0"));
    let holder = || {
        let steps = spec.attribute("expr").and_then(steps);
        let tag = steps.as_ref().and_then(|steps| steps.last()).map(|step| step.tag);
        HOLDERS.contains(&tag.unwrap_or(spec.tag_name().name()))
    };
    let to = match (place.how, position) {
        ("is", position) => position,
        ("wrap", "inside") => return wrap(xml, parent, spec, place, wanted, found),
        ("wrap", _) => return,
        (how, "after" | "before") => how,
        (how, "replace") if !takes_back && spec.has_children() && spec.attribute("mode").is_none() => how,
        (how, "inside") if holder() => how,
        _ => return,
    };
    let at = spec.range().start;
    let message = format!("`{parent}` has no `{wanted}` any more");
    found.change(edits(xml, spec, place.expr, to));
    let level = if position == "replace" && place.how != "is" {
        Level::Warning
    } else {
        Level::Note
    };
    let remedy = match place.how {
        "is" => format!("what stands there now is `{}`", place.expr),
        _ => format!("it stood {to} `{}`: look whether that is the right place", place.expr),
    };
    found.say(at, level, message, remedy);
}

/// Gives what stood in a part of a form such a part of its own.
fn wrap(xml: &Xml<'_>, parent: &str, spec: Node<'_, '_>, place: &Place, wanted: &str, found: &mut Found) {
    let (_, Some(end)) = xml.tag_names(spec) else { return };
    let (tag, position) = if wanted.contains("header") {
        ("header", "before")
    } else {
        ("notebook", "inside")
    };
    found.change(vec![
        Edit::replace(
            xml.start_tag(spec),
            format!("<xpath expr=\"{}\" position=\"{position}\"><{tag}>", place.expr),
        ),
        Edit::replace(end.start - 2..spec.range().end, format!("</{tag}></xpath>")),
    ]);
    found.say(
        spec.range().start,
        Level::Note,
        format!("`{parent}` has no `{wanted}` any more"),
        format!("the view brings a {tag} of its own: look whether that is the right place"),
    );
}

/// Lets a spec look for another place.
fn edits(xml: &Xml<'_>, spec: Node<'_, '_>, expr: &str, position: &str) -> Vec<Edit> {
    let escaped = expr.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let start = xml.start_tag(spec);
    let closed = if xml.text[start.clone()].ends_with("/>") {
        "/"
    } else {
        ""
    };
    let others: Vec<&str> = (spec.attributes())
        .filter(|it| spec.has_tag_name("xpath") && !matches!(it.name(), "expr" | "position"))
        .flat_map(|it| [" ", &xml.text[it.range()]])
        .collect();
    let others = others.concat();
    let tag = format!("<xpath expr=\"{escaped}\" position=\"{position}\"{others}{closed}>");
    let mut edits = vec![Edit::replace(start, tag)];
    if let (_, Some(end)) = xml.tag_names(spec)
        && &xml.text[end.clone()] != "xpath"
    {
        edits.push(Edit::replace(end, "xpath"));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with(['#', '@'])).count();
        let read: usize = (table().gone.iter().flat_map(|gone| gone.values())).map(Vec::len).sum();
        assert_eq!(read, lines);
        assert!(lines > 2000);
    }

    #[test]
    fn a_path_says_what_it_looks_for_and_in_which_nested_view() {
        let of = |expr| {
            let steps = steps(expr)?;
            let within = within(&steps);
            steps.last().map(|it| (it.tag, it.attribute, it.value, within))
        };
        assert_eq!(of("//field[@name='x']"), Some(("field", "name", "x", None)));
        assert_eq!(
            of("//field[@name='lines']/tree/field[@name=\"x\"]"),
            Some(("field", "name", "x", Some(("lines", "list"))))
        );
        assert_eq!(
            of("//field[@name='lines']//div[hasclass('o_x')]"),
            Some(("div", "class", "o_x", Some(("lines", ""))))
        );
        assert_eq!(of("/form/sheet"), Some(("sheet", "", "", None)));
        assert_eq!(of("//field[@name='x' and @widget='y']"), None);
        assert_eq!(of("//field[@name='x'][2]"), None);
        assert_eq!(of("//field[@name='x']/.."), None);
    }
}
