//! The order of steps: as many at once as allowed, none before what it depends on.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::attempt::Message;
use super::perform::{Patience, Perform, perform};
use super::{Done, Signal, StepContext, StepLog, Stop, millis};
use crate::event::{Decision, Entry, Event, FailureKind, Outcome, Severity};
use crate::ident::{Fingerprint, StepId};
use crate::journal::{History, JournalError};
use crate::plan::{Decisions, Graph, Identities, Nature, Node, fingerprints};

/// How a run is to be done.
pub struct Options {
    /// How many steps at once.
    pub jobs: usize,
    /// The longest a step may take.
    pub step_timeout: Duration,
    /// How often a step with a transient failure is tried.
    pub attempts: u32,
    /// How long to wait before the second attempt; doubles with each.
    pub back_off: Duration,
    /// How long a step that was told to stop may take for that, before it is abandoned.
    pub grace: Duration,
    /// Fires when the run must stop.
    pub cancel: CancellationToken,
    /// The run's folder, for logs.
    pub run_folder: PathBuf,
}

/// Writes an event to the journal, and returns once it is on disk.
pub type Append<'a> = dyn FnMut(Event) -> Result<Entry, JournalError> + Send + 'a;

/// How a walk through the graph ended.
pub struct Walked {
    /// The outcome, not yet in the journal.
    pub outcome: Outcome,
    /// Checkpoints that were expected and were not there: decide again without them.
    pub lost_checkpoints: Vec<Fingerprint>,
}

/// What is to be walked.
pub struct Work<'a> {
    /// All steps.
    pub graph: &'a Graph,
    /// What becomes of each.
    pub decisions: &'a Decisions,
    /// What earlier runs did.
    pub history: &'a History,
    /// Identities known beforehand.
    pub identities: Identities,
}

/// Walks the graph: does what was decided, in order, and writes down what happened.
///
/// Returns an error only when the journal cannot be written: no journal, no run.
pub async fn run(
    work: Work<'_>,
    journal: &mut Append<'_>,
    options: &Options,
    listener: &mut (dyn FnMut(Signal) + Send),
    perform: Arc<Perform>,
) -> Result<Walked, JournalError> {
    let (sender, receiver) = unbounded_channel();
    let mut walk = Walk {
        graph: work.graph,
        identities: work.identities,
        options,
        journal,
        listener,
        perform,
        receiver,
        sender,
        cancel: options.cancel.child_token(),
        settled: BTreeSet::new(),
        started: BTreeSet::new(),
        running: JoinSet::new(),
        outcome: Outcome::Done,
        lost_checkpoints: Vec::new(),
    };
    let walked = walk.walk(work.decisions, work.history).await;
    if walked.is_err() {
        // Nothing goes on that cannot be written down; what runs has the time it needs to clean up.
        walk.cancel.cancel();
        while walk.running.join_next().await.is_some() {}
    }
    walked.map(|()| Walked {
        outcome: walk.outcome(),
        lost_checkpoints: walk.lost_checkpoints,
    })
}

struct Walk<'a> {
    graph: &'a Graph,
    identities: Identities,
    options: &'a Options,
    journal: &'a mut Append<'a>,
    listener: &'a mut (dyn FnMut(Signal) + Send),
    perform: Arc<Perform>,
    receiver: UnboundedReceiver<Message>,
    sender: UnboundedSender<Message>,
    cancel: CancellationToken,
    /// Done, reused or not needed.
    settled: BTreeSet<StepId>,
    started: BTreeSet<StepId>,
    running: JoinSet<Ended>,
    outcome: Outcome,
    lost_checkpoints: Vec<Fingerprint>,
}

struct Ended {
    step: StepId,
    fingerprint: Fingerprint,
    elapsed: Duration,
    log: StepLog,
    result: Result<Done, Stop>,
}

