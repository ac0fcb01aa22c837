//! Exact sums of money and quantities.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How many decimals an amount holds; the SQL rounds to as many.
const DECIMALS: usize = 6;
const UNIT: i128 = 1_000_000;

/// A number with six decimals, exact. Written as text (`"-1250.5"`), never as a float.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);

    /// Says whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Returns a number of hundredths as an amount: 150 is `1.5`.
    pub fn hundredths(number: u64) -> Amount {
        Amount(i128::from(number) * (UNIT / 100))
    }

    /// Returns the amount in millionths.
    pub fn millionths(self) -> i128 {
        self.0
    }
}

/// A text that is not a decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount with at most {DECIMALS} decimals")]
pub struct NotAnAmount {
    text: String,
}

impl FromStr for Amount {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| NotAnAmount { text: text.into() })
    }
}

fn parse(text: &str) -> Option<Amount> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let only_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !only_digits(whole) || !only_digits(decimals) {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > DECIMALS {
        return None;
    }
    let whole: i128 = whole.parse().ok()?;
    let part: i128 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
    let sum = whole.checked_mul(UNIT)?.checked_add(part)?;
    Some(Amount(if negative { -sum } else { sum }))
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (
            self.0.unsigned_abs() / UNIT.unsigned_abs(),
            self.0.unsigned_abs() % UNIT.unsigned_abs(),
        );
        let part = format!("{part:0DECIMALS$}");
        let part = part.trim_end_matches('0');
        let dot = if part.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{dot}{part}")
    }
}

impl TryFrom<String> for Amount {
    type Error = NotAnAmount;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl Add for Amount {
    type Output = Amount;

    fn add(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }
}

impl Sub for Amount {
    type Output = Amount;

    fn sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }
}

impl Neg for Amount {
    type Output = Amount;

    fn neg(self) -> Amount {
        Amount(-self.0)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn trailing_zeros_make_no_difference() {
        let amount: Amount = "-1250.500000".parse().unwrap();
        assert_eq!(amount, "-1250.5".parse().unwrap());
        assert_eq!(amount.to_string(), "-1250.5");
        assert_eq!("0.00".parse::<Amount>().unwrap().to_string(), "0");
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        for text in ["", "-", "1e5", "1,5", ".5", "1.", "NaN", "1.0000001", "--1"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_amount_are_the_same_thing(units in -1_000_000_000_000_000_i128..1_000_000_000_000_000) {
            let amount = Amount(units);
            prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
        }

        #[test]
        fn sums_are_exact(units in prop::collection::vec(-1_000_000_000_i128..1_000_000_000, 0..40)) {
            let sum: Amount = units.iter().map(|&unit| Amount(unit)).sum();
            prop_assert_eq!(sum, Amount(units.iter().sum()));
        }
    }
}
