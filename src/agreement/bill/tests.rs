use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::agreement::{Entry, LineRounding, ModuleLines, Reason};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn price() -> Price {
    Price {
        currency: Currency::SEK,
        per_100_lines_month: Some(amount("180")),
        lines: LineRounding::Up,
        patches_month: None,
        upgrade_fee: Some(amount("9900")),
        hour: Some(amount("1450")),
        hour_discount: amount("10"),
        vat: amount("25"),
    }
}

fn terms() -> Terms {
    Terms {
        kind: Kind::Maintenance,
        since: Some(date(2025, 3, 1)),
        patch_agreement: true,
        price: Some(price()),
        ..Terms::none()
    }
}

fn count(lines: u64) -> Count {
    let module = ModuleLines {
        module: "acme_sale".into(),
        repository: None,
        lines,
    };
    Count {
        modules: vec![module],
        ..Count::default()
    }
}

fn work(number: u64, day: Date, hours: &str, category: Category) -> WorkItem {
    let entry = Entry {
        entry: number,
        written: Timestamp::UNIX_EPOCH,
        date: day,
        hours: amount(hours),
        category,
        deviates: false,
        reproduced: false,
        text: "x".into(),
        corrects: None,
    };
    WorkItem { entry, number }
}

fn started(day: Date, delivered: Option<Date>) -> Project {
    Project {
        run: None,
        started: day,
        delivered,
        from: None,
        to: None,
    }
}

struct Case {
    terms: Terms,
    lines: Option<u64>,
    projects: Vec<Project>,
    work: Vec<WorkItem>,
}

impl Case {
    fn of(terms: Terms) -> Case {
        Case {
            terms,
            lines: Some(12_345),
            projects: Vec::new(),
            work: Vec::new(),
        }
    }

    fn bill(&self, month: &str) -> Result<Bill, BillError> {
        let count = self.lines.map(count);
        let facts = Facts {
            customer: "acme",
            terms: &self.terms,
            count: count.as_ref(),
            projects: &self.projects,
            work: &self.work,
            today: date(2026, 11, 23),
        };
        bill(&facts, month.parse().unwrap())
    }

    fn amounts(&self, month: &str) -> Vec<String> {
        let bill = self.bill(month).unwrap();
        bill.items.iter().map(|item| item.amount.to_string()).collect()
    }
}

#[test]
fn the_fee_follows_the_lines_and_vat_stands_apart() {
    let bill = Case::of(terms()).bill("2026-11").unwrap();
    assert_eq!(bill.items.len(), 1);
    assert_eq!(bill.items[0].quantity.to_string(), "124");
    assert_eq!(bill.net.to_string(), "22320.00");
    assert_eq!(
        (bill.vat.to_string(), bill.total.to_string()),
        ("5580.00".into(), "27900.00".into())
    );
    let mut case = Case::of(terms());
    for (lines, fee) in [(0, "0.00"), (1, "180.00"), (100, "180.00"), (101, "360.00")] {
        case.lines = Some(lines);
        assert_eq!(case.amounts("2026-11"), [fee], "{lines} lines");
    }
    case.terms.price.as_mut().unwrap().lines = LineRounding::Exact;
    assert_eq!(case.amounts("2026-11"), ["181.80"]);
}

#[test]
fn the_first_month_that_is_billed_is_the_one_in_which_the_agreement_begins() {
    let case = Case::of(terms());
    assert_eq!(case.amounts("2025-02"), [""; 0]);
    assert_eq!(case.amounts("2025-03"), ["22320.00"]);
}

#[test]
fn twelve_months_are_billed_whatever_notice_is_given() {
    let mut case = Case::of(terms());
    case.terms.until = Some(date(2025, 5, 31));
    assert_eq!(case.amounts("2026-02").len(), 1, "the twelfth");
    assert_eq!(case.amounts("2026-03").len(), 0, "the thirteenth");
    // Notice to a later day is billed up to the period that begins by then.
    case.terms.until = Some(date(2026, 3, 1));
    assert_eq!(case.amounts("2026-03").len(), 1);
    assert_eq!(case.amounts("2026-04").len(), 0);
}

