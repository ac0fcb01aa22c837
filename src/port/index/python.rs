//! What a Python file offers: its names, and what its classes say of models.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, ExprCall, Stmt, StmtClassDef, StmtFunctionDef};

use super::super::python::{Class, Python};
use super::{Field, ModelPart, Names};

/// Gathers the names a module binds at its margin. `path` is its dotted path, `package` says whether it is an `__init__`.
pub(crate) fn names(body: &[Stmt], path: &str, package: bool) -> Names {
    let mut names = Names::default();
    gather(body, path, package, &mut names);
    names
}

fn gather(body: &[Stmt], path: &str, package: bool, names: &mut Names) {
    for stmt in body {
        match stmt {
            Stmt::FunctionDef(it) => {
                names.open |= it.name.id.as_str() == "__getattr__";
                names.names.insert(it.name.id.to_string());
            }
            Stmt::ClassDef(it) => {
                names.names.insert(it.name.id.to_string());
            }
            Stmt::Import(it) => {
                for alias in &it.names {
                    let name = alias.asname.as_ref().map_or_else(
                        || alias.name.id.split('.').next().unwrap_or_default(),
                        |name| name.id.as_str(),
                    );
                    names.names.insert(name.to_owned());
                }
            }
            Stmt::ImportFrom(it) => {
                for alias in &it.names {
                    if alias.name.id.as_str() == "*" {
                        let from = it.module.as_ref().map_or("", |module| module.id.as_str());
                        match absolute(path, package, it.level, from) {
                            Some(from) if from.starts_with("odoo") => names.stars.push(from),
                            _ => names.open = true,
                        }
                    } else if package && it.level == 1 && it.module.is_none() && alias.asname.is_none() {
                        // A module inside the package, which is found as one.
                    } else {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name);
                        names.names.insert(name.id.to_string());
                    }
                }
            }
            Stmt::Assign(it) => {
                for target in &it.targets {
                    bind(target, names);
                    public(target, &it.value, names);
                }
            }
            Stmt::AnnAssign(it) => bind(&it.target, names),
            Stmt::AugAssign(it) => {
                bind(&it.target, names);
                public(&it.target, &it.value, names);
            }
            Stmt::TypeAlias(it) => bind(&it.name, names),
            Stmt::For(it) => {
                bind(&it.target, names);
                gather(&it.body, path, package, names);
                gather(&it.orelse, path, package, names);
            }
            Stmt::While(it) => gather(&it.body, path, package, names),
            Stmt::If(it) => {
                gather(&it.body, path, package, names);
                for clause in &it.elif_else_clauses {
                    gather(&clause.body, path, package, names);
                }
            }
            Stmt::With(it) => {
                for item in &it.items {
                    if let Some(target) = &item.optional_vars {
                        bind(target, names);
                    }
                }
                gather(&it.body, path, package, names);
            }
            Stmt::Try(it) => {
                gather(&it.body, path, package, names);
                for handler in &it.handlers {
                    if let Some(handler) = handler.as_except_handler() {
                        gather(&handler.body, path, package, names);
                    }
                }
                gather(&it.orelse, path, package, names);
                gather(&it.finalbody, path, package, names);
            }
            _ => {}
        }
    }
}

/// Reads `__all__`; one that is computed says nothing.
fn public(target: &Expr, value: &Expr, names: &mut Names) {
    if !matches!(target, Expr::Name(name) if name.id.as_str() == "__all__") {
        return;
    }
    let listed = match value {
        Expr::List(list) => list.elts.iter().map(Python::string).collect::<Option<Vec<&str>>>(),
        Expr::Tuple(tuple) => tuple.elts.iter().map(Python::string).collect(),
        _ => None,
    };
    match listed {
        Some(listed) => {
            let all = names.all.get_or_insert_default();
            all.extend(listed.into_iter().map(str::to_owned));
        }
        None => names.open = true,
    }
}

fn bind(target: &Expr, names: &mut Names) {
    match target {
        Expr::Name(name) => {
            names.names.insert(name.id.to_string());
        }
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| bind(it, names)),
        Expr::List(list) => list.elts.iter().for_each(|it| bind(it, names)),
        Expr::Starred(starred) => bind(&starred.value, names),
        // `odoo.SUPERUSER_ID = …` and `sys.modules[__name__] = …`, `globals()[name] = …`.
        Expr::Attribute(attribute) if attribute.value.is_name_expr() => {
            names.sets.insert(attribute.attr.id.to_string());
        }
        Expr::Subscript(subscript)
            if Python::dotted(&subscript.value).as_deref() == Some("sys.modules")
                || matches!(&*subscript.value, Expr::Call(_)) =>
        {
            names.open = true;
        }
        _ => {}
    }
}

