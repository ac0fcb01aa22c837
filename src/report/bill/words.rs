//! Every text of a bill, so that it can be said in another language.

use jiff::civil::Date;

use super::english::ENGLISH;
use super::swedish::SWEDISH;
use crate::agreement::{Category, Entitlement, Kind, LineRounding, Reason, Unit};
use crate::spec::Language;

/// The texts in one language.
pub(super) struct Words {
    pub(super) title: fn(customer: &str, month: &str) -> String,
    pub(super) kind: fn(Kind) -> &'static str,
    /// The agreement in a sentence: its kind's name, first and last day.
    pub(super) agreement: fn(kind: &str, since: Date, end: Option<Date>) -> String,
    /// That the first twelve months are not over.
    pub(super) bound: fn(until: Date) -> String,
    pub(super) lines_fee: fn(from: Date, until: Date) -> String,
    pub(super) patches_fee: fn(from: Date, until: Date) -> String,
    pub(super) upgrade_fee: fn(started: Date) -> String,
    pub(super) unit: fn(Unit) -> &'static str,
    pub(super) category: fn(Category) -> &'static str,
    pub(super) reason: fn(Reason) -> &'static str,
    pub(super) rounding: fn(LineRounding) -> &'static str,
    pub(super) vat: fn(percent: &str) -> String,
    pub(super) lines_sum: fn(lines: &str, hundreds: &str) -> String,
    pub(super) rules: fn(rules: &str) -> String,
    /// What was left out for one reason, of which one is named.
    pub(super) excluded: fn(one: &str, number: usize, why: &str) -> String,
    pub(super) errors: fn(number: usize) -> String,
    /// The verdict on an upgrade on a day.
    pub(super) verdict: fn(included: bool, on: Date) -> String,
    pub(super) last_upgrade: fn(Date) -> String,
    pub(super) included_from: fn(Date) -> String,
    pub(super) label: Labels,
    pub(super) sentence: Sentences,
}

pub(super) struct Labels {
    pub(super) to_pay: &'static str,
    pub(super) included: &'static str,
    pub(super) lines: &'static str,
    pub(super) upgrade: &'static str,
    pub(super) steps: &'static str,
    pub(super) what: &'static str,
    pub(super) quantity: &'static str,
    pub(super) price: &'static str,
    pub(super) discount: &'static str,
    pub(super) amount: &'static str,
    pub(super) net: &'static str,
    pub(super) total: &'static str,
    pub(super) date: &'static str,
    pub(super) category: &'static str,
    pub(super) hours: &'static str,
    pub(super) why: &'static str,
    pub(super) module: &'static str,
    pub(super) repository: &'static str,
    pub(super) billed: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) step: &'static str,
    pub(super) code: &'static str,
}

pub(super) struct Sentences {
    pub(super) no_agreement: &'static str,
    pub(super) sums: &'static str,
    pub(super) steps: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Sv => &SWEDISH,
    }
}

/// Returns what a category is called.
pub fn category(category: Category, language: Language) -> &'static str {
    (words(language).category)(category)
}

/// Returns whether an upgrade is included on a day, and why, in sentences.
pub fn upgrade(verdict: &Entitlement, on: Date, language: Language) -> String {
    format!(
        "{} {}",
        (words(language).verdict)(verdict.included, on),
        reason(verdict, language)
    )
}

/// Returns why work is included or not, in sentences.
pub fn reason(verdict: &Entitlement, language: Language) -> String {
    let words = words(language);
    let mut text = (words.reason)(verdict.reason).to_owned();
    if let Some(last) = verdict.last_upgrade {
        text.push(' ');
        text.push_str(&(words.last_upgrade)(last));
    }
    if let Some(from) = verdict.from.filter(|_| !verdict.included) {
        text.push(' ');
        text.push_str(&(words.included_from)(from));
    }
    text
}
