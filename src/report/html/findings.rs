//! What a person must look at: worst first, by area, with what proves it and what to do.

use super::verdict::excerpt;
use super::writer::Html;
use crate::event::{Finding, Severity};
use crate::report::Report;
use crate::report::text::Text;

/// Writes the findings in groups.
pub(super) fn findings(html: &mut Html, report: &Report, text: &Text) {
    if report.findings.is_empty() {
        html.say("p", &[("class", "quiet")], text.sentence.no_findings);
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Accepted, Severity::Info] {
        let found: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .collect();
        if found.is_empty() {
            continue;
        }
        html.say("h3", &[], &format!("{} ({})", (text.severities)(severity), found.len()));
        let mut areas: Vec<&str> = Vec::new();
        for finding in &found {
            if !areas.contains(&finding.area.as_str()) {
                areas.push(&finding.area);
            }
        }
        for area in areas {
            html.say("h4", &[], (text.area)(area));
            for finding in found.iter().filter(|finding| finding.area == area) {
                one(html, finding, text);
            }
        }
    }
}

fn one(html: &mut Html, finding: &Finding, text: &Text) {
    let class = match finding.severity {
        Severity::Error => "finding error",
        Severity::Warning => "finding warning",
        Severity::Accepted => "finding accepted",
        Severity::Info => "finding note",
    };
    html.element("div", &[("class", class)], |html| {
        html.element("p", &[("class", "what")], |html| {
            html.say("strong", &[], (text.severity)(finding.severity));
            html.text(" ");
            html.prose(&finding.subject);
            html.text(" ");
            html.say("code", &[("class", "code")], &finding.code);
            if let Some(hop) = finding.since {
                html.text(" ");
                html.say("span", &[("class", "quiet")], &(text.since)(hop));
            }
        });
        html.element("p", &[("class", "message")], |html| html.prose(&finding.message));
        excerpt(html, &finding.evidence);
        if !finding.remedy.is_empty() {
            html.element("p", &[("class", "remedy")], |html| {
                html.say("strong", &[], text.label.what_to_do);
                html.text(" ");
                html.prose(&finding.remedy);
            });
        }
    });
}
