//! What CI systems are told: JUnit, GitHub's annotations and summary, GitLab's code quality. Whatever logs and databases
//! say, each stays what its reader expects.

use std::collections::BTreeSet;
use std::path::Path;

use hopp::event::{Failure, FailureKind, Severity};
use hopp::journal::read;
use hopp::report::{Format, Report, fold, github, render};
use proptest::prelude::*;
use roxmltree::{Document, Node};

/// What a database or a log may say to lead a reader astray.
const HOSTILE: &str = "]]></failure>\u{0}\u{1b}[31m\u{fffe}<script>alert('1')</script>&amp;\" \r\n::error::owned\n##[set-output name=key]x\n\
                       ```\n| a | **b** [c](http://d) `e` <img src=x> 100%,a:b @everyone www.example.com \u{202e}";

fn told(name: &str) -> Report {
    let path = Path::new("fixtures/journals").join(name).with_extension("jsonl");
    fold(&read(&path).unwrap()).unwrap()
}

/// Returns a report in which everything that comes from outside says this, and one step has failed.
fn saying(name: &str, text: &str) -> Report {
    let mut report = told(name);
    for finding in &mut report.findings {
        for field in [
            &mut finding.code,
            &mut finding.area,
            &mut finding.subject,
            &mut finding.message,
            &mut finding.remedy,
        ] {
            text.clone_into(field);
        }
        finding.evidence = vec![text.to_owned(); 3];
    }
    text.clone_into(&mut report.customer);
    text.clone_into(&mut report.plan);
    report.reasons = vec![text.to_owned()];
    let step = report.steps.iter_mut().find(|step| step.id == "19.0/upgrade").unwrap();
    step.status = "failed".into();
    text.clone_into(&mut step.title);
    step.failure = Some(Failure {
        kind: FailureKind::Step,
        message: text.to_owned(),
        hints: vec![text.to_owned()],
        excerpt: vec![text.to_owned()],
    });
    report
}

/// The elements of `junit-10.xsd` that we use: what each may hold, and its attributes (`!` when it must have them).
const SCHEMA: [(&str, &[&str], &[&str]); 8] = [
    (
        "testsuites",
        &["testsuite"],
        &["name", "time", "tests", "failures", "errors"],
    ),
    (
        "testsuite",
        &["properties", "testcase"],
        &[
            "name!",
            "tests!",
            "failures!",
            "errors!",
            "skipped",
            "time",
            "timestamp",
        ],
    ),
    ("properties", &["property"], &[]),
    ("property", &[], &["name!", "value!"]),
    (
        "testcase",
        &["skipped", "error", "failure", "system-out"],
        &["name!", "classname", "time"],
    ),
    ("skipped", &[], &["message", "type"]),
    ("failure", &[], &["message", "type"]),
    ("system-out", &[], &[]),
];

/// Fails where an element is not what the schema says.
fn assert_valid(node: Node<'_, '_>) {
    let name = node.tag_name().name();
    let known = if name == "error" { "failure" } else { name };
    let (_, children, attributes) = SCHEMA
        .iter()
        .find(|(element, ..)| *element == known)
        .unwrap_or_else(|| panic!("there is no element `{name}`"));
    for attribute in node.attributes() {
        let is_known = attributes
            .iter()
            .any(|one| one.trim_end_matches('!') == attribute.name());
        assert!(is_known, "`{name}` has no attribute `{}`", attribute.name());
    }
    for required in attributes.iter().filter_map(|one| one.strip_suffix('!')) {
        assert!(node.has_attribute(required), "`{name}` lacks `{required}`");
    }
    if let Some(time) = node.attribute("time") {
        let (whole, part) = time.split_once('.').unwrap();
        assert!(whole.parse::<u64>().is_ok() && part.len() == 3, "{time}");
    }
    for child in node.children().filter(Node::is_element) {
        assert!(children.contains(&child.tag_name().name()), "`{name}` holds {child:?}");
        assert_valid(child);
    }
}

fn named<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Vec<Node<'a, 'input>> {
    node.descendants().filter(|node| node.has_tag_name(name)).collect()
}

/// Looks at a JUnit file: valid, and the sums are right. Returns how many cases failed.
fn assert_junit(text: &str) -> usize {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    assert_valid(root);
    for node in named(root, "testsuite").into_iter().chain([root]) {
        for (attribute, element) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            if let Some(count) = node.attribute(attribute) {
                assert_eq!(count, named(node, element).len().to_string(), "{attribute} of {node:?}");
            }
        }
    }
    for case in named(root, "testcase") {
        let ends = case
            .children()
            .filter(|node| matches!(node.tag_name().name(), "failure" | "error" | "skipped"));
        assert!(ends.count() <= 1, "{case:?} ended twice");
    }
    named(root, "failure").len()
}

