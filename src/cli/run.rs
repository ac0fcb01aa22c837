//! `hopp run`: does what the plan says.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::actions::Actions;
use super::dry_run;
use super::environment::Environment;
use super::failure::{Failure, code_of, exit};
use super::gather::{self, Gathered};
use super::production;
use super::walk::Walk;
use super::wanted::Wanted;
use crate::event::{Outcome, PlannedStep, RunKind};
use crate::ident::{RunId, StepId};
use crate::journal::{RunLock, StateFolder};
use crate::plan::{Decisions, Graph};
use crate::report::Report;
use crate::runtime::Runtime;
use crate::spec::Plan;
use crate::steps::Workshop;
use crate::{ui, words};

/// Run a plan: whatever is left to do of it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    pub(super) plan: PathBuf,
    /// Stop after this step (as `hopp plan` names it)
    #[arg(long, value_name = "STEP")]
    pub(super) until: Option<String>,
    /// How many steps at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    pub(super) jobs: u8,
    /// Print the events, and how far the steps are, as JSON Lines on standard output instead of progress on standard
    /// error
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
    /// Tell only what happens, not how far it is
    #[arg(long)]
    pub(super) no_progress: bool,
    /// Do everything but deliver, on throw-away containers, and leave nothing behind but the reports
    #[arg(long)]
    dry_run: bool,
    /// Keep here what the next dry run can go on from; nothing is kept when not said
    #[arg(long, value_name = "DIR", requires = "dry_run")]
    pub(super) state: Option<PathBuf>,
    /// Run only when the agreement includes the upgrade, or the patch, today; exit code 22 when it does not. What is
    /// delivered is neutralised as ever
    #[arg(long, conflicts_with = "dry_run")]
    production: bool,
    /// Run for production although the agreement does not include it; the reason is kept in the journal and the report
    #[arg(long = "override", value_name = "REASON", requires = "production", value_parser = production::reason)]
    overriding: Option<String>,
    /// Where a dry run writes reports, journal and logs; `hopp-report/CUSTOMER` beside the plan when not said
    #[arg(long, value_name = "DIR", requires = "dry_run")]
    pub(super) report_dir: Option<PathBuf>,
    /// Also write the report here, however the run ends (`junit=report.xml`; `-` is standard output); may be repeated
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    reports: Vec<Wanted>,
}

/// For whom a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let actions = Actions::of(environment, args.format);
    let ended = run_and_tell(args, environment, actions.as_ref()).await;
    if let (Some(actions), Err(failure)) = (&actions, &ended) {
        actions.failed(&args.plan, failure);
    }
    ended
}

async fn run_and_tell(args: &Args, environment: &Environment, actions: Option<&Actions>) -> Result<u8, Failure> {
    let runtime = gather::docker(environment)?;
    let plan = gather::read_plan(&args.plan)?;
    let (outcome, report) = if args.dry_run {
        dry_run::run(args, environment, runtime, &plan, actions).await?
    } else {
        rehearse(args, environment, runtime, &plan).await?
    };
    if let Some(actions) = actions {
        actions.tell(&report);
    }
    for wanted in &args.reports {
        wanted.write(&report);
    }
    Ok(code_of(outcome))
}

async fn rehearse(
    args: &Args,
    environment: &Environment,
    runtime: Arc<dyn Runtime>,
    plan: &Plan,
) -> Result<(Outcome, Report), Failure> {
    let state = StateFolder::beside(&plan.folder, &plan.customer);
    let _lock = take_lock(&state)?;
    let cancel = interruptible();
    let production = if args.production {
        Some(production::asked(plan, &state, args.overriding.as_deref(), &cancel).await?)
    } else {
        None
    };
    let walk = Walk {
        args,
        environment,
        runtime,
        state: &state,
        kind: RunKind::Rehearsal,
        production,
        until: args.until.as_ref().map(StepId::new),
        cancel,
    };
    let ran = walk.to_the_end().await?;
    let report = super::report::load(&state, &ran.run)?;
    if args.format == Format::Human {
        show(&report, &state.journal(&ran.run));
    }
    Ok((ran.outcome, report))
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

/// Names what a command other than a run does, for labels. No two processes have the same name: the engine may still make
/// what one was killed in asking for, and the next must know that it is not its own.
pub(super) fn named(command: &str) -> RunId {
    RunId::new(format!("{command}-{}", std::process::id()))
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

/// Returns a token that Ctrl-C, SIGTERM or the end of the terminal fires; the second one ends the process at once.
pub(super) fn interruptible() -> CancellationToken {
    let cancel = CancellationToken::new();
    let fired = cancel.clone();
    // Listening begins here, once for all: none is missed between the first and the second.
    let mut listening: Vec<Signals> = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect();
    tokio::spawn(async move {
        wait_for_any(&mut listening).await;
        ui::say("stopping at a safe point; once more to stop at once");
        fired.cancel();
        wait_for_any(&mut listening).await;
        ui::say("stopped at once; the next run removes what is left");
        #[expect(clippy::exit, reason = "the person asked twice")]
        std::process::exit(i32::from(exit::INTERRUPTED));
    });
    cancel
}

async fn wait_for_any(listening: &mut [Signals]) {
    let waiting = listening.iter_mut().map(|signals| Box::pin(signals.recv()));
    futures_util::future::select_all(waiting).await;
}

/// Prints the table of steps, the findings, the verdict and what was delivered.
pub(super) fn tell(state: &StateFolder, run: &RunId) -> Result<(), Failure> {
    show(&super::report::load(state, run)?, &state.journal(run));
    Ok(())
}

/// Prints a report's screen. The journal lies at this path, which is told from here where it lies below.
pub(super) fn show(report: &Report, journal: &Path) {
    ui::out(&super::report::screen(report, &from_here(journal)));
}

/// Returns a path as seen from the current folder, when it lies below that.
pub(super) fn from_here(path: &Path) -> PathBuf {
    std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok())
        .map_or_else(|| path.to_owned(), Path::to_owned)
}

/// Says how long something took, for the last line of a command.
pub(super) fn took(start: Instant) -> String {
    words::duration(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
}
