//! Takes the database over a hop.

use serde_json::json;

use super::Workshop;
use super::database::Database;
use super::odoo_container::{self, OdooRun};
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::odoo::log::HopLogSummary;
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
    let leaving = names_of(&before.modules, |module| module.state == "to remove");
    let command = match engine {
        Engine::Openupgrade => {
            let scripts = odoo_container::openupgrade_scripts(workshop, to);
            hop_args(&HopEngine::OpenUpgrade { scripts: &scripts }, &name, &[])
        }
        Engine::Update => {
            let modules = changed(workshop, to, &before.modules)?;
            if modules.is_empty() {
                context.log.line("no installed module has changed: nothing to update");
                see_off(workshop, database, context, to, &leaving).await?;
                return Ok(Done::with(json!({ "updated": modules })));
            }
            context.log.line(&format!("updating {}", modules.join(", ")));
            hop_args(&HopEngine::Update { modules: &modules }, &name, &[])
        }
        Engine::OdooService => {
            return Err(Stop::step("the engine `odoo-service` is not available yet")
                .hint("use `engine: openupgrade` for a Community database"));
        }
    };
    let run = OdooRun {
        role: "upgrade",
        series: to,
        database: &name,
        command,
        files: vec![],
    };
    let summary = super::judge::run(workshop, database, context, run).await?;
    see_off(workshop, database, context, to, &leaving).await?;
    in_order(workshop, database, context, to).await?;
    let slowest: Vec<_> = slowest(&summary)
        .into_iter()
        .map(|(module, seconds)| json!({ "module": module, "seconds": seconds }))
        .collect();
    Ok(Done::with(json!({
        "exit_code": 0,
        "lines": summary.lines,
        "warnings": summary.warnings,
        "noise": summary.noise,
        "modules": summary.modules.len(),
        "slowest": slowest,
    })))
}

fn slowest(summary: &HopLogSummary) -> Vec<(String, f64)> {
    let mut modules: Vec<(String, f64)> = summary
        .modules
        .iter()
        .map(|(name, seconds, _)| (name.clone(), *seconds))
        .collect();
    modules.sort_by(|a, b| b.1.total_cmp(&a.1));
    modules.truncate(5);
    modules
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

/// Returns the modules that an update has something to do for.
fn changed(workshop: &Workshop, series: Series, modules: &[Module]) -> Result<Vec<String>, Stop> {
    let image = workshop.image(series)?;
    let own = |name: &str| {
        let mut code = workshop.facts.code_for(series);
        code.any(|code| code.modules.contains_key(name))
    };
    let offered = |name: &str| {
        let module = image.probe.modules.get(name)?;
        Some(full_version(&module.version, series))
    };
    Ok(to_update(modules, own, offered))
}

/// Picks the modules whose code is not what the database was last updated with, and those that wait to be updated.
///
/// Core modules tell by their version. Repositories change code without a new version, so all their modules count.
fn to_update(modules: &[Module], own: impl Fn(&str) -> bool, offered: impl Fn(&str) -> Option<String>) -> Vec<String> {
    names_of(modules, |module| match module.state.as_str() {
        "installed" => {
            own(&module.name)
                || offered(&module.name).is_some_and(|version| module.version.as_deref() != Some(&version))
        }
        // To name it would keep it.
        "to remove" => false,
        _ => true,
    })
}

/// Returns a module's version as Odoo stores it: with the series in front.
fn full_version(version: &str, series: Series) -> String {
    let prefix = format!("{series}.");
    if version.starts_with(&prefix) {
        version.to_owned()
    } else {
        format!("{prefix}{version}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_on_or_waits_or_lies_in_a_repository_is_updated_and_what_is_leaving_is_not() {
        let module = |name: &str, state: &str, version: &str| Module {
            name: name.into(),
            state: state.into(),
            version: Some(version.into()),
        };
        let modules = [
            module("base", "installed", "14.0.1.3"),
            module("mail", "installed", "14.0.1.7"),
            module("shelf", "installed", "14.0.1.0.0"),
            module("attic", "to remove", "14.0.1.0.0"),
            module("cellar", "to upgrade", "14.0.1.0.0"),
            module("elsewhere", "installed", "14.0.1.0.0"),
        ];
        let series: Series = "14.0".parse().unwrap();
        let offered = |name: &str| match name {
            "base" => Some(full_version("1.3", series)),
            "mail" => Some(full_version("14.0.1.8", series)),
            _ => None,
        };
        let picked = to_update(&modules, |name| ["shelf", "attic"].contains(&name), offered);
        assert_eq!(picked, ["mail", "shelf", "cellar"]);
    }
}
