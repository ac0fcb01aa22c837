//! What a report says, whatever it looks like.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{Failure, Finding, LogFile, Production, RunKind};

/// The version of the report's schema. Fields are added, never changed, within one version.
pub(super) const SCHEMA: u32 = 1;

/// A run, told from its journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this schema.
    pub schema: u32,
    /// The run's id.
    pub run: String,
    /// What the run was for.
    pub kind: RunKind,
    /// What the agreement said of it, when it was asked for as a run for production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Production>")]
    pub production: Option<Production>,
    /// The version of hopp that ran it.
    pub hopp: String,
    /// Whose database.
    pub customer: String,
    /// The plan file as the user named it.
    pub plan: String,
    /// SHA-256 of the plan file.
    pub plan_sha256: String,
    /// The series the database came in.
    pub from: String,
    /// The series it went to.
    pub to: String,
    /// When the run began.
    #[schemars(with = "Option<String>")]
    pub started: Option<Timestamp>,
    /// When it ended; absent while it runs, or when it was killed.
    #[schemars(with = "Option<String>")]
    pub ended: Option<Timestamp>,
    /// When the journal's last event was written: as far as is known of a run that has not ended.
    #[schemars(with = "Option<String>")]
    pub last_event: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: Option<u64>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why the verdict is what it is, one sentence each.
    pub reasons: Vec<String>,
    /// Every hop, in order.
    pub hops: Vec<HopLine>,
    /// Every step, in the order of the plan.
    pub steps: Vec<StepLine>,
    /// What became of each installed module.
    pub modules: Value,
    /// Everything a person must look at, worst first.
    pub findings: Vec<Finding>,
    /// Key figures before the first hop.
    pub baseline_before: Value,
    /// The same figures after the last.
    pub baseline_after: Value,
    /// Everything that was compared before and after, figure by figure or as a whole.
    pub comparisons: Vec<Comparison>,
    /// Where the time of the hops went, slowest first within each hop and kind.
    pub slowest: Vec<Slow>,
    /// When database and filestore were saved or brought back.
    pub checkpoints: Vec<CheckpointLine>,
    /// What was put where the user wants it.
    pub deliveries: Vec<Delivery>,
    /// What exactly was used: commits, images, versions.
    pub pins: Vec<Pin>,
}

/// What to think of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Upgraded, and nothing of severity error was found.
    Verified,
    /// Upgraded, and something of severity error was found.
    VerificationFailed,
    /// A step failed.
    Failed,
    /// A person stopped it.
    Interrupted,
    /// Every step that was asked for is done; the verification was not among them.
    Partial,
    /// It has not ended: it runs, or it was killed.
    Unfinished,
}

/// A hop of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HopLine {
    /// The series it starts from.
    pub from: String,
    /// The series it ends at.
    pub to: String,
    /// `done`, `reused`, `failed`, `stopped`, `running` or `waiting`: of its steps, what is least finished.
    pub status: String,
    /// How long its steps took together, in milliseconds; of reused ones, when they were done.
    pub elapsed_ms: u64,
}

/// A step of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepLine {
    /// Its id.
    pub id: String,
    /// What it does.
    pub title: String,
    /// The hop it belongs to, by the series the hop ends at.
    pub hop: Option<String>,
    /// `done`, `reused`, `skipped`, `failed`, `stopped` (by a person, or because another failed), `running` or `waiting`.
    pub status: String,
    /// How long it took, in milliseconds; of a reused step, when it was done.
    pub elapsed_ms: Option<u64>,
    /// Every attempt at it in this run, in order.
    pub attempts: Vec<Attempt>,
    /// Of a reused step, the run that did it.
    pub reused_from: Option<String>,
    /// What it found out or made, in its own terms.
    pub result: Value,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Its log.
    pub log: Option<LogFile>,
}

/// A delivered file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// Path from the plan's folder.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// One attempt at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// When it began.
    #[schemars(with = "String")]
    pub started: Timestamp,
    /// When it ended; absent while it runs, or when hopp was killed.
    #[schemars(with = "Option<String>")]
    pub ended: Option<Timestamp>,
    /// Why it failed, where it did.
    pub failure: Option<String>,
}

/// A checkpoint that was saved or brought back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckpointLine {
    /// The step whose result it holds; absent when the journal does not say.
    pub step: Option<String>,
    /// Whether it was brought back; else it was saved.
    pub restored: bool,
    /// When that was done.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// Size of the database in bytes, of a saved one.
    pub bytes: Option<u64>,
}

/// Something that was measured before the first hop and after the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// A stable name: `trial-balance`, `rows/sale.order`.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// What was, in short.
    pub before: String,
    /// What is, in short.
    pub after: String,
    /// `holds`, `explained` (different, and a rule says why that is right) or `found` (see the findings).
    pub status: String,
    /// Why a difference is right.
    pub explained: Option<String>,
}

/// What took long within a hop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Slow {
    /// The hop, by the series it ends at.
    pub hop: String,
    /// `module`, `script` or `field`.
    pub kind: String,
    /// Its name: a module; a module with version and script; a module with the fields that it needed.
    pub name: String,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Something whose exact state decides the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pin {
    /// `code`, `image` or `package`.
    pub kind: String,
    /// Its name: `acme-addons@19.0`, `postgres:15`, `openupgradelib`.
    pub name: String,
    /// What its name stood for: a branch, a version.
    pub version: String,
    /// Commit or image id, where it has one.
    pub id: Option<String>,
}
