//! 18.4, 18.8 to 18.10: rights and cycles are asked for with other methods.

use ruff_python_ast::{Expr, ExprAttribute, ExprCall};

use crate::port::rules::code::rename_calls;
use crate::port::{Edit, Found, Level, Python, range};

/// The calls of a method, with the attribute that names it.
fn calls_of<'a>(python: &'a Python<'_>, names: &'a [&str]) -> impl Iterator<Item = (&'a ExprCall, &'a ExprAttribute)> {
    python.nodes.calls.iter().filter_map(|call| match &*call.func {
        Expr::Attribute(attribute) if names.contains(&attribute.attr.id.as_str()) => Some((*call, attribute)),
        _ => None,
    })
}

fn of_super(python: &Python<'_>, attribute: &ExprAttribute) -> bool {
    python.at(&*attribute.value).starts_with("super(")
}

/// `self.user_has_groups('a')` becomes `self.env.user.has_group('a')`.
pub(super) fn user_has_groups(python: &Python<'_>, found: &mut Found) {
    for (call, attribute) in calls_of(python, &["user_has_groups"]) {
        let place = range(attribute);
        let group = call.arguments.args.first();
        if of_super(python, attribute) || call.arguments.args.len() != 1 || !call.arguments.keywords.is_empty() {
            found.say(
                place.start,
                Level::Error,
                "user_has_groups is gone in 18.0",
                "self.env.user.has_groups(groups)",
            );
            continue;
        }
        let model = python.at(&*attribute.value);
        let user = match model.find("env[") {
            _ if model.ends_with("env.user") => model.to_owned(),
            Some(at) => format!("{}env.user", &model[..at]),
            None => format!("{model}.env.user"),
        };
        let one = group
            .and_then(Python::string)
            .is_some_and(|group| !group.contains([',', '!']));
        found.replace(
            place,
            format!("{user}.{}", if one { "has_group" } else { "has_groups" }),
        );
    }
}

/// `_check_recursion()` held when there was none; `_has_cycle()` holds when there is one.
pub(super) fn recursion(python: &Python<'_>, found: &mut Found) {
    const NAMES: [&str; 2] = ["_check_recursion", "_check_m2m_recursion"];
    for (call, attribute) in calls_of(python, &NAMES) {
        let whole = range(call);
        let parent = call.arguments.keywords.first();
        if of_super(python, attribute) {
            found.say(
                range(&attribute.attr).start,
                Level::Warning,
                "`_check_recursion` is deprecated in 18.0 and nothing calls an override of it",
                "override `_has_cycle`, which holds when there is a cycle",
            );
            continue;
        }
        let mut edits = vec![Edit::replace(range(&attribute.attr), "_has_cycle")];
        if let Some(name) = parent.and_then(|keyword| keyword.arg.as_ref()) {
            edits.push(Edit::replace(range(name), "field_name"));
        }
        let before = python.text[..whole.start].trim_end();
        let line = python.text[python.line_start(whole.start)..whole.start].trim();
        if before.ends_with(" not") || before.ends_with("(not") {
            edits.push(Edit::remove(before.len() - 3..whole.start));
        } else if matches!(line, "if" | "return" | "elif" | "while") || line.ends_with(" =") {
            edits.push(Edit::insert(whole.start, "not "));
        } else if line.is_empty() {
            // The value is not used.
        } else {
            edits.push(Edit::insert(whole.start, "(not "));
            edits.push(Edit::insert(whole.end, ")"));
        }
        found.change(edits);
    }
}

/// `check_access_rights` and `check_access_rule` are one method, and another for a question.
pub(super) fn check_access(python: &Python<'_>, found: &mut Found) {
    let rules: Vec<(&ExprCall, &ExprAttribute)> = calls_of(python, &["check_access_rule"]).collect();
    for (_, attribute) in &rules {
        if !of_super(python, attribute) {
            found.replace(range(&attribute.attr), "check_access");
        }
    }
    for (call, attribute) in calls_of(python, &["check_access_rights"]) {
        let place = range(&attribute.attr);
        if of_super(python, attribute) {
            continue;
        }
        let whole = range(call);
        let raising = call.arguments.find_keyword("raise_exception");
        let raises = raising
            .map(|it| &it.value)
            .or_else(|| call.arguments.args.get(1))
            .map(|it| python.at(it));
        let model = python.at(&*attribute.value);
        // The right to the model alone, whatever the records.
        let empty = model.ends_with(']') && model.contains("env[") || model.ends_with("browse()");
        let browse = if empty { "" } else { "browse()." };
        match raises {
            None | Some("True") => {
                let second = rules.iter().find(|(rule, about)| {
                    let between = python.text.get(whole.end..range(*rule).start).unwrap_or("x");
                    between.trim().is_empty()
                        && python.at(&*about.value) == model
                        && rule.arguments.args.first().map(|it| python.at(it))
                            == call.arguments.args.first().map(|it| python.at(it))
                });
                if let Some((rule, _)) = second {
                    // The other one asks for both now.
                    found.remove(whole.start..range(*rule).start);
                } else {
                    let mut edits = vec![Edit::replace(place, format!("{browse}check_access"))];
                    edits.extend(raising.map(|it| Edit::remove(python.argument_with_comma(call, it))));
                    found.change(edits);
                }
            }
            Some("False") => {
                let argument = raising.map(range).or_else(|| call.arguments.args.get(1).map(range));
                let mut edits = vec![Edit::replace(place, format!("{browse}has_access"))];
                if let Some(argument) = argument {
                    let end = call
                        .arguments
                        .args
                        .first()
                        .map_or(argument.start, |first| range(first).end);
                    edits.push(Edit::remove(end..argument.end));
                }
                found.change(edits);
            }
            Some(_) => found.say(
                place.start,
                Level::Warning,
                "check_access_rights is deprecated in 18.0",
                "check_access(operation) raises, has_access(operation) answers",
            ),
        }
    }
    for function in &python.nodes.functions {
        let name = function.name.id.as_str();
        if matches!(name, "check_access_rights" | "check_access_rule")
            && python.class_at(range(*function).start).is_some()
        {
            found.say(
                range(&function.name).start,
                Level::Error,
                format!("an override of `{name}` is not called in 18.0: what it forbids is allowed"),
                "override `_check_access(operation)`, which returns the forbidden records and a function that makes the error",
            );
        }
    }
}

pub(super) fn filtered(python: &Python<'_>, found: &mut Found) {
    let names = [
        ("_filter_access_rules", "_filtered_access"),
        ("_filter_access_rules_python", "_filtered_access"),
    ];
    rename_calls(python, found, &names);
}
