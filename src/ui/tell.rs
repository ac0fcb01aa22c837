//! What a person is told when something happened.

use console::Style;

use crate::event::{Decision, Event, FailureKind, Severity};
use crate::words;

/// Returns the words for an event, `None` when there is nothing to tell.
pub(super) fn event(event: &Event) -> Option<String> {
    let line = |style: Style, mark: &str, step: &dyn std::fmt::Display, rest: &str| {
        let mark = style.for_stderr().apply_to(mark);
        // A name that is padded as a whole, whatever it is made of.
        Some(format!("{mark} {:<28} {rest}", step.to_string()))
    };
    match event {
        Event::RunStarted {
            run, from, to, steps, ..
        } => {
            let left = steps.iter().filter(|step| step.decision == Decision::Run).count();
            Some(format!(
                "run {run}: {from} → {to}, {} to do",
                words::count(left, "step")
            ))
        }
        Event::StepFinished { step, elapsed_ms, .. } => {
            line(Style::new().green(), "✓", step, &words::duration(*elapsed_ms))
        }
        Event::StepReused { step, .. } => line(Style::new().dim(), "=", step, "as before"),
        Event::StepFailed {
            step,
            elapsed_ms,
            failure,
            ..
        } => {
            let (style, mark) = match failure.kind {
                FailureKind::Interrupted => (Style::new().yellow(), "■"),
                _ => (Style::new().red(), "✗"),
            };
            let rest = format!("{} {}", words::duration(*elapsed_ms), failure.message);
            line(style, mark, step, &rest)
        }
        Event::StepRetried { step, failure, wait_ms } => {
            let rest = format!("{}; again in {}", failure.message, words::duration(*wait_ms));
            line(Style::new().yellow(), "!", step, &rest)
        }
        Event::FindingRaised { finding, .. } => {
            let (style, word) = match finding.severity {
                Severity::Error => (Style::new().red(), "error"),
                Severity::Warning => (Style::new().yellow(), "warning"),
                Severity::Accepted => (Style::new().dim(), "accepted"),
                Severity::Info => return None,
            };
            let word = style.for_stderr().apply_to(word);
            Some(format!("  {word}: {}: {}", finding.subject, finding.message))
        }
        Event::StepStarted { .. }
        | Event::CheckpointSaved { .. }
        | Event::CheckpointRestored { .. }
        | Event::Delivered { .. }
        | Event::RunFinished { .. } => None,
    }
}
