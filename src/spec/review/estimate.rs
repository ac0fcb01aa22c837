//! What porting takes: intervals of hours.

use super::Review;
use crate::spec::document::Place;
use crate::spec::plan_file::Estimate;
use crate::spec::resolved::Coefficients;

impl Review<'_> {
    /// Reads coefficients; what the plan does not say is as usual.
    pub(super) fn estimate(&mut self, written: &Estimate) -> Coefficients {
        let place = self.root().key("estimate");
        let usual = Coefficients::default();
        let mut hours = |key: &'static str, written: &Option<String>, usual| {
            let place = place.key(key);
            written
                .as_ref()
                .map_or(usual, |text| self.hours(&place, text).unwrap_or(usual))
        };
        Coefficients {
            module: hours("module", &written.module, usual.module),
            python_100: hours("python_100", &written.python_100, usual.python_100),
            script_100: hours("script_100", &written.script_100, usual.script_100),
            view: hours("view", &written.view, usual.view),
            uncovered: hours("uncovered", &written.uncovered, usual.uncovered),
            million_rows: hours("million_rows", &written.million_rows, usual.million_rows),
            with_tests: self.factor(&place.key("with_tests"), written.with_tests, usual.with_tests),
            further_hop: self.factor(&place.key("further_hop"), written.further_hop, usual.further_hop),
        }
    }

    fn hours(&mut self, place: &Place<'_>, text: &str) -> Option<(f64, f64)> {
        let read = interval(text);
        if read.is_none() {
            let problem = place
                .error(
                    "estimate",
                    format!("`{text}` is no interval of hours"),
                    "must be at best-at worst",
                )
                .help("write the hours at best and at worst, such as `0.5-2`");
            self.report(problem);
        }
        read
    }

    fn factor(&mut self, place: &Place<'_>, written: Option<f64>, usual: f64) -> f64 {
        let factor = written.unwrap_or(usual);
        if factor.is_finite() && factor >= 0.0 {
            return factor;
        }
        let problem = place.error("estimate", format!("`{factor}` is no factor"), "must not be below 0");
        self.report(problem.help("write a number such as `0.8`"));
        usual
    }
}

/// Reads `0.5-2`.
fn interval(text: &str) -> Option<(f64, f64)> {
    let (best, worst) = text.split_once('-')?;
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite() && *number >= 0.0)
    };
    let (best, worst) = (number(best)?, number(worst)?);
    (best <= worst).then_some((best, worst))
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn an_interval_has_two_ends_in_order() {
        assert_eq!(interval("0.5-2"), Some((0.5, 2.0)));
        assert_eq!(interval("3 - 3"), Some((3.0, 3.0)));
        for text in ["2", "2-1", "-1-2", "a-b", "", "1-inf", "1-2-3"] {
            assert_eq!(interval(text), None, "{text}");
        }
    }
}
