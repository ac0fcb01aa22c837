//! Proves that nothing was lost: measures again, compares, renders every view, runs the plan's checks.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Workshop;
use super::database::Database;
use super::odoo_container::{self, OdooRun};
use super::renames;
use super::stop::Tail;
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::{Series, StepId};
use crate::odoo::openupgrade::Renames;
use crate::spec::Verb;
use crate::verify::baseline::Baseline;
use crate::verify::compare::{self, Comparison};
use crate::verify::modules::{self, ModuleStates};
use crate::verify::{attachments, views};

/// Verifies the checkpoint of the last step; renders views on a copy of it, which is removed again.
pub(super) async fn run(workshop: &Workshop, context: &StepContext, series: Series) -> Result<Done, Stop> {
    let database = workshop.database()?;
    let name = super::checkpoint::source(workshop, &database, context).await?;
    let mut findings = Vec::new();
    context.progress("modules", None);
    let states: ModuleStates = database
        .json(
            &name,
            &modules::state_sql(),
            "ask for the modules' states",
            &context.cancel,
        )
        .await?;
    findings.extend(modules::findings(&states, series));
    context.progress("books, stock, documents", None);
    let before = baseline_before(workshop)?;
    let after = super::measure::baseline(&database, &name, series, &context.cancel).await?;
    let comparisons = compared(workshop, &before, &after)?;
    findings.extend(comparisons.iter().filter_map(|comparison| comparison.finding.clone()));
    context.progress("attachments", None);
    let files = super::attachments::check(&database, context, &name).await?;
    findings.extend(attachments::findings(&files));
    for check in &workshop.plan.checks {
        if let Verb::Check { file, text } = &check.verb {
            context.progress(format!("check {}", file.display()), None);
            findings.extend(super::script::check(&database, context, &name, &file.display().to_string(), text).await?);
        }
    }
    context.progress("views", None);
    let views = render_views(workshop, &database, context, series).await?;
    findings.extend(views.findings);
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
            "views": views.counts,
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

fn compared(workshop: &Workshop, before: &Baseline, after: &Baseline) -> Result<Vec<Comparison>, Stop> {
    let route = workshop.plan.route(workshop.facts.from);
    let mut tables = Vec::new();
    for series in &route {
        tables.push(renames::known(workshop, *series)?.apriori);
    }
    let mut uninstalled: Vec<String> = workshop.plan.uninstalled().map(str::to_owned).collect();
    for series in &route {
        uninstalled.extend(workshop.plan.uninstalled_before(*series).into_iter().map(str::to_owned));
    }
    let renames = Renames::chain(&tables).uninstalling(uninstalled);
    Ok(compare::compare(before, after, &route, &renames))
}

struct Views {
    findings: Vec<Finding>,
    counts: serde_json::Value,
}

/// Renders and validates every view in Odoo of the target series.
async fn render_views(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
) -> Result<Views, Stop> {
    let name = format!("{}_verify", workshop.names.database());
    let state = super::checkpoint::parent(context)?;
    let rendered = match super::checkpoint::clone(workshop, database, context, &state, &name).await {
        Ok(()) => render(workshop, database, context, series, &name).await,
        Err(stop) => Err(stop),
    };
    // Also when a person stopped it: the clone is as large as the database.
    let mut unhurried = context.clone();
    unhurried.cancel = CancellationToken::new();
    let removed = super::checkpoint::remove(database, &name, &unhurried).await;
    let rendered = rendered?;
    removed?;
    Ok(rendered)
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
