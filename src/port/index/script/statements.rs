//! The statements that matter, found among the tokens.

use std::collections::BTreeSet;

use super::super::Script;
use super::lexer::{Kind, Token, tokens};
use super::{Scanned, Use};

pub(super) fn scan(text: &str) -> Scanned {
    let tokens = tokens(text);
    let mut scanner = Scanner {
        text,
        tokens: &tokens,
        script: Script::default(),
        uses: Vec::new(),
    };
    scanner.aliases();
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Sign(b'{' | b'(' | b'[') => depth += 1,
            Kind::Sign(b'}' | b')' | b']') => depth = depth.saturating_sub(1),
            Kind::Word if !scanner.is(at.wrapping_sub(1), b'.') => scanner.word(at, depth),
            Kind::Word => scanner.member(at),
            _ => {}
        }
    }
    Scanned {
        script: scanner.script,
        uses: scanner.uses,
    }
}

struct Scanner<'a> {
    text: &'a str,
    tokens: &'a [Token],
    script: Script,
    uses: Vec<(Use, usize)>,
}

impl<'a> Scanner<'a> {
    fn at(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| &self.text[token.range.clone()])
    }

    fn is(&self, at: usize, sign: u8) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Sign(sign))
    }

    fn is_word(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word)
    }

    /// Says whether a token stands at the margin, where only statements of the script stand.
    fn begins_line(&self, at: usize) -> bool {
        let start = self.tokens[at].range.start;
        start == 0 || self.text.as_bytes()[start - 1] == b'\n'
    }

    /// Returns a text literal.
    fn literal(&self, at: usize) -> Option<&'a str> {
        let token = self.tokens.get(at)?;
        (token.kind == Kind::Text).then(|| &self.text[token.range.clone()])
    }

    fn tell(&mut self, it: Use, at: usize) {
        self.uses.push((it, self.tokens[at].range.start));
    }

    /// Returns the token that closes the bracket at a place.
    fn close(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for at in open..self.tokens.len() {
            match self.tokens[at].kind {
                Kind::Sign(b'{' | b'(' | b'[') => depth += 1,
                Kind::Sign(b'}' | b')' | b']') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// Names that a comment at the top gives the script.
    fn aliases(&mut self) {
        let head = &self.text[..self.text.floor_char_boundary(600)];
        for piece in head.split("alias=").skip(1) {
            let end = piece
                .find(|c: char| c.is_whitespace() || c == '*')
                .unwrap_or(piece.len());
            self.script.defines.insert(piece[..end].to_owned());
        }
    }

    /// A name that is not another's member.
    fn word(&mut self, at: usize, depth: usize) {
        match self.at(at) {
            "import" if depth == 0 || self.begins_line(at) => self.import(at),
            "export" if depth == 0 || self.begins_line(at) => self.export(at),
            "class" => self.class(at),
            "patch" if self.is(at + 1, b'(') => self.patch(at),
            "useService" if self.is(at + 1, b'(') => {
                if let Some(name) = self.literal(at + 2) {
                    let name = name.to_owned();
                    self.tell(Use::Service { name }, at + 2);
                }
            }
            "require" if self.is(at + 1, b'(') && self.is(at + 3, b')') => {
                if let Some(name) = self.literal(at + 2) {
                    let name = name.to_owned();
                    self.tell(Use::Require { name }, at + 2);
                }
            }
            "exports" if self.is(at + 1, b'.') && self.is(at + 3, b'=') => {
                let name = self.at(at + 2).to_owned();
                self.script.exports.insert(name);
            }
            "template" if self.at(at.wrapping_sub(1)) == "static" && self.is(at + 1, b'=') => {
                if let Some(name) = self.literal(at + 2) {
                    let name = name.to_owned();
                    self.tell(Use::Template { name }, at + 2);
                }
            }
            _ => {}
        }
    }

    /// A name that is another's member.
    fn member(&mut self, at: usize) {
        let Some(text) = self.literal(at + 2).filter(|_| self.is(at + 1, b'(')) else {
            return;
        };
        match self.at(at) {
            "category" => {
                self.script.categories.insert(text.to_owned());
                // A category of a category is the other's own affair.
                if self.at(at.saturating_sub(2)) != "registry" || self.at(at + 5) == "category" {
                    return;
                }
                let deed = if self.is(at + 4, b'.') { self.at(at + 5) } else { "" };
                let it = Use::Category {
                    name: text.to_owned(),
                    deed: deed.to_owned(),
                };
                self.tell(it, at + 2);
            }
            "add" => {
                self.script.keys.insert(text.to_owned());
            }
            "define" if self.at(at - 2) == "odoo" => {
                self.script.defines.insert(text.to_owned());
            }
            _ => {}
        }
    }

    /// `import …`: the text of the script is the first literal.
    fn import(&mut self, at: usize) {
        if self.is(at + 1, b'(') || self.is(at + 1, b'.') {
            return;
        }
        let mut end = at + 1;
        while end < self.tokens.len() && self.literal(end).is_none() {
            // Something else than an import.
            if self.is(end, b';') || self.is(end, b'(') {
                return;
            }
            end += 1;
        }
        let Some(from) = self.literal(end).map(str::to_owned) else {
            return;
        };
        self.tell(Use::Import { from: from.clone() }, end);
        let mut next = at + 1;
        while next < end {
            if self.is(next, b'{') {
                let close = self.close(next);
                for (name, own, place) in self.listed(next, close) {
                    self.script.imports.insert(own, (from.clone(), name.clone()));
                    self.tell(
                        Use::Name {
                            from: from.clone(),
                            name,
                        },
                        place,
                    );
                }
                next = close;
            } else if self.is(next, b'*') && self.at(next + 1) == "as" {
                let own = self.at(next + 2).to_owned();
                self.script.imports.insert(own, (from.clone(), "*".to_owned()));
                next += 2;
            } else if self.is_word(next) && self.at(next) != "from" {
                let own = self.at(next).to_owned();
                self.script.imports.insert(own, (from.clone(), "default".to_owned()));
                let name = "default".to_owned();
                self.tell(
                    Use::Name {
                        from: from.clone(),
                        name,
                    },
                    next,
                );
            }
            next += 1;
        }
    }

    /// The names between braces: there, here, and the place.
    fn listed(&self, open: usize, close: usize) -> Vec<(String, String, usize)> {
        let mut all = Vec::new();
        let mut at = open + 1;
        while at < close {
            if self.is_word(at) {
                let name = self.at(at).to_owned();
                if self.at(at + 1) == "as" && self.is_word(at + 2) && at + 2 < close {
                    all.push((name, self.at(at + 2).to_owned(), at));
                    at += 2;
                } else {
                    all.push((name.clone(), name, at));
                }
            }
            at += 1;
        }
        all
    }

    fn export(&mut self, at: usize) {
        let first = self.at(at + 1);
        if self.is(at + 1, b'{') {
            let close = self.close(at + 1);
            let names = self.listed(at + 1, close);
            let from = (self.at(close + 1) == "from")
                .then(|| self.literal(close + 2).map(str::to_owned))
                .flatten();
            if let Some(from) = &from {
                self.tell(Use::Import { from: from.clone() }, close + 2);
            }
            for (name, own, place) in names {
                self.script.exports.insert(own.clone());
                match &from {
                    Some(from) => {
                        self.script.passes.insert(own, (from.clone(), name.clone()));
                        self.tell(
                            Use::Name {
                                from: from.clone(),
                                name,
                            },
                            place,
                        );
                    }
                    None if own != name => {
                        self.script.passes.insert(own, (String::new(), name));
                    }
                    None => {}
                }
            }
        } else if self.is(at + 1, b'*') {
            let (own, place) = if self.at(at + 2) == "as" {
                (Some(self.at(at + 3).to_owned()), at + 5)
            } else {
                (None, at + 3)
            };
            if let Some(from) = self.literal(place).map(str::to_owned) {
                self.tell(Use::Import { from: from.clone() }, place);
                match own {
                    Some(own) => {
                        self.script.exports.insert(own);
                    }
                    None => self.script.stars.push(from),
                }
            }
        } else {
            match first {
                "default" => {
                    self.script.exports.insert("default".to_owned());
                    let named = if matches!(self.at(at + 2), "class" | "function") {
                        at + 3
                    } else {
                        at + 2
                    };
                    if self.is_word(named) {
                        let name = self.at(named).to_owned();
                        self.script.passes.insert("default".to_owned(), (String::new(), name));
                    }
                }
                "const" | "let" | "var" => self.export_variables(at + 2),
                "async" => self.export_name(at + 3),
                "class" | "function" => self.export_name(at + 2),
                _ => self.script.open = true,
            }
        }
    }

    fn export_name(&mut self, at: usize) {
        let at = if self.is(at, b'*') { at + 1 } else { at };
        let name = self.at(at).to_owned();
        self.script.exports.insert(name);
    }

    fn export_variables(&mut self, at: usize) {
        if self.is(at, b'{') || self.is(at, b'[') {
            let close = self.close(at);
            for place in at..close {
                // `{ there: here, both, with = 1 }`
                if self.is_word(place) && !self.is(place + 1, b':') {
                    let name = self.at(place).to_owned();
                    self.script.exports.insert(name);
                }
            }
        } else {
            self.export_name(at);
            // `export let a, b;`
            let mut next = at + 1;
            while self.is(next, b',') && self.is_word(next + 1) {
                self.export_name(next + 1);
                next += 2;
            }
        }
    }

    /// `class Name extends Base { … }`.
    fn class(&mut self, at: usize) {
        let mut next = at + 1;
        let name = if self.is_word(next) && self.at(next) != "extends" {
            next += 1;
            self.at(next - 1)
        } else {
            ""
        };
        let mut extends = None;
        if self.at(next) == "extends" {
            let simple = self.is_word(next + 1) && self.is(next + 2, b'{');
            // `Mixin(Base)` and the like are not followed.
            extends = Some(if simple { self.at(next + 1) } else { "" });
            next += 1;
            while next < self.tokens.len() && !self.is(next, b'{') {
                if self.is(next, b'(') {
                    next = self.close(next);
                }
                next += 1;
            }
        }
        if !self.is(next, b'{') {
            return;
        }
        let close = self.close(next);
        let members = self.members(next, close);
        if let Some(base) = extends.filter(|base| !base.is_empty()) {
            self.supers(next, close, base, false);
        }
        if !name.is_empty() {
            let known = self.script.classes.entry(name.to_owned()).or_default();
            known.0 = extends.map(str::to_owned);
            known.1.extend(members);
        }
    }

    /// Names one level inside of braces; a few that are none do no harm.
    fn members(&self, open: usize, close: usize) -> BTreeSet<String> {
        let mut members = BTreeSet::new();
        let mut at = open + 1;
        while at < close {
            match self.tokens[at].kind {
                Kind::Sign(b'{' | b'(' | b'[') => at = self.close(at),
                Kind::Word | Kind::Text => {
                    members.insert(self.at(at).to_owned());
                }
                _ => {}
            }
            at += 1;
        }
        members
    }

    /// What a body asks of `super`.
    fn supers(&mut self, open: usize, close: usize, class: &str, patch: bool) {
        let mut next = open;
        while next < close {
            let at = next;
            next += 1;
            // What is patched or extended inside has a `super` of its own.
            if self.is_word(at) && self.at(at) == "patch" && self.is(at + 1, b'(') {
                next = self.close(at + 1);
                continue;
            }
            if self.is_word(at) && self.at(at) == "class" && !self.is(at - 1, b'.') && at > open {
                let mut brace = at + 1;
                while brace < close && !self.is(brace, b'{') {
                    brace += 1;
                }
                next = self.close(brace);
                continue;
            }
            if self.at(at) == "super" && self.is(at + 1, b'.') && self.is_word(at + 2) && self.is_word(at) {
                let it = Use::Super {
                    class: class.to_owned(),
                    member: self.at(at + 2).to_owned(),
                    patch,
                };
                // `super.x?.()` asks whether it is there.
                if self.is(at + 3, b'(') {
                    self.tell(it, at + 2);
                }
            }
        }
    }

    /// `patch(Class.prototype, { … })`.
    fn patch(&mut self, at: usize) {
        if !self.is_word(at + 2) {
            return;
        }
        let class = self.at(at + 2).to_owned();
        let mut comma = at + 3;
        let prototype = self.is(comma, b'.') && self.at(comma + 1) == "prototype";
        if prototype {
            comma += 2;
        }
        if !self.is(comma, b',') {
            return;
        }
        self.tell(Use::Patch { class: class.clone() }, at + 2);
        // Before 17.0 a name came second.
        let mut open = comma + 1;
        if self.literal(open).is_some() && self.is(open + 1, b',') {
            open += 2;
        }
        if self.is(open, b'{') {
            let close = self.close(open);
            let members = self.members(open, close);
            self.script.patches.push((class.clone(), members));
            if prototype {
                self.supers(open, close, &class, true);
            }
        } else {
            self.script.patches.push((class, BTreeSet::new()));
        }
    }
}
