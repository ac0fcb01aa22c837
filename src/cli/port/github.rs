//! A port as annotations of GitHub Actions.

use super::outcome::Outcome;
use crate::port::Level;
use crate::report::github::annotation;

/// Returns a workflow command for each thing a human must look at.
pub(super) fn render(outcome: &Outcome) -> String {
    let mut text = String::new();
    let mut tell = |level, path: &str, line: usize, title: &str, message: &str| {
        let word = match level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        text.push_str(&annotation(word, path, line, title, message));
    };
    for row in outcome.rows() {
        for file in &row.ported.unparsed {
            let message = format!("{}; no rule looked at this file", file.message);
            tell(
                Level::Error,
                &row.path(&file.path),
                file.line,
                "hopp port: unparsed",
                &message,
            );
        }
        for finding in &row.ported.findings {
            let title = format!("hopp port: {}", finding.rule);
            let message = format!("{}\nwhat to do: {}", finding.message, finding.remedy);
            tell(finding.level, &row.path(&finding.path), finding.line, &title, &message);
        }
        if outcome.check && row.is_changed() {
            let message = format!(
                "{} would be made for {}.0",
                crate::words::count(row.changes(), "change"),
                outcome.to
            );
            let manifest = row.path("__manifest__.py");
            tell(
                Level::Note,
                &manifest,
                1,
                &format!("hopp port: {}", row.name()),
                &message,
            );
        }
    }
    text
}
