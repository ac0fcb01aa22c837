//! What happens in a run, as values. An event *is* a journal line.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ident::{Fingerprint, RunId, Series, StepId};

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1 without a gap.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// The default: everything, on a copy.
    Rehearsal,
    /// In CI: everything but delivery.
    DryRun,
    /// The one that counts.
    Cutover,
}

/// What the agreement said of a run for production.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Production {
    /// Whether the agreement includes the upgrade.
    pub included: bool,
    /// Why, in sentences.
    pub why: String,
    /// Why somebody went on although it does not include it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub overridden: Option<String>,
}

/// What the plan decided about a step before the run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It will be done.
    Run,
    /// An earlier run did exactly this; its result stands.
    Reuse,
    /// Nothing that runs needs it.
    Skip,
}

/// A step as the run's first line lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Its id.
    pub id: StepId,
    /// What it does, for people.
    pub title: String,
    /// Which hop it belongs to, named by its target.
    pub hop: Option<Series>,
    /// Its fingerprint, where everything it depends on was known beforehand.
    pub fingerprint: Option<Fingerprint>,
    /// Steps that must be done before it.
    pub after: Vec<StepId>,
    /// What was decided.
    pub decision: Decision,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// The plan accepts it, whatever it would be otherwise, and says why and until when.
    Accepted,
    /// A person must look at it; the upgrade stands.
    Warning,
    /// The upgrade is not good as it is.
    Error,
}

/// Anything a person must look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// A stable name for the kind of finding: `view-broken`, `books-differ`.
    pub code: String,
    /// The area: `books`, `modules`, `views`, `log` …
    pub area: String,
    /// Where: module, view, table, file.
    pub subject: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Lines that prove it: log excerpt, SQL rows.
    pub evidence: Vec<String>,
    /// The first hop after which it was so, by the series that the hop ends at; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Series>,
}

/// The log file of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogFile {
    /// Path relative to the run's folder.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content.
    #[schemars(with = "String")]
    pub sha256: Fingerprint,
}

/// Why a step failed, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Whose fault: the environment's, or the step's own.
    pub kind: FailureKind,
    /// What went wrong, in lower case.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// The end of the story in the log's own words.
    pub excerpt: Vec<String>,
}

/// The kinds of failure of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Docker, disk, network, git.
    Environment,
    /// What the step ran said no.
    Step,
    /// It took longer than allowed.
    Timeout,
    /// A person stopped it.
    Interrupted,
    /// hopp itself is broken.
    Internal,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step is done and nothing of severity error was found.
    Done,
    /// Every step is done, and something of severity error was found.
    VerificationFailed,
    /// A step failed.
    Failed,
    /// The environment failed a step.
    EnvironmentFailed,
    /// A person stopped it.
    Interrupted,
    /// hopp itself is broken.
    Broken,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The first event: what will be done.
    RunStarted {
        /// The run.
        run: RunId,
        /// What it is for.
        kind: RunKind,
        /// What the agreement says, where the run was asked for as one for production; older journals do not have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        production: Option<Production>,
        /// The version of hopp that runs it.
        hopp: String,
        /// Whose database.
        customer: String,
        /// The plan file as the user named it.
        plan: String,
        /// SHA-256 of the plan file.
        plan_sha256: Fingerprint,
        /// Where the database comes from.
        from: Series,
        /// Where it goes.
        to: Series,
        /// Every step, in the order of the plan.
        steps: Vec<PlannedStep>,
    },
    /// A step begins.
    StepStarted {
        /// Which.
        step: StepId,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// Counts from 1.
        attempt: u32,
    },
    /// A step ended well.
    StepFinished {
        /// Which.
        step: StepId,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
        /// What it found out or made, in its own terms.
        result: serde_json::Value,
        /// Its log, when it has one.
        log: Option<LogFile>,
    },
    /// A step was not done, because an earlier run did exactly this.
    StepReused {
        /// Which.
        step: StepId,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// The run that did it.
        run: RunId,
        /// How long it took then, in milliseconds.
        elapsed_ms: u64,
        /// What it found out or made.
        result: serde_json::Value,
    },
    /// A step ended badly.
    StepFailed {
        /// Which.
        step: StepId,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
        /// Why.
        failure: Failure,
        /// Its log, when it has one.
        log: Option<LogFile>,
        /// What it had found out by then; older journals do not have it.
        #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
        result: serde_json::Value,
    },
    /// A step will be tried again.
    StepRetried {
        /// Which.
        step: StepId,
        /// Why the attempt failed.
        failure: Failure,
        /// How long it waits first, in milliseconds.
        wait_ms: u64,
    },
    /// Something a person must look at.
    FindingRaised {
        /// The step that found it.
        step: StepId,
        /// What.
        finding: Finding,
    },
    /// Database and filestore were saved.
    CheckpointSaved {
        /// After which step.
        step: StepId,
        /// Under which fingerprint.
        fingerprint: Fingerprint,
        /// Size of the database in bytes.
        bytes: u64,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
    },
    /// Database and filestore were brought back.
    CheckpointRestored {
        /// Of which fingerprint.
        fingerprint: Fingerprint,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
    },
    /// A file was put where the user wants it.
    Delivered {
        /// Path relative to the plan's folder.
        path: String,
        /// Size in bytes.
        bytes: u64,
        /// SHA-256 of its content.
        sha256: Fingerprint,
    },
    /// The last event.
    RunFinished {
        /// How it ended.
        outcome: Outcome,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
    },
}
