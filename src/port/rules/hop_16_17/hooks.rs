//! 17.4: hooks of a module are given an environment.

use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};

use crate::port::python::Tree;
use crate::port::rules::{Deeds, Whole};
use crate::port::{Edit, Facts, Found, Kind, Level, Manifest, Python, SourceFile, range};

const KEYS: [&str; 3] = ["pre_init_hook", "post_init_hook", "uninstall_hook"];

pub(super) fn hooks(whole: &Whole<'_>, deeds: &mut Deeds) {
    let names = hook_names(whole);
    if names.is_empty() {
        return;
    }
    for file in whole.files.iter().filter(|file| file.kind() == Kind::Python) {
        if !names.iter().any(|name| file.text.contains(name.as_str())) {
            continue;
        }
        let Ok(tree) = Tree::parse(&file.text) else { continue };
        let facts = Facts::default();
        let python = Python::new(&file.path, whole.name, &file.text, &tree, &facts);
        let mut found = Found::default();
        for statement in tree.body() {
            if let Stmt::FunctionDef(function) = statement
                && names.iter().any(|name| name == function.name.id.as_str())
            {
                rewrite(&python, function, &names, &mut found);
            }
        }
        elsewhere(&python, &names, &mut found);
        unused_imports(&python, &mut found);
        deeds.found.push((file.path.clone(), found));
    }
}

fn hook_names(whole: &Whole<'_>) -> Vec<String> {
    let manifest = whole.files.iter().copied().find(|file| file.kind() == Kind::Manifest);
    let read = |file: &SourceFile| {
        let tree = Tree::parse(&file.text).ok()?;
        let facts = Facts::default();
        let manifest = Manifest::new(&file.path, whole.name, &file.text, &tree, &facts)?;
        let names = KEYS.iter().filter_map(|key| manifest.value(key));
        Some(names.filter_map(Python::string).map(str::to_owned).collect())
    };
    manifest.and_then(read).unwrap_or_default()
}

/// The old parameters of a hook: the cursor's name, and the registry's if it has one.
fn parameters(function: &StmtFunctionDef) -> Option<(&str, Option<&str>)> {
    let all = &function.parameters;
    if !all.posonlyargs.is_empty() || !all.kwonlyargs.is_empty() || all.vararg.is_some() || all.kwarg.is_some() {
        return None;
    }
    let names: Vec<&str> = all.args.iter().map(|arg| arg.parameter.name.id.as_str()).collect();
    match names.as_slice() {
        [cr] => Some((cr, None)),
        [cr, registry] => Some((cr, Some(registry))),
        _ => None,
    }
}

fn rewrite(python: &Python<'_>, function: &StmtFunctionDef, hooks: &[String], found: &mut Found) {
    let Some((cr, registry)) = parameters(function) else {
        return found.say(
            range(function).start,
            Level::Error,
            format!(
                "the hook `{}` is given one argument in 17.0, an environment",
                function.name.id
            ),
            "let it take `env`",
        );
    };
    if cr == "env" {
        return;
    }
    let (Some(first), Some(last)) = (function.parameters.args.first(), function.parameters.args.last()) else {
        return;
    };
    let within = range(function);
    let mut edits = vec![Edit::replace(range(first).start..range(last).end, "env")];
    let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
    // Environments that the hook makes are the one it is given.
    let made: Vec<&ExprCall> = (python.nodes.calls.iter().copied())
        .filter(|call| within.contains(&range(*call).start) && is_environment(call, cr))
        .collect();
    for call in made {
        let whole = range(call);
        let [_, user, context] = &call.arguments.args[..] else {
            continue;
        };
        let superuser = matches!(user, Expr::Name(name) if name.id.as_str() == "SUPERUSER_ID")
            || matches!(user, Expr::Attribute(name) if name.attr.id.as_str() == "SUPERUSER_ID")
            || python.at(user) == "1";
        let plain = matches!(context, Expr::Dict(dict) if dict.items.is_empty());
        let assigned = python
            .nodes
            .assignments
            .iter()
            .find(|assign| range(&*assign.value) == whole && assign.targets.len() == 1);
        let to_env =
            assigned.is_some_and(|assign| matches!(&assign.targets[0], Expr::Name(name) if name.id.as_str() == "env"));
        let mut changes = Vec::new();
        if !superuser {
            changes.push(format!("user={}", python.at(user)));
        }
        if !plain {
            changes.push(format!("context={}", python.at(context)));
        }
        if changes.is_empty()
            && to_env
            && let Some(assign) = assigned
        {
            let statement = range(*assign);
            edits.push(without_statement(python, function, &statement));
            taken.push(statement);
        } else {
            let with = if changes.is_empty() {
                "env".to_owned()
            } else {
                format!("env({})", changes.join(", "))
            };
            edits.push(Edit::replace(whole.clone(), with));
            taken.push(whole);
        }
    }
    // Another hook is given the environment too.
    for call in &python.nodes.calls {
        let whole = range(*call);
        if within.contains(&whole.start)
            && let Expr::Name(name) = &*call.func
            && hooks.iter().any(|hook| hook == name.id.as_str())
            && let (Some(first), Some(last)) = (call.arguments.args.first(), call.arguments.args.last())
        {
            let arguments = range(first).start..range(last).end;
            edits.push(Edit::replace(arguments.clone(), "env"));
            taken.push(arguments);
        }
    }
    for name in &python.nodes.names {
        let place = range(*name);
        if !within.contains(&place.start) || taken.iter().any(|taken| taken.contains(&place.start)) {
            continue;
        }
        if name.id.as_str() == cr {
            edits.push(Edit::replace(place, "env.cr"));
        } else if Some(name.id.as_str()) == registry {
            edits.push(Edit::replace(place, "env.registry"));
        }
    }
    found.change(edits);
}

