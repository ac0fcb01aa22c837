//! 17.3: `states=` of a field moves into the views as `readonly`.

use std::collections::BTreeMap;

use roxmltree::Node;
use ruff_python_ast::{Expr, ExprCall};

use crate::port::python::Tree;
use crate::port::rules::markup::{between, escape, in_list};
use crate::port::rules::{Deeds, Whole};
use crate::port::{Class, Edit, Found, Kind, Level, Python, Xml, range};

/// When a field cannot be written, by model and field.
type Readonly = BTreeMap<(String, String), String>;

pub(super) fn states(whole: &Whole<'_>, deeds: &mut Deeds) {
    let mut moved = Readonly::new();
    for file in whole.files {
        if file.kind() == Kind::Python
            && file.text.contains("states=")
            && let Ok(tree) = Tree::parse(&file.text)
        {
            let python = Python::new(&file.path, whole.name, &file.text, &tree, whole.facts);
            let mut found = Found::default();
            for class in &python.nodes.classes {
                fields(&python, Class::of(class), &mut moved, &mut found);
            }
            deeds.found.push((file.path.clone(), found));
        }
    }
    if moved.is_empty() {
        return;
    }
    for file in whole.files {
        if file.kind() == Kind::Xml
            && let Ok(xml) = Xml::parse(&file.path, whole.name, &file.text, whole.facts)
        {
            let mut found = Found::default();
            views(&xml, &moved, &mut found);
            deeds.found.push((file.path.clone(), found));
        }
    }
}

fn fields(python: &Python<'_>, class: Class<'_>, moved: &mut Readonly, found: &mut Found) {
    let Some(model) = class.model() else { return };
    for (name, _, call) in class.fields() {
        let Some(states) = call.arguments.find_keyword("states") else {
            continue;
        };
        let at = range(states).start;
        let readonly = call.arguments.find_keyword("readonly");
        let fixed = readonly.is_some_and(|it| python.at(&it.value) == "True");
        let Some(expression) = readonly_when(&states.value, fixed) else {
            found.say(
                at,
                Level::Warning,
                format!("`states` of the field {name} is ignored in 17.0, and this one cannot be told"),
                "drop it, and give the field `readonly` or `required` in the views",
            );
            continue;
        };
        let mut arguments = vec![range(states)];
        if let Some(readonly) = readonly.filter(|_| fixed) {
            arguments.push(range(readonly));
        }
        found.change(without(call, &arguments));
        found.say(
            at,
            Level::Note,
            format!("`states` of the field {name} moved to the views of this module; views of others may need it too"),
            format!("<field name=\"{name}\" readonly=\"{expression}\"/>"),
        );
        moved.insert((model.to_owned(), name.to_owned()), expression);
    }
}

/// Removes arguments of a call, and for each the comma and blanks that go with it.
fn without(call: &ExprCall, arguments: &[std::ops::Range<usize>]) -> Vec<Edit> {
    let mut all: Vec<std::ops::Range<usize>> = call.arguments.args.iter().map(range).collect();
    all.extend(call.arguments.keywords.iter().map(range));
    all.sort_by_key(|it| it.start);
    let mut edits = Vec::new();
    for (number, this) in all.iter().enumerate() {
        if !arguments.contains(this) {
            continue;
        }
        match (all.get(number + 1), number.checked_sub(1).map(|before| &all[before])) {
            (Some(next), _) => edits.push(Edit::remove(this.start..next.start)),
            // Arguments before this one that go too end where this one begins.
            (None, Some(_)) => {
                let kept = all[..number].iter().rev().find(|it| !arguments.contains(it));
                let start = kept.map_or(this.start, |kept| kept.end);
                edits.retain(|edit: &Edit| edit.start < start);
                edits.push(Edit::remove(start..this.end));
            }
            (None, None) => edits.push(Edit::remove(this.clone())),
        }
    }
    edits
}

/// `{'draft': [('readonly', False)]}` of a field that is readonly else, or `{'done': [('readonly', True)]}`.
fn readonly_when(states: &Expr, fixed: bool) -> Option<String> {
    let Expr::Dict(dict) = states else { return None };
    let mut names = Vec::new();
    for item in &dict.items {
        let modifiers = item.value.as_list_expr()?;
        let [Expr::Tuple(pair)] = modifiers.elts.as_slice() else {
            return None;
        };
        let [name, value] = pair.elts.as_slice() else {
            return None;
        };
        if Python::string(name) != Some("readonly") || value.as_boolean_literal_expr()?.value == fixed {
            return None;
        }
        names.push(Python::string(item.key.as_ref()?)?);
    }
    let not = if fixed { "not " } else { "" };
    match names.as_slice() {
        [] => None,
        [only] => Some(format!("state {} '{only}'", if fixed { "!=" } else { "==" })),
        several => Some(format!("state {not}in ['{}']", several.join("', '"))),
    }
}

