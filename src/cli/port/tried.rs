//! What a real Odoo made of the modules, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::attempt::{Told, Tried};
use super::outcome::Outcome;
use crate::ui::table::table;
use crate::verify::trial::{Problem, Verdict};

/// The most warnings that are told of a module.
const WARNINGS: usize = 5;

/// Returns the lines that a screen has of trials.
pub(super) fn screen(outcome: &Outcome) -> String {
    let Some(tried) = &outcome.tried else {
        return String::new();
    };
    let mut sections = vec![verdicts(tried)];
    for it in tried {
        for (problem, told) in it.trial.problems.iter().zip(&it.told) {
            sections.push(of_problem(outcome, it, problem, told));
        }
    }
    let warnings: Vec<String> = tried.iter().filter_map(|it| warnings(outcome, it)).collect();
    sections.extend(warnings);
    sections.push(sum(outcome.to, tried));
    sections.retain(|section| !section.is_empty());
    sections.join("\n\n")
}

fn verdicts(tried: &[Tried]) -> String {
    let rows: Vec<Vec<String>> = (tried.iter())
        .map(|it| {
            let trial = &it.trial;
            let tests = trial.tests.map_or_else(String::new, |tests| {
                let passed = tests.run.saturating_sub(tests.failed).saturating_sub(tests.skipped);
                let skipped = match tests.skipped {
                    0 => String::new(),
                    skipped => format!(", {skipped} skipped"),
                };
                format!("{passed} passed, {} failed{skipped}", tests.failed)
            });
            vec![
                trial.module.clone(),
                word(trial.verdict).to_owned(),
                trial.views.to_string(),
                tests,
                format!("{:.0} s", trial.seconds),
            ]
        })
        .collect();
    let mut header = vec!["module", "in a real Odoo", "views", "tests", "took"];
    let mut rows = rows;
    if tried.iter().all(|it| it.trial.tests.is_none()) {
        header.remove(3);
        for row in &mut rows {
            row.remove(3);
        }
    }
    let right = [2, header.len() - 1];
    table(&header, &rows, header.len(), &right)
}

fn of_problem(outcome: &Outcome, it: &Tried, problem: &Problem, told: &Told) -> String {
    let mut text = format!("{} {}: {}", label(it.trial.verdict), it.trial.module, problem.message);
    if let Some(place) = place(outcome, problem) {
        write!(text, "\n    {place}").ok();
    }
    for line in problem.excerpt.iter().filter(|_| problem.path.is_none()) {
        write!(text, "\n    | {line}").ok();
    }
    if it.trial.verdict == Verdict::Fails {
        match (told.by.as_slice(), told.missed) {
            ([], Some(rule)) => write!(text, "\n    not said before; rule {rule} might have known").ok(),
            ([], None) => write!(text, "\n    not said before: no rule knows it").ok(),
            (rules, _) => write!(text, "\n    said before by {}", rules.join(", ")).ok(),
        };
    }
    if let Some(log) = &it.log {
        write!(text, "\n    log: {}", log.display()).ok();
    }
    text
}

fn warnings(outcome: &Outcome, it: &Tried) -> Option<String> {
    if it.trial.verdict != Verdict::Warnings {
        return None;
    }
    let all = &it.trial.warnings;
    let mut lines = vec![format!("warning {}:", it.trial.module)];
    for warning in all.iter().take(WARNINGS) {
        let place = place(outcome, warning).map_or_else(String::new, |place| format!("{place}: "));
        lines.push(format!("    {place}{}", warning.message));
    }
    if all.len() > WARNINGS {
        lines.push(format!("    … and {} more", all.len() - WARNINGS));
    }
    Some(lines.join("\n"))
}

fn sum(to: u8, tried: &[Tried]) -> String {
    let count = |verdict: Verdict| tried.iter().filter(|it| it.trial.verdict == verdict).count();
    let install = count(Verdict::Installs) + count(Verdict::Warnings);
    format!(
        "tried in Odoo {to}.0: {install} of {} install, {} without a warning; {} fail, {} were not tried",
        tried.len(),
        count(Verdict::Installs),
        count(Verdict::Fails),
        count(Verdict::NotTried),
    )
}

fn place(outcome: &Outcome, problem: &Problem) -> Option<String> {
    let path = problem.path.as_deref()?;
    let row = problem
        .module
        .as_deref()
        .and_then(|name| outcome.rows().find(|row| row.name() == name));
    let path = row.map_or_else(
        || format!("{}/{path}", problem.module.as_deref().unwrap_or_default()),
        |row| row.path(path),
    );
    Some(match problem.line {
        Some(line) => format!("{path}:{line}"),
        None => path,
    })
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Installs => "installs",
        Verdict::Warnings => "installs with warnings",
        Verdict::Fails => "FAILS",
        Verdict::NotTried => "not tried",
    }
}

fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotTried => "not tried:",
        _ => "error [odoo]",
    }
}

/// Returns trials for programs.
pub(super) fn document(tried: &[Tried]) -> Value {
    let one = |it: &Tried| {
        let mut value = json!(it.trial);
        let told = it
            .told
            .iter()
            .map(|told| json!({ "said_by": told.by, "might_have": told.missed }));
        for (problem, told) in value["problems"].as_array_mut().into_iter().flatten().zip(told) {
            problem["said_by"] = told["said_by"].clone();
            problem["might_have"] = told["might_have"].clone();
        }
        value["log"] = json!(it.log);
        value
    };
    tried.iter().map(one).collect()
}
