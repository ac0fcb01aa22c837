//! Modules, scheduled actions and number sequences.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Way, finding, known};
use crate::event::Severity;
use crate::verify::baseline::{Baseline, Cron, Sequence};

pub(super) fn compare(before: &Baseline, after: &Baseline, way: &Way) -> Vec<Comparison> {
    let mut all = Vec::new();
    if !before.modules.is_empty() {
        all.push(modules(before, after, way));
    }
    if !before.crons.is_empty() {
        all.push(crons(before, after, way));
    }
    if !before.sequences.is_empty() {
        all.push(sequences(before, after, way));
    }
    all
}

fn modules(before: &Baseline, after: &Baseline, way: &Way) -> Comparison {
    let now: BTreeSet<&str> = after.modules.iter().map(|module| module.name.as_str()).collect();
    let mut accounted = BTreeSet::new();
    let (mut reasons, mut lost) = (Vec::new(), Vec::new());
    for module in &before.modules {
        let (old, new) = (module.name.as_str(), way.renames.module(&module.name));
        accounted.insert(new);
        if now.contains(new) {
            if old != new {
                reasons.push(format!("{old} is part of {new} now"));
            }
        } else if way.renames.is_uninstalled(old) {
            reasons.push(format!("{old} was uninstalled, as planned"));
        } else if way.renames.is_dropped(old) {
            reasons.push(format!("{old} went: Odoo has no such module any more"));
        } else {
            lost.push(old.to_owned());
        }
    }
    let came: Vec<&str> = now.difference(&accounted).copied().collect();
    if !came.is_empty() {
        reasons.push(format!(
            "the new series brought {}, which install themselves",
            came.join(", ")
        ));
    }
    let comparison = Comparison::new(
        "modules",
        "installed modules",
        before.modules.len(),
        after.modules.len(),
    );
    if !lost.is_empty() {
        return comparison.finding(finding(
            Severity::Warning,
            ("modules-lost", "modules"),
            lost.join(", "),
            "modules are not installed any more, and no rule says why",
            "say in the plan what becomes of each: another module, or `fate: uninstall`",
            lost,
        ));
    }
    if reasons.is_empty() {
        comparison
    } else {
        comparison.explained(reasons.join("; "))
    }
}

/// Scheduled actions of modules come and go with the series; those that people made must stay. What was on when the
/// database was measured, which was after neutralising, stays on; that nothing else comes on is an invariant of its own.
fn crons(before: &Baseline, after: &Baseline, way: &Way) -> Comparison {
    let now: BTreeMap<&str, &Cron> = after.crons.iter().map(|cron| (cron.name.as_str(), cron)).collect();
    let (mut made_by_hand, mut switched_off) = (Vec::new(), Vec::new());
    let mut of_modules = 0;
    for cron in &before.crons {
        let name = match cron.name.split_once('.') {
            Some((module, name)) if !cron.name.starts_with("ir.cron ") => {
                format!("{}.{name}", way.renames.module(module))
            }
            _ => cron.name.clone(),
        };
        let still = now.get(name.as_str());
        if still.is_some_and(|still| cron.active && !still.active) {
            switched_off.push(name.clone());
        }
        if still.is_none() {
            let by_hand = ["ir.cron ", "__export__.", "__custom__.", "studio_customization."];
            if by_hand.iter().any(|start| cron.name.starts_with(start)) {
                made_by_hand.push(cron.name.clone());
            } else {
                of_modules += 1;
            }
        }
    }
    let comparison = Comparison::new("crons", "scheduled actions", before.crons.len(), after.crons.len());
    if !made_by_hand.is_empty() {
        return comparison.finding(finding(
            Severity::Warning,
            ("crons-lost", "running"),
            "ir.cron",
            "scheduled actions that people made are gone",
            "make them again, or find what deleted them in the hop's log",
            made_by_hand,
        ));
    }
    if !switched_off.is_empty() {
        return comparison.finding(finding(
            Severity::Warning,
            ("crons-off", "running"),
            "ir.cron",
            "scheduled actions are off that were on",
            "switch them on again, unless they should rest; that the copy is neutralised is not the reason",
            switched_off,
        ));
    }
    if of_modules > 0 || before.crons.len() != after.crons.len() {
        return comparison.explained("modules of the new series have other scheduled actions");
    }
    comparison
}

