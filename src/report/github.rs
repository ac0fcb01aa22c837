//! What GitHub Actions is told: annotations as workflow commands, and the summary of a step.

use std::fmt::Write as _;

use super::escape::{command_message, command_property, markdown, one_line, printable};
use super::place::{self, Place};
use super::{Report, Verdict};
use crate::event::{Finding, Severity};
use crate::words;

/// The most findings that a summary tells; the report has all of them.
const MOST: usize = 20;
/// The most lines of evidence that a finding is told with.
const EVIDENCE: usize = 8;

/// Returns a report's findings and failures as workflow commands, one a line.
pub fn annotations(report: &Report) -> String {
    let mut text = String::new();
    for step in report.steps.iter().filter(|step| step.status == "failed") {
        let Some(failure) = &step.failure else { continue };
        let place = place::of_step(report, step, failure.excerpt.iter().chain([&failure.message]));
        let mut message = vec![failure.message.clone()];
        message.extend(failure.hints.iter().map(|hint| format!("hint: {hint}")));
        message.extend(failure.excerpt.iter().map(|line| format!("| {line}")));
        let title = format!("{} {}: {} failed", report.customer, report.to, step.id);
        command(&mut text, "error", &place, &title, &message.join("\n"));
    }
    for finding in &report.findings {
        let word = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Accepted | Severity::Info => "notice",
        };
        let place = place::of(report, finding.evidence.iter().chain([&finding.message]));
        let mut message = vec![format!("{}: {}", finding.subject, finding.message)];
        message.push(format!("what to do: {}", finding.remedy));
        message.extend(finding.evidence.iter().take(EVIDENCE).map(|line| format!("| {line}")));
        let title = format!("{} {}: {}", report.customer, report.to, finding.code);
        command(&mut text, word, &place, &title, &message.join("\n"));
    }
    text
}

/// Returns the command that says why there was no run.
pub fn refused(plan: &str, message: &str, hints: &[String]) -> String {
    let mut lines = vec![message.to_owned()];
    lines.extend(hints.iter().map(|hint| format!("hint: {hint}")));
    let mut text = String::new();
    let place = Place {
        path: plan.to_owned(),
        line: None,
    };
    command(&mut text, "error", &place, "hopp did not run", &lines.join("\n"));
    text
}

/// Returns the command that says something about a line of a file.
pub fn annotation(word: &str, path: &str, line: usize, title: &str, message: &str) -> String {
    let mut text = String::new();
    let place = Place {
        path: path.to_owned(),
        line: u32::try_from(line.max(1)).ok(),
    };
    command(&mut text, word, &place, title, message);
    text
}

fn command(text: &mut String, word: &str, place: &Place, title: &str, message: &str) {
    let file = command_property(&place.path);
    let line = place.line.unwrap_or(1);
    let title = command_property(&one_line(title));
    let message = command_message(message);
    writeln!(text, "::{word} file={file},line={line},title={title}::{message}").ok();
}

/// Returns a report as the summary of a step: the verdict, the hops, what must be looked at.
pub fn summary(report: &Report) -> String {
    let mut text = String::new();
    let verdict = match report.verdict {
        Verdict::Verified => "✅ verified",
        Verdict::VerificationFailed => "❌ verification failed",
        Verdict::Failed => "❌ failed",
        Verdict::Interrupted => "⏹ interrupted",
        Verdict::Partial => "☑ done as far as asked",
        Verdict::Unfinished => "… unfinished",
    };
    let took = report.elapsed_ms.map(words::duration).unwrap_or_default();
    writeln!(
        text,
        "## {}: {} → {}: {verdict}\n",
        markdown(&report.customer),
        report.from,
        report.to
    )
    .ok();
    for reason in report.reasons.iter().take(MOST) {
        writeln!(text, "- {}", markdown(reason)).ok();
    }
    writeln!(text, "\n| step | what | status | time |\n|---|---|---|--:|").ok();
    for step in report.steps.iter().filter(|step| step.status != "skipped") {
        let time = match step.status.as_str() {
            "done" | "failed" | "stopped" => step.elapsed_ms.map(words::duration).unwrap_or_default(),
            _ => String::new(),
        };
        writeln!(
            text,
            "| {} | {} | {} | {time} |",
            markdown(&step.id),
            markdown(&step.title),
            markdown(&step.status)
        )
        .ok();
    }
    for step in report.steps.iter().filter(|step| step.status == "failed") {
        if let Some(failure) = &step.failure {
            writeln!(
                text,
                "\n### {} failed\n\n{}",
                markdown(&step.id),
                markdown(&failure.message)
            )
            .ok();
            fenced(&mut text, &failure.excerpt);
            for hint in &failure.hints {
                writeln!(text, "\n*Hint:* {}", markdown(hint)).ok();
            }
        }
    }
    findings(&mut text, report);
    writeln!(
        text,
        "\nRun {} took {took}, hopp {}.\n",
        markdown(&report.run),
        markdown(&report.hopp)
    )
    .ok();
    text
}

fn findings(text: &mut String, report: &Report) {
    let told: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Accepted)
        .collect();
    if told.is_empty() {
        return;
    }
    writeln!(text, "\n### Findings").ok();
    for finding in told.iter().take(MOST) {
        let severity = if finding.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        writeln!(
            text,
            "\n**{severity}** {} {}: {}",
            markdown(&finding.code),
            markdown(&finding.subject),
            markdown(&finding.message)
        )
        .ok();
        fenced(text, &finding.evidence);
        writeln!(text, "\n*What to do:* {}", markdown(&finding.remedy)).ok();
    }
    if let Some(more) = told.len().checked_sub(MOST).filter(|more| *more > 0) {
        writeln!(text, "\n… and {more} more in the report").ok();
    }
}

/// Adds lines as they are, in a fence that none of them closes.
fn fenced(text: &mut String, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let lines: Vec<_> = lines.iter().take(EVIDENCE).map(|line| printable(line)).collect();
    let longest = lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`'))
        .map(str::len)
        .max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    writeln!(text, "\n{fence}text\n{}\n{fence}", lines.join("\n")).ok();
}