#[test]
fn an_agreement_from_the_middle_or_the_end_of_a_month_is_billed_twelve_times_in_twelve_months() {
    for (since, months) in [
        (date(2025, 3, 15), ("2025-03", "2026-02", "2026-03")),
        (date(2025, 8, 31), ("2025-08", "2026-07", "2026-08")),
        (date(2024, 2, 29), ("2024-02", "2025-01", "2025-02")),
    ] {
        let mut case = Case::of(terms());
        case.terms.since = Some(since);
        case.terms.until = Some(since);
        let (first, last, after) = months;
        let billed = [first, last, after].map(|month| case.amounts(month).len());
        assert_eq!(billed, [1, 1, 0], "since {since}");
    }
}

#[test]
fn a_period_ends_before_the_next_begins() {
    let mut case = Case::of(terms());
    case.terms.since = Some(date(2026, 1, 31));
    let period = |month| match case.bill(month).unwrap().items[0].kind {
        ItemKind::Lines { from, until } => (from, until),
        ref other => panic!("{other:?}"),
    };
    assert_eq!(period("2026-01"), (date(2026, 1, 31), date(2026, 2, 27)));
    assert_eq!(period("2026-02"), (date(2026, 2, 28), date(2026, 3, 30)));
    assert_eq!(period("2026-03"), (date(2026, 3, 31), date(2026, 4, 29)));
}

#[test]
fn the_upgrade_fee_falls_in_the_month_in_which_the_upgrade_starts_and_only_there() {
    let mut case = Case::of(terms());
    case.lines = Some(0);
    case.projects = vec![started(date(2026, 10, 31), Some(date(2026, 11, 1)))];
    assert_eq!(case.amounts("2026-10"), ["0.00", "9900.00"]);
    assert_eq!(case.amounts("2026-11"), ["0.00"]);
    assert_eq!(case.amounts("2026-09"), ["0.00"]);
}

#[test]
fn hours_that_are_not_included_are_billed_with_the_holders_discount() {
    let mut case = Case::of(terms());
    case.lines = Some(0);
    let day = date(2026, 11, 20);
    case.work = vec![
        work(1, day, "1.5", Category::GoLive),
        work(2, day, "8", Category::Support),
        work(3, date(2026, 12, 1), "1", Category::GoLive),
        work(4, date(2026, 10, 31), "1", Category::GoLive),
        work(5, day, "0", Category::GoLive),
    ];
    let bill = case.bill("2026-11").unwrap();
    assert_eq!(bill.items.len(), 2);
    let item = &bill.items[1];
    assert_eq!(
        (item.discount.to_string(), item.amount.to_string()),
        ("217.50".into(), "1957.50".into())
    );
    assert_eq!(bill.included.len(), 1);
    assert_eq!(bill.included[0].entry, 2);
    assert_eq!(
        (bill.net.to_string(), bill.total.to_string()),
        ("1957.50".into(), "2446.88".into())
    );
}

#[test]
fn both_kinds_of_agreement_have_the_discount_and_nobody_else() {
    let mut case = Case::of(terms());
    case.lines = Some(0);
    case.work = vec![
        work(1, date(2025, 3, 1), "1", Category::Other),
        work(2, date(2025, 2, 28), "1", Category::Other),
    ];
    assert_eq!(case.amounts("2025-03"), ["0.00", "1305.00"]);
    assert_eq!(case.amounts("2025-02"), ["1450.00"], "the day before the agreement");
    case.terms.kind = Kind::Operations;
    assert_eq!(case.amounts("2025-03"), ["0.00", "1305.00"]);
    case.terms.kind = Kind::None;
    assert_eq!(case.amounts("2025-03"), ["1450.00"]);
}

#[test]
fn work_on_an_upgrade_is_judged_as_of_its_start() {
    let mut case = Case::of(terms());
    case.lines = Some(0);
    let (before, this) = (date(2025, 11, 10), date(2026, 11, 10));
    case.work = vec![
        work(1, date(2026, 11, 12), "2", Category::Upgrade),
        work(2, date(2026, 11, 21), "3", Category::Upgrade),
    ];
    let delivery = Some(date(2026, 11, 20));
    let reasons = |case: &Case| {
        let bill = case.bill("2026-11").unwrap();
        let included = bill.included.iter().map(|line| (line.entry, line.verdict.reason));
        included.collect::<Vec<_>>()
    };
    case.projects = vec![started(before, Some(before)), started(this, delivery)];
    assert_eq!(
        reasons(&case),
        [(1, Reason::TwelveMonthsPassed)],
        "after its delivery it is the last one"
    );
    // A day earlier, and the twelve months had not passed.
    case.projects[1].started = date(2026, 11, 9);
    assert_eq!(reasons(&case), []);
}

