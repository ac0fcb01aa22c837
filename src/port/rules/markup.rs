//! What rules share about views.

use roxmltree::Node;

use crate::port::Xml;

/// Returns a text as it is written between these quotes; `<` as delimiter means between tags.
pub(super) fn escape(text: &str, delimiter: char) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if delimiter == '"' => out.push_str("&quot;"),
            '\'' if delimiter == '\'' => out.push_str("&apos;"),
            _ => out.push(c),
        }
    }
    out
}

/// What stands between two attributes: what stood before this one when it had its own line.
pub(super) fn between(xml: &Xml<'_>, at: usize) -> String {
    let indent = xml.indent(at);
    let alone = xml.text[..at].ends_with(indent) && !indent.is_empty();
    let line = xml.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    if alone && line + indent.len() == at {
        format!("{}{indent}", xml.newline())
    } else {
        " ".to_owned()
    }
}

/// Elements that are the root of a view.
const ROOTS: [&str; 11] = [
    "form",
    "tree",
    "list",
    "kanban",
    "search",
    "calendar",
    "graph",
    "pivot",
    "activity",
    "gantt",
    "hierarchy",
];

/// Says whether an element of a view stands in a list, its header left out. What cannot be told is said not to.
pub(super) fn in_list(node: Node<'_, '_>) -> bool {
    for above in node.ancestors().skip(1) {
        let tag = above.tag_name().name();
        if tag == "header" {
            return false;
        }
        if ROOTS.contains(&tag) {
            return matches!(tag, "tree" | "list");
        }
        if tag == "xpath"
            && let Some(root) = root_of_path(above.attribute("expr").unwrap_or_default(), above.attribute("position"))
        {
            return root;
        }
        if tag == "record" {
            return inherits_list(above);
        }
    }
    false
}

/// What a path says of where it leads: into a list, into something else, or nothing.
fn root_of_path(path: &str, position: Option<&str>) -> Option<bool> {
    let mut steps = steps(path);
    // Beside an element is not inside it.
    if matches!(position, Some("after" | "before" | "replace")) {
        steps.pop();
    }
    let root = steps
        .into_iter()
        .rev()
        .find(|step| *step == "header" || ROOTS.contains(step))?;
    Some(matches!(root, "tree" | "list"))
}

/// The names of the elements of a path.
pub(super) fn steps(path: &str) -> Vec<&str> {
    let (mut steps, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in path.char_indices().chain([(path.len(), '/')]) {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                let step = &path[start..at];
                let name = step.split('[').next().unwrap_or(step);
                let name = name.rsplit("::").next().unwrap_or(name).trim();
                if !name.is_empty() {
                    steps.push(name);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    steps
}

/// Tells by the names of the views: `view_order_tree`.
fn inherits_list(record: Node<'_, '_>) -> bool {
    let Some(inherited) = Xml::field(record, "inherit_id").and_then(|field| field.attribute("ref")) else {
        return false;
    };
    let name = Xml::field(record, "name").and_then(|field| field.text());
    for name in [Some(inherited), record.attribute("id"), name].into_iter().flatten() {
        let mut kinds = name
            .split(['_', '.', '-', ' '])
            .filter(|word| ROOTS.contains(word))
            .peekable();
        if kinds.peek().is_some() {
            return kinds.all(|kind| matches!(kind, "tree" | "list"));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(xml: &str) -> bool {
        let doc = roxmltree::Document::parse(xml).unwrap();
        let node = doc.descendants().find(|node| node.has_tag_name("x")).unwrap();
        in_list(node)
    }

    #[test]
    fn a_list_is_known_by_its_tag_its_path_or_its_name() {
        assert!(told("<form><tree><x/></tree></form>"));
        assert!(!told("<tree><form><x/></form></tree>"));
        assert!(!told("<tree><header><x/></header></tree>"));
        assert!(told(
            "<xpath expr=\"//field[@name='a/b']/tree/field[@name='c']\" position='after'><x/></xpath>"
        ));
        assert!(!told("<xpath expr='//form//tree' position='after'><x/></xpath>"));
        assert!(told(
            "<record><field name='inherit_id' ref='sale.view_order_tree'/><x/></record>"
        ));
        assert!(!told(
            "<record><field name='inherit_id' ref='sale.view_order_form'/><x/></record>"
        ));
        assert!(!told("<record id='my_tree'><field name='arch'><x/></field></record>"));
    }

    #[test]
    fn a_text_is_escaped_for_its_place() {
        assert_eq!(escape("a < 'b' & \"c\"", '"'), "a &lt; 'b' &amp; &quot;c&quot;");
        assert_eq!(escape("'", '<'), "'");
    }
}
