//! One walk through a plan's graph, and again where a checkpoint turns out to be gone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather::{self, Gathered, Pins};
use super::run::{Args, Format, known_step, planned, workshop};
use crate::engine::{self, Options, Signal, Stop, Walked, Work};
use crate::event::{Event, Outcome, Production, RunKind};
use crate::ident::{Fingerprint, RunId, StepId};
use crate::journal::{StateFolder, Writer};
use crate::runtime::Runtime;
use crate::steps::{self, Archived, Workshop};
use crate::{plan, spec, ui, words};

/// How often a step is tried whose failure may pass; with the pauses about a minute, which a restart of Docker may take.
const ATTEMPTS: u32 = 6;
/// The first pause; each is twice the one before.
const BACK_OFF: Duration = Duration::from_secs(2);
/// How long a step may take to stop its containers, on a slow engine.
const GRACE: Duration = Duration::from_mins(1);

/// A walk that is to be done. The customer's lock is held meanwhile.
pub(super) struct Walk<'a> {
    pub args: &'a Args,
    pub environment: &'a Environment,
    pub runtime: Arc<dyn Runtime>,
    /// Where it is remembered.
    pub state: &'a StateFolder,
    /// What it is for. A dry run moves no pin, and archives what its hops made.
    pub kind: RunKind,
    /// What the agreement says, where the run is one for production.
    pub production: Option<Production>,
    /// The last step, where not all are to be done.
    pub until: Option<StepId>,
    pub cancel: CancellationToken,
}

/// A walk that has ended.
pub(super) struct Ran {
    pub outcome: Outcome,
    /// The run that told the end of it.
    pub run: RunId,
    /// The fingerprints that the plan's steps have, as far as they are known now.
    pub fingerprints: BTreeMap<StepId, Fingerprint>,
}

struct Once {
    ran: Ran,
    again: bool,
}

