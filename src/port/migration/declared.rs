//! What a module declares that the database keeps.

use std::collections::BTreeMap;

use ruff_python_ast::{Expr, ExprCall, Stmt};

use crate::port::python::{Class, Python, Tree, range};
use crate::port::{Kind, SourceFile};

/// A model as a module declares or extends it.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Whether the module makes the model.
    pub(super) owns: bool,
    /// Its table, where that is not its name with `_`.
    table: Option<String>,
    pub(super) fields: BTreeMap<String, Field>,
    /// SQL constraints by name: what they say.
    pub(super) constraints: BTreeMap<String, String>,
    /// Where its first class begins.
    pub(super) path: String,
    pub(super) at: usize,
}

impl Declared {
    /// Returns its table.
    pub(super) fn table(&self, model: &str) -> String {
        self.table.clone().unwrap_or_else(|| model.replace('.', "_"))
    }
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    /// `Many2one`.
    pub(super) kind: String,
    pub(super) comodel: Option<String>,
    /// Its arguments without blanks.
    pub(super) arguments: String,
    /// Whether the database keeps it.
    pub(super) stored: bool,
    /// What a selection may be, where the code says it.
    pub(super) selection: Vec<String>,
    pub(super) path: String,
    pub(super) at: usize,
}

/// Reads the models of a module whose records last; tests and old scripts are left out.
pub(super) fn of(files: &[SourceFile]) -> BTreeMap<String, Declared> {
    let mut models: BTreeMap<String, Declared> = BTreeMap::new();
    for file in files.iter().filter(|file| file.kind() == Kind::Python) {
        if ["tests/", "migrations/", "upgrades/"]
            .iter()
            .any(|folder| file.path.starts_with(folder))
        {
            continue;
        }
        let Ok(tree) = Tree::parse(&file.text) else { continue };
        for class in Class::all(tree.body()) {
            let lasts = (class.node.bases().iter())
                .filter_map(Python::dotted)
                .any(|base| matches!(base.as_str(), "models.Model" | "Model"));
            if let Some(name) = class.model().filter(|_| lasts) {
                let known = models.entry(name.to_owned()).or_insert_with(|| Declared {
                    path: file.path.clone(),
                    at: range(class.node).start,
                    ..Declared::default()
                });
                read(class, name, file, known);
            }
        }
    }
    models
}

fn read(class: Class<'_>, name: &str, file: &SourceFile, known: &mut Declared) {
    known.owns |= class.assigned("_name").is_some() && !class.inherits().contains(&name);
    let table = class.assigned("_table").and_then(Python::string);
    known.table = table.map(str::to_owned).or(known.table.take());
    for (field, kind, call) in class.fields() {
        known.fields.insert(field.to_owned(), of_field(kind, call, file));
    }
    if let Some(Expr::List(list)) = class.assigned("_sql_constraints") {
        for entry in &list.elts {
            let Expr::Tuple(entry) = entry else { continue };
            if let [name, definition, ..] = entry.elts.as_slice()
                && let (Some(name), Some(definition)) = (Python::string(name), Python::string(definition))
            {
                known.constraints.insert(name.to_owned(), definition.to_owned());
            }
        }
    }
    for stmt in &class.node.body {
        let Stmt::Assign(assign) = stmt else { continue };
        if let ([Expr::Name(target)], Expr::Call(call)) = (assign.targets.as_slice(), &*assign.value)
            && Python::dotted(&call.func).as_deref() == Some("models.Constraint")
            && let Some(definition) = call.arguments.args.first().and_then(Python::string)
        {
            let name = target.id.as_str().trim_start_matches('_');
            known.constraints.insert(name.to_owned(), definition.to_owned());
        }
    }
}

fn of_field(kind: &str, call: &ExprCall, file: &SourceFile) -> Field {
    let keyword = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
    let is = |name: &str, wanted: bool| matches!(keyword(name), Some(Expr::BooleanLiteral(it)) if it.value == wanted);
    let computed = keyword("compute").is_some() || keyword("related").is_some();
    let has_column = kind != "One2many"
        && (if computed {
            is("store", true)
        } else {
            !is("store", false)
        });
    let first = call.arguments.args.first();
    let comodel = matches!(kind, "Many2one" | "One2many" | "Many2many")
        .then(|| keyword("comodel_name").or(first).and_then(Python::string))
        .flatten();
    let selection = match keyword("selection").or(first) {
        Some(Expr::List(list)) if kind == "Selection" => (list.elts.iter())
            .filter_map(|entry| entry.as_tuple_expr()?.elts.first().and_then(Python::string))
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    let arguments = &file.text[range(&call.arguments)];
    Field {
        kind: kind.to_owned(),
        comodel: comodel.map(str::to_owned),
        arguments: arguments.split_whitespace().collect(),
        stored: has_column,
        selection,
        path: file.path.clone(),
        at: range(call).start,
    }
}
