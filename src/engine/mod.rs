//! Doing it: order, time, failure, cancel. Knows no verb.
//!
//! [`run`] walks a graph. What a step *does* is a function it is handed; what comes back is written to the journal
//! before anything else happens, and told to whoever listens as [`Signal`]s.

mod advance;
mod attempt;
mod log;
mod perform;
mod schedule;

pub use advance::{Advance, Measure, Unit};
pub use attempt::{Done, StepContext, Stop, alone};
pub use log::StepLog;
pub use perform::{Perform, Performing};
pub use schedule::{Append, Options, Walked, Work, run};

use std::time::Duration;

use crate::event::Entry;
use crate::ident::StepId;

/// What listeners hear. Only events are remembered; progress may be dropped without changing a result.
#[derive(Clone, Debug)]
pub enum Signal {
    /// Something happened, and is on disk.
    Event(Entry),
    /// A step got a little further.
    Progress {
        /// Which step.
        step: StepId,
        /// Where it is.
        advance: Advance,
    },
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
