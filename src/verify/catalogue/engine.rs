//! Asks both databases and compares the answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Expect, Ground, Invariant};
use crate::amount::Amount;
use crate::event::Finding;
use crate::verify::compare::{Comparison, Way};

/// How many lines of evidence name what differs; the rest is counted.
const NAMED: usize = 10;

/// What one database answered: for each invariant its rows, `None` where it was not asked.
pub type Answers = Vec<Option<BTreeMap<String, Row>>>;

/// A row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    name: String,
    value: String,
}

/// An answer that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what a database answered to an invariant: {source}")]
pub struct NotAnAnswer {
    source: serde_json::Error,
}

/// Returns the queries of all invariants that both databases can answer, for one of them; [`parse`] reads the lines.
pub fn sql(invariants: &[Invariant], one: &Ground, other: &Ground) -> String {
    let mut sql = String::new();
    for (index, invariant) in invariants.iter().enumerate() {
        // What only one of them has says nothing about the way between them, and is another invariant's to tell.
        let (Some(query), Some(_)) = ((invariant.query)(one), (invariant.query)(other)) else {
            continue;
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            sql,
            "SELECT json_build_array({index}, '', '', '');\n\
             SELECT json_build_array({index}, q.key::text, q.name::text, q.value::text) FROM ({query}) AS q (key, name, value);"
        );
    }
    sql
}

/// Reads the lines that the queries of [`sql`] answer with.
pub fn parse(invariants: &[Invariant], lines: &str) -> Result<Answers, NotAnAnswer> {
    let mut answers: Answers = vec![None; invariants.len()];
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let (index, key, name, value): (usize, Option<String>, Option<String>, Option<String>) =
            serde_json::from_str(line).map_err(|source| NotAnAnswer { source })?;
        let Some(answer) = answers.get_mut(index) else { continue };
        let rows = answer.get_or_insert_default();
        // The first line of each answer says only that it was asked.
        let key = key.unwrap_or_default();
        if !key.is_empty() {
            let row = Row {
                name: name.unwrap_or_default(),
                value: value.unwrap_or_default(),
            };
            rows.insert(key, row);
        }
    }
    Ok(answers)
}

/// Holds the answers of both databases against each other.
pub fn compare(invariants: &[Invariant], before: &Answers, after: &Answers, way: &Way) -> Vec<Comparison> {
    let asked = invariants.iter().zip(before.iter().zip(after));
    asked
        .filter_map(|(invariant, answers)| match answers {
            (Some(before), Some(after)) => Some(one(invariant, before, after, way)),
            _ => None,
        })
        .collect()
}

fn one(invariant: &Invariant, before: &BTreeMap<String, Row>, after: &BTreeMap<String, Row>, way: &Way) -> Comparison {
    let (mut evidence, mut count) = (Vec::new(), 0);
    let mut differs = |row: &Row, old: Option<&Row>, new: Option<&Row>| {
        count += 1;
        if evidence.len() < NAMED {
            let side = |row: Option<&Row>| row.map_or("nothing".to_owned(), |row| shown(&row.value));
            evidence.push(format!("{}: {} before, {} after", row.name, side(old), side(new)));
        }
    };
    for (key, old) in before {
        let new = after.get(key);
        let fault = match (invariant.expect, new) {
            (Expect::NoneNew, _) => false,
            (Expect::NotLower, Some(new)) => lower(&old.value, &new.value),
            (_, Some(new)) => old.value != new.value,
            (_, None) => true,
        };
        if fault {
            differs(old, Some(old), new);
        }
    }
    for (key, new) in after {
        let fault = match (invariant.expect, before.get(key)) {
            (Expect::Same | Expect::NoneNew, None) => true,
            // A fault that got worse is a new one.
            (Expect::NoneNew, Some(old)) => old.value != new.value,
            _ => false,
        };
        if fault {
            differs(new, before.get(key), Some(new));
        }
    }
    let comparison = Comparison::new(
        invariant.id,
        invariant.title,
        crate::words::count(before.len(), "row"),
        crate::words::count(after.len(), "row"),
    );
    if count == 0 {
        return comparison;
    }
    if let Some((_, why)) = invariant.explained.iter().find(|(hop, _)| way.passes(*hop)) {
        return comparison.explained(*why);
    }
    if count > evidence.len() {
        evidence.push(format!("… and {} more", count - evidence.len()));
    }
    comparison.finding(Finding {
        severity: invariant.severity,
        code: invariant.id.into(),
        area: invariant.area.into(),
        subject: invariant.title.into(),
        message: format!(
            "{}: {} not as expected",
            invariant.title,
            crate::words::count(count, "thing")
        ),
        remedy: invariant.remedy.into(),
        evidence,
        since: None,
    })
}

fn lower(before: &str, after: &str) -> bool {
    let number = |text: &str| text.parse::<Amount>().unwrap_or_default();
    number(after) < number(before)
}

fn shown(value: &str) -> String {
    const SHOWN: usize = 80;
    if value.starts_with("md5:") {
        return "(hidden)".into();
    }
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Severity;
    use crate::ident::Series;
    use crate::odoo::openupgrade::Renames;

    fn found(expect: Expect, before: &str, after: &str) -> Vec<String> {
        let invariant = Invariant {
            id: "x",
            area: "books",
            title: "x",
            severity: Severity::Error,
            expect,
            remedy: "look",
            explained: &[(17, "17.0 does that")],
            query: |_| None,
        };
        let read = |text: &str| {
            let lines: Vec<String> = text
                .split_whitespace()
                .map(|row| {
                    let (key, value) = row.split_once('=').unwrap();
                    format!(r#"[0, "{key}", "{key}", "{value}"]"#)
                })
                .collect();
            parse(&[invariant], &format!("[0, \"\", \"\", \"\"]\n{}", lines.join("\n"))).unwrap()
        };
        let (hops, renames) = ([Series::NEWEST], Renames::default());
        let way = Way::new(&hops, &renames);
        let mut all = compare(&[invariant], &read(before), &read(after), &way);
        all.remove(0)
            .finding
            .map(|finding| finding.evidence)
            .unwrap_or_default()
    }

    #[test]
    fn each_expectation_finds_what_it_is_for_and_nothing_else() {
        assert_eq!(found(Expect::Same, "a=1 b=2", "a=1 b=2").len(), 0);
        assert_eq!(found(Expect::Same, "a=1", "a=2"), ["a: 1 before, 2 after"]);
        assert_eq!(found(Expect::Same, "a=1", "a=1 b=2"), ["b: nothing before, 2 after"]);
        assert_eq!(found(Expect::NoneLost, "a=1", "a=1 b=2").len(), 0);
        assert_eq!(
            found(Expect::NoneLost, "a=1 b=2", "b=2"),
            ["a: 1 before, nothing after"]
        );
        assert_eq!(found(Expect::NoneNew, "a=1", "").len(), 0);
        assert_eq!(found(Expect::NoneNew, "a=1", "a=1 b=1"), ["b: nothing before, 1 after"]);
        assert_eq!(found(Expect::NotLower, "a=9", "a=10").len(), 0);
        assert_eq!(found(Expect::NotLower, "a=10", "a=9"), ["a: 10 before, 9 after"]);
    }

    #[test]
    fn ten_are_named_and_the_rest_is_counted() {
        let before: Vec<String> = (10..30).map(|n| format!("k{n}=1")).collect();
        let evidence = found(Expect::Same, &before.join(" "), "");
        assert_eq!(evidence.len(), 11);
        assert_eq!(evidence[10], "… and 10 more");
    }
}