#[test]
fn the_patch_agreement_has_a_price_of_its_own() {
    let mut case = Case::of(terms());
    case.lines = None;
    case.terms.kind = Kind::Operations;
    case.terms.price.as_mut().unwrap().per_100_lines_month = None;
    case.terms.price.as_mut().unwrap().patches_month = Some(amount("2500"));
    assert_eq!(case.amounts("2026-11"), ["2500.00"]);
    case.terms.kind = Kind::Maintenance;
    assert!(matches!(
        case.bill("2026-11"),
        Err(BillError::NoPrice {
            key: "per_100_lines_month",
            ..
        })
    ));
    case.terms.price = Some(Price {
        patches_month: Some(amount("2500")),
        ..price()
    });
    case.lines = Some(100);
    assert_eq!(case.amounts("2026-11"), ["180.00", "2500.00"]);
    case.terms.patch_agreement = false;
    assert_eq!(case.amounts("2026-11"), ["180.00"]);
}

#[test]
fn nothing_is_billed_at_a_price_nobody_agreed_on() {
    let mut case = Case::of(terms());
    case.lines = None;
    let month = "2026-11".parse().unwrap();
    assert_eq!(case.bill("2026-11"), Err(BillError::NotCounted { month }));
    case.terms = Terms::none();
    assert!(case.bill("2026-11").unwrap().items.is_empty());
    case.work = vec![work(1, date(2026, 11, 20), "1", Category::Support)];
    assert!(matches!(
        case.bill("2026-11"),
        Err(BillError::NoPrice { key: "hour", .. })
    ));
    case.work.clear();
    case.projects = vec![started(date(2026, 11, 20), None)];
    assert!(
        case.bill("2026-11").unwrap().items.is_empty(),
        "no agreement, no price, no fee"
    );
    case = Case {
        projects: case.projects,
        ..Case::of(terms())
    };
    case.terms.price.as_mut().unwrap().upgrade_fee = None;
    assert!(matches!(
        case.bill("2026-11"),
        Err(BillError::NoPrice { key: "upgrade_fee", .. })
    ));
}

#[test]
fn the_verdict_is_of_today_or_of_the_day_of_the_month_that_is_nearest() {
    let case = Case::of(terms());
    let on = |month| case.bill(month).unwrap().on;
    assert_eq!(on("2026-10"), date(2026, 10, 31));
    assert_eq!(on("2026-11"), date(2026, 11, 23));
    assert_eq!(on("2026-12"), date(2026, 12, 1));
}

proptest! {
    #[test]
    fn sums_add_up_to_the_last_oere(
        lines in 0_u64..2_000_000,
        price in 0_u64..1_000_000,
        hour in 0_u64..1_000_000,
        discount in 0_u64..=10_000,
        hours in prop::collection::vec(1_u64..10_000, 0..12),
    ) {
        let mut case = Case::of(terms());
        case.lines = Some(lines);
        let prices = case.terms.price.as_mut().unwrap();
        prices.per_100_lines_month = Some(Amount::hundredths(price));
        prices.lines = LineRounding::Exact;
        prices.hour = Some(Amount::hundredths(hour));
        prices.hour_discount = Amount::hundredths(discount);
        case.work = hours.iter().zip(1..).map(|(hours, number)| WorkItem {
            entry: Entry { hours: Amount::hundredths(*hours), ..work(number, date(2026, 11, 2), "1", Category::Other).entry },
            number,
        }).collect();
        let bill = case.bill("2026-11").unwrap();
        let minor = |money: Money| money.to_string().replace('.', "").parse::<i128>().unwrap();
        prop_assert_eq!(bill.items.iter().map(|item| minor(item.amount)).sum::<i128>(), minor(bill.net));
        prop_assert_eq!(minor(bill.net) + minor(bill.vat), minor(bill.total));
        for item in &bill.items {
            let gross = Money::of(item.price, item.quantity, bill.currency);
            prop_assert_eq!(gross - item.discount, item.amount);
            prop_assert!(minor(item.amount) >= 0);
        }
    }

    #[test]
    fn more_lines_never_cost_less(lines in 0_u64..100_000, more in 0_u64..1_000) {
        let fee = |lines| {
            let mut case = Case::of(terms());
            case.lines = Some(lines);
            case.bill("2026-11").unwrap().net.to_string().replace('.', "").parse::<i128>().unwrap()
        };
        prop_assert!(fee(lines) <= fee(lines + more));
    }
}
