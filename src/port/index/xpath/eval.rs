//! The expression evaluated on a tree.

use std::collections::HashMap;

use super::super::arch::{Tree, What};
use super::parse::{Axis, Expr, From, Path, Step, Test};

/// A node of the document: attributes and the document itself are none of the tree's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Document,
    Node(usize),
    Attr(usize, usize),
}

enum Value {
    Nodes(Vec<At>),
    Text(String),
    Number(f64),
    Bool(bool),
}

struct Context<'t> {
    tree: &'t Tree,
    /// The order of the document.
    order: HashMap<usize, usize>,
    all: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Place {
    at: At,
    position: usize,
    size: usize,
}

/// Returns the elements of an expression in the order of the document; nothing when it cannot be decided.
pub(super) fn nodes(tree: &Tree, expr: &Expr) -> Option<Vec<usize>> {
    let all = tree.below(tree.root);
    let order = all.iter().enumerate().map(|(number, node)| (*node, number)).collect();
    let context = Context { tree, order, all };
    let place = Place {
        at: At::Node(tree.root),
        position: 1,
        size: 1,
    };
    match context.value(expr, place)? {
        Value::Nodes(nodes) => Some(
            nodes
                .into_iter()
                .filter_map(|node| match node {
                    At::Node(node) if tree.is_element(node) => Some(node),
                    _ => None,
                })
                .collect(),
        ),
        _ => None,
    }
}

