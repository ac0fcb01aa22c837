//! Whatever a log, a database or a file says, it is text: the markup of a report does not depend on it.

use hopp::event::Entry;
use hopp::report::{Format, fold, render};
use proptest::prelude::*;
use serde_json::Value;

use super::journal;

/// Replaces every text of a value that people or programs outside hopp wrote; `keys` says whether names of fields are
/// such texts too.
fn replace(value: &mut Value, by: &str, keys: bool) {
    match value {
        Value::String(text) => by.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, by, keys)),
        Value::Object(fields) => {
            if keys {
                let renamed = std::mem::take(fields).into_iter();
                *fields = renamed.map(|(name, value)| (format!("{name} {by}"), value)).collect();
            }
            for (name, value) in fields {
                replace(value, by, keys || name == "summary" || name == "baseline_after");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns a journal in which everything that comes from outside says this.
fn saying(name: &str, by: &str) -> Vec<Entry> {
    let entries = journal(name).into_iter().map(|entry| {
        let mut entry = serde_json::to_value(entry).unwrap();
        let (event, about) = entry["event"].as_object_mut().unwrap().iter_mut().next().unwrap();
        let fields: &[&str] = match event.as_str() {
            "run-started" => &["customer", "plan", "hopp", "run"],
            "step-finished" | "step-reused" => &["result"],
            "delivered" => &["path"],
            _ => &[],
        };
        for field in fields {
            replace(&mut about[*field], by, false);
        }
        for (whole, fields) in [
            (
                "finding",
                ["code", "area", "subject", "message", "remedy", "evidence"].as_slice(),
            ),
            ("failure", &["message", "hints", "excerpt"]),
            ("log", &["path"]),
        ] {
            if about.get(whole).is_some_and(Value::is_object) {
                for field in fields {
                    replace(&mut about[whole][*field], by, false);
                }
            }
        }
        if event == "run-started" {
            for step in about["steps"].as_array_mut().unwrap() {
                replace(&mut step["title"], by, false);
            }
        }
        serde_json::from_value(entry).unwrap()
    });
    entries.collect()
}

fn page(name: &str, by: &str, format: Format) -> String {
    render(&fold(&saying(name, by)).unwrap(), format)
}

/// Returns the tags of a page with the names of their attributes, but for code, which text may ask for with backticks.
fn tags(page: &str) -> Vec<String> {
    let page = page.split_once("</style>").unwrap().1;
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let mut is_quoted = false;
        let end = after.find(|char| {
            is_quoted ^= char == '"';
            char == '>' && !is_quoted
        });
        let (tag, after) = after.split_at(end.unwrap());
        // Values stand between quotes: every other piece.
        let tag: String = tag.split('"').step_by(2).collect();
        if !["code", "/code"].contains(&tag.as_str()) && !tag.starts_with("code class") {
            tags.push(tag);
        }
        rest = after;
    }
    tags
}

/// Returns what of each line of Markdown is markup. Blocks of code are one line.
fn markup(markdown: &str) -> Vec<String> {
    let mut lines = markdown.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let fence: String = line.trim_start().chars().take_while(|char| *char == '`').collect();
        if fence.len() >= 3 && line.ends_with("text") {
            assert!(
                lines.any(|line| line.trim_start() == fence),
                "a block of code never ends"
            );
            found.push("block".into());
            continue;
        }
        found.push(markup_of_line(line));
    }
    found
}

fn markup_of_line(line: &str) -> String {
    let mut bars = 0;
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => drop(chars.next()),
            '|' => bars += 1,
            _ => {}
        }
    }
    let mut marks = String::new();
    let mut rest = line;
    while let Some(char) = rest.chars().next() {
        let run = rest.len() - rest.trim_start_matches('`').len();
        if run > 0 {
            let inside = &rest[run..];
            // Code ends at as many backticks as it began with.
            let end = (0..inside.len()).filter(|at| inside.is_char_boundary(*at)).find(|at| {
                let before = inside[..*at].ends_with('`');
                let here = inside[*at..].len() - inside[*at..].trim_start_matches('`').len();
                !before && here == run
            });
            rest = &inside[end.expect("code ends where it began") + run..];
            continue;
        }
        let mut skip = char.len_utf8();
        match char {
            '\\' => skip += rest[skip..].chars().next().map_or(0, char::len_utf8),
            '<' | '[' | ']' | '*' | '~' | '$' => marks.push(char),
            _ => {}
        }
        rest = &rest[skip..];
    }
    let begins: String = line.chars().take_while(|char| "#->+= ".contains(*char)).collect();
    format!("{begins}{bars} bars {marks}")
}

/// Text that somebody who knows HTML and Markdown would write, and any other.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<script>alert(1)</script>",
        "</style>",
        "</pre>",
        "</title>",
        "\" onload=\"x",
        "' ",
        "&lt;",
        "&#60;",
        "<!--",
        "]]>",
        "|",
        "\\|",
        "\\",
        "`",
        "``",
        "```",
        "\n",
        "\n\n# ",
        "\n| x | y |\n|---|---|\n",
        "[a](javascript:b)",
        "![a](b)",
        "**",
        "~~",
        "$x$",
        "_",
        "- ",
        "1. ",
        "> ",
        "\u{202e}",
        "\u{1b}[2J",
        "\0",
        "å",
        "…",
        "x",
    ]);
    let any = prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(any, 1..6).prop_map(|pieces| format!("x{}", pieces.concat()))
}

const JOURNALS: [&str; 3] = ["acme", "failed", "stopped"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_a_journal_becomes_markup_of_the_page(text in hostile(), name in prop::sample::select(&JOURNALS[..])) {
        prop_assert_eq!(tags(&page(name, &text, Format::Html)), tags(&page(name, "x", Format::Html)));
    }

    #[test]
    fn no_text_of_a_journal_becomes_markup_of_the_markdown(
        text in hostile(), name in prop::sample::select(&JOURNALS[..])
    ) {
        prop_assert_eq!(markup(&page(name, &text, Format::Markdown)), markup(&page(name, "x", Format::Markdown)));
    }
}

#[test]
fn a_test_that_looks_for_markup_finds_it() {
    assert_ne!(tags("</style><p>a</p>"), tags("</style><p>a<b></p>"));
    assert_eq!(tags("</style><p id=\"a>b\">a</p>"), ["p id=", "/p"]);
    assert_ne!(markup("| a | b |"), markup("| a | | b |"));
    assert_ne!(markup("a"), markup("<b>"));
    assert_eq!(markup("| `a*` \\| b |"), markup("| `a` b |"));
    assert_eq!(markup("```text\n# a\n```\nb").len(), 2);
}
