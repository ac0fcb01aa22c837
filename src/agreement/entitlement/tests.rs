use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn maintenance() -> Terms {
    Terms {
        kind: Kind::Maintenance,
        since: Some(date(2025, 3, 1)),
        patch_agreement: true,
        ..Terms::none()
    }
}

fn operations() -> Terms {
    Terms {
        kind: Kind::Operations,
        patch_agreement: false,
        ..maintenance()
    }
}

fn judged(terms: &Terms, upgraded: &[Date], day: Date) -> (bool, Reason, Option<Date>) {
    let verdict = entitlement(terms, upgraded, Claim::of(Category::Upgrade), day);
    (verdict.included, verdict.reason, verdict.from)
}

fn reason(terms: &Terms, category: Category, day: Date) -> (bool, Reason) {
    let verdict = entitlement(terms, &[], Claim::of(category), day);
    (verdict.included, verdict.reason)
}

#[test]
fn the_next_upgrade_is_included_on_the_twelve_month_date_and_not_the_day_before() {
    let last = [date(2025, 11, 10)];
    let from = Some(date(2026, 11, 10));
    let before = judged(&maintenance(), &last, date(2026, 11, 9));
    assert_eq!(before, (false, Reason::WithinTwelveMonths, from));
    let on = judged(&maintenance(), &last, date(2026, 11, 10));
    assert_eq!(on, (true, Reason::TwelveMonthsPassed, from));
}

#[test]
fn twelve_months_from_a_leap_day_are_over_on_the_last_of_february() {
    let last = [date(2024, 2, 29)];
    let mut terms = maintenance();
    terms.since = Some(date(2020, 1, 1));
    assert!(!judged(&terms, &last, date(2025, 2, 27)).0);
    assert!(judged(&terms, &last, date(2025, 2, 28)).0);
    // And before a leap day they are no longer than otherwise.
    let last = [date(2023, 2, 28)];
    assert!(!judged(&terms, &last, date(2024, 2, 27)).0);
    assert!(judged(&terms, &last, date(2024, 2, 28)).0);
}

#[test]
fn the_window_rolls_from_the_last_upgrade_and_what_comes_later_is_not_known_yet() {
    let upgraded = [date(2025, 12, 24), date(2025, 6, 1)];
    let judged = |day| judged(&maintenance(), &upgraded, day);
    let from = Some(date(2026, 12, 24));
    assert_eq!(judged(date(2026, 12, 23)), (false, Reason::WithinTwelveMonths, from));
    assert_eq!(judged(date(2026, 12, 24)), (true, Reason::TwelveMonthsPassed, from));
    assert_eq!(judged(date(2025, 12, 24)).2, from);
    assert_eq!(judged(date(2025, 12, 23)).2, Some(date(2026, 6, 1)));
}

#[test]
fn the_first_upgrade_is_included_from_the_first_day_of_the_agreement_however_young_it_is() {
    let since = Some(date(2025, 3, 1));
    assert_eq!(
        judged(&maintenance(), &[], date(2025, 2, 28)),
        (false, Reason::NotBegun, since)
    );
    assert_eq!(
        judged(&maintenance(), &[], date(2025, 3, 1)),
        (true, Reason::FirstUpgrade, since)
    );
}

#[test]
fn an_upgrade_before_the_agreement_began_counts_as_the_last() {
    let last = [date(2025, 2, 10)];
    let from = Some(date(2026, 2, 10));
    // The agreement is not yet twelve months old on either day.
    assert_eq!(
        judged(&maintenance(), &last, date(2026, 2, 9)),
        (false, Reason::WithinTwelveMonths, from)
    );
    assert_eq!(
        judged(&maintenance(), &last, date(2026, 2, 10)),
        (true, Reason::TwelveMonthsPassed, from)
    );
    assert_eq!(
        judged(&maintenance(), &last, date(2025, 2, 11)),
        (false, Reason::NotBegun, from)
    );
}

