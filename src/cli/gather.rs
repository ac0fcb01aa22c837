//! From a plan's path to everything a run is decided with: the plan, the facts, the graph, what is there already.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::code;
use super::environment::Environment;
use super::failure::{Failure, exit};
use crate::event::Event;
use crate::ident::{Fingerprint, Series, StepId};
use crate::journal::{Checkpoints, History, StateFolder};
use crate::odoo::backup::Backup;
use crate::plan::{self, Facts, Graph, Identities};
use crate::runtime::Runtime;
use crate::runtime::docker::Docker;
use crate::spec::{self, Lock, Plan, SourceFacts};
use crate::steps::{self, Settings};
use crate::ui;
use crate::world::backup::{BackupError, read as read_backup};
use crate::world::hash::HashCache;

/// Everything that is known before a run.
pub(super) struct Gathered {
    /// The plan.
    pub plan: Plan,
    /// Its state folder.
    pub state: StateFolder,
    /// What was observed.
    pub facts: Facts,
    /// What will happen.
    pub graph: Graph,
    /// What the plan's names stand for.
    pub lock: Lock,
    /// What earlier runs did.
    pub history: History,
    /// Checkpoints of finished steps whose volume is there.
    pub checkpoints: Checkpoints,
    /// Identities known beforehand.
    pub identities: Identities,
    /// Settings of this machine.
    pub settings: Settings,
    /// What was tried again while this was gathered, for the journal.
    pub retries: Vec<Event>,
}

/// How pins are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pins<'a> {
    /// Kept; what has none yet is looked up, and nothing is written down: somebody else may be writing.
    Look,
    /// Kept; what has none yet gets one.
    Keep,
    /// Moved, for one repository or for all.
    Move(Option<&'a str>),
}

impl Gathered {
    /// Returns the fingerprints known beforehand.
    pub(super) fn fingerprints(&self) -> BTreeMap<StepId, Fingerprint> {
        plan::fingerprints(&self.graph, &self.identities)
    }

    /// Decides what is left to do.
    pub(super) fn decide(&self, until: Option<&StepId>) -> plan::Decisions {
        plan::decide(
            &self.graph,
            &self.fingerprints(),
            |fingerprint| self.checkpoints.contains_key(fingerprint) || self.is_archived(fingerprint),
            |fingerprint| self.stands(fingerprint),
            until,
        )
    }

    /// Says whether an earlier run left the result of this finished step in an archive.
    fn is_archived(&self, fingerprint: &Fingerprint) -> bool {
        self.history.finished(fingerprint).is_some() && steps::is_archived(&self.state, fingerprint)
    }

    /// Returns the checkpoints that a run needs and only an archive holds.
    pub(super) fn imports(&self, decisions: &plan::Decisions) -> BTreeSet<Fingerprint> {
        let fingerprints = self.fingerprints();
        let running = self.graph.nodes().iter().filter(|node| decisions.runs(&node.id));
        running
            .filter_map(|node| node.database.as_ref().filter(|state| !decisions.runs(state)))
            .filter_map(|state| fingerprints.get(state))
            .filter(|fingerprint| !self.checkpoints.contains_key(*fingerprint))
            .cloned()
            .collect()
    }

    /// Says whether a finished step's result still stands: files it made must still be what they were.
    fn stands(&self, fingerprint: &Fingerprint) -> bool {
        let Some(remembered) = self.history.finished(fingerprint) else {
            return false;
        };
        let measured = remembered.result.get("summary").is_none() || self.state.result(fingerprint).is_file();
        let delivered = remembered
            .result
            .get("files")
            .and_then(serde_json::Value::as_array)
            .into_iter()
            .flatten()
            .all(|file| {
                let path = file.get("path").and_then(serde_json::Value::as_str);
                let bytes = file.get("bytes").and_then(serde_json::Value::as_u64);
                path.is_some_and(|path| {
                    fs_err::metadata(self.plan.folder.join(path)).is_ok_and(|meta| Some(meta.len()) == bytes)
                })
            });
        measured && delivered
    }
}

/// Connects to Docker.
pub(super) fn docker(environment: &Environment) -> Result<Arc<dyn Runtime>, Failure> {
    Ok(Arc::new(Docker::connect(environment.docker())?))
}

/// Reads a plan; its problems are printed.
pub(super) fn read_plan(path: &Path) -> Result<Plan, Failure> {
    spec::load(path).map_err(|problems| Failure::problems(&problems))
}

/// Returns the state folder of a plan's customer, and the customer; the plan may have problems.
pub(super) fn state_of(path: &Path) -> Result<(StateFolder, String), Failure> {
    let (folder, customer) = spec::whose(path).map_err(|problems| Failure::problems(&problems))?;
    Ok((StateFolder::beside(&folder, &customer), customer))
}

/// Reads the plan and looks at everything it names.
pub(super) async fn gather(
    path: &Path,
    environment: &Environment,
    runtime: &dyn Runtime,
    pins: Pins<'_>,
    cancel: &CancellationToken,
) -> Result<Gathered, Failure> {
    let plan = read_plan(path)?;
    let state = StateFolder::beside(&plan.folder, &plan.customer);
    gather_in(plan, state, environment, runtime, pins, cancel).await
}

