//! Upgrades, folded from runs: several runs and several hops are one upgrade.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::month::add_months;
use crate::event::{Outcome, RunKind};
use crate::ident::{RunId, Series};

/// What a journal says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFact {
    /// The run.
    pub run: RunId,
    /// What it was for.
    pub kind: RunKind,
    /// The day it began.
    pub began: Date,
    /// The day it ended, and how; nothing when it was killed.
    pub ended: Option<(Date, Outcome)>,
    /// The series the database came from.
    pub from: Series,
    /// The series it went to.
    pub to: Series,
}

/// An upgrade: from its first run to its delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Project {
    /// The first run, where a journal tells; else only the plan knows of the upgrade.
    #[schemars(with = "Option<String>")]
    pub run: Option<RunId>,
    /// The day it started.
    #[schemars(with = "String")]
    pub started: Date,
    /// The day it was delivered, when it was.
    #[schemars(with = "Option<String>")]
    pub delivered: Option<Date>,
    /// The series the database came from.
    #[schemars(with = "Option<String>")]
    pub from: Option<Series>,
    /// The series of the last run.
    #[schemars(with = "Option<String>")]
    pub to: Option<Series>,
}

/// Folds runs into upgrades, oldest first. `last` is the day the plan says the last upgrade was delivered.
///
/// Production stays in its series until an upgrade is delivered, so all runs from one series are one upgrade, whatever
/// series they go to. Patches and dry runs are none. A delivery before which no run is known is an upgrade that started,
/// as far as anybody knows, on that day.
pub fn upgrades(runs: &[RunFact], last: Option<Date>) -> Vec<Project> {
    let mut projects: Vec<Project> = Vec::new();
    for run in runs
        .iter()
        .filter(|run| run.kind != RunKind::DryRun && run.from < run.to)
    {
        let cutover = match run.ended {
            Some((day, Outcome::Done)) if run.kind == RunKind::Cutover => Some(day),
            _ => None,
        };
        match projects.iter_mut().find(|project| project.from == Some(run.from)) {
            Some(project) => {
                project.to = Some(run.to);
                project.delivered = project.delivered.or(cutover);
            }
            None => projects.push(Project {
                run: Some(run.run.clone()),
                started: run.began,
                delivered: cutover,
                from: Some(run.from),
                to: Some(run.to),
            }),
        }
    }
    projects.sort_by_key(|project| project.started);
    if let Some(last) = last {
        note_delivery(&mut projects, last);
    }
    projects
}

/// Adds what the plan knows: the newest upgrade that had started by then was delivered on that day. A day that somebody
/// wrote down within a month of the delivery that a journal tells of is about the same delivery.
fn note_delivery(projects: &mut Vec<Project>, last: Date) {
    let newest = projects.iter_mut().rfind(|project| project.started <= last);
    match newest {
        Some(project) if project.delivered.is_none_or(|known| last <= add_months(known, 1)) => {
            project.delivered = project.delivered.max(Some(last));
        }
        _ => {
            projects.push(Project {
                run: None,
                started: last,
                delivered: Some(last),
                from: None,
                to: None,
            });
            projects.sort_by_key(|project| project.started);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn run(kind: RunKind, began: Date, from: u8, to: u8) -> RunFact {
        RunFact {
            run: RunId::new(began.to_string()),
            kind,
            began,
            ended: Some((began, Outcome::Done)),
            from: Series::from_major(from).unwrap(),
            to: Series::from_major(to).unwrap(),
        }
    }

    fn days(projects: &[Project]) -> Vec<(Date, Option<Date>)> {
        projects
            .iter()
            .map(|project| (project.started, project.delivered))
            .collect()
    }

    #[test]
    fn all_runs_and_hops_from_one_series_are_one_upgrade() {
        let runs = [
            run(RunKind::Rehearsal, date(2026, 9, 15), 16, 18),
            run(RunKind::Rehearsal, date(2026, 10, 1), 16, 19),
            run(RunKind::Cutover, date(2026, 11, 2), 16, 19),
        ];
        let projects = upgrades(&runs, None);
        assert_eq!(days(&projects), [(date(2026, 9, 15), Some(date(2026, 11, 2)))]);
        assert_eq!(projects[0].to, Series::from_major(19));
    }

    #[test]
    fn from_another_series_is_another_upgrade() {
        let runs = [
            run(RunKind::Cutover, date(2025, 9, 15), 17, 18),
            run(RunKind::Rehearsal, date(2026, 10, 1), 18, 19),
        ];
        let expected = [(date(2025, 9, 15), Some(date(2025, 9, 15))), (date(2026, 10, 1), None)];
        assert_eq!(days(&upgrades(&runs, None)), expected);
    }

    #[test]
    fn patches_and_dry_runs_are_no_upgrades_and_a_cutover_that_failed_delivers_none() {
        let mut failed = run(RunKind::Cutover, date(2026, 10, 1), 18, 19);
        failed.ended = Some((failed.began, Outcome::Failed));
        let runs = [
            run(RunKind::DryRun, date(2026, 1, 1), 18, 19),
            run(RunKind::Rehearsal, date(2026, 2, 1), 19, 19),
            failed,
        ];
        assert_eq!(days(&upgrades(&runs, None)), [(date(2026, 10, 1), None)]);
    }

    #[test]
    fn the_plan_knows_of_the_delivery_of_the_newest_upgrade_that_had_started() {
        let runs = [run(RunKind::Rehearsal, date(2026, 9, 15), 18, 19)];
        let started = date(2026, 9, 15);
        let of = |last| days(&upgrades(&runs, Some(last)));
        assert_eq!(of(started), [(started, Some(started))]);
        let before = date(2026, 9, 14);
        assert_eq!(of(before), [(before, Some(before)), (started, None)]);
        assert_eq!(days(&upgrades(&[], Some(before))), [(before, Some(before))]);
    }

    #[test]
    fn a_day_within_a_month_of_a_known_delivery_is_of_the_same_upgrade() {
        let cutover = date(2026, 1, 31);
        let of = |last| days(&upgrades(&[run(RunKind::Cutover, cutover, 18, 19)], Some(last)));
        assert_eq!(of(cutover), [(cutover, Some(cutover))]);
        assert_eq!(of(date(2026, 2, 28)), [(cutover, Some(date(2026, 2, 28)))]);
        let other = date(2026, 3, 1);
        assert_eq!(of(other), [(cutover, Some(cutover)), (other, Some(other))]);
    }
}
