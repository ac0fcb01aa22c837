//! Arguments of overrides, held against what the target's methods take.

use ruff_python_ast::{Expr, ExprCall};

/// The parameters of a method, without the one that is the record.
pub(super) struct Signature<'a> {
    /// Parameters by place: name, and whether there is a default.
    placed: Vec<(&'a str, bool)>,
    /// Parameters that are only named: name, and whether there is a default.
    named: Vec<(&'a str, bool)>,
    any_placed: bool,
    any_named: bool,
}

impl<'a> Signature<'a> {
    /// Reads what the index wrote down: `self, vals, *, force?`. A method that is not one of records gives nothing.
    pub(super) fn read(text: &'a str) -> Option<Signature<'a>> {
        let mut parts = text.split(", ");
        if !matches!(parts.next(), Some("self" | "cls")) {
            return None;
        }
        let mut signature = Signature {
            placed: Vec::new(),
            named: Vec::new(),
            any_placed: false,
            any_named: false,
        };
        let mut only_named = false;
        for part in parts {
            if part.starts_with("**") {
                signature.any_named = true;
            } else if let Some(name) = part.strip_prefix('*') {
                signature.any_placed = !name.is_empty();
                only_named = true;
            } else {
                let it = (part.trim_end_matches('?'), part.ends_with('?'));
                if only_named {
                    signature.named.push(it);
                } else {
                    signature.placed.push(it);
                }
            }
        }
        Some(signature)
    }

    /// Says whether a call can reach a method that takes this. What stars bring may be anything.
    pub(super) fn takes(&self, call: &ExprCall) -> bool {
        let arguments = &call.arguments;
        let stars = arguments.args.iter().any(Expr::is_starred_expr)
            || arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
        if stars {
            return true;
        }
        let given = arguments.args.len();
        if given > self.placed.len() && !self.any_placed {
            return false;
        }
        let by_name = |name: &str| {
            let mut keywords = arguments.keywords.iter();
            keywords.any(|keyword| keyword.arg.as_ref().is_some_and(|it| it.id.as_str() == name))
        };
        let known = |name: &str| {
            let rest = self.placed.iter().skip(given).chain(&self.named);
            rest.into_iter().any(|(it, _)| *it == name)
        };
        let named = arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
        if !self.any_named && named.into_iter().any(|name| !known(name.id.as_str())) {
            return false;
        }
        let rest = self.placed.iter().skip(given).chain(&self.named);
        rest.into_iter()
            .all(|(name, has_default)| *has_default || by_name(name))
    }

    /// Says whether an argument can be passed by this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.any_named || self.names(name)
    }

    /// Says whether there is a parameter of this name.
    pub(super) fn names(&self, name: &str) -> bool {
        self.placed.iter().chain(&self.named).any(|(it, _)| *it == name)
    }

    /// Says whether who calls a method as the other wants it can reach one that takes this.
    pub(super) fn stands_for(&self, other: &Signature<'_>) -> bool {
        let places = self.any_placed || self.placed.len() >= other.placed.len();
        let named = |name: &str| self.any_named || self.placed.iter().chain(&self.named).any(|(it, _)| *it == name);
        let names = other.placed.iter().chain(&other.named).all(|(name, _)| named(name));
        let needs =
            |it: &(&str, bool)| !it.1 && !other.placed.iter().chain(&other.named).any(|(name, _)| *name == it.0);
        places && names && !self.placed.iter().chain(&self.named).any(needs)
    }
}

#[cfg(test)]
mod tests {
    use ruff_python_parser::parse_expression;

    use super::*;

    fn takes(signature: &str, call: &str) -> bool {
        let parsed = parse_expression(call).unwrap();
        Signature::read(signature)
            .unwrap()
            .takes(parsed.expr().as_call_expr().unwrap())
    }

    #[test]
    fn a_call_reaches_a_method_that_takes_its_arguments() {
        assert!(takes("self, vals", "f(vals)") && takes("self, vals", "f(vals=1)"));
        assert!(!takes("self", "f(vals)") && !takes("self, vals", "f()") && !takes("self, vals", "f(a, b)"));
        assert!(takes("self, a?, *, b?", "f(b=1)") && !takes("self, a?, *, b?", "f(1, 2)"));
        assert!(!takes("self, a", "f(1, c=2)") && takes("self, a, **more", "f(1, c=2)"));
        assert!(takes("self, *all", "f(1, 2, 3)") && takes("self", "f(*all)") && takes("self", "f(**all)"));
        assert!(!takes("self, a", "f(1, a=2)"));
        assert!(Signature::read("value").is_none());
    }

    #[test]
    fn an_override_stands_for_a_method_when_it_takes_whatever_that_takes() {
        let stands = |own: &str, there: &str| {
            Signature::read(own)
                .unwrap()
                .stands_for(&Signature::read(there).unwrap())
        };
        assert!(stands("self, a, b?", "self, a") && stands("self, *args, **kwargs", "self, a, *, b"));
        assert!(!stands("self, a", "self, a, b?") && !stands("self, a, b", "self, a"));
        assert!(!stands("self, a", "self, vals"));
    }
}
