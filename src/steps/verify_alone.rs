//! Verification on its own: of the last run's result again, or of two backups that anything may have made.

use serde_json::json;

use super::database::Database;
use super::records::Sides;
use super::running::{self, Visited};
use super::snapshot::Snapshot;
use super::{Names, Workshop, image, neutralize, provision, renames, restore, verify};
use crate::container::ResourceKind;
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::odoo::openupgrade::Renames;
use crate::runtime::Runtime;
use crate::verify::area::Areas;
use crate::verify::compare::{self, Way};

/// Verifies the result of the last run again. `context` names the state that the run ended with.
pub async fn verify_again(workshop: &Workshop, context: &StepContext, areas: &Areas) -> Result<Done, Stop> {
    let series = workshop.plan.target;
    context.progress("PostgreSQL", None);
    provision::run(workshop, context).await?;
    for hop in workshop.plan.route(workshop.facts.from) {
        for code in workshop.facts.code_for(hop) {
            super::checkout::run(workshop, context, &code.repository, hop).await?;
        }
        image::odoo(workshop, context, hop).await?;
    }
    verify::run(workshop, context, series, areas).await
}

/// Verifies a backup against the one it was upgraded from. Each workshop restores its own, into containers of its own.
pub async fn verify_backups(
    (before, after): (&Workshop, &Workshop),
    context: &StepContext,
    areas: &Areas,
) -> Result<Done, Stop> {
    let (mut findings, mut tables) = (Vec::new(), Vec::new());
    let from = before.facts.from;
    let route = before.plan.route(from);
    for hop in route.iter().filter(|hop| **hop != from) {
        context.progress(format!("what OpenUpgrade renames in {hop}"), None);
        let known = match image::odoo(before, context, *hop).await {
            Ok(_) => renames::known(before, *hop),
            Err(stop) => Err(stop),
        };
        match known {
            Ok(known) => tables.push(known.apriori),
            Err(stop) => findings.push(unknown_renames(*hop, &stop)),
        }
    }
    for (workshop, which) in [(before, "before"), (after, "after")] {
        context.progress(format!("restoring the backup of {which}"), None);
        provision::run(workshop, context).await?;
        let database = workshop.database()?;
        restore::run(workshop, &database, context).await?;
    }
    let (old, new) = (before.database()?, after.database()?);
    let (old_name, new_name) = (before.names.database(), after.names.database());
    // What cutting a copy's ties changed is no fault of the upgrade: then the other copy's are cut as well.
    let neutral = "SELECT EXISTS (SELECT FROM ir_config_parameter WHERE key = 'database.is_neutralized' AND value ~* '^(true|1)$')";
    let is_neutral = |text: String| text.trim() == "t";
    let asked = "ask whether the database is neutralised";
    let after_is = is_neutral(new.sql(&new_name, neutral, asked, &context.cancel).await?);
    let before_is = is_neutral(old.sql(&old_name, neutral, asked, &context.cancel).await?);
    if after_is && !before_is {
        context.progress("cutting the ties of the copy of before", None);
        neutralize::run(before, &old, context, from, false).await?;
    }
    // The image with OpenUpgrade in it knows more.
    if let Ok(image) = before.image(after.facts.from) {
        after.brought(after.facts.from, image);
    } else if let Err(stop) = image::odoo(after, context, after.facts.from).await {
        tracing::debug!(message = stop.failure.message, "the modules cannot be asked");
    }
    let copy = copy_of(&new, &new_name, context).await?;
    if after_is {
        findings.extend(super::live::ask(&new, &copy, context).await?);
    }
    // The modules whose code the image of the series has, on a copy that goes with the rest.
    let shipped = match super::shipped::ask(after, &new, context, after.facts.from, &copy).await {
        Ok(shipped) => Some(shipped),
        Err(stop) if context.cancel.is_cancelled() => return Err(stop),
        Err(stop) => {
            findings.push(modules_not_asked(&stop));
            None
        }
    };
    let (old, new) = tokio::try_join!(
        Snapshot::open(&old, &old_name, context),
        Snapshot::open(&new, &new_name, context),
    )?;
    let sides = Sides {
        before: &old,
        after: &new,
    };
    let renames = Renames::chain(&tables);
    let passed = compare::passed(from, &route);
    let way = Way::new(&passed, &renames);
    let measured = super::measure::baseline(&old, from, context).await?;
    let knowing = (areas, shipped, Vec::new());
    let proof = super::proof::prove(&sides, (from, after.facts.from), &measured, &way, knowing, context).await?;
    old.close().await;
    new.close().await;
    findings.extend(proof.findings);
    if areas.contains("views") {
        findings.push(no_views());
    }
    let mut visited = serde_json::Value::Null;
    if areas.contains("running") {
        let seen = visit(after, context, !after_is).await?;
        findings.extend(seen.findings);
        visited = seen.counts;
    }
    findings.retain(|finding| areas.contains(&finding.area));
    if let [hop] = passed[..] {
        let of_upgrade = findings.iter_mut().filter(|finding| finding.severity > Severity::Info);
        of_upgrade.for_each(|finding| finding.since = Some(hop));
    }
    Ok(Done {
        result: json!({
            "invariants": proof.comparisons,
            "running": visited,
            "baseline_before": measured.summary(),
            "baseline_after": proof.after.summary(),
        }),
        findings,
        identity: None,
    })
}