impl Context<'_> {
    fn value(&self, expr: &Expr, place: Place) -> Option<Value> {
        Some(match expr {
            Expr::Or(a, b) => Value::Bool(self.truth(a, place)? | self.truth(b, place)?),
            Expr::And(a, b) => Value::Bool(self.truth(a, place)? & self.truth(b, place)?),
            Expr::Compare(sign, a, b) => {
                let (a, b) = (self.value(a, place)?, self.value(b, place)?);
                Value::Bool(self.compare(sign, &a, &b)?)
            }
            Expr::Union(a, b) => match (self.value(a, place)?, self.value(b, place)?) {
                (Value::Nodes(mut a), Value::Nodes(b)) => {
                    a.extend(b);
                    Value::Nodes(self.sorted(a))
                }
                _ => return None,
            },
            Expr::Path(path) => Value::Nodes(self.path(path, place)?),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Number(number) => Value::Number(*number),
            Expr::Call(name, args) => self.call(name, args, place)?,
        })
    }

    fn truth(&self, expr: &Expr, place: Place) -> Option<bool> {
        Some(truth_of(&self.value(expr, place)?))
    }

    fn compare(&self, sign: &str, a: &Value, b: &Value) -> Option<bool> {
        if let Value::Nodes(nodes) = a {
            for node in nodes {
                if self.compare(sign, &Value::Text(self.string(*node)), b)? {
                    return Some(true);
                }
            }
            return Some(false);
        }
        if let Value::Nodes(nodes) = b {
            for node in nodes {
                if self.compare(sign, a, &Value::Text(self.string(*node)))? {
                    return Some(true);
                }
            }
            return Some(false);
        }
        if matches!(sign, "=" | "!=")
            && let (Value::Text(a), Value::Text(b)) = (a, b)
        {
            return Some((a == b) == (sign == "="));
        }
        let (a, b) = (number(a)?, number(b)?);
        Some(match sign {
            "=" => (a - b).abs() < f64::EPSILON,
            "!=" => (a - b).abs() >= f64::EPSILON,
            "<" => a < b,
            ">" => a > b,
            "<=" => a <= b,
            _ => a >= b,
        })
    }

    fn call(&self, name: &str, args: &[Expr], place: Place) -> Option<Value> {
        let text = |number: usize| -> Option<String> {
            match args.get(number) {
                Some(expr) => Some(self.text_of(&self.value(expr, place)?)),
                None => Some(self.string(place.at)),
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "a view has few nodes")]
        let float = |number: usize| Value::Number(number as f64);
        Some(match (name, args.len()) {
            ("hasclass", 1..) => {
                let At::Node(node) = place.at else { return None };
                let classes = self.tree.attr(node, "class").unwrap_or_default();
                let mut has = true;
                for number in 0..args.len() {
                    let wanted = text(number)?;
                    // The web client looks for several as one text.
                    has &= if wanted.contains(' ') {
                        format!(" {classes} ").contains(&format!(" {wanted} "))
                    } else {
                        classes.split_whitespace().any(|class| class == wanted)
                    };
                }
                Value::Bool(has)
            }
            ("contains", 2) => Value::Bool(text(0)?.contains(&text(1)?)),
            ("starts-with", 2) => Value::Bool(text(0)?.starts_with(&text(1)?)),
            ("normalize-space", 0 | 1) => Value::Text(text(0)?.split_whitespace().collect::<Vec<_>>().join(" ")),
            ("string", 0 | 1) => Value::Text(text(0)?),
            ("concat", 2..) => {
                let mut all = String::new();
                for number in 0..args.len() {
                    all.push_str(&text(number)?);
                }
                Value::Text(all)
            }
            ("not", 1) => Value::Bool(!self.truth(&args[0], place)?),
            ("true", 0) => Value::Bool(true),
            ("false", 0) => Value::Bool(false),
            ("last", 0) => float(place.size),
            ("position", 0) => float(place.position),
            ("count", 1) => match self.value(&args[0], place)? {
                Value::Nodes(nodes) => float(nodes.len()),
                _ => return None,
            },
            ("name", 0) => match place.at {
                At::Node(node) => Value::Text(self.tree.tag(node).to_owned()),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn path(&self, path: &Path, place: Place) -> Option<Vec<At>> {
        let mut nodes = match &path.from {
            From::Root => vec![At::Document],
            From::Here => vec![place.at],
            From::Nodes(expr, filters) => match self.value(expr, place)? {
                Value::Nodes(nodes) => self.filtered(nodes, filters)?,
                _ => return None,
            },
        };
        for step in &path.steps {
            let mut next = Vec::new();
            for node in nodes {
                next.extend(self.step(step, node)?);
            }
            nodes = self.sorted(next);
        }
        Some(nodes)
    }

    fn filtered(&self, mut nodes: Vec<At>, filters: &[Expr]) -> Option<Vec<At>> {
        for filter in filters {
            let size = nodes.len();
            let mut kept = Vec::new();
            for (number, at) in nodes.into_iter().enumerate() {
                let position = number + 1;
                let keep = match self.value(filter, Place { at, position, size })? {
                    #[expect(clippy::cast_precision_loss, reason = "a view has few nodes")]
                    Value::Number(wanted) => (wanted - position as f64).abs() < f64::EPSILON,
                    value => truth_of(&value),
                };
                if keep {
                    kept.push(at);
                }
            }
            nodes = kept;
        }
        Some(nodes)
    }

    /// The nodes of one step from one node, in the direction of the axis.
    fn step(&self, step: &Step, from: At) -> Option<Vec<At>> {
        let tree = self.tree;
        let of = |nodes: Vec<usize>| nodes.into_iter().map(At::Node).collect::<Vec<At>>();
        let siblings = |after: bool| -> Vec<usize> {
            let At::Node(node) = from else { return Vec::new() };
            let Some((parent, place)) = tree.place(node) else {
                return Vec::new();
            };
            let children = &tree.nodes[parent].children;
            if after {
                children[place + 1..].to_vec()
            } else {
                children[..place].iter().rev().copied().collect()
            }
        };
        let candidates: Vec<At> = match (step.axis, from) {
            (Axis::Own, at) => vec![at],
            (Axis::Attribute, At::Node(node)) => (0..tree.attrs(node).len()).map(|it| At::Attr(node, it)).collect(),
            (Axis::Child, At::Document) => vec![At::Node(tree.root)],
            (Axis::Child, At::Node(node)) => of(tree.nodes[node].children.clone()),
            (Axis::Descendant, At::Document) => of(self.all.clone()),
            (Axis::Descendant, At::Node(node)) => of(tree.below(node).split_off(1)),
            (Axis::DescendantOrSelf, At::Document) => {
                let mut all = vec![At::Document];
                all.extend(of(self.all.clone()));
                all
            }
            (Axis::DescendantOrSelf, At::Node(node)) => of(tree.below(node)),
            (Axis::Parent, At::Node(node)) => vec![tree.nodes[node].parent.map_or(At::Document, At::Node)],
            (Axis::Parent, At::Attr(node, _)) => vec![At::Node(node)],
            (Axis::Ancestor, At::Node(node)) => of(tree.above(node).collect()),
            (Axis::AncestorOrSelf, At::Node(node)) => {
                let mut all = vec![node];
                all.extend(tree.above(node));
                of(all)
            }
            (Axis::FollowingSibling, _) => of(siblings(true)),
            (Axis::PrecedingSibling, _) => of(siblings(false)),
            (Axis::Following, At::Node(node)) => {
                let end = *tree.below(node).last()?;
                of(self.all[self.order.get(&end)? + 1..].to_vec())
            }
            (Axis::Preceding, At::Node(node)) => {
                let above: Vec<usize> = tree.above(node).collect();
                let before = self.all[..*self.order.get(&node)?].iter().rev().copied();
                of(before.filter(|it| !above.contains(it)).collect())
            }
            _ => Vec::new(),
        };
        let fits = |at: &At| match (&step.test, at) {
            (Test::Node, _) | (Test::Any, At::Attr(..)) => true,
            (Test::Any, At::Node(node)) => tree.is_element(*node),
            (Test::Text, At::Node(node)) => matches!(tree.nodes[*node].what, What::Text(_)),
            (Test::Name(name), At::Node(node)) => tree.is_element(*node) && tree.tag(*node) == name,
            (Test::Name(name), At::Attr(node, number)) => tree.attrs(*node)[*number].name == *name,
            _ => false,
        };
        self.filtered(candidates.into_iter().filter(fits).collect(), &step.filters)
    }

    fn sorted(&self, mut nodes: Vec<At>) -> Vec<At> {
        let key = |at: &At| match at {
            At::Document => (0, 0),
            At::Node(node) => (self.order.get(node).map_or(usize::MAX, |it| it + 1), 0),
            At::Attr(node, number) => (self.order.get(node).map_or(usize::MAX, |it| it + 1), number + 1),
        };
        nodes.sort_by_key(key);
        nodes.dedup();
        nodes
    }

    fn string(&self, at: At) -> String {
        match at {
            At::Document => self.tree.text(self.tree.root),
            At::Node(node) => self.tree.text(node),
            At::Attr(node, number) => self.tree.attrs(node)[number].value.clone(),
        }
    }

    fn text_of(&self, value: &Value) -> String {
        match value {
            Value::Nodes(nodes) => nodes.first().map(|node| self.string(*node)).unwrap_or_default(),
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
        }
    }
}

fn truth_of(value: &Value) -> bool {
    match value {
        Value::Nodes(nodes) => !nodes.is_empty(),
        Value::Text(text) => !text.is_empty(),
        Value::Number(number) => *number != 0.0,
        Value::Bool(truth) => *truth,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Text(text) => text.trim().parse().ok(),
        Value::Number(number) => Some(*number),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Nodes(_) => None,
    }
}