fn is_environment(call: &ExprCall, cr: &str) -> bool {
    Python::dotted(&call.func).is_some_and(|name| name == "Environment" || name.ends_with("api.Environment"))
        && call.arguments.args.len() == 3
        && matches!(&call.arguments.args[0], Expr::Name(name) if name.id.as_str() == cr)
}

/// Removes a statement; the only one of a body leaves a `pass`.
fn without_statement(python: &Python<'_>, function: &StmtFunctionDef, statement: &std::ops::Range<usize>) -> Edit {
    let mut real = function
        .body
        .iter()
        .filter(|stmt| !matches!(stmt, Stmt::Expr(expr) if expr.value.is_string_literal_expr()));
    let direct = function.body.iter().any(|stmt| range(stmt) == *statement);
    let only = real.next().is_some_and(|first| range(first) == *statement) && real.next().is_none();
    let line = python.line_start(statement.start);
    let end = python.line_end(statement.end);
    let alone = python.text[line..statement.start].trim().is_empty();
    let rest = python.text[statement.end..end].trim();
    if direct && !only && alone && (rest.is_empty() || rest.starts_with('#')) {
        Edit::remove(line..end)
    } else {
        Edit::replace(statement.clone(), "pass")
    }
}

/// Calls of a hook from other functions, tests above all.
fn elsewhere(python: &Python<'_>, names: &[String], found: &mut Found) {
    for call in &python.nodes.calls {
        let Some(name) = Python::called(call) else { continue };
        let inside = python.nodes.functions.iter().any(|function| {
            range(*function).contains(&range(*call).start) && names.iter().any(|hook| hook == function.name.id.as_str())
        });
        let arguments = &call.arguments.args;
        if inside || !names.iter().any(|hook| hook == name) || arguments.is_empty() || arguments.len() > 2 {
            continue;
        }
        let cursor = python.at(&arguments[0]);
        match cursor.strip_suffix(".cr") {
            Some(env) if env.ends_with("env") => {
                let last = range(&arguments[arguments.len() - 1]).end;
                found.replace(range(&arguments[0]).start..last, env);
            }
            _ if cursor.ends_with("env") => {}
            _ => found.say(
                range(*call).start,
                Level::Warning,
                format!("the hook `{name}` is called here with a cursor; it takes an environment now"),
                "give it an environment",
            ),
        }
    }
}

/// `api` and `SUPERUSER_ID` are often imported for the environment alone.
fn unused_imports(python: &Python<'_>, found: &mut Found) {
    if found.changes.is_empty() {
        return;
    }
    let removed: Vec<(usize, usize)> = (found.changes.iter().flatten())
        .map(|edit| (edit.start, edit.end))
        .collect();
    let mut gone = Vec::new();
    for import in &python.nodes.imports_from {
        if import.module.as_ref().is_none_or(|module| module.id.as_str() != "odoo") {
            continue;
        }
        for alias in &import.names {
            let local = Python::local(alias);
            let mut uses = python
                .nodes
                .names
                .iter()
                .filter(|name| name.id.as_str() == local)
                .peekable();
            let unused = uses.peek().is_some()
                && uses.all(|name| {
                    let place = range(*name);
                    removed.iter().any(|(start, end)| (*start..*end).contains(&place.start))
                });
            if unused && matches!(local, "api" | "SUPERUSER_ID" | "Environment") {
                gone.push((*import, alias));
            }
        }
    }
    let mut edits = Vec::new();
    for import in &python.nodes.imports_from {
        let here = gone.iter().filter(|(from, _)| range(*from) == range(*import)).count();
        if here == 0 {
            continue;
        }
        let kept: Vec<&str> = (import.names.iter())
            .filter(|alias| !gone.iter().any(|(_, it)| range(*it) == range(*alias)))
            .map(|alias| python.at(alias))
            .collect();
        let whole = range(*import);
        if kept.is_empty() {
            let end = python.line_end(whole.end);
            let mut rest = end;
            // Two blank lines are enough.
            if python.line_start(whole.start) == 0 {
                rest += python.text[end..].len() - python.text[end..].trim_start_matches(['\r', '\n']).len();
            }
            edits.push(Edit::remove(python.line_start(whole.start)..rest));
        } else {
            edits.push(Edit::replace(whole, format!("from odoo import {}", kept.join(", "))));
        }
    }
    for edit in edits {
        found.once(edit);
    }
}
