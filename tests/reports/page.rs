//! The page as a whole: what stands in it, and what must not.

use hopp::report::{Format, fold, render};
use serde_json::{Value, json};

use super::{journal, told};

const JOURNALS: [&str; 5] = ["acme", "bryggan", "failed", "killed", "stopped"];

fn page(name: &str) -> String {
    render(&fold(&journal(name)).unwrap(), Format::Html)
}

/// Returns the opening tags of a page, attributes included.
fn tags(page: &str) -> Vec<&str> {
    let pieces = page.split('<').skip(1);
    pieces.filter_map(|piece| Some(piece.split_once('>')?.0)).collect()
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_says_so_to_the_browser() {
    for name in JOURNALS {
        let page = page(name);
        assert!(page.contains("content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"));
        for tag in tags(&page) {
            let name = tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap_or_default();
            let loads = [
                "script", "link", "img", "iframe", "object", "embed", "image", "use", "base", "form",
            ];
            assert!(!loads.contains(&name), "<{tag}>");
            // Values stand between quotes: every other piece.
            let attributes: String = tag.split('"').step_by(2).collect();
            let acts = [" src=", " style=", " on"];
            assert!(!acts.iter().any(|act| attributes.contains(act)), "<{tag}>");
            if let Some((_, target)) = tag.split_once("href=\"") {
                assert!(target.starts_with('#'), "<{tag}>");
            }
        }
        let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(!style.contains("@import") && !style.contains("@font-face"), "{style}");
        assert!(
            style.split("url(").skip(1).all(|target| target.starts_with('#')),
            "{style}"
        );
    }
}

#[test]
fn whoever_does_not_see_the_page_can_follow_it() {
    for name in JOURNALS {
        let page = page(name);
        let tags = tags(&page);
        let mut level = 0;
        for tag in &tags {
            if let Some(next) = tag
                .strip_prefix('h')
                .and_then(|rest| rest.get(..1)?.parse::<u32>().ok())
            {
                assert!(next <= level + 1, "h{level} is followed by h{next} in {name}");
                level = next;
            }
            let is_head = *tag == "th" || tag.starts_with("th ");
            assert!(
                !is_head || tag.contains("scope=\"col\"") || tag.contains("scope=\"row\""),
                "<{tag}>"
            );
            if let Some((_, id)) = tag.split_once("aria-labelledby=\"") {
                let id = id.split('"').next().unwrap();
                assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id} in {name}");
            }
            if let Some((_, id)) = tag.split_once("href=\"#") {
                let id = id.split('"').next().unwrap();
                assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id} in {name}");
            }
        }
        assert_eq!(tags.iter().filter(|tag| **tag == "h1").count(), 1);
        let chart = page
            .split_once("<figure")
            .unwrap()
            .1
            .split_once("<figcaption")
            .unwrap()
            .0;
        let drawn: Vec<&str> = chart.split("<g class=\"").skip(1).collect();
        assert!(drawn.len() > 3, "{chart}");
        for group in drawn.iter().filter(|group| !group.starts_with("axis")) {
            let (_, inside) = group.split_once("\">").unwrap();
            assert!(inside.starts_with("<title>"), "{group}");
        }
    }
}

#[test]
fn how_a_step_ended_is_said_in_words_and_not_in_colour_alone() {
    assert!(page("failed").contains("<tspan class=\"word\" dx=\"6\">✗ failed</tspan>"));
    assert!(page("stopped").contains("<tspan class=\"word\" dx=\"6\">■ stopped</tspan>"));
    let killed = page("killed");
    assert!(killed.contains("<tspan class=\"word\" dx=\"6\">… running</tspan>"));
    assert!(killed.contains("or it was killed during the step <code>verify</code>."));
}

#[test]
fn a_checkpoint_that_was_brought_back_is_named_after_its_step() {
    let report = fold(&journal("killed")).unwrap();
    let restored: Vec<_> = report
        .checkpoints
        .iter()
        .filter(|checkpoint| checkpoint.restored)
        .collect();
    assert_eq!(restored.len(), 1);
    assert_eq!(restored[0].step.as_deref(), Some("19.0/upgrade"));
    assert!(page("killed").contains("<title>checkpoint brought back: 19.0/upgrade</title>"));
}

fn started(step: &str, attempt: u32) -> Value {
    json!({ "step-started": { "step": step, "fingerprint": "0".repeat(64), "attempt": attempt } })
}

fn saved(step: &str) -> Value {
    json!({ "checkpoint-saved": { "step": step, "fingerprint": "0".repeat(64), "bytes": 7, "elapsed_ms": 900 } })
}

fn finished(step: &str, seconds: u32, result: &Value) -> Value {
    let elapsed_ms = seconds * 1000;
    json!({ "step-finished":
        { "step": step, "fingerprint": "0".repeat(64), "elapsed_ms": elapsed_ms, "result": result, "log": null } })
}

