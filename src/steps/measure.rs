//! Measures what must still be true after the upgrade.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Workshop;
use super::database::Database;
use crate::engine::{Done, StepContext, Stop};
use crate::ident::{Series, StepId};
use crate::verify::baseline::{self, Baseline, Probe};

/// Measures the baseline in the checkpoint of the neutralised backup.
pub(super) async fn run(workshop: &Workshop, context: &StepContext, series: Series) -> Result<Done, Stop> {
    let database = workshop.database()?;
    let name = super::checkpoint::source(workshop, &database, context).await?;
    let baseline = baseline(&database, &name, series, &context.cancel).await?;
    let path = workshop.state.result(&context.fingerprint);
    workshop.state.write_json(&path, &baseline).map_err(super::stop::file)?;
    Ok(Done::with(json!({ "summary": baseline.summary() })))
}

/// Measures a database.
pub(super) async fn baseline(
    database: &Database,
    name: &str,
    series: Series,
    cancel: &CancellationToken,
) -> Result<Baseline, Stop> {
    let probe: Probe = database
        .json(name, &baseline::probe_sql(), "ask which tables there are", cancel)
        .await?;
    let sql = baseline::baseline_sql(series, &probe);
    let text = database.sql(name, &sql, "measure the database", cancel).await?;
    baseline::parse(&text).map_err(|error| Stop::step(format!("measure the database: {error}")))
}

/// Reads what was measured before the first hop.
pub(super) fn before(workshop: &Workshop) -> Result<Baseline, Stop> {
    let fingerprints = crate::plan::fingerprints(&workshop.graph, &workshop.identities());
    let fingerprint = fingerprints
        .get(&StepId::new("measure"))
        .ok_or_else(|| Stop::step("the baseline was not measured"))?;
    let path = workshop.state.result(fingerprint);
    let bytes = fs_err::read(&path).map_err(super::stop::file)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Stop::environment(format!("{}: {error}", path.display())).hint("remove the file; the next run measures again")
    })
}
