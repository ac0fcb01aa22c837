//! A port as SARIF 2.1.0, which code scanners read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::outcome::{Outcome, Row, word};
use crate::port::index::CHECKS;
use crate::port::rules;

/// Returns one SARIF log with one run.
pub(super) fn render(outcome: &Outcome) -> String {
    let mut results = Vec::new();
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut result = |rule: &'static str, level: &str, message: String, path: &str, line: usize, column: usize| {
        let next = used.len();
        let index = *used.entry(rule).or_insert(next);
        let mut place = json!({ "artifactLocation": { "uri": uri(path) } });
        if line > 0 {
            place["region"] = json!({ "startLine": line, "startColumn": column.max(1) });
        }
        results.push(json!({
            "ruleId": rule,
            "ruleIndex": index,
            "level": level,
            "message": { "text": message },
            "locations": [{ "physicalLocation": place }],
        }));
    };
    for row in outcome.rows() {
        for file in &row.ported.unparsed {
            let message = format!("{}; no rule looked at this file", file.message);
            result(
                UNPARSED,
                "error",
                message,
                &row.path(&file.path),
                file.line,
                file.column,
            );
        }
        for finding in &row.ported.findings {
            let message = format!("{}. What to do: {}", finding.message, finding.remedy);
            let path = row.path(&finding.path);
            result(
                finding.rule,
                word(finding.level),
                message,
                &path,
                finding.line,
                finding.column,
            );
        }
        if outcome.check {
            would_change(row, &mut result);
        }
    }
    let mut ids: Vec<(&str, usize)> = used.into_iter().collect();
    ids.sort_by_key(|(_, index)| *index);
    let rules: Vec<Value> = ids.into_iter().map(|(id, _)| described(id)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "hopp port", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

/// The id of what is wrong with a file that does not parse.
const UNPARSED: &str = "unparsed";

fn would_change(row: &Row, result: &mut impl FnMut(&'static str, &str, String, &str, usize, usize)) {
    for applied in &row.ported.applied {
        for file in applied.files.keys() {
            let message = format!("would be changed: {}", applied.rule.title);
            result(applied.rule.id, "note", message, &row.path(file), 0, 0);
        }
    }
}

fn described(id: &str) -> Value {
    if let Some(check) = CHECKS.iter().find(|check| check.id == id) {
        return json!({
            "id": id,
            "shortDescription": { "text": check.title },
            "fullDescription": { "text": check.why },
        });
    }
    match rules::all().find(|rule| rule.id == id) {
        Some(rule) => json!({
            "id": id,
            "shortDescription": { "text": rule.title },
            "fullDescription": { "text": rule.why },
            "help": { "text": format!("known from {}", rule.source) },
        }),
        None => json!({ "id": id, "shortDescription": { "text": id } }),
    }
}

/// Returns a path as a URI: a relative one as it is.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    // A path from the root is no relative reference of a repository.
    uri.push_str(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("a b/ö.xml"), "a%20b/%C3%B6.xml");
        assert_eq!(uri("/srv/a.py"), "file:///srv/a.py");
    }
}
