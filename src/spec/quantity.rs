//! Sizes, durations, shares and dates as people write them.

use std::time::Duration;

use crate::amount::Amount;

/// A text that is not the quantity it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}, such as {example}")]
pub struct NotAQuantity {
    /// The text as written.
    pub text: String,
    /// What it should be.
    pub what: &'static str,
    /// How that is written.
    pub example: &'static str,
}

fn refuse(text: &str, what: &'static str, example: &'static str) -> NotAQuantity {
    NotAQuantity {
        text: text.to_owned(),
        what,
        example,
    }
}

/// Reads a size into bytes: `6GiB`, `512MiB`; `6G` is `6GiB`, as with Docker; `6GB` counts in thousands. Never zero.
pub fn bytes(text: &str) -> Result<u64, NotAQuantity> {
    let error = || refuse(text, "a size", "`6GiB` or `512MiB`");
    let trimmed = text.trim();
    let split = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(split);
    let factor: u64 = match unit.trim_start() {
        "B" => 1,
        "K" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        "T" | "TiB" => 1 << 40,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => return Err(error()),
    };
    let number: u64 = number.parse().map_err(|_| error())?;
    number.checked_mul(factor).filter(|bytes| *bytes > 0).ok_or_else(error)
}

/// Reads a duration: `4h`, `90m`, `1h30m`, `45s`. Units fall from left to right. Never zero.
pub fn duration(text: &str) -> Result<Duration, NotAQuantity> {
    let error = || refuse(text, "a duration", "`4h`, `90m` or `1h30m`");
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    let mut smallest = u64::MAX;
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
        let (number, unit) = rest.split_at(split);
        let factor = match unit.chars().next() {
            Some('d') => 86_400,
            Some('h') => 3_600,
            Some('m') => 60,
            Some('s') => 1,
            _ => return Err(error()),
        };
        if factor >= smallest {
            return Err(error());
        }
        smallest = factor;
        let number: u64 = number.parse().map_err(|_| error())?;
        let part = number.checked_mul(factor).ok_or_else(error)?;
        seconds = seconds.checked_add(part).ok_or_else(error)?;
        rest = &unit[1..];
    }
    if seconds == 0 {
        Err(error())
    } else {
        Ok(Duration::from_secs(seconds))
    }
}

/// Reads a share of `0%` to `100%` into its number of per cent.
pub fn percent(text: &str) -> Result<Amount, NotAQuantity> {
    let number = text.trim().strip_suffix('%').map(str::trim_end);
    let share = number.and_then(|number| number.parse().ok());
    share
        .filter(|share| (Amount::ZERO..=Amount::hundredths(10_000)).contains(share))
        .ok_or_else(|| refuse(text, "a percentage", "`10%`"))
}

/// Reads a price, from nothing to a thousand million.
pub fn price(text: &str) -> Result<Amount, NotAQuantity> {
    let most = Amount::hundredths(100_000_000_000);
    let price = text.trim().parse().ok();
    price
        .filter(|price| (Amount::ZERO..=most).contains(price))
        .ok_or_else(|| refuse(text, "a price", "`180` or `1450.50`"))
}

/// Reads a date as `2025-03-01`.
pub fn date(text: &str) -> Result<jiff::civil::Date, NotAQuantity> {
    let error = || refuse(text, "a date", "`2025-03-01`");
    let is_plain = text.len() == 10 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
    if is_plain {
        text.parse().map_err(|_| error())
    } else {
        Err(error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_have_a_unit() {
        assert_eq!(bytes("6GiB"), Ok(6 << 30));
        assert_eq!(bytes("6G"), Ok(6 << 30));
        assert_eq!(bytes("512 MiB"), Ok(512 << 20));
        assert_eq!(bytes("1GB"), Ok(1_000_000_000));
        for wrong in ["6", "GiB", "6 gigs", "0GiB", "-1G", "1.5G", "99999999999T", ""] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_fall_from_hours_to_seconds() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(duration("90m"), Ok(Duration::from_mins(90)));
        for wrong in ["4", "4x", "30m1h", "1h1h", "h", "0h", "", "1h 30m", "4hå", "å"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_and_dates() {
        assert_eq!(percent("12.5 %"), Ok("12.5".parse().unwrap()));
        assert!(percent("0%").is_ok() && percent("100%").is_ok());
        for wrong in ["10", "100.01%", "-1%", "NaN%", "%", ""] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
        assert!(date("2025-03-01").is_ok());
        assert!(date("2025-02-30").is_err() && date("1/3 2025").is_err() && date("20250301").is_err());
    }

    #[test]
    fn prices_are_exact_and_never_below_zero() {
        assert_eq!(price("1450.50"), Ok("1450.5".parse().unwrap()));
        assert!(price("0").is_ok() && price("1000000000").is_ok());
        for wrong in ["-1", "1000000000.01", "9 900", "1,5", "1e3", "free", ""] {
            assert!(price(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn hours_minutes_and_seconds_add_up(h in 0_u64..100, m in 0_u64..100, s in 1_u64..100) {
            prop_assert_eq!(duration(&format!("{h}h{m}m{s}s")), Ok(Duration::from_secs(h * 3600 + m * 60 + s)));
        }

        #[test]
        fn whatever_is_read_is_within_its_bounds(text in "[0-9KMGiBhms%.å -]{0,10}") {
            prop_assert!(bytes(&text).map_or(true, |bytes| bytes > 0));
            prop_assert!(duration(&text).map_or(true, |time| !time.is_zero()));
            prop_assert!(percent(&text).map_or(true, |share| share >= Amount::ZERO));
            prop_assert!(date(&text).map_or(true, |date| date.to_string() == text));
        }
    }
}
