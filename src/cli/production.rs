//! Runs for production: only what the agreement includes, unless somebody says why.

use jiff::Zoned;
use jiff::civil::Date;
use tokio_util::sync::CancellationToken;

use super::bill::{delivered, projects};
use super::failure::{Failure, exit};
use super::gather;
use crate::agreement::{Category, Claim, Entitlement, Project, Terms, entitlement};
use crate::event::Production;
use crate::ident::Series;
use crate::journal::StateFolder;
use crate::report::bill::reason as in_sentences;
use crate::spec::{Language, Plan};

/// Asks the agreement whether it includes what a plan does. What it does not include is refused, without a reason given.
pub(super) async fn asked(
    plan: &Plan,
    state: &StateFolder,
    overriding: Option<&str>,
    cancel: &CancellationToken,
) -> Result<Production, Failure> {
    let (backup, _) = gather::backup_of(plan, state, cancel).await?;
    let from = gather::series_of(plan, &backup)?;
    let verdict = judge(&plan.terms, &projects(plan)?, (from, plan.target), Zoned::now().date());
    let why = in_sentences(&verdict, Language::En);
    match (verdict.included, overriding) {
        (true, _) => Ok(Production {
            included: true,
            why,
            overridden: None,
        }),
        (false, Some(reason)) => Ok(Production {
            included: false,
            why,
            overridden: Some(reason.to_owned()),
        }),
        (false, None) => {
            let what = if from == plan.target { "patch" } else { "upgrade" };
            let message = format!("the agreement does not include this {what}, and nothing was done: {why}");
            Err(Failure::new(exit::NOT_ENTITLED, message).hint(
                "a rehearsal needs no agreement: leave out `--production`; or go on with `--override \"REASON\"`, which \
                 is kept in the journal",
            ))
        }
    }
}

/// Judges an upgrade as of today or, as its work is judged, as of the day it started; a patch as of today.
fn judge(terms: &Terms, projects: &[Project], (from, to): (Series, Series), today: Date) -> Entitlement {
    if from == to {
        return entitlement(terms, &[], Claim::of(Category::Patch), today);
    }
    let on = |day| entitlement(terms, &delivered(projects), Claim::of(Category::Upgrade), day);
    let open = projects
        .iter()
        .find(|project| project.from == Some(from) && project.delivered.is_none());
    let as_started = open
        .map(|project| on(project.started))
        .filter(|verdict| verdict.included);
    Some(on(today))
        .filter(|verdict| verdict.included)
        .or(as_started)
        .unwrap_or_else(|| on(today))
}

/// Reads a reason, which says something.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        Err("say why the agreement is passed over".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::agreement::{Kind, Reason};

    fn series(major: u8) -> Series {
        Series::from_major(major).unwrap()
    }

    fn maintenance() -> Terms {
        Terms {
            kind: Kind::Maintenance,
            since: Some(date(2025, 3, 1)),
            patch_agreement: true,
            ..Terms::none()
        }
    }

    fn project(from: u8, started: Date, delivered: Option<Date>) -> Project {
        Project {
            run: None,
            started,
            delivered,
            from: Some(series(from)),
            to: Some(series(from + 1)),
        }
    }

    fn reason_of(terms: &Terms, projects: &[Project], today: Date) -> (bool, Reason) {
        let verdict = judge(terms, projects, (series(18), series(19)), today);
        (verdict.included, verdict.reason)
    }

    #[test]
    fn an_upgrade_is_included_from_the_twelve_month_date_on() {
        let last = [project(17, date(2025, 11, 1), Some(date(2025, 11, 10)))];
        let of = |day| reason_of(&maintenance(), &last, day);
        assert_eq!(of(date(2026, 11, 9)), (false, Reason::WithinTwelveMonths));
        assert_eq!(of(date(2026, 11, 10)), (true, Reason::TwelveMonthsPassed));
    }

    #[test]
    fn what_was_included_when_the_upgrade_started_stays_so() {
        let mut terms = maintenance();
        terms.until = Some(date(2026, 10, 31));
        let after = date(2026, 11, 1);
        assert_eq!(reason_of(&terms, &[], after), (false, Reason::Ended));
        let in_time = [project(18, date(2026, 10, 31), None)];
        assert_eq!(reason_of(&terms, &in_time, after), (true, Reason::FirstUpgrade));
        let too_late = [project(18, after, None)];
        assert_eq!(reason_of(&terms, &too_late, after), (false, Reason::Ended));
        let another = [project(17, date(2026, 10, 31), None)];
        assert_eq!(reason_of(&terms, &another, after), (false, Reason::Ended));
    }

    #[test]
    fn a_patch_needs_patches_and_no_twelve_months() {
        let today = date(2026, 1, 1);
        let patch = |terms: &Terms| judge(terms, &[], (series(19), series(19)), today).included;
        assert!(patch(&maintenance()));
        assert!(!patch(&Terms::none()));
    }

    #[test]
    fn a_reason_says_something() {
        assert_eq!(reason(" paid apart "), Ok("paid apart".to_owned()));
        assert!(reason("  ").is_err());
    }
}
