//! Odoo's log, any series from 14.0 to 19.0: read as it arrives, and folded into what it says about a hop.
//!
//! ```text
//! bytes ── lines (torn, coloured, prefixed by syslog) ─┬─ notices ── HopLog: where the hop is, times, groups ── HopLogSummary
//!                                                      └─ LogReader: whole records ── LogSieve: what a person asked for
//! ```
//!
//! [`HopLog`] turns bytes into progress and, at the end, a [`HopLogSummary`] with the cause of a failure in words. It
//! looks at each line once and keeps only what is loud: a log of 200 MB takes half a second and little memory.

mod cause;
mod expect;
mod fingerprint;
mod groups;
mod hop;
mod lines;
mod notice;
mod place;
mod prefix;
mod reader;
mod record;
mod rules;
mod sieve;
mod summary;
mod times;

pub use cause::{Blame, CODE};
pub use groups::{Groups, LogGroup, PlaceCount};
pub use hop::{HopLog, ModuleProgress, Phase};
pub use notice::CannotRender;
pub use place::Place;
pub use reader::{LogEvent, LogReader};
pub use record::{Level, Record};
pub use rules::{NoiseRule, noise_rules};
pub use sieve::{LogSieve, Sieved};
pub use summary::{FieldTime, HopLogSummary, LISTED, ModuleTime, PhaseTime, ScriptTime, Slowest};
