//! `hopp run`: does what the plan says.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::environment::Environment;
use super::failure::{Failure, code_of, exit};
use super::gather::{self, Gathered, Pins};
use crate::engine::{self, Options, Signal, Walked, Work};
use crate::event::{Event, Outcome, PlannedStep, RunKind};
use crate::ident::{RunId, StepId};
use crate::journal::{RunLock, StateFolder, Writer, read};
use crate::plan::{Decisions, Graph};
use crate::runtime::Runtime;
use crate::steps::{self, Workshop};
use crate::{report, ui, words};

/// How long a step may take to stop its containers, on a slow engine.
const GRACE: Duration = Duration::from_mins(1);

/// Run a plan: whatever is left to do of it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// Stop after this step (as `hopp plan` names it)
    #[arg(long, value_name = "STEP")]
    until: Option<String>,
    /// How many steps at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    jobs: u8,
    /// Print the events as JSON Lines on standard output instead of progress on standard error
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// For whom a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let runtime = gather::docker(environment)?;
    let until = args.until.as_ref().map(StepId::new);
    let plan = gather::read_plan(&args.plan)?;
    let state = StateFolder::beside(&plan.folder, &plan.customer);
    let _lock = take_lock(&state)?;
    for name in steps::sweep(runtime.as_ref(), &plan.customer, &state).await? {
        ui::say(&format!("removed container {name}, which a killed run had left"));
    }
    let cancel = interruptible();
    // A checkpoint that turns out to be gone is struck out; then the decision is made again without it.
    for _ in 0..8 {
        let gathered = gather::gather(&args.plan, environment, runtime.as_ref(), Pins::Keep, &cancel).await?;
        known_step(&gathered.graph, until.as_ref())?;
        let ended = once(args, environment, gathered, runtime.clone(), until.as_ref(), &cancel).await?;
        if !ended.again {
            return Ok(code_of(ended.outcome));
        }
    }
    Err(Failure::new(
        exit::INTERNAL,
        "checkpoints keep vanishing while hopp works",
    ))
}

/// Takes the customer's lock.
pub(super) fn take_lock(state: &StateFolder) -> Result<RunLock, Failure> {
    Ok(RunLock::take(&state.lock(), &holder())?)
}

/// Says who holds a lock: this process.
pub(super) fn holder() -> String {
    let host = fs_err::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("process {} on {}", std::process::id(), host.trim())
}

/// Refuses a step that the plan does not have.
pub(super) fn known_step(graph: &Graph, step: Option<&StepId>) -> Result<(), Failure> {
    let Some(step) = step.filter(|step| graph.get(step).is_none()) else {
        return Ok(());
    };
    let names: Vec<&str> = graph.nodes().iter().map(|node| node.id.as_str()).collect();
    Err(Failure::new(exit::USAGE, format!("the plan has no step `{step}`"))
        .hint(format!("its steps are {}", names.join(", "))))
}

struct Ended {
    outcome: Outcome,
    again: bool,
}

