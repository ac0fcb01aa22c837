//! Asks both databases and compares the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::modules::UPDATED;
use super::{Expect, Ground, Invariant};
use crate::amount::Amount;
use crate::event::Finding;
use crate::verify::compare::{Comparison, Way};

/// How many lines of evidence name what differs; the rest is counted.
const NAMED: usize = 10;

/// An answer with more rows than this comes as sums of its rows first.
const FEW: u32 = 2000;
/// How many sums an answer with many rows comes as.
pub const BUCKETS: u32 = 512;

/// What one database answered: for each invariant its answer, `None` where it was not asked.
pub type Answers = Vec<Option<Answer>>;

/// What one database answered to one invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The rows, by key.
    Rows(BTreeMap<String, Row>),
    /// Too many rows to send them all: of each bucket how many they are, and the sum of the hashes of what they say.
    Sums(BTreeMap<u32, (u64, String)>),
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    name: String,
    value: String,
}

/// Some buckets of an invariant's answers: its place, and theirs.
pub type Buckets = (usize, Vec<u32>);

/// An answer that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what a database answered to an invariant: {source}")]
pub struct NotAnAnswer {
    source: serde_json::Error,
}

/// Says in which bucket a row is.
const BUCKET: &str = "('x' || left(md5(coalesce(q.key::text, '')), 4))::bit(16)::int";

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
            "SELECT json_build_array({index}, '', '', '');
WITH q (key, name, value) AS MATERIALIZED ({query}), many AS (SELECT count(*) > {FEW} AS many FROM q)
SELECT json_build_array({index}, q.key::text, q.name::text, q.value::text) FROM q, many WHERE NOT many
UNION ALL SELECT json_build_object('of', {index}, 'bucket', bucket, 'rows', count(*), 'sum', sum(hash)::text) FROM (
  SELECT {BUCKET} % {BUCKETS} AS bucket,
    ('x' || left(md5(concat(q.key, E'\\x1f', q.value)), 15))::bit(60)::bigint AS hash
  FROM q, many WHERE many AND coalesce(q.key::text, '') <> '') AS hashed GROUP BY bucket;"
        );
    }
    sql
}

/// Returns the queries for the rows of some buckets, for one of the databases; [`parse`] reads the lines.
pub fn rows_sql(invariants: &[Invariant], one: &Ground, some: &[Buckets]) -> String {
    let mut sql = String::new();
    for (index, buckets) in some {
        let Some(query) = invariants.get(*index).and_then(|invariant| (invariant.query)(one)) else {
            continue;
        };
        let buckets: Vec<String> = buckets.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            sql,
            "SELECT json_build_array({index}, '', '', '');
SELECT json_build_array({index}, q.key::text, q.name::text, q.value::text) FROM ({query}) AS q (key, name, value)
WHERE {BUCKET} % {BUCKETS} IN ({});",
            buckets.join(", ")
        );
    }
    sql
}

/// A line of an answer.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Line {
    Row(usize, Option<String>, Option<String>, Option<String>),
    Sum {
        of: usize,
        bucket: u32,
        rows: u64,
        sum: String,
    },
}

/// Reads the lines that the queries of [`sql`] and [`rows_sql`] answer with.
pub fn parse(invariants: &[Invariant], lines: &str) -> Result<Answers, NotAnAnswer> {
    let mut answers: Answers = vec![None; invariants.len()];
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|source| NotAnAnswer { source })?;
        let (Line::Row(index, ..) | Line::Sum { of: index, .. }) = &line;
        let Some(answer) = answers.get_mut(*index) else {
            continue;
        };
        let answer = answer.get_or_insert_with(|| Answer::Rows(BTreeMap::new()));
        match (line, answer) {
            (Line::Row(_, key, name, value), Answer::Rows(rows)) => {
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
            (Line::Sum { bucket, rows, sum, .. }, Answer::Sums(sums)) => {
                sums.insert(bucket, (rows, sum));
            }
            (Line::Sum { bucket, rows, sum, .. }, answer) => {
                *answer = Answer::Sums(BTreeMap::from([(bucket, (rows, sum))]));
            }
            (Line::Row(..), Answer::Sums(_)) => {}
        }
    }
    Ok(answers)
}

