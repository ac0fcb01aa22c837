//! Proves that nothing was lost: measures again, compares, renders every view, runs the plan's checks.

use serde_json::json;

use super::database::Database;
use super::odoo_container::{self, OdooRun};
use super::proof::Proof;
use super::question::{self, Asked};
use super::records::Sides;
use super::renames;
use super::snapshot::Snapshot;
use super::stop::Tail;
use super::{Workshop, accept};
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::{Series, StepId};
use crate::odoo::openupgrade::Renames;
use crate::spec::Script;
use crate::verify::area::Areas;
use crate::verify::baseline::Baseline;
use crate::verify::compare::{self, Way};
use crate::verify::views;

/// Verifies the checkpoint of the last step; renders views on a copy of it, which is removed again.
pub(super) async fn run(
    workshop: &Workshop,
    context: &StepContext,
    series: Series,
    areas: &Areas,
) -> Result<Done, Stop> {
    let database = workshop.database()?;
    let name = super::checkpoint::source(workshop, &database, context).await?;
    let before = baseline_before(workshop)?;
    let route = workshop.plan.route(workshop.facts.from);
    let renames = chained(workshop, &route)?;
    let untouched = untouched(workshop, &database, context).await?;
    let (old, new) = tokio::try_join!(
        Snapshot::open(&database, &untouched, context),
        Snapshot::open(&database, &name, context),
    )?;
    let sides = Sides {
        before: &old,
        after: &new,
    };
    let passed = compare::passed(workshop.facts.from, &route);
    let way = Way::new(&passed, &renames);
    let series_of_both = (workshop.facts.from, series);
    let Proof {
        comparisons,
        mut findings,
        after,
    } = super::proof::prove(&sides, series_of_both, &before, &way, areas, context).await?;
    let asked = Asked {
        before: Some(&old),
        after: &new,
    };
    let checks = areas.contains("checks").then_some(&workshop.plan.checks);
    let (of_odoo, of_sql): (Vec<_>, Vec<_>) = checks.into_iter().flatten().partition(|check| check.verb.needs_odoo());
    for check in of_sql {
        context.progress(&check.title, None);
        findings.extend(question::ask(context, &asked, &check.verb).await?);
    }
    // PostgreSQL copies no database that somebody is in.
    old.close().await;
    new.close().await;
    let mut counts = serde_json::Value::Null;
    let look_at_views = areas.contains("views");
    if look_at_views || !of_odoo.is_empty() {
        let looked = in_odoo(workshop, &database, context, series, (look_at_views, &of_odoo)).await?;
        findings.extend(looked.findings);
        counts = looked.counts;
    }
    let findings = accept::apply(&workshop.plan.accept, findings, workshop.facts.today);
    for finding in &findings {
        context.log.line(&format!(
            "{:?} {} {}: {}",
            finding.severity, finding.code, finding.subject, finding.message
        ));
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    Ok(Done {
        result: json!({
            "verified": count(Severity::Error) == 0,
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "invariants": comparisons,
            "views": counts,
            "baseline_before": before.summary(),
            "baseline_after": after.summary(),
        }),
        findings,
        identity: None,
    })
}

/// Reads what was measured before the first hop.
fn baseline_before(workshop: &Workshop) -> Result<Baseline, Stop> {
    let measured = crate::plan::fingerprints(&workshop.graph, &workshop.identities());
    let fingerprint = measured
        .get(&StepId::new("measure"))
        .ok_or_else(|| Stop::step("the baseline was not measured"))?;
    let path = workshop.state.result(fingerprint);
    let bytes = fs_err::read(&path).map_err(super::stop::file)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Stop::environment(format!("{}: {error}", path.display())).hint("remove the file; the next run measures again")
    })
}

/// Returns what became of names over all hops.
fn chained(workshop: &Workshop, route: &[Series]) -> Result<Renames, Stop> {
    let mut tables = Vec::new();
    for series in route {
        tables.push(renames::known(workshop, *series)?.apriori);
    }
    let mut uninstalled: Vec<String> = workshop.plan.uninstalled().map(str::to_owned).collect();
    for series in route {
        uninstalled.extend(workshop.plan.uninstalled_before(*series).into_iter().map(str::to_owned));
    }
    Ok(Renames::chain(&tables).uninstalling(uninstalled))
}

/// Returns the database that was measured: the checkpoint of the neutralised backup.
///
/// Where that is gone, or only an archive of what a hop made was kept, the backup is restored and neutralised once more,
/// as the working database: nothing after this step works on that.
async fn untouched(workshop: &Workshop, database: &Database, context: &StepContext) -> Result<String, Stop> {
    let fingerprints = crate::plan::fingerprints(&workshop.graph, &workshop.identities());
    let state = fingerprints
        .get(&StepId::new("neutralize"))
        .ok_or_else(|| Stop::step("the backup was not neutralised"))?;
    let name = workshop.names.checkpoint(state);
    if super::checkpoint::exists(database, &name, context).await? {
        return Ok(name);
    }
    context.progress("restoring the backup once more", None);
    workshop.set_working(None);
    super::restore::run(workshop, database, context).await?;
    super::neutralize::run(workshop, database, context, workshop.facts.from, false).await?;
    Ok(workshop.names.database())
}

#[derive(Default)]
struct Views {
    findings: Vec<Finding>,
    counts: serde_json::Value,
}

/// Renders and validates every view in Odoo of the target series, and asks it what the plan asks in Python: on a copy,
/// which is removed again.
async fn in_odoo(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    (look_at_views, checks): (bool, &[&Script]),
) -> Result<Views, Stop> {
    let copy = format!("{}_verify", workshop.names.database());
    let state = super::checkpoint::source(workshop, database, context).await?;
    let work = look(workshop, database, context, series, &copy, (look_at_views, checks));
    super::checkpoint::copied(workshop, database, context, (&state, &copy), work).await
}

/// Looks at the copy of that name.
async fn look(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    name: &str,
    (look_at_views, checks): (bool, &[&Script]),
) -> Result<Views, Stop> {
    let mut looked = Views::default();
    if look_at_views {
        context.progress("views", None);
        looked = render(workshop, database, context, series, name).await?;
    }
    for check in checks {
        context.progress(&check.title, None);
        let found = question::ask_odoo(workshop, database, context, (series, name), &check.verb).await?;
        looked.findings.extend(found);
    }
    Ok(looked)
}

async fn render(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    name: &str,
) -> Result<Views, Stop> {
    let script = format!("{}/views.py", odoo_container::WORK);
    let run = OdooRun {
        role: "verify",
        series,
        database: name,
        command: odoo_container::shell_command(name, &script),
        files: vec![(script.clone(), views::python_script(series).into_bytes())],
    };
    let mut tail = Tail::default();
    let ended = odoo_container::run(workshop, database, context, run, &mut |_, bytes| tail.feed(bytes)).await?;
    let read = ended.read(workshop, views::RESULT_PATH).await;
    let exit = ended.remove(workshop).await?;
    let Some(bytes) = read? else {
        return Err(Stop::step(format!(
            "the views could not be rendered: `odoo shell` ended with exit code {}",
            exit.code
        ))
        .excerpt(tail.lines(15)));
    };
    let text = String::from_utf8_lossy(&bytes);
    let result = views::parse(&text).map_err(|error| Stop::step(format!("the views' result: {error}")))?;
    Ok(Views {
        counts: json!({
            "validated": result.views,
            "rendered": result.rendered,
            "rendered_as_user": result.rendered_as_user,
            "broken": result.broken.len(),
        }),
        findings: views::findings(&result),
    })
}
