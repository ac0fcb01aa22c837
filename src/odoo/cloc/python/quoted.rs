//! Strings, bytes and f-strings.

use super::super::bytes;
use super::lexer::{Bracket, Lexer};
use super::token::Kind;

/// How deep f-strings may nest.
const MOST_FORMATS: usize = 149;

/// An f-string that is open.
#[derive(Clone, Copy)]
pub(super) struct Format {
    quote: u8,
    triple: bool,
    raw: bool,
    /// Whether a field's format was begun and nothing closed since.
    pub(super) in_spec: bool,
    /// How many brackets were open before it.
    outside: usize,
}

/// What a prefix says of a string.
struct Prefix {
    bytes: bool,
    raw: bool,
    format: bool,
}

/// Says whether a word before a quote is the prefix of a string.
pub(super) fn is_prefix(word: &[u8]) -> bool {
    match *word {
        [one] => matches!(one.to_ascii_lowercase(), b'r' | b'u' | b'b' | b'f'),
        [one, two] => matches!(
            (one.to_ascii_lowercase(), two.to_ascii_lowercase()),
            (b'b' | b'f', b'r') | (b'r', b'b' | b'f')
        ),
        _ => false,
    }
}

/// Reads a string whose quote is here and whose prefix began before it; of an f-string the first piece.
pub(super) fn begin(lexer: &mut Lexer, begin: usize) -> Option<()> {
    if begin == lexer.at
        && let Some(length) = simple(&lexer.text[begin..])
    {
        lexer.at += length;
        lexer.push(Kind::Text, begin, lexer.line);
        return Some(());
    }
    let letters = &lexer.text[begin..lexer.at];
    let has = |wanted: u8| letters.iter().any(|letter| letter.eq_ignore_ascii_case(&wanted));
    let prefix = Prefix {
        bytes: has(b'b'),
        raw: has(b'r'),
        format: has(b'f'),
    };
    let quote = lexer.peek()?;
    let triple = matches!(lexer.text[lexer.at..], [_, second, third, ..] if second == quote && third == quote);
    lexer.at += if triple { 3 } else { 1 };
    if prefix.format {
        lexer.push(Kind::FormatBegin, begin, lexer.line);
        if lexer.formats.len() >= MOST_FORMATS {
            return None;
        }
        lexer.formats.push(Format {
            quote,
            triple,
            raw: prefix.raw,
            in_spec: false,
            outside: lexer.brackets.len(),
        });
        return format_text(lexer);
    }
    plain(lexer, begin, quote, triple, &prefix)
}

/// Returns the length of a string that a text begins with, when there is nothing in it that has to be looked at.
#[inline]
fn simple(text: &[u8]) -> Option<usize> {
    let (quote, inside) = text.split_first()?;
    let length = to_stop(inside, *quote)?;
    // Two quotes could be the first of three.
    (length > 0 && inside[length] == *quote).then_some(length + 2)
}

/// Returns where something in a string has to be looked at: a quote, a backslash, or the end of a line.
#[inline]
fn to_stop(text: &[u8], quote: u8) -> Option<usize> {
    bytes::find(text, [quote, b'\\', b'\n'], |rest| {
        memchr::memchr3(quote, b'\\', b'\n', rest)
    })
}

fn plain(lexer: &mut Lexer, begin: usize, quote: u8, triple: bool, prefix: &Prefix) -> Option<()> {
    let (line, inside) = (lexer.line, lexer.at);
    let mut escapes = false;
    let end = loop {
        lexer.at += to_stop(&lexer.text[lexer.at..], quote)?;
        match lexer.text[lexer.at] {
            b'\\' => {
                escapes = true;
                if *lexer.text.get(lexer.at + 1)? == b'\n' {
                    lexer.line += 1;
                }
                lexer.at += 2;
            }
            b'\n' if triple => {
                lexer.line += 1;
                lexer.at += 1;
            }
            b'\n' => return None,
            _ if !triple => {
                lexer.at += 1;
                break lexer.at - 1;
            }
            _ if lexer.text[lexer.at..].starts_with(&[quote; 3]) => {
                lexer.at += 3;
                break lexer.at - 3;
            }
            _ => lexer.at += 1,
        }
    };
    let body = &lexer.text[inside..end];
    if (prefix.bytes && !body.is_ascii()) || (escapes && !prefix.raw && !escapes_are_whole(body, prefix.bytes)) {
        return None;
    }
    lexer.push(if prefix.bytes { Kind::Bytes } else { Kind::Text }, begin, line);
    Some(())
}

