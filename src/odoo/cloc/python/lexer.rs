//! From text to tokens, the way `CPython` 3.13 reads it.

use std::borrow::Cow;

use super::numbers;
use super::quoted::{self, Format};
use super::token::{Kind, Token};

/// How deep brackets may nest.
const MOST_BRACKETS: usize = 200;
/// How deep blocks may nest.
const MOST_INDENTS: usize = 99;

/// Returns a text in which every end of a line is a line feed.
pub(super) fn universal_newlines(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\r', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut all = Vec::with_capacity(text.len());
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'\r' => all.push(b'\n'),
            b'\n' if index > 0 && text[index - 1] == b'\r' => {}
            other => all.push(*other),
        }
    }
    Cow::Owned(all)
}

/// Splits a text into tokens, which take the place of what `tokens` held; `None` where Python would stop with an error.
pub(super) fn split(text: &[u8], tokens: &mut Vec<Token>) -> Option<()> {
    if memchr::memchr(0, text).is_some() {
        return None;
    }
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        brackets: Vec::new(),
        indents: vec![(0, 0)],
        formats: Vec::new(),
        tokens: std::mem::take(tokens),
    };
    lexer.tokens.clear();
    let done = lexer.all();
    *tokens = lexer.tokens;
    done
}

/// A bracket that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Round,
    Square,
    Curly,
    /// The brace that begins a field of an f-string.
    Field,
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) brackets: Vec<Bracket>,
    /// The columns of the open blocks, with tabs to multiples of eight and with tabs as one.
    indents: Vec<(usize, usize)>,
    /// The f-strings that are open, the innermost last.
    pub(super) formats: Vec<Format>,
    pub(super) tokens: Vec<Token>,
}

impl Lexer<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn push(&mut self, kind: Kind, begin: usize, line: u32) {
        self.tokens.push(Token::new(kind, line, begin, self.at));
    }

    fn all(&mut self) -> Option<()> {
        self.indentation()?;
        loop {
            // Where there is white space, it is most often one space.
            if self.peek() == Some(b' ') {
                self.at += 1;
            }
            let Some(byte) = self.peek() else {
                break;
            };
            match byte {
                b' ' | b'\t' | 0x0c => self.at += 1,
                b'#' => self.skip_comment(),
                b'\n' => {
                    let begin = self.at;
                    self.at += 1;
                    if self.brackets.is_empty() {
                        self.push(Kind::Newline, begin, self.line);
                    }
                    self.line += 1;
                    if self.brackets.is_empty() {
                        self.indentation()?;
                    }
                }
                b'\\' => self.continued()?,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word()?,
                b'\'' | b'"' => quoted::begin(self, self.at)?,
                b'0'..=b'9' => self.number()?,
                b'.' if self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit) => self.number()?,
                _ => self.sign()?,
            }
        }
        if !self.brackets.is_empty() || !self.formats.is_empty() {
            return None;
        }
        if self.tokens.last().is_some_and(|last| last.kind != Kind::Newline) {
            self.push(Kind::Newline, self.at, self.line);
        }
        for _ in 1..self.indents.len() {
            self.push(Kind::Dedent, self.at, self.line);
        }
        self.push(Kind::End, self.at, self.line);
        Some(())
    }

    fn skip_comment(&mut self) {
        let rest = &self.text[self.at..];
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Passes a backslash and the end of its line; something must follow.
    fn continued(&mut self) -> Option<()> {
        if self.text.get(self.at + 1) != Some(&b'\n') || self.at + 2 >= self.text.len() {
            return None;
        }
        self.at += 2;
        self.line += 1;
        Some(())
    }

    /// At the beginning of a line: passes empty lines, then opens or closes blocks.
    fn indentation(&mut self) -> Option<()> {
        let (mut column, mut alternative) = (0, 0);
        // Of a line that backslashes continue, the first part with white space before the backslash decides.
        let mut of_first_part = 0;
        loop {
            // Most code is moved in by multiples of four.
            while self.text[self.at..].starts_with(b"    ") {
                (column, alternative) = (column + 4, alternative + 4);
                self.at += 4;
            }
            match self.peek() {
                Some(b' ') => (column, alternative) = (column + 1, alternative + 1),
                Some(b'\t') => (column, alternative) = ((column / 8 + 1) * 8, alternative + 1),
                Some(0x0c) => (column, alternative) = (0, 0),
                Some(b'\\') => {
                    if of_first_part == 0 {
                        of_first_part = column;
                    }
                    self.continued()?;
                    continue;
                }
                Some(b'#') => {
                    self.skip_comment();
                    continue;
                }
                Some(b'\n') => {
                    (column, alternative, of_first_part) = (0, 0, 0);
                    self.at += 1;
                    self.line += 1;
                    continue;
                }
                None => return Some(()),
                Some(_) => break,
            }
            self.at += 1;
        }
        let here = match of_first_part {
            0 => (column, alternative),
            first => (first, first),
        };
        let open = *self.indents.last()?;
        if here.0 == open.0 {
            return (here.1 == open.1).then_some(());
        }
        if here.0 > open.0 {
            if here.1 <= open.1 || self.indents.len() > MOST_INDENTS - 1 {
                return None;
            }
            self.indents.push(here);
            self.push(Kind::Indent, self.at, self.line);
            return Some(());
        }
        while self.indents.last().is_some_and(|open| open.0 > here.0) {
            self.indents.pop();
            self.push(Kind::Dedent, self.at, self.line);
        }
        (self.indents.last() == Some(&here)).then_some(())
    }

    /// Reads a name, a keyword, or the prefix of a string and the string.
    fn word(&mut self) -> Option<()> {
        let begin = self.at;
        let rest = &self.text[begin..];
        let (length, is_ascii) = name_length(rest);
        let word = &rest[..length];
        if matches!(rest.get(length), Some(b'\'' | b'"')) && quoted::is_prefix(word) {
            self.at += length;
            return quoted::begin(self, begin);
        }
        if !is_ascii && !is_latin1_name(word) {
            return None;
        }
        self.at += length;
        self.push(Kind::of_word(rest, length), begin, self.line);
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let begin = self.at;
        self.at += numbers::length(&self.text[begin..])?;
        self.push(Kind::Number, begin, self.line);
        Some(())
    }

    fn sign(&mut self) -> Option<()> {
        let begin = self.at;
        let in_field = self.brackets.last() == Some(&Bracket::Field);
        // In a field a colon begins the format, whatever follows it.
        let (kind, length) = match Kind::sign(&self.text[begin..])? {
            (Kind::Walrus, _) if in_field => (Kind::Colon, 1),
            found => found,
        };
        self.at += length;
        match kind {
            Kind::Open => self.open(Bracket::Round)?,
            Kind::OpenSquare => self.open(Bracket::Square)?,
            Kind::OpenCurly => self.open(Bracket::Curly)?,
            Kind::Close => self.close(Bracket::Round)?,
            Kind::CloseSquare => self.close(Bracket::Square)?,
            Kind::CloseCurly if in_field => {
                self.brackets.pop();
                self.push(Kind::FieldEnd, begin, self.line);
                self.formats.last_mut()?.in_spec = false;
                return quoted::format_text(self);
            }
            Kind::CloseCurly => self.close(Bracket::Curly)?,
            Kind::Colon if in_field => {
                self.push(kind, begin, self.line);
                self.formats.last_mut()?.in_spec = true;
                return quoted::format_text(self);
            }
            _ => {}
        }
        self.push(kind, begin, self.line);
        Some(())
    }

    pub(super) fn open(&mut self, bracket: Bracket) -> Option<()> {
        self.brackets.push(bracket);
        (self.brackets.len() <= MOST_BRACKETS).then_some(())
    }

    fn close(&mut self, bracket: Bracket) -> Option<()> {
        (self.brackets.pop() == Some(bracket)).then_some(())
    }
}

