//! The report as Markdown.

use std::fmt::Write as _;

use serde_json::Value;

use super::model::{Report, Verdict};
use crate::event::Severity;
use crate::words;

/// Returns a report as Markdown.
pub(super) fn markdown(report: &Report) -> String {
    let mut text = String::new();
    let verdict = match report.verdict {
        Verdict::Verified => "verified",
        Verdict::VerificationFailed => "verification failed",
        Verdict::Failed => "failed",
        Verdict::Interrupted => "interrupted",
        Verdict::Partial => "partial",
        Verdict::Unfinished => "unfinished",
    };
    line(
        &mut text,
        &format!("# {}: {} → {}", report.customer, report.from, report.to),
    );
    line(&mut text, "");
    line(&mut text, &format!("**Verdict: {verdict}**"));
    line(&mut text, "");
    for reason in &report.reasons {
        line(&mut text, &format!("- {}", escape(reason)));
    }
    line(&mut text, "");
    let second = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let started = report.started.map(second).unwrap_or_default();
    let took = report.elapsed_ms.map_or_else(|| "–".into(), words::duration);
    line(
        &mut text,
        &format!(
            "Run `{}` of plan `{}`, started {started}, took {took}, hopp {}.",
            report.run, report.plan, report.hopp
        ),
    );
    hops(&mut text, report);
    steps(&mut text, report);
    findings(&mut text, report);
    figures(&mut text, report);
    modules(&mut text, report);
    neutralised(&mut text, report);
    deliveries(&mut text, report);
    text
}

fn hops(text: &mut String, report: &Report) {
    line(text, "\n## Hops\n");
    line(text, "| hop | status | time |");
    line(text, "|---|---|--:|");
    for hop in &report.hops {
        let time = words::duration(hop.elapsed_ms);
        line(
            text,
            &format!("| {} → {} | {} | {time} |", hop.from, hop.to, hop.status),
        );
    }
}

fn steps(text: &mut String, report: &Report) {
    line(text, "\n## Steps\n");
    line(text, "| step | what | status | time |");
    line(text, "|---|---|---|--:|");
    for step in &report.steps {
        let time = step.elapsed_ms.map(words::duration).unwrap_or_default();
        line(
            text,
            &format!("| `{}` | {} | {} | {time} |", step.id, escape(&step.title), step.status),
        );
    }
}

fn findings(text: &mut String, report: &Report) {
    line(text, "\n## Findings\n");
    if report.findings.is_empty() {
        line(text, "None.");
    }
    for finding in &report.findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        line(
            text,
            &format!(
                "- **{severity}** `{}` {}: {}  \n  *What to do:* {}",
                finding.code,
                escape(&finding.subject),
                escape(&finding.message),
                escape(&finding.remedy)
            ),
        );
        if !finding.evidence.is_empty() {
            line(text, "  ```text");
            for evidence in &finding.evidence {
                line(text, &format!("  {}", evidence.replace("```", "'''")));
            }
            line(text, "  ```");
        }
    }
}

fn figures(text: &mut String, report: &Report) {
    let Value::Object(before) = &report.baseline_before else {
        return;
    };
    line(text, "\n## Figures before and after\n");
    line(text, "| figure | before | after |");
    line(text, "|---|--:|--:|");
    for (name, value) in before {
        let after = report.baseline_after.get(name).map(plain).unwrap_or_default();
        line(text, &format!("| {name} | {} | {after} |", plain(value)));
    }
}

/// Lists the modules for which anything but staying was decided, and counts the rest.
fn modules(text: &mut String, report: &Report) {
    let Value::Array(modules) = &report.modules else {
        return;
    };
    let word = |module: &Value, key: &str| module.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (stay, change): (Vec<_>, Vec<_>) = modules.iter().partition(|module| word(module, "fate") == "stays");
    line(text, "\n## Modules\n");
    line(
        text,
        &format!(
            "{} of {} installed modules stay as they are.",
            stay.len(),
            modules.len()
        ),
    );
    if change.is_empty() {
        return;
    }
    line(text, "\n| module | fate | becomes | at | note |");
    line(text, "|---|---|---|---|---|");
    for module in change {
        line(
            text,
            &format!(
                "| `{}` | {} | `{}` | {} | {} |",
                word(module, "module"),
                word(module, "fate"),
                word(module, "name"),
                word(module, "hop"),
                escape(&word(module, "note"))
            ),
        );
    }
}

/// Lists what was cut off so that the copy reaches nobody.
fn neutralised(text: &mut String, report: &Report) {
    let Some(Value::Array(cuts)) = report
        .steps
        .iter()
        .find(|step| step.id == "neutralize")
        .and_then(|step| step.result.get("cut"))
    else {
        return;
    };
    line(text, "\n## Neutralised\n");
    line(text, "| area | what | rows |");
    line(text, "|---|---|--:|");
    for cut in cuts {
        let word = |key: &str| cut.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let rows = cut.get("rows").and_then(Value::as_u64).unwrap_or(0);
        line(
            text,
            &format!("| {} | {} | {rows} |", escape(&word("area")), escape(&word("what"))),
        );
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn deliveries(text: &mut String, report: &Report) {
    line(text, "\n## Delivered\n");
    if report.deliveries.is_empty() {
        line(text, "Nothing.");
        return;
    }
    line(text, "| file | size | SHA-256 |");
    line(text, "|---|--:|---|");
    for file in &report.deliveries {
        line(
            text,
            &format!("| `{}` | {} | `{}` |", file.path, words::bytes(file.bytes), file.sha256),
        );
    }
    line(
        text,
        "\nThe delivered database is neutralised: it sends no mail and runs no scheduled action. It is a rehearsal's result, \
         not for production.",
    );
}

fn line(text: &mut String, content: &str) {
    writeln!(text, "{content}").ok();
}

/// Keeps text from being read as a table cell's end or as markup.
fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
