//! From the events of a journal to a report.

use std::collections::HashMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use super::model::{Attempt, CheckpointLine, Delivery, HopLine, Report, SCHEMA, StepLine, Verdict};
use super::results;
use crate::event::{Decision, Entry, Event, Failure, FailureKind, Finding, Outcome, PlannedStep, Severity};
use crate::ident::{Fingerprint, StepId};

/// Folds a journal into a report. Returns `None` for a journal that ends before its first event.
pub fn fold(entries: &[Entry]) -> Option<Report> {
    let mut report = begin(entries.first()?)?;
    let Event::RunStarted { steps, .. } = &entries.first()?.event else {
        return None;
    };
    let mut lines: IndexMap<StepId, StepLine> = steps.iter().map(|step| (step.id.clone(), waiting(step))).collect();
    let mut outcome = None;
    let verified = entries.iter().any(is_verification);
    for entry in entries {
        step_event(&mut lines, entry);
        if !(verified && is_look_after_hop(entry)) {
            run_event(&mut report, entry);
        }
        if let Event::RunFinished { outcome: how, .. } = &entry.event {
            outcome = Some(*how);
        }
    }
    report.last_event = entries.last().map(|entry| entry.at);
    report.checkpoints = checkpoints(steps, entries);
    report
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    report.steps = lines.into_values().collect();
    results::take(&mut report);
    report.hops = hops(&report);
    judge(&mut report, outcome);
    Some(report)
}

/// Says whether this is the end of the verification.
fn is_verification(entry: &Entry) -> bool {
    match &entry.event {
        Event::StepFinished { step, .. } | Event::StepReused { step, .. } => step.as_str() == "verify",
        _ => false,
    }
}

/// Says whether this was found right after a hop. The verification tells it again, or a later step has put it right.
fn is_look_after_hop(entry: &Entry) -> bool {
    matches!(&entry.event, Event::FindingRaised { step, .. } if step.as_str().ends_with("/compare"))
}

/// Returns the report of a run that has just begun.
fn begin(first: &Entry) -> Option<Report> {
    let Event::RunStarted {
        run,
        kind,
        production,
        hopp,
        customer,
        plan,
        plan_sha256,
        from,
        to,
        ..
    } = &first.event
    else {
        return None;
    };
    Some(Report {
        schema: SCHEMA,
        run: run.to_string(),
        kind: *kind,
        production: production.clone(),
        hopp: hopp.clone(),
        customer: customer.clone(),
        plan: plan.clone(),
        plan_sha256: plan_sha256.to_string(),
        from: from.to_string(),
        to: to.to_string(),
        started: Some(first.at),
        ended: None,
        last_event: None,
        elapsed_ms: None,
        verdict: Verdict::Unfinished,
        reasons: Vec::new(),
        hops: Vec::new(),
        steps: Vec::new(),
        modules: Value::Null,
        findings: Vec::new(),
        baseline_before: Value::Null,
        baseline_after: Value::Null,
        comparisons: Vec::new(),
        slowest: Vec::new(),
        checkpoints: Vec::new(),
        deliveries: Vec::new(),
        pins: Vec::new(),
    })
}

fn waiting(step: &PlannedStep) -> StepLine {
    StepLine {
        id: step.id.to_string(),
        title: step.title.clone(),
        hop: step.hop.map(|hop| hop.to_string()),
        status: match step.decision {
            Decision::Run => "waiting",
            Decision::Reuse => "reused",
            Decision::Skip => "skipped",
        }
        .to_owned(),
        elapsed_ms: None,
        attempts: Vec::new(),
        reused_from: None,
        result: Value::Null,
        failure: None,
        log: None,
    }
}

fn run_event(report: &mut Report, entry: &Entry) {
    match &entry.event {
        Event::FindingRaised { finding, .. } => report.findings.push(finding.clone()),
        Event::Delivered { path, bytes, sha256 } => report.deliveries.push(Delivery {
            path: path.clone(),
            bytes: *bytes,
            sha256: sha256.to_string(),
        }),
        Event::RunFinished { elapsed_ms, .. } => {
            report.ended = Some(entry.at);
            report.elapsed_ms = Some(*elapsed_ms);
        }
        _ => {}
    }
}

/// Lists the checkpoints. One that is brought back is known by its fingerprint alone; the journal says whose that is.
fn checkpoints(steps: &[PlannedStep], entries: &[Entry]) -> Vec<CheckpointLine> {
    let planned = steps
        .iter()
        .filter_map(|step| Some((step.fingerprint.as_ref()?, &step.id)));
    let mut whose: HashMap<&Fingerprint, &StepId> = planned.collect();
    let mut lines = Vec::new();
    for entry in entries {
        match &entry.event {
            Event::StepReused { step, fingerprint, .. } => {
                whose.insert(fingerprint, step);
            }
            Event::CheckpointSaved {
                step,
                fingerprint,
                bytes,
                elapsed_ms,
            } => {
                whose.insert(fingerprint, step);
                lines.push(CheckpointLine {
                    step: Some(step.to_string()),
                    restored: false,
                    at: entry.at,
                    elapsed_ms: *elapsed_ms,
                    bytes: Some(*bytes),
                });
            }
            Event::CheckpointRestored {
                fingerprint,
                elapsed_ms,
            } => lines.push(CheckpointLine {
                step: whose.get(fingerprint).map(ToString::to_string),
                restored: true,
                at: entry.at,
                elapsed_ms: *elapsed_ms,
                bytes: None,
            }),
            _ => {}
        }
    }
    lines
}

