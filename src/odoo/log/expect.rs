//! How much of a hop's work is done, measured by what its parts took the last time.

use std::collections::HashMap;

use super::hop::{ModuleProgress, Phase};
use super::summary::HopLogSummary;

/// What the parts of a hop are expected to take; only their proportions matter.
#[derive(Debug)]
pub(super) struct Expectation {
    /// Until the other modules begin.
    base: f64,
    /// Modules known to be slow.
    modules: HashMap<String, f64>,
    /// Any other module.
    each: f64,
    /// Deleting what nothing defines any more, for each module.
    clean_up: f64,
    /// How many records that are, for each module.
    deleted: f64,
    /// Everything else, for each module.
    rest: f64,
    /// What the modules that are done were expected to take.
    done: f64,
    share: f64,
}

impl Default for Expectation {
    /// Without an earlier hop every module weighs the same. The proportions are those of a database with 99 modules,
    /// 18.0 to 19.0.
    fn default() -> Expectation {
        Expectation {
            base: 13.0,
            modules: HashMap::new(),
            each: 1.0,
            clean_up: 0.8,
            deleted: 12.0,
            rest: 0.05,
            done: 0.0,
            share: 0.0,
        }
    }
}

impl Expectation {
    /// Expects what an earlier hop took.
    pub(super) fn from(earlier: &HopLogSummary) -> Expectation {
        let phase = |names: &[&str]| -> f64 {
            let phases = earlier.phases.iter();
            phases
                .filter(|phase| names.contains(&phase.phase.as_str()))
                .map(|phase| phase.seconds)
                .sum()
        };
        #[expect(clippy::cast_precision_loss, reason = "a number of modules or records")]
        let (count, listed, deleted) = (
            earlier.modules.count.saturating_sub(1) as f64,
            earlier.modules.top.len() as f64,
            earlier.deleted as f64,
        );
        if count < 1.0 || !earlier.modules_loaded {
            return Expectation::default();
        }
        let top: f64 = earlier.modules.top.iter().map(|module| module.seconds).sum();
        let others = (count + 1.0 - listed).max(1.0);
        Expectation {
            base: phase(&["start", "base"]),
            modules: (earlier.modules.top.iter())
                .filter(|module| module.module != "base")
                .map(|module| (module.module.clone(), module.seconds))
                .collect(),
            each: (earlier.modules.seconds - top).max(0.0) / others,
            clean_up: phase(&["clean-up"]) / count,
            deleted: deleted / count,
            rest: phase(&["end-scripts", "end"]) / count,
            done: 0.0,
            share: 0.0,
        }
    }

    /// Hears that a module is done.
    pub(super) fn module_done(&mut self, module: &str) {
        if module != "base" {
            self.done += self.modules.get(module).copied().unwrap_or(self.each);
        }
    }

    /// Returns how much is done, from 0 to 1; never less than before.
    pub(super) fn share(&mut self, at: &ModuleProgress, deleted: u64) -> f64 {
        if at.total <= 1 {
            return self.share;
        }
        let count = f64::from(at.total - 1);
        let slow: f64 = self.modules.values().sum();
        #[expect(clippy::cast_precision_loss, reason = "a number of modules")]
        let plain = (count - self.modules.len() as f64).max(0.0);
        let modules = (slow + plain * self.each).max(f64::MIN_POSITIVE);
        let clean_up = self.clean_up * count;
        let total = self.base + modules + clean_up + self.rest * count;
        #[expect(clippy::cast_precision_loss, reason = "a number of records")]
        let done = match at.phase {
            Phase::CleaningUp => {
                let expected = (self.deleted * count).max(1.0);
                // The last one may be the slowest.
                modules + clean_up * (deleted as f64 / expected).min(0.98)
            }
            Phase::Finishing => modules + clean_up,
            _ => self.done.min(modules),
        };
        self.share = self.share.max((self.base + done) / total).min(0.995);
        self.share
    }
}
