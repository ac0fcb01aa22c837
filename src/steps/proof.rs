//! Everything that SQL and a look at the filestore can prove about two databases.

use std::collections::BTreeSet;

use super::records::Sides;
use super::snapshot::Snapshot;
use crate::engine::{StepContext, Stop};
use crate::event::Finding;
use crate::ident::Series;
use crate::verify::area::Areas;
use crate::verify::attachments;
use crate::verify::baseline::Baseline;
use crate::verify::catalogue::{self, Ground, Invariant, Weighed};
use crate::verify::compare::{self, Comparison, Way};
use crate::verify::content::{self, Deeds, Shape};
use crate::verify::modules::{self, ModuleStates};
use crate::verify::shipped::Shipped;

/// What was proved, and what was not.
pub(super) struct Proof {
    /// Each invariant, held against both databases.
    pub(super) comparisons: Vec<Comparison>,
    /// What no rule explains.
    pub(super) findings: Vec<Finding>,
    /// The database after, in figures.
    pub(super) after: Baseline,
}

/// Proves what can be proved; `before` is what was measured, the series are those of the two databases,
/// `deeds` what the plan's own steps did.
pub(super) async fn prove(
    sides: &Sides<'_>,
    (from, to): (Series, Series),
    before: &Baseline,
    way: &Way<'_>,
    (areas, shipped, deeds): (&Areas, Option<Shipped>, Vec<Deeds>),
    context: &StepContext,
) -> Result<Proof, Stop> {
    let moment = sides.after;
    let mut findings = Vec::new();
    context.progress("modules", None);
    let states: ModuleStates = moment
        .json(&modules::state_sql(), "ask for the modules' states", context)
        .await?;
    findings.extend(modules::findings(&states, to));
    context.progress("books, stock, documents", None);
    let (after, shapes) = tokio::try_join!(super::measure::baseline(moment, to, context), sides.shapes(context))?;
    let shapes = (&shapes.0, &shapes.1);
    let mut comparisons = compare::along(before, &after, way, shipped.as_ref());
    let invariants = catalogue::asked(shipped.is_some(), way);
    let settled = shipped.as_ref().map(Shipped::settled).unwrap_or_default();
    let ((invariants, named), mut judged, files) = tokio::try_join!(
        named(sides, (from, to), shapes, (areas, invariants, settled), context),
        super::records::compare(sides, shapes, way, (shipped, deeds), context),
        files(moment, areas, context),
    )?;
    comparisons.extend(named.judge(&invariants, way, |model, id| judged.tells(model, id)));
    content::told_once(&mut judged, &mut comparisons, areas.contains("documents"), way);
    findings.extend(comparisons.iter().filter_map(|comparison| comparison.finding.clone()));
    comparisons.push(judged.comparison);
    findings.extend(judged.findings);
    findings.extend(files);
    findings.retain(|finding| areas.contains(&finding.area));
    Ok(Proof {
        comparisons,
        findings,
        after,
    })
}

/// Looks whether the attachments have their files, where that is asked.
async fn files(moment: &Snapshot, areas: &Areas, context: &StepContext) -> Result<Vec<Finding>, Stop> {
    if !areas.contains("documents") {
        return Ok(Vec::new());
    }
    let files = super::attachments::check(moment, context).await?;
    Ok(attachments::findings(&files))
}

/// Asks both databases for every named invariant of these areas.
async fn named(
    sides: &Sides<'_>,
    (from, to): (Series, Series),
    (before, after): (&Shape, &Shape),
    (areas, mut invariants, settled): (&Areas, Vec<Invariant>, BTreeSet<String>),
    context: &StepContext,
) -> Result<(Vec<Invariant>, Weighed), Stop> {
    invariants.retain(|invariant| areas.contains(invariant.area));
    let old = Ground {
        series: from,
        shape: before,
        other: after,
    };
    let new = Ground {
        series: to,
        shape: after,
        other: before,
    };
    let sql = (
        catalogue::sql(&invariants, &old, &new),
        catalogue::sql(&invariants, &new, &old),
    );
    context.progress(format!("{} invariants, every record", invariants.len()), None);
    let answers = sides.both((&sql.0, &sql.1), "ask for the invariants", context).await?;
    let read = |lines: &str| catalogue::parse(&invariants, lines).map_err(|error| Stop::step(error.to_string()));
    let (was, is) = (read(&answers.0)?, read(&answers.1)?);
    let mut weighed = Weighed::new(&invariants, &was, &is, settled);
    for some in catalogue::differing(&was, &is) {
        let some = [some];
        let sql = (
            catalogue::rows_sql(&invariants, &old, &some),
            catalogue::rows_sql(&invariants, &new, &some),
        );
        let rows = sides.both((&sql.0, &sql.1), "ask for what differs", context).await?;
        weighed.take(&invariants, &read(&rows.0)?, &read(&rows.1)?);
    }
    Ok((invariants, weighed))
}
