//! Patterns of `match`.

use super::parser::Parser;
use super::token::Kind;

impl Parser<'_> {
    /// `match x:` and its cases; `None` when the word is a name after all.
    pub(super) fn match_statement(&mut self) -> Option<()> {
        let line = self.advance().line;
        self.note(line);
        let subject = self.line();
        if self.star_named()?.is_starred() && self.kind() != Kind::Comma {
            return None;
        }
        if self.kind() == Kind::Comma {
            self.note(subject);
        }
        while self.eat(Kind::Comma) && self.kind() != Kind::Colon {
            self.star_named()?;
        }
        self.expect(Kind::Colon)?;
        self.expect(Kind::Newline)?;
        self.expect(Kind::Indent)?;
        if !self.is_word("case") {
            return None;
        }
        while self.is_word("case") {
            self.advance();
            self.open_pattern()?;
            if self.eat(Kind::If) {
                self.named()?;
            }
            self.block()?;
        }
        self.expect(Kind::Dedent)?;
        Some(())
    }

    /// A pattern, or a sequence without brackets.
    fn open_pattern(&mut self) -> Option<()> {
        let line = self.line();
        let starred = self.maybe_star_pattern()?;
        if self.kind() != Kind::Comma {
            return (!starred).then_some(());
        }
        self.note(line);
        while self.eat(Kind::Comma) && !matches!(self.kind(), Kind::Colon | Kind::If) {
            self.maybe_star_pattern()?;
        }
        Some(())
    }

    /// Reads `*name` or a pattern; says whether it was the former.
    fn maybe_star_pattern(&mut self) -> Option<bool> {
        if self.kind() != Kind::Times {
            self.pattern()?;
            return Some(false);
        }
        let line = self.advance().line;
        self.note(line);
        self.expect(Kind::Name)?;
        Some(true)
    }

    fn pattern(&mut self) -> Option<()> {
        self.deeper(|parser| {
            let line = parser.line();
            parser.closed_pattern()?;
            if parser.kind() == Kind::BitOr {
                parser.note(line);
            }
            while parser.eat(Kind::BitOr) {
                parser.closed_pattern()?;
            }
            if parser.eat(Kind::As) {
                parser.note(line);
                if parser.is_word("_") {
                    return None;
                }
                parser.expect(Kind::Name)?;
            }
            Some(())
        })
    }

    fn closed_pattern(&mut self) -> Option<()> {
        let line = self.line();
        match self.kind() {
            Kind::Open => {
                self.advance();
                if self.eat(Kind::Close) {
                    self.note(line);
                    return Some(());
                }
                let starred = self.maybe_star_pattern()?;
                if starred || self.kind() == Kind::Comma {
                    (self.kind() == Kind::Comma).then_some(())?;
                    self.note(line);
                }
                self.rest_of_sequence(Kind::Close)
            }
            Kind::OpenSquare => {
                self.advance();
                self.note(line);
                if self.kind() != Kind::CloseSquare {
                    self.maybe_star_pattern()?;
                }
                self.rest_of_sequence(Kind::CloseSquare)
            }
            Kind::OpenCurly => self.mapping(),
            Kind::Name | Kind::Names => {
                self.dotted()?;
                if self.kind() == Kind::Open {
                    return self.class();
                }
                Some(())
            }
            _ => self.literal_pattern(),
        }
    }

    fn rest_of_sequence(&mut self, close: Kind) -> Option<()> {
        while self.eat(Kind::Comma) && self.kind() != close {
            self.maybe_star_pattern()?;
        }
        self.expect(close)?;
        Some(())
    }

    fn dotted(&mut self) -> Option<()> {
        let line = self.line();
        self.note(line);
        self.dotted_name()
    }

    /// A number with a sign or an imaginary part, strings, `None`, `True` or `False`.
    fn literal_pattern(&mut self) -> Option<()> {
        let line = self.line();
        match self.kind() {
            Kind::Text | Kind::Bytes | Kind::FormatBegin => {
                self.strings()?;
            }
            Kind::None | Kind::True | Kind::False => {
                self.advance();
                self.note(line);
            }
            _ => {
                self.note(line);
                self.eat(Kind::Minus);
                let number = self.expect(Kind::Number)?;
                self.note(number.line);
                if matches!(self.kind(), Kind::Plus | Kind::Minus) {
                    self.advance();
                    let imaginary = self.expect(Kind::Number)?;
                    self.note(imaginary.line);
                    let is_imaginary = |written: &[u8]| matches!(written.last(), Some(b'j' | b'J'));
                    if is_imaginary(self.written(number)) || !is_imaginary(self.written(imaginary)) {
                        return None;
                    }
                }
            }
        }
        Some(())
    }

    fn mapping(&mut self) -> Option<()> {
        let line = self.expect(Kind::OpenCurly)?.line;
        self.note(line);
        while self.kind() != Kind::CloseCurly {
            if self.eat(Kind::Power) {
                self.expect(Kind::Name)?;
                self.eat(Kind::Comma);
                break;
            }
            let is_dotted = self.kind() == Kind::Names || self.second() == Kind::Dot;
            if matches!(self.kind(), Kind::Name | Kind::Names) {
                is_dotted.then_some(())?;
                self.dotted()?;
            } else {
                self.literal_pattern()?;
            }
            self.expect(Kind::Colon)?;
            self.pattern()?;
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::CloseCurly)?;
        Some(())
    }

    fn class(&mut self) -> Option<()> {
        self.expect(Kind::Open)?;
        let mut named = false;
        while self.kind() != Kind::Close {
            if self.kind() == Kind::Name && self.second() == Kind::Assign {
                self.advance();
                self.advance();
                named = true;
            } else if named {
                return None;
            }
            self.pattern()?;
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::Close)?;
        Some(())
    }
}
