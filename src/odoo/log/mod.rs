//! Odoo's log, any series from 14.0 to 19.0: read as it arrives, and folded into what it says about a hop.
//!
//! [`LogReader`] turns bytes into [`Record`]s; [`HopLog`] turns records into progress and, at the end, a
//! [`HopLogSummary`] with the cause of a failure in words.

mod cause;
mod hop;
mod notice;
mod reader;
mod record;

pub use cause::{Blame, CODE};
pub use hop::{HopLog, HopLogSummary, ModuleProgress, Phase};
pub use notice::CannotRender;
pub use reader::{LogEvent, LogReader};
pub use record::{Level, Record};
