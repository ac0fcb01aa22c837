//! Looks whether a hop left the modules in order.

use serde_json::json;

use super::Workshop;
use super::database::Database;
use crate::engine::{Done, StepContext, Stop};
use crate::event::Severity;
use crate::ident::Series;
use crate::verify::modules::{self, ModuleStates};

/// Checks every module's state and series.
pub(super) async fn run(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
) -> Result<Done, Stop> {
    let states = states(workshop, database, context).await?;
    let findings = modules::findings(&states, series);
    let blocking: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{}: {}", finding.subject, finding.message))
        .collect();
    if !blocking.is_empty() {
        let mut stop = Stop::step(format!(
            "{} modules are not in order after the hop to {series}",
            blocking.len()
        ))
        .excerpt(blocking);
        stop.findings = findings;
        return Err(stop);
    }
    let installed = states
        .modules
        .iter()
        .filter(|module| module.state == "installed")
        .count();
    Ok(Done {
        result: json!({ "installed": installed }),
        findings,
        identity: None,
    })
}

/// Returns the states of the modules of the working database.
pub(super) async fn states(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
) -> Result<ModuleStates, Stop> {
    database
        .json(
            &workshop.names.database(),
            &modules::state_sql(),
            "ask for the modules' states",
            &context.cancel,
        )
        .await
}