/// Gives the fields `readonly` where a view of the model shows them.
fn views(xml: &Xml<'_>, moved: &Readonly, found: &mut Found) {
    for arch in xml.archs() {
        let Some(model) = Xml::view_model(arch.first_child().unwrap_or(arch)) else {
            continue;
        };
        let inherits = arch
            .parent()
            .is_some_and(|record| Xml::field(record, "inherit_id").is_some());
        for node in arch.descendants().filter(|node| node.has_tag_name("field")) {
            let Some(name) = node.attribute("name") else { continue };
            let Some(model) = model_of(xml, node, model) else {
                continue;
            };
            let Some(expression) = moved.get(&(model, name.to_owned())) else {
                continue;
            };
            if node.attribute("readonly").is_some() || node.attribute("position").is_some() || !is_written(node) {
                continue;
            }
            let Some(attribute) = node.attribute_node("name") else {
                continue;
            };
            let (start, end) = (attribute.range().start, attribute.range().end);
            if !inherits && !shows_state(node) {
                let hidden = if in_list(node) { "column_invisible" } else { "invisible" };
                let helper = format!(
                    "<field name=\"state\" {hidden}=\"1\"/>{}{}",
                    xml.newline(),
                    xml.indent(node.range().start)
                );
                found.once(Edit::insert(
                    root(node).map_or(node.range().start, |root| first_child(xml, root)),
                    helper,
                ));
            }
            let between = between(xml, start);
            found.insert(end, format!("{between}readonly=\"{}\"", escape(expression, '"')));
        }
    }
}

/// The model of a field's element: that of the view, or of the list it stands in.
fn model_of(xml: &Xml<'_>, node: Node<'_, '_>, view: &str) -> Option<String> {
    let outer: Vec<&str> = (node.ancestors().skip(1))
        .take_while(|above| !(above.has_tag_name("field") && above.attribute("name") == Some("arch")))
        .filter(|above| above.has_tag_name("field") && above.attribute("position").is_none())
        .filter_map(|above| above.attribute("name"))
        .collect();
    if node.ancestors().any(|above| {
        above.has_tag_name("xpath")
            && above
                .attribute("expr")
                .is_some_and(|path| path.matches("field[").count() > 1)
    }) {
        return None;
    }
    let mut model = view.to_owned();
    for field in outer.into_iter().rev() {
        model = xml.facts.models.get(&model)?.fields.get(field)?.1.clone()?;
    }
    Some(model)
}

fn root<'d, 'a>(node: Node<'d, 'a>) -> Option<Node<'d, 'a>> {
    node.ancestors()
        .skip(1)
        .find(|above| matches!(above.tag_name().name(), "form" | "tree" | "kanban"))
}

/// Says whether a view lets fields be written; where no root is seen its name tells.
fn is_written(node: Node<'_, '_>) -> bool {
    let views = [
        "form", "tree", "kanban", "search", "calendar", "graph", "pivot", "activity",
    ];
    let root = node
        .ancestors()
        .map(|above| above.tag_name().name())
        .find(|tag| views.contains(tag));
    let inherited = || {
        let record = node.ancestors().find(|above| above.has_tag_name("record"))?;
        let reference = Xml::field(record, "inherit_id")?.attribute("ref")?;
        Some(
            !["search", "filter", "select", "pivot", "graph"]
                .iter()
                .any(|word| reference.contains(word)),
        )
    };
    root.map_or_else(|| inherited().unwrap_or(true), |root| matches!(root, "form" | "tree"))
}

fn shows_state(node: Node<'_, '_>) -> bool {
    root(node).is_none_or(|root| {
        root.descendants()
            .any(|other| other.has_tag_name("field") && other.attribute("name") == Some("state"))
    })
}

/// Where the first element of a view stands.
fn first_child(xml: &Xml<'_>, root: Node<'_, '_>) -> usize {
    let first = root.children().find(Node::is_element);
    first.map_or(xml.start_tag(root).end, |first| first.range().start)
}
