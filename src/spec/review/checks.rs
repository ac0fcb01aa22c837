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
        let inline = question.sql.as_ref().map(|sql| ("sql", sql));
        for (key, text) in [("title", &question.title)].into_iter().chain(inline) {
            if text.trim().is_empty() {
                let problem = place
                    .key(key)
                    .error("no-value", format!("`{key}` is empty"), "says nothing");
                self.report(problem.help("a check says what must be true (`title`) and asks for it (`sql`)"));
            }
        }
        let sql = match (&question.sql, &question.file) {
            (Some(sql), None) => sql.clone(),
            (None, Some(file)) => self.script(&place.key("file"), file).1,
            (Some(_), Some(_)) => {
                let message = "a check has one question, and this has `sql` and `file`".to_owned();
                let problem = place.key("file").error("two-questions", message, "the second one");
                self.report(problem.help("keep one of the two"));
                String::new()
            }
            (None, None) => {
                let message = "this check asks nothing".to_owned();
                let problem = place.error("no-value", message, "no question");
                self.report(problem.help("write the question as `sql`, or name the file it is in as `file`"));
                String::new()
            }
        };
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
            sql: sql.trim().trim_end_matches(';').to_owned(),
            expect,
            needs: question.needs.clone(),
            severity: question.severity.map_or(Severity::Error, Severity::from),
            remedy: question.remedy.clone(),
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
