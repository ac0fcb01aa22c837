//! Statements with blocks.

use super::super::Python;
use super::parser::Parser;
use super::token::Kind;

impl Parser<'_> {
    /// `@decorator` lines and what they decorate.
    pub(super) fn decorated(&mut self) -> Option<()> {
        while self.eat(Kind::At) {
            self.named()?;
            self.expect(Kind::Newline)?;
        }
        match (self.kind(), self.second()) {
            (Kind::Def | Kind::Class, _) | (Kind::Async, Kind::Def) => self.compound(),
            _ => None,
        }
    }

    pub(super) fn compound(&mut self) -> Option<()> {
        let line = self.line();
        self.note(line);
        if self.eat(Kind::Async) && !matches!(self.kind(), Kind::Def | Kind::For | Kind::With) {
            return None;
        }
        match self.advance().kind {
            Kind::Def => self.function(),
            Kind::Class => self.class_statement(),
            Kind::If => self.conditional(),
            Kind::While => {
                self.named()?;
                self.block()?;
                self.otherwise()
            }
            Kind::For => {
                self.targets()?;
                self.expect(Kind::In)?;
                self.star_expressions()?;
                self.block()?;
                self.otherwise()
            }
            Kind::Try => self.attempt(),
            Kind::With => self.with(),
            _ => None,
        }
    }

    /// A colon and what is indented below it, or simple statements behind it.
    pub(super) fn block(&mut self) -> Option<()> {
        self.expect(Kind::Colon)?;
        if !self.eat(Kind::Newline) {
            return self.simple_line();
        }
        self.expect(Kind::Indent)?;
        self.deeper(|parser| {
            while !parser.eat(Kind::Dedent) {
                parser.statement()?;
            }
            Some(())
        })
    }

    fn function(&mut self) -> Option<()> {
        self.expect(Kind::Name)?;
        self.type_parameters()?;
        self.expect(Kind::Open)?;
        self.parameters(Kind::Close, true)?;
        self.expect(Kind::Close)?;
        if self.eat(Kind::Arrow) {
            self.expression()?;
        }
        self.block()
    }

    fn class_statement(&mut self) -> Option<()> {
        self.expect(Kind::Name)?;
        self.type_parameters()?;
        if self.kind() == Kind::Open {
            self.arguments(None)?;
        }
        self.block()
    }

    fn conditional(&mut self) -> Option<()> {
        self.named()?;
        self.block()?;
        while self.kind() == Kind::Elif {
            let line = self.advance().line;
            self.note(line);
            self.named()?;
            self.block()?;
        }
        self.otherwise()
    }

    /// `else:`, where there is one.
    fn otherwise(&mut self) -> Option<()> {
        if self.eat(Kind::Else) {
            self.block()?;
        }
        Some(())
    }

    fn attempt(&mut self) -> Option<()> {
        self.block()?;
        let mut groups = None;
        while self.kind() == Kind::Except {
            let line = self.advance().line;
            self.note(line);
            let group = self.kind() == Kind::Times;
            if groups.is_some_and(|groups| groups != group) || (group && self.python == Python::V39) {
                return None;
            }
            groups = Some(group);
            self.eat(Kind::Times);
            if group || self.kind() != Kind::Colon {
                self.expression()?;
                if self.eat(Kind::As) {
                    self.expect(Kind::Name)?;
                }
            }
            self.block()?;
        }
        if groups.is_some() {
            self.otherwise()?;
        } else if self.kind() != Kind::Finally {
            return None;
        }
        if self.eat(Kind::Finally) {
            self.block()?;
        }
        Some(())
    }

    fn with(&mut self) -> Option<()> {
        let place = self.place();
        // Parentheses around all of it are no tuple, when only a colon follows them.
        if self.eat(Kind::Open) && self.with_items(true).is_some() && self.kind() == Kind::Colon {
            return self.block();
        }
        self.back(place);
        self.with_items(false)?;
        self.block()
    }

    fn with_items(&mut self, grouped: bool) -> Option<()> {
        loop {
            self.expression()?;
            if self.eat(Kind::As) {
                self.target()?.can_be_assigned().then_some(())?;
            }
            if !self.eat(Kind::Comma) || (grouped && self.kind() == Kind::Close) {
                break;
            }
        }
        if grouped {
            self.expect(Kind::Close)?;
        }
        Some(())
    }
}