/// Returns the length of the name that a text begins with, and whether it is ASCII.
fn name_length(text: &[u8]) -> (usize, bool) {
    let (mut length, mut beyond) = (0, 0);
    while let Some(bytes) = text[length..].first_chunk() {
        let bytes = u64::from_le_bytes(*bytes);
        let others = !names(bytes) & eight(0x80);
        if others != 0 {
            // What lies before the first of them.
            beyond |= bytes & (others & others.wrapping_neg()).wrapping_sub(1);
            let is_ascii = beyond & eight(0x80) == 0;
            return (length + others.trailing_zeros() as usize / 8, is_ascii);
        }
        beyond |= bytes;
        length += 8;
    }
    let rest = &text[length..];
    length += rest.iter().position(|byte| !is_name(*byte)).unwrap_or(rest.len());
    (length, text[..length].is_ascii())
}

/// Returns eight of a byte.
const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Does what [`is_name`] does for eight bytes at once; the highest bit of each says what it is.
fn names(bytes: u64) -> u64 {
    // Of bytes below 0x80: nothing is borrowed from the byte above.
    let at_least = |bytes: u64, least: u8| (bytes | eight(0x80)) - eight(least);
    let low = bytes & eight(0x7f);
    let small = low | eight(0x20);
    let letter = at_least(small, b'a') & !at_least(small, b'z' + 1);
    let digit = at_least(low, b'0') & !at_least(low, b'9' + 1);
    let underscore = !at_least(low ^ eight(b'_'), 1);
    letter | digit | underscore | bytes
}

/// Says whether a byte goes on with a name, as far as splitting into tokens goes.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Says whether a word is a name in Latin-1.
fn is_latin1_name(word: &[u8]) -> bool {
    let mut letters = word.iter().enumerate();
    letters.all(|(index, byte)| is_identifier(*byte, index == 0))
}

/// Says whether a Latin-1 character may stand in a name.
fn is_identifier(byte: u8, first: bool) -> bool {
    match byte {
        0xaa | 0xb5 | 0xba | 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8.. => true,
        0xb7 | b'0'..=b'9' => !first,
        _ => byte < 0x80,
    }
}
