//! Decorators that are gone.

use ruff_python_ast::{Expr, ExprCall, StmtFunctionDef};

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Level, Python, range};

pub(super) const RETURNS: Rule = Rule {
    id: "19.35",
    title: "@api.returns dropped",
    why: "odoo.api has no `returns` any more: the module cannot be imported",
    source: "odoo/api/__init__.py, 19.0",
    deed: Deed::Mechanical,
    words: &["returns("],
    looks: &[Look::Python(returns)],
};

pub(super) const LAZY: Rule = Rule {
    id: "19.16",
    title: "lazy_property → functools.cached_property",
    why: "odoo.tools does not bring the name any more; odoo.tools.func warns of it",
    source: "odoo/tools/func.py, 19.0",
    deed: Deed::Mechanical,
    words: &["lazy_property"],
    looks: &[Look::Python(lazy)],
};

pub(super) const CACHE: Rule = Rule {
    id: "19.20",
    title: "ormcache_context → ormcache",
    why: "the decorator fails on its `keys`: AttributeError when the module is loaded",
    source: "odoo/tools/cache.py, 19.0",
    deed: Deed::Mechanical,
    words: &["ormcache_context", "skiparg"],
    looks: &[Look::Python(cache)],
};

pub(super) const ROUTE: Rule = Rule {
    id: "19.2",
    title: "route(type=\"json\") → \"jsonrpc\"",
    why: "the type has another name; 19.0 warns of the old one",
    source: "odoo/http.py, route, 19.0",
    deed: Deed::Mechanical,
    words: &["route("],
    looks: &[Look::Python(route)],
};

fn returns(python: &Python<'_>, found: &mut Found) {
    for function in &python.nodes.functions {
        for decorator in &function.decorator_list {
            let name = match &decorator.expression {
                Expr::Call(call) => Python::dotted(&call.func),
                other => Python::dotted(other),
            };
            if name.as_deref() == Some("api.returns") {
                let whole = range(decorator);
                let end = range(&decorator.expression).end.max(whole.end);
                found.remove(python.line_start(whole.start)..python.line_end(end));
            }
        }
    }
}

fn lazy(python: &Python<'_>, found: &mut Found) {
    let (mut edits, mut bring) = (Vec::new(), true);
    for module in ["odoo.tools", "odoo.tools.func"] {
        for (import, alias) in python.imported(module, "lazy_property") {
            let local = Python::local(alias);
            if import.names.len() == 1 {
                let line = if bring {
                    "from functools import cached_property"
                } else {
                    "pass"
                };
                edits.push(Edit::replace(range(import), line));
                bring = false;
            } else {
                edits.push(python.without_name(import, alias));
            }
            let uses = python.nodes.names.iter().filter(|name| name.id.as_str() == local);
            edits.extend(uses.map(|name| Edit::replace(range(*name), "cached_property")));
        }
    }
    for attribute in &python.nodes.attributes {
        let name = Python::dotted(&Expr::Attribute((*attribute).clone()));
        if matches!(
            name.as_deref(),
            Some("tools.lazy_property" | "tools.func.lazy_property")
        ) {
            edits.push(Edit::replace(range(*attribute), "cached_property"));
        }
    }
    if !edits.is_empty() && bring && python.imported("functools", "cached_property").next().is_none() {
        let line = format!("from functools import cached_property{}", python.newline());
        edits.push(Edit::insert(first_import(python), line));
    }
    found.change(edits);
}

/// Returns where the first import at the margin stands, else where imports belong.
fn first_import(python: &Python<'_>) -> usize {
    let first = (python.body.iter()).find(|stmt| stmt.is_import_stmt() || stmt.is_import_from_stmt());
    first.map_or_else(|| python.import_place(), |stmt| range(stmt).start)
}

fn cache(python: &Python<'_>, found: &mut Found) {
    let mut edits = Vec::new();
    for call in &python.nodes.calls {
        let Some(name) = Python::called(call).filter(|name| name.starts_with("ormcache")) else {
            continue;
        };
        let at = range(*call).start;
        if let Some(skip) = call.arguments.find_keyword("skiparg") {
            match named(python, call, &skip.value) {
                Some(names) if names.is_empty() => edits.push(Edit::remove(python.argument_with_comma(call, skip))),
                Some(names) => edits.push(Edit::replace(range(skip), names)),
                None => found.say(
                    at,
                    Level::Warning,
                    "`skiparg` of ormcache is deprecated",
                    "name the arguments the result depends on: `@ormcache('name')`",
                ),
            }
        }
        if name != "ormcache_context" {
            continue;
        }
        let keys = call.arguments.find_keyword("keys").map(|it| (it, &it.value));
        let texts: Option<Vec<&str>> = keys.and_then(|(_, value)| match value {
            Expr::Tuple(tuple) => tuple.elts.iter().map(Python::string).collect(),
            Expr::List(list) => list.elts.iter().map(Python::string).collect(),
            _ => None,
        });
        let (Some((keyword, _)), Some(texts)) = (keys, texts.filter(|texts| !texts.is_empty())) else {
            found.say(
                at,
                Level::Error,
                "`ormcache_context` fails when the module is loaded",
                "use `ormcache` with the values in its key: `\"self.env.context.get('lang')\"`",
            );
            continue;
        };
        let function = range(&*call.func);
        let new: Vec<String> = texts
            .iter()
            .map(|key| format!("\"self.env.context.get('{key}')\""))
            .collect();
        edits.push(Edit::remove(function.end - "_context".len()..function.end));
        edits.push(Edit::replace(range(keyword), new.join(", ")));
    }
    for (import, alias) in python.imported("odoo.tools", "ormcache_context") {
        if python.imported("odoo.tools", "ormcache").next().is_some() {
            edits.push(python.without_name(import, alias));
        } else {
            edits.push(Edit::replace(range(&alias.name), "ormcache"));
        }
    }
    found.change(edits);
}

/// Returns the parameters of a cached method from a number on, as its decorator names them.
fn named(python: &Python<'_>, call: &ExprCall, skip: &Expr) -> Option<String> {
    let skip: usize = python.at(skip).parse().ok()?;
    let decorates = |function: &&&StmtFunctionDef| {
        let mut decorators = function.decorator_list.iter();
        decorators.any(|it| range(&it.expression) == range(call))
    };
    let parameters = &python.nodes.functions.iter().find(decorates)?.parameters;
    if parameters.vararg.is_some() || parameters.kwarg.is_some() || !parameters.kwonlyargs.is_empty() {
        return None;
    }
    let names = parameters.iter().skip(skip).map(|it| format!("\"{}\"", it.name()));
    Some(names.collect::<Vec<_>>().join(", "))
}

fn route(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        if Python::called(call) == Some("route")
            && let Some(keyword) = call.arguments.find_keyword("type")
            && let Some(literal) = keyword.value.as_string_literal_expr()
            && literal.value.to_str() == "json"
            && let Some(inside) = python.inside(literal)
        {
            found.replace(inside, "jsonrpc");
        }
    }
}
