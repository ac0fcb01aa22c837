//! Python expressions inside of XML attributes: domains, contexts, conditions.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{Expr, ModExpression};
use ruff_python_parser::parse_expression;

use super::super::super::Python;

/// An expression and the text it was parsed from.
pub(in crate::port::index) struct Parsed {
    tree: ModExpression,
}

/// Parses the value of an attribute; nothing when it is no expression by itself.
pub(in crate::port::index) fn parse(value: &str) -> Option<Parsed> {
    // `%(xml_id)d` stands for a number.
    let mut text = String::with_capacity(value.len() + 2);
    text.push('(');
    let mut rest = value.trim();
    while let Some(start) = rest.find("%(") {
        let end = start + rest[start..].find(')')?;
        text.push_str(&rest[..start]);
        text.push('0');
        rest = rest[end + 1..].strip_prefix(['d', 's'])?;
    }
    text.push_str(rest);
    text.push(')');
    parse_expression(&text).ok().map(|parsed| Parsed {
        tree: parsed.into_syntax(),
    })
}

/// Names in an expression that the model must know; with those of its parent.
#[derive(Default)]
pub(super) struct Used {
    pub(super) fields: Vec<String>,
    pub(super) of_parent: Vec<String>,
}

#[derive(Default)]
struct Walk<'a> {
    names: Vec<&'a str>,
    of_parent: Vec<&'a str>,
    bound: Vec<&'a str>,
    leaves: Vec<&'a str>,
    refs: Vec<&'a str>,
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx.is_store() => self.bound.push(name.id.as_str()),
            Expr::Name(name) => self.names.push(name.id.as_str()),
            Expr::Attribute(it) if matches!(&*it.value, Expr::Name(name) if name.id.as_str() == "parent") => {
                self.of_parent.push(it.attr.id.as_str());
                return;
            }
            Expr::Lambda(it) => {
                if let Some(parameters) = &it.parameters {
                    self.bound.extend(parameters.iter().map(|it| it.name().as_str()));
                }
            }
            Expr::Tuple(it) => self.leaves.extend(leaf(&it.elts)),
            Expr::List(it) => self.leaves.extend(leaf(&it.elts)),
            Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "ref") => {
                self.refs.extend(call.arguments.args.first().and_then(Python::string));
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// Operators of a domain.
const OPERATORS: [&str; 25] = [
    "=",
    "!=",
    "<>",
    "==",
    "<",
    ">",
    "<=",
    ">=",
    "in",
    "not in",
    "like",
    "not like",
    "ilike",
    "not ilike",
    "=like",
    "=ilike",
    "not =like",
    "not =ilike",
    "child_of",
    "parent_of",
    "any",
    "not any",
    "=?",
    "any!",
    "not any!",
];

/// The path of a leaf `(path, operator, value)`.
fn leaf(parts: &[Expr]) -> Option<&str> {
    let [path, operator, _] = parts else { return None };
    let operator = Python::string(operator)?;
    OPERATORS.contains(&operator).then(|| Python::string(path)).flatten()
}

fn walk(parsed: &Parsed) -> Walk<'_> {
    let mut walk = Walk::default();
    walk.visit_expr(&parsed.tree.body);
    walk
}

/// Names that every expression knows.
const KNOWN: [&str; 50] = [
    "True",
    "False",
    "None",
    "context",
    "uid",
    "id",
    "parent",
    "active_id",
    "active_ids",
    "active_model",
    "today",
    "now",
    "current_date",
    "time",
    "datetime",
    "date",
    "relativedelta",
    "context_today",
    "timedelta",
    "bool",
    "len",
    "str",
    "int",
    "float",
    "abs",
    "min",
    "max",
    "set",
    "list",
    "dict",
    "tuple",
    "sum",
    "any",
    "all",
    "range",
    "round",
    "true",
    "false",
    "record",
    "user",
    "self",
    "env",
    "companies",
    "allowed_company_ids",
    "company_id",
    "ref",
    "obj",
    "pytz",
    "user_id",
    "display_name",
];

/// Returns the names in a condition that must be fields.
pub(super) fn used(parsed: &Parsed) -> Used {
    let walk = walk(parsed);
    let mut used = Used::default();
    for name in walk.names {
        if !KNOWN.contains(&name) && !walk.bound.contains(&name) && !used.fields.iter().any(|it| it == name) {
            used.fields.push(name.to_owned());
        }
    }
    used.of_parent = walk.of_parent.into_iter().map(str::to_owned).collect();
    used
}

/// Returns the paths of a domain's leaves; those inside of `any` are left out with everything else nested.
pub(super) fn domain(parsed: &Parsed) -> Vec<String> {
    leaves(&parsed.tree.body)
}

/// Returns the paths of the leaves of a domain that stands in Python.
pub(super) fn leaves(domain: &Expr) -> Vec<String> {
    let elements = match domain {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return Vec::new(),
    };
    let leaf_of = |expr: &Expr| match expr {
        Expr::Tuple(it) => leaf(&it.elts).map(str::to_owned),
        Expr::List(it) => leaf(&it.elts).map(str::to_owned),
        _ => None,
    };
    elements.iter().filter_map(leaf_of).collect()
}

/// Returns what a context groups by.
pub(in crate::port::index) fn group_by(parsed: &Parsed) -> Vec<String> {
    let Expr::Dict(dict) = &*parsed.tree.body else {
        return Vec::new();
    };
    let value = dict.items.iter().find_map(|item| {
        let is = item.key.as_ref().and_then(Python::string) == Some("group_by");
        is.then_some(&item.value)
    });
    let all: Vec<&str> = match value {
        Some(Expr::List(list)) => list.elts.iter().filter_map(Python::string).collect(),
        Some(expr) => Python::string(expr).into_iter().collect(),
        None => Vec::new(),
    };
    let first = |it: &str| it.split(':').next().unwrap_or_default().to_owned();
    all.into_iter().map(first).filter(|it| !it.is_empty()).collect()
}

/// Returns the XML ids an expression refers to with `ref('…')`.
pub(super) fn refs(parsed: &Parsed) -> Vec<String> {
    walk(parsed).refs.into_iter().map(str::to_owned).collect()
}

/// Returns the XML ids of `%(…)d` in a text, with their bytes.
pub(super) fn placeholders(text: &str) -> Vec<(&str, usize)> {
    let mut all = Vec::new();
    for (start, _) in text.match_indices("%(") {
        if let Some(len) = text[start..].find(')')
            && text[start + len + 1..].starts_with('d')
        {
            all.push((&text[start + 2..start + len], start + 2));
        }
    }
    all
}
