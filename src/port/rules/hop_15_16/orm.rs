//! 16.1, 16.2, 16.13 to 16.16: methods of models.

use ruff_python_ast::{Expr, ExprAttribute, ExprCall};

use crate::port::rules::code::{bring, methods, rename_calls};
use crate::port::{Edit, Found, Level, Python, range};

fn calls_of<'a>(python: &'a Python<'_>, name: &'a str) -> impl Iterator<Item = (&'a ExprCall, &'a ExprAttribute)> {
    python.nodes.calls.iter().filter_map(move |call| match &*call.func {
        Expr::Attribute(attribute) if attribute.attr.id.as_str() == name => Some((*call, attribute)),
        _ => None,
    })
}

pub(super) fn external_id(python: &Python<'_>, found: &mut Found) {
    rename_calls(python, found, &[("get_xml_id", "get_external_id")]);
}

pub(super) fn field_names(python: &Python<'_>, found: &mut Found) {
    for (call, attribute) in calls_of(python, "fields_get_keys") {
        if call.arguments.is_empty() {
            found.replace(range(call), format!("list({}._fields)", python.at(&*attribute.value)));
        }
    }
}

/// `args` of search methods is called `domain`, as those hand it over that call them by name.
pub(super) fn domain(python: &Python<'_>, found: &mut Found) {
    for function in methods(python, &["search", "_search", "search_count"]) {
        let within = range(function);
        let args = function
            .parameters
            .args
            .iter()
            .find(|it| it.parameter.name.id.as_str() == "args");
        let Some(args) = args else { continue };
        let taken = python
            .nodes
            .names
            .iter()
            .any(|name| within.contains(&range(*name).start) && name.id.as_str() == "domain");
        if taken {
            found.say(
                range(args).start,
                Level::Warning,
                "`args` of this method is called `domain` in 16.0, and the body has a `domain` of its own",
                "rename both",
            );
            continue;
        }
        let mut edits = vec![Edit::replace(range(&args.parameter.name), "domain")];
        for name in &python.nodes.names {
            if within.contains(&range(*name).start) && name.id.as_str() == "args" {
                edits.push(Edit::replace(range(*name), "domain"));
            }
        }
        for call in &python.nodes.calls {
            let named = call.arguments.find_keyword("args").and_then(|it| it.arg.as_ref());
            if within.contains(&range(*call).start)
                && matches!(Python::called(call), Some("search" | "_search" | "search_count"))
                && let Some(name) = named
            {
                edits.push(Edit::replace(range(name), "domain"));
            }
        }
        found.change(edits);
    }
}

pub(super) fn ignore(python: &Python<'_>, found: &mut Found) {
    let imported: Vec<_> = ["odoo.tools", "odoo.tools.misc"]
        .into_iter()
        .flat_map(|module| python.imported(module, "ignore"))
        .collect();
    for call in &python.nodes.calls {
        let name = Python::dotted(&call.func);
        let direct = name.as_deref() == Some("ignore") && !imported.is_empty();
        if direct
            || matches!(
                name.as_deref(),
                Some("tools.ignore" | "odoo.tools.ignore" | "tools.misc.ignore")
            )
        {
            bring(python, found, "contextlib", "suppress");
            found.replace(range(&*call.func), "suppress");
        }
    }
    if !found.changes.is_empty() {
        for (import, alias) in imported {
            found.once(python.without_name(import, alias));
        }
    }
}

/// Says whether an expression is records for sure, and not a file or a stream.
fn is_model(text: &str) -> bool {
    text == "self"
        || text == "cls"
        || text.contains("env[")
        || text.ends_with("_id")
        || text.ends_with("_ids")
        || text.ends_with(".sudo()")
}

/// `flush` wrote all, or fields, or fields of records.
pub(super) fn flush(python: &Python<'_>, found: &mut Found) {
    for (call, attribute) in calls_of(python, "flush") {
        let model = python.at(&*attribute.value);
        let arguments = &call.arguments;
        let fields = arguments.find_argument_value("fnames", 0);
        let records = arguments.find_argument_value("records", 1);
        if model.starts_with("super(") || !(is_model(model) || fields.is_some_and(Expr::is_list_expr)) {
            continue;
        }
        let place = range(&*attribute.value).start..range(call).end;
        match (fields, records) {
            (None, None) => found.replace(place, format!("{}.flush_all()", env_of(model))),
            (Some(fields), None) => found.replace(place, format!("{model}.flush_model({})", python.at(fields))),
            (Some(fields), Some(records)) => {
                found.replace(
                    place,
                    format!("{}.flush_recordset({})", python.at(records), python.at(fields)),
                );
            }
            (None, Some(records)) => found.replace(place, format!("{}.flush_recordset()", python.at(records))),
        }
    }
    for (call, attribute) in calls_of(python, "recompute") {
        if call.arguments.is_empty() && python.at(&*attribute.value) == "self" && !own(python, "recompute") {
            found.say(
                range(&attribute.attr).start,
                Level::Warning,
                "`recompute` is deprecated in 16.0 and gone in 17.0",
                "self.env.flush_all(), or nothing: what is read is computed",
            );
        }
    }
}

/// Says whether the modules at hand define such a method.
fn own(python: &Python<'_>, name: &str) -> bool {
    python.facts.models.values().any(|model| model.methods.contains(name))
}

fn env_of(model: &str) -> String {
    match model.find("env[") {
        Some(at) => model[..at + 3].to_owned(),
        None => format!("{model}.env"),
    }
}

/// `invalidate_cache` forgot all, or fields, or fields of ids.
pub(super) fn invalidate(python: &Python<'_>, found: &mut Found) {
    for (call, attribute) in calls_of(python, "invalidate_cache") {
        let model = python.at(&*attribute.value);
        let arguments = &call.arguments;
        let fields = arguments.find_argument_value("fnames", 0);
        let ids = arguments.find_argument_value("ids", 1);
        let place = range(&*attribute.value).start..range(call).end;
        let fields = fields.filter(|it| !it.is_none_literal_expr()).map(|it| python.at(it));
        match (fields, ids) {
            _ if model.starts_with("super(") => {}
            (None, None) => found.replace(place, format!("{}.invalidate_all()", env_of(model))),
            (Some(fields), None) => found.replace(place, format!("{model}.invalidate_model({fields})")),
            (fields, Some(ids)) => {
                let ids = python.at(ids);
                let records = match ids.strip_suffix(".ids") {
                    Some(records) => records.to_owned(),
                    None => format!("{model}.browse({ids})"),
                };
                found.replace(
                    place,
                    format!("{records}.invalidate_recordset({})", fields.unwrap_or_default()),
                );
            }
        }
    }
    for (call, attribute) in calls_of(python, "refresh") {
        let model = python.at(&*attribute.value);
        if call.arguments.is_empty() && is_model(model) && !own(python, "refresh") {
            found.replace(range(&attribute.attr), "invalidate_recordset");
        }
    }
}
