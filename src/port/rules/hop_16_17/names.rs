//! 17.6 to 17.10: functions and methods that have another name and other arguments.

use ruff_python_ast::{Expr, ExprCall};

use crate::port::rules::code::bring;
use crate::port::rules::{Deeds, Whole};
use crate::port::{Edit, Found, Level, Python, range};

/// 16.0's private `_read_group` returned dictionaries, 17.0's returns tuples; the public one still returns dictionaries.
pub(super) fn read_group(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let Expr::Attribute(function) = &*call.func else {
            continue;
        };
        if function.attr.id.as_str() != "_read_group" || is_new(call) {
            continue;
        }
        if python.at(&*function.value).starts_with("super(") {
            found.say(
                range(&function.attr).start,
                Level::Error,
                "`_read_group` takes (domain, groupby, aggregates, having, …) in 17.0 and returns tuples",
                "rewrite the override for the new arguments",
            );
        } else {
            found.replace(range(&function.attr), "read_group");
        }
    }
    for function in &python.nodes.functions {
        let name = function.name.id.as_str();
        let old = function
            .parameters
            .args
            .iter()
            .any(|arg| arg.parameter.name.id.as_str() == "orderby");
        if matches!(name, "_read_group" | "_read_group_raw") && old {
            found.say(
                range(&function.name).start,
                Level::Error,
                format!("an override of `{name}` with the arguments of 16.0 is not called, or with others"),
                "override `_read_group(domain, groupby, aggregates, having, offset, limit, order)`, or `read_group`",
            );
        }
    }
}

/// Says whether a call already has the arguments of 17.0.
fn is_new(call: &ExprCall) -> bool {
    let named = |name: &str| call.arguments.find_keyword(name).is_some();
    if named("aggregates") || named("having") || named("order") {
        return true;
    }
    let third = call.arguments.args.get(2).and_then(|it| it.as_list_expr());
    let aggregate = |expr: &Expr| Python::string(expr).is_some_and(|text| text == "__count" || is_aggregate(text));
    third.is_some_and(|list| list.elts.iter().any(aggregate))
        || call.arguments.args.len() + call.arguments.keywords.len() < 3
}

fn is_aggregate(text: &str) -> bool {
    let kind = text.split_once(':').map(|(_, kind)| kind);
    kind.is_some_and(|kind| !matches!(kind, "day" | "week" | "month" | "quarter" | "year" | "hour"))
}

/// `get_module_resource("module", "static", "a.png")` becomes `file_path("module/static/a.png")`.
pub(super) fn resource(python: &Python<'_>, found: &mut Found) {
    const NAMES: [&str; 2] = ["get_module_resource", "get_resource_path"];
    let mut kept = false;
    for call in &python.nodes.calls {
        let Some(name) = Python::called(call).filter(|name| NAMES.contains(name)) else {
            continue;
        };
        let arguments = &call.arguments.args;
        let parts: Option<Vec<&str>> = arguments.iter().map(Python::string).collect();
        let Some(parts) =
            parts.filter(|parts| !parts.is_empty() && parts.iter().all(|part| !part.contains(['"', '\\', '\n'])))
        else {
            kept = true;
            found.say(
                range(*call).start,
                Level::Warning,
                format!("`{name}` is deprecated in 17.0 and gone in 19.0"),
                "odoo.tools.misc.file_path(\"module/path\"); it raises FileNotFoundError where the old one returned False",
            );
            continue;
        };
        let quote = python.text[range(&arguments[0]).start..]
            .chars()
            .next()
            .filter(|c| *c == '\'')
            .unwrap_or('"');
        let path = parts.join("/");
        bring(python, found, "odoo.tools.misc", "file_path");
        found.replace(range(*call), format!("file_path({quote}{path}{quote})"));
    }
    if kept || found.changes.is_empty() {
        return;
    }
    for name in NAMES {
        for module in ["odoo.modules.module", "odoo.modules"] {
            for (import, alias) in python.imported(module, name) {
                found.once(python.without_name(import, alias));
            }
        }
    }
}

/// `Form` lives in `odoo.tests`, and so does all that `odoo.tests.common` offers.
pub(super) fn form(python: &Python<'_>, found: &mut Found) {
    for (import, _) in python.imported("odoo.tests.common", "Form") {
        let public = (import.names.iter()).all(|alias| !alias.name.id.as_str().starts_with('_'));
        if let Some(module) = import.module.as_ref().filter(|_| public) {
            found.replace(range(module), "odoo.tests");
        }
    }
    for attribute in &python.nodes.attributes {
        let of = Python::dotted(&attribute.value);
        if attribute.attr.id.as_str() == "Form" && matches!(of.as_deref(), Some("common" | "tests.common")) {
            bring(python, found, "odoo.tests", "Form");
            found.replace(range(*attribute), "Form");
        }
    }
}

