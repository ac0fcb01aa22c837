//! Python literals, read and never executed.
//!
//! Manifests are Python files that hold one literal. This reads what Python's own `ast.literal_eval` reads, plus
//! string literals joined with `+`; anything that would have to be computed is an error with its place.

mod parser;
mod strings;
#[cfg(test)]
mod tests;

use std::fmt;

/// A place in a text, both counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A text that is not a Python literal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {message}")]
pub struct LiteralError {
    /// Where it stops being one.
    pub at: Place,
    /// Why.
    pub message: String,
}

/// A value and the place where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it begins.
    pub at: Place,
}

/// A Python literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// A number, as it is written: hopp never counts with them.
    Number(String),
    /// A text, escapes resolved.
    Str(String),
    /// Bytes, escapes resolved.
    Bytes(Vec<u8>),
    /// `[…]`
    List(Vec<Node>),
    /// `(…, …)`
    Tuple(Vec<Node>),
    /// `{…}` of values, or `set()`
    Set(Vec<Node>),
    /// `{…: …}`, in the order written; a key may occur twice.
    Dict(Vec<(Node, Node)>),
}

impl Value {
    /// Names the kind of value, as a Python programmer would.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::None => "None",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Str(_) => "a string",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "a list",
            Value::Tuple(_) => "a tuple",
            Value::Set(_) => "a set",
            Value::Dict(_) => "a dictionary",
        }
    }
}

/// Reads a text that holds one literal, with any comments and empty lines around it.
pub fn parse(text: &str) -> Result<Node, LiteralError> {
    parser::Parser::new(text).whole()
}