#[test]
fn junit_has_a_suite_per_hop_and_one_of_the_checks_and_a_case_per_step_and_check() {
    let report = told("acme");
    let text = render(&report, Format::Junit);
    assert_eq!(assert_junit(&text), 1, "one finding of acme is of severity error");
    let document = Document::parse(&text).unwrap();
    let suites = named(document.root_element(), "testsuite");
    let names: Vec<&str> = suites.iter().map(|suite| suite.attribute("name").unwrap()).collect();
    assert_eq!(names, ["prepare", "18.0 → 19.0", "checks"]);
    let cases = |suite: usize| named(suites[suite], "testcase").len();
    let steps = report.steps.len();
    let invariants = report.steps.iter().find(|step| step.id == "verify").unwrap().result["invariants"].clone();
    let invariants = invariants.as_array().unwrap();
    // The views' finding is about nothing that was compared; the other one is.
    assert_eq!(cases(0) + cases(1) + cases(2), steps + invariants.len() + 1);
    let failure = named(suites[2], "failure")[0];
    assert!(
        failure.attribute("message").unwrap().contains("view 1634"),
        "{failure:?}"
    );
    let out = failure
        .parent()
        .unwrap()
        .descendants()
        .find(|node| node.has_tag_name("system-out"))
        .unwrap();
    assert!(out.text().unwrap().contains("cannot be located in parent view"));
}

#[test]
fn a_step_that_was_stopped_is_no_success() {
    let text = render(&told("stopped"), Format::Junit);
    assert_eq!(assert_junit(&text), 0);
    let document = Document::parse(&text).unwrap();
    let error = named(document.root_element(), "error")[0];
    assert!(
        error
            .parent()
            .unwrap()
            .attribute("name")
            .unwrap()
            .starts_with("19.0/upgrade")
    );
    assert_eq!(
        named(document.root_element(), "skipped").len(),
        4,
        "what would have come after it"
    );
}

/// Undoes what the runner undoes.
fn unescaped(text: &str) -> String {
    let pairs = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (code, char)| text.replace(code, char))
}

/// Reads commands as the runner does: kind, file, line, title, message.
fn commands(text: &str) -> Vec<[String; 5]> {
    text.lines()
        .map(|line| {
            let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (kind, properties) = head.split_once(' ').unwrap();
            let values: Vec<&str> = properties.split(',').collect();
            let value = |index: usize, name: &str| {
                let value = values[index].strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
                unescaped(value.unwrap_or_else(|| panic!("{line}")))
            };
            assert_eq!(values.len(), 3, "{line}");
            [
                kind.to_owned(),
                value(0, "file"),
                value(1, "line"),
                value(2, "title"),
                unescaped(message),
            ]
        })
        .collect()
}

#[test]
fn annotations_are_one_command_for_each_finding_and_failure() {
    let found = commands(&render(&told("acme"), Format::Github));
    assert_eq!(found.len(), 2);
    let [kind, file, line, title, message] = &found[0];
    assert_eq!(
        (kind.as_str(), file.as_str(), line.as_str(), title.as_str()),
        ("error", "acme.yaml", "1", "acme 19.0: view-broken")
    );
    assert!(message.contains("\nwhat to do: no module owns this view"), "{message}");
    assert_eq!(found[1][0], "warning");
    assert_eq!(render(&told("bryggan"), Format::Github), "", "nothing to say");
}

