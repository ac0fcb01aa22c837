//! Strings and bytes: prefixes, quotes and escapes.

use super::parser::Parser;
use super::{LiteralError, Value};

impl Parser<'_> {
    /// Reads a string or bytes from the quote on, after this prefix in lower case.
    pub(super) fn string(&mut self, prefix: &str) -> Result<Value, LiteralError> {
        let begin = self.at;
        let unclosed = || LiteralError {
            at: begin,
            message: "this string is never closed".to_owned(),
        };
        let (raw, bytes) = (prefix.contains('r'), prefix.contains('b'));
        let quote = self.next().ok_or_else(unclosed)?;
        let mut triple = false;
        if self.take(quote) {
            if !self.take(quote) {
                return Ok(if bytes {
                    Value::Bytes(Vec::new())
                } else {
                    Value::Str(String::new())
                });
            }
            triple = true;
        }
        // Bytes are collected as characters up to U+00FF, one for each.
        let mut text = String::new();
        let stops = [if quote == '"' { b'"' } else { b'\'' }, b'\\'];
        loop {
            if !bytes {
                text.push_str(self.before(stops));
            }
            let c = self.next().ok_or_else(unclosed)?;
            match c {
                '\n' if !triple => return Err(unclosed()),
                '\\' if raw => {
                    text.push(c);
                    text.extend(self.next());
                }
                '\\' => self.escape(bytes, &mut text)?,
                _ if c == quote && !triple => break,
                _ if c == quote => {
                    let mut quotes = 1;
                    while quotes < 3 && self.take(quote) {
                        quotes += 1;
                    }
                    if quotes == 3 {
                        break;
                    }
                    text.extend(std::iter::repeat_n(quote, quotes));
                }
                _ if bytes && !c.is_ascii() => {
                    return Err(self.error(format!("`{c}` cannot be part of bytes")));
                }
                _ => text.push(c),
            }
        }
        Ok(if bytes {
            Value::Bytes(text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect())
        } else {
            Value::Str(text)
        })
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, bytes: bool, text: &mut String) -> Result<(), LiteralError> {
        let Some(c) = self.next() else {
            return Ok(());
        };
        match c {
            '\n' => {}
            '\r' => {
                self.take('\n');
            }
            '\\' | '\'' | '"' => text.push(c),
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            '0'..='7' => {
                let mut code = c.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    self.next();
                    code = code * 8 + digit;
                }
                let code = if bytes { code & 0xff } else { code };
                text.extend(char::from_u32(code));
            }
            'x' => text.push(self.coded(2)?),
            'u' if !bytes => text.push(self.coded(4)?),
            'U' if !bytes => text.push(self.coded(8)?),
            'N' if !bytes => return Err(self.error("characters written by name (`\\N{…}`) are not supported")),
            other => {
                text.push('\\');
                text.push(other);
            }
        }
        Ok(())
    }

    /// Reads a character written as so many hexadecimal digits. Half a surrogate pair becomes U+FFFD.
    fn coded(&mut self, digits: usize) -> Result<char, LiteralError> {
        let mut code: u32 = 0;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                return Err(self.error(format!("this escape needs {digits} hexadecimal digits")));
            };
            self.next();
            code = code * 16 + digit;
        }
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}
