//! The report as JUnit XML, as Jenkins, GitLab and most others read it (`junit-10.xsd`).
//!
//! A suite of what comes before the hops, a suite per hop, and a suite of the checks; a case per step and per check.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::escape::{one_line, xml, xml_attribute};
use super::{Report, StepLine, Verdict};
use crate::event::{FailureKind, Finding, Severity};

/// How a case ended.
enum End {
    Passed,
    Skipped(String),
    /// What was examined is not good.
    Failed(Fault),
    /// It could not be examined.
    Broken(Fault),
}

struct Fault {
    kind: String,
    message: String,
    text: Vec<String>,
}

struct Case {
    class: String,
    name: String,
    seconds: f64,
    end: End,
    out: Vec<String>,
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

/// Returns a report as JUnit XML.
pub(super) fn junit(report: &Report) -> String {
    let suites = suites(report);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = format!("hopp {}: {} → {}", report.customer, report.from, report.to);
    let seconds: f64 = suites.iter().map(Suite::seconds).sum();
    let count = |of: fn(&End) -> bool| suites.iter().map(|suite| suite.count(of)).sum::<usize>();
    writeln!(
        text,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{seconds:.3}\">",
        xml_attribute(&name),
        count(|_| true),
        count(is_failed),
        count(is_broken),
    )
    .ok();
    let started = report.started.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    for suite in &suites {
        suite.write(&mut text, report, started.as_deref().unwrap_or_default());
    }
    text.push_str("</testsuites>\n");
    text
}

fn is_failed(end: &End) -> bool {
    matches!(end, End::Failed(_))
}

fn is_broken(end: &End) -> bool {
    matches!(end, End::Broken(_))
}

fn is_skipped(end: &End) -> bool {
    matches!(end, End::Skipped(_))
}

fn suites(report: &Report) -> Vec<Suite> {
    let mut suites = vec![Suite {
        name: "prepare".into(),
        cases: Vec::new(),
    }];
    for hop in &report.hops {
        let steps = report.steps.iter().filter(|step| step.hop.as_ref() == Some(&hop.to));
        let name = format!("{} → {}", hop.from, hop.to);
        let cases = steps.map(|step| of_step(step, &hop.to, report.verdict)).collect();
        suites.push(Suite { name, cases });
    }
    let mut checks = Suite {
        name: "checks".into(),
        cases: Vec::new(),
    };
    let is_hopped = |step: &StepLine| step.hop.is_some();
    let first_hop = report.steps.iter().position(is_hopped).unwrap_or(usize::MAX);
    for (index, step) in report.steps.iter().enumerate() {
        match step.hop {
            Some(_) => {}
            None if index < first_hop => suites[0].cases.push(of_step(step, "prepare", report.verdict)),
            None => checks.cases.push(of_step(step, "checks", report.verdict)),
        }
    }
    checks.cases.extend(examined(report));
    suites.push(checks);
    suites
}

fn of_step(step: &StepLine, class: &str, verdict: Verdict) -> Case {
    let mut out = Vec::new();
    let end = match step.status.as_str() {
        "done" => End::Passed,
        "reused" => {
            out.push("an earlier run did exactly this".to_owned());
            End::Passed
        }
        "skipped" => End::Skipped("nothing that was asked for needs it".into()),
        "failed" => {
            let failure = step.failure.as_ref();
            let of_environment =
                failure.is_some_and(|failure| matches!(failure.kind, FailureKind::Environment | FailureKind::Internal));
            let fault = Fault {
                kind: if of_environment { "environment" } else { "step" }.into(),
                message: failure.map(|failure| failure.message.clone()).unwrap_or_default(),
                text: failure.map(|failure| failure.hints.clone()).unwrap_or_default(),
            };
            out.extend(failure.into_iter().flat_map(|failure| failure.excerpt.clone()));
            if of_environment {
                End::Broken(fault)
            } else {
                End::Failed(fault)
            }
        }
        "stopped" if verdict == Verdict::Interrupted => End::Broken(Fault {
            kind: "interrupted".into(),
            message: "the run was stopped here".into(),
            text: vec!["run again to go on".into()],
        }),
        "running" => End::Broken(Fault {
            kind: "unfinished".into(),
            message: "the run has not ended".into(),
            text: Vec::new(),
        }),
        _ => End::Skipped("the run ended before".into()),
    };
    let seconds = match step.status.as_str() {
        "done" | "failed" | "stopped" => step.elapsed_ms.unwrap_or(0),
        _ => 0,
    };
    if let Some(log) = &step.log {
        out.push(format!("log: {}", log.path));
    }
    Case {
        class: class.to_owned(),
        name: format!("{}: {}", step.id, step.title),
        // Milliseconds of a step are far from where a float loses any.
        #[expect(clippy::cast_precision_loss, reason = "a step takes less than a million years")]
        seconds: seconds as f64 / 1000.0,
        end,
        out,
    }
}

/// Returns a case per figure that was compared, and one per finding that is about none of them.
fn examined(report: &Report) -> Vec<Case> {
    let verify = report.steps.iter().find(|step| step.id == "verify");
    let compared = verify.and_then(|step| step.result.get("invariants")?.as_array());
    let mut left: Vec<&Finding> = report.findings.iter().collect();
    let mut cases = Vec::new();
    for one in compared.into_iter().flatten() {
        let word = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
        let found: Option<Finding> = one
            .get("finding")
            .and_then(|finding| serde_json::from_value(finding.clone()).ok());
        let mut out = vec![
            format!("before: {}", word("before")),
            format!("after: {}", word("after")),
        ];
        if !word("explained").is_empty() {
            out.push(format!("explained: {}", word("explained")));
        }
        if let Some(found) = &found {
            left.retain(|finding| *finding != found);
        }
        cases.push(case(word("invariant"), word("title"), found.as_ref(), out));
    }
    let mut names: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in left {
        let seen = names.entry((&finding.code, &finding.subject)).or_default();
        *seen += 1;
        let number = if *seen > 1 { format!(" ({seen})") } else { String::new() };
        let name = format!("{} {}{number}", finding.code, finding.subject);
        cases.push(case(&finding.area, &name, Some(finding), Vec::new()));
    }
    cases
}

fn case(class: &str, name: &str, finding: Option<&Finding>, mut out: Vec<String>) -> Case {
    let end = match finding {
        Some(finding) if finding.severity == Severity::Error => End::Failed(Fault {
            kind: finding.code.clone(),
            message: format!("{}: {}", finding.subject, finding.message),
            text: vec![finding.remedy.clone()],
        }),
        Some(finding) => {
            let severity = match finding.severity {
                Severity::Warning => "warning",
                Severity::Accepted => "accepted",
                Severity::Error | Severity::Info => "info",
            };
            out.push(format!("{severity}: {}: {}", finding.subject, finding.message));
            out.push(format!("what to do: {}", finding.remedy));
            End::Passed
        }
        None => End::Passed,
    };
    out.extend(finding.into_iter().flat_map(|finding| finding.evidence.clone()));
    Case {
        class: format!("checks.{class}"),
        name: name.to_owned(),
        seconds: 0.0,
        end,
        out,
    }
}

impl Suite {
    fn count(&self, of: fn(&End) -> bool) -> usize {
        self.cases.iter().filter(|case| of(&case.end)).count()
    }

