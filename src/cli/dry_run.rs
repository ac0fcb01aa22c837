//! `hopp run --dry-run`: everything but delivery, on containers and volumes that are gone afterwards.
//!
//! The graph is the plan's own, so that steps, fingerprints and findings are those of a rehearsal; the walk ends at
//! `verify`, and the report lists `deliver` as skipped. What is remembered lies in a temporary folder, or in the one
//! that `--state` names: journals, results, and an archive of what each hop made, which needs no volume.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::actions::Actions;
use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather::Gathered;
use super::run::{Args, Format, from_here, interruptible, show, take_lock};
use super::walk::{Ran, Walk};
use crate::container::ResourceKind;
use crate::event::{Outcome, RunKind};
use crate::ident::{Hasher, StepId};
use crate::journal::{Checkpoints, History, StateFolder};
use crate::report::Report;
use crate::runtime::Runtime;
use crate::spec::{Engine, Lock, Plan};
use crate::{plan, steps, ui};

/// The last step of a dry run.
const LAST: &str = "verify";
/// The step that a dry run leaves out.
const DELIVER: &str = "deliver";

/// Where a dry run is remembered.
struct Memory {
    state: StateFolder,
    /// Holds the state when nothing is to be kept; goes when dropped.
    _temporary: Option<TempDir>,
}

/// Runs a plan dry. Returns how it ended, and the report.
pub(super) async fn run(
    args: &Args,
    environment: &Environment,
    runtime: Arc<dyn Runtime>,
    plan: &Plan,
    actions: Option<&Actions>,
) -> Result<(Outcome, Report), Failure> {
    if args.until.as_deref() == Some(DELIVER) {
        return Err(Failure::new(exit::USAGE, "a dry run delivers nothing").hint("leave out `--until deliver`"));
    }
    let memory = Memory::open(args.state.as_deref(), plan)?;
    let state = &memory.state;
    let _lock = take_lock(state)?;
    let walk = Walk {
        args,
        environment,
        runtime: runtime.clone(),
        state,
        kind: RunKind::DryRun,
        production: None,
        until: Some(StepId::new(args.until.as_deref().unwrap_or(LAST))),
        cancel: interruptible(),
    };
    let ran = walk.to_the_end().await;
    clean_up(runtime.as_ref(), plan, state).await;
    let ran = ran?;
    let report = super::report::load(state, &ran.run)?;
    let folder = match &args.report_dir {
        Some(folder) => folder.clone(),
        None => plan.folder.join("hopp-report").join(&plan.customer),
    };
    publish(&state.run(&ran.run), &folder)
        .map_err(|error| Failure::environment(format!("the reports cannot be written: {error}")))?;
    if args.format == Format::Human {
        show(&report, &folder.join("journal.jsonl"));
    }
    ui::say(&format!("reports and logs: {}", from_here(&folder).display()));
    if args.state.is_some() {
        let key = key(plan, state, &ran);
        ui::say(&format!("cache key: {key}"));
        if let Some(actions) = actions {
            actions.output("key", &key);
        }
        if let Err(error) = keep_little(state) {
            tracing::warn!(%error, "the state folder holds more than the next dry run needs");
        }
    }
    Ok((ran.outcome, report))
}

impl Memory {
    fn open(folder: Option<&Path>, plan: &Plan) -> Result<Memory, Failure> {
        let failed = |error: std::io::Error| Failure::environment(format!("the state folder: {error}"));
        let temporary = match folder {
            Some(folder) => {
                fs_err::create_dir_all(folder).map_err(failed)?;
                None
            }
            None => Some(
                tempfile::Builder::new()
                    .prefix("hopp-dry-run-")
                    .tempdir()
                    .map_err(failed)?,
            ),
        };
        let folder = folder.or(temporary.as_ref().map(TempDir::path)).unwrap_or(&plan.folder);
        // What the engine holds is named after the real path.
        let folder = fs_err::canonicalize(folder).map_err(failed)?;
        Ok(Memory {
            state: StateFolder::within(&folder, &plan.customer),
            _temporary: temporary,
        })
    }
}

/// Says which of the plan's names stand for something else tomorrow: a dry run looks them up and writes nothing down.
pub(super) fn tell_unpinned(gathered: &Gathered) {
    let path = Lock::path_for(&gathered.plan);
    let unpinned = unpinned(gathered, &Lock::read(&path).unwrap_or_default());
    if !unpinned.is_empty() {
        ui::say(&format!(
            "not pinned: {}; this dry run takes what is there now and writes nothing down. `hopp run` and `hopp update` \
             pin in {}: commit that file",
            unpinned.join(", "),
            path.file_name().unwrap_or_default().to_string_lossy()
        ));
    }
}

