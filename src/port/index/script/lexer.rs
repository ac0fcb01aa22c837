//! `JavaScript` as words, texts and signs; comments are left out.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    /// A text in quotes; its range leaves them out.
    Text,
    /// A template, a number, a regular expression.
    Other,
    /// A sign.
    Sign(u8),
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#') || byte >= 0x80
}

/// Splits a text. What is never closed ends with the text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut all: Vec<Token> = Vec::with_capacity(bytes.len() / 5);
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let start = at;
        let kind = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = memchr::memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |end| at + end + 4);
                continue;
            }
            b'"' | b'\'' => {
                let end = quoted(bytes, at, byte);
                all.push(Token {
                    kind: Kind::Text,
                    range: at + 1..end,
                });
                at = end + 1;
                continue;
            }
            b'`' => {
                at = template(bytes, at);
                Kind::Other
            }
            b'/' if begins_regex(text, all.last()) => {
                at = regex(bytes, at);
                Kind::Other
            }
            _ if byte.is_ascii_digit() => {
                while at < bytes.len() && (is_word(bytes[at]) || bytes[at] == b'.') {
                    at += 1;
                }
                Kind::Other
            }
            _ if is_word(byte) => {
                while at < bytes.len() && is_word(bytes[at]) {
                    at += 1;
                }
                Kind::Word
            }
            sign => {
                at += 1;
                Kind::Sign(sign)
            }
        };
        all.push(Token {
            kind,
            range: start..at.min(bytes.len()),
        });
    }
    all
}

/// Returns where a quoted text ends: its closing quote, or the end of the line.
fn quoted(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != quote && bytes[end] != b'\n' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    end.min(bytes.len())
}

/// Returns the byte after a template, what it computes included.
fn template(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 2,
            b'`' => return end + 1,
            b'$' if bytes.get(end + 1) == Some(&b'{') => {
                let mut depth = 0;
                end += 1;
                while end < bytes.len() {
                    match bytes[end] {
                        b'{' => depth += 1,
                        b'}' => {
                            depth -= 1;
                            if depth == 0 {
                                break;
                            }
                        }
                        b'`' => {
                            end = template(bytes, end);
                            continue;
                        }
                        quote @ (b'"' | b'\'') => end = quoted(bytes, end, quote),
                        b'/' if bytes[end - 1] == b'(' => {
                            end = regex(bytes, end);
                            continue;
                        }
                        _ => {}
                    }
                    end += 1;
                }
                end += 1;
            }
            _ => end += 1,
        }
    }
    bytes.len()
}

fn begins_regex(text: &str, last: Option<&Token>) -> bool {
    match last {
        None => true,
        Some(token) => match token.kind {
            Kind::Sign(sign) => !matches!(sign, b')' | b']' | b'}'),
            Kind::Word => matches!(
                &text[token.range.clone()],
                "return" | "typeof" | "case" | "in" | "of" | "delete" | "void" | "throw" | "else"
            ),
            _ => false,
        },
    }
}

/// Returns the byte after a regular expression.
fn regex(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    let mut class = false;
    while end < bytes.len() && bytes[end] != b'\n' {
        match bytes[end] {
            b'\\' => end += 1,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => {
                end += 1;
                while end < bytes.len() && bytes[end].is_ascii_alphabetic() {
                    end += 1;
                }
                return end;
            }
            _ => {}
        }
        end += 1;
    }
    end.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_texts_templates_and_regular_expressions_do_not_mix() {
        let text = "a = /\"[/]/g; // x\n b(`1 ${c(`'`).r(/'|\"/g)} 2`, 'it\\'s') / d /* e */";
        let seen: Vec<&str> = tokens(text).iter().map(|token| &text[token.range.clone()]).collect();
        let expected = [
            "a",
            "=",
            "/\"[/]/g",
            ";",
            "b",
            "(",
            "`1 ${c(`'`).r(/'|\"/g)} 2`",
            ",",
            "it\\'s",
            ")",
            "/",
            "d",
        ];
        assert_eq!(seen, expected);
    }
}
