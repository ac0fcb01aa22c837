//! How many hours the porting of each module may take, and what that costs: intervals, never numbers that pretend.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::agreement::{Category, Claim, Entitlement, Money, Project, Terms, entitlement};
use crate::amount::Amount;
use crate::odoo::cloc::{ModuleTally, Tally};
use crate::odoo::fates::{Fate, Way};
use crate::odoo::openupgrade::Grade;
use crate::odoo::survey::Survey;
use crate::spec::Coefficients;

/// Hours, at best and at worst, in quarters of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// At best.
    pub from: Amount,
    /// At worst.
    pub to: Amount,
}

/// What porting one module asks for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effort {
    /// The module.
    pub module: String,
    /// For how many hops it must be ported.
    pub hops: usize,
    /// Lines of Python, as Odoo counts them; absent where its code is not at hand.
    pub python: Option<u64>,
    /// Lines of scripts and styles.
    pub script: Option<u64>,
    /// Its views in the database.
    pub views: u64,
    /// Rows in its own tables.
    pub rows: u64,
    /// Whether it has tests; absent where its code is not at hand.
    pub tests: Option<bool>,
    /// Modules it needs that OpenUpgrade has not looked at.
    pub uncovered: Vec<String>,
    /// The estimate; absent where its code is not at hand.
    pub hours: Option<Hours>,
}

/// The work before the upgrade, and what it costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Work {
    /// Every module that needs porting, the longest first.
    pub modules: Vec<Effort>,
    /// The sum of what could be estimated.
    pub hours: Hours,
    /// How many modules could not be estimated: their code is not at hand.
    pub unknown: usize,
    /// What it costs, where the plan has a price for the hour.
    pub quote: Option<Quote>,
}

/// What the work costs by the agreement, without VAT.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quote {
    /// ISO code of the currency.
    pub currency: String,
    /// Whether the agreement includes an upgrade that starts today, and why.
    pub verdict: Entitlement,
    /// Hours at best, less the discount; nothing where they are included.
    pub from: Money,
    /// Hours at worst, less the discount; nothing where they are included.
    pub to: Money,
    /// The one-off fee that comes on top, where the plan has one.
    pub fee: Option<Money>,
}

/// What a quote is made from.
#[derive(Clone, Copy, Debug)]
pub struct Contract<'a> {
    /// The contract.
    pub terms: &'a Terms,
    /// Upgrades that are known.
    pub projects: &'a [Project],
    /// The day of the quote.
    pub today: Date,
}

/// Estimates the porting of every module that needs it. `code` is what was counted of the series they come from.
pub(super) fn work(
    ways: &[Way],
    survey: &Survey,
    code: &Tally,
    coefficients: &Coefficients,
    contract: Option<Contract<'_>>,
) -> Work {
    let grades: BTreeMap<&str, bool> = (ways.iter())
        .map(|way| {
            let uncovered = way.hops.iter().any(|hop| hop.grade == Some(Grade::NotCovered));
            (way.module.as_str(), uncovered)
        })
        .collect();
    let to_port = ways
        .iter()
        .filter(|way| matches!(way.verdict(), Fate::ToPort | Fate::Missing));
    let mut modules: Vec<Effort> = to_port
        .map(|way| {
            let tally = code
                .modules
                .iter()
                .find(|tally| tally.name == way.module && tally.repository.is_some());
            effort(way, survey, tally, &grades, coefficients)
        })
        .collect();
    modules.sort_by(|a, b| {
        let worst = |effort: &Effort| effort.hours.map(|hours| hours.to);
        worst(b).cmp(&worst(a)).then_with(|| a.module.cmp(&b.module))
    });
    let sum = |of: fn(&Hours) -> Amount| modules.iter().filter_map(|one| one.hours.as_ref().map(of)).sum();
    let hours = Hours {
        from: sum(|hours| hours.from),
        to: sum(|hours| hours.to),
    };
    Work {
        unknown: modules.iter().filter(|one| one.hours.is_none()).count(),
        quote: contract.and_then(|contract| quote(hours, contract)),
        hours,
        modules,
    }
}

fn effort(
    way: &Way,
    survey: &Survey,
    tally: Option<&ModuleTally>,
    uncovered: &BTreeMap<&str, bool>,
    coefficients: &Coefficients,
) -> Effort {
    let module = survey.modules.get(&way.module);
    let needed = module.map(|module| module.depends.as_slice()).unwrap_or_default();
    let parts = survey.parts.get(&way.module);
    let mut effort = Effort {
        module: way.module.clone(),
        hops: way
            .hops
            .iter()
            .filter(|hop| matches!(hop.fate, Fate::ToPort | Fate::Missing))
            .count()
            .max(1),
        python: tally.map(|tally| lines_of(tally, &["py"])),
        script: tally.map(|tally| lines_of(tally, &["js", "css", "scss"])),
        views: parts.map_or(0, |parts| parts.views),
        rows: parts.map_or(0, |parts| parts.tables.iter().map(|table| survey.rows(table)).sum()),
        tests: tally.map(has_tests),
        uncovered: (needed.iter())
            .filter(|name| uncovered.get(name.as_str()) == Some(&true))
            .cloned()
            .collect(),
        hours: None,
    };
    effort.hours = estimate(&effort, coefficients);
    effort
}

fn lines_of(tally: &ModuleTally, extensions: &[&str]) -> u64 {
    let is_one = |item: &str| {
        let extension = item
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_ascii_lowercase());
        extension.is_some_and(|extension| extensions.contains(&extension.as_str()))
    };
    let counted = tally.counted.iter().filter(|one| is_one(&one.item));
    counted.map(|one| one.count.code).sum()
}

