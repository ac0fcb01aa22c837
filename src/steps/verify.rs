//! Proves that nothing was lost: measures again, compares, looks at every view, report and template, runs the plan's checks.

use serde_json::json;

use super::database::Database;
use super::odoo_container::{self, OdooRun};
use super::proof::Proof;
use super::question::{self, Asked};
use super::records::Sides;
use super::snapshot::Snapshot;
use super::stop::Tail;
use super::{Workshop, accept, compare as after_hop, measure, renames, running};
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::{Series, StepId};
use crate::spec::Script;
use crate::verify::area::Areas;
use crate::verify::baseline::Baseline;
use crate::verify::compare::{self, Way};
use crate::verify::shipped::Shipped;
use crate::verify::since::{self, AfterHop};
use crate::verify::views::{self, Before, ViewCheck};

/// Verifies the checkpoint of the last step; what takes Odoo is done on a copy of it, which is removed again.
pub(super) async fn run(
    workshop: &Workshop,
    context: &StepContext,
    series: Series,
    areas: &Areas,
) -> Result<Done, Stop> {
    let database = workshop.database()?;
    let name = super::checkpoint::source(workshop, &database, context).await?;
    let before = measure::before(workshop)?;
    let route = workshop.plan.route(workshop.facts.from);
    let renames = renames::chained(workshop, &route)?;
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
    let wanted = InOdoo {
        views: areas.contains("views"),
        checks: &of_odoo,
        running: areas.contains("running"),
    };
    let looked = in_odoo(workshop, &database, context, &place, &wanted).await?;
    // Only now: PostgreSQL copies no database that somebody is in.
    let (old, new) = tokio::try_join!(
        Snapshot::open(&database, &untouched, context),
        Snapshot::open(&database, &name, context),
    )?;
    let sides = Sides {
        before: &old,
        after: &new,
    };
    let known = (areas, looked.shipped, super::deeds::all(workshop));
    let Proof {
        comparisons,
        mut findings,
        after,
    } = super::proof::prove(&sides, series_of_both, &before, &way, known, context).await?;
    let proved = findings.clone();
    let asked = Asked {
        before: Some(&old),
        after: &new,
    };
    for check in of_sql {
        context.progress(&check.title, None);
        findings.extend(question::ask(workshop, context, &asked, &check.verb).await?);
    }
    let quick = after_hop::looks(workshop, &route);
    let way_back = (workshop, &database);
    let deep = look_back(way_back, &old, &before, areas, (proved, &quick), context).await?;
    old.close().await;
    new.close().await;
    findings.extend(looked.findings);
    for finding in &mut findings {
        let told = since::since(finding, &route, &quick);
        finding.since = told.or_else(|| since::since(finding, &route, &deep));
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
            "views": looked.views,
            "running": looked.running,
            "baseline_before": before.summary(),
            "baseline_after": after.summary(),
        }),
        findings,
        identity: None,
    })
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

/// Looks at what earlier hops left, the newest first, as long as something was so there already that was proved at the end
/// and that the quick look after each hop does not tell.
async fn look_back(
    (workshop, database): (&Workshop, &Database),
    untouched: &Snapshot,
    before: &Baseline,
    areas: &Areas,
    (proved, quick): (Vec<Finding>, &[AfterHop]),
    context: &StepContext,
) -> Result<Vec<AfterHop>, Stop> {
    let mut route = workshop.plan.route(workshop.facts.from);
    let Some(last) = route.pop() else {
        return Ok(Vec::new());
    };
    let mut open = proved;
    open.retain(|finding| quick.last().is_none_or(|look| !look.tells(finding)));
    let mut looks = vec![AfterHop::of(last, open.clone())];
    let fingerprints = crate::plan::fingerprints(&workshop.graph, &workshop.identities());
    while let (Some(hop), false) = (route.last().copied(), open.is_empty()) {
        let state = fingerprints.get(&StepId::new(format!("{hop}/check")));
        let Some(name) = state.map(|state| workshop.names.checkpoint(state)) else {
            break;
        };
        if !super::checkpoint::exists(database, &name, context).await? {
            break;
        }
        context.progress(format!("looking back at {hop}"), None);
        let renames = renames::chained(workshop, &route)?;
        let passed = compare::passed(workshop.facts.from, &route);
        let way = Way::new(&passed, &renames);
        let left = Snapshot::open(database, &name, context).await?;
        let sides = Sides {
            before: untouched,
            after: &left,
        };
        let series = (workshop.facts.from, hop);
        let proof = super::proof::prove(&sides, series, before, &way, (areas, None, Vec::new()), context).await?;
        left.close().await;
        let look = AfterHop::of(hop, proof.findings);
        open.retain(|finding| look.tells(finding));
        looks.push(look);
        route.pop();
    }
    looks.reverse();
    Ok(looks)
}

