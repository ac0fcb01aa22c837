//! Calendar months.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A calendar month, written `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Month {
    first: Date,
}

/// A text that is not a month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month, such as `2026-11`")]
pub struct NotAMonth(String);

impl Month {
    /// Returns the month a day is in.
    pub fn of(day: Date) -> Month {
        Month {
            first: day.first_of_month(),
        }
    }

    /// Returns its first day.
    pub fn first(self) -> Date {
        self.first
    }

    /// Returns its last day.
    pub fn last(self) -> Date {
        self.first.last_of_month()
    }

    /// Says whether a day is in it.
    pub fn contains(self, day: Date) -> bool {
        Month::of(day) == self
    }

    /// Returns the day of this month on which a period begins that began first on another day and is as long as a month:
    /// the same number, or the last day of a month that has no such day.
    pub fn same_day(self, first: Date) -> Date {
        let months = i64::from(self.first.year() - first.year()) * 12 + i64::from(self.first.month() - first.month());
        add_months(first, months)
    }
}

/// Returns the day that is so many months later: the same number, or the last day of a month that has no such day.
pub(super) fn add_months(day: Date, months: i64) -> Date {
    day.saturating_add(months.months())
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Month, NotAMonth> {
        let plain = text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let first = plain.then(|| format!("{text}-01").parse().ok()).flatten();
        first.map(|first| Month { first }).ok_or_else(|| NotAMonth(text.into()))
    }
}

impl TryFrom<String> for Month {
    type Error = NotAMonth;

    fn try_from(text: String) -> Result<Month, NotAMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_has_a_first_and_a_last_day() {
        let month: Month = "2024-02".parse().unwrap();
        assert_eq!((month.first(), month.last()), (date(2024, 2, 1), date(2024, 2, 29)));
        assert!(month.contains(date(2024, 2, 29)) && !month.contains(date(2024, 3, 1)));
        assert_eq!(month.to_string(), "2024-02");
        for wrong in ["2024", "2024-13", "2024-2", "feb 2024", "2024-02-01", "+024-02", ""] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_period_from_the_end_of_a_month_begins_at_the_end_of_a_shorter_one_and_does_not_stay_there() {
        let first = date(2026, 1, 31);
        let begins = |month: &str| month.parse::<Month>().unwrap().same_day(first);
        assert_eq!(begins("2026-02"), date(2026, 2, 28));
        assert_eq!(begins("2026-03"), date(2026, 3, 31));
        assert_eq!(begins("2028-02"), date(2028, 2, 29));
        assert_eq!(begins("2025-12"), date(2025, 12, 31));
    }
}
