//! Which lines of Python count: those on which a node of its syntax tree begins.
//!
//! A [`lexer`] makes tokens of a file, and a parser goes through them as CPython's does: not to keep a tree, but to
//! note the line on which each node begins, and to refuse what Python refuses. Both read Latin-1.

mod calls;
mod compound;
mod expressions;
mod fstrings;
mod lexer;
mod literals;
mod numbers;
mod parser;
mod patterns;
mod quoted;
mod statements;
mod targets;
#[cfg(test)]
mod tests;
mod token;

use super::Python;

/// Counts the lines of a stripped file on which something begins; `None` when Python cannot parse it.
pub(super) fn lines(content: &[u8], python: Python) -> Option<u64> {
    let text = lexer::universal_newlines(content);
    let tokens = lexer::tokens(&text)?;
    let mut lines = parser::Parser::new(&text, &tokens, python).file()?;
    lines.sort_unstable();
    lines.dedup();
    Some(lines.len() as u64)
}
