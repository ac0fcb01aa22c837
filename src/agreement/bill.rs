//! What a month costs, item by item.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::entitlement::{Claim, Entitlement, entitlement};
use super::fee::{Counted, counted};
use super::month::Month;
use super::{Category, Count, Currency, Kind, Money, Price, Project, StepWork, Terms, WorkItem};
use crate::amount::Amount;

/// Everything a bill is made of.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The customer's short name.
    pub customer: &'a str,
    /// The contract.
    pub terms: &'a Terms,
    /// The customer's code, counted, where it was.
    pub count: Option<&'a Count>,
    /// Upgrades, as [`super::upgrades`] knows them.
    pub projects: &'a [Project],
    /// Work, of whatever month.
    pub work: &'a [WorkItem],
    /// The day on which the bill is made.
    pub today: Date,
}

/// Why there is no bill.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BillError {
    /// Something has no price.
    #[error("{what} has no price: the plan does not say `agreement.price.{key}`")]
    NoPrice {
        /// What.
        what: String,
        /// The key of the plan.
        key: &'static str,
    },
    /// The fee depends on lines, and nothing was counted.
    #[error("the fee of {month} depends on the lines of the customer's code, and they were not counted")]
    NotCounted {
        /// The month.
        month: Month,
    },
}

/// The bill of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Bill {
    /// The customer's short name.
    pub customer: String,
    /// The month.
    pub month: Month,
    /// The kind of agreement.
    pub kind: Kind,
    /// Its first day.
    #[schemars(with = "Option<String>")]
    pub since: Option<Date>,
    /// Its last day, where notice was given.
    #[schemars(with = "Option<String>")]
    pub end: Option<Date>,
    /// The last day of its first twelve months, which are billed whatever happens.
    #[schemars(with = "Option<String>")]
    pub bound_until: Option<Date>,
    /// The ISO code of the currency of every sum.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// What is billed.
    pub items: Vec<Item>,
    /// Work that the agreement includes.
    pub included: Vec<WorkLine>,
    /// The items' sum, without VAT.
    pub net: Money,
    /// VAT in per cent.
    #[schemars(with = "String")]
    pub vat_percent: Amount,
    /// VAT on the sum, rounded once.
    pub vat: Money,
    /// The sum with VAT.
    pub total: Money,
    /// What the monthly fee is calculated from.
    pub counted: Option<Counted>,
    /// Upgrades that are known, of whatever month.
    pub upgrades: Vec<Project>,
    /// Steps of the plan that are work of a certain category.
    pub steps: Vec<StepWork>,
    /// The day for which the next field holds: today, within the month.
    #[schemars(with = "String")]
    pub on: Date,
    /// Whether an upgrade is included on that day.
    pub upgrade: Entitlement,
}

/// Something that is billed. Its amount is quantity × price − discount, each of the two rounded once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Item {
    /// What it is.
    #[serde(flatten)]
    pub kind: ItemKind,
    /// How many.
    #[schemars(with = "String")]
    pub quantity: Amount,
    /// Of what.
    pub unit: Unit,
    /// What one costs.
    #[schemars(with = "String")]
    pub price: Amount,
    /// The discount in per cent.
    #[schemars(with = "String")]
    pub discount_percent: Amount,
    /// The discount.
    pub discount: Money,
    /// What is to be paid, without VAT.
    pub amount: Money,
}

/// What is billed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "item", rename_all = "kebab-case")]
pub enum ItemKind {
    /// The fee by lines of code.
    Lines {
        /// The first day it is for.
        #[schemars(with = "String")]
        from: Date,
        /// The last day it is for.
        #[schemars(with = "String")]
        until: Date,
    },
    /// The fee of the patch agreement.
    Patches {
        /// The first day it is for.
        #[schemars(with = "String")]
        from: Date,
        /// The last day it is for.
        #[schemars(with = "String")]
        until: Date,
    },
    /// The one-off fee of an upgrade.
    Upgrade {
        /// The day the upgrade started.
        #[schemars(with = "String")]
        started: Date,
    },
    /// Work that is not included.
    Work(WorkLine),
}