fn step_event(lines: &mut IndexMap<StepId, StepLine>, entry: &Entry) {
    let (Event::StepStarted { step, .. }
    | Event::StepRetried { step, .. }
    | Event::StepFinished { step, .. }
    | Event::StepReused { step, .. }
    | Event::StepFailed { step, .. }) = &entry.event
    else {
        return;
    };
    let Some(line) = lines.get_mut(step) else { return };
    match &entry.event {
        Event::StepStarted { .. } => {
            line.status = "running".into();
            line.attempts.push(Attempt {
                started: entry.at,
                ended: None,
                failure: None,
            });
        }
        Event::StepRetried { failure, .. } => attempt_ended(line, entry.at, Some(failure)),
        Event::StepFinished {
            elapsed_ms,
            result,
            log,
            ..
        } => {
            line.status = "done".into();
            line.elapsed_ms = Some(*elapsed_ms);
            line.result = result.clone();
            line.log.clone_from(log);
            attempt_ended(line, entry.at, None);
        }
        Event::StepReused {
            run,
            elapsed_ms,
            result,
            ..
        } => {
            line.status = "reused".into();
            line.elapsed_ms = Some(*elapsed_ms);
            line.reused_from = Some(run.to_string());
            line.result = result.clone();
        }
        Event::StepFailed {
            elapsed_ms,
            failure,
            log,
            result,
            ..
        } => {
            let stopped = failure.kind == FailureKind::Interrupted;
            line.status = if stopped { "stopped" } else { "failed" }.into();
            line.elapsed_ms = Some(*elapsed_ms);
            line.failure = Some(failure.clone());
            line.result = result.clone();
            line.log.clone_from(log);
            attempt_ended(line, entry.at, Some(failure));
        }
        _ => {}
    }
}

fn attempt_ended(line: &mut StepLine, at: Timestamp, failure: Option<&Failure>) {
    if let Some(attempt) = line.attempts.last_mut() {
        attempt.ended = Some(at);
        attempt.failure = failure.map(|failure| failure.message.clone());
    }
}

/// Sums up the steps of each hop. Hops follow one another, so each starts where the one before ended.
fn hops(report: &Report) -> Vec<HopLine> {
    const WORST_FIRST: [&str; 6] = ["failed", "stopped", "running", "waiting", "done", "reused"];
    let rank = |status: &str| {
        WORST_FIRST
            .iter()
            .position(|word| *word == status)
            .unwrap_or(WORST_FIRST.len())
    };
    let mut hops: IndexMap<String, HopLine> = IndexMap::new();
    let mut from = report.from.clone();
    for step in &report.steps {
        let Some(to) = &step.hop else {
            continue;
        };
        let hop = hops.entry(to.clone()).or_insert_with(|| HopLine {
            from: std::mem::replace(&mut from, to.clone()),
            to: to.clone(),
            status: step.status.clone(),
            elapsed_ms: 0,
        });
        hop.elapsed_ms += step.elapsed_ms.unwrap_or(0);
        if rank(&step.status) < rank(&hop.status) {
            hop.status.clone_from(&step.status);
        }
    }
    hops.into_values().collect()
}

fn judge(report: &mut Report, outcome: Option<Outcome>) {
    let errors: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    let verified = report
        .steps
        .iter()
        .any(|step| step.id == "verify" && matches!(step.status.as_str(), "done" | "reused"));
    report.verdict = match outcome {
        None => Verdict::Unfinished,
        Some(Outcome::Interrupted) => Verdict::Interrupted,
        Some(Outcome::Failed | Outcome::EnvironmentFailed | Outcome::Broken) => Verdict::Failed,
        Some(Outcome::VerificationFailed) => Verdict::VerificationFailed,
        Some(Outcome::Done) if !verified => Verdict::Partial,
        Some(Outcome::Done) => Verdict::Verified,
    };
    report.reasons = report
        .steps
        .iter()
        .filter_map(|step| {
            // That a step was stopped with the rest is no reason of its own.
            let failure = step.failure.as_ref().filter(|_| step.status == "failed")?;
            Some(format!("{}: {}", step.id, failure.message))
        })
        .chain(
            errors
                .iter()
                .map(|finding| format!("{}: {}", finding.subject, finding.message)),
        )
        .collect();
    if report.reasons.is_empty() {
        report.reasons.push(
            match report.verdict {
                Verdict::Verified => "every step is done and nothing of severity error was found",
                Verdict::Partial => "the steps that were asked for are done; the verification was not among them",
                Verdict::Unfinished => "the run has not ended",
                Verdict::Interrupted => "the run was stopped; run again to go on",
                Verdict::Failed | Verdict::VerificationFailed => "see the findings",
            }
            .to_owned(),
        );
    }
    let overridden = report.production.as_ref().and_then(|asked| asked.overridden.as_ref());
    report.reasons.extend(
        overridden
            .map(|reason| format!("a run for production that the agreement does not include, done because: {reason}")),
    );
}