/// Returns what must be asked for with [`rows_sql`], a bounded part at a time: the buckets in which the answers differ.
pub fn differing(before: &Answers, after: &Answers) -> Vec<Buckets> {
    /// How many buckets' rows are in memory together.
    const TOGETHER: usize = 32;
    let mut all = Vec::new();
    for (index, answers) in before.iter().zip(after).enumerate() {
        let buckets: Vec<u32> = match answers {
            (Some(Answer::Sums(before)), Some(Answer::Sums(after))) => (0..BUCKETS)
                .filter(|bucket| before.get(bucket) != after.get(bucket))
                .collect(),
            // One has few rows and the other many.
            (Some(Answer::Sums(_)), Some(_)) | (Some(_), Some(Answer::Sums(_))) => (0..BUCKETS).collect(),
            _ => Vec::new(),
        };
        all.extend(buckets.chunks(TOGETHER).map(|some| (index, some.to_vec())));
    }
    all
}

/// Answers that are held against each other, part by part.
#[derive(Clone, Debug, Default)]
pub struct Weighed {
    of: BTreeMap<usize, Tally>,
    /// External ids whose `noupdate` is what the modules' data files say.
    settled: BTreeSet<String>,
}

/// What differs between the answers to one invariant.
#[derive(Clone, Debug, Default)]
struct Tally {
    rows: [usize; 2],
    count: usize,
    evidence: Vec<String>,
    /// What belongs to a record that may be gone: the record, the line of evidence.
    held: Vec<(Record, String)>,
}

/// A record: its model, its id.
type Record = (String, i64);

impl Weighed {
    /// Takes the first answers of both databases. What they differ in where they are sums is asked for next. `settled` are
    /// the external ids whose `noupdate` is what the modules' data files say: an update made it so.
    pub fn new(invariants: &[Invariant], before: &Answers, after: &Answers, settled: BTreeSet<String>) -> Weighed {
        let mut weighed = Weighed {
            settled,
            ..Weighed::default()
        };
        for (index, answers) in before.iter().zip(after).enumerate() {
            let (Some(before), Some(after)) = answers else { continue };
            weighed.of.entry(index).or_default().rows = [before.len(), after.len()];
            if let (Answer::Rows(before), Answer::Rows(after)) = (before, after) {
                weighed.weigh(invariants, index, before, after);
            }
        }
        weighed
    }

    /// Takes what both databases answered to [`rows_sql`] for the same buckets.
    pub fn take(&mut self, invariants: &[Invariant], before: &Answers, after: &Answers) {
        for (index, answers) in before.iter().zip(after).enumerate() {
            if let (Some(Answer::Rows(before)), Some(Answer::Rows(after))) = answers {
                self.weigh(invariants, index, before, after);
            }
        }
    }

    fn weigh(
        &mut self,
        invariants: &[Invariant],
        index: usize,
        before: &BTreeMap<String, Row>,
        after: &BTreeMap<String, Row>,
    ) {
        if let Some(invariant) = invariants.get(index) {
            let settled = |key: &str| invariant.id == UPDATED && self.settled.contains(key);
            let tally = self.of.entry(index).or_default();
            tally.weigh(invariant, before, after, &settled);
        }
    }

    /// Says of each invariant that was asked what became of it. `told` says whether it is told that a record is gone: then what
    /// belonged to it went with it, and is not told again.
    pub fn judge(self, invariants: &[Invariant], way: &Way, told: impl Fn(&str, i64) -> bool) -> Vec<Comparison> {
        let mut all = Vec::new();
        for (index, mut tally) in self.of {
            let Some(invariant) = invariants.get(index) else {
                continue;
            };
            let (with, lines): (Vec<_>, Vec<_>) = std::mem::take(&mut tally.held)
                .into_iter()
                .partition(|((model, id), _)| told(model, *id));
            for (_, line) in lines {
                tally.add(line);
            }
            let comparison = one(invariant, tally, way);
            all.push(match with.len() {
                0 => comparison,
                _ if comparison.finding.is_some() => comparison,
                count => comparison.explained(format!("{count} went with records whose loss is told")),
            });
        }
        all
    }
}

impl Answer {
    /// How many rows it has.
    fn len(&self) -> usize {
        match self {
            Answer::Rows(rows) => rows.len(),
            Answer::Sums(sums) => {
                let rows: u64 = sums.values().map(|(rows, _)| rows).sum();
                usize::try_from(rows).unwrap_or(usize::MAX)
            }
        }
    }
}