/// `message_post_with_view(view, values=…)` becomes `message_post_with_source(view, render_values=…)`.
pub(super) fn post_with_view(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let Expr::Attribute(function) = &*call.func else {
            continue;
        };
        match function.attr.id.as_str() {
            "message_post_with_view" => {
                let mut edits = vec![Edit::replace(range(&function.attr), "message_post_with_source")];
                if let Some(name) = call
                    .arguments
                    .find_keyword("values")
                    .and_then(|keyword| keyword.arg.as_ref())
                {
                    edits.push(Edit::replace(range(name), "render_values"));
                }
                if call.arguments.args.len() == 1 && call.arguments.keywords.iter().all(|keyword| keyword.arg.is_some())
                {
                    found.change(edits);
                } else {
                    found.say(
                        range(&function.attr).start,
                        Level::Error,
                        "message_post_with_view is gone in 17.0, and its arguments here cannot be told",
                        "message_post_with_source(view, render_values=…, subtype_xmlid=…)",
                    );
                }
            }
            "message_post_with_template" => found.say(
                range(&function.attr).start,
                Level::Error,
                "message_post_with_template is gone in 17.0",
                "message_post_with_source(template record or its XML id, subtype_xmlid=…)",
            ),
            _ => {}
        }
    }
}

/// Caches belong to the registry.
pub(super) fn clear_caches(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let Expr::Attribute(function) = &*call.func else {
            continue;
        };
        let of = python.at(&*function.value);
        let arguments = &call.arguments;
        match (function.attr.id.as_str(), &arguments.args[..], arguments.keywords.len()) {
            ("clear_caches", [], 0) if of.starts_with("super(") => found.say(
                range(&function.attr).start,
                Level::Warning,
                "clear_caches of a model is deprecated in 17.0 and nothing calls an override of it",
                "self.env.registry.clear_cache()",
            ),
            ("clear_caches", [], 0) if is_registry(of) => found.replace(range(&function.attr), "clear_cache"),
            ("clear_caches", [], 0) => {
                found.replace(
                    range(&*function.value).start..range(&function.attr).end,
                    registry_of(of) + ".clear_cache",
                );
            }
            // A method with a cache, and the model it is asked through.
            ("clear_cache", [model], 0) if !is_registry(of) && !model.is_string_literal_expr() => {
                found.replace(range(*call), registry_of(python.at(model)) + ".clear_cache()");
            }
            _ => {}
        }
    }
}

fn is_registry(text: &str) -> bool {
    matches!(text.rsplit('.').next(), Some("registry" | "pool")) || text.ends_with("Registry")
}

fn registry_of(model: &str) -> String {
    let env = match model.find("env[") {
        Some(at) => model[..at + 3].to_owned(),
        None => format!("{model}.env"),
    };
    format!("{env}.registry")
}

/// `search(domain, count=True)` is `search_count(domain)`.
pub(super) fn search_count(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let Expr::Attribute(function) = &*call.func else {
            continue;
        };
        let Some(count) = call
            .arguments
            .find_keyword("count")
            .filter(|_| function.attr.id.as_str() == "search")
        else {
            continue;
        };
        let at = range(count).start;
        let plain = (call.arguments.keywords.iter())
            .filter_map(|keyword| keyword.arg.as_ref())
            .all(|name| matches!(name.id.as_str(), "count" | "limit" | "domain"));
        if python.at(&count.value) == "True" && plain && call.arguments.args.len() < 2 {
            found.change(vec![
                Edit::replace(range(&function.attr), "search_count"),
                Edit::remove(python.argument_with_comma(call, count)),
            ]);
        } else {
            found.say(
                at,
                Level::Error,
                "search has no `count` in 17.0",
                "call search_count(domain) where the number is wanted",
            );
        }
    }
}

/// A manifest's old name.
pub(super) fn manifest(whole: &Whole<'_>, deeds: &mut Deeds) {
    let has = |name: &str| whole.files.iter().any(|file| file.path == name);
    if has("__openerp__.py") && !has("__manifest__.py") {
        deeds
            .moved
            .push(("__openerp__.py".to_owned(), "__manifest__.py".to_owned()));
    }
}
