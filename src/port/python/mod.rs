//! A Python file as rules see it.

mod classes;
mod imports;
mod nodes;

use std::ops::Range;

use ruff_python_ast::{Expr, ExprCall, ExprStringLiteral, Stmt};
use ruff_python_parser::{Parsed, parse_module};
use ruff_text_size::Ranged;

pub use classes::Class;
pub use nodes::Nodes;

use super::depth::too_deep;
use super::facts::Facts;

/// Returns the bytes of a node.
pub fn range(node: &impl Ranged) -> Range<usize> {
    node.start().to_usize()..node.end().to_usize()
}

/// A parsed file.
pub(super) struct Tree {
    parsed: Parsed<ruff_python_ast::ModModule>,
}

impl Tree {
    /// Parses; what is wrong is told with its byte.
    pub(super) fn parse(text: &str) -> Result<Tree, (usize, String)> {
        if let Some(deep) = too_deep(text) {
            return Err(deep);
        }
        match parse_module(text) {
            Ok(parsed) => Ok(Tree { parsed }),
            Err(error) => Err((error.location.start().to_usize(), error.error.to_string())),
        }
    }

    pub(super) fn body(&self) -> &[Stmt] {
        &self.parsed.syntax().body
    }
}

/// A Python file: its text, its nodes by kind, and what is known beyond it.
pub struct Python<'a> {
    /// Where it lies in its module.
    pub path: &'a str,
    /// What it says.
    pub text: &'a str,
    /// Its statements.
    pub body: &'a [Stmt],
    /// Its nodes by kind, each kind in the order of the text.
    pub nodes: Nodes<'a>,
    /// What is known of all modules and of the hop.
    pub facts: &'a Facts,
    /// The name of its module.
    pub module: &'a str,
}

impl<'a> Python<'a> {
    pub(super) fn new(path: &'a str, module: &'a str, text: &'a str, tree: &'a Tree, facts: &'a Facts) -> Self {
        Python {
            path,
            text,
            body: tree.body(),
            nodes: Nodes::of(tree.body()),
            facts,
            module,
        }
    }

    /// Returns the text of a node.
    pub fn at(&self, node: &impl Ranged) -> &'a str {
        &self.text[range(node)]
    }

    /// Returns what an expression is called when it is a dotted name: `self.env.user`.
    pub fn dotted(expr: &Expr) -> Option<String> {
        match expr {
            Expr::Name(name) => Some(name.id.to_string()),
            Expr::Attribute(attribute) => Some(format!("{}.{}", Self::dotted(&attribute.value)?, attribute.attr.id)),
            _ => None,
        }
    }

    /// Returns the name of the method that is called (`write` of `self.write(…)`), or of the function.
    pub fn called(call: &ExprCall) -> Option<&str> {
        match &*call.func {
            Expr::Attribute(attribute) => Some(attribute.attr.id.as_str()),
            Expr::Name(name) => Some(name.id.as_str()),
            _ => None,
        }
    }

    /// Returns the text of a literal; of joined literals all of it.
    pub fn string(expr: &Expr) -> Option<&str> {
        match expr {
            Expr::StringLiteral(literal) => Some(literal.value.to_str()),
            _ => None,
        }
    }

    /// Returns the bytes between the quotes of a literal that is one piece without prefix and escapes.
    pub fn inside(&self, literal: &ExprStringLiteral) -> Option<Range<usize>> {
        let [piece] = literal.value.as_slice() else {
            return None;
        };
        let whole = range(piece);
        let content = range(&piece.content_range());
        (self.text[content.clone()] == *piece.value && whole.start < content.start).then_some(content)
    }

    /// Returns the range of an argument with the comma and blanks that go with it, so that the rest stays a call.
    pub fn argument_with_comma(&self, call: &ExprCall, argument: &impl Ranged) -> Range<usize> {
        let Range { start, end } = range(argument);
        let bytes = self.text.as_bytes();
        let close = range(call).end - 1;
        let blank = |byte: u8| byte.is_ascii_whitespace();
        let mut after = end;
        while after < close && blank(bytes[after]) {
            after += 1;
        }
        if after < close && bytes[after] == b',' {
            after += 1;
            // The next argument takes this one's place.
            while after < close && blank(bytes[after]) {
                after += 1;
            }
            if after < close {
                return start..after;
            }
            let mut before = start;
            while before > 0 && blank(bytes[before - 1]) {
                before -= 1;
            }
            // The last argument, and a comma behind it: the comma before it goes, this one stays where it was.
            if bytes[before - 1] == b',' {
                return before - 1..end;
            }
            return start..end + (after - end).min(1);
        }
        let mut before = start;
        while before > 0 && blank(bytes[before - 1]) {
            before -= 1;
        }
        if bytes[before - 1] == b',' {
            return before - 1..end;
        }
        start..end
    }

    /// Says whether an expression is an environment, by its name: `env`, `self.env`, `request.env`.
    pub fn is_env(expr: &Expr) -> bool {
        match expr {
            Expr::Name(name) => name.id.as_str() == "env",
            Expr::Attribute(attribute) => attribute.attr.id.as_str() == "env",
            _ => false,
        }
    }

    /// Returns the bytes of an item of a dictionary with the comma that goes with it.
    pub fn item(dict: &ruff_python_ast::ExprDict, at: usize) -> Range<usize> {
        let start = |at: usize| {
            let item = &dict.items[at];
            // `**other` has no key; its stars stand right before the value.
            item.key
                .as_ref()
                .map_or(range(&item.value).start - 2, |key| range(key).start)
        };
        let end = |at: usize| range(&dict.items[at].value).end;
        if at + 1 < dict.items.len() {
            start(at)..start(at + 1)
        } else if at > 0 {
            end(at - 1)..end(at)
        } else {
            range(dict).start + 1..range(dict).end - 1
        }
    }

    /// Returns where a new import belongs: after the last import at the margin, else after the docstring.
    pub fn import_place(&self) -> usize {
        let last = self
            .body
            .iter()
            .rev()
            .find(|stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_)));
        let docstring = || {
            self.body
                .first()
                .filter(|stmt| matches!(stmt, Stmt::Expr(expr) if expr.value.is_string_literal_expr()))
        };
        match last.or_else(docstring) {
            Some(stmt) => self.line_end(range(stmt).end),
            None => self.body.first().map_or(0, |stmt| self.line_start(range(stmt).start)),
        }
    }

    /// Returns the byte after the end of a line.
    pub fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// Returns the first byte of a line.
    pub fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Returns how lines end.
    pub fn newline(&self) -> &'static str {
        super::file::newline(self.text)
    }

    /// Says whether a name is brought by `from module import name`.
    pub fn imports(&self, module: &str, name: &str) -> bool {
        self.nodes.imports_from.iter().any(|import| {
            import.module.as_ref().is_some_and(|from| from.id.as_str() == module)
                && import.names.iter().any(|alias| alias.name.id.as_str() == name)
        })
    }

    /// Returns the class around a byte, the innermost.
    pub fn class_at(&self, at: usize) -> Option<Class<'a>> {
        (self.nodes.classes.iter().rev())
            .find(|class| range(**class).contains(&at))
            .map(|class| Class::of(class))
    }
}
