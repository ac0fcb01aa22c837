//! A stage on which steps are played by a closure.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hopp::engine::{self, Append, Done, Options, StepContext, Stop, Walked, Work};
use hopp::event::{Event, Failure, Finding, Outcome, Severity};
use hopp::ident::{Fingerprint, RunId, StepId};
use hopp::journal::{History, JournalError, Writer, read};
use hopp::plan::{Graph, Identities, Node, decide, fingerprints};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::sample::{graph, id, identities, plan};

/// A graph, a folder for the journal, and how the run is to be done.
pub(crate) struct Stage {
    folder: TempDir,
    graph: Graph,
    identities: Identities,
    history: History,
    options: Options,
    /// Stops the run, as Ctrl-C does.
    pub(crate) cancel: CancellationToken,
}

/// How a run went.
pub(crate) struct Played {
    pub(crate) graph: Graph,
    pub(crate) outcome: Outcome,
    pub(crate) lost_checkpoints: Vec<Fingerprint>,
    events: Vec<Event>,
}

impl Stage {
    /// Returns a stage for a plan over two hops, of which nothing was done yet.
    pub(crate) fn new() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(folder.path(), 17, 19, "", &[]);
        let graph = graph(&plan, 17);
        let cancel = CancellationToken::new();
        Stage {
            identities: identities(&graph),
            options: Options {
                jobs: 4,
                step_timeout: Duration::from_mins(10),
                attempts: 3,
                back_off: Duration::from_millis(1),
                grace: Duration::from_mins(1),
                cancel: cancel.clone(),
                run_folder: folder.path().to_owned(),
            },
            folder,
            graph,
            history: History::default(),
            cancel,
        }
    }

    pub(crate) fn jobs(mut self, jobs: usize) -> Stage {
        self.options.jobs = jobs;
        self
    }

    pub(crate) fn timeout(mut self, timeout: Duration) -> Stage {
        self.options.step_timeout = timeout;
        self
    }

    pub(crate) fn grace(mut self, grace: Duration) -> Stage {
        self.options.grace = grace;
        self
    }

    pub(crate) fn back_off(mut self, back_off: Duration) -> Stage {
        self.options.back_off = back_off;
        self
    }

    /// Forgets which images there are.
    pub(crate) fn unknown_images(mut self) -> Stage {
        self.identities.clear();
        self
    }

    /// Returns where the journal is.
    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.jsonl")
    }

    /// Does a run in which each step is what the closure makes of it. There are no checkpoints.
    pub(crate) async fn play<F>(self, perform: impl Fn(Node, StepContext) -> F + Send + Sync + 'static) -> Played
    where
        F: Future<Output = Result<Done, Stop>> + Send + 'static,
    {
        let mut journal = Writer::create(&self.journal()).unwrap();
        let walked = self.walk(&mut |event| journal.append(event), perform).await.unwrap();
        let entries = read(&self.journal()).unwrap();
        Played {
            graph: self.graph,
            outcome: walked.outcome,
            lost_checkpoints: walked.lost_checkpoints,
            events: entries.into_iter().map(|entry| entry.event).collect(),
        }
    }

    /// Does a run whose journal is what `append` makes of it.
    pub(crate) async fn walk<F>(
        &self,
        append: &mut Append<'_>,
        perform: impl Fn(Node, StepContext) -> F + Send + Sync + 'static,
    ) -> Result<Walked, JournalError>
    where
        F: Future<Output = Result<Done, Stop>> + Send + 'static,
    {
        let prints = fingerprints(&self.graph, &self.identities);
        let is_finished = |print: &Fingerprint| self.history.finished(print).is_some();
        let decisions = decide(&self.graph, &prints, |_| false, is_finished, None);
        let work = Work {
            graph: &self.graph,
            decisions: &decisions,
            history: &self.history,
            identities: self.identities.clone(),
        };
        let perform = Arc::new(move |node, context| -> engine::Performing { Box::pin(perform(node, context)) });
        engine::run(work, append, &self.options, &mut |_| {}, perform).await
    }
}

impl Played {
    /// Returns what the journal holds.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the steps that ended well, in the order in which they did.
    pub(crate) fn finished(&self) -> Vec<StepId> {
        let finished = self.events.iter().filter_map(|event| match event {
            Event::StepFinished { step, .. } => Some(step.clone()),
            _ => None,
        });
        finished.collect()
    }

    /// Returns why a step failed.
    pub(crate) fn failure(&self, step: &str) -> &Failure {
        let failure = self.events.iter().find_map(|event| match event {
            Event::StepFailed {
                step: failed, failure, ..
            } if *failed == id(step) => Some(failure),
            _ => None,
        });
        failure.unwrap_or_else(|| panic!("{step} did not fail"))
    }

    /// Returns a stage for the same plan that remembers this run.
    pub(crate) fn again(self) -> Stage {
        let mut stage = Stage::new();
        stage.history.add(&RunId::new("first"), self.events);
        // Each stage's plan lies in a folder of its own, and deliveries are told apart by where they go.
        stage.graph = self.graph;
        stage
    }
}

/// Returns which step begins with an event, if one does.
pub(crate) fn started(event: &Event) -> Option<&StepId> {
    match event {
        Event::StepStarted { step, .. } => Some(step),
        _ => None,
    }
}

/// Returns a finding.
pub(crate) fn finding(severity: Severity) -> Finding {
    Finding {
        severity,
        code: "books-differ".into(),
        area: "books".into(),
        subject: "1510".into(),
        message: "the balance differs".into(),
        remedy: "look at it".into(),
        evidence: vec![],
        since: None,
    }
}
