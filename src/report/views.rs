//! What pages and Markdown say alike.

use serde_json::Value;

use super::text::Text;
use super::{Report, StepLine};
use crate::words;

/// A key figure before and after, as text.
pub(super) struct Figure<'a> {
    pub(super) name: &'a str,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Report {
    /// Returns the key figures: those measured before the first hop, then those that came with the upgrade.
    pub(super) fn figures(&self) -> Vec<Figure<'_>> {
        let of = |value: &Value, name: &str| value.get(name).map(plain);
        let (before, after) = (&self.baseline_before, &self.baseline_after);
        let new = names(after).filter(|name| before.get(name.as_str()).is_none());
        let names = names(before).chain(new);
        let figures = names.map(|name| Figure {
            name,
            before: of(before, name),
            after: of(after, name),
        });
        figures.collect()
    }

    /// Says when a step began, from the run's beginning.
    pub(super) fn began(&self, step: &StepLine) -> String {
        let (Some(start), Some(first)) = (self.started, step.attempts.first()) else {
            return String::new();
        };
        let ms = first.started.as_millisecond().saturating_sub(start.as_millisecond());
        format!("+{}", words::duration(u64::try_from(ms).unwrap_or(0)))
    }
}

impl StepLine {
    /// Says what the step does, how often it was tried, or which run did it.
    pub(super) fn told(&self, text: &Text) -> String {
        match (&self.reused_from, self.attempts.len()) {
            (Some(run), _) => format!("{} ({})", self.title, (text.reused_from)(run)),
            (None, 0 | 1) => self.title.clone(),
            (None, attempts) => format!("{} ({})", self.title, (text.attempt)(attempts)),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn names(figures: &Value) -> impl Iterator<Item = &String> {
    figures.as_object().into_iter().flat_map(|figures| figures.keys())
}
