//! Inheritance of views and templates, as Odoo does it: each spec finds a node and changes what is there.

use super::arch::{Origin, Tree, What};
use super::xpath::{self, Outcome};

/// A spec that finds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Where it stands.
    pub(crate) origin: Origin,
    /// What it looks for, as written: `//field[@name='x']`, `<field name="x">`.
    pub(crate) wants: String,
}

/// What came of applying specs.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Specs that find nothing.
    pub(crate) lost: Vec<Lost>,
    /// Specs that could not be decided: from here on the tree is not certain.
    pub(crate) undecided: usize,
}

/// Finds the node a spec speaks of.
fn locate(tree: &Tree, specs: &Tree, spec: usize) -> Outcome<usize> {
    match specs.tag(spec) {
        "xpath" => match specs.attr(spec, "expr") {
            Some(expr) => xpath::first(tree, expr),
            None => Outcome::Undecided,
        },
        "field" => {
            let name = specs.attr(spec, "name");
            let found = (tree.below(tree.root).into_iter())
                .find(|node| tree.tag(*node) == "field" && tree.attr(*node, "name") == name);
            found.map_or(Outcome::Nothing, Outcome::Found)
        }
        tag => {
            let wanted = specs.attrs(spec).iter().filter(|attr| attr.name != "position");
            let found = (tree.below(tree.root).into_iter()).find(|node| {
                tree.is_element(*node)
                    && tree.tag(*node) == tag
                    && wanted
                        .clone()
                        .all(|attr| tree.attr(*node, &attr.name) == Some(&attr.value))
            });
            found.map_or(Outcome::Nothing, Outcome::Found)
        }
    }
}

fn describe(specs: &Tree, spec: usize) -> String {
    match (specs.tag(spec), specs.attr(spec, "expr")) {
        ("xpath", Some(expr)) => expr.to_owned(),
        (tag, _) => {
            let attrs = specs.attrs(spec).iter().filter(|attr| attr.name != "position");
            let attrs: Vec<String> = attrs.map(|attr| format!(" {}=\"{}\"", attr.name, attr.value)).collect();
            format!("<{tag}{}>", attrs.concat())
        }
    }
}

/// Applies an inheriting arch to a tree.
///
/// What a lost spec brings is put at the end of the tree, so that specs which build on it are not lost for its sake.
pub(crate) fn apply(tree: &mut Tree, specs: &Tree) -> Applied {
    let mut applied = Applied::default();
    let mut queue: std::collections::VecDeque<usize> = [specs.root].into();
    // A template's own element is no spec.
    while let Some(spec) = queue.pop_front() {
        if !specs.is_element(spec) {
            continue;
        }
        if specs.tag(spec) == "data" {
            queue.extend(specs.elements(spec));
            continue;
        }
        match locate(tree, specs, spec) {
            Outcome::Found(node) => change(tree, specs, spec, node, &mut applied),
            Outcome::Nothing => {
                applied.lost.push(Lost {
                    origin: specs.nodes[spec].origin,
                    wants: describe(specs, spec),
                });
                if specs.attr(spec, "position") != Some("attributes") {
                    let end = tree.nodes[tree.root].children.len();
                    let root = tree.root;
                    insert(tree, specs, spec, root, end, &mut applied);
                }
            }
            Outcome::Undecided => applied.undecided += 1,
        }
    }
    applied
}

fn change(tree: &mut Tree, specs: &Tree, spec: usize, node: usize, applied: &mut Applied) {
    match specs.attr(spec, "position").unwrap_or("inside") {
        "inside" => {
            let end = tree.nodes[node].children.len();
            insert(tree, specs, spec, node, end, applied);
        }
        "before" => {
            if let Some((parent, place)) = tree.place(node) {
                insert(tree, specs, spec, parent, place, applied);
            }
        }
        "after" => {
            if let Some((parent, place)) = tree.place(node) {
                insert(tree, specs, spec, parent, place + 1, applied);
            }
        }
        "attributes" => attributes(tree, specs, spec, node),
        "replace" if specs.attr(spec, "mode") == Some("inner") => {
            let old = tree.nodes[node].children.clone();
            insert(tree, specs, spec, node, 0, applied);
            for child in old {
                if tree.nodes[child].parent == Some(node) {
                    tree.detach(child);
                }
            }
        }
        "replace" => replace(tree, specs, spec, node, applied),
        _ => applied.undecided += 1,
    }
}

