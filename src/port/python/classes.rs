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

    /// Returns its methods.
    pub fn methods(self) -> impl Iterator<Item = &'a StmtFunctionDef> {
        self.node.body.iter().filter_map(|stmt| match stmt {
            Stmt::FunctionDef(function) => Some(function),
            _ => None,
        })
    }
}
