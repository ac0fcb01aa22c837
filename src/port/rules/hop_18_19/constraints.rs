//! Constraints of the database as attributes of a class.

use ruff_python_ast::{Expr, Stmt};

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Class, Edit, Found, Level, Python, range};

pub(super) const CONSTRAINTS: Rule = Rule {
    id: "19.1",
    title: "_sql_constraints → models.Constraint",
    why: "19.0 warns that the list is no longer supported and does not create what it names",
    source: "odoo/orm/model_classes.py and odoo/orm/table_objects.py, 19.0",
    deed: Deed::Mechanical,
    words: &["_sql_constraints"],
    looks: &[Look::Python(constraints)],
};

const LIST: &str = "_sql_constraints";

fn constraints(python: &Python<'_>, found: &mut Found) {
    let mut seen = Vec::new();
    for class in &python.nodes.classes {
        for stmt in &class.body {
            let (target, value) = match stmt {
                Stmt::Assign(assign) => (assign.targets.first(), Some(&*assign.value)),
                Stmt::AnnAssign(assign) => (Some(&*assign.target), assign.value.as_deref()),
                Stmt::AugAssign(assign) => (Some(&*assign.target), None),
                _ => continue,
            };
            let Some(Expr::Name(target)) = target else { continue };
            if target.id.as_str() != LIST {
                continue;
            }
            seen.push(range(stmt));
            match value.and_then(|value| objects(python, Class::of(class), range(stmt).start, value)) {
                Some(text) => found.change(vec![Edit::replace(range(stmt), text)]),
                None => cannot(found, range(stmt).start),
            }
        }
    }
    let names = python.nodes.names.iter().map(|name| (name.id.as_str(), range(*name)));
    let attributes = (python.nodes.attributes.iter()).map(|it| (it.attr.id.as_str(), range(&it.attr)));
    for (name, place) in names.chain(attributes) {
        if name == LIST && !seen.iter().any(|seen| seen.contains(&place.start)) {
            cannot(found, place.start);
        }
    }
}

fn cannot(found: &mut Found, at: usize) {
    found.say(
        at,
        Level::Error,
        "19.0 does not read `_sql_constraints`: these constraints would not be created",
        "write each as an attribute: `_name = models.Constraint(definition, message)`",
    );
}

/// Writes the constraints of a list, one attribute each.
fn objects(python: &Python<'_>, class: Class<'_>, at: usize, list: &Expr) -> Option<String> {
    let elements = match list {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    if !python.imports("odoo", "models") && !python.imports("openerp", "models") {
        return None;
    }
    let indent = &python.text[python.line_start(at)..at];
    let newline = python.newline();
    let mut parts: Vec<String> = Vec::new();
    let mut before = range(list).start + 1;
    for element in elements {
        let triple = match element {
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            _ => return None,
        };
        let (name, definition, message) = match triple.as_slice() {
            [name, definition] => (name, definition, None),
            [name, definition, message] => (name, definition, Some(message)),
            _ => return None,
        };
        let name = attribute(python, class, Python::string(name)?)?;
        parts.extend(comments(&python.text[before..range(element).start]));
        before = range(element).end;
        let mut lines = vec![definition];
        lines.extend(message.map(untranslated).filter(|it| Python::string(it) != Some("")));
        let mut arguments = String::new();
        for line in lines {
            arguments.extend([newline, indent, "    ", python.at(line), ","]);
        }
        parts.push(format!("{name} = models.Constraint({arguments}{newline}{indent})"));
    }
    parts.extend(comments(&python.text[before..range(list).end]));
    (!parts.is_empty()).then(|| parts.join(&format!("{newline}{indent}")))
}

/// Returns the comments of what stands between two elements.
fn comments(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter_map(|line| line.find('#').map(|at| line[at..].trim_end().to_owned()))
}

/// Returns the text inside `_(…)`: messages are translated when they are shown.
fn untranslated(message: &Expr) -> &Expr {
    match message {
        Expr::Call(call) if matches!(Python::called(call), Some("_" | "_lt")) => {
            call.arguments.args.first().unwrap_or(message)
        }
        _ => message,
    }
}

/// Returns the name of the attribute. One that the class uses for something else gets a tail: the old constraint is
/// known to Odoo by its module and name, and is dropped when the module is updated.
fn attribute(python: &Python<'_>, class: Class<'_>, name: &str) -> Option<String> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain || name.is_empty() {
        return None;
    }
    let attribute = format!("_{name}");
    let model = class.model().and_then(|model| python.facts.models.get(model));
    let taken = class.methods().any(|method| method.name.id.as_str() == attribute)
        || class.assigned(&attribute).is_some()
        || model.is_some_and(|model| model.methods.contains(&attribute));
    Some(if taken {
        format!("{attribute}_constraint")
    } else {
        attribute
    })
}