fn unpinned(gathered: &Gathered, lock: &Lock) -> Vec<String> {
    let plan = &gathered.plan;
    let mut names = Vec::new();
    for code in gathered.facts.code.iter().filter(|code| code.commit.is_some()) {
        let pins = lock.repositories.get(&code.repository);
        if let Some(ported) = &code.ported {
            // What hopp ported follows from what it came from.
            if pins.is_none_or(|refs| !refs.contains_key(&ported.from)) {
                names.push(format!("`{}` of {}", ported.reference, code.repository));
            }
            continue;
        }
        let pin = pins.and_then(|refs| refs.get(&code.series));
        if pin.map(|pin| &pin.commit) != code.commit.as_ref() {
            names.push(format!("`{}` of {}", code.reference, code.repository));
        }
    }
    let mut image = |key: &str, name: String, is_built: bool| {
        if !is_built && lock.images.get(key).is_none_or(|pin| pin.name != name) {
            names.push(format!("image {name}"));
        }
    };
    image(
        "postgres",
        plan.images.postgres_name(),
        plan.images.postgres.folder().is_some(),
    );
    for series in plan::odoo_series(plan, gathered.facts.from) {
        let is_built = plan.images.odoo(series).folder().is_some();
        image(&series.to_string(), plan.images.odoo_name(series), is_built);
    }
    for series in plan.route(gathered.facts.from) {
        if plan.engine_of(series) == Engine::Openupgrade && !steps::openupgrade_is_pinned(plan, lock, series) {
            names.push(format!("OpenUpgrade {series}"));
        }
    }
    names
}

/// Removes everything that the dry run has on the engine. Derived images stay: every customer's next run finds them.
async fn clean_up(runtime: &dyn Runtime, plan: &Plan, state: &StateFolder) {
    let labels = steps::state_labels(&plan.customer, &state.root().to_string_lossy());
    let removed = async {
        let mut resources = runtime.list(&labels).await?;
        // Containers first: a volume in use cannot be removed.
        resources.sort_by_key(|resource| resource.kind);
        for resource in resources.iter().filter(|resource| resource.kind != ResourceKind::Image) {
            runtime.delete(resource).await?;
        }
        Ok::<_, Failure>(())
    };
    if let Err(failure) = removed.await {
        ui::say(&format!(
            "something of the dry run may be left on the engine (`hopp clean` removes it): {}",
            failure.message
        ));
    }
    if let Err(error) = state.save_checkpoints(&Checkpoints::new()) {
        tracing::warn!(%error, "the state folder names checkpoints that are gone");
    }
}

/// Copies what a run left in its folder: reports, journal, logs. Logs of an earlier dry run go.
fn publish(run: &Path, folder: &Path) -> std::io::Result<()> {
    fs_err::create_dir_all(folder)?;
    let logs = folder.join("logs");
    if folder.join("journal.jsonl").is_file() && logs.is_dir() {
        for entry in fs_err::read_dir(&logs)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "log") {
                fs_err::remove_file(path)?;
            }
        }
    }
    copy(run, folder)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let (path, target) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs_err::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// Returns what the state folder is good for, as the key of a cache: the same key, nothing new in it.
fn key(plan: &Plan, state: &StateFolder, ran: &Ran) -> String {
    let history = History::load(state);
    let mut hasher = Hasher::default();
    for (step, fingerprint) in &ran.fingerprints {
        if history.finished(fingerprint).is_some() {
            hasher.field(step.as_str(), fingerprint.as_str());
        }
    }
    format!("hopp-{}-{}", plan.customer, hasher.finish().short())
}

/// Removes what the next dry run does not need: logs and reports, which were published, and checkouts.
fn keep_little(state: &StateFolder) -> std::io::Result<()> {
    let keep = BTreeSet::from(["journal.jsonl"]);
    for run in state.runs() {
        for entry in fs_err::read_dir(state.run(&run))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !keep.contains(name.as_str()) {
                remove(&path)?;
            }
        }
    }
    remove(&state.root().join("repos"))
}

fn remove(path: &PathBuf) -> std::io::Result<()> {
    if path.is_dir() {
        fs_err::remove_dir_all(path)
    } else if path.exists() {
        fs_err::remove_file(path)
    } else {
        Ok(())
    }
}
