//! Decorators, parameters and fields of 12.0.

use ruff_python_ast::{Expr, Stmt};

use crate::port::{Edit, Found, Level, Python, Xml, range};

/// `@api.multi` says nothing; `@api.one` said that the method is called record by record.
pub(super) fn decorators(python: &Python<'_>, found: &mut Found) {
    for function in &python.nodes.functions {
        for decorator in &function.decorator_list {
            let name = Python::dotted(&decorator.expression).unwrap_or_default();
            let line = python.line_start(range(decorator).start)..python.line_end(range(decorator).end);
            match name.as_str() {
                "api.multi" => found.remove(line),
                "api.one" => one(python, function, line, found),
                _ => {}
            }
        }
    }
}

/// A body that is run for each record, when nothing is returned.
fn one(
    python: &Python<'_>,
    function: &ruff_python_ast::StmtFunctionDef,
    line: std::ops::Range<usize>,
    found: &mut Found,
) {
    let within = range(function);
    let mut body = function.body.as_slice();
    if let [Stmt::Expr(first), rest @ ..] = body
        && first.value.is_string_literal_expr()
    {
        body = rest;
    }
    let returns = python.text[within.clone()].contains("return");
    let texts = python
        .nodes
        .strings
        .iter()
        .any(|it| within.contains(&range(*it).start) && python.at(*it).contains('\n'));
    let (Some(first), Some(last), false, false) = (body.first(), body.last(), returns, texts) else {
        return found.say(
            line.start,
            Level::Error,
            "@api.one is gone, and what this method returns was put into a list",
            "loop over self, or call ensure_one",
        );
    };
    let start = python.line_start(range(first).start);
    let end = range(last).end;
    let indent = &python.text[start..range(first).start];
    let mut edits = vec![
        Edit::remove(line),
        Edit::insert(start, format!("{indent}for record in self:{}", python.newline())),
    ];
    let mut at = start;
    while at < end {
        if !python.text[at..python.line_end(at)].trim().is_empty() {
            edits.push(Edit::insert(at, "    "));
        }
        at = python.line_end(at);
    }
    for name in &python.nodes.names {
        let place = range(*name);
        if name.id.as_str() == "self" && place.start >= start && place.start < end {
            edits.push(Edit::replace(place, "record"));
        }
    }
    found.change(edits);
}

/// `sudo(user)`: the flag of today is a boolean.
pub(super) fn sudo(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let Expr::Attribute(attribute) = &*call.func else {
            continue;
        };
        let user = call.arguments.find_argument_value("user", 0);
        let Some(user) = user.filter(|_| attribute.attr.id.as_str() == "sudo") else {
            continue;
        };
        let flag = user.is_boolean_literal_expr() || matches!(python.at(user), "flag" | "su");
        if flag {
            continue;
        }
        let mut edits = vec![Edit::replace(range(&attribute.attr), "with_user")];
        if let Some(name) = call.arguments.find_keyword("user").and_then(|it| it.arg.as_ref()) {
            edits.push(Edit::remove(range(name).start..range(user).start));
        }
        found.change(edits);
    }
}

pub(super) fn tracking(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        if let Some(keyword) = call.arguments.find_keyword("track_visibility") {
            let never =
                matches!(&keyword.value, Expr::BooleanLiteral(it) if !it.value) || keyword.value.is_none_literal_expr();
            found.replace(range(keyword), if never { "tracking=False" } else { "tracking=True" });
        }
    }
}

pub(super) fn view_type(xml: &Xml<'_>, found: &mut Found) {
    for model in ["ir.actions.act_window", "ir.actions.act_window.view"] {
        for record in xml.records(model) {
            if let Some(field) = Xml::field(record, "view_type") {
                found.remove(xml.with_lines(field.range()));
            }
        }
    }
}

/// `'view_type': 'form'` of an action that is returned.
pub(super) fn view_type_key(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        let place = range(*literal);
        let rest = &python.text[place.end..];
        let value = rest.trim_start().strip_prefix(':').map(str::trim_start);
        let form = value.is_some_and(|it| it.starts_with("'form'") || it.starts_with("\"form\""));
        if literal.value.to_str() == "view_type" && form {
            let line = python.line_start(place.start)..python.line_end(place.end);
            let text = python.text[line.clone()].trim();
            if text.starts_with(['\'', '"']) && text.ends_with(',') && text.matches(':').count() == 1 {
                found.remove(line);
            }
        }
    }
}

/// `digits=dp.get_precision('Account')`
pub(super) fn precision(python: &Python<'_>, found: &mut Found) {
    let mut used = 0;
    for call in &python.nodes.calls {
        let Some(digits) = call.arguments.find_keyword("digits") else {
            continue;
        };
        let Expr::Call(inner) = &digits.value else { continue };
        if Python::called(inner) == Some("get_precision")
            && let [name] = &inner.arguments.args[..]
        {
            used += 1;
            found.change(vec![
                Edit::remove(range(inner).start..range(name).start),
                Edit::remove(range(name).end..range(inner).end),
            ]);
        }
    }
    let names = python.nodes.names.iter().filter(|it| it.id.as_str() == "dp").count();
    if used > 0 && names == used {
        for import in &python.nodes.imports {
            let only = import.names.len() == 1 && import.names[0].name.id.as_str() == "odoo.addons.decimal_precision";
            if only {
                let place = range(*import);
                found.once(Edit::remove(python.line_start(place.start)..python.line_end(place.end)));
            }
        }
        for (import, alias) in python.imported("odoo.addons", "decimal_precision") {
            found.once(python.without_name(import, alias));
        }
    }
}
