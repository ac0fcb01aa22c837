//! One attempt at one step.

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::event::{Event, Failure, FailureKind, Finding};
use crate::ident::{Fingerprint, StepId};

use super::{Advance, StepLog};

/// What a step that went well hands back.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// What it found out or made; goes into the journal.
    pub result: serde_json::Value,
    /// What a person must look at.
    pub findings: Vec<Finding>,
    /// Who it is, where later fingerprints depend on that.
    pub identity: Option<Fingerprint>,
}

impl Done {
    /// Returns a result without findings.
    pub fn with(result: serde_json::Value) -> Done {
        Done {
            result,
            ..Done::default()
        }
    }
}

/// Why a step stopped.
#[derive(Clone, Debug)]
pub struct Stop {
    /// For people and the journal.
    pub failure: Box<Failure>,
    /// Whether trying again may help (network, registry).
    pub transient: bool,
    /// Findings it had raised by then.
    pub findings: Vec<Finding>,
    /// What it had found out by then; goes into the journal.
    pub result: Box<serde_json::Value>,
    /// The checkpoint that was expected and is not there any more.
    pub lost_checkpoint: Option<Fingerprint>,
}

impl Stop {
    /// Returns a stop of this kind with a message.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Stop {
        Stop {
            failure: Box::new(Failure {
                kind,
                message: message.into(),
                hints: Vec::new(),
                excerpt: Vec::new(),
            }),
            transient: false,
            findings: Vec::new(),
            result: Box::default(),
            lost_checkpoint: None,
        }
    }

    /// Returns a stop for which the step itself is to blame.
    pub fn step(message: impl Into<String>) -> Stop {
        Stop::new(FailureKind::Step, message)
    }

    /// Returns a stop for which the environment is to blame.
    pub fn environment(message: impl Into<String>) -> Stop {
        Stop::new(FailureKind::Environment, message)
    }

    /// Says whether trying again may help.
    #[must_use]
    pub fn transient(mut self, transient: bool) -> Stop {
        self.transient = transient;
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Stop {
        self.failure.hints.push(hint.into());
        self
    }

    /// Adds the lines that prove it.
    #[must_use]
    pub fn excerpt(mut self, lines: impl IntoIterator<Item = String>) -> Stop {
        self.failure.excerpt.extend(lines);
        self
    }
}

/// What a step is given by the engine.
#[derive(Clone)]
pub struct StepContext {
    /// Which step it is.
    pub step: StepId,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The fingerprint of the database state it starts from or reads.
    pub parent: Option<Fingerprint>,
    /// Where its output goes.
    pub log: StepLog,
    /// Fires when the step must stop.
    pub cancel: CancellationToken,
    /// Which attempt at it this is; counts from 1.
    pub attempt: u32,
    pub(super) sender: UnboundedSender<Message>,
}

/// What steps tell the engine while they run.
pub(super) enum Message {
    Event(Box<Event>),
    Progress(StepId, Advance),
}

impl StepContext {
    /// Writes an event to the journal. It is on disk before the step's own end is.
    pub fn emit(&self, event: Event) {
        self.sender.send(Message::Event(Box::new(event))).ok();
    }

    /// Tells what the step does, and how many of how many things are done.
    pub fn progress(&self, doing: impl Into<String>, count: Option<(u64, u64)>) {
        let advance = Advance::doing(doing);
        self.advance(match count {
            Some((done, of)) => advance.count(done, of),
            None => advance,
        });
    }

    /// Tells how far the step is.
    pub fn advance(&self, advance: Advance) {
        self.sender.send(Message::Progress(self.step.clone(), advance)).ok();
    }
}

/// Returns the context of work outside a run: what it says reaches the listener, nothing reaches a journal.
pub fn alone(
    step: StepId,
    folder: &std::path::Path,
    cancel: CancellationToken,
    mut listener: impl FnMut(super::Signal) + Send + 'static,
) -> StepContext {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = receiver.recv().await {
            if let Message::Progress(step, advance) = message {
                listener(super::Signal::Progress { step, advance });
            }
        }
    });
    StepContext {
        log: StepLog::new(folder, &step.file_name()),
        fingerprint: Fingerprint::of(step.as_str()),
        step,
        parent: None,
        cancel,
        attempt: 1,
        sender,
    }
}
