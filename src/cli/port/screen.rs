//! A port on one screen: what was changed, what needs a human, where the result is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::outcome::{Branch, Outcome, Row, word};
use crate::port::Level;
use crate::port::rules::Rule;
use crate::ui::table::table;
use crate::words::count;

/// The most modules that are listed.
const MODULES: usize = 30;
/// The most things for a human that are told; the other formats have all of them.
const TOLD: usize = 25;
/// The most places that are named of one and the same thing.
const PLACES: usize = 4;

/// Returns the screen.
pub(super) fn render(outcome: &Outcome) -> String {
    let mut sections = vec![
        modules(outcome),
        changed(outcome),
        human(outcome),
        scripts(outcome),
        left_out(outcome),
    ];
    for part in &outcome.parts {
        if let Some(branch) = &part.branch {
            sections.push(of_branch(branch));
        }
    }
    sections.push(outcome.remarks.join("\n"));
    sections.push(summary(outcome));
    sections.push(super::tried::screen(outcome));
    sections.retain(|section| !section.is_empty());
    sections.join("\n\n")
}

fn modules(outcome: &Outcome) -> String {
    let mut rows: Vec<&Row> = outcome.rows().filter(|row| row.from < outcome.to).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.count(Level::Error), row.count(Level::Warning), row.changes())));
    let all = rows.len();
    rows.truncate(MODULES);
    rows.sort_by_key(|row| row.name());
    let number = |number: usize| {
        if number == 0 {
            "–".to_owned()
        } else {
            number.to_string()
        }
    };
    let cells: Vec<Vec<String>> = (rows.iter())
        .map(|row| {
            let mut cells = vec![row.name().to_owned(), format!("{}.0 → {}.0", row.from, outcome.to)];
            cells.extend([row.changes(), row.files()].map(number));
            cells.extend([Level::Error, Level::Warning, Level::Note].map(|level| number(row.count(level))));
            cells
        })
        .collect();
    if cells.is_empty() {
        return String::new();
    }
    let header = ["module", "series", "changes", "files", "errors", "warnings", "notes"];
    let mut text = table(&header, &cells, 0, &[2, 3, 4, 5, 6]);
    if all > MODULES {
        write!(text, "\n… and {} with less to do", count(all - MODULES, "module")).ok();
    }
    text
}

/// Lists the rules that changed something.
fn changed(outcome: &Outcome) -> String {
    let mut sums: BTreeMap<(u8, usize), (&Rule, usize, usize)> = BTreeMap::new();
    let order = |id: &str| {
        crate::port::rules::all()
            .position(|rule| rule.id == id)
            .unwrap_or(usize::MAX)
    };
    for row in outcome.rows() {
        let mut seen = Vec::new();
        for applied in &row.ported.applied {
            let rule = applied.rule;
            let own_hop = if rule.id.starts_with('A') { u8::MAX } else { applied.to };
            let sum = sums.entry((own_hop, order(rule.id))).or_insert((rule, 0, 0));
            sum.1 += applied.changes;
            if !seen.contains(&rule.id) {
                seen.push(rule.id);
                sum.2 += 1;
            }
        }
    }
    if sums.is_empty() {
        return String::new();
    }
    let cells: Vec<Vec<String>> = (sums.values())
        .map(|(rule, changes, modules)| {
            vec![
                rule.id.to_owned(),
                rule.title.to_owned(),
                changes.to_string(),
                modules.to_string(),
            ]
        })
        .collect();
    let what = if outcome.check {
        "would be changed"
    } else {
        "was changed"
    };
    table(
        &["rule", &format!("what {what}"), "changes", "modules"],
        &cells,
        1,
        &[2, 3],
    )
}

/// One and the same thing, and where it is.
struct Told<'a> {
    level: Level,
    rule: &'a str,
    message: &'a str,
    remedy: &'a str,
    places: Vec<String>,
}