impl Walk<'_> {
    /// Does what is left to do. A checkpoint that turns out to be gone is struck out, and the decision is made again
    /// without it.
    pub(super) async fn to_the_end(&self) -> Result<Ran, Failure> {
        let (runtime, args) = (self.runtime.as_ref(), self.args);
        let plan = gather::read_plan(&args.plan)?;
        for name in steps::sweep(runtime, &plan.customer, self.state).await? {
            ui::say(&format!("removed container {name}, which a killed run had left"));
        }
        let is_dry = self.kind == RunKind::DryRun;
        let pins = if is_dry { Pins::Look } else { Pins::Keep };
        for attempt in 0..8 {
            let plan = gather::read_plan(&args.plan)?;
            let state = self.state.clone();
            let gathered = gather::gather_in(plan, state, self.environment, runtime, pins, &self.cancel).await?;
            known_step(&gathered.graph, self.until.as_ref())?;
            if is_dry && attempt == 0 {
                super::dry_run::tell_unpinned(&gathered);
            }
            let once = self.once(gathered).await?;
            if !once.again {
                return Ok(once.ran);
            }
            ui::say("a checkpoint was gone; going on without it");
        }
        Err(Failure::new(
            exit::INTERNAL,
            "checkpoints keep vanishing while hopp works",
        ))
    }

    async fn once(&self, gathered: Gathered) -> Result<Once, Failure> {
        let start = Instant::now();
        let run = gathered.state.next_run(Timestamp::now());
        let mut journal = Writer::create(&gathered.state.journal(&run))?;
        let decisions = gathered.decide(self.until.as_ref());
        let mut listener = listener(self.args, self.environment.can_redraw(), expected(&gathered));
        let first = journal.append(Event::RunStarted {
            run: run.clone(),
            kind: self.kind,
            production: self.production.clone(),
            hopp: env!("CARGO_PKG_VERSION").into(),
            customer: gathered.plan.customer.clone(),
            plan: self.args.plan.to_string_lossy().into_owned(),
            plan_sha256: gathered.plan.sha256.clone(),
            from: gathered.facts.from,
            to: gathered.plan.target,
            steps: planned(&gathered, &decisions),
        })?;
        listener(Signal::Event(first));
        // What was told on the screen when it happened.
        for retry in gathered.retries.clone() {
            journal.append(retry)?;
        }
        let options = Options {
            jobs: usize::from(self.args.jobs),
            step_timeout: gathered.plan.limits.step_timeout,
            attempts: ATTEMPTS,
            back_off: BACK_OFF,
            grace: GRACE,
            cancel: self.cancel.clone(),
            run_folder: gathered.state.run(&run),
        };
        let identities = gathered.identities.clone();
        let (graph, history) = (gathered.graph.clone(), gathered.history.clone());
        let imports = gathered.imports(&decisions);
        let mut workshop = workshop(gathered, self.runtime.clone(), run.clone());
        if self.kind == RunKind::DryRun {
            workshop = workshop.leaving_pins().importing(imports);
        }
        let workshop = Arc::new(workshop);
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
        self.afterwards(&workshop, walked.as_ref().ok(), &options).await;
        let walked = walked?;
        let last = journal.append(Event::RunFinished {
            outcome: walked.outcome,
            elapsed_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        })?;
        listener(Signal::Event(last));
        drop(listener);
        super::report::write(self.state, &run);
        if spec::has_changed(&workshop.plan) {
            let message = "the plan, or a script or playbook of it, was changed during the run, \
                           which went on with what it had read";
            ui::say(&format!(
                "warning: {message}; `hopp run {}` decides anew",
                self.args.plan.display()
            ));
        }
        Ok(Once {
            ran: Ran {
                outcome: walked.outcome,
                run,
                fingerprints: plan::fingerprints(&graph, &workshop.identities()),
            },
            again: !walked.lost_checkpoints.is_empty() && !self.cancel.is_cancelled(),
        })
    }

    /// Does what is done while PostgreSQL still runs, and stops it.
    async fn afterwards(&self, workshop: &Workshop, walked: Option<&Walked>, options: &Options) {
        let ended = |what: &[Outcome]| walked.is_some_and(|walked| what.contains(&walked.outcome));
        let context = |name: &str| engine::alone(StepId::new(name), &options.run_folder, self.cancel.clone(), drop);
        if self.kind == RunKind::DryRun {
            if self.args.state.is_some() && !ended(&[Outcome::Interrupted]) {
                tell_archived(workshop.archive(&context("archive")).await);
            }
        } else if self.until.is_none() && ended(&[Outcome::Done, Outcome::VerificationFailed]) {
            workshop.prune(&context("prune")).await;
        }
        workshop.close().await;
        // The engine may have made a container for a killed run after the first look.
        if let Err(error) = steps::sweep(workshop.runtime.as_ref(), &workshop.plan.customer, self.state).await {
            ui::say(&format!(
                "warning: containers may be left, the next run removes them: {error}"
            ));
        }
    }
}

fn tell_archived(archived: Result<Vec<Archived>, Stop>) {
    match archived {
        Ok(all) => {
            for one in all {
                ui::say(&format!("archived what {} made: {}", one.step, words::bytes(one.bytes)));
            }
        }
        Err(stop) => ui::say(&format!(
            "what the hops made was not archived; the next dry run does them again: {}",
            stop.failure.message
        )),
    }
}

type Listener = Box<dyn FnMut(Signal) + Send>;

fn listener(args: &Args, can_redraw: bool, expected: ui::Expected) -> Listener {
    let mut hear: Listener = match args.format {
        Format::Human => {
            let mut progress = ui::Progress::new(can_redraw && !args.no_progress, expected);
            Box::new(move |signal| progress.hear(&signal))
        }
        Format::Json => {
            let mut stream = ui::Stream::new(expected);
            Box::new(move |signal| stream.hear(&signal))
        }
    };
    if !args.no_progress {
        return hear;
    }
    Box::new(move |signal| {
        if matches!(signal, Signal::Event(_)) {
            hear(signal);
        }
    })
}

/// Returns how long each step took the last time, where there was one.
fn expected(gathered: &Gathered) -> ui::Expected {
    let nodes = gathered.graph.nodes().iter();
    nodes
        .filter_map(|node| Some((node.id.clone(), gathered.history.expected_ms(&node.id)?)))
        .collect()
}
