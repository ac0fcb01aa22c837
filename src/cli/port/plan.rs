//! The repositories of a plan, each in a clone of hopp's own beside the plan: the customer's are never written.

use std::collections::BTreeSet;
use std::path::Path;

use super::outcome::Outcome;
use super::path::{InGit, git_failure};
use super::{Args, chosen};
use crate::cli::code;
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::gather::{self, Pins};
use crate::cli::run::interruptible;
use crate::ident::Series;
use crate::journal::StateFolder;
use crate::spec::{Lock, Repository};
use crate::steps;
use crate::world::git::{Mirrors, Worktree};

pub(super) async fn port(args: &Args, environment: &Environment) -> Result<Outcome, Failure> {
    if args.no_commit {
        let failure = Failure::new(exit::USAGE, "a plan's modules are ported on a branch of a clone");
        return Err(failure.hint("`--no-commit` is for a folder"));
    }
    let plan = gather::read_plan(&args.what)?;
    let state = StateFolder::beside(&plan.folder, &plan.customer);
    let settings = environment.settings();
    let cancel = interruptible();
    let (backup, _) = gather::backup_of(&plan, &state, &cancel).await?;
    let from = gather::series_of(&plan, &backup)?;
    let to = args.to.unwrap_or(plan.target);
    let mut lock =
        Lock::read(&Lock::path_for(&plan)).map_err(|error| Failure::new(exit::INVALID, error.to_string()))?;
    let found = code::code(&plan, &[from, to], &settings, &mut lock, Pins::Look, &cancel).await?;
    let mut outcome = Outcome {
        to: to.major(),
        check: args.check,
        parts: Vec::new(),
        remarks: Vec::new(),
        tried: None,
    };
    let at = |repository: &Repository, series: Series| {
        let mut code = found.code.iter();
        let of = code.find(|code| code.repository == repository.name && code.series == series)?;
        Some((of.reference.clone(), of.commit.clone()?))
    };

    let mut all = BTreeSet::new();
    let mut repositories = Vec::new();
    for repository in &plan.repositories {
        let Some(source) = at(repository, from) else {
            let missing = repository.reference(from);
            (outcome.remarks).push(format!(
                "{} has no `{missing}`: nothing of it is ported",
                repository.name
            ));
            continue;
        };
        let mirrors = Mirrors::new(settings.cache.join("git"));
        let mirror = mirrors.open(&repository.url).map_err(|error| git_failure(&error))?;
        let mirror = mirror.ok_or_else(|| Failure::environment(format!("the mirror of {} is gone", repository.url)))?;
        let folder = steps::ported_clone(&plan.folder, &plan.customer, &repository.name);
        let worktree = Worktree::clone_of(&mirror, &folder).map_err(|error| git_failure(&error))?;
        let branch = (args.branch.clone()).unwrap_or_else(|| format!("{to}-mig-{}", plan.customer));
        let target = repository.reference(to).to_owned();
        let start = worktree
            .start(&branch, Some(source), &[target])
            .map_err(|error| git_failure(&error))?;
        let there = worktree.modules(&start.source).map_err(|error| git_failure(&error))?;
        let there: BTreeSet<String> = there.iter().map(|folder| last(folder, &worktree)).collect();
        let mut only: BTreeSet<String> = backup.modules.keys().cloned().collect();
        if !args.module.is_empty() {
            only = args
                .module
                .iter()
                .filter(|name| there.contains(*name))
                .cloned()
                .collect();
        }
        all.extend(there);
        repositories.push(InGit {
            name: repository.name.clone(),
            worktree,
            start,
            inside: repository
                .folder
                .as_deref()
                .map(|folder| folder.to_string_lossy().into_owned())
                .unwrap_or_default(),
            shown: relative(&folder),
            otherwise: Some(from.major()),
            only: Some(only),
            installed: backup.modules.keys().cloned().collect(),
            credentials: steps::git_credentials(&plan, repository, &settings)
                .map_err(|error| Failure::environment(error.to_string()))?,
            image: plan.images.odoo_name(to),
        });
    }
    chosen::check_names(args, all.iter().map(String::as_str))?;
    for repository in repositories {
        let (part, remarks) = repository.port(args, to.major(), environment).await?;
        outcome.parts.push(part);
        outcome.remarks.extend(remarks);
    }
    outcome.remarks.dedup();
    Ok(outcome)
}

fn last(folder: &str, worktree: &Worktree) -> String {
    match folder.rsplit('/').next() {
        Some("") | None => worktree
            .root()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        Some(last) => last.to_owned(),
    }
}

/// Returns a path from where the user is, when it lies below.
fn relative(path: &Path) -> std::path::PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path)
        .to_owned()
}
