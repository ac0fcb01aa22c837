//! Watches a hop by its log: nobody asks the database that is being upgraded.

use super::Workshop;
use crate::engine::{Advance, StepContext};
use crate::odoo::log::{HopLog, HopLogSummary, ModuleProgress};

/// Reads the log of a hop while Odoo writes it, and tells how far it is.
pub(super) struct Watch {
    log: HopLog,
    at: Option<ModuleProgress>,
    context: StepContext,
}

impl Watch {
    /// Watches a hop. What took how long the last time, or in the hop before it, tells how much of it is done.
    pub(super) fn new(workshop: &Workshop, context: &StepContext) -> Watch {
        let last_time = workshop.history.newest(&context.step).and_then(|remembered| {
            let log = remembered.result.get("log")?;
            serde_json::from_value::<HopLogSummary>(log.clone()).ok()
        });
        let earlier = last_time.or_else(|| workshop.newest_hop());
        context.advance(Advance::doing("starting Odoo").share(0.0));
        Watch {
            log: HopLog::after(earlier.as_ref()),
            at: None,
            context: context.clone(),
        }
    }

    /// Takes what Odoo prints.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        let Some(at) = self.log.feed(bytes) else {
            return;
        };
        let mut advance = Advance::doing(at.to_string()).share(self.log.share());
        // While `base` is loaded nobody knows how many there are.
        if at.total > 1 {
            advance = advance.count(at.index.into(), at.total.into());
        }
        self.context.advance(advance);
        self.at = Some(at);
    }

    /// Returns where the hop is.
    pub(super) fn at(&self) -> Option<ModuleProgress> {
        self.at.clone()
    }

    /// Returns what the whole log says; the next hop of the run is expected to be like this one.
    pub(super) fn finish(self, workshop: &Workshop) -> HopLogSummary {
        let summary = self.log.finish();
        workshop.hop_seen(&summary);
        summary
    }
}