/// Returns the dotted path that an import names.
pub(crate) fn absolute(path: &str, package: bool, level: u32, module: &str) -> Option<String> {
    if level == 0 {
        return Some(module.to_owned());
    }
    let mut parts: Vec<&str> = path.split('.').collect();
    let up = level as usize - usize::from(package);
    if up > parts.len() {
        return None;
    }
    parts.truncate(parts.len() - up);
    if !module.is_empty() {
        parts.push(module);
    }
    Some(parts.join("."))
}

const ROOTS: [&str; 4] = ["Model", "TransientModel", "AbstractModel", "BaseModel"];

/// Reads what a class says of a model; nothing when it is none.
pub(crate) fn model(node: &StmtClassDef) -> Option<ModelPart> {
    let class = Class::of(node);
    let bases = node.arguments.as_ref().map_or(&[][..], |arguments| &arguments.args[..]);
    let is_root = |base: &Expr| {
        Python::dotted(base).is_some_and(|name| ROOTS.contains(&name.rsplit('.').next().unwrap_or_default()))
    };
    let inherit = assigned(node, "_inherit");
    let given = assigned(node, "_name");
    if inherit.is_none() && given.is_none() && !bases.iter().any(is_root) {
        return None;
    }
    let inherits: Vec<&str> = match inherit {
        Some(Expr::List(list)) => list.elts.iter().filter_map(Python::string).collect(),
        Some(Expr::Tuple(tuple)) => tuple.elts.iter().filter_map(Python::string).collect(),
        Some(expr) => Python::string(expr).into_iter().collect(),
        None => Vec::new(),
    };
    let literal = match inherit {
        Some(Expr::List(list)) => list.elts.iter().all(|it| Python::string(it).is_some()),
        Some(Expr::Tuple(tuple)) => tuple.elts.iter().all(|it| Python::string(it).is_some()),
        Some(expr) => Python::string(expr).is_some() || expr.is_none_literal_expr(),
        None => true,
    };
    let name = match (given, inherits.as_slice()) {
        (Some(given), _) => Python::string(given)?.to_owned(),
        (None, [only]) => (*only).to_owned(),
        (None, _) => dotted_class(node.name.id.as_str()),
    };
    let mut part = ModelPart {
        defines: !inherits.contains(&name.as_str()),
        inherits: inherits
            .iter()
            .filter(|it| **it != name)
            .map(|it| (*it).to_owned())
            .collect(),
        mixin: bases
            .iter()
            .any(|base| Python::dotted(base).is_some_and(|name| name.ends_with("AbstractModel")))
            && !inherits.contains(&name.as_str()),
        open: !literal || bases.is_empty() || !bases.iter().all(is_root),
        name,
        ..ModelPart::default()
    };
    if let Some(Expr::Dict(dict)) = assigned(node, "_inherits") {
        let keys = dict
            .items
            .iter()
            .filter_map(|item| item.key.as_ref().and_then(Python::string));
        part.delegates.extend(keys.map(str::to_owned));
    }
    for (name, kind, call) in class.fields() {
        let field = field(kind, call);
        if field.kind == "Many2one"
            && let Some(to) = &field.to
            && call.arguments.find_keyword("delegate").is_some()
        {
            part.delegates.push(to.clone());
        }
        part.fields.insert(name.to_owned(), field);
    }
    members(&node.body, &mut part);
    Some(part)
}

/// Says whether a class is a model whose name is computed.
pub(crate) fn is_computed(node: &StmtClassDef) -> bool {
    assigned(node, "_name").is_some_and(|name| Python::string(name).is_none() && !name.is_none_literal_expr())
}

/// Returns what is assigned to a name, `_name = _description = …` among it.
fn assigned<'a>(node: &'a StmtClassDef, name: &str) -> Option<&'a Expr> {
    node.body.iter().find_map(|stmt| match stmt {
        Stmt::Assign(it) => {
            let is = |target: &Expr| matches!(target, Expr::Name(target) if target.id.as_str() == name);
            it.targets.iter().any(is).then_some(&*it.value)
        }
        Stmt::AnnAssign(it) => match &*it.target {
            Expr::Name(target) if target.id.as_str() == name => it.value.as_deref(),
            _ => None,
        },
        _ => None,
    })
}

