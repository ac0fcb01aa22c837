//! Records by model, and attached documents.

use std::collections::BTreeMap;

use super::known::{self, BUSINESS, GROWING};
use super::{Comparison, Way, finding};
use crate::event::Severity;
use crate::verify::baseline::{Baseline, TableCount};

pub(super) fn compare(before: &Baseline, after: &Baseline, way: &Way) -> Vec<Comparison> {
    let now: BTreeMap<&str, &TableCount> = after.tables.iter().map(|table| (table.model.as_str(), table)).collect();
    let mut all: Vec<Comparison> = before
        .tables
        .iter()
        .filter_map(|table| rows(table, before, &now, way))
        .collect();
    if *before != Baseline::default() {
        all.push(documents(before, after, way));
    }
    all
}

/// Compares the rows of one model; `None` where they say nothing about the customer's data.
fn rows(table: &TableCount, was: &Baseline, now: &BTreeMap<&str, &TableCount>, way: &Way) -> Option<Comparison> {
    let model = table.model.as_str();
    let new_name = way.renames.model(model);
    let growing = GROWING.contains(&model);
    let watched = table.custom || growing || BUSINESS.contains(&model);
    let Some(after) = now.get(new_name) else {
        return (table.rows > 0).then(|| gone(table, watched, way));
    };
    if !watched || (table.rows == 0 && after.rows == 0) {
        return None;
    }
    let comparison = Comparison::new(
        format!("rows/{model}"),
        format!("records of {model}"),
        table.rows,
        after.rows,
    );
    let renamed = (new_name != model).then(|| format!("{model} is called {new_name} now"));
    Some(match after.rows.cmp(&table.rows) {
        std::cmp::Ordering::Equal => match renamed {
            Some(why) => comparison.explained(why),
            None => comparison,
        },
        std::cmp::Ordering::Greater => {
            let had = |model: &str| was.tables.iter().any(|table| table.model == model && table.rows > 0);
            let made = known::made_of(model, way).filter(|(from, _)| had(from));
            let grew = known::model_grew(model, way).or(made.map(|(_, why)| why));
            let more = after.rows - table.rows;
            let brought = after.of_modules.saturating_sub(table.of_modules);
            let why = grew.map(str::to_owned).or_else(|| {
                if way.renames.is_merge_target(new_name) {
                    return Some(format!("records of another model were merged into {new_name}"));
                }
                (more <= brought).then(|| format!("{more} came with the data of modules"))
            });
            match why {
                Some(why) => comparison.explained(why),
                None => comparison.finding(finding(
                    Severity::Warning,
                    ("rows-added", "structure"),
                    model,
                    format!("there are {more} records of {model} more than before"),
                    "look at the records with the newest ids: what made them?",
                    Vec::new(),
                )),
            }
        }
        std::cmp::Ordering::Less => comparison.finding(finding(
            Severity::Error,
            ("rows-lost", "structure"),
            model,
            format!(
                "{} of {} records of {model} are gone",
                table.rows - after.rows,
                table.rows
            ),
            format!(
                "compare the ids in the table {} before and after; the hop's log names what was deleted",
                table.table
            ),
            Vec::new(),
        )),
    })
}

/// A model with records that the new series does not have. Its table is still there.
fn gone(table: &TableCount, watched: bool, way: &Way) -> Comparison {
    let model = &table.model;
    let comparison = Comparison::new(
        format!("rows/{model}"),
        format!("records of {model}"),
        table.rows,
        "no such model",
    );
    if let Some(why) = known::model_gone(model, way) {
        return comparison.explained(why);
    }
    // Odoo keeps its own accounts in these; no customer ever entered one.
    if !watched
        && ["ir.", "bus.", "base.", "mail.", "web", "onboarding."]
            .iter()
            .any(|own| model.starts_with(own))
    {
        return comparison.explained("a technical model of odoo that the new series does not have");
    }
    let (severity, what) = if watched {
        (Severity::Error, "its module has no code for the new series")
    } else {
        (Severity::Warning, "the new series does not have it")
    };
    comparison.finding(finding(
        severity,
        ("model-gone", "structure"),
        model,
        format!("the model {model} with {} records is gone: {what}", table.rows),
        format!(
            "a hop leaves the table {0}, an uninstallation does not: look with `SELECT count(*) FROM {0}`; decide whether its records \
             are needed and where, and take them from the backup if the table is gone",
            table.table
        ),
        Vec::new(),
    ))
}

fn documents(before: &Baseline, after: &Baseline, way: &Way) -> Comparison {
    let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
    for (model, count) in &before.attachments.documents {
        *expected.entry(way.renames.model(model)).or_default() += count;
    }
    let lost: Vec<String> = expected
        .iter()
        .filter_map(|(model, &count)| {
            let now = after.attachments.documents.get(*model).copied().unwrap_or_default();
            (now < count).then(|| format!("{model}: {count} before, {now} after"))
        })
        .collect();
    let total = |documents: &BTreeMap<String, u64>| documents.values().sum::<u64>();
    let comparison = Comparison::new(
        "documents-attached",
        "files attached to records",
        total(&before.attachments.documents),
        total(&after.attachments.documents),
    );
    if lost.is_empty() {
        return comparison;
    }
    comparison.finding(finding(
        Severity::Error,
        ("documents-lost", "documents"),
        "ir.attachment",
        "files attached to records are gone",
        "find them by id in the backup's ir_attachment; their content is still in the filestore",
        lost,
    ))
}
