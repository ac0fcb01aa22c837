//! Parentheses, lists, dictionaries, sets, and what is computed in them.

use super::parser::Parser;
use super::targets::{Expression, Shape};
use super::token::Kind;

impl Parser<'_> {
    /// A group, a tuple or a generator.
    pub(super) fn round(&mut self) -> Option<Expression> {
        let line = self.expect(Kind::Open)?.line;
        if self.eat(Kind::Close) {
            self.note(line);
            return Some(Expression::new(line, Shape::EMPTY));
        }
        let inner = if self.kind() == Kind::Yield {
            self.yield_or_expressions()?
        } else {
            let first = self.star_named()?;
            match self.kind() {
                Kind::For | Kind::Async => {
                    self.note(line);
                    return self.computed(first, line, Kind::Close);
                }
                Kind::Comma => {
                    self.note(line);
                    return self.items(first, line, Kind::Close);
                }
                _ if first.is_starred() => return None,
                _ => first,
            }
        };
        self.expect(Kind::Close)?;
        Some(Expression {
            line,
            shape: inner.shape,
            grouped: true,
        })
    }

    /// A list.
    pub(super) fn square(&mut self) -> Option<Expression> {
        let line = self.expect(Kind::OpenSquare)?.line;
        self.note(line);
        if self.eat(Kind::CloseSquare) {
            return Some(Expression::new(line, Shape::EMPTY));
        }
        let first = self.star_named()?;
        match self.kind() {
            Kind::For | Kind::Async => self.computed(first, line, Kind::CloseSquare),
            _ => self.items(first, line, Kind::CloseSquare),
        }
    }

    /// Reads the items after the first, up to the bracket that closes.
    fn items(&mut self, first: Expression, line: u32, close: Kind) -> Option<Expression> {
        let mut shape = first.joins(Shape::EMPTY);
        while self.eat(Kind::Comma) && self.kind() != close {
            shape = self.star_named()?.joins(shape);
        }
        self.expect(close)?;
        Some(Expression::new(line, shape))
    }

    /// Reads the loops behind what they compute, up to the bracket that closes.
    fn computed(&mut self, item: Expression, line: u32, close: Kind) -> Option<Expression> {
        if item.is_starred() {
            return None;
        }
        self.loops()?;
        self.expect(close)?;
        Some(Expression::value(line))
    }

    /// `for a in b if c for d in e`, at least one.
    pub(super) fn loops(&mut self) -> Option<()> {
        while matches!(self.kind(), Kind::For | Kind::Async) {
            self.eat(Kind::Async);
            self.expect(Kind::For)?;
            self.targets()?;
            self.expect(Kind::In)?;
            self.disjunction()?;
            while self.eat(Kind::If) {
                self.disjunction()?;
            }
        }
        Some(())
    }

    /// What a loop assigns to.
    pub(super) fn targets(&mut self) -> Option<Expression> {
        let found = self.tuple_of(Self::target)?;
        found.can_be_assigned().then_some(found)
    }

    /// One place to assign to; nothing that binds as loosely as `in` belongs to it.
    pub(super) fn target(&mut self) -> Option<Expression> {
        if self.kind() == Kind::Times {
            self.starred()
        } else {
            self.binary(1)
        }
    }

    /// A dictionary or a set.
    pub(super) fn curly(&mut self) -> Option<Expression> {
        let line = self.expect(Kind::OpenCurly)?.line;
        self.note(line);
        let found = Expression::value(line);
        if self.eat(Kind::CloseCurly) {
            return Some(found);
        }
        if self.eat(Kind::Power) {
            self.binary(1)?;
        } else {
            let first = if self.kind() == Kind::Times {
                self.starred()?
            } else {
                self.expression()?
            };
            if first.is_starred() || !self.eat(Kind::Colon) {
                let first = self.assigned_inside(first)?;
                return match self.kind() {
                    Kind::For | Kind::Async => self.computed(first, line, Kind::CloseCurly),
                    _ => self.items(first, line, Kind::CloseCurly).and(Some(found)),
                };
            }
            self.expression()?;
            if matches!(self.kind(), Kind::For | Kind::Async) {
                return self.computed(found, line, Kind::CloseCurly);
            }
        }
        while self.eat(Kind::Comma) && self.kind() != Kind::CloseCurly {
            if self.eat(Kind::Power) {
                self.binary(1)?;
            } else {
                self.expression()?;
                self.expect(Kind::Colon)?;
                self.expression()?;
            }
        }
        self.expect(Kind::CloseCurly)?;
        Some(found)
    }
}
