//! Expressions.

use super::parser::Parser;
use super::targets::{Expression, Shape};
use super::token::Kind;

/// Says whether an expression may begin with a token.
fn begins_expression(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Name
            | Kind::Names
            | Kind::Number
            | Kind::Text
            | Kind::Bytes
            | Kind::FormatBegin
            | Kind::Open
            | Kind::OpenSquare
            | Kind::OpenCurly
            | Kind::Plus
            | Kind::Minus
            | Kind::Tilde
            | Kind::Times
            | Kind::Not
            | Kind::Lambda
            | Kind::Await
            | Kind::Ellipsis
            | Kind::None
            | Kind::True
            | Kind::False
    )
}

/// Returns how tightly an operator with two sides binds.
fn strength(kind: Kind) -> Option<u8> {
    Some(match kind {
        Kind::BitOr => 1,
        Kind::BitXor => 2,
        Kind::BitAnd => 3,
        Kind::Left | Kind::Right => 4,
        Kind::Plus | Kind::Minus => 5,
        Kind::Times | Kind::Over | Kind::Floor | Kind::Modulo | Kind::At => 6,
        _ => return None,
    })
}

/// Says whether a token makes an operand a part of something larger: a sign or word between two operands.
fn goes_on(kind: Kind) -> bool {
    strength(kind).is_some()
        || matches!(
            kind,
            Kind::Equals | Kind::Differs | Kind::Less | Kind::Greater | Kind::AtMost | Kind::AtLeast
        )
        || matches!(kind, Kind::In | Kind::Not | Kind::Is | Kind::And | Kind::Or)
}

