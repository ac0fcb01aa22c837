//! Telling it: the journal of a run, folded into a report. Pure; the same journal gives the same bytes.

mod markdown;
mod model;

pub use markdown::markdown;
pub use model::{Delivery, HopLine, Report, StepLine, Verdict, fold};

/// Returns the JSON Schema of reports, with a line break at its end.
pub fn schema() -> String {
    format!("{:#}\n", schemars::schema_for!(Report).as_value())
}
