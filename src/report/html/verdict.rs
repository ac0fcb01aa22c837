//! The head of the page: what happened, in a sentence, and what to do next.

use super::sections::SECTIONS;
use super::writer::Html;
use crate::event::Severity;
use crate::report::text::Text;
use crate::report::{Report, StepLine, Verdict};
use crate::words;

/// Writes what somebody reads who reads nothing else.
pub(super) fn masthead(html: &mut Html, report: &Report, text: &Text) {
    html.element("header", &[], |html| {
        html.element("p", &[("class", "kicker")], |html| {
            html.say("span", &[], (text.kind)(report.kind));
            html.say("span", &[], &report.run);
        });
        html.element("h1", &[], |html| {
            html.text(&report.customer);
            html.text(" ");
            html.say(
                "span",
                &[("class", "route")],
                &format!("{} → {}", report.from, report.to),
            );
        });
    });
    let (class, sign) = tone(report);
    html.element(
        "section",
        &[("class", &format!("verdict {class}")), ("aria-labelledby", "verdict")],
        |html| {
            html.element("h2", &[("id", "verdict")], |html| {
                html.say("span", &[("class", "sign"), ("aria-hidden", "true")], sign);
                html.text((text.verdict)(report));
            });
            html.element("p", &[("class", "headline")], |html| {
                html.prose(&(text.headline)(report));
            });
            reasons(html, report);
            html.element("p", &[("class", "next")], |html| {
                html.say("strong", &[], text.label.what_to_do);
                html.text(" ");
                html.prose(&(text.next)(report));
            });
        },
    );
    failures(html, report, text);
    facts(html, report, text);
    contents(html, report, text);
}

fn tone(report: &Report) -> (&'static str, &'static str) {
    match report.verdict {
        Verdict::Verified => ("good", "✓"),
        Verdict::VerificationFailed | Verdict::Failed => ("bad", "✗"),
        Verdict::Interrupted => ("open", "■"),
        Verdict::Partial => ("open", "◐"),
        Verdict::Unfinished => ("open", "…"),
    }
}

/// Lists the findings that decided, where there are some; the failure of a step is told whole further down.
fn reasons(html: &mut Html, report: &Report) {
    let errors: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if errors.is_empty() {
        return;
    }
    html.element("ul", &[("class", "reasons")], |html| {
        for finding in errors {
            html.element("li", &[], |html| {
                html.prose(&finding.subject);
                html.text(": ");
                html.prose(&finding.message);
            });
        }
    });
}

fn failures(html: &mut Html, report: &Report, text: &Text) {
    let failed: Vec<&StepLine> = report.steps.iter().filter(|step| step.status == "failed").collect();
    if failed.is_empty() {
        return;
    }
    html.element(
        "section",
        &[("id", "failure"), ("aria-labelledby", "failure-head")],
        |html| {
            html.say("h2", &[("id", "failure-head")], text.heading.failure);
            html.element("div", &[("class", "content")], |html| {
                for (step, failure) in failed.iter().filter_map(|step| Some((step, step.failure.as_ref()?))) {
                    html.element("div", &[("class", "finding error")], |html| {
                        html.element("p", &[("class", "what")], |html| {
                            html.say("strong", &[], (text.status)(&step.status));
                            html.text(" ");
                            html.say("code", &[], &step.id);
                            html.text(" ");
                            html.text(&step.title);
                        });
                        html.element("p", &[("class", "message")], |html| html.prose(&failure.message));
                        excerpt(html, &failure.excerpt);
                        for hint in &failure.hints {
                            html.element("p", &[("class", "remedy")], |html| {
                                html.say("strong", &[], text.label.what_to_do);
                                html.text(" ");
                                html.prose(hint);
                            });
                        }
                        if let Some(log) = &step.log {
                            html.element("p", &[("class", "quiet")], |html| {
                                html.text(text.label.log);
                                html.text(" ");
                                html.say("code", &[], &log.path);
                                html.text(&format!(", {}", words::bytes(log.bytes)));
                            });
                        }
                    });
                }
            });
        },
    );
}

/// Writes lines of a log as they are; nothing when there are none.
pub(super) fn excerpt(html: &mut Html, lines: &[String]) {
    if !lines.is_empty() {
        html.element("pre", &[], |html| html.say("code", &[], &lines.join("\n")));
    }
}

fn facts(html: &mut Html, report: &Report, text: &Text) {
    let started = report
        .started
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let (ended, when) = report.ended(text);
    let facts = [
        (text.label.started, started.as_deref().unwrap_or("–")),
        (ended, when.as_str()),
        (text.label.plan, report.plan.as_str()),
        (text.label.hopp, report.hopp.as_str()),
    ];
    html.element("dl", &[("class", "facts")], |html| {
        for (name, fact) in facts {
            html.element("div", &[], |html| {
                html.say("dt", &[], name);
                html.say("dd", &[], fact);
            });
        }
    });
}

fn contents(html: &mut Html, report: &Report, text: &Text) {
    html.element("nav", &[("aria-label", text.label.contents)], |html| {
        html.element("ul", &[], |html| {
            for section in SECTIONS.iter().filter(|section| (section.is_there)(report)) {
                html.element("li", &[], |html| {
                    html.say("a", &[("href", &format!("#{}", section.id))], (section.heading)(text));
                    if section.id == "findings" {
                        html.text(&format!(" {}", report.findings.len()));
                    }
                });
            }
        });
    });
}
