//! Arguments of calls, and parameters of functions.

use super::parser::Parser;
use super::token::Kind;

impl Parser<'_> {
    /// `(a, *b, c=d, **e)` or `(a for b in c)`.
    pub(super) fn call(&mut self) -> Option<()> {
        let line = self.line();
        self.arguments(Some(line))
    }

    /// Reads arguments in parentheses. A lone generator is a node from `generator_from` on, where it may stand.
    pub(super) fn arguments(&mut self, generator_from: Option<u32>) -> Option<()> {
        self.expect(Kind::Open)?;
        let (mut named, mut spread, mut first) = (false, false, true);
        while self.kind() != Kind::Close {
            let token = self.token();
            match token.kind {
                Kind::Power => {
                    self.advance();
                    self.note(token.line);
                    self.expression()?;
                    spread = true;
                }
                Kind::Times => {
                    if spread {
                        return None;
                    }
                    self.advance();
                    self.note(token.line);
                    self.expression()?;
                }
                Kind::Name if self.second() == Kind::Assign => {
                    self.advance();
                    self.advance();
                    self.note(token.line);
                    self.expression()?;
                    named = true;
                }
                _ => {
                    if named || spread {
                        return None;
                    }
                    self.named()?;
                    if matches!(self.kind(), Kind::For | Kind::Async) {
                        self.note(generator_from.filter(|_| first)?);
                        self.loops()?;
                        break;
                    }
                }
            }
            first = false;
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::Close)?;
        Some(())
    }

    /// Reads parameters up to the token after them, which stays. Only those of `def` have types.
    pub(super) fn parameters(&mut self, close: Kind, typed: bool) -> Option<()> {
        let (mut starred, mut slashed, mut defaults, mut any) = (false, false, false, false);
        while self.kind() != close {
            match self.kind() {
                Kind::Over => {
                    if !any || starred || slashed {
                        return None;
                    }
                    self.advance();
                    slashed = true;
                }
                Kind::Times => {
                    if starred {
                        return None;
                    }
                    starred = true;
                    self.advance();
                    if self.kind() == Kind::Name {
                        self.parameter(typed, true)?;
                    } else {
                        // Names must follow a bare star.
                        (self.kind() == Kind::Comma && self.second() == Kind::Name).then_some(())?;
                    }
                }
                Kind::Power => {
                    self.advance();
                    self.parameter(typed, false)?;
                    self.eat(Kind::Comma);
                    return (self.kind() == close).then_some(());
                }
                _ => {
                    self.parameter(typed, false)?;
                    if self.eat(Kind::Assign) {
                        self.expression()?;
                        defaults = true;
                    } else if defaults && !starred {
                        return None;
                    }
                }
            }
            any = true;
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        (self.kind() == close).then_some(())
    }

    fn parameter(&mut self, typed: bool, many: bool) -> Option<()> {
        let line = self.expect(Kind::Name)?.line;
        self.note(line);
        if typed && self.eat(Kind::Colon) {
            if many && self.kind() == Kind::Times {
                self.starred()?;
            } else {
                self.expression()?;
            }
        }
        Some(())
    }
}
