//! Imports: who brings a name, and what it takes to bring another.

use ruff_python_ast::{Alias, StmtImportFrom};

use super::{Python, range};
use crate::port::edit::Edit;

impl<'a> Python<'a> {
    /// Returns the imports of a name: the statement and the name in it, with its alias.
    pub fn imported(&self, module: &str, name: &str) -> impl Iterator<Item = (&'a StmtImportFrom, &'a Alias)> {
        (self.nodes.imports_from.iter())
            .filter(move |import| import.module.as_ref().is_some_and(|from| from.id.as_str() == module))
            .flat_map(move |import| {
                (import.names.iter())
                    .filter(move |alias| alias.name.id.as_str() == name)
                    .map(move |alias| (*import, alias))
            })
    }

    /// Returns what an imported name is called in this file.
    pub fn local(alias: &'a Alias) -> &'a str {
        alias.asname.as_ref().unwrap_or(&alias.name).id.as_str()
    }

    /// Takes a name out of an import; the whole line when it is the only one.
    pub fn without_name(&self, import: &StmtImportFrom, alias: &Alias) -> Edit {
        let whole = range(import);
        let at = import.names.iter().position(|it| range(it) == range(alias));
        match (at, import.names.len()) {
            (_, 1) | (None, _) => {
                let start = self.line_start(whole.start);
                let alone = self.text[start..whole.start].trim().is_empty();
                let end = self.line_end(whole.end);
                if alone && self.text[whole.end..end].trim().is_empty() {
                    Edit::remove(start..end)
                } else {
                    Edit::replace(whole, "pass")
                }
            }
            (Some(at), _) if at + 1 < import.names.len() => {
                Edit::remove(range(alias).start..range(&import.names[at + 1]).start)
            }
            (Some(at), _) => Edit::remove(range(&import.names[at - 1]).end..range(alias).end),
        }
    }

    /// Says whether anything at the margin or below binds a name: imports, classes, functions, assignments.
    pub fn binds(&self, name: &str) -> bool {
        let imported = (self.nodes.imports_from.iter().flat_map(|import| &import.names))
            .chain(self.nodes.imports.iter().flat_map(|import| &import.names))
            .any(|alias| Self::local(alias) == name);
        imported
            || self.nodes.classes.iter().any(|it| it.name.id.as_str() == name)
            || self.nodes.functions.iter().any(|it| it.name.id.as_str() == name)
            || (self.nodes.names.iter())
                .any(|it| it.ctx == ruff_python_ast::ExprContext::Store && it.id.as_str() == name)
    }
}
