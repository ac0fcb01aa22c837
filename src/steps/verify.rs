//! Proves that nothing was lost: measures again, compares, looks at every view, report and template, runs the plan's checks.

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
use crate::verify::shipped::Shipped;
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
    let passed = compare::passed(workshop.facts.from, &route);
    let way = Way::new(&passed, &renames);
    let series_of_both = (workshop.facts.from, series);
    let checks = areas.contains("checks").then_some(&workshop.plan.checks);
    let (of_odoo, of_sql): (Vec<_>, Vec<_>) = checks.into_iter().flatten().partition(|check| check.verb.needs_odoo());
    let place = Place {
        series,
        before: &untouched,
    };
    let look_at = (areas.contains("views"), of_odoo.as_slice());
    let looked = in_odoo(workshop, &database, context, &place, look_at).await?;
    // Only now: PostgreSQL copies no database that somebody is in.
    let (old, new) = tokio::try_join!(
        Snapshot::open(&database, &untouched, context),
        Snapshot::open(&database, &name, context),
    )?;
    let sides = Sides {
        before: &old,
        after: &new,
    };
    let areas = (areas, looked.shipped);
    let Proof {
        comparisons,
        mut findings,
        after,
    } = super::proof::prove(&sides, series_of_both, &before, &way, areas, context).await?;
    let asked = Asked {
        before: Some(&old),
        after: &new,
    };
    for check in of_sql {
        context.progress(&check.title, None);
        findings.extend(question::ask(workshop, context, &asked, &check.verb).await?);
    }
    findings.extend(looked.findings);
    old.close().await;
    new.close().await;
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
            "views": looked.counts,
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
    shipped: Option<Shipped>,
}

/// Where Odoo looks, and what it is held against.
struct Place<'a> {
    /// The series of the database after.
    series: Series,
    /// The database before the first hop.
    before: &'a str,
}

/// Looks at views, windows, reports and code in Odoo of the target series, and asks it what its modules say of their records
/// and what the plan asks in Python: on a copy, which is removed again.
async fn in_odoo(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    place: &Place<'_>,
    (look_at_views, checks): (bool, &[&Script]),
) -> Result<Views, Stop> {
    let copy = format!("{}_verify", workshop.names.database());
    let state = super::checkpoint::source(workshop, database, context).await?;
    let work = look(workshop, database, context, place, &copy, (look_at_views, checks));
    super::checkpoint::copied(workshop, database, context, (&state, &copy), work).await
}

/// Looks at the copy of that name.
async fn look(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    place: &Place<'_>,
    name: &str,
    (look_at_views, checks): (bool, &[&Script]),
) -> Result<Views, Stop> {
    let mut looked = Views::default();
    if look_at_views {
        context.progress("views", None);
        looked = render(workshop, database, context, place, name).await?;
    }
    looked.findings.extend(super::live::ask(database, name, context).await?);
    looked.shipped = Some(super::shipped::ask(workshop, database, context, place.series, name).await?);
    for check in checks {
        context.progress(&check.title, None);
        let found = question::ask_odoo(workshop, database, context, (place.series, name), &check.verb).await?;
        looked.findings.extend(found);
    }
    Ok(looked)
}

async fn render(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    place: &Place<'_>,
    name: &str,
) -> Result<Views, Stop> {
    let script = format!("{}/views.py", odoo_container::WORK);
    let run = OdooRun {
        role: "verify",
        series: place.series,
        database: name,
        command: odoo_container::shell_command(name, &script),
        files: vec![(script.clone(), views::python_script(place.series).into_bytes())],
    };
    let mut tail = Tail::default();
    let ended = odoo_container::run(workshop, database, context, run, &mut |_, bytes| tail.feed(bytes)).await?;
    let read = ended.read(workshop, views::RESULT_PATH).await;
    let exit = ended.remove(workshop).await?;
    let Some(bytes) = read? else {
        return Err(Stop::step(format!(
            "the views could not be looked at: `odoo shell` ended with exit code {}",
            exit.code
        ))
        .excerpt(tail.lines(15)));
    };
    let text = String::from_utf8_lossy(&bytes);
    let result = views::parse(&text).map_err(|error| Stop::step(format!("the views' result: {error}")))?;
    let sql = views::before_sql(&result);
    let was = "ask what was so before the upgrade";
    let answer = database.sql(place.before, &sql, was, &context.cancel).await?;
    let before = views::parse_before(&answer).map_err(|error| Stop::step(format!("{was}: {error}")))?;
    Ok(Views {
        counts: json!({
            "validated": result.views,
            "rendered": result.rendered,
            "broken": result.broken.len(),
            "windows": result.windows,
            "users": result.users,
            "menus": result.menus,
            "filters": result.filters,
            "rules": result.rules,
            "server_actions": result.server_actions,
            "manual_fields": result.manual_fields,
            "mail_templates": result.mail_templates,
            "mails_rendered": result.mails_rendered,
            "reports": result.reports,
            "reports_rendered": result.reports_rendered,
            "reports_printed": result.reports_printed,
            "faults": result.faults.len(),
            "seconds": result.seconds,
        }),
        findings: views::findings(&result, &before),
        shipped: None,
    })
}
