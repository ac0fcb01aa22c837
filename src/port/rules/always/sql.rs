//! Tables and columns that SQL in Python names and OpenUpgrade knows to have another name or to be gone.

use std::ops::Range;

use ruff_python_ast::Expr;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::uses::Statement;
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
        for (at, message, remedy) in lost(&statement, python.facts) {
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

/// Returns what is not there any more: where, what, and what to do.
fn lost(statement: &Statement<'_>, facts: &Facts) -> Vec<(usize, String, String)> {
    let mut lost = Vec::new();
    for (at, table) in &statement.tables {
        lost.extend(lost_table(facts, table).map(|(message, remedy)| (*at, message, remedy)));
    }
    let alone = (statement.tables.len() == 1).then(|| statement.tables[0].1);
    for (number, (at, token)) in statement.tokens.iter().enumerate() {
        let before = |back: usize| number.checked_sub(back).map_or("", |number| statement.tokens[number].1);
        let next = statement.tokens.get(number + 1).map_or("", |(_, token)| token);
        let table = if before(1) == "." {
            statement.called.get(before(2)).copied()
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