/// Puts what a spec holds at a place; what it moves is taken from where it was.
fn insert(
    tree: &mut Tree,
    specs: &Tree,
    spec: usize,
    parent: usize,
    place: usize,
    applied: &mut Applied,
) -> Vec<usize> {
    // The place is held by the node that stands there, for moves shift numbers.
    let before = tree.nodes[parent].children.get(place).copied();
    let mut made = Vec::new();
    for &child in &specs.nodes[spec].children {
        let node = if specs.attr(child, "position") == Some("move") {
            match locate(tree, specs, child) {
                Outcome::Found(node) if Some(node) != before && node != tree.root => {
                    tree.detach(node);
                    node
                }
                Outcome::Found(_) => continue,
                Outcome::Nothing => {
                    applied.lost.push(Lost {
                        origin: specs.nodes[child].origin,
                        wants: describe(specs, child),
                    });
                    continue;
                }
                Outcome::Undecided => {
                    applied.undecided += 1;
                    continue;
                }
            }
        } else {
            tree.copy(specs, child, Some(parent))
        };
        let children = &tree.nodes[parent].children;
        let place = before
            .and_then(|before| children.iter().position(|child| *child == before))
            .unwrap_or(children.len());
        tree.attach(node, parent, place);
        made.push(node);
    }
    made
}

fn replace(tree: &mut Tree, specs: &Tree, spec: usize, node: usize, applied: &mut Applied) {
    let old = tree.clone();
    let Some((parent, place)) = tree.place(node) else {
        if let Some(content) = specs.elements(spec).next() {
            let name = tree.attr(node, "t-name").map(str::to_owned);
            let root = tree.copy(specs, content, None);
            put_back(tree, root, &old, node);
            if let Some(name) = name {
                let origin = tree.nodes[root].origin;
                tree.set_attr(root, "t-name", &name, origin);
            }
            tree.root = root;
        }
        return;
    };
    let made = insert(tree, specs, spec, parent, place, applied);
    tree.detach(node);
    for root in made {
        put_back(tree, root, &old, node);
    }
}

/// Puts the replaced node where its replacement says `$0`.
fn put_back(tree: &mut Tree, root: usize, old: &Tree, node: usize) {
    for place in tree.below(root) {
        let parent = tree.nodes[place].parent;
        if let What::Text(text) = &mut tree.nodes[place].what
            && text.trim() == "$0"
            && let Some(parent) = parent
        {
            text.clear();
            let copy = tree.copy(old, node, Some(parent));
            let end = tree.nodes[parent].children.len();
            tree.attach(copy, parent, end);
        }
    }
}

fn attributes(tree: &mut Tree, specs: &Tree, spec: usize, node: usize) {
    for child in specs.below(spec) {
        if specs.tag(child) != "attribute" {
            continue;
        }
        let Some(name) = specs.attr(child, "name") else {
            continue;
        };
        let origin = specs.nodes[child].origin;
        let (add, remove) = (specs.attr(child, "add"), specs.attr(child, "remove"));
        if add.is_none() && remove.is_none() {
            tree.set_attr(node, name, &specs.text(child), origin);
            continue;
        }
        let old = tree.attr(node, name).unwrap_or_default().to_owned();
        let separator = specs.attr(child, "separator").unwrap_or(",");
        let value = if matches!(separator.trim(), "and" | "or") {
            match (old.as_str(), add) {
                ("", Some(add)) => add.to_owned(),
                (_, Some(add)) => format!("({old}) {} ({add})", separator.trim()),
                (_, None) => old.replace(remove.unwrap_or_default(), "True"),
            }
        } else {
            let parts = |text: &str| -> Vec<String> {
                let pieces: Vec<&str> = if separator.trim().is_empty() {
                    text.split_whitespace().collect()
                } else {
                    text.split(separator).collect()
                };
                (pieces.into_iter().map(str::trim))
                    .filter(|piece| !piece.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            let gone = parts(remove.unwrap_or_default());
            let mut all: Vec<String> = parts(&old).into_iter().filter(|it| !gone.contains(it)).collect();
            all.extend(parts(add.unwrap_or_default()));
            all.join(separator)
        };
        tree.set_attr(node, name, &value, origin);
    }
}
