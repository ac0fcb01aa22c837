//! How long Odoo will work at a hop: an interval, never a number that pretends to be one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ident::Series;
use crate::odoo::fates::{Fate, Way};
use crate::odoo::survey::Survey;

/// The rule of thumb, in seconds: for each module, and for each million journal items, at best and at worst.
///
/// A small database took 1.3 s for each of its modules, one with bookkeeping 2 s, on an idle machine; half an hour to
/// two hours for a million journal items is what others report.
const PER_MODULE: (f64, f64) = (1.0, 4.0);
const PER_MILLION: (f64, f64) = (1800.0, 7200.0);
/// What starting and ending takes at worst.
const FIXED: f64 = 60.0;
/// How far apart two runs of the same hop are, on machines of one shop: a factor each way.
const SPREAD: (f64, f64) = (0.8, 1.5);

/// An interval of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// At best, in seconds.
    pub from_s: u64,
    /// At worst, in seconds.
    pub to_s: u64,
    /// What it is told from.
    pub basis: Basis,
}

/// What an estimate is told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// From the times of so many earlier runs of this hop.
    EarlierRuns(usize),
    /// A rule of thumb: no run of this hop is known here.
    RuleOfThumb,
}

/// What an earlier run of a hop took, of this customer or another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// How long the whole hop took, in seconds.
    pub seconds: f64,
    /// How many modules it loaded.
    pub loaded: usize,
    /// How long loading them took together, in seconds.
    pub loading: f64,
    /// How long each of the slowest took, in seconds.
    pub slowest: BTreeMap<String, f64>,
}

/// Estimates a hop of a database.
pub(super) fn of_hop(to: Series, ways: &[Way], survey: &Survey, past: &BTreeMap<Series, Vec<Past>>) -> Span {
    let staying = ways.iter().filter(|way| {
        let at = way.hops.iter().find(|hop| hop.to == to);
        at.is_some_and(|hop| matches!(hop.fate, Fate::Stays | Fate::Renamed(_)))
    });
    let names: Vec<&str> = staying.map(|way| way.module.as_str()).collect();
    let runs = past.get(&to).into_iter().flatten();
    let estimates: Vec<f64> = runs.filter_map(|run| like(run, &names)).collect();
    if estimates.is_empty() {
        return thumb(names.len(), survey.rows("account_move_line"));
    }
    let low = estimates.iter().copied().fold(f64::MAX, f64::min);
    let high = estimates.iter().copied().fold(0.0, f64::max);
    span(low * SPREAD.0, high * SPREAD.1, Basis::EarlierRuns(estimates.len()))
}

/// Returns what modules would have taken in an earlier run: its slowest as they were there, others like its average
/// one. `None` for a run that says too little.
fn like(run: &Past, names: &[&str]) -> Option<f64> {
    let others = run
        .loaded
        .checked_sub(run.slowest.len())
        .filter(|_| run.loading > 0.0)?;
    let rest = (run.loading - run.slowest.values().sum::<f64>()).max(0.0);
    let average = if others == 0 {
        0.0
    } else {
        rest / to_float(others as u64)
    };
    // What a hop does besides loading modules grows with how many there are.
    let factor = (run.seconds / run.loading).max(1.0);
    let modules: f64 = names
        .iter()
        .map(|name| run.slowest.get(*name).copied().unwrap_or(average))
        .sum();
    Some(modules * factor)
}

fn thumb(modules: usize, items: u64) -> Span {
    let modules = to_float(modules as u64);
    let millions = to_float(items) / 1e6;
    span(
        PER_MODULE.0 * modules + PER_MILLION.0 * millions,
        FIXED + PER_MODULE.1 * modules + PER_MILLION.1 * millions,
        Basis::RuleOfThumb,
    )
}

fn span(from: f64, to: f64, basis: Basis) -> Span {
    let whole = |seconds: f64| std::time::Duration::try_from_secs_f64(seconds).map_or(0, |time| time.as_secs());
    Span {
        from_s: whole(from.floor()),
        to_s: whole(to.ceil()).max(1),
        basis,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of modules and rows, for an estimate")]
fn to_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_thumb_holds_for_the_databases_that_were_measured() {
        // Modules, journal items, seconds that an idle machine took.
        for (modules, items, took) in [(26, 0, 33), (95, 3_600, 190)] {
            let span = thumb(modules, items);
            assert!(span.from_s < took && took < span.to_s, "{span:?}");
        }
        let million = thumb(150, 1_000_000);
        assert!(million.from_s >= 1800 && million.to_s <= 3 * 3600, "{million:?}");
    }

    #[test]
    fn a_run_of_the_same_modules_is_a_better_guess() {
        let run = Past {
            seconds: 26.0,
            loaded: 3,
            loading: 13.0,
            slowest: BTreeMap::from([("base".into(), 9.0)]),
        };
        let like = |names: &[&str]| like(&run, names).unwrap();
        assert!((like(&["base", "sale", "crm"]) - 26.0).abs() < 1e-9);
        assert!(
            (like(&["base", "sale", "crm", "new"]) - 30.0).abs() < 1e-9,
            "a new one is like the average one"
        );
        assert!(super::like(&Past::default(), &["base"]).is_none());
    }
}
