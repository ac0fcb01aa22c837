//! Answers for code that hopp ported: tells what is left to people, and puts the branch where they can go on with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Workshop;
use super::stop::blocking;
use crate::engine::{Done, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::plan::{Code, Ported};
use crate::spec::Repository;
use crate::words::count;
use crate::world::git::{Offered, Worktree};

/// The most places that a stopped run names.
const NAMED: usize = 8;

/// Returns the clone of a repository in which its modules are ported, beside the plan.
pub fn clone(plan_folder: &Path, customer: &str, repository: &str) -> PathBuf {
    plan_folder.join("ported").join(customer).join(repository)
}

/// Tells what was ported. The code itself was made before the run began, as a commit of the mirror.
pub(super) async fn run(
    workshop: &Workshop,
    context: &StepContext,
    repository: &str,
    series: Series,
) -> Result<Done, Stop> {
    let mut code = workshop.facts.code_for(series);
    let code = code.find(|code| code.repository == repository);
    let mut repositories = workshop.plan.repositories.iter();
    let spec = repositories.find(|candidate| candidate.name == repository);
    let (Some(code), Some(spec)) = (code, spec) else {
        return Err(Stop::step(format!(
            "repository `{repository}` has no entry for {series}"
        )));
    };
    let (Some(ported), Some(commit)) = (&code.ported, &code.commit) else {
        return Err(Stop::step(format!("nothing of `{repository}` was ported to {series}")));
    };
    tell(context, code, ported);
    let mut findings = ported.findings.clone();
    if !workshop.leaves_all_as_it_is() {
        findings.extend(offer(workshop, context, spec, ported, commit).await?);
    }
    refuse(workshop, spec, ported, findings).map(|findings| Done {
        result: json!({
            "from": ported.from,
            "reference": ported.reference,
            "source": ported.commit,
            "branch": ported.branch,
            "commit": commit,
            "by_hand": ported.by_hand,
            "modules": ported.modules,
            "changes": changes(ported),
        }),
        findings,
        identity: None,
    })
}

/// Returns how many changes each rule made.
fn changes(ported: &Ported) -> BTreeMap<&str, usize> {
    let mut changes = BTreeMap::new();
    for (rule, _, number) in &ported.changes {
        *changes.entry(rule.as_str()).or_default() += number;
    }
    changes
}

fn tell(context: &StepContext, code: &Code, ported: &Ported) {
    let log = &context.log;
    log.line(&format!(
        "{}: {} from {} ({} at {}) to {}",
        code.repository,
        count(ported.modules.len(), "module"),
        ported.from,
        ported.reference,
        ported.commit,
        code.series,
    ));
    for (rule, module, number) in &ported.changes {
        log.line(&format!("{module}: {rule}, {}", count(*number, "change")));
    }
    for finding in &ported.findings {
        log.line(&format!(
            "{:?}: {}: {}: {}",
            finding.severity, finding.subject, finding.code, finding.message
        ));
    }
    if ported.by_hand {
        log.line(&format!("somebody went on with it: {} is used as it is", ported.branch));
    }
}

/// Puts the branch into the clone beside the plan.
async fn offer(
    workshop: &Workshop,
    context: &StepContext,
    spec: &Repository,
    ported: &Ported,
    commit: &str,
) -> Result<Option<Finding>, Stop> {
    if ported.by_hand {
        return Ok(None);
    }
    let folder = clone(&workshop.plan.folder, &workshop.plan.customer, &spec.name);
    let (url, mirrors) = (spec.url.clone(), workshop.mirrors.clone());
    let (branch, wanted, place) = (ported.branch.clone(), commit.to_owned(), folder.clone());
    let offered = blocking(move || -> Result<Offered, Stop> {
        let mirror = mirrors.open(&url)?.ok_or_else(|| {
            Stop::environment(format!("the mirror of {url} is gone")).hint("run again: it is fetched anew")
        })?;
        let worktree = Worktree::clone_of(&mirror, &place)?;
        Ok(worktree.offer(&mirror, &branch, &wanted)?)
    })
    .await?;
    let place = folder.strip_prefix(&workshop.plan.folder).unwrap_or(&folder);
    let why = match offered {
        Offered::There => {
            context
                .log
                .line(&format!("{}: branch {}", place.display(), ported.branch));
            return Ok(None);
        }
        Offered::Behind(why) => why,
        Offered::LeftAlone => "it holds changes that are not committed".to_owned(),
    };
    Ok(Some(Finding {
        severity: Severity::Info,
        code: "port-not-shown".into(),
        area: "port".into(),
        subject: place.display().to_string(),
        message: format!("the clone was not brought to what this run uses: {why}"),
        remedy: format!(
            "commit or stash what is there, and run again: {} is put there then",
            ported.branch
        ),
        evidence: Vec::new(),
        since: None,
    }))
}

/// Stops the run when something is left that breaks a module.
fn refuse(
    workshop: &Workshop,
    spec: &Repository,
    ported: &Ported,
    findings: Vec<Finding>,
) -> Result<Vec<Finding>, Stop> {
    let errors: Vec<&Finding> = (findings.iter())
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if errors.is_empty() {
        return Ok(findings);
    }
    let mut lines: Vec<String> = (errors.iter().take(NAMED))
        .map(|finding| format!("{}: {}", finding.subject, finding.message))
        .collect();
    if errors.len() > NAMED {
        lines.push(format!("and {} more", errors.len() - NAMED));
    }
    let message = format!(
        "porting {} left {} that {} a human",
        spec.name,
        count(errors.len(), "thing"),
        if errors.len() == 1 { "needs" } else { "need" }
    );
    let folder = clone(Path::new(""), &workshop.plan.customer, &spec.name);
    let mut stop = Stop::step(message)
        .excerpt(lines)
        .hint(format!(
            "go on by hand in {}, on branch {}, and commit: the next run uses it as it is",
            folder.display(),
            ported.branch
        ))
        .hint(format!(
            "or push that branch to the repository, and `hopp update {} --repo {}`",
            workshop.plan.path.display(),
            spec.name
        ))
        .hint("or `port: { errors: warn }` in the plan, to go on all the same");
    stop.findings = findings;
    Err(stop)
}
