//! From text to tokens, the way `CPython` 3.13 reads it.

use std::borrow::Cow;

use super::super::bytes::{eight, spaces};
use super::numbers;
use super::quoted::{self, Format};
use super::token::{Kind, Token};

/// How deep brackets may nest.
const MOST_BRACKETS: usize = 200;
/// How deep blocks may nest.
const MOST_INDENTS: usize = 99;

/// Returns a text in which every end of a line is a line feed; `None` where there is a byte that Python stops at.
pub(super) fn universal_newlines(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(first) = memchr::memchr2(b'\r', 0, text) else {
        return Some(Cow::Borrowed(text));
    };
    if memchr::memchr(0, &text[first..]).is_some() {
        return None;
    }
    let mut all = Vec::with_capacity(text.len());
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'\r' => all.push(b'\n'),
            b'\n' if index > 0 && text[index - 1] == b'\r' => {}
            other => all.push(*other),
        }
    }
    Some(Cow::Owned(all))
}

/// Splits a text into tokens, which take the place of what `tokens` held; `None` where Python would stop with an error.
pub(super) fn split(text: &[u8], tokens: &mut Vec<Token>) -> Option<()> {
    u32::try_from(text.len()).ok()?;
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
            let second = self.text.get(self.at + 1).copied().unwrap_or_default();
            match byte {
                // What there is most of comes first.
                _ if BEGINS_NAME[usize::from(byte)] => self.word()?,
                b',' => self.single(Kind::Comma),
                b'(' => self.open_with(Bracket::Round, Kind::Open)?,
                b')' => self.close_with(Bracket::Round, Kind::Close)?,
                b'[' => self.open_with(Bracket::Square, Kind::OpenSquare)?,
                b']' => self.close_with(Bracket::Square, Kind::CloseSquare)?,
                b'{' => self.open_with(Bracket::Curly, Kind::OpenCurly)?,
                b'=' if second != b'=' => self.single(Kind::Assign),
                b':' if second != b'=' && self.formats.is_empty() => self.single(Kind::Colon),
                b'\n' => {
                    let begin = self.at;
                    self.at += 1;
                    if self.brackets.is_empty() {
                        self.push(Kind::Newline, begin, self.line);
                        self.line += 1;
                        self.indentation()?;
                    } else {
                        self.line += 1;
                        self.skip_spaces();
                    }
                }
                b'\'' | b'"' => quoted::begin(self, self.at)?,
                b'0'..=b'9' => self.number()?,
                b'.' if second.is_ascii_digit() => self.number()?,
                b' ' => self.skip_spaces(),
                b'#' => self.skip_comment(),
                b'\t' | 0x0c => self.at += 1,
                b'\\' => self.continued()?,
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

    #[inline]
    fn skip_spaces(&mut self) {
        self.at += spaces(&self.text[self.at..]);
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
    #[inline]
    fn indentation(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let spaces = spaces(rest);
        let here = match rest.get(spaces) {
            None | Some(b'\t' | 0x0c | b'\\' | b'#' | b'\n') => self.column()?,
            // Most lines have spaces and something behind them.
            Some(_) => {
                self.at += spaces;
                (spaces, spaces)
            }
        };
        if self.indents.last() == Some(&here) {
            return Some(());
        }
        self.open_or_close(here)
    }

    /// Goes to the next line with something in it and returns its column; at the end of the text that of the open block.
    #[inline(never)]
    fn column(&mut self) -> Option<(usize, usize)> {
        let (mut column, mut alternative) = (0, 0);
        // Of a line that backslashes continue, the first part with white space before the backslash decides.
        let mut of_first_part = 0;
        loop {
            let spaces = spaces(&self.text[self.at..]);
            (column, alternative) = (column + spaces, alternative + spaces);
            self.at += spaces;
            match self.peek() {
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
                None => return self.indents.last().copied(),
                Some(_) => break,
            }
            self.at += 1;
        }
        Some(match of_first_part {
            0 => (column, alternative),
            first => (first, first),
        })
    }

    fn open_or_close(&mut self, here: (usize, usize)) -> Option<()> {
        let open = *self.indents.last()?;
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

    /// Reads a keyword, a name, names with dots between them, or the prefix of a string and the string.
    #[inline]
    fn word(&mut self) -> Option<()> {
        let begin = self.at;
        let rest = &self.text[begin..];
        let mut length = name_length(rest);
        let mut kind = Kind::of_word(rest, length);
        match rest.get(length) {
            Some(b'.') if kind == Kind::Name => {
                while let Some(further) = attribute_length(&rest[length..]) {
                    length += further;
                    kind = Kind::Names;
                }
            }
            Some(b'\'' | b'"') if quoted::is_prefix(&rest[..length]) => {
                self.at += length;
                return quoted::begin(self, begin);
            }
            Some(0x80..) => {
                length = rest.iter().position(|byte| !is_name(*byte)).unwrap_or(rest.len());
                kind = Kind::Name;
                if !is_latin1_name(&rest[..length]) {
                    return None;
                }
            }
            _ => {}
        }
        self.at += length;
        self.push(kind, begin, self.line);
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

    /// Passes a sign of one letter.
    #[inline]
    fn single(&mut self, kind: Kind) {
        self.at += 1;
        self.push(kind, self.at - 1, self.line);
    }

    fn open_with(&mut self, bracket: Bracket, kind: Kind) -> Option<()> {
        self.single(kind);
        self.open(bracket)
    }

    fn close_with(&mut self, bracket: Bracket, kind: Kind) -> Option<()> {
        self.single(kind);
        self.close(bracket)
    }

    pub(super) fn open(&mut self, bracket: Bracket) -> Option<()> {
        self.brackets.push(bracket);
        (self.brackets.len() <= MOST_BRACKETS).then_some(())
    }

    fn close(&mut self, bracket: Bracket) -> Option<()> {
        (self.brackets.pop() == Some(bracket)).then_some(())
    }
}

/// Whether a byte begins a name.
const BEGINS_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = u8::MAX;
    while byte > 0 {
        table[byte as usize] = matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..);
        byte -= 1;
    }
    table
};

/// Returns the length of the dot and the plain name that a text begins with; `None` where it begins with anything else,
/// which is then read by itself.
fn attribute_length(text: &[u8]) -> Option<usize> {
    let name = text.strip_prefix(b".")?;
    let length = name_length(name);
    let is_plain = !name.first()?.is_ascii_digit()
        && !matches!(name.get(length), Some(b'\'' | b'"' | 0x80..))
        && Kind::of_word(name, length) == Kind::Name;
    (length > 0 && is_plain).then_some(length + 1)
}

/// Returns the length of the ASCII name that a text begins with.
#[inline]
fn name_length(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(bytes) = text[length..].first_chunk() {
        let others = !names(u64::from_le_bytes(*bytes)) & eight(0x80);
        if others != 0 {
            return length + others.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = &text[length..];
    let ends = |byte: &u8| !is_name(*byte) || *byte >= 0x80;
    length + rest.iter().position(ends).unwrap_or(rest.len())
}

/// Does for eight bytes at once what [`is_name`] does for ASCII; the highest bit of each says what it is.
#[inline]
fn names(bytes: u64) -> u64 {
    let low = bytes & eight(0x7f);
    let small = low | eight(0x20);
    // Of bytes below 0x80: nothing is carried into the byte above.
    let between = |bytes: u64, first: u8, last: u8| (bytes + eight(0x80 - first)) ^ (bytes + eight(0x7f - last));
    let underscore = eight(0x80) - (low ^ eight(b'_'));
    (between(small, b'a', b'z') | between(low, b'0', b'9') | underscore) & !bytes
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
