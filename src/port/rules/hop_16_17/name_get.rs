//! 17.5: `name_get` becomes `_compute_display_name`.

use std::collections::BTreeSet;

use ruff_python_ast::{Comprehension, Expr, ExprCall, Stmt, StmtFor, StmtFunctionDef};

use crate::port::rules::code::{bring, methods};
use crate::port::{Edit, Found, Level, Python, range};

const REMEDY: &str = "let `_compute_display_name` set `display_name` of each record, with @api.depends";

pub(super) fn name_get(python: &Python<'_>, found: &mut Found) {
    let mut overridden = Vec::new();
    for function in methods(python, &["name_get"]) {
        overridden.push(range(function));
        let Some(mut edits) = body(python, function) else {
            found.say(
                range(&function.name).start,
                Level::Error,
                "name_get is not called any more: what this override makes of the name is lost",
                REMEDY,
            );
            continue;
        };
        edits.push(Edit::replace(range(&function.name), "_compute_display_name"));
        edits.extend(decorators(python, function, found));
        found.change(edits);
    }
    for call in &python.nodes.calls {
        let at = range(*call);
        if Python::called(call) == Some("name_get") && !overridden.iter().any(|method| method.contains(&at.start)) {
            caller(python, call, found);
        }
    }
}

/// `record.name_get()[0][1]` is `record.display_name`.
fn caller(python: &Python<'_>, call: &ExprCall, found: &mut Found) {
    let Expr::Attribute(function) = &*call.func else { return };
    let index = |of: &std::ops::Range<usize>, number: &str| {
        python.nodes.subscripts.iter().find_map(|subscript| {
            (range(&*subscript.value) == *of && python.at(&*subscript.slice) == number).then(|| range(*subscript))
        })
    };
    let whole = range(call);
    match index(&whole, "0").and_then(|pair| index(&pair, "1")) {
        Some(name) => found.replace(range(&function.attr).start..name.end, "display_name"),
        None => found.say(
            range(&function.attr).start,
            Level::Warning,
            "name_get is deprecated in 17.0 and gone in 18.0",
            "read `display_name` of each record",
        ),
    }
}

/// The edits of a body whose list of pairs can be told from everything else.
fn body(python: &Python<'_>, function: &StmtFunctionDef) -> Option<Vec<Edit>> {
    let mut statements = function.body.as_slice();
    if let [Stmt::Expr(first), rest @ ..] = statements
        && first.value.is_string_literal_expr()
    {
        statements = rest;
    }
    let [before @ .., Stmt::Return(end)] = statements else {
        return None;
    };
    let value = end.value.as_deref()?;
    if let (Expr::ListComp(comprehension), [generator]) = (value, generators(value)) {
        let Expr::Tuple(pair) = &*comprehension.elt else {
            return None;
        };
        let ([id, name], []) = (pair.elts.as_slice(), generator.ifs.as_slice()) else {
            return None;
        };
        let record = python.at(&generator.target);
        if python.at(id) != format!("{record}.id")
            || python.at(&generator.iter) != "self"
            || !supers(python, function)?.is_empty()
        {
            return None;
        }
        let indent = &python.text[python.line_start(range(end).start)..range(end).start];
        let newline = python.newline();
        let text = format!(
            "for {record} in self:{newline}{indent}    {record}.display_name = {}",
            python.at(name)
        );
        return Some(vec![Edit::replace(range(end), text)]);
    }
    let Expr::Name(list) = value else { return None };
    let list = list.id.as_str();
    let mut edits = supers(python, function)?;
    let mut known: Vec<std::ops::Range<usize>> = Vec::new();
    let first = before.iter().find_map(|stmt| match stmt {
        Stmt::Assign(assign) => match (assign.targets.as_slice(), &*assign.value) {
            ([Expr::Name(target)], Expr::List(value)) if target.id.as_str() == list && value.elts.is_empty() => {
                Some(assign)
            }
            _ => None,
        },
        _ => None,
    })?;
    edits.push(Edit::remove(whole_line(python, range(first))?));
    edits.push(Edit::remove(whole_line(python, range(end))?));
    known.extend([range(first), range(end)]);
    let loops: Vec<&StmtFor> = before.iter().filter_map(Stmt::as_for_stmt).collect();
    let [each] = loops.as_slice() else { return None };
    let record = python.at(&*each.target);
    if !each.orelse.is_empty() || !matches!(python.at(&*each.iter), "self" | "self.sudo()") {
        return None;
    }
    for call in &python.nodes.calls {
        let place = range(*call);
        if range(function).contains(&place.start) && python.at(&*call.func) == format!("{list}.append") {
            let [Expr::Tuple(pair)] = &call.arguments.args[..] else {
                return None;
            };
            let [id, name] = pair.elts.as_slice() else { return None };
            let statement = python.text[python.line_start(place.start)..place.start]
                .trim()
                .is_empty();
            if python.at(id) != format!("{record}.id") || !statement || !range(*each).contains(&place.start) {
                return None;
            }
            let name = python.at(name);
            let name = if name.contains('\n') {
                format!("({name})")
            } else {
                name.to_owned()
            };
            edits.push(Edit::replace(place.clone(), format!("{record}.display_name = {name}")));
            known.push(place);
        }
    }
    // The list is used for nothing else, and no value is returned on the way.
    let other = python.nodes.names.iter().any(|name| {
        let place = range(*name);
        name.id.as_str() == list
            && range(function).contains(&place.start)
            && !known.iter().any(|known| known.contains(&place.start))
    });
    (!other && known.len() > 2).then_some(edits)
}

