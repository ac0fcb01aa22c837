//! Decides the fate of every installed module before the first hop, and marks modules for uninstallation.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::json;

use super::Workshop;
use super::database::Database;
use super::renames::{self, Known};
use super::workshop::ReadyImage;
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::odoo::manifest::stored_version;
use crate::odoo::modules_sql;
use crate::spec::{Engine, Fate as Rule};

/// What becomes of a module at a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Fate {
    Stays,
    Renamed,
    Merged,
    Removed,
    Uninstalled,
    ToPort,
    Missing,
}

/// A module's way through the hops.
#[derive(Clone, Debug, Serialize)]
struct Way {
    module: String,
    version: String,
    /// What it is called in the end.
    name: String,
    fate: Fate,
    /// Where the target code is: `odoo`, or a repository's name.
    origin: Option<String>,
    /// At which hop it stops being simple.
    hop: Option<Series>,
    note: Option<String>,
}

impl Way {
    fn ends(&self) -> bool {
        matches!(
            self.fate,
            Fate::Removed | Fate::Uninstalled | Fate::ToPort | Fate::Missing
        )
    }
}

/// Follows every installed module over all hops. A module that no code is there for stops the run: Odoo would not. So does
/// code that cannot be loaded: Odoo would stop half-way.
pub(super) async fn run(workshop: &Workshop, context: &StepContext) -> Result<Done, Stop> {
    let mut ways: Vec<Way> = workshop
        .facts
        .backup
        .modules
        .iter()
        .map(|(module, version)| Way {
            module: module.clone(),
            version: version.clone(),
            name: module.clone(),
            fate: if workshop.plan.rule(module) == Some(Rule::Uninstall) {
                Fate::Uninstalled
            } else {
                Fate::Stays
            },
            origin: None,
            hop: None,
            note: None,
        })
        .collect();
    let mut loaded = Vec::new();
    let mut late = Vec::new();
    for series in workshop.plan.route(workshop.facts.from) {
        let known = renames::known(workshop, series)?;
        let gone = workshop.plan.uninstalled_before(series);
        for way in ways.iter_mut().filter(|way| !way.ends()) {
            if gone.contains(&way.name.as_str()) {
                way.fate = Fate::Uninstalled;
                way.hop = Some(series);
            } else {
                step(workshop, way, series, &known)?;
            }
        }
        late.extend(too_late(workshop, series, &ways)?);
        let own = ways
            .iter()
            .filter(|way| !way.ends() && way.origin.as_deref() != Some("odoo"));
        let own = own.map(|way| way.name.clone()).collect();
        loaded.push((series, with_dependencies(workshop, series, own)));
    }
    for way in &ways {
        if way.fate != Fate::Stays {
            context.log.line(&format!(
                "{} {:?} {} {}",
                way.module,
                way.fate,
                way.name,
                way.note.as_deref().unwrap_or_default()
            ));
        }
    }
    let mut findings = findings(&ways);
    findings.extend(not_ported(workshop));
    findings.extend(not_run(late));
    let findings = refuse(findings, |names| {
        format!("no code for {names}: the hop would leave them half upgraded")
    })?;
    let mut obstacles = Vec::new();
    for (series, modules) in &loaded {
        obstacles.extend(super::inspect::inspect(workshop, context, *series, modules).await?);
    }
    refuse(obstacles, |names| {
        format!("the code of {names} cannot be loaded: the hop would stop half-way")
    })?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for way in &ways {
        let word = serde_json::to_value(way.fate).map_err(super::stop::file)?;
        *counts.entry(word.as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    Ok(Done {
        result: json!({ "counts": counts, "modules": ways }),
        findings,
        identity: None,
    })
}

/// Stops the run when one of the findings is an error.
fn refuse(findings: Vec<Finding>, message: impl Fn(&str) -> String) -> Result<Vec<Finding>, Stop> {
    let blocking: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if blocking.is_empty() {
        return Ok(findings);
    }
    let mut names: Vec<&str> = blocking.iter().map(|finding| finding.subject.as_str()).collect();
    names.dedup();
    let lines = blocking
        .iter()
        .map(|finding| format!("{}: {}", finding.subject, finding.message));
    let mut stop = Stop::step(message(&names.join(", "))).excerpt(lines.collect::<Vec<_>>());
    for finding in &blocking {
        stop = stop.hint(finding.remedy.clone());
    }
    stop.failure.hints.dedup();
    stop.findings = findings;
    Err(stop)
}

/// Takes a module over one hop.
fn step(workshop: &Workshop, way: &mut Way, series: Series, known: &Known) -> Result<(), Stop> {
    let image = workshop.image(series)?;
    if let Some(name) = known.apriori.renamed_modules.get(&way.name) {
        way.name.clone_from(name);
        way.fate = Fate::Renamed;
        way.hop = Some(series);
    } else if let Some(name) = known.apriori.merged_modules.get(&way.name) {
        way.name.clone_from(name);
        way.fate = Fate::Merged;
        way.hop = Some(series);
    }
    let own = workshop
        .facts
        .code_for(series)
        .find_map(|code| code.modules.get(&way.name).map(|manifest| (code, manifest)));
    if let Some((code, manifest)) = own {
        way.origin = Some(code.repository.clone());
        let other = manifest.series_of().filter(|found| *found != series);
        if !manifest.installable {
            way.fate = Fate::ToPort;
            way.hop = Some(series);
            way.note = Some(format!("{} has it with `installable: False`", code.repository));
        } else if let Some(other) = other {
            way.fate = Fate::ToPort;
            way.hop = Some(series);
            way.note = Some(format!(
                "{} `{}` still has version {other}",
                code.repository, code.reference
            ));
        } else if let Some(lacking) = manifest
            .depends
            .iter()
            .find(|name| !is_there(workshop, &image, series, name))
        {
            way.fate = Fate::ToPort;
            way.hop = Some(series);
            way.note = Some(format!(
                "it depends on `{lacking}`, which is not in Odoo {series}, nor in any repository of the plan"
            ));
        }
    } else if image
        .probe
        .modules
        .get(&way.name)
        .is_some_and(|module| module.installable)
    {
        way.origin = Some("odoo".into());
    } else if workshop.plan.rule(&way.module) == Some(Rule::Keep) {
        way.note = Some("kept, as the plan says".into());
    } else if known.covered.contains(&way.name) && way.fate == Fate::Stays {
        way.fate = Fate::Removed;
        way.hop = Some(series);
        way.note = Some(format!("Odoo {series} has no such module; OpenUpgrade keeps its data"));
    } else {
        way.note = Some(where_it_was(workshop, &way.name, series));
        way.fate = Fate::Missing;
        way.hop = Some(series);
    }
    Ok(())
}

/// Says whether a series has code of a module.
fn is_there(workshop: &Workshop, image: &ReadyImage, series: Series, name: &str) -> bool {
    let mut code = workshop.facts.code_for(series);
    image.probe.modules.contains_key(name) || code.any(|code| code.modules.contains_key(name))
}

/// Returns the modules of repositories that these are or need, directly or not.
fn with_dependencies(workshop: &Workshop, series: Series, names: Vec<String>) -> Vec<String> {
    let mut all: BTreeSet<String> = BTreeSet::new();
    let mut left = names;
    while let Some(name) = left.pop() {
        let own = workshop.facts.code_for(series).find_map(|code| code.modules.get(&name));
        if let Some(manifest) = own
            && all.insert(name)
        {
            left.extend(manifest.depends.iter().cloned());
        }
    }
    all.into_iter().collect()
}

/// Says what is known of a module that has no code for a series.
fn where_it_was(workshop: &Workshop, module: &str, series: Series) -> String {
    let unported = workshop.facts.code_for(series).find(|code| code.commit.is_none());
    match unported {
        Some(code) => format!(
            "not in Odoo {series}, nor in any repository; `{}` has no `{}`: not ported yet?",
            code.repository, code.reference
        ),
        None => format!("`{module}` is not in Odoo {series}, nor in any repository of the plan"),
    }
}

/// Returns the modules of Odoo whose scripts a hop will pass over, with the version of the scripts and of the code.
fn too_late(workshop: &Workshop, series: Series, ways: &[Way]) -> Result<Vec<(Series, String, String, String)>, Stop> {
    if workshop.plan.engine_of(series) != Engine::Openupgrade {
        return Ok(vec![]);
    }
    let image = workshop.image(series)?;
    let of_odoo = ways
        .iter()
        .filter(|way| !way.ends() && way.origin.as_deref() == Some("odoo"));
    let late = of_odoo.filter_map(|way| {
        let scripts = image.probe.late.get(&way.name)?;
        let code = stored_version(&image.probe.modules.get(&way.name)?.version, series);
        Some((series, way.name.clone(), scripts.clone(), code))
    });
    Ok(late.collect())
}

/// Tells scripts of OpenUpgrade that Odoo passes over, as its own code is not as far.
fn not_run(late: Vec<(Series, String, String, String)>) -> impl Iterator<Item = Finding> {
    late.into_iter().map(|(series, module, scripts, code)| Finding {
        severity: Severity::Info,
        code: "scripts-not-run".into(),
        area: "modules".into(),
        message: format!(
            "at {series} OpenUpgrade's scripts for `{module}` {scripts} are passed over: the image's Odoo has {code}"
        ),
        subject: module,
        remedy: "take a newer Odoo image, or an older OpenUpgrade: one that is not newer than the Odoo in the image"
            .into(),
        evidence: vec![],
        since: None,
    })
}

/// Returns a finding for each repository that does not have a series yet. That is an error only where an installed
/// module is missing because of it, which has a finding of its own.
fn not_ported(workshop: &Workshop) -> Vec<Finding> {
    workshop
        .facts
        .code
        .iter()
        .filter(|code| code.commit.is_none())
        .map(|code| Finding {
            severity: Severity::Warning,
            code: "repository-not-ported".into(),
            area: "modules".into(),
            subject: code.repository.clone(),
            message: format!("it has no branch, tag or commit `{}`: not ported to {} yet", code.reference, code.series),
            remedy: format!(
                "port it, or name another ref under `branches: {{ \"{}\": … }}`, or remove the repository from the plan",
                code.series
            ),
            evidence: vec![],
            since: None,
        })
        .collect()
}

fn findings(ways: &[Way]) -> Vec<Finding> {
    ways.iter()
        .filter_map(|way| {
            let hop = way.hop.map(|hop| hop.to_string()).unwrap_or_default();
            let note = way.note.clone().unwrap_or_default();
            let (severity, code, message, remedy) = match way.fate {
                Fate::Stays | Fate::Renamed | Fate::Merged | Fate::Uninstalled => return None,
                Fate::Removed => (
                    Severity::Info,
                    "module-removed",
                    format!("gone at {hop}: {note}"),
                    "nothing to do, unless the customer used it".to_owned(),
                ),
                Fate::ToPort => (
                    Severity::Error,
                    "module-to-port",
                    note,
                    format!("port `{}` to {hop}, or set `fate: uninstall` for it under `modules`", way.name),
                ),
                Fate::Missing => (
                    Severity::Error,
                    "module-missing",
                    note,
                    format!(
                        "add the repository that has `{}` for {hop}, or set `modules: {{ {}: {{ fate: uninstall }} }}` in the plan",
                        way.name, way.module
                    ),
                ),
            };
            Some(Finding {
                severity,
                code: code.into(),
                area: "modules".into(),
                subject: way.module.clone(),
                message,
                remedy,
                evidence: vec![],
                since: None,
            })
        })
        .collect()
}

/// Marks modules `to remove`, so that the next hop uninstalls them without their code (LAB.md §1.15).
pub(super) async fn uninstall(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    modules: &[String],
) -> Result<Done, Stop> {
    let name = workshop.names.database();
    let refused = |error: modules_sql::NotAModule| Stop::step(error.to_string());
    let sql = modules_sql::dependents_sql(modules).map_err(refused)?;
    let dependents: Vec<modules_sql::Dependent> = database
        .json(&name, &sql, "look who depends on the modules", &context.cancel)
        .await?;
    if !dependents.is_empty() {
        let lines = dependents
            .iter()
            .map(|dependent| format!("{} needs {}", dependent.module, dependent.on))
            .collect::<Vec<_>>();
        return Err(Stop::step("modules that stay need modules that are to be uninstalled")
            .hint("uninstall these too, or keep what they need")
            .excerpt(lines));
    }
    let sql = modules_sql::mark_sql(modules).map_err(refused)?;
    let marked: Vec<String> = database
        .json(&name, &sql, "mark modules for uninstallation", &context.cancel)
        .await?;
    for module in modules.iter().filter(|module| !marked.contains(module)) {
        context.log.line(&format!("{module} is not installed"));
    }
    Ok(Done::with(json!({ "modules": marked })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_are_newer_than_the_image_are_told_with_both_versions() {
        let late = vec![(
            Series::NEWEST,
            "stock".to_owned(),
            "19.0.1.2".to_owned(),
            "19.0.1.1".to_owned(),
        )];
        let told: Vec<Finding> = not_run(late).collect();
        assert_eq!((told.len(), told[0].code.as_str()), (1, "scripts-not-run"));
        assert_eq!((told[0].severity, told[0].subject.as_str()), (Severity::Info, "stock"));
        let message = &told[0].message;
        assert!(
            message.contains("`stock` 19.0.1.2") && message.ends_with("has 19.0.1.1"),
            "{message}"
        );
        assert_eq!(not_run(Vec::new()).count(), 0);
    }
}
