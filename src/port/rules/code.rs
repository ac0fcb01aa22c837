//! What rules share about Python.

use ruff_python_ast::{Expr, ExprCall, StmtFunctionDef};

use crate::port::{Class, Edit, Found, Kind, Level, Python, Xml, range};

use super::{Deeds, Script, Whole};

/// Brings a name by `from module import name`, once, beside what is already imported from there.
pub(super) fn bring(python: &Python<'_>, found: &mut Found, module: &str, name: &str) {
    if python.imports(module, name) {
        return;
    }
    let beside = python.nodes.imports_from.iter().find(|import| {
        import.module.as_ref().is_some_and(|from| from.id.as_str() == module)
            && import.level == 0
            && python.line_start(range(**import).start) == range(**import).start
            && import.names.iter().all(|alias| alias.name.id.as_str() != "*")
    });
    let Some(import) = beside else {
        let line = format!("from {module} import {name}{}", python.newline());
        let at = python.import_place();
        let line = if at > 0 && !python.text[..at].ends_with('\n') {
            format!("{}{line}", python.newline())
        } else {
            line
        };
        return found.once(Edit::insert(at, line));
    };
    let after = import.names.iter().find(|alias| alias.name.id.as_str() > name);
    match (after, import.names.last()) {
        (Some(after), _) => found.once(Edit::insert(range(after).start, format!("{name}, "))),
        (None, Some(last)) => found.once(Edit::insert(range(last).end, format!(", {name}"))),
        (None, None) => {}
    }
}

/// Gives methods another name where they are called or defined in a class of a model: `(old, new)`.
pub(super) fn rename_calls(python: &Python<'_>, found: &mut Found, names: &[(&str, &str)]) {
    for call in &python.nodes.calls {
        if let Expr::Attribute(attribute) = &*call.func
            && let Some((_, new)) = names.iter().find(|(old, _)| attribute.attr.id.as_str() == *old)
        {
            found.replace(range(&attribute.attr), *new);
        }
    }
}

/// Returns the methods of models by name.
pub(super) fn methods<'a>(python: &'a Python<'_>, names: &'a [&str]) -> impl Iterator<Item = &'a StmtFunctionDef> {
    (python.nodes.functions.iter().copied()).filter(|function| {
        names.contains(&function.name.id.as_str())
            && python
                .class_at(range(*function).start)
                .is_some_and(|class| class.model().is_some())
    })
}

/// Says something of every call of a method or function; `{}` in the message is its name.
pub(super) fn say_calls(
    python: &Python<'_>,
    found: &mut Found,
    names: &[&str],
    level: Level,
    message: &str,
    remedy: &str,
) {
    for call in &python.nodes.calls {
        if let Some(name) = Python::called(call)
            && names.contains(&name)
        {
            found.say(place_of(call), level, message.replace("{}", name), remedy);
        }
    }
}

/// Says something of every method of a model with one of these names; `{}` in the message is its name.
pub(super) fn say_methods(
    python: &Python<'_>,
    found: &mut Found,
    names: &[&str],
    level: Level,
    message: &str,
    remedy: &str,
) {
    for function in methods(python, names) {
        let name = function.name.id.as_str();
        found.say(range(&function.name).start, level, message.replace("{}", name), remedy);
    }
}

/// Says something of every class that extends a model.
pub(super) fn say_extensions(
    python: &Python<'_>,
    found: &mut Found,
    model: &str,
    level: Level,
    message: &str,
    remedy: &str,
) {
    for class in &python.nodes.classes {
        if Class::of(class).inherits().contains(&model) {
            found.say(range(*class).start, level, message, remedy);
        }
    }
}

/// Says something of every attribute with one of these names, read, written or called; `{}` is its name.
pub(super) fn say_attributes(
    python: &Python<'_>,
    found: &mut Found,
    names: &[&str],
    level: Level,
    message: &str,
    remedy: &str,
) {
    for attribute in &python.nodes.attributes {
        let name = attribute.attr.id.as_str();
        if names.contains(&name) {
            found.say(range(&attribute.attr).start, level, message.replace("{}", name), remedy);
        }
    }
}