/// Where Odoo looks, and what it is held against.
struct Place<'a> {
    /// The series of the database after.
    series: Series,
    /// The database before the first hop.
    before: &'a str,
}

/// What takes Odoo of the target series.
struct InOdoo<'a> {
    /// Whether views, windows, reports and code are looked at.
    views: bool,
    /// What the plan asks in Python.
    checks: &'a [&'a Script],
    /// Whether the server is started and visited.
    running: bool,
}

/// What Odoo told.
#[derive(Default)]
struct Looked {
    findings: Vec<Finding>,
    /// What was seen of the views, and what was so before, until it is told.
    seen: Option<(ViewCheck, Before)>,
    views: serde_json::Value,
    shipped: Option<Shipped>,
    running: serde_json::Value,
}

/// Does what takes Odoo on a copy, which is removed again: looks at views, windows, reports and code, asks what the modules
/// say of their records and what the plan asks in Python, and visits the server.
async fn in_odoo(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    place: &Place<'_>,
    wanted: &InOdoo<'_>,
) -> Result<Looked, Stop> {
    let copy = format!("{}_verify", workshop.names.database());
    let state = super::checkpoint::source(workshop, database, context).await?;
    let work = look(workshop, database, context, place, &copy, wanted);
    super::checkpoint::copied(workshop, database, context, (&state, &copy), work).await
}

/// Looks at the copy of that name.
async fn look(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    place: &Place<'_>,
    name: &str,
    wanted: &InOdoo<'_>,
) -> Result<Looked, Stop> {
    let mut looked = Looked::default();
    if wanted.views {
        context.progress("views", None);
        looked = render(workshop, database, context, place, name).await?;
    }
    if wanted.running {
        looked.findings.extend(super::live::ask(database, name, context).await?);
    }
    let shipped = super::shipped::ask(workshop, database, context, place.series, name).await?;
    if let Some((seen, before)) = looked.seen.take() {
        looked.findings.extend(views::findings(&seen, &before, Some(&shipped)));
    }
    looked.shipped = Some(shipped);
    for check in wanted.checks {
        context.progress(&check.title, None);
        let found = question::ask_odoo(workshop, database, context, (place.series, name), &check.verb).await?;
        looked.findings.extend(found);
    }
    // Last, as it alone changes the copy.
    if wanted.running {
        let visited = running::visit(workshop, database, context, place.series, name).await?;
        looked.findings.extend(visited.findings);
        looked.running = visited.counts;
    }
    Ok(looked)
}

async fn render(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    place: &Place<'_>,
    name: &str,
) -> Result<Looked, Stop> {
    let script = format!("{}/views.py", odoo_container::WORK);
    let run = OdooRun {
        role: "verify",
        series: place.series,
        database: name,
        command: odoo_container::shell_command(name, &script),
        accelerated: false,
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
    Ok(Looked {
        views: json!({
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
        seen: Some((result, before)),
        ..Looked::default()
    })
}