impl Walk<'_> {
    async fn walk(&mut self, decisions: &Decisions, history: &History) -> Result<(), JournalError> {
        self.reuse(decisions, history)?;
        loop {
            if !self.cancel.is_cancelled() {
                self.start_ready()?;
            }
            if self.running.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(message) = self.receiver.recv() => self.heard(message)?,
                Some(ended) = self.running.join_next() => {
                    self.drain()?;
                    match ended {
                        Ok(ended) => self.ended(ended)?,
                        Err(error) => {
                            tracing::error!(%error, "a step's task died");
                            self.outcome = Outcome::Broken;
                            self.cancel.cancel();
                        }
                    }
                }
            }
        }
    }

    /// Says whether no step failed so far.
    fn healthy(&self) -> bool {
        matches!(self.outcome, Outcome::Done | Outcome::VerificationFailed)
    }

    /// Returns the outcome. Steps that are left although none failed are left because a person stopped the run.
    fn outcome(&self) -> Outcome {
        let all_settled = self.graph.nodes().iter().all(|node| self.settled.contains(&node.id));
        if self.healthy() && !all_settled {
            return Outcome::Interrupted;
        }
        self.outcome
    }

    fn record(&mut self, event: Event) -> Result<(), JournalError> {
        if let Event::FindingRaised { finding, .. } = &event
            && finding.severity == Severity::Error
            && self.outcome == Outcome::Done
        {
            self.outcome = Outcome::VerificationFailed;
        }
        let entry = (self.journal)(event)?;
        (self.listener)(Signal::Event(entry));
        Ok(())
    }

    /// Settles everything that is not to be done; what was done before is written down with its result.
    fn reuse(&mut self, decisions: &Decisions, history: &History) -> Result<(), JournalError> {
        let known = fingerprints(self.graph, &self.identities);
        for node in self.graph.nodes() {
            if decisions.of(&node.id) == Decision::Run {
                continue;
            }
            self.settled.insert(node.id.clone());
            let Some(fingerprint) = known.get(&node.id) else {
                continue;
            };
            if decisions.of(&node.id) != Decision::Reuse || node.kind.nature() == Nature::Ready {
                continue;
            }
            if let Some(remembered) = history.finished(fingerprint) {
                self.record(Event::StepReused {
                    step: node.id.clone(),
                    fingerprint: fingerprint.clone(),
                    run: remembered.run.clone(),
                    elapsed_ms: remembered.elapsed_ms,
                    result: remembered.result.clone(),
                })?;
                for finding in &remembered.findings {
                    self.record(Event::FindingRaised {
                        step: node.id.clone(),
                        finding: finding.clone(),
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Starts every step whose turn it is, in the order of the plan.
    fn start_ready(&mut self) -> Result<(), JournalError> {
        let known = fingerprints(self.graph, &self.identities);
        for node in self.graph.nodes() {
            if self.running.len() >= self.options.jobs.max(1) {
                break;
            }
            let blocked = node
                .after
                .iter()
                .chain(&node.database)
                .any(|id| !self.settled.contains(id));
            if blocked || self.settled.contains(&node.id) || self.started.contains(&node.id) {
                continue;
            }
            let Some(fingerprint) = known.get(&node.id).cloned().or_else(|| unknown(node)) else {
                return self.nameless(node);
            };
            self.record(Event::StepStarted {
                step: node.id.clone(),
                fingerprint: fingerprint.clone(),
                attempt: 1,
            })?;
            self.started.insert(node.id.clone());
            let parent = node.database.as_ref().and_then(|id| known.get(id)).cloned();
            self.spawn(node, fingerprint, parent);
        }
        Ok(())
    }

    /// Ends the run at a step whose result would have no name: what it depends on did not say who it is.
    fn nameless(&mut self, node: &Node) -> Result<(), JournalError> {
        let stop = Stop::new(
            FailureKind::Internal,
            "nothing says what this step's result would be the result of",
        );
        self.ended(Ended {
            step: node.id.clone(),
            fingerprint: Fingerprint::of(node.id.as_str()),
            elapsed: Duration::ZERO,
            log: StepLog::new(&self.options.run_folder, &node.id.file_name()),
            result: Err(stop),
        })
    }

    fn spawn(&mut self, node: &Node, fingerprint: Fingerprint, parent: Option<Fingerprint>) {
        let context = StepContext {
            step: node.id.clone(),
            fingerprint: fingerprint.clone(),
            parent,
            log: StepLog::new(&self.options.run_folder, &node.id.file_name()),
            cancel: self.cancel.child_token(),
            attempt: 1,
            sender: self.sender.clone(),
        };
        let patience = Patience {
            attempts: self.options.attempts,
            back_off: self.options.back_off,
            timeout: self.options.step_timeout,
            grace: self.options.grace,
        };
        let (node, performer) = (node.clone(), self.perform.clone());
        self.running.spawn(async move {
            let start = Instant::now();
            let result = perform(&performer, &node, &context, patience).await;
            Ended {
                step: node.id,
                fingerprint,
                elapsed: start.elapsed(),
                log: context.log,
                result,
            }
        });
    }

    fn heard(&mut self, message: Message) -> Result<(), JournalError> {
        match message {
            Message::Event(event) => self.record(*event),
            Message::Progress(step, advance) => {
                (self.listener)(Signal::Progress { step, advance });
                Ok(())
            }
        }
    }

    fn drain(&mut self) -> Result<(), JournalError> {
        while let Ok(message) = self.receiver.try_recv() {
            self.heard(message)?;
        }
        Ok(())
    }

    fn ended(&mut self, ended: Ended) -> Result<(), JournalError> {
        let log = ended.log.close();
        let elapsed_ms = millis(ended.elapsed);
        tracing::debug!(step = %ended.step, elapsed_ms, "step ended");
        match ended.result {
            Ok(done) => {
                for finding in done.findings {
                    self.record(Event::FindingRaised {
                        step: ended.step.clone(),
                        finding,
                    })?;
                }
                if let Some(identity) = done.identity {
                    self.identities.insert(ended.step.clone(), identity);
                }
                // The identity may have changed what the step's own fingerprint is.
                let fingerprint = fingerprints(self.graph, &self.identities)
                    .remove(&ended.step)
                    .unwrap_or(ended.fingerprint);
                self.settled.insert(ended.step.clone());
                self.record(Event::StepFinished {
                    step: ended.step,
                    fingerprint,
                    elapsed_ms,
                    result: done.result,
                    log,
                })
            }
            Err(stop) => {
                for finding in stop.findings {
                    self.record(Event::FindingRaised {
                        step: ended.step.clone(),
                        finding,
                    })?;
                }
                self.lost_checkpoints.extend(stop.lost_checkpoint);
                if self.healthy() {
                    self.outcome = match stop.failure.kind {
                        FailureKind::Internal => Outcome::Broken,
                        // Whatever a step says that a person stopped in its middle, that is why.
                        _ if self.options.cancel.is_cancelled() => Outcome::Interrupted,
                        FailureKind::Environment => Outcome::EnvironmentFailed,
                        FailureKind::Step | FailureKind::Timeout => Outcome::Failed,
                        FailureKind::Interrupted => Outcome::Interrupted,
                    };
                }
                // What else runs would be of no use to anybody any more.
                self.cancel.cancel();
                self.record(Event::StepFailed {
                    step: ended.step,
                    fingerprint: ended.fingerprint,
                    elapsed_ms,
                    failure: *stop.failure,
                    log,
                    result: *stop.result,
                })
            }
        }
    }
}

/// Returns what stands for the fingerprint of a step that only knows who it is once it is done, as an image does.
///
/// `None` for every other: what it does to the database could not be told from anything else done to it.
fn unknown(node: &Node) -> Option<Fingerprint> {
    (node.kind.nature() == Nature::Ready).then(|| Fingerprint::of(node.id.as_str()))
}