/// Says something of every import whose module begins so, or that brings one of its names: `odoo.osv.expression`.
pub(super) fn say_imports(
    python: &Python<'_>,
    found: &mut Found,
    paths: &[&str],
    level: Level,
    message: &str,
    remedy: &str,
) {
    let mut say = |at: usize, full: &str| {
        let under = |path: &&&str| {
            full.strip_prefix(**path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some(path) = paths.iter().find(under) {
            found.say(at, level, message.replace("{}", path), remedy);
        }
    };
    for import in &python.nodes.imports_from {
        let Some(module) = import.module.as_ref().filter(|_| import.level == 0) else {
            continue;
        };
        for alias in &import.names {
            say(range(alias).start, &format!("{}.{}", module.id, alias.name.id));
        }
    }
    for import in &python.nodes.imports {
        for alias in &import.names {
            say(range(alias).start, alias.name.id.as_str());
        }
    }
}

/// Says something of every text literal that is exactly one of these: models, keys; `{}` is the text.
pub(super) fn say_strings(
    python: &Python<'_>,
    found: &mut Found,
    texts: &[&str],
    level: Level,
    message: &str,
    remedy: &str,
) {
    for literal in &python.nodes.strings {
        let text = literal.value.to_str();
        if texts.contains(&text) {
            found.say(range(*literal).start, level, message.replace("{}", text), remedy);
        }
    }
}

/// Returns where a call's own name stands: a chain of calls has a place for each.
fn place_of(call: &ExprCall) -> usize {
    match &*call.func {
        Expr::Attribute(attribute) => range(&attribute.attr).start,
        other => range(other).start,
    }
}

/// Says something of every place of an XML file that names one of these models; `{}` is its name.
pub(super) fn say_models(xml: &Xml<'_>, found: &mut Found, models: &[&str], level: Level, message: &str, remedy: &str) {
    for node in xml.doc.descendants() {
        let mut say = |at: usize, model: &str| found.say(at, level, message.replace("{}", model), remedy);
        if let Some(attribute) = node.attribute_node("model")
            && models.contains(&attribute.value())
        {
            say(attribute.range().start, attribute.value());
        }
        let names = matches!(node.attribute("name"), Some("model" | "res_model" | "relation"));
        if let Some(text) = node.text().filter(|_| names && node.has_tag_name("field"))
            && models.contains(&text.trim())
        {
            say(node.range().start, text.trim());
        }
        if let Some(reference) = node.attribute_node("ref") {
            let name = reference.value().rsplit('.').next().unwrap_or_default();
            let model = name.strip_prefix("model_").unwrap_or_default();
            if let Some(model) = models.iter().find(|it| it.replace('.', "_") == model) {
                say(reference.range().start, model);
            }
        }
    }
}

/// Says something of every place of a script where a text stands; `{}` is the text.
pub(super) fn say_texts(
    script: &Script<'_>,
    found: &mut Found,
    texts: &[&str],
    level: Level,
    message: &str,
    remedy: &str,
) {
    for text in texts {
        for (at, _) in script.text.match_indices(text) {
            found.say(at, level, message.replace("{}", text), remedy);
        }
    }
}

/// Says something of every table of one of these models; `{}` is its name.
pub(super) fn say_tables(
    whole: &Whole<'_>,
    deeds: &mut Deeds,
    models: &[&str],
    level: Level,
    message: &str,
    remedy: &str,
) {
    for file in whole.files.iter().filter(|file| file.kind() == Kind::Csv) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let model = name.trim_end_matches(".csv").split('-').next().unwrap_or_default();
        if models.contains(&model) {
            let mut found = Found::default();
            found.say(0, level, message.replace("{}", model), remedy);
            deeds.found.push((file.path.clone(), found));
        }
    }
}