/// A run of two hops in which an image had to be asked for twice.
fn two_hops() -> Vec<hopp::event::Entry> {
    let planned = |id: &str, hop: Option<&str>| json!({ "id": id, "title": id, "hop": hop, "fingerprint": null, "after": [], "decision": "run" });
    let log = json!({
        "modules": { "count": 2, "seconds": 9.5, "top": [{ "module": "account", "seconds": 9.0, "queries": 3 }] },
        "scripts": { "count": 1, "seconds": 1.0, "top":
            [{ "module": "sale", "version": "18.0.1.2", "name": "post-migration", "seconds": 75.0 }] },
        "fields": { "count": 4, "seconds": 2.0, "top":
            [{ "module": "mail", "fields": ["a.b", "c.d", "e.f", "g.h"], "count": 4, "seconds": 2.0 }] },
    });
    told(&[
        (
            0,
            json!({ "run-started": {
                "run": "2026-11-22T21-00-00Z", "kind": "rehearsal", "hopp": "0.1.0", "customer": "acme",
                "plan": "acme.yaml", "plan_sha256": "0".repeat(64), "from": "17.0", "to": "19.0",
                "steps": [planned("image/18.0", None), planned("18.0/upgrade", Some("18.0")),
                    planned("19.0/upgrade", Some("19.0"))],
            } }),
        ),
        (1, started("image/18.0", 1)),
        (
            5,
            json!({ "step-retried": { "step": "image/18.0", "wait_ms": 2000, "failure":
                { "kind": "environment", "message": "the registry is busy", "hints": [], "excerpt": [] } } }),
        ),
        (7, started("image/18.0", 2)),
        (20, finished("image/18.0", 19, &Value::Null)),
        (20, started("18.0/upgrade", 1)),
        (59, saved("18.0/upgrade")),
        (60, finished("18.0/upgrade", 40, &json!({ "log": log }))),
        (60, started("19.0/upgrade", 1)),
        (
            100,
            finished(
                "19.0/upgrade",
                40,
                &json!({ "slowest": [{ "module": "base", "seconds": 3.2 }] }),
            ),
        ),
        (
            100,
            json!({ "run-finished": { "outcome": "done", "elapsed_ms": 100_000 } }),
        ),
    ])
}

#[test]
fn attempts_hops_and_checkpoints_lie_where_they_happened() {
    let report = fold(&two_hops()).unwrap();
    let attempts = &report.steps[0].attempts;
    assert_eq!(attempts[0].failure.as_deref(), Some("the registry is busy"));
    assert_eq!(attempts[1].failure, None);
    let page = render(&report, Format::Html);
    for shown in [
        "<g class=\"retried\"><title>image/18.0: image/18.0, attempt 1: the registry is busy</title><rect x=\"1.00%\"",
        "<g class=\"done\"><title>image/18.0: image/18.0, attempt 2</title><rect x=\"7.00%\"",
        "<title>17.0 → 18.0</title><rect x=\"20.00%\" y=\"0\" width=\"40.00%\"",
        "<title>18.0 → 19.0</title><rect x=\"60.00%\" y=\"0\" width=\"40.00%\"",
        "<svg class=\"mark\" x=\"59.00%\"",
        "<title>checkpoint saved: 18.0/upgrade</title>",
    ] {
        assert!(page.contains(shown), "{shown} is not in\n{page}");
    }
}

#[test]
fn what_took_long_is_read_from_the_log_and_from_what_older_runs_said() {
    let report = fold(&two_hops()).unwrap();
    let slowest: Vec<_> = (report.slowest.iter())
        .map(|slow| (slow.hop.as_str(), slow.kind.as_str(), slow.name.as_str(), slow.seconds))
        .collect();
    assert_eq!(
        slowest,
        [
            ("18.0", "module", "account", 9.0),
            ("18.0", "script", "sale 18.0.1.2/post-migration", 75.0),
            ("18.0", "field", "mail: a.b, c.d, e.f, …", 2.0),
            ("19.0", "module", "base", 3.2),
        ]
    );
    let told = render(&report, Format::Markdown);
    assert!(
        told.contains("| `sale 18.0.1.2/post-migration` | Migration scripts | 18.0 | 1 min 15 s |"),
        "{told}"
    );
}

#[test]
fn a_clock_that_was_set_back_puts_nothing_outside_the_chart() {
    let mut entries = two_hops();
    entries[7].at = "2026-11-22T20:00:00Z".parse().unwrap();
    let page = render(&fold(&entries).unwrap(), Format::Html);
    for piece in page.split("x=\"").skip(1) {
        let Some(percent) = piece.split('"').next().unwrap().strip_suffix('%') else {
            continue;
        };
        let percent: f64 = percent.parse().unwrap();
        assert!((0.0..=100.0).contains(&percent), "{percent}");
    }
    assert!(!page.contains("width=\"-"), "{page}");
}
