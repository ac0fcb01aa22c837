//! The expression as a tree.

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Or(Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Compare(&'static str, Box<Expr>, Box<Expr>),
    Union(Box<Expr>, Box<Expr>),
    Path(Path),
    Text(String),
    Number(f64),
    Call(String, Vec<Expr>),
}

/// A location path.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) from: From,
    pub(super) steps: Vec<Step>,
}

/// Where a path begins.
#[derive(Clone, Debug)]
pub(super) enum From {
    Root,
    Here,
    /// The nodes of an expression, and what of them.
    Nodes(Box<Expr>, Vec<Expr>),
}

/// The direction of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Child,
    DescendantOrSelf,
    Descendant,
    Own,
    Parent,
    Ancestor,
    AncestorOrSelf,
    Following,
    Preceding,
    FollowingSibling,
    PrecedingSibling,
    Attribute,
}

/// What a step takes.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Name(String),
    Any,
    Text,
    Node,
}

/// A step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) filters: Vec<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

const SIGNS: [&str; 19] = [
    "//", "::", "..", "!=", "<=", ">=", "/", "(", ")", "[", "]", "@", ",", "|", "=", "<", ">", ".", "*",
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '"' | '\'') {
            let end = rest[1..].find(first)?;
            all.push(Token::Text(rest[1..=end].to_owned()));
            rest = &rest[end + 2..];
        } else if first.is_ascii_digit() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            all.push(Token::Number(rest[..end].parse().ok()?));
            rest = &rest[end..];
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            all.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if first.is_alphabetic() || first == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'))
                .unwrap_or(rest.len());
            all.push(Token::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            return None;
        }
        rest = rest.trim_start();
    }
    Some(all)
}

/// Parses; nothing when the expression holds what is not known here.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let expr = parser.or()?;
    (parser.at == parser.tokens.len()).then_some(expr)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Sign(it)) if *it == sign);
        self.at += usize::from(is);
        is
    }

    fn is_sign(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Sign(it)) if *it == sign)
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Name(it)) if it == word);
        self.at += usize::from(is);
        is
    }

    fn or(&mut self) -> Option<Expr> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Expr> {
        let mut left = self.compare()?;
        while self.word("and") {
            left = Expr::And(Box::new(left), Box::new(self.compare()?));
        }
        Some(left)
    }

    fn compare(&mut self) -> Option<Expr> {
        let left = self.union()?;
        for sign in ["=", "!=", "<=", ">=", "<", ">"] {
            if self.sign(sign) {
                return Some(Expr::Compare(sign, Box::new(left), Box::new(self.union()?)));
            }
        }
        Some(left)
    }

    fn union(&mut self) -> Option<Expr> {
        let mut left = self.path()?;
        while self.sign("|") {
            left = Expr::Union(Box::new(left), Box::new(self.path()?));
        }
        Some(left)
    }

    fn path(&mut self) -> Option<Expr> {
        let primary = match self.peek()?.clone() {
            Token::Text(text) => {
                self.at += 1;
                return Some(Expr::Text(text));
            }
            Token::Number(number) => {
                self.at += 1;
                return Some(Expr::Number(number));
            }
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.or()?;
                self.sign(")").then_some(inner)?
            }
            Token::Name(name) if self.is_sign(1, "(") && !matches!(name.as_str(), "text" | "node") => {
                self.at += 2;
                let mut args = Vec::new();
                while !self.sign(")") {
                    args.push(self.or()?);
                    self.sign(",");
                }
                Expr::Call(name, args)
            }
            _ => return self.location(),
        };
        let filters = self.filters()?;
        let mut path = Path {
            from: From::Nodes(Box::new(primary.clone()), filters),
            steps: Vec::new(),
        };
        self.steps(&mut path)?;
        match &path.from {
            From::Nodes(_, filters) if filters.is_empty() && path.steps.is_empty() => Some(primary),
            _ => Some(Expr::Path(path)),
        }
    }

    fn location(&mut self) -> Option<Expr> {
        let mut path = Path {
            from: From::Here,
            steps: Vec::new(),
        };
        if self.is_sign(0, "/") || self.is_sign(0, "//") {
            path.from = From::Root;
        } else {
            path.steps.push(self.step()?);
        }
        self.steps(&mut path)?;
        Some(Expr::Path(path))
    }

    fn steps(&mut self, path: &mut Path) -> Option<()> {
        loop {
            if self.sign("//") {
                path.steps.push(Step {
                    axis: Axis::DescendantOrSelf,
                    test: Test::Node,
                    filters: Vec::new(),
                });
            } else if !self.sign("/") {
                return Some(());
            } else if self.peek().is_none() {
                // A slash alone is the root.
                return Some(());
            }
            path.steps.push(self.step()?);
        }
    }

    fn step(&mut self) -> Option<Step> {
        for (sign, axis) in [("..", Axis::Parent), (".", Axis::Own)] {
            if self.sign(sign) {
                return Some(Step {
                    axis,
                    test: Test::Node,
                    filters: self.filters()?,
                });
            }
        }
        let axis = if self.sign("@") {
            Axis::Attribute
        } else if self.is_sign(1, "::") {
            let Some(Token::Name(name)) = self.peek() else {
                return None;
            };
            let axis = match name.as_str() {
                "child" => Axis::Child,
                "descendant" => Axis::Descendant,
                "descendant-or-self" => Axis::DescendantOrSelf,
                "self" => Axis::Own,
                "parent" => Axis::Parent,
                "ancestor" => Axis::Ancestor,
                "ancestor-or-self" => Axis::AncestorOrSelf,
                "following" => Axis::Following,
                "preceding" => Axis::Preceding,
                "following-sibling" => Axis::FollowingSibling,
                "preceding-sibling" => Axis::PrecedingSibling,
                "attribute" => Axis::Attribute,
                _ => return None,
            };
            self.at += 2;
            axis
        } else {
            Axis::Child
        };
        let test = match self.peek()?.clone() {
            Token::Sign("*") => Test::Any,
            Token::Name(name) if self.is_sign(1, "(") => {
                let test = match name.as_str() {
                    "text" => Test::Text,
                    "node" => Test::Node,
                    _ => return None,
                };
                self.at += 1;
                self.is_sign(1, ")").then_some(())?;
                self.at += 1;
                test
            }
            Token::Name(name) => Test::Name(name),
            _ => return None,
        };
        self.at += 1;
        Some(Step {
            axis,
            test,
            filters: self.filters()?,
        })
    }

    fn filters(&mut self) -> Option<Vec<Expr>> {
        let mut filters = Vec::new();
        while self.sign("[") {
            filters.push(self.or()?);
            self.sign("]").then_some(())?;
        }
        Some(filters)
    }
}
