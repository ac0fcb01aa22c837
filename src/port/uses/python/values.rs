//! Values to write, and domains.

use ruff_python_ast::{Expr, ExprDict};

use super::Walk;
use super::calls::keyword_names;
use crate::port::uses::strings::{is_leaf, leaf};
use crate::port::uses::{How, Use};
use crate::port::{Python, range};

impl<'a> Walk<'_, 'a> {
    /// Takes the keys of values that are written on a model, wherever they were put together.
    pub(super) fn values(&mut self, model: &str, expr: &'a Expr) {
        match expr {
            Expr::Dict(dict) => self.dict(model, dict),
            Expr::List(list) => list.elts.iter().for_each(|it| self.values(model, it)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| self.values(model, it)),
            Expr::ListComp(it) => self.values(model, &it.elt),
            Expr::Starred(starred) => self.values(model, &starred.value),
            Expr::If(it) => {
                self.values(model, &it.body);
                self.values(model, &it.orelse);
            }
            Expr::BinOp(it) => {
                self.values(model, &it.left);
                self.values(model, &it.right);
            }
            Expr::Call(call) if Python::called(call) == Some("dict") => {
                for argument in &call.arguments.args {
                    self.values(model, argument);
                }
                for (name, place, _) in keyword_names(call) {
                    self.uses.push(Use::new(Some(model), name, place, How::Key));
                }
            }
            Expr::Name(name) => {
                // Taken out, so that a name that is made of itself ends.
                for given in self.given.remove(name.id.as_str()).unwrap_or_default() {
                    self.values(model, given);
                }
                for key in self.keyed.remove(name.id.as_str()).unwrap_or_default() {
                    self.text(Some(model), key, How::Key);
                }
            }
            _ => {}
        }
    }

    fn dict(&mut self, model: &str, dict: &'a ExprDict) {
        for item in &dict.items {
            let Some(key) = &item.key else {
                self.values(model, &item.value);
                continue;
            };
            let from = self.uses.len();
            let to = self.text(Some(model), key, How::Key);
            if let (Some(it), Expr::BooleanLiteral(truth)) = (self.uses[from..].last_mut(), &item.value) {
                it.truth = Some((range(truth), truth.value));
            }
            if let Some(to) = to {
                self.commands(&to, &item.value);
            }
        }
    }

    /// Takes the values inside `(0, 0, {…})`, `Command.create({…})` and lists of these.
    fn commands(&mut self, model: &str, expr: &'a Expr) {
        match expr {
            Expr::List(list) => list.elts.iter().for_each(|it| self.commands(model, it)),
            Expr::ListComp(it) => self.commands(model, &it.elt),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| self.commands(model, it)),
            Expr::Dict(dict) => self.dict(model, dict),
            Expr::BinOp(it) => {
                self.commands(model, &it.left);
                self.commands(model, &it.right);
            }
            Expr::Call(call) if matches!(Python::called(call), Some("create" | "update")) => {
                call.arguments.args.iter().for_each(|it| self.values(model, it));
            }
            Expr::Name(_) => self.values(model, expr),
            _ => {}
        }
    }

    /// Takes the conditions of a domain, wherever it was put together.
    pub(super) fn domain(&mut self, model: Option<&str>, expr: &'a Expr) {
        match expr {
            Expr::Tuple(tuple) if is_leaf(&tuple.elts) => self.leaf(model, &tuple.elts),
            Expr::List(list) if is_leaf(&list.elts) => self.leaf(model, &list.elts),
            Expr::List(list) => list.elts.iter().for_each(|it| self.domain(model, it)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| self.domain(model, it)),
            Expr::Starred(starred) => self.domain(model, &starred.value),
            Expr::BinOp(it) => {
                self.domain(model, &it.left);
                self.domain(model, &it.right);
            }
            Expr::BoolOp(it) => it.values.iter().for_each(|it| self.domain(model, it)),
            Expr::If(it) => {
                self.domain(model, &it.body);
                self.domain(model, &it.orelse);
            }
            Expr::ListComp(it) => self.domain(model, &it.elt),
            Expr::Call(call) if is_leaf(&call.arguments.args) => self.leaf(model, &call.arguments.args),
            Expr::Call(call) if matches!(Python::called(call), Some("AND" | "OR" | "Domain" | "list")) => {
                call.arguments.args.iter().for_each(|it| self.domain(model, it));
            }
            Expr::Name(name) => {
                for given in self.given.remove(name.id.as_str()).unwrap_or_default() {
                    self.domain(model, given);
                }
            }
            _ => {}
        }
    }

    fn leaf(&mut self, model: Option<&str>, elements: &'a [Expr]) {
        let [left, operator, right] = elements else { return };
        let from = self.uses.len();
        leaf(
            self.python.facts,
            model,
            left,
            operator,
            right,
            &|it| it,
            &mut self.uses,
        );
        if let (Some("any" | "not any"), Some(last)) = (Python::string(operator), self.uses[from..].last().cloned()) {
            let to = last
                .model
                .and_then(|model| self.python.facts.comodel(&model, &last.field).map(str::to_owned));
            self.domain(to.as_deref(), right);
        }
    }
}