#[test]
fn an_agreement_that_ends_first_includes_no_next_upgrade() {
    let mut terms = maintenance();
    terms.until = Some(date(2026, 11, 9));
    let last = [date(2025, 11, 10)];
    assert_eq!(
        judged(&terms, &last, date(2026, 11, 9)),
        (false, Reason::WithinTwelveMonths, None)
    );
    assert_eq!(judged(&terms, &last, date(2026, 11, 10)), (false, Reason::Ended, None));
    terms.until = Some(date(2026, 11, 10));
    assert!(judged(&terms, &last, date(2026, 11, 10)).0);
}

#[test]
fn upgrades_need_maintenance_and_maintenance_needs_patches() {
    let day = date(2026, 1, 1);
    assert_eq!(judged(&operations(), &[], day), (false, Reason::NeedsMaintenance, None));
    assert_eq!(judged(&Terms::none(), &[], day), (false, Reason::NoAgreement, None));
    let mut unpatched = maintenance();
    unpatched.patch_agreement = false;
    assert_eq!(judged(&unpatched, &[], day), (false, Reason::PatchesNotCurrent, None));
    assert_eq!(
        reason(&unpatched, Category::Support, day),
        (false, Reason::PatchesNotCurrent)
    );
    assert_eq!(
        reason(&maintenance(), Category::Support, day),
        (true, Reason::Maintenance)
    );
    assert_eq!(
        reason(&operations(), Category::Support, day),
        (false, Reason::NeedsMaintenance)
    );
}

#[test]
fn hot_fixes_need_a_patch_agreement_that_holds() {
    let mut without = maintenance();
    without.patch_agreement = false;
    for category in [Category::HotFix, Category::Patch] {
        assert_eq!(
            reason(&without, category, date(2025, 3, 1)),
            (false, Reason::NeedsPatches)
        );
        for with in [maintenance(), operations()] {
            assert_eq!(reason(&with, category, date(2025, 2, 28)), (false, Reason::NotBegun));
            assert_eq!(reason(&with, category, date(2025, 3, 1)), (true, Reason::Patches));
        }
        assert_eq!(
            reason(&Terms::none(), category, date(2025, 3, 1)),
            (false, Reason::NoAgreement)
        );
    }
}

#[test]
fn a_bug_fix_is_included_when_it_deviates_and_was_reproduced_and_not_with_one_of_the_two() {
    let judged = |deviates, reproducible| {
        let claim = Claim {
            category: Category::BugFix,
            deviates,
            reproducible,
        };
        let verdict = entitlement(&maintenance(), &[], claim, date(2025, 3, 1));
        (verdict.included, verdict.reason)
    };
    assert_eq!(judged(true, true), (true, Reason::Maintenance));
    assert_eq!(judged(false, true), (false, Reason::NoDeviation));
    assert_eq!(judged(true, false), (false, Reason::NotReproduced));
    assert_eq!(judged(false, false), (false, Reason::NoDeviation));
}

#[test]
fn what_the_contract_excludes_is_never_included() {
    for category in &Category::ALL[5..18] {
        assert_eq!(
            reason(&maintenance(), *category, date(2026, 1, 1)),
            (false, Reason::Excluded),
            "{category:?}"
        );
    }
    assert_eq!(
        reason(&maintenance(), Category::Other, date(2026, 1, 1)),
        (false, Reason::NotNamed)
    );
}

fn day() -> impl Strategy<Value = Date> {
    (2020_i16..2030, 1_i8..=12, 1_i8..=31).prop_filter_map("no such day", |(y, m, d)| Date::new(y, m, d).ok())
}

proptest! {
    #[test]
    fn an_upgrade_that_is_not_included_yet_is_from_the_day_that_is_named(
        since in day(), last in prop::option::of(day()), today in day(),
    ) {
        let terms = Terms { since: Some(since), ..maintenance() };
        let upgraded: Vec<Date> = last.into_iter().collect();
        let (included, _, from) = judged(&terms, &upgraded, today);
        let from = from.expect("an agreement without end includes an upgrade at last");
        prop_assert_eq!(included, from <= today);
        // A last upgrade between today and that day would move it.
        if last.is_none_or(|last| last <= today) {
            prop_assert!(judged(&terms, &upgraded, from).0);
            prop_assert!(!judged(&terms, &upgraded, from.yesterday().unwrap()).0);
        }
    }
}
