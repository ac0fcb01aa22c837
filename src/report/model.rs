//! What a report says, whatever it looks like.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{Failure, Finding, LogFile, RunKind};

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
    /// The version of hopp that ran it.
    pub hopp: String,
    /// Whose database.
    pub customer: String,
    /// The plan file as the user named it.
    pub plan: String,
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
    /// What was put where the user wants it.
    pub deliveries: Vec<Delivery>,
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
