//! One row of a `COPY` block.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// A row, as far as its columns are wanted. Values are unescaped when they are asked for.
#[derive(Debug)]
pub struct Row<'a> {
    pub(super) line: &'a [u8],
    /// Where in the line each wanted column is; empty ranges stand for `NULL` too.
    pub(super) places: &'a [Option<(usize, usize)>],
}

impl<'a> Row<'a> {
    /// Returns a wanted column's value as it is written in the dump. `None` for `NULL`, and for a column the table
    /// does not have.
    pub fn raw(&self, column: usize) -> Option<&'a [u8]> {
        let (start, end) = (*self.places.get(column)?)?;
        let value = self.line.get(start..end)?;
        (value != b"\\N").then_some(value)
    }

    /// Returns a wanted column's value as text.
    pub fn text(&self, column: usize) -> Option<Cow<'a, str>> {
        self.raw(column).map(unescape)
    }

    /// Returns a wanted column's value as text of its own.
    pub fn owned(&self, column: usize) -> Option<String> {
        self.text(column).map(Cow::into_owned)
    }

    /// Returns a wanted column's text as it is in English; from 16.0 on translated ones are JSON with a text per language.
    pub fn translated(&self, column: usize) -> Option<String> {
        let text = self.owned(column)?;
        if !text.starts_with('{') {
            return Some(text);
        }
        let languages: BTreeMap<String, String> = serde_json::from_str(&text).unwrap_or_default();
        let first = languages.get("en_US").or_else(|| languages.values().next());
        Some(first.cloned().unwrap_or(text))
    }

    /// Returns a wanted column's value as a number.
    pub fn number(&self, column: usize) -> Option<u64> {
        std::str::from_utf8(self.raw(column)?).ok()?.parse().ok()
    }

    /// Says whether a wanted column is true; `NULL` and a missing column are not.
    pub fn is_true(&self, column: usize) -> bool {
        self.raw(column) == Some(b"t")
    }
}

/// Resolves the escapes of `COPY`'s text format.
fn unescape(raw: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(b'\\', raw).is_none() {
        return String::from_utf8_lossy(raw);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        bytes.extend_from_slice(&rest[..at]);
        let Some(&mark) = rest.get(at + 1) else {
            rest = &[];
            break;
        };
        let (byte, length) = match mark {
            b'b' => (8, 1),
            b'f' => (12, 1),
            b'n' => (b'\n', 1),
            b'r' => (b'\r', 1),
            b't' => (b'\t', 1),
            b'v' => (11, 1),
            b'x' => number(&rest[at + 2..], 16, 2).map_or((b'x', 1), |(byte, digits)| (byte, digits + 1)),
            b'0'..=b'7' => number(&rest[at + 1..], 8, 3).unwrap_or((mark, 1)),
            other => (other, 1),
        };
        bytes.push(byte);
        rest = &rest[at + 1 + length..];
    }
    bytes.extend_from_slice(rest);
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Reads up to `most` digits; returns the byte and how many digits there were.
fn number(text: &[u8], radix: u32, most: usize) -> Option<(u8, usize)> {
    let digits = text
        .iter()
        .take(most)
        .take_while(|byte| char::from(**byte).is_digit(radix))
        .count();
    let value = text[..digits]
        .iter()
        .filter_map(|byte| char::from(*byte).to_digit(radix))
        .fold(0, |value, digit| value * radix + digit);
    // PostgreSQL, too, keeps the low eight bits.
    (digits > 0).then(|| (u8::try_from(value & 0xff).unwrap_or_default(), digits))
}