/// Says whether a module has tests, which are never counted but listed as free.
fn has_tests(tally: &ModuleTally) -> bool {
    let mut free = tally.excluded.iter();
    free.any(|one| one.item.starts_with("tests/test_") || one.item.starts_with("static/tests/"))
}

fn estimate(effort: &Effort, of: &Coefficients) -> Option<Hours> {
    let (python, script) = (effort.python?, effort.script?);
    let hours = |at: fn((f64, f64)) -> f64| {
        let first = at(of.module)
            + at(of.python_100) * float(python) / 100.0
            + at(of.script_100) * float(script) / 100.0
            + at(of.view) * float(effort.views)
            + at(of.uncovered) * float(effort.uncovered.len() as u64)
            + at(of.million_rows) * float(effort.rows) / 1e6;
        let tests = if effort.tests == Some(true) { of.with_tests } else { 1.0 };
        first * tests * (1.0 + of.further_hop * float(effort.hops as u64 - 1))
    };
    Some(Hours {
        from: quarters((4.0 * hours(|(best, _)| best)).floor()),
        to: quarters((4.0 * hours(|(_, worst)| worst)).ceil()),
    })
}

/// Returns so many quarters of an hour.
fn quarters(number: f64) -> Amount {
    // A number of seconds is the one float that the library makes whole, and refuses when it cannot.
    let whole = std::time::Duration::try_from_secs_f64(number).map_or(0, |time| time.as_secs());
    Amount::hundredths(whole.saturating_mul(25))
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines and rows, for an estimate")]
fn float(count: u64) -> f64 {
    count as f64
}

fn quote(hours: Hours, contract: Contract<'_>) -> Option<Quote> {
    let Contract { terms, projects, today } = contract;
    let price = terms.price.as_ref()?;
    let delivered: Vec<Date> = projects.iter().filter_map(|project| project.delivered).collect();
    let verdict = entitlement(terms, &delivered, Claim::of(Category::Upgrade), today);
    let cost = |hours: Amount| {
        let hour = if verdict.included {
            Some(Amount::ZERO)
        } else {
            price.hour
        }?;
        let whole = Money::of(hour, hours, price.currency);
        let discount = if terms.holds(today) {
            price.hour_discount
        } else {
            Amount::ZERO
        };
        Some(whole - whole.percent(discount))
    };
    Some(Quote {
        currency: price.currency.code().to_owned(),
        from: cost(hours.from)?,
        to: cost(hours.to)?,
        fee: price
            .upgrade_fee
            .map(|fee| Money::of(fee, Amount::hundredths(100), price.currency)),
        verdict,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::agreement::{Currency, Kind as Agreed, LineRounding, Price};

    fn effort(python: u64) -> Effort {
        Effort {
            module: "m".into(),
            hops: 1,
            python: Some(python),
            script: Some(0),
            views: 0,
            rows: 0,
            tests: Some(false),
            uncovered: Vec::new(),
            hours: None,
        }
    }

    fn told(effort: &Effort) -> (String, String) {
        let hours = estimate(effort, &Coefficients::default()).unwrap();
        (hours.from.to_string(), hours.to.to_string())
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn every_part_of_a_module_adds_hours_and_tests_take_some_away() {
        assert_eq!(told(&effort(0)), pair("1", "3"));
        assert_eq!(told(&effort(1000)), pair("4", "13"));
        let more = Effort {
            script: Some(200),
            views: 4,
            rows: 2_000_000,
            uncovered: vec!["bus".into()],
            ..effort(1000)
        };
        assert_eq!(told(&more), pair("6.5", "32"));
        let tested = Effort {
            tests: Some(true),
            ..effort(1000)
        };
        assert_eq!(told(&tested), pair("3", "10.5"));
        let far = Effort {
            hops: 3,
            ..effort(1000)
        };
        assert_eq!(told(&far), pair("8", "26"));
        let unseen = Effort {
            python: None,
            ..effort(0)
        };
        assert_eq!(estimate(&unseen, &Coefficients::default()), None);
    }

    #[test]
    fn hours_are_billed_with_the_discount_unless_the_agreement_includes_the_upgrade() {
        let terms = Terms {
            kind: Agreed::Maintenance,
            since: Some(date(2025, 3, 1)),
            patch_agreement: true,
            price: Some(Price {
                currency: Currency::SEK,
                per_100_lines_month: None,
                lines: LineRounding::Up,
                patches_month: None,
                upgrade_fee: Some(Amount::hundredths(990_000)),
                hour: Some(Amount::hundredths(100_000)),
                hour_discount: Amount::hundredths(1000),
                vat: Amount::ZERO,
            }),
            ..Terms::none()
        };
        let hours = Hours {
            from: Amount::hundredths(200),
            to: Amount::hundredths(1000),
        };
        let last = Project {
            run: None,
            started: date(2025, 11, 10),
            delivered: Some(date(2025, 11, 10)),
            from: None,
            to: None,
        };
        let on = |today| {
            let projects = std::slice::from_ref(&last);
            let contract = Contract {
                terms: &terms,
                projects,
                today,
            };
            let quote = quote(hours, contract).unwrap();
            (
                quote.from.to_string(),
                quote.to.to_string(),
                quote.fee.unwrap().to_string(),
            )
        };
        let told = |from: &str, to: &str| (from.to_owned(), to.to_owned(), "9900.00".to_owned());
        assert_eq!(on(date(2026, 11, 9)), told("1800.00", "9000.00"));
        assert_eq!(on(date(2026, 11, 10)), told("0.00", "0.00"));
    }
}
