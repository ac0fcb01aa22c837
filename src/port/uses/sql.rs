//! Tables and columns in SQL.

use std::collections::BTreeMap;

/// Words that stand where an alias could.
const KEYWORDS: [&str; 26] = [
    "as",
    "on",
    "where",
    "join",
    "left",
    "right",
    "inner",
    "outer",
    "full",
    "cross",
    "natural",
    "group",
    "order",
    "having",
    "limit",
    "union",
    "set",
    "using",
    "values",
    "select",
    "returning",
    "for",
    "from",
    "window",
    "offset",
    "lateral",
];

/// What a text says when it is read as SQL.
#[derive(Default)]
pub(in crate::port) struct Statement<'a> {
    /// Words, dots and brackets, with their bytes.
    pub(in crate::port) tokens: Vec<(usize, &'a str)>,
    /// Tables, and where they are named.
    pub(in crate::port) tables: Vec<(usize, &'a str)>,
    /// What tables are called in it.
    pub(in crate::port) called: BTreeMap<&'a str, &'a str>,
}

impl<'a> Statement<'a> {
    /// Reads a text that may be a statement: prose names no tables.
    pub(in crate::port) fn read(text: &'a str) -> Statement<'a> {
        let statement = Statement::piece(text);
        let verbs = ["select", "update", "insert", "delete", "join"];
        let is_verb = |token: &str| verbs.iter().any(|verb| token.eq_ignore_ascii_case(verb));
        // Prose has a `from` too.
        if statement.tokens.iter().any(|(_, token)| is_verb(token)) {
            statement
        } else {
            Statement::default()
        }
    }

    /// Reads a text that is a piece of SQL.
    pub(in crate::port) fn piece(text: &'a str) -> Statement<'a> {
        let is = |token: &str, word: &str| token.eq_ignore_ascii_case(word);
        let mut statement = Statement {
            tokens: tokens(text),
            ..Statement::default()
        };
        let mut at = 0;
        while at < statement.tokens.len() {
            let token = statement.tokens[at].1;
            at += 1;
            let lists = is(token, "from");
            if !lists && !["join", "update", "into"].iter().any(|word| is(token, word)) {
                continue;
            }
            at = statement.table(at, lists);
        }
        statement
    }

    /// Takes the table that stands here, and those after commas; returns where it ends.
    fn table(&mut self, mut at: usize, lists: bool) -> usize {
        loop {
            let token = |at: usize| self.tokens.get(at).copied().unwrap_or((0, ""));
            let (place, mut table) = token(at);
            if table.eq_ignore_ascii_case("only") {
                at += 1;
                table = token(at).1;
            }
            if !is_name(table) || KEYWORDS.contains(&table.to_ascii_lowercase().as_str()) || token(at + 1).1 == "." {
                return at;
            }
            at += 1;
            self.called.insert(table, table);
            if token(at).1.eq_ignore_ascii_case("as") {
                at += 1;
            }
            let alias = token(at).1;
            if is_name(alias) && !KEYWORDS.contains(&alias.to_ascii_lowercase().as_str()) {
                self.called.insert(alias, table);
                at += 1;
            }
            let more = lists && token(at).1 == ",";
            self.tables.push((place, table));
            if !more {
                return at;
            }
            at += 1;
        }
    }

    /// Returns the columns that are named with what they are of: where, of what, the column.
    pub(in crate::port) fn columns(&self) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
        self.tokens.windows(3).enumerate().filter_map(|(at, three)| {
            let calls = self
                .tokens
                .get(at + 3)
                .is_some_and(|(_, next)| *next == "(" || *next == ".");
            let [(_, of), (_, "."), (place, column)] = three else {
                return None;
            };
            (is_name(of) && is_name(column) && !calls).then_some((*place, *of, *column))
        })
    }

    /// Returns what is called by a name of its own without being a table: `(SELECT …) AS name`.
    pub(in crate::port) fn others(&self) -> impl Iterator<Item = &'a str> {
        self.tokens.windows(3).filter_map(|three| match three {
            [(_, ")"), (_, word), (_, name)] if word.eq_ignore_ascii_case("as") => Some(*name),
            [(_, ")"), (_, name), _] => Some(*name),
            _ => None,
        })
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Splits SQL: names without their quotes, and single marks. Texts, numbers, comments and placeholders are left out.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let end_of = |from: usize, is: &dyn Fn(u8) -> bool| {
        let rest = bytes[from..].iter().position(|byte| !is(*byte));
        rest.map_or(bytes.len(), |length| from + length)
    };
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'\'' => at = end_of(at + 1, &|byte| byte != b'\'') + 1,
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = end_of(at, &|byte| byte != b'\n'),
            b'%' if bytes.get(at + 1) == Some(&b'(') => at = end_of(at, &|byte| byte != b')') + 2,
            b'%' => at += 2,
            b'{' => at = end_of(at, &|byte| byte != b'}') + 1,
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                at = end_of(at, &|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                tokens.push((start, &text[start..at]));
            }
            b'.' | b',' | b'(' | b')' => {
                at += 1;
                tokens.push((start, &text[start..at]));
            }
            _ => at += 1,
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_what_they_are_called_are_read() {
        let of = |text| Statement::read(text);
        let named = |text| {
            of(text)
                .tables
                .iter()
                .map(|(_, table)| *table)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            named("SELECT a FROM sale_order AS s, res_partner p JOIN x ON x.id = s.id"),
            "sale_order res_partner x"
        );
        assert_eq!(named("update \"sale_order\" set a = 'from b' -- from c"), "sale_order");
        assert_eq!(named("SELECT * FROM (SELECT 1 FROM a) b"), "a");
        assert_eq!(named("Taken from the order"), "");
        assert_eq!(named("SELECT %(a)s FROM {table} WHERE true"), "");
        assert_eq!(of("select 1 from sale_order s where s.x = 1").called["s"], "sale_order");
    }
}
