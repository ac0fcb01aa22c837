//! 14.8: models without access rights.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, Stmt};

use crate::port::python::Tree;
use crate::port::rules::{Deeds, Whole};
use crate::port::{Class, Found, Kind, Level, Python, range};

pub(super) fn rights(whole: &Whole<'_>, deeds: &mut Deeds) {
    let mut granted = BTreeSet::new();
    for file in whole.files {
        let access = file.path.ends_with("ir.model.access.csv")
            || file.kind() == Kind::Xml && file.text.contains("ir.model.access");
        if access {
            let words = file.text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            granted.extend(words.filter_map(|word| word.strip_prefix("model_")).map(str::to_owned));
        }
    }
    for file in whole
        .files
        .iter()
        .filter(|file| file.kind() == Kind::Python && file.text.contains("_name"))
    {
        let Ok(tree) = Tree::parse(&file.text) else { continue };
        let python = Python::new(&file.path, whole.name, &file.text, &tree, whole.facts);
        let mut found = Found::default();
        for class in python.nodes.classes.iter().map(|class| Class::of(class)) {
            let Some(name) = class.assigned("_name").and_then(Python::string) else {
                continue;
            };
            if is_stored(class) && !class.inherits().contains(&name) && !granted.contains(&name.replace('.', "_")) {
                found.say(
                    range(class.node).start,
                    Level::Warning,
                    format!("the model {name} has no access rights"),
                    format!(
                        "access_{0},{name},model_{0},base.group_user,1,1,1,1 in security/ir.model.access.csv",
                        name.replace('.', "_")
                    ),
                );
            }
        }
        deeds.found.push((file.path.clone(), found));
    }
}

/// A model with records: no abstract one, and no report that is a query.
fn is_stored(class: Class<'_>) -> bool {
    let bases = class.node.arguments.as_ref().map(|it| &it.args[..]).unwrap_or_default();
    let model = bases.iter().any(
        |base| matches!(base, Expr::Attribute(base) if matches!(base.attr.id.as_str(), "Model" | "TransientModel")),
    );
    let query = class.node.body.iter().any(|stmt| match stmt {
        Stmt::Assign(assign) => {
            matches!(assign.targets.as_slice(), [Expr::Name(name)] if name.id.as_str() == "_abstract")
        }
        _ => false,
    });
    model && !query
}