    fn seconds(&self) -> f64 {
        self.cases.iter().map(|case| case.seconds).sum()
    }

    fn write(&self, text: &mut String, report: &Report, started: &str) {
        writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\" \
             timestamp=\"{started}\">",
            xml_attribute(&self.name),
            self.cases.len(),
            self.count(is_failed),
            self.count(is_broken),
            self.count(is_skipped),
            self.seconds(),
        )
        .ok();
        text.push_str("    <properties>\n");
        for (name, value) in [("run", &report.run), ("plan", &report.plan), ("hopp", &report.hopp)] {
            let value = xml_attribute(value);
            writeln!(text, "      <property name=\"{name}\" value=\"{value}\"/>").ok();
        }
        text.push_str("    </properties>\n");
        for case in &self.cases {
            case.write(text);
        }
        text.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn write(&self, text: &mut String) {
        write!(
            text,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
            xml_attribute(&one_line(&self.class)),
            xml_attribute(&one_line(&self.name)),
            self.seconds
        )
        .ok();
        if matches!(self.end, End::Passed) && self.out.is_empty() {
            text.push_str("/>\n");
            return;
        }
        text.push_str(">\n");
        match &self.end {
            End::Passed => {}
            End::Skipped(why) => {
                writeln!(text, "      <skipped message=\"{}\"/>", xml_attribute(why)).ok();
            }
            End::Failed(fault) => fault.write(text, "failure"),
            End::Broken(fault) => fault.write(text, "error"),
        }
        if !self.out.is_empty() {
            writeln!(text, "      <system-out>{}</system-out>", xml(&self.out.join("\n"))).ok();
        }
        text.push_str("    </testcase>\n");
    }
}

impl Fault {
    fn write(&self, text: &mut String, element: &str) {
        let (kind, message) = (xml_attribute(&self.kind), xml_attribute(&self.message));
        let inner = xml(&self.text.join("\n"));
        writeln!(
            text,
            "      <{element} type=\"{kind}\" message=\"{message}\">{inner}</{element}>"
        )
        .ok();
    }
}
