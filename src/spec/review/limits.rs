//! Limits.

use std::time::Duration;

use super::Review;
use crate::spec::document::Place;
use crate::spec::plan_file;
use crate::spec::quantity::{self, NotAQuantity};
use crate::spec::resolved::Limits;

/// The longest a step may take when the plan does not say.
const STEP_TIMEOUT: Duration = Duration::from_hours(8);
/// More cores than this are a slip.
const MOST_CPUS: f64 = 4096.0;

impl Review<'_> {
    pub(super) fn limits(&mut self, written: &plan_file::Limits) -> Limits {
        let place = self.root().key("limits");
        let memory = written.memory.as_deref();
        let timeout = written.step_timeout.as_deref();
        Limits {
            memory: memory.and_then(|text| self.quantity(&place.key("memory"), quantity::bytes(text))),
            milli_cpus: written.cpus.and_then(|cpus| self.cpus(&place.key("cpus"), cpus)),
            step_timeout: timeout
                .and_then(|text| self.quantity(&place.key("step_timeout"), quantity::duration(text)))
                .unwrap_or(STEP_TIMEOUT),
        }
    }

    /// Reports a quantity that is none.
    pub(super) fn quantity<T>(&mut self, place: &Place<'_>, read: Result<T, NotAQuantity>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("`{}` is not {}", error.text, error.what);
                let problem = place.error("quantity", message, format!("not {}", error.what));
                self.report(problem.help(format!("write it like {}", error.example)));
                None
            }
        }
    }

    fn cpus(&mut self, place: &Place<'_>, cpus: f64) -> Option<u64> {
        let milli = (cpus * 1000.0).round();
        if (1.0..=MOST_CPUS * 1000.0).contains(&milli) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range was just checked"
            )]
            return Some(milli as u64);
        }
        let problem = place.error(
            "cpus",
            format!("a container cannot have {cpus} cores"),
            "not a number of cores",
        );
        self.report(problem.help("write a number above 0, such as `2` or `0.5`"));
        None
    }
}