/// What a quantity is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A hundred lines of code.
    HundredLines,
    /// A month.
    Month,
    /// An upgrade.
    Upgrade,
    /// An hour.
    Hour,
}

/// A piece of work, and how it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkLine {
    /// The number of its entry in the log.
    pub entry: u64,
    /// The day.
    #[schemars(with = "String")]
    pub date: Date,
    /// What kind of work.
    pub category: Category,
    /// What was done.
    pub text: String,
    /// How long it took.
    #[schemars(with = "String")]
    pub hours: Amount,
    /// Whether it is included, and why.
    pub verdict: Entitlement,
}

/// Makes the bill of a month.
pub fn bill(facts: &Facts<'_>, month: Month) -> Result<Bill, BillError> {
    let terms = facts.terms;
    let currency = terms.price.as_ref().map_or(Currency::SEK, |price| price.currency);
    let maker = Maker { facts, month, currency };
    let (mut items, counted) = maker.monthly()?;
    items.extend(maker.upgrades()?);
    let (included, billable): (Vec<_>, Vec<_>) = maker.work().partition(|line| line.verdict.included);
    for line in billable {
        items.push(maker.hours(line)?);
    }
    let net = Money::sum(items.iter().map(|item| item.amount), currency);
    let vat_percent = terms.price.as_ref().map_or(Amount::ZERO, |price| price.vat);
    let vat = net.percent(vat_percent);
    let on = facts.today.clamp(month.first(), month.last());
    Ok(Bill {
        customer: facts.customer.to_owned(),
        month,
        kind: terms.kind,
        since: terms.since,
        end: terms.end(),
        bound_until: terms.bound_until().filter(|_| terms.kind != Kind::None),
        currency,
        items,
        included,
        net,
        vat_percent,
        vat,
        total: net + vat,
        counted,
        upgrades: facts.projects.to_vec(),
        steps: terms.steps.clone(),
        on,
        upgrade: entitlement(
            terms,
            &delivered(facts.projects, None),
            Claim::of(Category::Upgrade),
            on,
        ),
    })
}

/// Returns when upgrades were delivered, but for one.
fn delivered(projects: &[Project], but: Option<&Project>) -> Vec<Date> {
    let others = projects.iter().filter(|project| Some(*project) != but);
    others.filter_map(|project| project.delivered).collect()
}

struct Maker<'a> {
    facts: &'a Facts<'a>,
    month: Month,
    currency: Currency,
}