#[test]
fn an_annotation_points_at_the_line_of_the_customer_s_own_code_or_script() {
    let mut report = saying("stopped", "it failed");
    let place = |report: &Report| {
        let [_, file, line, ..] = commands(&render(report, Format::Github)).remove(0);
        (file, line)
    };
    report.plan = "customers/acme.yaml".into();
    assert_eq!(place(&report), ("customers/acme.yaml".into(), "1".into()));
    let step = report.steps.iter_mut().find(|step| step.status == "failed").unwrap();
    step.title = "sql ../fixes/after.sql".into();
    step.failure.as_mut().unwrap().excerpt = vec!["psql:<stdin>:12: ERROR:  42703".into()];
    assert_eq!(place(&report), ("fixes/after.sql".into(), "12".into()));
    let step = report.steps.iter_mut().find(|step| step.status == "failed").unwrap();
    step.failure.as_mut().unwrap().excerpt = [
        "  File \"/mnt/hopp/code/club_member/migrations/19.0.1.0.0/post.py\", line 7, in migrate",
        "  File \"/usr/lib/python3/dist-packages/odoo/sql_db.py\", line 426, in execute",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(
        place(&report),
        ("club_member/migrations/19.0.1.0.0/post.py".into(), "7".into())
    );
}

#[test]
fn code_quality_has_what_gitlab_reads_and_the_same_fingerprints_when_only_figures_change() {
    let entries = |report: &Report| -> Vec<serde_json::Value> {
        let entries: Vec<serde_json::Value> = serde_json::from_str(&render(report, Format::Gitlab)).unwrap();
        for entry in &entries {
            let severity = entry["severity"].as_str().unwrap();
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
            assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            let path = entry["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with('/') && !path.starts_with("./"), "{path}");
            assert!(!entry["description"].as_str().unwrap().contains('\n'));
            assert!(!entry["check_name"].as_str().unwrap().is_empty());
        }
        entries
    };
    let fingerprints = |entries: &[serde_json::Value]| -> BTreeSet<String> {
        entries
            .iter()
            .map(|entry| entry["fingerprint"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut report = told("acme");
    let first = entries(&report);
    assert_eq!(first.len(), 2);
    assert_eq!(first[0]["severity"], "critical");
    report.run = "another".into();
    report.findings[1].message = "the tax report of the past reads 7.00 less".into();
    assert_eq!(fingerprints(&entries(&report)), fingerprints(&first));
    report.findings.push(report.findings[0].clone());
    let entries = entries(&report);
    assert_eq!(
        fingerprints(&entries).len(),
        entries.len(),
        "no two entries are taken for one"
    );
}

/// Looks at a summary: outside of fences there is no markup but ours.
fn assert_summary(report: &Report) {
    let text = github::summary(report);
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let run = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if run == open => fence = None,
            Some(_) => {}
            None if run.len() >= 3 => fence = Some(run),
            None => {
                assert!(
                    !line.replace("\\:", "").contains("://") && !line.contains("www."),
                    "a link in {line}"
                );
                let plain = ["\\\\", "**error**", "**warning**", "*What to do:*", "*Hint:*"];
                let plain = plain.iter().fold(line.to_owned(), |line, ours| line.replace(ours, ""));
                let plain = plain.trim_start_matches('#');
                let mut before = ' ';
                for c in plain.chars() {
                    let is_ours = c == '|' && line.starts_with('|');
                    assert!(!"*_`[]<>&@#|".contains(c) || before == '\\' || is_ours, "{c} in {line}");
                    before = c;
                }
            }
        }
    }
    assert_eq!(fence, None, "every fence is closed\n{text}");
}

#[test]
fn whatever_a_log_says_every_format_stays_what_it_is() {
    for name in ["acme", "bryggan", "stopped"] {
        let report = saying(name, HOSTILE);
        assert!(assert_junit(&render(&report, Format::Junit)) >= 1);
        let commands = commands(&render(&report, Format::Github));
        assert_eq!(commands.len(), 1 + report.findings.len());
        for [kind, _, line, _, message] in &commands {
            assert!(["error", "warning", "notice"].contains(&kind.as_str()));
            assert_eq!(line, "1");
            assert!(message.contains("::error::owned") && !message.contains(['\u{1b}', '\u{202e}']));
        }
        let entries: Vec<serde_json::Value> = serde_json::from_str(&render(&report, Format::Gitlab)).unwrap();
        assert_eq!(entries.len(), 1 + report.findings.len());
        assert_summary(&report);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_at_all_breaks_a_format(text in "(\\PC|[\\x00-\\x7f]|::|`{1,5}|%0A|\\n|]]>|&#){0,30}") {
        let report = saying("acme", &text);
        prop_assert!(assert_junit(&render(&report, Format::Junit)) >= 1);
        prop_assert_eq!(commands(&render(&report, Format::Github)).len(), 1 + report.findings.len());
        let entries: Vec<serde_json::Value> = serde_json::from_str(&render(&report, Format::Gitlab)).unwrap();
        prop_assert_eq!(entries.len(), 1 + report.findings.len());
        assert_summary(&report);
    }
}

#[test]
fn what_is_the_worst_of_a_finding_decides_how_its_case_ends() {
    let mut report = told("acme");
    for finding in &mut report.findings {
        finding.severity = Severity::Warning;
    }
    // What was compared carries its own copy of a finding.
    assert_eq!(assert_junit(&render(&report, Format::Junit)), 0);
    let text = render(&report, Format::Junit);
    assert!(text.contains("warning: view 1634"), "{text}");
}