/// Looks at everything that a plan names, with what is remembered in this state folder.
pub(super) async fn gather_in(
    plan: Plan,
    state: StateFolder,
    environment: &Environment,
    runtime: &dyn Runtime,
    pins: Pins<'_>,
    cancel: &CancellationToken,
) -> Result<Gathered, Failure> {
    let settings = environment.settings();
    let (backup, filestore) = backup_of(&plan, &state, cancel).await?;
    let from = series_of(&plan, &backup)?;
    let problems = plan.check_backup(&SourceFacts {
        series: from,
        modules: &backup.modules,
        enterprise: backup.enterprise,
    });
    if problems.has_errors() {
        return Err(Failure::problems(&problems));
    }
    if !problems.is_empty() {
        ui::say(&ui::diagnostic::render(&problems, ui::colours()));
    }
    let mut lock =
        Lock::read(&Lock::path_for(&plan)).map_err(|error| Failure::new(exit::INVALID, error.to_string()))?;
    let found = code::code(
        &plan,
        &plan::odoo_series(&plan, from),
        &settings,
        &mut lock,
        pins,
        cancel,
    )
    .await?;
    let mut facts = Facts {
        backup,
        from,
        filestore,
        code: found.code,
        deployed: found.deployed,
        today: jiff::Zoned::now().date(),
        texts: steps::texts(from, plan.target),
    };
    let desk = super::port::Desk {
        plan: &plan,
        lock: &lock,
        settings: &settings,
        runtime,
        pulls: pins == Pins::Keep,
    };
    Box::pin(super::port::bring(&desk, &mut facts, &found.sources)).await?;
    code::unique_modules(&facts)?;
    if pins != Pins::Look {
        lock.write(&Lock::path_for(&plan))
            .map_err(|error| Failure::of_files(&error))?;
    }
    let graph = plan::compile(&plan, &facts);
    let history = History::load(&state);
    for why in history.passed_over() {
        ui::say(&format!("passed over: {why}; what only that run did is done again"));
    }
    let checkpoints = history.believed(present(&state, runtime).await?);
    let mut identities = Identities::new();
    for series in plan::odoo_series(&plan, from) {
        let identity = steps::known_identity(runtime, &state, &plan, &facts, &lock, series).await;
        identities.extend(identity.map(|identity| (StepId::new(format!("image/{series}")), identity)));
    }
    Ok(Gathered {
        plan,
        state,
        facts,
        graph,
        lock,
        history,
        checkpoints,
        identities,
        settings,
        retries: found.retries,
    })
}

/// Reads what the plan's backup says about itself, and hashes the filestore beside it.
pub(super) async fn backup_of(
    plan: &Plan,
    state: &StateFolder,
    cancel: &CancellationToken,
) -> Result<(Backup, Option<Fingerprint>), Failure> {
    let hashes = HashCache::new(state.hashes());
    let (backup, filestore, token) = (plan.backup.clone(), plan.filestore.clone(), cancel.clone());
    blocking(move || {
        let cancelled = || token.is_cancelled();
        let backup = read_backup(&backup, &hashes, &cancelled)?;
        let filestore = filestore.map(|path| hashes.hash(&path, &cancelled)).transpose()?;
        Ok((backup, filestore.map(|hashed| hashed.sha256)))
    })
    .await
    .map_err(|failure| stopped(cancel).unwrap_or(failure))
}

/// Returns the series of the backup, which it says itself or the plan says.
pub(super) fn series_of(plan: &Plan, backup: &Backup) -> Result<Series, Failure> {
    backup.series.or(plan.source_series).ok_or_else(|| {
        Failure::new(
            exit::INVALID,
            format!(
                "the series of {} cannot be read without restoring it",
                plan.backup.display()
            ),
        )
        .hint("add `series: \"18.0\"` (or whichever it is) under `source` in the plan, or install `pg_restore`")
    })
}

/// Returns the checkpoints whose volume still exists.
async fn present(state: &StateFolder, runtime: &dyn Runtime) -> Result<Checkpoints, Failure> {
    let mut checkpoints = state.checkpoints();
    if checkpoints.is_empty() {
        return Ok(checkpoints);
    }
    let ours = crate::container::Labels::from([(
        crate::container::LABEL_STATE.to_owned(),
        state.root().to_string_lossy().into_owned(),
    )]);
    let volumes: BTreeSet<String> = runtime
        .list(&ours)
        .await?
        .into_iter()
        .map(|resource| resource.name)
        .collect();
    checkpoints.retain(|_, checkpoint| volumes.contains(&checkpoint.volume));
    Ok(checkpoints)
}

/// Returns the failure of work that a person stopped.
pub(super) fn stopped(cancel: &CancellationToken) -> Option<Failure> {
    cancel
        .is_cancelled()
        .then(|| Failure::new(exit::INTERRUPTED, "interrupted; nothing was changed"))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Failure::from),
        Err(error) => Err(Failure::new(exit::INTERNAL, format!("a worker thread died: {error}"))),
    }
}
