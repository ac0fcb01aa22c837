//! Numbers and sums as people of a language write them.

use crate::agreement::{Currency, Money};
use crate::amount::Amount;
use crate::spec::Language;

/// Returns a sum with its currency: `1 234,50 kr`, `SEK 1,234.50`.
pub(super) fn money(sum: Money, language: Language) -> String {
    with_currency(&local(&sum.to_string(), language), sum.currency(), language)
}

/// Returns a price with its currency, with at least the decimals of the currency.
pub(super) fn price(price: Amount, currency: Currency, language: Language) -> String {
    let text = price.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let width = currency.decimals() as usize;
    let text = match (width, part) {
        (0, "") => whole.to_owned(),
        _ => format!("{whole}.{part:0<width$}"),
    };
    with_currency(&local(&text, language), currency, language)
}

/// Returns a number: `1 234,5`, `1,234.5`.
pub(super) fn number(number: Amount, language: Language) -> String {
    local(&number.to_string(), language)
}

/// Returns per cent: `12,5 %`, `12.5%`.
pub(super) fn percent(percent: Amount, language: Language) -> String {
    let space = if language == Language::Sv { "\u{a0}" } else { "" };
    format!("{}{space}%", number(percent, language))
}

fn with_currency(number: &str, currency: Currency, language: Language) -> String {
    match language {
        Language::Sv if currency == Currency::SEK => format!("{number}\u{a0}kr"),
        Language::Sv => format!("{number}\u{a0}{}", currency.code()),
        Language::En => format!("{}\u{a0}{number}", currency.code()),
    }
}

/// Groups the digits of a number that is written with a point.
fn local(number: &str, language: Language) -> String {
    let (group, point) = match language {
        Language::Sv => ('\u{a0}', ','),
        Language::En => (',', '.'),
    };
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let (whole, part) = number
        .split_once('.')
        .map_or((number, None), |(whole, part)| (whole, Some(part)));
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(group);
        }
        grouped.push(digit);
    }
    if let Some(part) = part {
        grouped.push(point);
        grouped.push_str(part);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_as_in_the_language() {
        let sum = |text: &str, code: &str| {
            let one = Amount::hundredths(100);
            Money::of(text.parse().unwrap(), one, code.parse().unwrap())
        };
        assert_eq!(money(sum("1234.5", "SEK"), Language::Sv), "1\u{a0}234,50\u{a0}kr");
        assert_eq!(money(sum("1234.5", "SEK"), Language::En), "SEK\u{a0}1,234.50");
        assert_eq!(money(sum("-999", "EUR"), Language::Sv), "-999,00\u{a0}EUR");
        assert_eq!(money(sum("1000000", "JPY"), Language::En), "JPY\u{a0}1,000,000");
    }

    #[test]
    fn prices_keep_every_decimal_they_have() {
        let price = |text: &str, code: &str| price(text.parse().unwrap(), code.parse().unwrap(), Language::En);
        assert_eq!(price("180", "SEK"), "SEK\u{a0}180.00");
        assert_eq!(price("1.805", "SEK"), "SEK\u{a0}1.805");
        assert_eq!(price("12", "JPY"), "JPY\u{a0}12");
        assert_eq!(percent("12.5".parse().unwrap(), Language::Sv), "12,5\u{a0}%");
    }
}
