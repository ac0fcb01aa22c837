//! The grammar of literals, but for strings.

use super::{LiteralError, Node, Place, Value};

/// How deep lists and dictionaries may lie in each other; real manifests need five.
const DEPTH: usize = 60;

/// Reads a text from its beginning, one character at a time.
pub(super) struct Parser<'t> {
    rest: &'t str,
    pub(super) at: Place,
    depth: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Parser {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            at: Place { line: 1, column: 1 },
            depth: 0,
        }
    }

    /// Reads the one value of a text.
    pub(super) fn whole(mut self) -> Result<Node, LiteralError> {
        let node = self.expression()?;
        self.skip_blank()?;
        match self.peek() {
            None => Ok(node),
            Some(other) => Err(self.error(format!("`{other}` after the end of the value"))),
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        if c == '\n' {
            self.at.line += 1;
            self.at.column = 1;
        } else {
            self.at.column += 1;
        }
        Some(c)
    }

    /// Takes what comes before the first of these ASCII characters, all on one line.
    pub(super) fn before(&mut self, stops: [u8; 2]) -> &'t str {
        let [one, other] = stops;
        let rest = self.rest.as_bytes();
        let end = memchr::memchr3(one, other, b'\n', rest).unwrap_or(rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.at.column += taken.chars().count();
        taken
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.next();
        }
        there
    }

    pub(super) fn error(&self, message: impl Into<String>) -> LiteralError {
        LiteralError {
            at: self.at,
            message: message.into(),
        }
    }

    /// Skips white space, comments and joined lines.
    fn skip_blank(&mut self) -> Result<(), LiteralError> {
        while let Some(c) = self.peek() {
            match c {
                ' ' => {
                    let rest = self.rest.trim_start_matches(' ');
                    self.at.column += self.rest.len() - rest.len();
                    self.rest = rest;
                }
                '\t' | '\r' | '\n' | '\u{c}' => {
                    self.next();
                }
                '#' => {
                    self.before([b'\n'; 2]);
                }
                '\\' => {
                    self.next();
                    self.take('\r');
                    if !self.take('\n') {
                        return Err(self.error("a backslash that joins no lines"));
                    }
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// Reads a value, and joins strings that stand beside each other or have a `+` between them.
    fn expression(&mut self) -> Result<Node, LiteralError> {
        let mut node = self.operand()?;
        loop {
            self.skip_blank()?;
            let plus = self.take('+');
            if plus {
                self.skip_blank()?;
            } else if !matches!(self.peek(), Some('"' | '\'' | 'a'..='z' | 'A'..='Z' | '_')) {
                return Ok(node);
            }
            let at = self.at;
            let next = self.operand()?;
            match (&mut node.value, next.value) {
                (Value::Str(text), Value::Str(more)) => text.push_str(&more),
                (Value::Bytes(bytes), Value::Bytes(more)) => bytes.extend(more),
                (kept, other) => {
                    let (kept, other) = (kept.kind(), other.kind());
                    let message = if plus {
                        format!("{kept} plus {other} would have to be computed")
                    } else {
                        format!("a comma is missing between {kept} and {other}")
                    };
                    return Err(LiteralError { at, message });
                }
            }
        }
    }

    fn operand(&mut self) -> Result<Node, LiteralError> {
        self.skip_blank()?;
        let at = self.at;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error(format!("values lie more than {DEPTH} deep in each other")));
        }
        let value = match self.peek() {
            None => Err(self.error("a value is missing at the end of the file")),
            Some('[') => self.items('[', ']').map(|(items, _)| Value::List(items)),
            Some('(') => self.parenthesis(),
            Some('{') => self.braces(),
            Some('"' | '\'') => self.string(""),
            Some('-' | '+') => self.signed(),
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            Some(c) => Err(self.error(format!("`{c}` begins no value"))),
        }?;
        self.depth -= 1;
        Ok(Node { value, at })
    }

    /// Reads values with commas between and after; also tells whether there was a comma.
    fn items(&mut self, open: char, close: char) -> Result<(Vec<Node>, bool), LiteralError> {
        let begin = self.at;
        self.next();
        let (mut items, mut commas) = (Vec::new(), false);
        loop {
            self.skip_blank()?;
            if self.take(close) {
                return Ok((items, commas));
            }
            items.push(self.expression()?);
            commas |= self.end_of_item(close, open, begin)?;
        }
    }

    /// Takes the comma after an item, or leaves the bracket that closes. Tells whether there was a comma.
    fn end_of_item(&mut self, close: char, open: char, begin: Place) -> Result<bool, LiteralError> {
        self.skip_blank()?;
        if self.take(',') {
            return Ok(true);
        }
        match self.peek() {
            Some(c) if c == close => Ok(false),
            Some(c) => Err(self.error(format!("expected `,` or `{close}`, found `{c}`"))),
            None => Err(LiteralError {
                at: begin,
                message: format!("`{open}` is never closed"),
            }),
        }
    }

    fn parenthesis(&mut self) -> Result<Value, LiteralError> {
        let (mut items, commas) = self.items('(', ')')?;
        Ok(match items.pop() {
            Some(only) if items.is_empty() && !commas => only.value,
            last => {
                items.extend(last);
                Value::Tuple(items)
            }
        })
    }

    fn braces(&mut self) -> Result<Value, LiteralError> {
        let begin = self.at;
        self.next();
        let (mut pairs, mut items) = (Vec::new(), Vec::new());
        loop {
            self.skip_blank()?;
            if self.take('}') {
                return Ok(if items.is_empty() {
                    Value::Dict(pairs)
                } else {
                    Value::Set(items)
                });
            }
            let key = self.expression()?;
            self.skip_blank()?;
            let colon = self.peek() == Some(':');
            if (colon && !items.is_empty()) || (!colon && !pairs.is_empty()) {
                let message = if self.peek().is_none() {
                    "`{` is never closed"
                } else {
                    "`:` and a value must follow each key"
                };
                return Err(self.error(message));
            }
            if self.take(':') {
                pairs.push((key, self.expression()?));
            } else {
                items.push(key);
            }
            self.end_of_item('}', '{', begin)?;
        }
    }

    fn signed(&mut self) -> Result<Value, LiteralError> {
        let minus = self.next() == Some('-');
        let node = self.operand()?;
        match node.value {
            Value::Number(text) if minus => Ok(Value::Number(match text.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{text}"),
            })),
            Value::Number(text) => Ok(Value::Number(text)),
            other => Err(LiteralError {
                at: node.at,
                message: format!("a sign before {} would have to be computed", other.kind()),
            }),
        }
    }

    fn number(&mut self) -> Result<Value, LiteralError> {
        let at = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            let exponent_sign = matches!(c, '+' | '-')
                && text.ends_with(['e', 'E'])
                && !text.starts_with("0x")
                && !text.starts_with("0X");
            if !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || exponent_sign) {
                break;
            }
            text.extend(self.next());
        }
        if is_number(&text) {
            Ok(Value::Number(text))
        } else {
            Err(LiteralError {
                at,
                message: format!("`{text}` is not a number"),
            })
        }
    }

    /// Reads `True`, `False`, `None`, `set()`, or a string with a prefix.
    fn word(&mut self) -> Result<Value, LiteralError> {
        let at = self.at;
        let mut word = String::new();
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            word.extend(self.next());
        }
        if matches!(self.peek(), Some('"' | '\'')) {
            let prefix = word.to_ascii_lowercase();
            if matches!(prefix.as_str(), "r" | "u" | "b" | "br" | "rb") {
                return self.string(&prefix);
            }
            let message = if prefix.contains('f') {
                "an f-string would have to be computed".to_owned()
            } else {
                format!("`{word}` is not a prefix of strings")
            };
            return Err(LiteralError { at, message });
        }
        match word.as_str() {
            "True" => Ok(Value::Bool(true)),
            "False" => Ok(Value::Bool(false)),
            "None" => Ok(Value::None),
            "set" if self.take('(') && self.take(')') => Ok(Value::Set(Vec::new())),
            _ => Err(LiteralError {
                at,
                message: format!("`{word}` would have to be computed"),
            }),
        }
    }
}

/// Tells whether a text is one of Python's numbers. Underscores are taken loosely.
fn is_number(text: &str) -> bool {
    let plain: String = text.to_ascii_lowercase().chars().filter(|c| *c != '_').collect();
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)]
        .iter()
        .find_map(|(prefix, radix)| Some((plain.strip_prefix(prefix)?, *radix)));
    if let Some((digits, radix)) = radix {
        return !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    }
    let real = plain.strip_suffix('j').unwrap_or(&plain);
    real.starts_with(|c: char| c.is_ascii_digit() || c == '.') && real.parse::<f64>().is_ok()
}
