//! The contract, and the language of reports.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Review;
use crate::agreement::{self, Currency, Kind, StepWork, Terms};
use crate::amount::Amount;
use crate::spec::document::Place;
use crate::spec::plan_file::{Agreement, Price, Report};
use crate::spec::quantity;
use crate::spec::resolved::Language;
use crate::spec::suggest::remedy;

/// What an upgrade costs with an agreement in kronor when the plan does not say, and the VAT, in per cent.
const UPGRADE_FEE_SEK: u64 = 9900;
const VAT: u64 = 25;

impl Review<'_> {
    /// Reads the contract. `titles` are the plan's steps.
    pub(super) fn agreement(&mut self, written: &Agreement, titles: &BTreeSet<&str>) -> Terms {
        let place = self.root().key("agreement");
        let mut day = |key: &str, date: Option<&String>| -> Option<Date> {
            let date = quantity::date(date?);
            self.quantity(&place.key(key), date)
        };
        let terms = Terms {
            kind: written.kind,
            since: day("since", written.since.as_ref()),
            until: day("until", written.until.as_ref()),
            last_upgrade: day("last_upgrade", written.last_upgrade.as_ref()),
            patch_agreement: written.patch_agreement,
            covers: written.covers.clone(),
            price: written.price.as_ref().and_then(|price| self.price(price, written.kind)),
            steps: self.step_work(written, titles),
        };
        if written.kind != Kind::None && written.since.is_none() {
            let problem = place.error(
                "agreement-since",
                "the agreement does not say since when it holds",
                "no first day",
            );
            self.report(problem.help("write its first day, such as `since: 2025-03-01`, or `kind: none`"));
        }
        if let (Some(since), Some(until)) = (terms.since, terms.until)
            && until < since
        {
            let problem = place.key("until").error(
                "agreement-until",
                format!("the agreement ends on {until}, before it begins on {since}"),
                "too early",
            );
            self.report(problem.help("`until` is the last day, once notice was given"));
        }
        terms
    }

    fn step_work(&mut self, written: &Agreement, titles: &BTreeSet<&str>) -> Vec<StepWork> {
        let table = self.root().key("agreement").key("steps");
        for step in written.steps.keys().filter(|step| !titles.contains(step.as_str())) {
            let message = format!("the plan has no step `{step}`");
            let problem = table
                .key(step)
                .at_key()
                .error("agreement-step", message, "no step of the plan");
            self.report(problem.help(remedy(step, "steps", titles.iter().copied())));
        }
        let steps = written.steps.iter();
        steps
            .map(|(step, category)| StepWork {
                step: step.clone(),
                category: *category,
            })
            .collect()
    }

    /// Reads prices; `None` when their currency is none, which was reported.
    fn price(&mut self, written: &Price, kind: Kind) -> Option<agreement::Price> {
        let place = self.root().key("agreement").key("price");
        let currency = written.currency.parse::<Currency>().ok();
        if currency.is_none() {
            let message = format!("`{}` is not a currency", written.currency);
            let problem = place.key("currency").error("currency", message, "not an ISO code");
            self.report(problem.help("use the three capital letters of its ISO code, such as `SEK`"));
        }
        let upgrade_fee = self.amount(&place.key("upgrade_fee"), written.upgrade_fee.as_ref());
        let usual =
            (kind != Kind::None && currency == Some(Currency::SEK)).then(|| Amount::hundredths(UPGRADE_FEE_SEK * 100));
        let discount = self.percent(&place.key("hour_discount"), written.hour_discount.as_ref());
        let vat = self.percent(&place.key("vat"), written.vat.as_ref());
        Some(agreement::Price {
            per_100_lines_month: self.amount(&place.key("per_100_lines_month"), written.per_100_lines_month.as_ref()),
            lines: written.lines,
            patches_month: self.amount(&place.key("patches_month"), written.patches_month.as_ref()),
            upgrade_fee: upgrade_fee.or(usual),
            hour: self.amount(&place.key("hour"), written.hour.as_ref()),
            hour_discount: discount.unwrap_or(Amount::ZERO),
            vat: vat.unwrap_or_else(|| Amount::hundredths(VAT * 100)),
            currency: currency?,
        })
    }

    fn amount(&mut self, place: &Place<'_>, written: Option<&String>) -> Option<Amount> {
        self.quantity(place, quantity::price(written?))
    }

    fn percent(&mut self, place: &Place<'_>, written: Option<&String>) -> Option<Amount> {
        self.quantity(place, quantity::percent(written?))
    }

    pub(super) fn language(&mut self, report: &Report) -> Language {
        match report.language.as_deref() {
            None | Some("en") => Language::En,
            Some("sv") => Language::Sv,
            Some(other) => {
                let place = self.root().key("report").key("language");
                let problem = place.error(
                    "language",
                    format!("reports cannot be written in `{other}`"),
                    "not a language hopp writes",
                );
                self.report(problem.help(remedy(other, "languages", ["en", "sv"])));
                Language::En
            }
        }
    }
}