/// Returns the name Odoo gives a model that has none: `SaleOrder` is `sale.order`.
fn dotted_class(class: &str) -> String {
    let mut name = String::new();
    let mut last = '_';
    for letter in class.chars() {
        if letter.is_uppercase() && last != '_' {
            name.push('.');
        }
        name.extend(letter.to_lowercase());
        last = letter;
    }
    name
}

/// Reads the rest of a class: methods, names, fields made by other calls.
fn members(body: &[Stmt], part: &mut ModelPart) {
    for stmt in body {
        match stmt {
            Stmt::FunctionDef(it) => {
                part.methods.insert(it.name.id.to_string(), parameters(it));
            }
            Stmt::Assign(it) => {
                for target in &it.targets {
                    own(target, &it.value, part);
                }
            }
            Stmt::AnnAssign(it) => {
                if let Some(value) = &it.value {
                    own(&it.target, value, part);
                } else if let Expr::Name(name) = &*it.target {
                    part.names.insert(name.id.to_string());
                }
            }
            Stmt::If(it) => {
                members(&it.body, part);
                for clause in &it.elif_else_clauses {
                    members(&clause.body, part);
                }
            }
            Stmt::ClassDef(it) => {
                part.names.insert(it.name.id.to_string());
            }
            // Something else makes members: `for`, `with`, `exec`.
            Stmt::For(_) | Stmt::With(_) | Stmt::Try(_) => part.open = true,
            _ => {}
        }
    }
}

fn own(target: &Expr, value: &Expr, part: &mut ModelPart) {
    match target {
        Expr::Name(name) => {
            let name = name.id.as_str();
            if part.fields.contains_key(name) || name.starts_with("__") {
                return;
            }
            if value.is_call_expr() && !name.starts_with('_') {
                part.fields.insert(name.to_owned(), Field::default());
            } else {
                part.names.insert(name.to_owned());
            }
        }
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| own(it, value, part)),
        _ => {}
    }
}

fn field(kind: &str, call: &ExprCall) -> Field {
    let keyword = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
    let text = |expr: Option<&Expr>| expr.and_then(Python::string).map(str::to_owned);
    let first = call.arguments.args.first();
    let to = matches!(kind, "Many2one" | "One2many" | "Many2many")
        .then(|| text(keyword("comodel_name").or(first)))
        .flatten();
    let mut values = Vec::new();
    if kind == "Selection" {
        for list in [first, keyword("selection"), keyword("selection_add")]
            .into_iter()
            .flatten()
        {
            let pair = |pair: &Expr| text(pair.as_tuple_expr()?.elts.first());
            let literal: Option<Vec<String>> = match list {
                Expr::List(list) => list.elts.iter().map(pair).collect(),
                _ => None,
            };
            // What is only half understood may be anything.
            values.extend(literal.unwrap_or_else(|| vec![super::ANYTHING.to_owned()]));
        }
    }
    let derived = keyword("compute").is_some() || keyword("related").is_some();
    Field {
        kind: kind.to_owned(),
        unstored: matches!(kind, "One2many" | "Many2many") || (derived && keyword("store").is_none()),
        to,
        related: text(keyword("related")),
        values,
    }
}

/// Writes down the parameters of a method: `self, vals, *, force`.
fn parameters(function: &StmtFunctionDef) -> String {
    let parameters = &function.parameters;
    let mut all: Vec<String> = Vec::new();
    for one in parameters.posonlyargs.iter().chain(&parameters.args) {
        let optional = if one.default.is_some() { "?" } else { "" };
        all.push(format!("{}{optional}", one.parameter.name.id));
    }
    if let Some(vararg) = &parameters.vararg {
        all.push(format!("*{}", vararg.name.id));
    } else if !parameters.kwonlyargs.is_empty() {
        all.push("*".to_owned());
    }
    for one in &parameters.kwonlyargs {
        let optional = if one.default.is_some() { "?" } else { "" };
        all.push(format!("{}{optional}", one.parameter.name.id));
    }
    if let Some(kwarg) = &parameters.kwarg {
        all.push(format!("**{}", kwarg.name.id));
    }
    all.join(", ")
}

/// Gathers the members of the classes that every model descends from.
pub(crate) fn base_members(body: &[Stmt], base: &mut BTreeSet<String>) {
    for stmt in body {
        let Stmt::ClassDef(class) = stmt else { continue };
        if !ROOTS.contains(&class.name.id.as_str()) {
            continue;
        }
        let mut part = ModelPart::default();
        members(&class.body, &mut part);
        base.extend(part.methods.into_keys());
        base.extend(part.fields.into_keys());
        base.extend(part.names);
    }
}
