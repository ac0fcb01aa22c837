//! A manifest as rules see it: the dictionary and where its values stand.

use std::ops::Range;

use ruff_python_ast::{Expr, ExprDict, ExprStringLiteral, Stmt};

use super::facts::Facts;
use super::python::{Python, Tree, range};

/// A module's manifest.
pub struct Manifest<'a> {
    /// The file.
    pub python: Python<'a>,
    /// Its dictionary.
    pub dict: &'a ExprDict,
}

impl<'a> Manifest<'a> {
    /// Finds the dictionary, the first expression at the margin that is one.
    pub(super) fn new(
        path: &'a str,
        module: &'a str,
        text: &'a str,
        tree: &'a Tree,
        facts: &'a Facts,
    ) -> Option<Manifest<'a>> {
        let dict = tree.body().iter().find_map(|stmt| match stmt {
            Stmt::Expr(expr) => expr.value.as_dict_expr(),
            _ => None,
        })?;
        Some(Manifest {
            python: Python::new(path, module, text, tree, facts),
            dict,
        })
    }

    /// Returns the value of a key.
    pub fn value(&self, key: &str) -> Option<&'a Expr> {
        self.dict.items.iter().find_map(|item| {
            let is = item.key.as_ref().and_then(Python::string) == Some(key);
            is.then_some(&item.value)
        })
    }

    /// Returns the texts of a list; whatever else it holds is left out.
    pub fn list(&self, key: &str) -> Vec<&'a str> {
        self.literals(key)
            .into_iter()
            .map(|literal| literal.value.to_str())
            .collect()
    }

    /// Returns the text literals of a list.
    pub fn literals(&self, key: &str) -> Vec<&'a ExprStringLiteral> {
        let elements = match self.value(key) {
            Some(Expr::List(list)) => &list.elts,
            Some(Expr::Tuple(tuple)) => &tuple.elts,
            _ => return Vec::new(),
        };
        elements.iter().filter_map(Expr::as_string_literal_expr).collect()
    }

    /// Returns the bytes of an item, its comma and its line when nothing else stands there.
    pub fn item_with_line(&self, key: &str) -> Option<Range<usize>> {
        let item = self
            .dict
            .items
            .iter()
            .find(|item| item.key.as_ref().and_then(Python::string) == Some(key))?;
        let text = self.python.text;
        let start = range(item.key.as_ref()?).start;
        let mut end = range(&item.value).end;
        if text[end..].starts_with(',') {
            end += 1;
        }
        let line = self.python.line_start(start);
        let rest = self.python.line_end(end);
        if text[line..start].trim().is_empty() && text[end..rest].trim().is_empty() {
            return Some(line..rest);
        }
        let blanks = text[end..].len() - text[end..].trim_start_matches(' ').len();
        Some(start..end + blanks)
    }
}
