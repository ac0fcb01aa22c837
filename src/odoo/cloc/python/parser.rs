//! The parser's hands: where it is, what it has noted, and how it goes back.

use super::super::Python;
use super::token::{Kind, Token};

/// How deep constructs may nest that no bracket or block counts: Python gives up far later, this thread's stack not.
const MOST_LEVELS: u32 = 700;

pub(super) struct Parser<'a> {
    text: &'a [u8],
    tokens: &'a [Token],
    at: usize,
    /// What the token there is: asked far more often than it changes.
    kind: Kind,
    level: u32,
    /// The lines on which nodes begin; a line may be noted often.
    lines: Vec<u32>,
    pub(super) python: Python,
}

/// A place to go back to.
#[derive(Clone, Copy)]
pub(super) struct Place {
    at: usize,
    level: u32,
    noted: usize,
}

impl<'a> Parser<'a> {
    /// Begins with room for the lines that will be noted; what is in it is forgotten.
    pub(super) fn new(text: &'a [u8], tokens: &'a [Token], python: Python, mut room: Vec<u32>) -> Self {
        room.clear();
        Parser {
            text,
            tokens,
            at: 0,
            kind: tokens.first().map_or(Kind::End, |token| token.kind),
            level: 0,
            lines: room,
            python,
        }
    }

    /// Reads a whole file and returns the lines noted, in no order and some of them often.
    pub(super) fn file(mut self) -> Option<Vec<u32>> {
        while self.kind() != Kind::End {
            self.statement()?;
        }
        Some(self.lines)
    }

    /// Returns the token that is next. The last one is the end, and nothing passes it.
    #[inline]
    pub(super) fn token(&self) -> Token {
        self.tokens[self.at]
    }

    #[inline]
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the kind of the token after the next.
    pub(super) fn second(&self) -> Kind {
        self.tokens.get(self.at + 1).map_or(Kind::End, |token| token.kind)
    }

    pub(super) fn line(&self) -> u32 {
        self.token().line
    }

    /// Returns the tokens that are to come.
    pub(super) fn ahead(&self) -> impl Iterator<Item = &'a Token> + use<'a> {
        self.tokens[self.at..].iter()
    }

    #[inline]
    pub(super) fn advance(&mut self) -> Token {
        let token = self.token();
        if token.kind != Kind::End {
            self.go(self.at + 1);
        }
        token
    }

    /// Passes the next token when it is of a kind.
    pub(super) fn eat(&mut self, kind: Kind) -> bool {
        if self.kind() != kind {
            return false;
        }
        self.go(self.at + 1);
        true
    }

    #[inline]
    fn go(&mut self, at: usize) {
        self.at = at;
        self.kind = self.tokens.get(at).map_or(Kind::End, |token| token.kind);
    }

    /// Passes the next token, which must be of a kind.
    pub(super) fn expect(&mut self, kind: Kind) -> Option<Token> {
        (self.kind() == kind).then(|| self.advance())
    }

    /// Passes a name, or names with dots between them.
    pub(super) fn names(&mut self) -> Option<Token> {
        matches!(self.kind(), Kind::Name | Kind::Names).then(|| self.advance())
    }

    /// Says whether the next token is a name written like this: a keyword in some places only.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind() == Kind::Name && self.written(self.token()) == word.as_bytes()
    }

    pub(super) fn written(&self, token: Token) -> &'a [u8] {
        &self.text[token.begin()..token.end()]
    }

    /// Returns the text between two places.
    pub(super) fn between(&self, begin: usize, end: usize) -> &'a [u8] {
        self.text.get(begin..end).unwrap_or_default()
    }

    /// Notes that a node begins on a line.
    pub(super) fn note(&mut self, line: u32) {
        if self.lines.last() != Some(&line) {
            self.lines.push(line);
        }
    }

    pub(super) fn place(&self) -> Place {
        Place {
            at: self.at,
            level: self.level,
            noted: self.lines.len(),
        }
    }

    /// Goes back to a place, and forgets what was noted since.
    pub(super) fn back(&mut self, place: Place) {
        self.go(place.at);
        self.level = place.level;
        self.lines.truncate(place.noted);
    }

    /// Moves what was noted since a place up by some lines.
    pub(super) fn raise(&mut self, since: Place, lines: u32) {
        for line in &mut self.lines[since.noted..] {
            *line = line.saturating_sub(lines);
        }
    }

    /// Reads something one level deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.level += 1;
        if self.level > MOST_LEVELS {
            return None;
        }
        let found = read(self)?;
        self.level -= 1;
        Some(found)
    }
}
