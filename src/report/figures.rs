//! Figures as people compare them: the difference, and digits in groups.

use std::cmp::Ordering;

/// A decimal number as it was written: digits before and after the point, without loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    digits: i128,
    places: u32,
}

impl Decimal {
    fn parse(text: &str) -> Option<Decimal> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = whole.strip_prefix('-').unwrap_or(whole);
        if unsigned.is_empty() || !is_digits(unsigned) || !is_digits(fraction) || unsigned.len() + fraction.len() > 36 {
            return None;
        }
        Some(Decimal {
            digits: format!("{whole}{fraction}").parse().ok()?,
            places: u32::try_from(fraction.len()).ok()?,
        })
    }

    fn with_places(self, places: u32) -> Option<i128> {
        let factor = 10_i128.checked_pow(places.checked_sub(self.places)?)?;
        self.digits.checked_mul(factor)
    }
}

/// How a figure changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It is the same.
    Same,
    /// By how much, with its sign: `+26`, `−0.50`.
    By(String),
    /// It was a text, and is another.
    Other,
    /// There is nothing to measure any more.
    Gone,
    /// There was nothing to measure before.
    New,
}

/// Compares a figure before and after; nothing is a figure that was not measured.
pub(super) fn change(before: Option<&str>, after: Option<&str>) -> Change {
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) if before == after => return Change::Same,
        (Some(before), Some(after)) => (before, after),
        (None, _) => return Change::New,
        (_, None) => return Change::Gone,
    };
    match difference(before, after) {
        Some((0, _)) => Change::Same,
        Some((by, places)) => {
            let sign = if by.cmp(&0) == Ordering::Less { '−' } else { '+' };
            Change::By(format!("{sign}{}", grouped(&written(by.unsigned_abs(), places))))
        }
        None => Change::Other,
    }
}

fn difference(before: &str, after: &str) -> Option<(i128, u32)> {
    let (before, after) = (Decimal::parse(before)?, Decimal::parse(after)?);
    let places = before.places.max(after.places);
    let by = after.with_places(places)?.checked_sub(before.with_places(places)?)?;
    Some((by, places))
}

fn written(digits: u128, places: u32) -> String {
    let places = places as usize;
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

/// Writes a number of five digits or more in groups of three, with thin spaces that do not break; leaves other texts as
/// they are.
pub(super) fn grouped(text: &str) -> String {
    if Decimal::parse(text).is_none() {
        return text.to_owned();
    }
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut out = if sign.is_empty() {
        String::new()
    } else {
        "−".to_owned()
    };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_exact_and_carry_their_sign() {
        let cases = [
            ("454", "480", "+26"),
            ("9889964.29", "9889963.79", "−0.50"),
            ("-890213", "0", "+890\u{202f}213"),
            ("1", "1.25", "+0.25"),
            ("0.1", "-0.2", "−0.3"),
        ];
        for (before, after, by) in cases {
            assert_eq!(
                change(Some(before), Some(after)),
                Change::By(by.into()),
                "{before} {after}"
            );
        }
    }

    #[test]
    fn the_same_amount_is_the_same_however_it_is_written() {
        assert_eq!(change(Some("10"), Some("10.00")), Change::Same);
        assert_eq!(change(Some("text"), Some("text")), Change::Same);
    }

    #[test]
    fn what_is_no_number_is_compared_as_text() {
        assert_eq!(change(Some("18.0.1.3"), Some("19.0.1.3")), Change::Other);
        let long = "9".repeat(60);
        assert_eq!(change(Some(&long), Some("1")), Change::Other);
        assert_eq!(change(Some("-"), Some("1")), Change::Other);
    }

    #[test]
    fn a_figure_on_one_side_only_is_new_or_gone() {
        assert_eq!(change(None, Some("1")), Change::New);
        assert_eq!(change(Some("1"), None), Change::Gone);
    }

    #[test]
    fn only_long_numbers_are_grouped() {
        let cases = [
            ("1234", "1234"),
            ("9889964.29", "9\u{202f}889\u{202f}964.29"),
            ("-890213", "−890\u{202f}213"),
            ("18.0.1.3", "18.0.1.3"),
            ("4 active of 8", "4 active of 8"),
        ];
        for (text, expected) in cases {
            assert_eq!(grouped(text), expected);
        }
    }
}
