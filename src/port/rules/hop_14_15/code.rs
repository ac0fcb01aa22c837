//! 15.3, 15.6: classes of tests, and environments that need no manager.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtWith};

use crate::port::{Edit, Found, Level, Python, range};

const CLASSES: [(&str, &str); 3] = [
    ("SavepointCase", "TransactionCase"),
    ("HttpSavepointCase", "HttpCase"),
    ("SavepointHttpCase", "HttpCase"),
];

/// Every test has a savepoint.
pub(super) fn savepoint(python: &Python<'_>, found: &mut Found) {
    let new = |name: &str| CLASSES.iter().find(|(old, _)| *old == name).map(|(_, new)| *new);
    for import in &python.nodes.imports_from {
        if !import
            .module
            .as_ref()
            .is_some_and(|it| it.id.as_str().starts_with("odoo.tests"))
        {
            continue;
        }
        for alias in &import.names {
            let Some(name) = new(alias.name.id.as_str()) else {
                continue;
            };
            let mut same = import.names.iter().filter(|it| {
                it.name.id.as_str() == name
                    || new(it.name.id.as_str()) == Some(name) && range(*it).start < range(alias).start
            });
            if same.next().is_some() {
                found.change(vec![python.without_name(import, alias)]);
            } else {
                found.replace(range(&alias.name), name);
            }
        }
    }
    for name in &python.nodes.names {
        if let Some(new) = new(name.id.as_str()) {
            found.replace(range(*name), new);
        }
    }
    for attribute in &python.nodes.attributes {
        let of = Python::dotted(&attribute.value).unwrap_or_default();
        if let Some(new) = new(attribute.attr.id.as_str()).filter(|_| {
            matches!(
                of.as_str(),
                "common" | "tests" | "tests.common" | "odoo.tests" | "odoo.tests.common"
            )
        }) {
            found.replace(range(&attribute.attr), new);
        }
    }
}

#[derive(Default)]
struct Withs<'a>(Vec<&'a StmtWith>);

impl<'a> SourceOrderVisitor<'a> for Withs<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::With(with) = stmt {
            self.0.push(with);
        }
        walk_stmt(self, stmt);
    }
}

/// `with api.Environment.manage():` goes, and its body moves to the left.
pub(super) fn manage(python: &Python<'_>, found: &mut Found) {
    let mut withs = Withs::default();
    withs.visit_body(python.body);
    for with in withs.0 {
        let managed = |expr: &Expr| match expr {
            Expr::Call(call) => Python::dotted(&call.func).is_some_and(|name| name.ends_with("Environment.manage")),
            _ => false,
        };
        let Some(at) = with.items.iter().position(|item| managed(&item.context_expr)) else {
            continue;
        };
        if let [_, _, ..] = with.items.as_slice() {
            let (item, next) = (range(&with.items[at]), with.items.get(at + 1).map(range));
            let gone = match next {
                Some(next) => item.start..next.start,
                None => range(&with.items[at - 1]).end..item.end,
            };
            found.remove(gone);
            continue;
        }
        let (Some(first), Some(last)) = (with.body.first(), with.body.last()) else {
            continue;
        };
        let head = python.line_start(range(with).start);
        let body = python.line_start(range(first).start);
        let (outer, inner) = (range(with).start - head, range(first).start - body);
        let end = range(last).end;
        let long = |at: usize| {
            let within = |start: usize, end: usize| start < at && at < end;
            (python.nodes.strings.iter()).any(|it| within(range(*it).start, range(*it).end))
        };
        if body == head || inner <= outer || !python.text[head..head + outer].trim().is_empty() {
            found.say(
                range(with).start,
                Level::Warning,
                "Environment.manage is deprecated in 15.0 and gone in 16.0",
                "drop the `with`",
            );
            continue;
        }
        let mut edits = vec![Edit::remove(head..python.line_end(range(&with.items[0]).end))];
        let mut line = python.line_end(range(&with.items[0]).end);
        while line < end {
            let text = &python.text[line..python.line_end(line)];
            let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
            if !long(line) && !text.trim().is_empty() && blanks >= inner - outer {
                edits.push(Edit::remove(line..line + inner - outer));
            }
            line = python.line_end(line);
        }
        // One removal after the other with nothing between them is one.
        let mut joined: Vec<Edit> = Vec::new();
        for edit in edits {
            match joined.last_mut() {
                Some(before) if before.end == edit.start => before.end = edit.end,
                _ => joined.push(edit),
            }
        }
        found.change(joined);
    }
}