/// Lists what a human must look at, the worst first.
fn human(outcome: &Outcome) -> String {
    let mut told: Vec<Told<'_>> = Vec::new();
    let mut notes = 0;
    for row in outcome.rows() {
        for unparsed in &row.ported.unparsed {
            told.push(Told {
                level: Level::Error,
                rule: "unparsed",
                message: &unparsed.message,
                remedy: "no rule looked at this file: correct it, then run again",
                places: vec![format!("{}:{}", row.path(&unparsed.path), unparsed.line)],
            });
        }
        for finding in &row.ported.findings {
            if finding.level == Level::Note {
                notes += 1;
                continue;
            }
            let place = format!("{}:{}", row.path(&finding.path), finding.line);
            let same = |it: &&mut Told<'_>| {
                (it.rule, it.message, it.remedy) == (finding.rule, &finding.message, &finding.remedy)
            };
            match told.iter_mut().find(same) {
                Some(known) => known.places.push(place),
                None => told.push(Told {
                    level: finding.level,
                    rule: finding.rule,
                    message: &finding.message,
                    remedy: &finding.remedy,
                    places: vec![place],
                }),
            }
        }
    }
    told.sort_by_key(|it| std::cmp::Reverse(it.level));
    let mut text = String::new();
    for it in told.iter().take(TOLD) {
        let more = match it.places.len() {
            1 => String::new(),
            places => format!(" ({places} times)"),
        };
        writeln!(text, "{} [{}] {}{more}", word(it.level), it.rule, it.message).ok();
        for place in it.places.iter().take(PLACES) {
            writeln!(text, "    {place}").ok();
        }
        if it.places.len() > PLACES {
            writeln!(text, "    … and {} more", it.places.len() - PLACES).ok();
        }
        writeln!(text, "    → {}", it.remedy).ok();
    }
    if told.len() > TOLD {
        writeln!(
            text,
            "… and {} more: `--format json` has everything, `--module NAME` shows one",
            told.len() - TOLD
        )
        .ok();
    }
    if notes > 0 {
        writeln!(text, "{}: `--format json` tells them", count(notes, "note")).ok();
    }
    text.trim_end().to_owned()
}

/// Shows the scripts that are proposed for the database.
fn scripts(outcome: &Outcome) -> String {
    let scripts = outcome.rows().filter_map(|row| Some((row, row.script.as_ref()?)));
    let told = scripts.map(|(row, (path, text))| {
        let mut told = format!("proposed: {}, so that data follows the code\n", row.path(path));
        for line in text.lines() {
            writeln!(told, "    | {line}").ok();
        }
        told
    });
    told.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn left_out(outcome: &Outcome) -> String {
    let mut lines = Vec::new();
    for row in outcome.rows() {
        let files = row.left_out.iter();
        lines.extend(files.map(|file| format!("left alone: {}: {}", row.path(&file.path), file.why)));
        if let Some((why, remedy)) = &row.not_written {
            lines.push(format!(
                "NOT WRITTEN: {}: {why}; nothing of this module was",
                row.folder
            ));
            lines.push(format!("    → {remedy}"));
        }
    }
    lines.join("\n")
}

fn of_branch(branch: &Branch) -> String {
    let start = &branch.start;
    let mut lines = Vec::new();
    match &branch.committed {
        None if start.tip.is_some() => lines.push(format!("{}: branch {} is as it was", branch.root, start.branch)),
        None => lines.push(format!("{}: no branch was needed", branch.root)),
        Some(committed) => {
            let mut what = Vec::new();
            if committed.brought > 0 {
                let came = count(committed.brought, "commit");
                what.push(format!("{came} brought over from {}", start.source_name));
            }
            what.push(format!("{} added", count(committed.added, "commit")));
            let on = if start.tip.is_some() {
                String::new()
            } else {
                format!(" on top of {}", start.base_name)
            };
            lines.push(format!(
                "{}: branch {}{on}: {}",
                branch.root,
                start.branch,
                what.join(", ")
            ));
            match &branch.in_the_way {
                None => lines.push(format!(
                    "    it is checked out; `git diff {}...` shows all of it",
                    start.source_name
                )),
                Some(why) => lines.push(format!("    it is not checked out: {why}")),
            }
        }
    }
    if let Some(remote) = &branch.pushed {
        lines.push(format!("    pushed to {remote}"));
    }
    lines.join("\n")
}

fn summary(outcome: &Outcome) -> String {
    let all = outcome.rows().count();
    let there = outcome.rows().filter(|row| row.from >= outcome.to).count();
    let touched = outcome.rows().filter(|row| row.is_changed()).count();
    let changes: usize = outcome.rows().map(Row::changes).sum();
    let files: usize = outcome.rows().map(Row::files).sum();
    let of = |level| outcome.rows().map(|row| row.count(level)).sum::<usize>();
    let mut text = format!("{} to {}.0: ", count(all, "module"), outcome.to);
    if there > 0 {
        write!(text, "{there} there already, ").ok();
    }
    let verb = if outcome.check { "would change" } else { "changed" };
    write!(
        text,
        "{touched} {verb} ({} in {})",
        count(changes, "change"),
        count(files, "file")
    )
    .ok();
    match (of(Level::Error), of(Level::Warning)) {
        (0, 0) => text.push_str(", nothing needs a human"),
        (errors, warnings) => {
            write!(
                text,
                ", {} and {} need a human",
                count(errors, "error"),
                count(warnings, "warning")
            )
            .ok();
        }
    }
    text
}