fn generators(value: &Expr) -> &[Comprehension] {
    match value {
        Expr::ListComp(comprehension) => &comprehension.generators,
        _ => &[],
    }
}

/// The line of a statement, when it has one to itself; blank lines before a `return` go with it.
fn whole_line(python: &Python<'_>, statement: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let start = python.line_start(statement.start);
    let end = python.line_end(statement.end);
    let alone =
        python.text[start..statement.start].trim().is_empty() && python.text[statement.end..end].trim().is_empty();
    alone.then_some(start..end)
}

/// `return super().name_get()` keeps its meaning; any other use of what super returns is not understood.
fn supers(python: &Python<'_>, function: &StmtFunctionDef) -> Option<Vec<Edit>> {
    let within = range(function);
    let mut edits = Vec::new();
    for call in &python.nodes.calls {
        let place = range(*call);
        if !within.contains(&place.start) || Python::called(call) != Some("name_get") {
            continue;
        }
        let Expr::Attribute(attribute) = &*call.func else {
            return None;
        };
        let returned = python.text[python.line_start(place.start)..place.start].trim() == "return";
        if !returned || !python.at(&*attribute.value).starts_with("super(") {
            return None;
        }
        edits.push(Edit::replace(range(&attribute.attr), "_compute_display_name"));
    }
    let returns = python.text[within].matches("return ").count();
    (returns == edits.len() + 1).then_some(edits)
}

/// `@api.depends` on the fields that are read for sure, `@api.depends_context` on the keys.
fn decorators(python: &Python<'_>, function: &StmtFunctionDef, found: &mut Found) -> Option<Edit> {
    let within = range(function);
    let class = python.class_at(within.start)?;
    let own: BTreeSet<&str> = class.fields().map(|(name, ..)| name).collect();
    let known = class.model().and_then(|model| python.facts.models.get(model));
    let is_field = |name: &str| own.contains(name) || known.is_some_and(|model| model.fields.contains_key(name));
    let record = function.body.iter().find_map(|stmt| match stmt {
        Stmt::For(each) => Some(python.at(&*each.target)),
        Stmt::Return(last) => last
            .value
            .as_deref()
            .map(generators)?
            .first()
            .map(|it| python.at(&it.target)),
        _ => None,
    });
    let mut fields = Vec::new();
    let mut keys = Vec::new();
    for attribute in &python.nodes.attributes {
        let name = attribute.attr.id.as_str();
        let of = python.at(&*attribute.value);
        if within.contains(&range(*attribute).start) && Some(of) == record && is_field(name) && !fields.contains(&name)
        {
            fields.push(name);
        }
    }
    for call in &python.nodes.calls {
        let of = python.at(&*call.func);
        if within.contains(&range(*call).start)
            && matches!(of, "self.env.context.get" | "self._context.get")
            && let Some(key) = call.arguments.args.first().and_then(Python::string)
            && !keys.contains(&key)
        {
            keys.push(key);
        }
    }
    let has = |decorator: &str| {
        (function.decorator_list.iter()).any(|it| python.at(&it.expression).starts_with(&format!("api.{decorator}(")))
    };
    let quoted = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        names.join(", ")
    };
    let mut lines = Vec::new();
    if !fields.is_empty() && !has("depends") {
        lines.push(format!("@api.depends({})", quoted(&fields)));
    }
    if !keys.is_empty() && !has("depends_context") {
        lines.push(format!("@api.depends_context({})", quoted(&keys)));
    }
    if lines.is_empty() {
        return None;
    }
    bring(python, found, "odoo", "api");
    let start = within.start;
    let indent = &python.text[python.line_start(start)..start];
    let text: String = (lines.iter())
        .flat_map(|line| [line.as_str(), python.newline(), indent])
        .collect();
    Some(Edit::insert(start, text))
}
