//! Statements on one line.

use super::super::Python;
use super::parser::Parser;
use super::token::Kind;

impl Parser<'_> {
    /// A statement with a block, or a line of simple ones.
    pub(super) fn statement(&mut self) -> Option<()> {
        match self.kind() {
            Kind::At => self.decorated(),
            Kind::Def | Kind::Class | Kind::If | Kind::For | Kind::While | Kind::Try | Kind::With | Kind::Async => {
                self.compound()
            }
            Kind::Name if self.is_word("match") && self.python != Python::V39 => {
                let place = self.place();
                if self.match_statement().is_some() {
                    return Some(());
                }
                self.back(place);
                self.simple_line()
            }
            _ => self.simple_line(),
        }
    }

    /// `a; b` up to the end of the line.
    pub(super) fn simple_line(&mut self) -> Option<()> {
        loop {
            self.simple()?;
            if self.eat(Kind::Semicolon) {
                if self.eat(Kind::Newline) {
                    return Some(());
                }
            } else {
                self.expect(Kind::Newline)?;
                return Some(());
            }
        }
    }

    fn simple(&mut self) -> Option<()> {
        let line = self.line();
        self.note(line);
        match self.kind() {
            Kind::Pass | Kind::Break | Kind::Continue => {
                self.advance();
            }
            Kind::Return => {
                self.advance();
                if !self.ends() {
                    self.star_expressions()?;
                }
            }
            Kind::Raise => {
                self.advance();
                if !self.ends() {
                    self.expression()?;
                    if self.eat(Kind::From) {
                        self.expression()?;
                    }
                }
            }
            Kind::Global | Kind::Nonlocal => {
                self.advance();
                self.expect(Kind::Name)?;
                while self.eat(Kind::Comma) {
                    self.expect(Kind::Name)?;
                }
            }
            Kind::Del => self.deleted()?,
            Kind::Assert => {
                self.advance();
                self.expression()?;
                if self.eat(Kind::Comma) {
                    self.expression()?;
                }
            }
            Kind::Import => self.import()?,
            Kind::From => self.import_from()?,
            Kind::Name if self.is_word("type") && self.second() == Kind::Name && self.python != Python::V39 => {
                self.type_alias()?;
            }
            _ => self.assignment_or_expression()?,
        }
        Some(())
    }

    fn ends(&self) -> bool {
        matches!(self.kind(), Kind::Newline | Kind::Semicolon)
    }

    fn deleted(&mut self) -> Option<()> {
        self.advance();
        loop {
            self.target()?.can_be_deleted().then_some(())?;
            if !self.eat(Kind::Comma) || self.ends() {
                return self.ends().then_some(());
            }
        }
    }

    fn assignment_or_expression(&mut self) -> Option<()> {
        let mut found = self.yield_or_expressions()?;
        match self.kind() {
            Kind::Colon => {
                found.is_one_place().then_some(())?;
                self.advance();
                self.expression()?;
                if self.eat(Kind::Assign) {
                    self.yield_or_expressions()?;
                }
            }
            Kind::PlusBy
            | Kind::MinusBy
            | Kind::TimesBy
            | Kind::OverBy
            | Kind::FloorBy
            | Kind::ModuloBy
            | Kind::PowerBy
            | Kind::LeftBy
            | Kind::RightBy
            | Kind::BitAndBy
            | Kind::BitOrBy
            | Kind::BitXorBy
            | Kind::AtBy => {
                found.is_one_place().then_some(())?;
                self.advance();
                self.yield_or_expressions()?;
            }
            _ => {
                while self.eat(Kind::Assign) {
                    found.can_be_assigned().then_some(())?;
                    found = self.yield_or_expressions()?;
                }
            }
        }
        Some(())
    }

    fn type_alias(&mut self) -> Option<()> {
        self.advance();
        let line = self.expect(Kind::Name)?.line;
        self.note(line);
        self.type_parameters()?;
        self.expect(Kind::Assign)?;
        self.expression()?;
        Some(())
    }

    /// `[T: int, *Ts, **P]`, where there are any.
    pub(super) fn type_parameters(&mut self) -> Option<()> {
        if self.kind() != Kind::OpenSquare {
            return Some(());
        }
        if self.python == Python::V39 {
            return None;
        }
        self.advance();
        loop {
            let token = self.advance();
            self.note(token.line);
            match token.kind {
                Kind::Name => {
                    if self.eat(Kind::Colon) {
                        self.expression()?;
                    }
                    if self.eat(Kind::Assign) {
                        self.expression()?;
                    }
                }
                Kind::Times => {
                    self.expect(Kind::Name)?;
                    if self.eat(Kind::Assign) {
                        if self.kind() == Kind::Times {
                            self.starred()?;
                        } else {
                            self.expression()?;
                        }
                    }
                }
                Kind::Power => {
                    self.expect(Kind::Name)?;
                    if self.eat(Kind::Assign) {
                        self.expression()?;
                    }
                }
                _ => return None,
            }
            if !self.eat(Kind::Comma) || self.kind() == Kind::CloseSquare {
                break;
            }
        }
        self.expect(Kind::CloseSquare)?;
        Some(())
    }

    fn import(&mut self) -> Option<()> {
        self.advance();
        loop {
            self.imported();
            self.dotted_name()?;
            self.renamed()?;
            if !self.eat(Kind::Comma) {
                return Some(());
            }
        }
    }

    fn import_from(&mut self) -> Option<()> {
        self.advance();
        let mut dots = false;
        while matches!(self.kind(), Kind::Dot | Kind::Ellipsis) {
            self.advance();
            dots = true;
        }
        if !dots || self.kind() != Kind::Import {
            self.dotted_name()?;
        }
        self.expect(Kind::Import)?;
        if self.kind() == Kind::Times {
            self.imported();
            self.advance();
            return Some(());
        }
        let grouped = self.eat(Kind::Open);
        loop {
            self.imported();
            self.expect(Kind::Name)?;
            self.renamed()?;
            if !self.eat(Kind::Comma) || (grouped && self.kind() == Kind::Close) {
                break;
            }
        }
        if grouped {
            self.expect(Kind::Close)?;
        }
        Some(())
    }

    /// Notes what is imported, which is a node of its own since Python 3.10.
    fn imported(&mut self) {
        if self.python != Python::V39 {
            let line = self.line();
            self.note(line);
        }
    }

    pub(super) fn dotted_name(&mut self) -> Option<()> {
        self.names()?;
        while self.eat(Kind::Dot) {
            self.names()?;
        }
        Some(())
    }

    fn renamed(&mut self) -> Option<()> {
        if self.eat(Kind::As) {
            self.expect(Kind::Name)?;
        }
        Some(())
    }
}
