//! The contract as a plan writes it.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Category;
use super::money::Currency;
use super::month::add_months;
use crate::amount::Amount;

/// How long an agreement is billed at least, and how often an upgrade is included, in months.
pub(super) const YEAR: i64 = 12;

/// Kinds of agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Patches within a series.
    Operations,
    /// Upgrades, bug fixes and support. It holds only while patches are current.
    Maintenance,
    /// No agreement: everything is billed by the hour.
    None,
}

/// What becomes of lines that are not a whole hundred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineRounding {
    /// Every hundred that was begun counts.
    #[default]
    Up,
    /// Only full hundreds count.
    Down,
    /// Fifty lines and more count as a hundred.
    Nearest,
    /// Every line counts as a hundredth of the price.
    Exact,
}

/// The contract with a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Its kind.
    pub kind: Kind,
    /// Its first day. Every kind but [`Kind::None`] has one.
    pub since: Option<Date>,
    /// The day to which notice was given.
    pub until: Option<Date>,
    /// When the last upgrade was delivered, as far as the plan knows.
    pub last_upgrade: Option<Date>,
    /// Whether there is a patch agreement besides: hot-fixes need one.
    pub patch_agreement: bool,
    /// The modules that are covered, `*` being any letters; all of them when there is none.
    pub covers: Vec<String>,
    /// What things cost.
    pub price: Option<Price>,
    /// Steps of the plan that are work of a certain category.
    pub steps: Vec<StepWork>,
}

/// What things cost, without VAT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The currency of every price.
    pub currency: Currency,
    /// A hundred lines for a month.
    pub per_100_lines_month: Option<Amount>,
    /// What becomes of lines that are not a whole hundred.
    pub lines: LineRounding,
    /// The patch agreement for a month.
    pub patches_month: Option<Amount>,
    /// Once for each upgrade, when it starts.
    pub upgrade_fee: Option<Amount>,
    /// An hour that is not included.
    pub hour: Option<Amount>,
    /// The discount on hours for holders of an agreement, in per cent.
    pub hour_discount: Amount,
    /// VAT, in per cent.
    pub vat: Amount,
}

/// A step of the plan, and what kind of work it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepWork {
    /// The step, as the plan's tables name it: `sql fixes/clean.sql`.
    pub step: String,
    /// What it is.
    pub category: Category,
}

impl Terms {
    /// Returns what holds without an agreement.
    pub fn none() -> Terms {
        Terms {
            kind: Kind::None,
            since: None,
            until: None,
            last_upgrade: None,
            patch_agreement: false,
            covers: Vec::new(),
            price: None,
            steps: Vec::new(),
        }
    }

    /// Returns the last day of the first twelve months, which are billed whatever notice is given.
    pub fn bound_until(&self) -> Option<Date> {
        add_months(self.since?, YEAR).yesterday().ok()
    }

    /// Returns the last day, where notice was given.
    pub fn end(&self) -> Option<Date> {
        self.until.max(self.until.and(self.bound_until()))
    }

    /// Says whether the agreement holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        let has_begun = self.since.is_some_and(|since| since <= day);
        self.kind != Kind::None && has_begun && self.end().is_none_or(|end| day <= end)
    }

    /// Says whether patches are brought in on a day, so that they are current.
    pub fn has_patches(&self, day: Date) -> bool {
        self.holds(day) && (self.kind == Kind::Operations || self.patch_agreement)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn since(since: Date) -> Terms {
        Terms {
            kind: Kind::Operations,
            since: Some(since),
            ..Terms::none()
        }
    }

    #[test]
    fn an_agreement_holds_from_its_first_day() {
        let terms = since(date(2025, 3, 1));
        assert!(!terms.holds(date(2025, 2, 28)));
        assert!(terms.holds(date(2025, 3, 1)));
        assert!(terms.holds(date(2125, 3, 1)));
    }

    #[test]
    fn notice_within_the_first_twelve_months_ends_it_with_them() {
        let mut terms = since(date(2025, 3, 1));
        terms.until = Some(date(2025, 6, 30));
        assert_eq!(terms.end(), Some(date(2026, 2, 28)));
        assert!(terms.holds(date(2026, 2, 28)) && !terms.holds(date(2026, 3, 1)));
        terms.until = Some(date(2026, 2, 28));
        assert_eq!(terms.end(), Some(date(2026, 2, 28)));
        terms.until = Some(date(2026, 3, 1));
        assert!(terms.holds(date(2026, 3, 1)) && !terms.holds(date(2026, 3, 2)));
    }

    #[test]
    fn twelve_months_from_a_leap_day_end_before_the_last_of_february() {
        assert_eq!(since(date(2024, 2, 29)).bound_until(), Some(date(2025, 2, 27)));
        assert_eq!(since(date(2023, 3, 1)).bound_until(), Some(date(2024, 2, 29)));
    }

    #[test]
    fn without_an_agreement_nothing_holds() {
        let terms = Terms {
            kind: Kind::None,
            patch_agreement: true,
            ..since(date(2025, 3, 1))
        };
        assert!(!terms.holds(date(2025, 3, 1)) && !terms.has_patches(date(2025, 3, 1)));
    }
}