async fn once(
    args: &Args,
    environment: &Environment,
    gathered: Gathered,
    runtime: Arc<dyn Runtime>,
    until: Option<&StepId>,
    cancel: &CancellationToken,
) -> Result<Ended, Failure> {
    let start = Instant::now();
    let run = gathered.state.next_run(Timestamp::now());
    let folder = gathered.state.run(&run);
    let mut journal = Writer::create(&gathered.state.journal(&run))?;
    let decisions = gathered.decide(until);
    let mut listener = listener(args.format, environment.can_redraw());
    let first = journal.append(Event::RunStarted {
        run: run.clone(),
        kind: RunKind::Rehearsal,
        hopp: env!("CARGO_PKG_VERSION").into(),
        customer: gathered.plan.customer.clone(),
        plan: args.plan.to_string_lossy().into_owned(),
        plan_sha256: gathered.plan.sha256.clone(),
        from: gathered.facts.from,
        to: gathered.plan.target,
        steps: planned(&gathered, &decisions),
    })?;
    listener(Signal::Event(first));
    let options = Options {
        jobs: usize::from(args.jobs),
        step_timeout: gathered.plan.limits.step_timeout,
        attempts: 3,
        back_off: Duration::from_secs(2),
        grace: GRACE,
        cancel: cancel.clone(),
        run_folder: folder,
    };
    let (state, identities) = (gathered.state.clone(), gathered.identities.clone());
    let (graph, history) = (gathered.graph.clone(), gathered.history.clone());
    let workshop = Arc::new(workshop(gathered, runtime, run.clone()));
    let shared = workshop.clone();
    let perform = Arc::new(move |node, context| steps::perform(shared.clone(), node, context));
    let work = Work {
        graph: &graph,
        decisions: &decisions,
        history: &history,
        identities,
    };
    let mut append = |event| journal.append(event);
    let walked = engine::run(work, &mut append, &options, &mut listener, perform).await;
    let finished = |walked: &Walked| matches!(walked.outcome, Outcome::Done | Outcome::VerificationFailed);
    if until.is_none() && walked.as_ref().is_ok_and(finished) {
        let context = engine::alone(StepId::new("prune"), &options.run_folder, cancel.clone(), drop);
        workshop.prune(&context).await;
    }
    workshop.close().await;
    // The engine may have made a container for a killed run after the first look.
    if let Err(error) = steps::sweep(workshop.runtime.as_ref(), &workshop.plan.customer, &state).await {
        tracing::warn!(%error, "containers may be left; the next run removes them");
    }
    let walked = walked?;
    let again = !walked.lost_checkpoints.is_empty() && !cancel.is_cancelled();
    let last = journal.append(Event::RunFinished {
        outcome: walked.outcome,
        elapsed_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    })?;
    listener(Signal::Event(last));
    drop(listener);
    if again {
        ui::say("a checkpoint was gone; going on without it");
    } else if args.format == Format::Human {
        tell(&state, &run)?;
    }
    Ok(Ended {
        outcome: walked.outcome,
        again,
    })
}

/// Brings together what the steps share.
pub(super) fn workshop(gathered: Gathered, runtime: Arc<dyn Runtime>, run: RunId) -> Workshop {
    Workshop::new(
        gathered.plan,
        gathered.facts,
        gathered.graph,
        runtime,
        gathered.state,
        run,
        gathered.settings,
        gathered.history,
        gathered.lock,
        gathered.identities,
    )
}

/// Returns every step as a run's first event lists it.
pub(super) fn planned(gathered: &Gathered, decisions: &Decisions) -> Vec<PlannedStep> {
    let fingerprints = gathered.fingerprints();
    gathered
        .graph
        .nodes()
        .iter()
        .map(|node| PlannedStep {
            id: node.id.clone(),
            title: node.title.clone(),
            hop: node.hop,
            fingerprint: fingerprints.get(&node.id).cloned(),
            after: node.after.clone(),
            decision: decisions.of(&node.id),
        })
        .collect()
}

type Listener = Box<dyn FnMut(Signal) + Send>;

fn listener(format: Format, can_redraw: bool) -> Listener {
    match format {
        Format::Human => {
            let mut progress = ui::Progress::new(can_redraw);
            Box::new(move |signal| progress.hear(signal))
        }
        Format::Json => Box::new(|signal| {
            if let Signal::Event(entry) = signal {
                ui::out(&serde_json::to_string(&entry).unwrap_or_default());
            }
        }),
    }
}

/// Returns a token that Ctrl-C (or SIGTERM) fires; the second one ends the process at once.
pub(super) fn interruptible() -> CancellationToken {
    let cancel = CancellationToken::new();
    let fired = cancel.clone();
    tokio::spawn(async move {
        let mut count = 0;
        loop {
            wait_for_signal().await;
            count += 1;
            if count == 1 {
                ui::say("stopping at a safe point; once more to stop at once");
                fired.cancel();
            } else {
                #[expect(clippy::exit, reason = "the person asked twice")]
                std::process::exit(i32::from(exit::INTERRUPTED));
            }
        }
    });
    cancel
}

async fn wait_for_signal() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            tokio::signal::ctrl_c().await.ok();
        }
    }
}

/// Prints the table of steps, the findings, the verdict and what was delivered.
pub(super) fn tell(state: &StateFolder, run: &RunId) -> Result<(), Failure> {
    let entries = read(&state.journal(run))?;
    let Some(report) = report::fold(&entries) else {
        return Ok(());
    };
    ui::out(&super::report::screen(&report, &journal_path(state, run)));
    Ok(())
}

fn journal_path(state: &StateFolder, run: &RunId) -> PathBuf {
    let path = state.journal(run);
    std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf))
        .unwrap_or(path)
}

/// Says how long something took, for the last line of a command.
pub(super) fn took(start: Instant) -> String {
    words::duration(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
}
