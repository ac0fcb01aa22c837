//! Fields that Python names, followed to their models, and values of selections that it compares, writes and looks for.
//!
//! Odoo's own code keeps values for other ends in such dictionaries, and asks for what only other modules bring: what
//! does not run at the installation is doubtful.

use std::collections::BTreeMap;
use std::ops::Range;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, Stmt};

use super::super::super::python::Tree;
use super::super::super::uses::{How, Use, with_calls};
use super::super::super::{Level, Python, SourceFile, range};
use super::super::nearest::{hint, nearest};
use super::super::world::Member;
use super::{Case, calls};

pub(super) fn judge(case: &mut Case<'_, '_>, file: &SourceFile, tree: &Tree) {
    if !case.closed() || file.path.starts_with("tests/") {
        return;
    }
    let python = Python::new(&file.path, &case.module.name, &file.text, tree, &case.world.facts);
    let (uses, called) = with_calls(&python);
    fields(case, file, &python, &uses);
    values(case, file, &python, &uses);
    calls::judge(case, file, &python, called);
}

/// Functions that Odoo calls while a module is installed.
const AT_INSTALL: [&str; 6] = [
    "init",
    "_auto_init",
    "_register_hook",
    "pre_init_hook",
    "post_init_hook",
    "post_load",
];

fn fields(case: &mut Case<'_, '_>, file: &SourceFile, python: &Python<'_>, uses: &[Use]) {
    // What decorators and `related` name is judged with the class.
    let mut elsewhere: Vec<Range<usize>> = (python.nodes.functions.iter())
        .flat_map(|function| function.decorator_list.iter().map(range))
        .collect();
    let related = (python.nodes.calls.iter()).filter_map(|call| call.arguments.find_keyword("related"));
    elsewhere.extend(related.map(range));
    let of_fields = (python.nodes.calls.iter())
        .filter(|call| Python::dotted(&call.func).is_some_and(|name| name.starts_with("fields.")));
    elsewhere.extend(
        of_fields
            .filter_map(|call| call.arguments.find_keyword("domain"))
            .map(range),
    );
    for it in uses {
        let Some(model) = it.model.as_deref() else { continue };
        if matches!(it.how, How::Define | How::Anchor | How::Name) || it.field.starts_with('_') {
            continue;
        }
        if elsewhere.iter().any(|place| place.contains(&it.place.start))
            || !case.world.has_model(model)
            || case.world.parts(model).is_empty()
            || case.world.member(model, &it.field, &case.known) != Member::Nothing
            || is_asked(&file.text, &it.field)
        {
            continue;
        }
        let since = case.findings.len();
        let certain = at_install(file, python, it.place.start);
        let breaks = certain || matches!(it.how, How::Key | How::Path | How::Domain);
        let level = if breaks { Level::Error } else { Level::Warning };
        case.say_field(&file.path, it.place.start, model, &it.field, level);
        if !certain {
            case.doubt(since);
        }
    }
}

/// Says whether code runs when the module is installed.
pub(super) fn at_install(file: &SourceFile, python: &Python<'_>, at: usize) -> bool {
    let hook = |name: &str| AT_INSTALL.contains(&name) || name.ends_with("_hook");
    file.path == "hooks.py"
        || (python.nodes.functions.iter())
            .any(|function| hook(function.name.id.as_str()) && range(*function).contains(&at))
}

/// Says whether a file asks whether a field is there before it uses it.
pub(super) fn is_asked(text: &str, field: &str) -> bool {
    ['\'', '"'].iter().any(|quote| {
        let quoted = format!("{quote}{field}{quote}");
        text.match_indices(&quoted).any(|(at, _)| {
            let (before, after) = (&text[..at], text[at + quoted.len()..].trim_start());
            let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
            after.starts_with("in ")
                || after.starts_with("not in ")
                || line.contains("hasattr(")
                || line.contains("getattr(")
        })
    })
}

/// A literal that is held against a field.
struct Given<'a> {
    /// Where the field's name ends: what lies there or before it, within this range, names the field.
    field: Range<usize>,
    literals: Vec<&'a Expr>,
    level: Level,
}

#[derive(Default)]
struct Walk<'a> {
    given: Vec<Given<'a>>,
}

fn literals(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::StringLiteral(_) => vec![expr],
        Expr::List(it) => it.elts.iter().filter(|it| it.is_string_literal_expr()).collect(),
        Expr::Tuple(it) => it.elts.iter().filter(|it| it.is_string_literal_expr()).collect(),
        Expr::Set(it) => it.elts.iter().filter(|it| it.is_string_literal_expr()).collect(),
        _ => Vec::new(),
    }
}

impl<'a> Walk<'a> {
    fn give(&mut self, field: Range<usize>, value: &'a Expr, level: Level) {
        let literals = literals(value);
        if !literals.is_empty() {
            self.given.push(Given { field, literals, level });
        }
    }

    fn leaf(&mut self, parts: &'a [Expr]) {
        if let [path @ Expr::StringLiteral(_), operator, value] = parts
            && matches!(Python::string(operator), Some("=" | "!=" | "in" | "not in"))
        {
            self.give(range(path), value, Level::Warning);
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Assign(assign) = stmt
            && let [Expr::Attribute(target)] = assign.targets.as_slice()
            && assign.value.is_string_literal_expr()
        {
            self.give(range(&target.attr), &assign.value, Level::Error);
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Compare(it) => {
                if let (Expr::Attribute(left), [CmpOp::Eq | CmpOp::NotEq | CmpOp::In | CmpOp::NotIn], [value]) =
                    (&*it.left, &*it.ops, &*it.comparators)
                {
                    self.give(range(&left.attr), value, Level::Warning);
                }
            }
            Expr::Dict(it) => {
                for item in &it.items {
                    if let Some(key @ Expr::StringLiteral(_)) = &item.key
                        && item.value.is_string_literal_expr()
                    {
                        self.give(range(key), &item.value, Level::Error);
                    }
                }
            }
            Expr::Tuple(it) => self.leaf(&it.elts),
            Expr::List(it) => self.leaf(&it.elts),
            _ => {}
        }
        walk_expr(self, expr);
    }
}

fn values(case: &mut Case<'_, '_>, file: &SourceFile, python: &Python<'_>, uses: &[Use]) {
    let mut walk = Walk::default();
    for stmt in python.body {
        walk.visit_stmt(stmt);
    }
    let named: BTreeMap<usize, &Use> = uses.iter().map(|it| (it.place.start, it)).collect();
    for given in walk.given {
        // Of a path the last step is the field.
        let Some((_, it)) = named.range(given.field.clone()).next_back() else {
            continue;
        };
        let Some(values) = it
            .model
            .as_deref()
            .and_then(|model| case.world.values(model, &it.field))
        else {
            continue;
        };
        for literal in given.literals {
            let Some(value) = Python::string(literal).filter(|value| !value.is_empty() && !values.contains(value))
            else {
                continue;
            };
            let model = it.model.as_deref().unwrap_or_default();
            let all: Vec<&str> = values.iter().copied().take(8).collect();
            let best = nearest(value, values.iter().copied());
            let remedy = hint(best, &format!("it may be {}", all.join(", ")));
            let message = format!("`{model}.{}` cannot be `{value}`", it.field);
            let (since, at) = (case.findings.len(), range(literal).start);
            case.say("ref.value", given.level, &file.path, at, message, remedy);
            if !at_install(file, python, at) {
                case.doubt(since);
            }
        }
    }
}
