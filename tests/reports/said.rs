//! What Odoo's log says and what the plan accepts have places of their own, of a hop that failed too.

use hopp::report::{Format, fold, render};
use serde_json::{Value, json};

use super::told;

fn log() -> Value {
    json!({ "warnings": 530, "noise": { "not-dropping-column": 515 }, "group_count": 3, "groups": [
        { "level": "error", "logger": "odoo.modules.loading", "pattern": "…", "example": "module `shelf` | is\nnot here",
          "exception": "KeyError: 'shelf'", "times": 2, "line": 9, "places": [{ "place": { "module": "shelf" }, "times": 2 }] },
        { "level": "warning", "logger": "odoo.fields", "pattern": "…", "example": "<b>unknown parameter</b>",
          "times": 13, "line": 12, "places": [] }
    ] })
}

fn report(ended: &Value, finding: &Value) -> hopp::report::Report {
    let fingerprint = "0".repeat(64);
    let step = json!({ "id": "19.0/upgrade", "title": "upgrade", "hop": "19.0", "fingerprint": fingerprint, "after": [],
        "decision": "run" });
    let events = [
        (
            0,
            json!({ "run-started": { "run": "2026-11-22T21-00-00Z", "kind": "rehearsal", "hopp": "1.0.0", "customer": "acme",
            "plan": "acme.yaml", "plan_sha256": fingerprint, "from": "18.0", "to": "19.0", "steps": [step] } }),
        ),
        (
            1,
            json!({ "step-started": { "step": "19.0/upgrade", "fingerprint": fingerprint, "attempt": 1 } }),
        ),
        (
            2,
            json!({ "finding-raised": { "step": "19.0/upgrade", "finding": finding } }),
        ),
        (3, ended.clone()),
    ];
    fold(&told(&events)).unwrap()
}

fn failed(result: Option<Value>) -> Value {
    let failure = json!({ "kind": "step", "message": "Odoo said no", "hints": [], "excerpt": [] });
    let mut event = json!({ "step": "19.0/upgrade", "fingerprint": "0".repeat(64), "elapsed_ms": 5, "failure": failure,
        "log": null });
    if let Some(result) = result {
        event["result"] = result;
    }
    json!({ "step-failed": event })
}

fn finding(severity: &str) -> Value {
    json!({ "severity": severity, "code": "vat-differs", "area": "tax", "subject": "tax report", "message": "it reads zero",
        "remedy": "look", "evidence": [] })
}

#[test]
fn the_log_of_a_hop_that_failed_is_told_by_groups_and_what_is_normal_is_counted() {
    let report = report(&failed(Some(json!({ "log": log() }))), &finding("warning"));
    let page = render(&report, Format::Html);
    let section = page
        .split_once("id=\"log\"")
        .unwrap()
        .1
        .split_once("</section>")
        .unwrap()
        .0;
    assert!(section.contains("530 warnings, 515 of which are normal"), "{section}");
    assert!(section.contains("1 further kind not listed"), "{section}");
    assert!(
        section.contains("&lt;b>unknown") || section.contains("&lt;b&gt;unknown"),
        "{section}"
    );
    let markdown = render(&report, Format::Markdown);
    let rows: Vec<&str> = markdown
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("shelf"))
        .collect();
    assert_eq!(
        rows,
        ["| module `shelf` \\| is not here: KeyError: 'shelf' | `shelf` | ERROR | 2 |"]
    );
}

#[test]
fn a_journal_from_before_a_failed_step_had_a_result_is_read() {
    let report = report(&failed(None), &finding("warning"));
    assert_eq!(report.steps[0].result, Value::Null);
    assert!(!render(&report, Format::Html).contains("id=\"log\""));
}

#[test]
fn what_the_plan_accepts_has_a_place_of_its_own_and_counts_as_nothing_else() {
    let done = json!({ "step-finished": { "step": "19.0/upgrade", "fingerprint": "0".repeat(64), "elapsed_ms": 5,
        "result": {}, "log": null } });
    let report = report(&done, &finding("accepted"));
    assert!(render(&report, Format::Html).contains("<h3>Accepted by the plan (1)</h3>"));
    assert!(render(&report, Format::Markdown).contains("- **= accepted** `vat-differs` tax report: it reads zero"));
    assert!(render(&report, Format::Junit).contains("accepted: tax report: it reads zero"));
    assert!(!render(&report, Format::Junit).contains("<failure"));
    assert!(render(&report, Format::Github).contains("::notice "));
}

#[test]
fn what_the_accelerator_did_stands_where_the_time_went_and_what_it_did_not_too() {
    let accelerated =
        json!({ "on": ["columns", "clean-up"], "off": { "view-checks": "_check_xml of <odoo> is another one: 12" } });
    let report = report(
        &failed(Some(json!({ "accelerated": accelerated }))),
        &finding("warning"),
    );
    let page = render(&report, Format::Html);
    let section = page
        .split_once("id=\"slowest\"")
        .unwrap()
        .1
        .split_once("</section>")
        .unwrap()
        .0;
    assert!(
        section.contains(
            "The hop to 19.0 was accelerated by <code>columns</code>, <code>clean-up</code>. Off: <code>view-checks</code>, \
             _check_xml of &lt;odoo&gt; is another one: 12."
        ),
        "{section}"
    );
    let markdown = render(&report, Format::Markdown);
    let off = r"Off: `view-checks`, \_check_xml of &lt;odoo> is another one: 12.";
    assert!(markdown.contains(off), "{markdown}");
}
