//! The named invariants: one file per area, each invariant as data, and one engine that compares.
//!
//! An invariant is a query that answers with rows of (key, name, value), asked of both databases as each series can
//! answer it; what must be true of the two answers is its [`Expect`]. Values are rounded in SQL, so equal is equal.

mod books;
mod documents;
mod engine;
mod guards;
mod modules;
mod own;
mod people;
mod stock;
mod structure;
mod tax;
mod terms;

pub use engine::{Answer, Answers, BUCKETS, Buckets, NotAnAnswer, Weighed, differing, parse, rows_sql, sql};

use super::compare::Way;
use super::content::Shape;
use crate::event::Severity;
use crate::ident::Series;

/// What must be true after the last hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The same rows with the same values.
    Same,
    /// What was there still is, with the same value; more is welcome.
    NoneLost,
    /// What is there still has the same value; others may come and go.
    Kept,
    /// Nothing is there that was not: each row is a fault.
    NoneNew,
    /// Every number is at least what it was.
    NotLower,
}

/// The database a query is made for.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Its series.
    pub series: Series,
    /// What it has.
    pub shape: &'a Shape,
    /// What the other database has, with which it is compared.
    pub other: &'a Shape,
}

/// Something that an upgrade must leave true.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// A stable name, the code of its findings.
    pub id: &'static str,
    /// The area: `books`, `tax` …
    pub area: &'static str,
    /// What it says, for people.
    pub title: &'static str,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// What must be true.
    pub expect: Expect,
    /// What to do when it is not.
    pub remedy: &'static str,
    /// Hops, by their target, that make a difference right, and why.
    pub explained: &'static [(u8, &'static str)],
    /// The query for rows of three texts: key, name, value. `None` where the database has no such thing.
    pub query: fn(&Ground) -> Option<String>,
}

impl Ground<'_> {
    /// Says whether a table with all these columns is there.
    fn has(&self, table: &str, columns: &[&str]) -> bool {
        self.shape.has(table, columns)
    }
}

/// Returns every invariant, in the order of the areas.
pub fn all() -> Vec<Invariant> {
    [
        books::ALL,
        terms::ALL,
        tax::ALL,
        stock::ALL,
        documents::ALL,
        people::ALL,
        structure::ALL,
        guards::ALL,
        own::ALL,
        modules::ALL,
    ]
    .concat()
}

/// What the comparison of every record tells too, record by record, where the modules can be asked which are theirs.
const OF_RECORDS: [&str; 4] = ["own-actions", "own-views", "own-windows", "own-menus"];

/// Returns the invariants to ask for, each difference once: `asked` says whether modules can be asked of their records.
pub fn asked(asked: bool, way: &Way) -> Vec<Invariant> {
    let mut all = all();
    // What updates leave alone differs from series to series; only the modules know, and those of the last hop alone are there.
    let known = !way.hops() || (asked && !way.is_far());
    all.retain(|invariant| {
        !(asked && OF_RECORDS.contains(&invariant.id)) && (known || invariant.id != modules::UPDATED)
    });
    all
}

/// Returns a text that changes when what is verified does: every invariant by name and meaning, and the net's own number.
pub fn revision() -> String {
    const NET: &str = "records 4";
    let names = all()
        .into_iter()
        .map(|invariant| format!("{} {:?}", invariant.id, invariant.expect));
    names.chain([NET.to_owned()]).collect::<Vec<_>>().join("\n")
}

/// Returns an exact sum with two decimals.
fn money(expression: &str) -> String {
    format!("round(coalesce(sum({expression}), 0)::numeric, 2)")
}

/// Returns an exact sum with six decimals.
fn quantity(expression: &str) -> String {
    format!("round(coalesce(sum({expression}), 0)::numeric, 6)")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_invariant_has_a_name_of_its_own_and_a_remedy() {
        let all = all();
        let names: BTreeSet<&str> = all.iter().map(|invariant| invariant.id).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().all(|invariant| !invariant.remedy.is_empty()));
    }

    #[test]
    fn an_empty_database_is_asked_for_nothing_it_lacks() {
        let shape = Shape::default();
        for series in Series::all() {
            let ground = Ground {
                series,
                shape: &shape,
                other: &shape,
            };
            for invariant in all() {
                assert!((invariant.query)(&ground).is_none(), "{} in {series}", invariant.id);
            }
        }
    }
}