impl Tally {
    fn weigh(
        &mut self,
        invariant: &Invariant,
        before: &BTreeMap<String, Row>,
        after: &BTreeMap<String, Row>,
        settled: &dyn Fn(&str) -> bool,
    ) {
        let expect = invariant.expect;
        for (key, old) in before {
            if settled(key) {
                continue;
            }
            let new = after.get(key);
            let fault = match (expect, new) {
                (Expect::NoneNew, _) | (Expect::Kept, None) => false,
                (Expect::NotLower, Some(new)) => lower(&old.value, &new.value),
                (_, Some(new)) => old.value != new.value,
                (_, None) => true,
            };
            if fault {
                self.differs(invariant, old, (Some(old), new));
            }
        }
        for (key, new) in after {
            let fault = match (expect, before.get(key)) {
                (Expect::Same | Expect::NoneNew, None) => true,
                // A fault that got worse is a new one.
                (Expect::NoneNew, Some(old)) => old.value != new.value,
                _ => false,
            };
            if fault {
                self.differs(invariant, new, (before.get(key), Some(new)));
            }
        }
    }

    fn differs(&mut self, invariant: &Invariant, row: &Row, (old, new): (Option<&Row>, Option<&Row>)) {
        /// How many lines are kept until it is known which records are gone.
        const HELD: usize = 20_000;
        let side = |row: Option<&Row>| row.map_or("nothing".to_owned(), |row| shown(&row.value));
        let line = format!("{}: {} before, {} after", row.name, side(old), side(new));
        match belongs(invariant.id, row).filter(|_| self.held.len() < HELD && (old.is_none() || new.is_none())) {
            Some(record) => self.held.push((record, line)),
            None => self.add(line),
        }
    }

    fn add(&mut self, line: String) {
        self.count += 1;
        if self.evidence.len() < NAMED {
            self.evidence.push(line);
        }
    }
}

/// Returns the record without which a row is not: that of a file, or the one an external id names.
fn belongs(invariant: &str, row: &Row) -> Option<Record> {
    let text = match invariant {
        "attachments" | "field-files" => row.name.rsplit_once(" of ")?.1,
        "names-of-nothing" => row.value.strip_suffix(" is not there")?,
        _ => return None,
    };
    let mut words = text.split(' ');
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

fn one(invariant: &Invariant, tally: Tally, way: &Way) -> Comparison {
    let Tally {
        rows: [before, after],
        count,
        mut evidence,
        held: _,
    } = tally;
    let comparison = Comparison::new(
        invariant.id,
        invariant.title,
        crate::words::count(before, "row"),
        crate::words::count(after, "row"),
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
        let mut all = Weighed::new(&[invariant], &read(before), &read(after), BTreeSet::new()).judge(
            &[invariant],
            &way,
            |_, _| false,
        );
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
        assert_eq!(found(Expect::Kept, "a=1 b=2", "a=1 c=3").len(), 0);
        assert_eq!(found(Expect::Kept, "a=1 b=2", "a=3"), ["a: 1 before, 3 after"]);
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

    #[test]
    fn of_many_rows_only_the_buckets_that_differ_are_asked_for() {
        let invariant = Invariant {
            id: "x",
            area: "books",
            title: "x",
            severity: Severity::Error,
            expect: Expect::Same,
            remedy: "look",
            explained: &[],
            query: |_| None,
        };
        let read = |lines: &str| parse(&[invariant], lines).unwrap();
        let sums = |sums: [&str; 2]| {
            let [one, other] = sums;
            read(&format!(
                "[0, \"\", \"\", \"\"]\n{{\"of\": 0, \"bucket\": 3, \"rows\": 1500, \"sum\": \"{one}\"}}\n\
                 {{\"of\": 0, \"bucket\": 9, \"rows\": 1600, \"sum\": \"{other}\"}}"
            ))
        };
        let (before, after) = (sums(["17", "18"]), sums(["17", "19"]));
        assert_eq!(differing(&before, &before), []);
        assert_eq!(differing(&before, &after), [(0, vec![9])]);
        let mut weighed = Weighed::new(&[invariant], &before, &after, BTreeSet::new());
        weighed.take(
            &[invariant],
            &read(r#"[0, "a", "a", "1"]"#),
            &read(r#"[0, "a", "a", "2"]"#),
        );
        let (hops, renames) = ([Series::NEWEST], Renames::default());
        let all = weighed.judge(&[invariant], &Way::new(&hops, &renames), |_, _| false);
        assert_eq!(all[0].finding.as_ref().unwrap().evidence, ["a: 1 before, 2 after"]);
        assert_eq!(
            (all[0].before.as_str(), all[0].after.as_str()),
            ("3100 rows", "3100 rows")
        );
        let few = read(r#"[0, "a", "a", "1"]"#);
        let all_of_them: usize = differing(&few, &after).iter().map(|some| some.1.len()).sum();
        assert_eq!(all_of_them, BUCKETS as usize);
    }
}
