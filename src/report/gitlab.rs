//! The report as GitLab reads code quality: one entry per finding and failure.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::escape::one_line;
use super::{Report, place};
use crate::event::Severity;
use crate::ident::Hasher;

/// Returns a report's findings and failures as a code quality report.
pub(super) fn code_quality(report: &Report) -> String {
    let mut seen = BTreeMap::new();
    let mut entries: Vec<Value> = Vec::new();
    for step in report.steps.iter().filter(|step| step.status == "failed") {
        let Some(failure) = &step.failure else { continue };
        let place = place::of_step(report, step, failure.excerpt.iter().chain([&failure.message]));
        let what = format!("{}: {}", step.id, failure.message);
        let name = fingerprint(report, &["step-failed", &step.id], &mut seen);
        entries.push(entry("step-failed", "blocker", &what, &name, &place));
    }
    for finding in &report.findings {
        let severity = match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Accepted | Severity::Info => "info",
        };
        let place = place::of(report, finding.evidence.iter().chain([&finding.message]));
        let what = format!(
            "{}: {} What to do: {}",
            finding.subject, finding.message, finding.remedy
        );
        let name = fingerprint(report, &[&finding.code, &finding.subject], &mut seen);
        entries.push(entry(&finding.code, severity, &what, &name, &place));
    }
    format!("{:#}\n", Value::Array(entries))
}

/// Returns what tells one entry from another, and is the same in every run that finds the same: so figures and times,
/// which the words may hold, are left out.
fn fingerprint(report: &Report, parts: &[&str], seen: &mut BTreeMap<String, usize>) -> String {
    let mut hasher = Hasher::default();
    hasher.field("customer", &report.customer);
    for part in parts {
        hasher.field("part", part);
    }
    let same = seen.entry(parts.join("\n")).or_default();
    *same += 1;
    hasher.field("number", same.to_string());
    hasher.finish().as_str().to_owned()
}

fn entry(check: &str, severity: &str, what: &str, fingerprint: &str, place: &place::Place) -> Value {
    json!({
        "check_name": check,
        "description": one_line(what),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": { "path": place.path, "lines": { "begin": place.line.unwrap_or(1) } },
    })
}
