//! Asks whether a copy whose ties were cut can reach the world again.

use super::database::Database;
use crate::engine::{StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::odoo::neutralize;

/// Returns one finding for everything that is live in a database that should be neutralised.
pub(super) async fn ask(database: &Database, name: &str, context: &StepContext) -> Result<Vec<Finding>, Stop> {
    let sql = neutralize::check_sql();
    let asked = "ask what is live";
    let answer = database.sql(name, &sql, asked, &context.cancel).await?;
    let live = neutralize::parse(&answer).map_err(|error| Stop::step(error.to_string()))?;
    Ok(live
        .into_iter()
        .map(|live| Finding {
            severity: Severity::Error,
            code: "live-again".into(),
            area: "running".into(),
            subject: live.area,
            message: format!("not neutralised: {} (rows: {})", live.what, live.rows),
            remedy: "switch it off before anything is started on this copy: it would act on the world".into(),
            evidence: Vec::new(),
            since: None,
        })
        .collect())
}
