//! Sums of money, in the smallest unit of a currency.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::amount::Amount;

/// Millionths of millionths: what two amounts multiplied are in.
const PRODUCT: u32 = 12;

/// Currencies without a smaller unit, and those with thousandths; all others have hundredths (ISO 4217).
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
];
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// A currency, by the three letters of its ISO code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// A text that is not the ISO code of a currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a currency")]
pub struct NotACurrency(String);

impl Currency {
    /// The Swedish krona.
    pub const SEK: Currency = Currency(*b"SEK");

    /// Returns its code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns how many decimals its sums have.
    pub fn decimals(self) -> u32 {
        match self.code() {
            code if WHOLE.contains(&code) => 0,
            code if THOUSANDTHS.contains(&code) => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Currency, NotACurrency> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].into_iter().all(u8::is_ascii_uppercase) => Ok(Currency([*a, *b, *c])),
            _ => Err(NotACurrency(text.into())),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// A sum of money. Written with all the decimals of its currency, as text: `"1234.50"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct Money {
    minor: i128,
    currency: Currency,
}

impl Money {
    /// Returns no money.
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// Returns what so much costs at a price, rounded to the currency's smallest unit; a half is rounded up.
    pub fn of(price: Amount, quantity: Amount, currency: Currency) -> Money {
        let product = price.millionths().saturating_mul(quantity.millionths());
        let unit = 10_i128.pow(PRODUCT - currency.decimals());
        Money {
            minor: rounded(product, unit),
            currency,
        }
    }

    /// Returns so many per cent of the sum, rounded to the currency's smallest unit; a half is rounded up.
    #[must_use]
    pub fn percent(self, percent: Amount) -> Money {
        let product = self.minor.saturating_mul(percent.millionths());
        Money {
            minor: rounded(product, 100_000_000),
            ..self
        }
    }

    /// Adds sums of one currency up.
    pub fn sum(sums: impl IntoIterator<Item = Money>, currency: Currency) -> Money {
        sums.into_iter().fold(Money::zero(currency), Add::add)
    }

    /// Returns its currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Says whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }
}

/// Divides; a half is rounded away from zero.
fn rounded(number: i128, unit: i128) -> i128 {
    let (whole, rest) = (number / unit, number % unit);
    whole + if rest.abs() * 2 >= unit { number.signum() } else { 0 }
}

impl Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money {
            minor: self.minor.saturating_add(other.minor),
            ..self
        }
    }
}

impl Sub for Money {
    type Output = Money;

    fn sub(self, other: Money) -> Money {
        Money {
            minor: self.minor.saturating_sub(other.minor),
            ..self
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let unit = 10_u128.pow(decimals);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, part) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        match decimals as usize {
            0 => write!(f, "{sign}{whole}"),
            width => write!(f, "{sign}{whole}.{part:0width$}"),
        }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn costs(price: &str, quantity: &str, currency: &str) -> String {
        Money::of(amount(price), amount(quantity), currency.parse().unwrap()).to_string()
    }

    #[test]
    fn a_half_of_the_smallest_unit_is_rounded_up_and_less_is_not() {
        assert_eq!(costs("0.01", "0.5", "SEK"), "0.01");
        assert_eq!(costs("0.01", "0.499999", "SEK"), "0.00");
        assert_eq!(costs("-0.01", "0.5", "SEK"), "-0.01");
        assert_eq!(costs("1450", "1.25", "SEK"), "1812.50");
        assert_eq!(costs("1450", "1.25", "JPY"), "1813");
        assert_eq!(costs("1.0005", "1", "KWD"), "1.001");
    }

    #[test]
    fn per_cents_are_rounded_once() {
        let sum = Money::of(amount("0.10"), amount("1"), Currency::SEK);
        assert_eq!(sum.percent(amount("25")).to_string(), "0.03");
        assert_eq!(sum.percent(amount("24.9")).to_string(), "0.02");
        assert_eq!(sum.percent(amount("100")), sum);
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        for wrong in ["kr", "sek", "SEKK", "", "S€"] {
            assert!(wrong.parse::<Currency>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn rounding_is_off_by_half_a_unit_at_most(number in -1_000_000_000_i128..1_000_000_000, unit in 1_i128..100_000) {
            let off = rounded(number, unit) * unit - number;
            prop_assert!(off.abs() * 2 <= unit, "{off}");
        }

        #[test]
        fn what_is_written_is_the_sum(minor in -1_000_000_000_i128..1_000_000_000) {
            let money = Money { minor, currency: Currency::SEK };
            let digits = money.to_string().replace('.', "");
            prop_assert_eq!(digits.parse::<i128>().unwrap(), minor);
        }
    }
}
