//! Every change as a patch that `git apply` and `patch -p1` take.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use super::outcome::{Outcome, Row};

/// Lines around a change.
const CONTEXT: usize = 3;

/// Returns a unified diff of all modules.
pub(super) fn render(outcome: &Outcome) -> String {
    outcome.rows().map(of_module).collect()
}

fn of_module(row: &Row) -> String {
    let ported = &row.ported;
    let paths: BTreeSet<&str> = (ported.applied.iter())
        .flat_map(|applied| applied.files.keys())
        .map(String::as_str)
        .collect();
    let now: BTreeMap<&str, &str> = (ported.files.iter())
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let mut text = String::new();
    for path in paths {
        let (old, new) = (ported.originals.get(path).map(String::as_str), now.get(path).copied());
        if old == new {
            continue;
        }
        let name = |side: &str, text: Option<&str>| match text {
            Some(_) => format!("{side}/{}", row.path(path)),
            None => "/dev/null".to_owned(),
        };
        let diff = TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default());
        let mut unified = diff.unified_diff();
        unified.context_radius(CONTEXT).header(&name("a", old), &name("b", new));
        text.push_str(&unified.to_string());
    }
    text
}