impl Maker<'_> {
    /// The fees of the month that begins in this one, when the agreement holds as it begins: twelve in twelve months,
    /// whichever day the agreement began.
    fn monthly(&self) -> Result<(Vec<Item>, Option<Counted>), BillError> {
        let terms = self.facts.terms;
        let price = terms.price.as_ref();
        let rounding = price.map(|price| price.lines).unwrap_or_default();
        let counted = self.facts.count.map(|count| counted(count, &terms.covers, rounding));
        let Some(from) = terms
            .since
            .map(|since| self.month.same_day(since))
            .filter(|day| terms.holds(*day))
        else {
            return Ok((Vec::new(), counted));
        };
        let next = Month::of(self.month.last().tomorrow().unwrap_or(self.month.last()));
        let until = next.same_day(terms.since.unwrap_or(from)).yesterday().unwrap_or(from);
        let mut items = Vec::new();
        let lines = price.and_then(|price| price.per_100_lines_month);
        let patches = price
            .and_then(|price| price.patches_month)
            .filter(|_| terms.has_patches(from));
        if let Some(price) = lines {
            let month = self.month;
            let counted = counted.as_ref().ok_or(BillError::NotCounted { month })?;
            items.push(self.item(
                ItemKind::Lines { from, until },
                counted.hundreds,
                Unit::HundredLines,
                price,
            ));
        } else if terms.kind == Kind::Maintenance || patches.is_none() {
            return Err(no_price("the agreement", "per_100_lines_month"));
        }
        if let Some(price) = patches {
            items.push(self.item(ItemKind::Patches { from, until }, one(), Unit::Month, price));
        }
        Ok((items, counted))
    }

    /// The fee of each upgrade that started in the month. Without an agreement there is one only where it has a price.
    fn upgrades(&self) -> Result<Vec<Item>, BillError> {
        let price = self.price(|price| price.upgrade_fee);
        if price.is_none() && self.facts.terms.kind == Kind::None {
            return Ok(Vec::new());
        }
        let projects = self.facts.projects.iter();
        let started = projects
            .map(|project| project.started)
            .filter(|day| self.month.contains(*day));
        let fee = |started: Date| {
            let price = price.ok_or_else(|| no_price(&format!("the upgrade of {started}"), "upgrade_fee"))?;
            Ok(self.item(ItemKind::Upgrade { started }, one(), Unit::Upgrade, price))
        };
        started.map(fee).collect()
    }

    /// The month's work, judged.
    fn work(&self) -> impl Iterator<Item = WorkLine> {
        let logged = self.facts.work.iter();
        let done = logged.filter(|item| self.month.contains(item.entry.date) && !item.entry.hours.is_zero());
        let mut lines: Vec<WorkLine> = done
            .map(|item| WorkLine {
                entry: item.number,
                date: item.entry.date,
                category: item.entry.category,
                text: item.entry.text.clone(),
                hours: item.entry.hours,
                verdict: self.judge(item.claim(), item.entry.date),
            })
            .collect();
        lines.sort_by_key(|line| (line.date, line.entry));
        lines.into_iter()
    }

    /// Work on an upgrade is judged as of the day that upgrade started, everything else as of its own day.
    fn judge(&self, claim: Claim, day: Date) -> Entitlement {
        let is_open =
            |project: &&Project| project.started <= day && project.delivered.is_none_or(|delivered| day <= delivered);
        let project = (claim.category == Category::Upgrade).then(|| self.facts.projects.iter().find(is_open));
        let project = project.flatten();
        let day = project.map_or(day, |project| project.started);
        entitlement(self.facts.terms, &delivered(self.facts.projects, project), claim, day)
    }

    /// An item of billable work; holders of an agreement have a discount.
    fn hours(&self, line: WorkLine) -> Result<Item, BillError> {
        let price = self.price(|price| price.hour);
        let price = price.ok_or_else(|| no_price(&format!("the work of {}", line.date), "hour"))?;
        let discount_percent = match &self.facts.terms.price {
            Some(price) if self.facts.terms.holds(line.date) => price.hour_discount,
            _ => Amount::ZERO,
        };
        let hours = line.hours;
        let item = self.item(ItemKind::Work(line), hours, Unit::Hour, price);
        let discount = item.amount.percent(discount_percent);
        Ok(Item {
            discount_percent,
            discount,
            amount: item.amount - discount,
            ..item
        })
    }

    fn price(&self, of: impl Fn(&Price) -> Option<Amount>) -> Option<Amount> {
        self.facts.terms.price.as_ref().and_then(of)
    }

    fn item(&self, kind: ItemKind, quantity: Amount, unit: Unit, price: Amount) -> Item {
        Item {
            kind,
            quantity,
            unit,
            price,
            discount_percent: Amount::ZERO,
            discount: Money::zero(self.currency),
            amount: Money::of(price, quantity, self.currency),
        }
    }
}

fn one() -> Amount {
    Amount::hundredths(100)
}

fn no_price(what: &str, key: &'static str) -> BillError {
    BillError::NoPrice {
        what: what.to_owned(),
        key,
    }
}

#[cfg(test)]
mod tests;
