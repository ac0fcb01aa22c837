//! Series, as values and as keys.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::ident::Series;

use super::Review;
use crate::spec::document::Place;
use crate::spec::problem::Problem;

impl Review<'_> {
    /// Reads a series at its place.
    pub(super) fn series(&mut self, place: &Place<'_>, text: &str) -> Option<Series> {
        let series = text.parse().ok();
        if series.is_none() {
            self.report(wrong_series(place, text));
        }
        series
    }

    /// Reads a mapping by series; entries under something else are reported and left out.
    pub(super) fn by_series<'m, T>(
        &mut self,
        table: &Place<'_>,
        map: &'m IndexMap<String, T>,
    ) -> BTreeMap<Series, &'m T> {
        let mut sorted = BTreeMap::new();
        for (key, value) in map {
            let place = table.key(key).at_key();
            if let Some(series) = self.series(&place, key) {
                sorted.insert(series, value);
            }
        }
        sorted
    }
}

/// Says what is wrong with a text that should be a series, and which one was probably meant.
fn wrong_series(place: &Place<'_>, text: &str) -> Problem {
    let range = format!("hopp works with `{}` to `{}`", Series::OLDEST, Series::NEWEST);
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let major: Option<u32> = whole.parse().ok();
    let (code, label, help) = match major {
        Some(major) if major < u32::from(Series::OLDEST.major()) => {
            let help = format!("{range}; take the database to {} by other means first", Series::OLDEST);
            ("series-too-old", "too old", help)
        }
        Some(major) if major > u32::from(Series::NEWEST.major()) => ("series-too-new", "too new", range),
        // `18`, `18.`, `18.00`; but `18.2` is a SaaS version.
        Some(major) if rest.chars().all(|c| c == '0') => (
            "series-unknown",
            "not how a series is written",
            format!("did you mean `\"{major}.0\"`?"),
        ),
        Some(_) => (
            "series-unknown",
            "not a series",
            format!("a series ends in `.0`; {range}"),
        ),
        None if text.starts_with("saas") => (
            "series-unknown",
            "not a series",
            format!("only series ending in `.0` can be upgraded here; {range}"),
        ),
        None => ("series-unknown", "not a series", range),
    };
    place
        .error(code, format!("`{text}` is not a series hopp works with"), label)
        .help(help)
}