impl Parser<'_> {
    /// `a, *b, c`: one expression, or a tuple without parentheses.
    pub(super) fn star_expressions(&mut self) -> Option<Expression> {
        self.tuple_of(Self::star_expression)
    }

    /// Reads items with commas between them; more than one, or a comma after it, is a tuple.
    pub(super) fn tuple_of(&mut self, item: fn(&mut Self) -> Option<Expression>) -> Option<Expression> {
        let first = item(self)?;
        if self.kind() != Kind::Comma {
            return Some(first);
        }
        self.note(first.line);
        let mut shape = first.joins(Shape::EMPTY);
        while self.eat(Kind::Comma) && begins_expression(self.kind()) {
            shape = item(self)?.joins(shape);
        }
        Some(Expression::new(first.line, shape))
    }

    fn star_expression(&mut self) -> Option<Expression> {
        if self.kind() == Kind::Times {
            self.starred()
        } else {
            self.expression()
        }
    }

    /// `*x` or an expression that may be `x := y`.
    pub(super) fn star_named(&mut self) -> Option<Expression> {
        if self.kind() == Kind::Times {
            self.starred()
        } else {
            self.named()
        }
    }

    /// `*x`.
    pub(super) fn starred(&mut self) -> Option<Expression> {
        let line = self.expect(Kind::Times)?.line;
        self.note(line);
        let inner = self.binary(1)?;
        let assigned = inner.can_be_assigned();
        Some(Expression::new(line, Shape::Starred { assigned }))
    }

    /// An expression or `x := y`.
    pub(super) fn named(&mut self) -> Option<Expression> {
        let found = self.expression()?;
        self.assigned_inside(found)
    }

    /// Reads `:= y` behind an expression, where it is there.
    pub(super) fn assigned_inside(&mut self, found: Expression) -> Option<Expression> {
        if self.kind() != Kind::Walrus {
            return Some(found);
        }
        if !found.is_bare_name() {
            return None;
        }
        self.advance();
        self.deeper(Self::expression)?;
        Some(Expression::value(found.line))
    }

    /// `yield x`, `yield from x`, or a tuple or expression.
    pub(super) fn yield_or_expressions(&mut self) -> Option<Expression> {
        if self.kind() == Kind::Yield {
            self.yielded()
        } else {
            self.star_expressions()
        }
    }

    fn yielded(&mut self) -> Option<Expression> {
        let line = self.expect(Kind::Yield)?.line;
        self.note(line);
        if self.eat(Kind::From) {
            self.expression()?;
        } else if begins_expression(self.kind()) {
            self.star_expressions()?;
        }
        Some(Expression::value(line))
    }

    /// One expression: `lambda`, `a if b else c`, or simpler.
    pub(super) fn expression(&mut self) -> Option<Expression> {
        if self.is_alone() {
            return Some(self.alone());
        }
        self.long_expression()
    }

    // By itself, so that what is alone is not kept up by what it does not need.
    #[inline(never)]
    fn long_expression(&mut self) -> Option<Expression> {
        self.deeper(|parser| {
            if parser.kind() == Kind::Lambda {
                return parser.lambda();
            }
            let found = parser.disjunction()?;
            if !parser.eat(Kind::If) {
                return Some(found);
            }
            parser.note(found.line);
            parser.disjunction()?;
            parser.expect(Kind::Else)?;
            parser.expression()?;
            Some(Expression::value(found.line))
        })
    }

    /// Says whether a name or a literal is next that nothing goes on with: most expressions are no more than that.
    fn is_alone(&self) -> bool {
        matches!(
            self.kind(),
            Kind::Name | Kind::Names | Kind::Number | Kind::None | Kind::True | Kind::False | Kind::Text
        ) && matches!(
            self.second(),
            Kind::Comma
                | Kind::Close
                | Kind::CloseSquare
                | Kind::CloseCurly
                | Kind::Colon
                | Kind::Assign
                | Kind::Newline
        )
    }

    /// Passes a name or a literal of one token.
    #[inline]
    pub(super) fn alone(&mut self) -> Expression {
        let token = self.advance();
        self.note(token.line);
        let shape = match token.kind {
            Kind::Name => Shape::Name,
            Kind::Names => Shape::Place,
            _ => Shape::Value,
        };
        Expression::new(token.line, shape)
    }

    fn lambda(&mut self) -> Option<Expression> {
        let line = self.expect(Kind::Lambda)?.line;
        self.note(line);
        self.parameters(Kind::Colon, false)?;
        self.expect(Kind::Colon)?;
        self.expression()?;
        Some(Expression::value(line))
    }

    /// `a or b`.
    pub(super) fn disjunction(&mut self) -> Option<Expression> {
        let first = if self.kind() == Kind::Not {
            self.conjunction()?
        } else {
            // Behind most operands no operator stands: four levels need not be asked for theirs.
            let operand = self.factor()?;
            if !goes_on(self.kind()) {
                return Some(operand);
            }
            let first = self.binary_after(operand, 1)?;
            let first = self.comparison_after(first)?;
            self.conjunction_after(first)?
        };
        if self.kind() != Kind::Or {
            return Some(first);
        }
        self.note(first.line);
        while self.eat(Kind::Or) {
            self.conjunction()?;
        }
        Some(Expression::value(first.line))
    }

    fn conjunction(&mut self) -> Option<Expression> {
        let first = self.inversion()?;
        self.conjunction_after(first)
    }

    fn conjunction_after(&mut self, first: Expression) -> Option<Expression> {
        if self.kind() != Kind::And {
            return Some(first);
        }
        self.note(first.line);
        while self.eat(Kind::And) {
            self.inversion()?;
        }
        Some(Expression::value(first.line))
    }

    fn inversion(&mut self) -> Option<Expression> {
        if self.kind() == Kind::Not {
            let line = self.advance().line;
            self.note(line);
            self.deeper(Self::inversion)?;
            return Some(Expression::value(line));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Option<Expression> {
        let first = self.binary(1)?;
        self.comparison_after(first)
    }

    fn comparison_after(&mut self, first: Expression) -> Option<Expression> {
        let mut compares = false;
        loop {
            match self.kind() {
                Kind::Equals | Kind::Differs | Kind::Less | Kind::Greater | Kind::AtMost | Kind::AtLeast | Kind::In => {
                    self.advance();
                }
                Kind::Not if self.second() == Kind::In => {
                    self.advance();
                    self.advance();
                }
                Kind::Is => {
                    self.advance();
                    self.eat(Kind::Not);
                }
                _ => break,
            }
            compares = true;
            self.binary(1)?;
        }
        if !compares {
            return Some(first);
        }
        self.note(first.line);
        Some(Expression::value(first.line))
    }

    /// Operators with two sides that bind at least as tightly as this.
    pub(super) fn binary(&mut self, least: u8) -> Option<Expression> {
        let first = self.factor()?;
        self.binary_after(first, least)
    }

    fn binary_after(&mut self, mut left: Expression, least: u8) -> Option<Expression> {
        while let Some(strength) = strength(self.kind()).filter(|strength| *strength >= least) {
            self.advance();
            self.note(left.line);
            self.binary(strength + 1)?;
            left = Expression::value(left.line);
        }
        Some(left)
    }

    /// `-x`, or a power.
    fn factor(&mut self) -> Option<Expression> {
        if matches!(self.kind(), Kind::Plus | Kind::Minus | Kind::Tilde) {
            let line = self.advance().line;
            self.note(line);
            self.deeper(Self::factor)?;
            return Some(Expression::value(line));
        }
        let base = self.awaited()?;
        if !self.eat(Kind::Power) {
            return Some(base);
        }
        self.note(base.line);
        self.deeper(Self::factor)?;
        Some(Expression::value(base.line))
    }

    fn awaited(&mut self) -> Option<Expression> {
        if self.kind() == Kind::Await {
            let line = self.advance().line;
            self.note(line);
            self.primary()?;
            return Some(Expression::value(line));
        }
        self.primary()
    }

    /// A name or literal, and what is called on it or taken from it.
    fn primary(&mut self) -> Option<Expression> {
        let mut found = self.atom()?;
        loop {
            let shape = match self.kind() {
                Kind::Dot => {
                    self.advance();
                    self.names()?;
                    Shape::Place
                }
                Kind::Open => {
                    self.call()?;
                    Shape::Value
                }
                Kind::OpenSquare => {
                    self.subscript()?;
                    Shape::Place
                }
                _ => return Some(found),
            };
            self.note(found.line);
            found = Expression::new(found.line, shape);
        }
    }

    #[inline]
    fn atom(&mut self) -> Option<Expression> {
        match self.kind() {
            Kind::Name | Kind::Names | Kind::Number | Kind::Ellipsis | Kind::None | Kind::True | Kind::False => {
                Some(self.alone())
            }
            Kind::Text | Kind::Bytes | Kind::FormatBegin => self.strings(),
            _ => self.enclosed(),
        }
    }

    #[inline(never)]
    fn enclosed(&mut self) -> Option<Expression> {
        match self.kind() {
            Kind::Open => self.round(),
            Kind::OpenSquare => self.square(),
            Kind::OpenCurly => self.curly(),
            _ => None,
        }
    }

    /// `a[b]`, `a[b:c, d]`.
    fn subscript(&mut self) -> Option<()> {
        self.expect(Kind::OpenSquare)?;
        let first = self.slice()?;
        if self.kind() == Kind::Comma {
            self.note(first.line);
        }
        while self.eat(Kind::Comma) && self.kind() != Kind::CloseSquare {
            self.slice()?;
        }
        self.expect(Kind::CloseSquare)?;
        Some(())
    }

    fn slice(&mut self) -> Option<Expression> {
        let line = self.line();
        if self.kind() != Kind::Colon {
            let found = self.star_named()?;
            if self.kind() != Kind::Colon {
                return Some(found);
            }
            if found.is_starred() {
                return None;
            }
        }
        self.note(line);
        self.expect(Kind::Colon)?;
        let ends = |kind| matches!(kind, Kind::Comma | Kind::CloseSquare);
        if !ends(self.kind()) && self.kind() != Kind::Colon {
            self.expression()?;
        }
        if self.eat(Kind::Colon) && !ends(self.kind()) {
            self.expression()?;
        }
        Some(Expression::value(line))
    }
}
