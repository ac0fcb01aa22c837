//! What the whole log of a hop says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cause::Blame;
use super::groups::LogGroup;
use super::notice::CannotRender;
use super::record::Record;

/// Entries that a list of the slowest, or of groups, holds at most; the totals beside it count all.
pub const LISTED: usize = 20;

/// What the log of a hop says.
///
/// Its serialised form stands as `log` in the result of every step `N.0/upgrade` that Odoo ran in (journal, report).
/// Lists are cut to [`LISTED`] entries; counts and seconds beside them are of all. What is marked *not serialised* is for
/// whoever judges the hop: the journal has it as the step's failure, or in the step's log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HopLogSummary {
    /// Whether `Modules loaded.` was said: without it a hop has failed, whatever its exit code.
    pub modules_loaded: bool,
    /// Whether Odoo took its leave. Without it the process was killed.
    pub shut_down: bool,
    /// Seconds from the first record to the last.
    pub seconds: f64,
    /// How many lines the log has.
    pub lines: u64,
    /// How many records at ERROR and CRITICAL.
    pub error_count: usize,
    /// How many records at WARNING, noise included.
    pub warnings: usize,
    /// Warnings that are normal for an upgrade, counted by the id of a rule of [`super::noise_rules`].
    pub noise: BTreeMap<String, usize>,
    /// Everything else at WARNING and above by fingerprint: the loudest first, of equals the most frequent.
    pub groups: Vec<LogGroup>,
    /// How many groups there are.
    pub group_count: usize,
    /// How long each part of the hop took, in the order of the hop.
    pub phases: Vec<PhaseTime>,
    /// The modules that were loaded, by Odoo's own clock.
    pub modules: Slowest<ModuleTime>,
    /// The migration scripts that ran.
    pub scripts: Slowest<ScriptTime>,
    /// The stored fields that were computed anew.
    pub fields: Slowest<FieldTime>,
    /// Records of the old series that were deleted in the end, one by one.
    pub deleted: u64,
    /// Modules without code that can be installed: absent, or of another series.
    pub not_installable: Vec<String>,
    /// Modules left in a transient state.
    pub inconsistent: Vec<String>,
    /// Saved filters that OpenUpgrade switched off, in its own words.
    pub filters_disabled: Vec<String>,
    /// The module and the Python package or program it cannot do without.
    pub missing_dependency: Option<(String, String)>,
    /// Records at ERROR and CRITICAL; the first 50. Not serialised.
    #[serde(skip)]
    pub errors: Vec<Record>,
    /// Views that could not be rendered at some moment. Not serialised.
    #[serde(skip)]
    pub cannot_render: Vec<CannotRender>,
    /// The root cause of a failure in words. Not serialised.
    #[serde(skip)]
    pub cause: Option<String>,
    /// What the cause lies in. Not serialised.
    #[serde(skip)]
    pub blame: Blame,
    /// What to do about the cause. Not serialised.
    #[serde(skip)]
    pub hints: Vec<String>,
    /// The lines that show the cause. Not serialised.
    #[serde(skip)]
    pub excerpt: Vec<String>,
}

/// The slowest of many, and what all took together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Slowest<T> {
    /// How many there are.
    pub count: usize,
    /// What all of them took, in seconds.
    pub seconds: f64,
    /// The slowest first, at most [`LISTED`].
    pub top: Vec<T>,
}

impl<T> Default for Slowest<T> {
    fn default() -> Slowest<T> {
        Slowest {
            count: 0,
            seconds: 0.0,
            top: Vec::new(),
        }
    }
}

impl<T> Slowest<T> {
    /// Picks the slowest; of equals the first.
    pub(super) fn of(mut all: Vec<T>, seconds: impl Fn(&T) -> f64) -> Slowest<T> {
        let (count, total) = (all.len(), all.iter().map(&seconds).sum::<f64>());
        all.sort_by(|a, b| seconds(b).total_cmp(&seconds(a)));
        all.truncate(LISTED);
        Slowest {
            count,
            // A sum of 0.01 s steps is not one of binary fractions.
            seconds: (total * 1000.0).round() / 1000.0,
            top: all,
        }
    }
}

/// A module, and what loading it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModuleTime {
    /// The module.
    pub module: String,
    /// Seconds, scripts of the stages `pre` and `post` included.
    pub seconds: f64,
    /// Queries.
    pub queries: u64,
}

/// A migration script, and what it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScriptTime {
    /// The module it is for.
    pub module: String,
    /// The version whose folder it lies in: `19.0.1.3`.
    pub version: String,
    /// Its name without `.py`: `pre-migration`.
    pub name: String,
    /// Seconds, measured from its beginning to the next thing the log speaks of.
    pub seconds: f64,
}

/// Stored fields that were computed anew, and what that took.
///
/// Odoo announces every field that a module needs computed, and computes all of them afterwards: the time is of all
/// together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldTime {
    /// The module that needs them.
    pub module: String,
    /// The fields: `res.partner.display_name`; at most [`LISTED`].
    pub fields: Vec<String>,
    /// How many fields there are.
    pub count: usize,
    /// Seconds, measured from the announcement to the next thing the log speaks of.
    pub seconds: f64,
}

/// A part of a hop, and what it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseTime {
    /// `start`, `base`, `modules`, `end-scripts`, `clean-up` (records of the old series that nothing defines any more are
    /// deleted), `end` (fields and views are checked).
    pub phase: String,
    /// Seconds.
    pub seconds: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_are_few_and_the_totals_are_of_all() {
        let all: Vec<(String, f64)> = (0..30).map(|n| (n.to_string(), 0.1 * f64::from(n))).collect();
        let slowest = Slowest::of(all, |one| one.1);
        assert_eq!((slowest.count, slowest.top.len()), (30, LISTED));
        assert!((slowest.seconds - 43.5).abs() < 1e-9);
        assert_eq!(slowest.top[0].0, "29");
    }

    #[test]
    fn a_summary_of_an_older_hopp_is_read_as_far_as_it_goes() {
        let summary: HopLogSummary =
            serde_json::from_str(r#"{"lines": 7, "modules": {"count": 1, "seconds": 2.5, "top": []}}"#).unwrap();
        assert_eq!((summary.lines, summary.modules.count), (7, 1));
        let text = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<HopLogSummary>(&text).unwrap(), summary);
        assert!(!text.contains("excerpt"), "{text}");
    }
}
