//! The code of a plan: its repositories, read from their mirrors, and its backup's own.

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

use super::Counted;
use crate::cli::assess;
use crate::cli::code::{self, own_name};
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::gather::Pins;
use crate::ident::Series;
use crate::odoo::cloc::{Python, Rules, Tally};
use crate::spec::{Lock, Plan, Repository};
use crate::steps::Settings;
use crate::world::cloc::{File, Module, count_modules};
use crate::world::git::{GitError, Mirror, Mirrors};
use crate::world::survey::Surveyed;

/// What is wanted of a plan.
pub(in crate::cli) struct Wanted {
    /// The code and rules of this series instead of the backup's.
    pub series: Option<Series>,
    pub python: Python,
    /// Whether modules that are not installed count.
    pub all: bool,
}

/// Counts the modules of a plan's repositories that its backup has installed, and the backup's own code.
///
/// For the backup's own series the code is what production runs, where the plan says so. Nothing is pinned.
pub(in crate::cli) async fn count(
    plan: &Plan,
    wanted: &Wanted,
    environment: &Environment,
    cancel: &CancellationToken,
) -> Result<Counted, Failure> {
    let image = Some(plan.images.postgres_name());
    let surveyed = assess::surveyed(&plan.backup, plan.filestore.as_deref(), image, environment, cancel).await?;
    count_surveyed(plan, &surveyed, wanted, environment, cancel).await
}

/// The same of a backup that was surveyed already.
pub(in crate::cli) async fn count_surveyed(
    plan: &Plan,
    surveyed: &Surveyed,
    wanted: &Wanted,
    environment: &Environment,
    cancel: &CancellationToken,
) -> Result<Counted, Failure> {
    let settings = environment.settings();
    let series = wanted.series.unwrap_or(surveyed.series);
    let mut lock = Lock::read(&Lock::path_for(plan)).map_err(|error| Failure::new(exit::INVALID, error.to_string()))?;
    let found = code::code(plan, &[series], &settings, &mut lock, Pins::Look, cancel).await?;
    let mut at: BTreeMap<String, (String, String)> = BTreeMap::new();
    for code in found.code {
        if let Some(commit) = code.commit {
            at.insert(code.repository, (code.reference, commit));
        }
    }
    if series == surveyed.series {
        for (name, pin) in &lock.deployed {
            at.insert(name.clone(), (pin.reference.clone(), pin.commit.clone()));
        }
    }
    // As Odoo does, which looks for no code of modules that were imported or are about to change.
    let modules = surveyed.survey.modules.iter();
    let counted = modules.filter(|(_, module)| module.state == "installed" && !module.imported);
    let installed = (!wanted.all).then(|| counted.map(|(name, _)| name.clone()).collect());
    let rules = Rules::of(series).with_python(wanted.python);
    let own = surveyed.own.tally(rules);
    let plan = plan.clone();
    let work = move || read_and_count(&plan, &at, installed.as_ref(), rules, &settings);
    let mut counted = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))??;
    counted.tally = Tally::new(rules, own.into_iter().chain(counted.tally.modules));
    Ok(counted)
}

fn read_and_count(
    plan: &Plan,
    at: &BTreeMap<String, (String, String)>,
    installed: Option<&BTreeSet<String>>,
    rules: Rules,
    settings: &Settings,
) -> Result<Counted, Failure> {
    let mirrors = Mirrors::new(settings.cache.join("git"));
    let (mut modules, mut remarks, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    for repository in &plan.repositories {
        let name = &repository.name;
        let Some((reference, commit)) = at.get(name) else {
            let missing = repository.reference(rules.series());
            remarks.push(format!("{name} has no `{missing}`: nothing of it is counted"));
            continue;
        };
        let failed = |error: GitError| code::git_failure(name, &error);
        let gone = || Failure::environment(format!("the mirror of {} is gone", repository.url));
        let mirror = mirrors.open(&repository.url).map_err(failed)?.ok_or_else(gone)?;
        let found = read(repository, commit, installed, &mirror, rules).map_err(failed)?;
        remarks.push(format!("{name}: {reference} at {}", commit.get(..10).unwrap_or(commit)));
        sources.push((name.clone(), commit.clone()));
        if !found.passed_over.is_empty() {
            remarks.push(format!(
                "{name}: not installed, not counted: {}",
                found.passed_over.join(", ")
            ));
        }
        modules.extend(found.modules);
    }
    Ok(Counted {
        tally: count_modules(modules, rules),
        remarks,
        sources,
    })
}

/// What a repository offers.
struct Found {
    modules: Vec<Module>,
    /// Modules that are not installed.
    passed_over: Vec<String>,
}

fn read(
    repository: &Repository,
    commit: &str,
    installed: Option<&BTreeSet<String>>,
    mirror: &Mirror,
    rules: Rules,
) -> Result<Found, GitError> {
    let folder = repository.folder.as_deref();
    let offer = mirror.modules(commit, folder, &own_name(repository))?;
    let (counted, others): (Vec<_>, Vec<_>) = (offer.modules.into_iter())
        .partition(|module| installed.is_none_or(|installed| installed.contains(&module.name)));
    let mut modules: Vec<(String, Module)> = (counted.into_iter())
        .map(|module| {
            let prefix = match module.folder.as_str() {
                "" => String::new(),
                folder => format!("{folder}/"),
            };
            let module = Module {
                name: module.name,
                repository: Some(repository.name.clone()),
                manifest: None,
                files: Vec::new(),
            };
            (prefix, module)
        })
        .collect();
    let is_manifest = |item: &str| rules.manifests().contains(&item);
    let place = |path: &str| -> Option<(usize, String)> {
        modules.iter().enumerate().find_map(|(index, (prefix, _))| {
            let item = path.strip_prefix(prefix.as_str())?;
            (is_manifest(item) || rules.kind_of(item).is_some()).then(|| (index, item.to_owned()))
        })
    };
    let mut contents = Vec::new();
    mirror.files(commit, folder, &|path| place(path).is_some(), &mut |path, content| {
        if let Some((index, item)) = place(path) {
            contents.push((index, item, content.to_vec()));
        }
    })?;
    for (index, item, content) in contents {
        let module = &mut modules[index].1;
        if is_manifest(&item) {
            module.manifest = Some(content.clone());
        }
        module.files.push(File { item, content });
    }
    Ok(Found {
        modules: modules.into_iter().map(|(_, module)| module).collect(),
        passed_over: others.into_iter().map(|module| module.name).collect(),
    })
}
