//! What a step of the plan did to records: told as the plan's own doing, once, and not as a loss.
//!
//! A step that runs SQL or Python is watched: which records it removed, made or changed, and to what. Where a database at the end
//! differs from the one before the first hop in just that, the step answers for it. Whatever wrote to the record after
//! the step makes another value of it, and is told like any difference.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::known;
use super::net::{Examples, NotARow, Row, read};
use super::pair::Pair;
use crate::event::{Finding, Severity};
use crate::verify::compare::Way;

/// How many records of one step are kept in mind; what it did to more is told like any difference.
const KEPT: usize = 20_000;

/// What one step did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deeds {
    /// The step: `19.0/after/1-sql`.
    pub step: String,
    /// What it is, for people: `sql fixes/after-19.sql`.
    pub title: String,
    done: Vec<Deed>,
}

/// What a step did to one record, or to one link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Deed {
    /// The model, or of links the table.
    of: String,
    id: i64,
    /// Of a link the other end.
    other: Option<String>,
    what: What,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    /// It was removed.
    Gone,
    /// It was made.
    Came,
    /// A column has this value since.
    Set { column: String, to: Option<String> },
}

impl Deeds {
    /// Returns those of a step that did nothing yet.
    pub fn of(step: String, title: String) -> Deeds {
        Deeds {
            step,
            title,
            done: Vec::new(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.done.len()
    }

    /// Takes the records of some blocks from before and after the step, as [`super::rows_sql`] made them answer.
    pub fn take<'a>(
        &mut self,
        pairs: &[Pair],
        before: impl Iterator<Item = &'a str>,
        after: impl Iterator<Item = &'a str>,
    ) -> Result<(), NotARow> {
        let (before, after) = (read(before)?, read(after)?);
        let mut now: BTreeMap<(usize, i64, Option<&str>), &Row> = BTreeMap::new();
        for row in &after {
            if let Some(pair) = pairs.get(row.0) {
                now.insert(row.key(pair), row);
            }
        }
        for old in &before {
            let Some(pair) = pairs.get(old.0) else { continue };
            let Some(new) = now.remove(&old.key(pair)) else {
                self.push(pair, old, What::Gone);
                continue;
            };
            for (column, (_, to)) in pair
                .columns
                .iter()
                .zip(old.5.iter().zip(&new.5))
                .filter(|(_, (was, is))| was != is)
            {
                let (column, to) = (column.name.clone(), to.clone());
                self.push(pair, old, What::Set { column, to });
            }
        }
        for new in now.into_values() {
            if let Some(pair) = pairs.get(new.0) {
                self.push(pair, new, What::Came);
            }
        }
        Ok(())
    }

    fn push(&mut self, pair: &Pair, row: &Row, what: What) {
        if self.done.len() < KEPT {
            let (of, id, other) = place(pair, row);
            let (of, other) = (of.to_owned(), other.map(str::to_owned));
            self.done.push(Deed { of, id, other, what });
        }
    }
}

/// Returns what tells a record or link from all others.
fn place<'a>(pair: &'a Pair, row: &'a Row) -> (&'a str, i64, Option<&'a str>) {
    let of = if pair.is_link() { &pair.tables[1] } else { &pair.model };
    (of, row.1, row.key(pair).2)
}

/// A table or model, a record, and one of its columns.
type Key = (String, i64, Option<String>);

/// The steps of a plan, and what of the differences each answers for.
#[derive(Clone, Debug, Default)]
pub(super) struct Doings {
    steps: Vec<(String, String)>,
    known: HashMap<Key, Vec<(usize, What)>>,
    /// By step.
    told: BTreeMap<usize, Examples<String>>,
}

impl Doings {
    /// Takes what the steps did, under the names that models and columns have at the end of the way.
    pub(super) fn of(all: Vec<Deeds>, way: &Way) -> Doings {
        let mut doings = Doings::default();
        for (index, deeds) in all.into_iter().enumerate() {
            doings.steps.push((deeds.step, deeds.title));
            for Deed { of, id, other, what } in deeds.done {
                let model = way.model(&of).to_owned();
                let what = match what {
                    What::Set { column, to } => What::Set {
                        column: known::renamed_column(way, &model, &column).to_owned(),
                        to,
                    },
                    what => what,
                };
                doings.known.entry((model, id, other)).or_default().push((index, what));
            }
        }
        doings
    }

    /// Says whether a step removed this; then it is told as that.
    pub(super) fn removed(&mut self, pair: &Pair, row: &Row) -> bool {
        self.answers(pair, row, |what| *what == What::Gone, || "removed".into())
    }

    /// Says whether a step made this; then it is told as that.
    pub(super) fn made(&mut self, pair: &Pair, row: &Row) -> bool {
        self.answers(pair, row, |what| *what == What::Came, || "made".into())
    }

    /// Says whether a step gave this column the value it has; then it is told as that.
    pub(super) fn set(&mut self, pair: &Pair, row: &Row, column: &str, value: Option<&str>) -> bool {
        let same = |what: &What| matches!(what, What::Set { column: of, to } if of == column && to.as_deref() == value);
        let is = || format!("{column} is {}", super::value::display(value));
        self.answers(pair, row, same, is)
    }

    fn answers(&mut self, pair: &Pair, row: &Row, fits: impl Fn(&What) -> bool, how: impl Fn() -> String) -> bool {
        if self.known.is_empty() {
            return false;
        }
        let (of, id, other) = place(pair, row);
        let deeds = self.known.get(&(of.to_owned(), id, other.map(str::to_owned)));
        let Some((step, _)) = deeds.and_then(|deeds| deeds.iter().rev().find(|(_, what)| fits(what))) else {
            return false;
        };
        let named = super::judge::name(&pair.model, row.1, row.2.as_deref());
        let end = other.map_or_else(String::new, |other| {
            format!(" – {} {other}", pair.relation.as_deref().unwrap_or_default())
        });
        let line = format!("{named}{end}: {}", how());
        self.told.entry(*step).or_default().push(line);
        true
    }

    /// Returns what tells of the steps: for the record, nothing is wrong with it.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let told = self
            .told
            .iter()
            .filter_map(|(step, lines)| Some((self.steps.get(*step)?, lines)));
        told.map(|((step, title), lines)| Finding {
            severity: Severity::Info,
            code: "changed-by-step".into(),
            area: "checks".into(),
            subject: step.clone(),
            message: format!(
                "{title}: the plan's own step made {}",
                crate::words::count(usize::try_from(lines.count).unwrap_or(usize::MAX), "difference")
            ),
            remedy: "nothing, if the step is meant to do that".into(),
            evidence: super::judge::with_rest(lines.some.clone(), lines.count),
            since: None,
        })
        .collect()
    }
}
