//! Strings side by side, and the fields in them.

use super::super::Python;
use super::parser::Parser;
use super::targets::Expression;
use super::token::Kind;

/// Text in an f-string that goes on: nodes for text that follows text are one, and empty ones none.
#[derive(Default)]
struct Texts {
    /// The line on which the text began, when it does not end yet.
    begun: Option<u32>,
    /// Whether there is anything in it.
    filled: bool,
}

impl Parser<'_> {
    /// One string or several side by side: one node, with the fields and texts of f-strings as nodes below it.
    pub(super) fn strings(&mut self) -> Option<Expression> {
        if self.kind() == Kind::Text && !matches!(self.second(), Kind::Text | Kind::Bytes | Kind::FormatBegin) {
            return Some(self.alone());
        }
        self.several_strings()
    }

    #[inline(never)]
    fn several_strings(&mut self) -> Option<Expression> {
        let line = self.line();
        self.note(line);
        let (mut bytes, mut others, mut format) = (false, false, false);
        let mut texts = Texts::default();
        loop {
            let token = self.token();
            match token.kind {
                Kind::Bytes => {
                    self.advance();
                    bytes = true;
                }
                Kind::Text => {
                    self.advance();
                    others = true;
                    let empty = (self.written(token).iter()).all(|byte| matches!(byte, b'\'' | b'"'));
                    texts.begun.get_or_insert(token.line);
                    texts.filled |= !empty;
                }
                Kind::FormatBegin => {
                    self.advance();
                    (others, format) = (true, true);
                    let end = self.format_end()?;
                    self.pieces(Kind::FormatEnd, &mut texts, (token.begin(), end), token.line)?;
                    self.expect(Kind::FormatEnd)?;
                }
                _ => break,
            }
        }
        if bytes && others {
            return None;
        }
        if format {
            self.end_text(&mut texts);
        }
        Some(Expression::value(line))
    }

    /// Returns where the f-string that has just begun ends in the text.
    fn format_end(&self) -> Option<usize> {
        let mut open = 1;
        let mut tokens = self.ahead();
        loop {
            let token = tokens.next()?;
            match token.kind {
                Kind::FormatBegin => open += 1,
                Kind::FormatEnd => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Some(token.end());
            }
        }
    }

    /// Reads texts and fields up to a token, which stays. `whole` is where the f-string lies, `first` its line.
    fn pieces(&mut self, close: Kind, texts: &mut Texts, whole: (usize, usize), first: u32) -> Option<()> {
        while self.kind() != close {
            if self.kind() == Kind::FormatText {
                let line = self.advance().line;
                texts.begun.get_or_insert(line);
                texts.filled = true;
            } else {
                self.end_text(texts);
                self.field(whole, first)?;
            }
        }
        Some(())
    }

    fn end_text(&mut self, texts: &mut Texts) {
        let ended = std::mem::take(texts);
        if let Some(line) = ended.begun
            && ended.filled
            && self.python != Python::V39
        {
            self.note(line);
        }
    }

    /// `{value=!r:format}`.
    fn field(&mut self, whole: (usize, usize), first: u32) -> Option<()> {
        let open = self.expect(Kind::OpenCurly)?;
        if self.python != Python::V39 {
            self.note(open.line);
        }
        let value = self.place();
        self.yield_or_expressions()?;
        let (begin, end) = (open.begin(), self.token().begin());
        if self.python == Python::V39 {
            let seen = self.line_before_310(whole, first, self.between(begin, end));
            self.raise(value, open.line.saturating_sub(seen));
        }
        self.eat(Kind::Assign);
        if self.kind() == Kind::Bang {
            let bang = self.advance();
            let name = self.expect(Kind::Name)?;
            if name.begin() != bang.end() || !matches!(self.written(name), b"r" | b"s" | b"a") {
                return None;
            }
        }
        if self.kind() == Kind::Colon {
            let line = self.advance().line;
            if self.python != Python::V39 {
                self.note(line);
            }
            let mut texts = Texts::default();
            self.pieces(Kind::FieldEnd, &mut texts, whole, first)?;
            self.end_text(&mut texts);
        }
        self.expect(Kind::FieldEnd)?;
        Some(())
    }

    /// Returns the line on which Python 3.9 sees a field: that of the first field of the string that is written like
    /// it, and the string's own where a conversion or format follows.
    fn line_before_310(&self, whole: (usize, usize), first: u32, field: &[u8]) -> u32 {
        let text = self.between(whole.0, whole.1);
        let field = [field, b"}"].concat();
        match memchr::memmem::find(text, &field) {
            Some(at) => first + u32::try_from(memchr::memchr_iter(b'\n', &text[..at]).count()).unwrap_or(0),
            None => first,
        }
    }
}
