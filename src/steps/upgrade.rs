//! Takes the database over a hop.

use serde_json::json;

use super::Workshop;
use super::database::Database;
use super::odoo_container::{self, OdooRun};
use super::renames;
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::odoo::accelerate::indexes;
use crate::odoo::modules_sql;
use crate::odoo::openupgrade::{HopEngine, hop_args};
use crate::spec::Engine;
use crate::verify::baseline::Module;
use crate::verify::modules;

/// Runs the hop's engine and judges what it did: exit code, log and the modules' states, never one of them alone.
pub(super) async fn run(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    to: Series,
    engine: Engine,
) -> Result<Done, Stop> {
    let name = workshop.names.database();
    let before = super::check::states(workshop, database, context).await?;
    let mut leaving = names_of(&before.modules, |module| module.state == "to remove");
    let mut updated = Vec::new();
    let command = match engine {
        Engine::Openupgrade => {
            leaving.extend(mark_dropped(workshop, database, context, to, &before.modules).await?);
            let scripts = odoo_container::openupgrade_scripts(workshop, to);
            hop_args(&HopEngine::OpenUpgrade { scripts: &scripts }, &name, &[])
        }
        Engine::Update => {
            let modules = super::changed::changed(workshop, to, &before.modules)?;
            if modules.is_empty() {
                context.log.line("no installed module has changed: nothing to update");
                see_off(workshop, database, context, to, &leaving).await?;
                return Ok(Done::with(json!({ "updated": modules })));
            }
            context.log.line(&format!("updating {}", modules.join(", ")));
            updated = modules;
            hop_args(&HopEngine::Update { modules: &updated }, &name, &[])
        }
        Engine::OdooService => {
            return Err(Stop::step("the engine `odoo-service` is not available yet")
                .hint("use `engine: openupgrade` for a Community database"));
        }
    };
    let accelerated = workshop.plan.accelerate;
    // An update of single modules deletes little.
    let indexed = accelerated && engine == Engine::Openupgrade;
    let run = OdooRun {
        role: "upgrade",
        series: to,
        database: &name,
        command,
        accelerated,
        files: vec![],
    };
    if indexed {
        let what = "make indexes for the hop";
        database
            .sql(&name, &indexes::create_sql(), what, &context.cancel)
            .await?;
    }
    let (summary, patches) = super::judge::run(workshop, database, context, run).await?;
    let result = json!({ "exit_code": 0, "log": summary, "updated": updated, "accelerated": patches });
    let arrived = async {
        if indexed {
            let what = "remove the indexes for the hop";
            database.sql(&name, &indexes::drop_sql(), what, &context.cancel).await?;
        }
        see_off(workshop, database, context, to, &leaving).await?;
        in_order(workshop, database, context, to).await
    };
    match arrived.await {
        Ok(()) => Ok(Done::with(result)),
        Err(stop) => Err(Stop {
            result: Box::new(result),
            ..stop
        }),
    }
}

/// Marks the modules that Odoo dropped at this hop for removal, and returns them.
///
/// Odoo itself would leave them `to upgrade` for ever, waiting for code that nobody has.
async fn mark_dropped(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    to: Series,
    modules: &[Module],
) -> Result<Vec<String>, Stop> {
    let dropped = renames::dropped(workshop, to, &renames::known(workshop, to)?)?;
    let going = names_of(modules, |module| {
        dropped.contains(&module.name) && matches!(module.state.as_str(), "installed" | "to upgrade")
    });
    if going.is_empty() {
        return Ok(going);
    }
    context
        .log
        .line(&format!("Odoo {to} does not have {} any more", going.join(", ")));
    let sql = modules_sql::mark_sql(&going).map_err(|error| Stop::step(error.to_string()))?;
    let name = workshop.names.database();
    database
        .json(&name, &sql, "mark modules that Odoo dropped", &context.cancel)
        .await
}

/// Checks that every module arrived; exit code 0 and a clean log do not say so.
async fn in_order(workshop: &Workshop, database: &Database, context: &StepContext, to: Series) -> Result<(), Stop> {
    let states = super::check::states(workshop, database, context).await?;
    let findings: Vec<Finding> = modules::findings(&states, to)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if findings.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}: {}", finding.subject, finding.message))
        .collect();
    let mut stop = Stop::step(format!("{} modules did not arrive in {to}", findings.len())).excerpt(lines);
    for finding in &findings {
        stop = stop.hint(finding.remedy.clone());
    }
    stop.failure.hints.dedup();
    stop.findings = findings;
    Err(stop)
}

/// Uninstalls the modules that were marked for it and are still there.
///
/// Up to 18.0 Odoo updates a marked module whose code it finds like any other, and forgets the mark. And without a
/// module to update it does not look for marks at all.
async fn see_off(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    leaving: &[String],
) -> Result<(), Stop> {
    if leaving.is_empty() {
        return Ok(());
    }
    let states = super::check::states(workshop, database, context).await?;
    let still = names_of(&states.modules, |module| leaving.contains(&module.name));
    if still.is_empty() {
        return Ok(());
    }
    context.log.line(&format!("still there: {}", still.join(", ")));
    super::script::uninstall_in_odoo(workshop, database, context, series, &still)
        .await
        .map(drop)
}

fn names_of(modules: &[Module], wanted: impl Fn(&Module) -> bool) -> Vec<String> {
    let wanted = modules.iter().filter(|module| wanted(module));
    wanted.map(|module| module.name.clone()).collect()
}
