//! Measures what must still be true after the upgrade.

use futures_util::future::try_join_all;
use serde_json::json;

use super::Workshop;
use super::snapshot::{CONNECTIONS, Snapshot};
use crate::engine::{Done, StepContext, Stop};
use crate::ident::{Series, StepId};
use crate::verify::baseline::{self, Baseline, Probe};

/// Measures the baseline in the checkpoint of the neutralised backup.
pub(super) async fn run(workshop: &Workshop, context: &StepContext, series: Series) -> Result<Done, Stop> {
    let database = workshop.database()?;
    let _reading = workshop.reading.read().await;
    let name = super::checkpoint::source(workshop, &database, context).await?;
    let moment = Snapshot::open(&database, &name, context).await?;
    let baseline = baseline(&moment, series, context).await?;
    moment.close().await;
    let path = workshop.state.result(&context.fingerprint);
    workshop.state.write_json(&path, &baseline).map_err(super::stop::file)?;
    Ok(Done::with(json!({ "summary": baseline.summary() })))
}

/// Measures a database, over several connections at once.
pub(super) async fn baseline(moment: &Snapshot, series: Series, context: &StepContext) -> Result<Baseline, Stop> {
    let probe: Probe = moment
        .json(&baseline::probe_sql(), "ask which tables there are", context)
        .await?;
    let shares = baseline::baseline_sql(series, &probe, CONNECTIONS);
    let mut asked = Vec::new();
    for sql in &shares {
        asked.push(moment.sql(sql, "measure the database", context));
    }
    let text = try_join_all(asked).await?.join("\n");
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
