//! The contract, and the language of reports.

use super::Review;
use crate::spec::plan_file::{Agreement, Price, Report};
use crate::spec::quantity;
use crate::spec::resolved::Language;
use crate::spec::suggest::remedy;

impl Review<'_> {
    pub(super) fn agreement(&mut self, agreement: &Agreement) {
        let place = self.root().key("agreement");
        for (key, date) in [("since", &agreement.since), ("last_upgrade", &agreement.last_upgrade)] {
            if let Some(date) = date {
                self.quantity(&place.key(key), quantity::date(date));
            }
        }
        if let Some(price) = &agreement.price {
            self.price(price);
        }
    }

    fn price(&mut self, price: &Price) {
        let place = self.root().key("agreement").key("price");
        let currency = &price.currency;
        if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
            let problem =
                place
                    .key("currency")
                    .error("currency", format!("`{currency}` is not a currency"), "not an ISO code");
            self.report(problem.help("use the three capital letters of its ISO code, such as `SEK`"));
        }
        let amounts = [
            ("per_100_lines_month", price.per_100_lines_month),
            ("upgrade_fee", price.upgrade_fee),
            ("hour", price.hour),
        ];
        for (key, amount) in amounts {
            if amount.is_some_and(|amount| amount < 0.0) {
                let problem = place
                    .key(key)
                    .error("price", format!("`{key}` is a negative price"), "below zero");
                self.report(problem.help("a discount on hours is written as `hour_discount: 10%`"));
            }
        }
        if let Some(discount) = &price.hour_discount {
            self.quantity(&place.key("hour_discount"), quantity::percent(discount));
        }
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