/// Reads the text of the innermost f-string up to its next field, its end, or the end of a format.
pub(super) fn format_text(lexer: &mut Lexer) -> Option<()> {
    let format = *lexer.formats.last()?;
    let in_field = lexer.brackets.len() > format.outside;
    let in_spec = format.in_spec && in_field;
    let (begin, line) = (lexer.at, lexer.line);
    let text = |lexer: &mut Lexer| -> Option<()> {
        if !format.raw && !escapes_are_whole(&lexer.text[begin..lexer.at], false) {
            return None;
        }
        if lexer.at > begin {
            lexer.push(Kind::FormatText, begin, line);
        }
        Some(())
    };
    loop {
        let rest = &lexer.text[lexer.at..];
        let next = rest.get(1).copied();
        match *rest.first()? {
            byte if byte == format.quote && (!format.triple || rest.starts_with(&[format.quote; 3])) => {
                if in_field {
                    return None;
                }
                text(lexer)?;
                let end = lexer.at;
                lexer.at += if format.triple { 3 } else { 1 };
                lexer.push(Kind::FormatEnd, end, lexer.line);
                lexer.formats.pop();
                return Some(());
            }
            // A format ends with its line; the field goes on.
            b'\n' if !format.triple && in_spec => {
                text(lexer)?;
                lexer.formats.last_mut()?.in_spec = false;
                return Some(());
            }
            b'\n' if !format.triple => return None,
            b'\n' => {
                lexer.line += 1;
                lexer.at += 1;
            }
            b'{' if next == Some(b'{') && !in_spec => lexer.at += 2,
            b'{' => {
                text(lexer)?;
                lexer.at += 1;
                lexer.open(Bracket::Field)?;
                lexer.push(Kind::OpenCurly, lexer.at - 1, lexer.line);
                return Some(());
            }
            b'}' if next == Some(b'}') && !in_spec => lexer.at += 2,
            // The end of a field, which the signs close; without a field it is an error.
            b'}' => {
                text(lexer)?;
                return in_field.then_some(());
            }
            b'\\' if matches!(next, Some(b'{' | b'}')) => lexer.at += 1,
            b'\\' if !format.raw && rest.starts_with(b"\\N{") => {
                lexer.at += rest.iter().position(|byte| *byte == b'}')? + 1;
            }
            b'\\' => {
                if next? == b'\n' {
                    lexer.line += 1;
                }
                lexer.at += 2;
            }
            _ => lexer.at += 1,
        }
    }
}

/// Says whether each escape has the digits it needs.
fn escapes_are_whole(body: &[u8], bytes: bool) -> bool {
    let mut rest = body;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let after = &rest[at + 1..];
        let digits = |count: usize| {
            let digits = after.get(1..=count)?;
            let digits = std::str::from_utf8(digits).ok()?;
            digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
            u32::from_str_radix(digits, 16).ok()
        };
        let whole = match after.first() {
            Some(b'x') => digits(2).is_some(),
            Some(b'u') if !bytes => digits(4).is_some(),
            Some(b'U') if !bytes => digits(8).is_some_and(|code| code <= 0x10_ffff),
            Some(b'N') if !bytes => {
                after.get(1) == Some(&b'{') && after.get(2..).and_then(|name| memchr::memchr(b'}', name)) > Some(0)
            }
            _ => true,
        };
        if !whole {
            return false;
        }
        rest = after.get(1..).unwrap_or_default();
    }
    true
}