/// Returns the code in the name of a sequence: `sale.order` of `ir.sequence 12 (sale.order)`.
fn code(sequence: &Sequence) -> &str {
    let bracketed = sequence.name.split_once(" (").map(|(_, code)| code);
    bracketed.map_or("", |code| code.trim_end_matches(')'))
}

fn sequences(before: &Baseline, after: &Baseline, way: &Way) -> Comparison {
    // What stands in brackets may change; the id does not.
    let key = |sequence: &Sequence| -> String {
        let name = sequence.name.as_str();
        name.split_once(" (").map_or(name, |(id, _)| id).to_owned()
    };
    let now: BTreeMap<String, i64> = after
        .sequences
        .iter()
        .map(|sequence| (key(sequence), sequence.number))
        .collect();
    let mut unused = 0;
    let mut without = None;
    let mut evidence = Vec::new();
    for sequence in &before.sequences {
        match now.get(&key(sequence)) {
            None if sequence.number <= 1 => unused += 1,
            None => match known::sequence_gone(code(sequence), way) {
                Some(why) => without = Some(why),
                None => evidence.push(format!("{} is gone, it was at {}", sequence.name, sequence.number)),
            },
            Some(&number) if number < sequence.number => {
                evidence.push(format!("{} fell from {} to {number}", sequence.name, sequence.number));
            }
            Some(_) => {}
        }
    }
    let comparison = Comparison::new(
        "sequences",
        "number sequences, which must not fall",
        before.sequences.len(),
        after.sequences.len(),
    );
    if !evidence.is_empty() {
        return comparison.finding(finding(
            Severity::Error,
            ("sequences-fell", "books"),
            "ir.sequence",
            "numbers would be given twice",
            "set the sequences to the numbers they had",
            evidence,
        ));
    }
    if let Some(why) = without {
        return comparison.explained(why);
    }
    if unused > 0 {
        return comparison.explained("sequences that never gave a number went with their models");
    }
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Series;
    use crate::odoo::openupgrade::Renames;

    #[test]
    fn a_sequence_that_a_hop_does_without_is_no_loss_and_another_is() {
        let told = |name: &str, major| {
            let before = Baseline {
                sequences: vec![Sequence {
                    name: name.into(),
                    number: 3,
                }],
                ..Baseline::default()
            };
            let (hops, renames) = ([Series::from_major(major).unwrap()], Renames::default());
            let all = compare(&before, &Baseline::default(), &Way::new(&hops, &renames));
            all.into_iter().any(|comparison| comparison.finding.is_some())
        };
        assert!(!told("ir.sequence 1 (account.reconcile)", 17));
        assert!(told("ir.sequence 1 (account.reconcile)", 18));
        assert!(told("ir.sequence 12 (sale.order)", 17));
    }

    #[test]
    fn a_scheduled_action_that_was_on_and_is_off_is_found_and_one_that_was_off_is_not() {
        let crons = |active: [bool; 2]| Baseline {
            crons: ["base.autovacuum_job", "mail.ir_cron_mail_scheduler_action"]
                .into_iter()
                .zip(active)
                .map(|(name, active)| Cron {
                    name: name.into(),
                    active,
                })
                .collect(),
            ..Baseline::default()
        };
        let (hops, renames) = ([Series::NEWEST], Renames::default());
        let found = |now| {
            let all = compare(&crons([true, false]), &crons(now), &Way::new(&hops, &renames));
            let mut findings = all.into_iter().filter_map(|one| one.finding);
            findings.next().map(|finding| (finding.code, finding.evidence))
        };
        assert_eq!(found([true, false]), None);
        let off = ("crons-off".to_owned(), vec!["base.autovacuum_job".to_owned()]);
        assert_eq!(found([false, false]), Some(off));
    }
}
