//! 18.5 to 18.7, 18.11, 18.14, 18.17, 18.19: names and parameters.

use ruff_python_ast::{Expr, ExprCall, ExprStringLiteral, Operator};

use crate::port::rules::code::{bring, methods};
use crate::port::{Edit, Found, Level, Python, range};

fn is_field(call: &ExprCall) -> bool {
    Python::dotted(&call.func).is_some_and(|name| name.starts_with("fields."))
}

pub(super) fn aggregator(python: &Python<'_>, found: &mut Found) {
    for call in python.nodes.calls.iter().filter(|call| is_field(call)) {
        if let Some(name) = call
            .arguments
            .find_keyword("group_operator")
            .and_then(|keyword| keyword.arg.as_ref())
        {
            found.replace(range(name), "aggregator");
        }
    }
}

pub(super) fn unaccent(python: &Python<'_>, found: &mut Found) {
    for call in python.nodes.calls.iter().filter(|call| is_field(call)) {
        if let Some(keyword) = call.arguments.find_keyword("unaccent") {
            found.remove(python.argument_with_comma(call, keyword));
        }
    }
}

/// `ustr(x)` made a text of anything, as `str(x)` does; a text needs nothing.
pub(super) fn ustr(python: &Python<'_>, found: &mut Found) {
    let imported: Vec<_> = ["odoo.tools", "odoo.tools.misc"]
        .into_iter()
        .flat_map(|module| python.imported(module, "ustr"))
        .collect();
    let mut used = 0;
    for call in &python.nodes.calls {
        let name = Python::dotted(&call.func);
        let direct = name.as_deref() == Some("ustr") && !imported.is_empty();
        if !direct
            && !matches!(
                name.as_deref(),
                Some("tools.ustr" | "odoo.tools.ustr" | "tools.misc.ustr")
            )
        {
            continue;
        }
        if direct {
            used += 1;
        }
        match &call.arguments.args[..] {
            [text @ (Expr::StringLiteral(_) | Expr::FString(_))] => {
                found.change(vec![
                    Edit::remove(range(*call).start..range(text).start),
                    Edit::remove(range(text).end..range(*call).end),
                ]);
            }
            [_] => found.replace(range(&*call.func), "str"),
            _ => found.say(
                range(*call).start,
                Level::Warning,
                "ustr is deprecated in 18.0",
                "decode bytes by their encoding",
            ),
        }
    }
    let names = python
        .nodes
        .names
        .iter()
        .filter(|name| name.id.as_str() == "ustr")
        .count();
    if names == used && !found.changes.is_empty() {
        for (import, alias) in imported {
            found.once(python.without_name(import, alias));
        }
    }
}

/// `odoo.registry(database)` becomes `Registry(database)`.
pub(super) fn registry(python: &Python<'_>, found: &mut Found) {
    let imported: Vec<_> = python.imported("odoo", "registry").collect();
    for call in &python.nodes.calls {
        let name = Python::dotted(&call.func);
        let direct = name.as_deref() == Some("registry") && !imported.is_empty();
        if direct || name.as_deref() == Some("odoo.registry") {
            bring(python, found, "odoo.modules.registry", "Registry");
            found.replace(range(&*call.func), "Registry");
        }
    }
    if !found.changes.is_empty() {
        for (import, alias) in imported {
            found.once(python.without_name(import, alias));
        }
    }
}

/// `_("… %s") % x` looks for a text that is translated; `_("… %s", x)` also forgives a wrong translation.
pub(super) fn translated(python: &Python<'_>, found: &mut Found) {
    for operation in &python.nodes.operations {
        let (Operator::Mod, Expr::Call(call)) = (operation.op, &*operation.left) else {
            continue;
        };
        let [Expr::StringLiteral(text)] = &call.arguments.args[..] else {
            continue;
        };
        if !matches!(Python::dotted(&call.func).as_deref(), Some("_" | "_lt" | "self.env._"))
            || !call.arguments.keywords.is_empty()
        {
            continue;
        }
        let Some(arguments) = arguments(python, text, &operation.right) else {
            continue;
        };
        let close = range(call).end - 1;
        let whole = range(*operation);
        let after = range(text).end;
        let tail = python.text[after..close].trim_start_matches([' ', ',']);
        // The parenthesis stays on its own line.
        let with = if tail.contains('\n') && tail.trim().is_empty() {
            let line = python.line_start(range(text).start);
            let indent = &python.text[line..range(text).start];
            format!(",{}{indent}{arguments},{tail})", python.newline())
        } else {
            format!(", {arguments})")
        };
        found.replace(after..whole.end, with);
    }
}

