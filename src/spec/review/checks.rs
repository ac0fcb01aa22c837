//! Questions to the database, and findings that are accepted.

use crate::event::Severity;
use crate::spec::document::Place;
use crate::spec::plan_file::{Accept, Question};
use crate::spec::quantity;
use crate::spec::resolved::{Accepted, Ask, Expected};

use super::Review;
use super::steps::Moment;

impl Review<'_> {
    /// Reads a question.
    pub(super) fn question(&mut self, place: &Place<'_>, question: &Question, moment: Moment) -> Ask {
        for (key, text) in [("title", &question.title), ("sql", &question.sql)] {
            if text.trim().is_empty() {
                let problem = place
                    .key(key)
                    .error("no-value", format!("`{key}` is empty"), "says nothing");
                self.report(problem.help("a check says what must be true (`title`) and asks for it (`sql`)"));
            }
        }
        let expect = match question.expect.as_deref() {
            None | Some("empty") => Expected::Empty,
            Some("same") => Expected::Same,
            Some(value) => Expected::Value(value.to_owned()),
        };
        if expect == Expected::Same && !matches!(moment, Moment::Check) {
            let message = "`expect: same` needs the database before and after".to_owned();
            let problem = place
                .key("expect")
                .error("check-same-in-hop", message, "only at the end");
            self.report(problem.help("move the check to `checks`, or expect `empty` or a value here"));
        }
        Ask {
            title: question.title.clone(),
            sql: question.sql.trim().trim_end_matches(';').to_owned(),
            expect,
            severity: question.severity.unwrap_or(Severity::Error),
        }
    }

    /// Reads the findings that are accepted.
    pub(super) fn accepted(&mut self, written: &[Accept]) -> Vec<Accepted> {
        let list = self.root().key("accept");
        let mut accepted = Vec::new();
        for (index, accept) in written.iter().enumerate() {
            let item = list.item(index);
            for (key, text) in [("id", &accept.id), ("why", &accept.why)] {
                if text.trim().is_empty() {
                    let problem = item
                        .key(key)
                        .error("no-value", format!("`{key}` is empty"), "says nothing");
                    self.report(problem.help("say which finding (`id`) is accepted, and why"));
                }
            }
            if let Some(until) = self.quantity(&item.key("until"), quantity::date(&accept.until)) {
                accepted.push(Accepted {
                    id: accept.id.clone(),
                    why: accept.why.clone(),
                    until,
                });
            }
        }
        accepted
    }
}
