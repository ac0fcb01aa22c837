//! A class as Odoo sees it.

use ruff_python_ast::{Expr, ExprCall, Stmt, StmtClassDef, StmtFunctionDef};

use super::Python;

/// A class of a file.
#[derive(Clone, Copy)]
pub struct Class<'a> {
    /// The statement.
    pub node: &'a StmtClassDef,
}

impl<'a> Class<'a> {
    /// Looks at a class.
    pub fn of(node: &'a StmtClassDef) -> Class<'a> {
        Class { node }
    }

    /// Returns the classes of a file without those inside functions and expressions, which are no models.
    pub(crate) fn all(body: &'a [Stmt]) -> Vec<Class<'a>> {
        let mut classes = Vec::new();
        for stmt in body {
            match stmt {
                Stmt::ClassDef(class) => {
                    classes.push(Class::of(class));
                    classes.extend(Class::all(&class.body));
                }
                Stmt::If(branch) => classes.extend(Class::all(&branch.body)),
                Stmt::Try(tried) => classes.extend(Class::all(&tried.body)),
                _ => {}
            }
        }
        classes
    }

    /// Returns what is assigned to a name in the class, the first time.
    pub fn assigned(self, name: &str) -> Option<&'a Expr> {
        self.node.body.iter().find_map(|stmt| match stmt {
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(target)] if target.id.as_str() == name => Some(&*assign.value),
                _ => None,
            },
            Stmt::AnnAssign(assign) => match &*assign.target {
                Expr::Name(target) if target.id.as_str() == name => assign.value.as_deref(),
                _ => None,
            },
            _ => None,
        })
    }

    /// Returns the models that `_inherit` names.
    pub fn inherits(self) -> Vec<&'a str> {
        match self.assigned("_inherit") {
            Some(Expr::List(list)) => list.elts.iter().filter_map(Python::string).collect(),
            Some(Expr::Tuple(tuple)) => tuple.elts.iter().filter_map(Python::string).collect(),
            Some(expr) => Python::string(expr).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// Returns the model it defines or extends: `_name`, else the one that `_inherit` names.
    pub fn model(self) -> Option<&'a str> {
        let name = self.assigned("_name").and_then(Python::string);
        name.or_else(|| self.inherits().first().copied())
    }

    /// Returns its fields: name and the call, such as `fields.Char(…)`, with the name of the type.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, &'a str, &'a ExprCall)> {
        self.node.body.iter().filter_map(|stmt| {
            let (target, value) = match stmt {
                Stmt::Assign(assign) => (assign.targets.first()?, &*assign.value),
                Stmt::AnnAssign(assign) => (&*assign.target, assign.value.as_deref()?),
                _ => return None,
            };
            let (Expr::Name(target), Expr::Call(call)) = (target, value) else {
                return None;
            };
            match &*call.func {
                Expr::Attribute(kind) if matches!(&*kind.value, Expr::Name(name) if name.id.as_str() == "fields") => {
                    Some((target.id.as_str(), kind.attr.id.as_str(), call))
                }
                _ => None,
            }
        })
    }

    /// Returns the names of its fields with their bytes.
    pub fn definitions(self) -> impl Iterator<Item = (&'a str, std::ops::Range<usize>)> {
        let fields: Vec<_> = self
            .fields()
            .map(|(name, _, call)| (name, super::range(call)))
            .collect();
        self.node.body.iter().filter_map(move |stmt| {
            let target = match stmt {
                Stmt::Assign(assign) => assign.targets.first()?,
                Stmt::AnnAssign(assign) => &*assign.target,
                _ => return None,
            };
            let Expr::Name(name) = target else { return None };
            let whole = super::range(stmt);
            let is_field = fields
                .iter()
                .any(|(field, call)| *field == name.id.as_str() && whole.contains(&call.start));
            is_field.then(|| (name.id.as_str(), super::range(name)))
        })
    }

    /// Returns its methods.
    pub fn methods(self) -> impl Iterator<Item = &'a StmtFunctionDef> {
        self.node.body.iter().filter_map(|stmt| match stmt {
            Stmt::FunctionDef(function) => Some(function),
            _ => None,
        })
    }
}