fn arguments(python: &Python<'_>, text: &ExprStringLiteral, right: &Expr) -> Option<String> {
    match right {
        Expr::Tuple(tuple) if !tuple.elts.iter().any(Expr::is_starred_expr) => {
            let written: Vec<&str> = tuple.elts.iter().map(|it| python.at(it)).collect();
            (!written.is_empty() && !python.at(tuple).contains('#')).then(|| written.join(", "))
        }
        Expr::Dict(dict) => {
            let mut written = Vec::new();
            for item in &dict.items {
                let key = Python::string(item.key.as_ref()?)?;
                let name = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                    && !matches!(
                        key,
                        "self"
                            | "source"
                            | "class"
                            | "from"
                            | "in"
                            | "is"
                            | "for"
                            | "if"
                            | "or"
                            | "and"
                            | "not"
                            | "as"
                            | "import"
                            | "return"
                            | "with"
                            | "while"
                            | "lambda"
                            | "global"
                            | "def"
                            | "del"
                            | "pass"
                            | "try"
                    );
                if !name {
                    return None;
                }
                written.push(format!("{key}={}", python.at(&item.value)));
            }
            (!written.is_empty() && !python.at(dict).contains('#')).then(|| written.join(", "))
        }
        // One value for one place: neither a tuple nor a dictionary in disguise.
        Expr::Name(_)
        | Expr::Attribute(_)
        | Expr::Call(_)
        | Expr::StringLiteral(_)
        | Expr::Subscript(_)
        | Expr::FString(_) => {
            let text = text.value.to_str().replace("%%", "");
            let single = text.matches('%').count() == 1 && !text.contains("%(");
            single.then(|| python.at(right).to_owned())
        }
        _ => None,
    }
}

/// `_search` has no `access_rights_uid`.
pub(super) fn rights_uid(python: &Python<'_>, found: &mut Found) {
    for function in methods(python, &["_search"]) {
        let within = range(function);
        let all = &function.parameters.args;
        let Some(at) = all
            .iter()
            .position(|it| it.parameter.name.id.as_str() == "access_rights_uid")
        else {
            continue;
        };
        let this = range(&all[at]);
        let start = at.checked_sub(1).map_or(this.start, |before| range(&all[before]).end);
        let mut edits = vec![Edit::remove(start..this.end)];
        let mut other = python
            .nodes
            .names
            .iter()
            .filter(|name| name.id.as_str() == "access_rights_uid" && within.contains(&range(**name).start))
            .count();
        for call in &python.nodes.calls {
            if !within.contains(&range(*call).start) || Python::called(call) != Some("_search") {
                continue;
            }
            if let Some(keyword) = call.arguments.find_keyword("access_rights_uid") {
                edits.push(Edit::remove(python.argument_with_comma(call, keyword)));
                other -= usize::from(python.at(&keyword.value) == "access_rights_uid");
            } else if let Some(argument) = call.arguments.args.get(4) {
                edits.push(Edit::remove(range(&call.arguments.args[3]).end..range(argument).end));
                other -= usize::from(python.at(argument) == "access_rights_uid");
            }
        }
        if other == 0 {
            found.change(edits);
        } else {
            found.say(
                this.start,
                Level::Error,
                "`_search` has no `access_rights_uid` in 18.0",
                "use with_user() or sudo() before the search",
            );
        }
    }
}

/// `setUpClass` of account's tests takes no chart template.
pub(super) fn chart_template(python: &Python<'_>, found: &mut Found) {
    for function in &python.nodes.functions {
        let within = range(*function);
        let all = &function.parameters.args;
        let at = all
            .iter()
            .position(|it| it.parameter.name.id.as_str() == "chart_template_ref");
        let Some(at) = at.filter(|at| *at > 0 && function.name.id.as_str() == "setUpClass") else {
            continue;
        };
        let parameter = &all[at];
        let calls = python
            .nodes
            .calls
            .iter()
            .filter(|call| within.contains(&range(**call).start) && Python::called(call) == Some("setUpClass"));
        let mut edits = vec![Edit::remove(range(&all[at - 1]).end..range(parameter).end)];
        for call in calls {
            let keyword = call.arguments.find_keyword("chart_template_ref");
            if let Some(keyword) = keyword {
                edits.push(Edit::remove(python.argument_with_comma(call, keyword)));
            } else if let [argument] = &call.arguments.args[..] {
                edits.push(Edit::remove(range(argument)));
            }
        }
        let default = parameter.default.as_deref();
        if default.is_some_and(|it| !it.is_none_literal_expr()) {
            found.say(
                range(parameter).start,
                Level::Warning,
                format!(
                    "the chart template {} was chosen here",
                    default.map(|it| python.at(it)).unwrap_or_default()
                ),
                "@AccountTestInvoicingCommon.setup_chart_template(…) or setup_country(…) above setUpClass",
            );
        }
        found.change(edits);
    }
}