/// Returns the name of a fresh copy of a database.
async fn copy_of(database: &Database, name: &str, context: &StepContext) -> Result<String, Stop> {
    let copy = format!("{name}_verify");
    let sql = format!("DROP DATABASE IF EXISTS {copy};\nCREATE DATABASE {copy} TEMPLATE {name};");
    database
        .sql("postgres", &sql, "copy the database", &context.cancel)
        .await?;
    Ok(copy)
}

/// Removes everything that the verification of a backup made on the engine.
pub async fn forget(runtime: &dyn Runtime, names: &Names) -> Result<(), Stop> {
    let mut resources = runtime.list(&names.own()).await?;
    // Containers first: a volume in use cannot be removed.
    resources.sort_by_key(|resource| resource.kind);
    for resource in resources {
        if resource.kind != ResourceKind::Image {
            runtime.delete(&resource).await?;
        }
    }
    Ok(())
}

/// Visits the server on the restored copy of the backup after, when an image has all its code.
///
/// By then everything else was looked at, so the copy may be changed: its ties to the world are cut before Odoo starts.
async fn visit(after: &Workshop, context: &StepContext, live: bool) -> Result<Visited, Stop> {
    let series = after.facts.from;
    let brought = image::odoo(after, context, series).await;
    let not_started = |why: String| Visited {
        findings: vec![not_started(series, &why)],
        ..Visited::default()
    };
    if let Err(stop) = brought {
        if context.cancel.is_cancelled() {
            return Err(stop);
        }
        return Ok(not_started(stop.failure.message.clone()));
    }
    let offered = after.image(series)?.probe;
    let database = after.database()?;
    let installed = super::check::states(after, &database, context).await?.modules;
    let mut missing: Vec<&str> = installed.iter().map(|module| module.name.as_str()).collect();
    missing.retain(|name| !offered.modules.contains_key(*name));
    if !missing.is_empty() {
        return Ok(not_started(format!("the image has no code of {}", missing.join(", "))));
    }
    if live {
        context.progress("cutting the ties of the copy of after", None);
        neutralize::run(after, &database, context, series, false).await?;
    }
    running::visit(after, &database, context, series, &after.names.database()).await
}

fn unknown_renames(hop: Series, stop: &Stop) -> Finding {
    Finding {
        severity: Severity::Info,
        code: "renames-unknown".into(),
        area: "modules".into(),
        subject: hop.to_string(),
        message: format!(
            "what OpenUpgrade renames in {hop} is not known: {}",
            stop.failure.message
        ),
        remedy: format!(
            "bring an image of {hop} (`docker pull odoo:{hop}`); without it renamed modules and models look lost"
        ),
        evidence: Vec::new(),
        since: None,
    }
}

fn modules_not_asked(stop: &Stop) -> Finding {
    Finding {
        severity: Severity::Info,
        code: "modules-not-asked".into(),
        area: "modules".into(),
        subject: "ir.model.data".into(),
        message: format!(
            "what modules say of their own records is not known: {}",
            stop.failure.message
        ),
        remedy: "bring an image of the series; without it a change in a record that an update wrote is not seen".into(),
        evidence: Vec::new(),
        since: None,
    }
}

fn no_views() -> Finding {
    Finding {
        severity: Severity::Info,
        code: "views-not-rendered".into(),
        area: "views".into(),
        subject: "ir.ui.view".into(),
        message: "the views were not rendered: that takes the code of every module".into(),
        remedy: "`hopp verify PLAN` renders them after a run; a plan says where the code is".into(),
        evidence: Vec::new(),
        since: None,
    }
}

fn not_started(series: Series, why: &str) -> Finding {
    Finding {
        severity: Severity::Info,
        code: "server-not-started".into(),
        area: "running".into(),
        subject: format!("Odoo {series}"),
        message: format!("Odoo's server was not started on the backup of after: {why}"),
        remedy: "`hopp verify PLAN` starts it after a run; a plan says where image and code are".into(),
        evidence: Vec::new(),
        since: None,
    }
}
