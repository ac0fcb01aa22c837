//! From the events of a journal to a report.

use indexmap::IndexMap;
use serde_json::Value;

use super::model::{Delivery, HopLine, Report, SCHEMA, StepLine, Verdict};
use crate::event::{Decision, Entry, Event, FailureKind, Finding, Outcome, Severity};
use crate::ident::StepId;

/// Folds a journal into a report. Returns `None` for a journal that ends before its first event.
pub fn fold(entries: &[Entry]) -> Option<Report> {
    let first = entries.first()?;
    let Event::RunStarted {
        run,
        kind,
        hopp,
        customer,
        plan,
        from,
        to,
        steps,
        ..
    } = &first.event
    else {
        return None;
    };
    let mut lines: IndexMap<StepId, StepLine> = steps
        .iter()
        .map(|step| {
            let line = StepLine {
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
                result: Value::Null,
                failure: None,
                log: None,
            };
            (step.id.clone(), line)
        })
        .collect();
    let mut report = Report {
        schema: SCHEMA,
        run: run.to_string(),
        kind: *kind,
        hopp: hopp.clone(),
        customer: customer.clone(),
        plan: plan.clone(),
        from: from.to_string(),
        to: to.to_string(),
        started: Some(first.at),
        ended: None,
        elapsed_ms: None,
        verdict: Verdict::Unfinished,
        reasons: Vec::new(),
        hops: Vec::new(),
        steps: Vec::new(),
        modules: Value::Null,
        findings: Vec::new(),
        baseline_before: Value::Null,
        baseline_after: Value::Null,
        deliveries: Vec::new(),
    };
    let mut outcome = None;
    for entry in entries {
        step_event(&mut lines, &entry.event);
        match &entry.event {
            Event::FindingRaised { finding, .. } => report.findings.push(finding.clone()),
            Event::Delivered { path, bytes, sha256 } => report.deliveries.push(Delivery {
                path: path.clone(),
                bytes: *bytes,
                sha256: sha256.to_string(),
            }),
            Event::RunFinished {
                outcome: how,
                elapsed_ms,
            } => {
                outcome = Some(*how);
                report.ended = Some(entry.at);
                report.elapsed_ms = Some(*elapsed_ms);
            }
            _ => {}
        }
    }
    report
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    take_results(&mut report, &lines);
    report.steps = lines.into_values().collect();
    report.hops = hops(&report);
    judge(&mut report, outcome);
    Some(report)
}

fn step_event(lines: &mut IndexMap<StepId, StepLine>, event: &Event) {
    match event {
        Event::StepStarted { step, .. } => {
            if let Some(line) = lines.get_mut(step) {
                line.status = "running".into();
            }
        }
        Event::StepFinished {
            step,
            elapsed_ms,
            result,
            log,
            ..
        } => {
            if let Some(line) = lines.get_mut(step) {
                line.status = "done".into();
                line.elapsed_ms = Some(*elapsed_ms);
                line.result = result.clone();
                line.log.clone_from(log);
            }
        }
        Event::StepReused {
            step,
            elapsed_ms,
            result,
            ..
        } => {
            if let Some(line) = lines.get_mut(step) {
                line.status = "reused".into();
                line.elapsed_ms = Some(*elapsed_ms);
                line.result = result.clone();
            }
        }
        Event::StepFailed {
            step,
            elapsed_ms,
            failure,
            log,
            ..
        } => {
            if let Some(line) = lines.get_mut(step) {
                let stopped = failure.kind == FailureKind::Interrupted;
                line.status = if stopped { "stopped" } else { "failed" }.into();
                line.elapsed_ms = Some(*elapsed_ms);
                line.failure = Some(failure.clone());
                line.log.clone_from(log);
            }
        }
        Event::RunStarted { .. }
        | Event::StepRetried { .. }
        | Event::FindingRaised { .. }
        | Event::CheckpointSaved { .. }
        | Event::CheckpointRestored { .. }
        | Event::Delivered { .. }
        | Event::RunFinished { .. } => {}
    }
}

/// Takes out of the steps' results what a report tells in a place of its own.
fn take_results(report: &mut Report, lines: &IndexMap<StepId, StepLine>) {
    let result = |step: &str, key: &str| {
        lines
            .get(&StepId::new(step))
            .and_then(|line| line.result.get(key))
            .cloned()
            .unwrap_or(Value::Null)
    };
    report.modules = result("modules", "modules");
    report.baseline_before = result("measure", "summary");
    report.baseline_after = result("verify", "baseline_after");
    if report.deliveries.is_empty()
        && let Some(Value::Array(files)) = lines
            .get(&StepId::new("deliver"))
            .and_then(|line| line.result.get("files"))
    {
        report.deliveries = files
            .iter()
            .filter_map(|file| {
                Some(Delivery {
                    path: file.get("path")?.as_str()?.to_owned(),
                    bytes: file.get("bytes")?.as_u64()?,
                    sha256: file.get("sha256")?.as_str()?.to_owned(),
                })
            })
            .collect();
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
}
