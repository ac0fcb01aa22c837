//! Tables and columns that SQL in Python names and OpenUpgrade knows to have another name or to be gone.

use std::collections::BTreeMap;
use std::ops::Range;

use ruff_python_ast::Expr;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Facts, Found, Level, Python, range};

pub(super) const SQL: Rule = Rule {
    id: "A10",
    title: "tables and columns in SQL",
    why: "a statement that names a table or column that is not there fails when it is run; nobody can tell for sure what else \
          it relies on, so that it is only told",
    source: "apriori.py, upgrade_analysis.txt and pre-migration scripts of a release of OpenUpgrade",
    deed: Deed::Detect,
    words: &["FROM", "from", "UPDATE", "update", "INTO", "into"],
    looks: &[Look::Python(sql)],
};

fn sql(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        let text = literal.value.to_str();
        let statement = Statement::read(text);
        if statement.tables.is_empty() {
            continue;
        }
        let whole = range(*literal);
        let inside = python.inside(literal);
        let level = if at_install(python, &whole) {
            Level::Error
        } else {
            Level::Warning
        };
        for (at, message, remedy) in statement.lost(python.facts) {
            let at = inside.as_ref().map_or(whole.start, |inside| inside.start + at);
            found.say(at, level.within(python.path), message, remedy);
        }
    }
}

/// Says whether a statement is run when the module is installed: by a hook, or for a model that is an SQL view.
fn at_install(python: &Python<'_>, place: &Range<usize>) -> bool {
    let by_function = (python.nodes.functions.iter()).any(|function| {
        let name = function.name.id.as_str();
        (matches!(name, "init" | "_auto_init") || name.ends_with("_hook")) && range(*function).contains(&place.start)
    });
    let of_view = python.nodes.classes.iter().any(|class| {
        let is_auto = |target: &Expr| matches!(target, Expr::Name(name) if name.id.as_str() == "_auto");
        let auto = (class.body.iter())
            .filter_map(|stmt| stmt.as_assign_stmt())
            .find(|assign| assign.targets.iter().any(is_auto));
        let is_view = auto.is_some_and(|it| matches!(&*it.value, Expr::BooleanLiteral(truth) if !truth.value));
        is_view && range(*class).contains(&place.start)
    });
    by_function || of_view
}

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
struct Statement<'a> {
    /// Words, dots and brackets, with their bytes.
    tokens: Vec<(usize, &'a str)>,
    /// Tables, and where they are named.
    tables: Vec<(usize, &'a str)>,
    /// What tables are called in it.
    called: BTreeMap<&'a str, &'a str>,
}

impl<'a> Statement<'a> {
    fn read(text: &'a str) -> Statement<'a> {
        let mut statement = Statement {
            tokens: tokens(text),
            tables: Vec::new(),
            called: BTreeMap::new(),
        };
        let is = |token: &str, word: &str| token.eq_ignore_ascii_case(word);
        let verbs = ["select", "update", "insert", "delete", "join"];
        // Prose has a `from` too.
        if !(statement.tokens.iter()).any(|(_, token)| verbs.iter().any(|verb| is(token, verb))) {
            return statement;
        }
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

    /// Returns what is not there any more: where, what, and what to do.
    fn lost(&self, facts: &Facts) -> Vec<(usize, String, String)> {
        let mut lost = Vec::new();
        for (at, table) in &self.tables {
            lost.extend(lost_table(facts, table).map(|(message, remedy)| (*at, message, remedy)));
        }
        let alone = (self.tables.len() == 1).then(|| self.tables[0].1);
        for (number, (at, token)) in self.tokens.iter().enumerate() {
            let before = |back: usize| number.checked_sub(back).map_or("", |number| self.tokens[number].1);
            let next = self.tokens.get(number + 1).map_or("", |(_, token)| token);
            let table = if before(1) == "." {
                self.called.get(before(2)).copied()
            } else {
                alone.filter(|_| next != "." && next != "(")
            };
            if let Some(table) = table.filter(|table| table != token)
                && let Some((message, remedy)) = lost_column(facts, table, token)
                && !lost.iter().any(|(_, known, _)| *known == message)
            {
                lost.push((*at, message, remedy));
            }
        }
        lost
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

fn table_of(model: &str) -> String {
    model.replace('.', "_")
}

fn lost_table(facts: &Facts, table: &str) -> Option<(String, String)> {
    let to = facts.to;
    let renames = [&facts.renames.renamed_models, &facts.renames.merged_models];
    let mut pairs = renames.into_iter().flatten();
    if let Some((_, new)) = pairs.find(|(old, _)| table_of(old) == table) {
        let message = format!("the table `{table}` is `{}` in {to}.0", table_of(new));
        return Some((message, "name the new table, and look at its columns".to_owned()));
    }
    let gone = (facts.changes.removed_models.iter()).any(|model| table_of(model) == table);
    gone.then(|| {
        let message = format!("there is no table `{table}` in {to}.0");
        (
            message,
            "find where its rows are now, or leave the statement out".to_owned(),
        )
    })
}

fn lost_column(facts: &Facts, table: &str, column: &str) -> Option<(String, String)> {
    let own = |model: &str| facts.models.get(model).is_some_and(|it| it.fields.contains_key(column));
    let to = facts.to;
    let renamed = (facts.changes.renamed_fields.iter())
        .find_map(|(model, fields)| (table_of(model) == table && !own(model)).then(|| fields.get(column))?);
    if let Some(new) = renamed {
        let message = format!("the column `{column}` of `{table}` is `{new}` in {to}.0");
        return Some((message, format!("write `{new}`")));
    }
    let gone = (facts.changes.removed_fields.iter())
        .any(|(model, fields)| table_of(model) == table && !own(model) && fields.contains(column));
    gone.then(|| {
        let message = format!("`{table}` has no column `{column}` in {to}.0");
        (message, "find what took its place, or leave it out".to_owned())
    })
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
