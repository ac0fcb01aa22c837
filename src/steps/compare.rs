//! Holds what a hop left against what was measured before the first: at once, and in figures only.

use serde_json::json;

use super::snapshot::Snapshot;
use super::{Workshop, measure, renames};
use crate::engine::{Done, StepContext, Stop};
use crate::ident::{Series, StepId};
use crate::verify::compare::{self, Way};
use crate::verify::since::{self, AfterHop};

/// Compares the checkpoint that a hop ended with; differences are told at once, and kept to tell since when they are.
pub(super) async fn run(workshop: &Workshop, context: &StepContext, series: Series) -> Result<Done, Stop> {
    let database = workshop.database()?;
    let before = measure::before(workshop)?;
    let _reading = workshop.reading.read().await;
    let name = super::checkpoint::source(workshop, &database, context).await?;
    let moment = Snapshot::open(&database, &name, context).await?;
    let after = measure::baseline(&moment, series, context).await?;
    moment.close().await;
    let mut route = workshop.plan.route(workshop.facts.from);
    route.retain(|hop| *hop <= series);
    let renames = renames::chained(workshop, &route)?;
    let passed = compare::passed(workshop.facts.from, &route);
    let comparisons = compare::along(&before, &after, &Way::new(&passed, &renames), None);
    let (count, explained) = (
        comparisons.len(),
        comparisons.iter().filter(|one| one.explained.is_some()).count(),
    );
    let looked = AfterHop {
        hop: series,
        summary: after.summary(),
        found: comparisons.into_iter().filter_map(|one| one.finding).collect(),
    };
    for finding in &looked.found {
        context.log.line(&format!("{}: {}", finding.subject, finding.message));
        for line in &finding.evidence {
            context.log.line(&format!("    {line}"));
        }
    }
    let path = workshop.state.result(&context.fingerprint);
    workshop.state.write_json(&path, &looked).map_err(super::stop::file)?;
    let result = json!({
        "compared": count,
        "explained": explained,
        "summary": looked.summary,
        "found": looked.found,
    });
    let mut hops = looks(workshop, &route[..route.len().saturating_sub(1)]);
    hops.push(looked);
    Ok(Done {
        result,
        findings: since::news(&hops),
        identity: None,
    })
}

/// Returns what the looks after hops told. One whose result is not there any more tells nothing, nor do those before it.
pub(super) fn looks(workshop: &Workshop, route: &[Series]) -> Vec<AfterHop> {
    let fingerprints = crate::plan::fingerprints(&workshop.graph, &workshop.identities());
    let read = |hop: &Series| -> Option<AfterHop> {
        let fingerprint = fingerprints.get(&StepId::new(format!("{hop}/compare")))?;
        let bytes = fs_err::read(workshop.state.result(fingerprint)).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let mut hops: Vec<AfterHop> = route.iter().rev().map_while(read).collect();
    hops.reverse();
    hops
}
