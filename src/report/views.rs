//! What pages and Markdown say alike.

use serde_json::Value;

use super::results::GroupSaid;
use super::text::Text;
use super::{Report, Slow, StepLine};
use crate::words;

/// A key figure before and after, as text.
pub(super) struct Figure<'a> {
    pub(super) name: &'a str,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// How many of the slowest are shown of each kind.
const SLOWEST: usize = 10;

/// Returns what the first of a group says, with the exception it came with.
pub(super) fn first_line(group: &GroupSaid<'_>) -> String {
    match group.exception {
        "" => group.first.to_owned(),
        exception => format!("{}: {exception}", group.first.trim_end_matches(':')),
    }
}

impl Report {
    /// Returns what took longest in all hops together, by kind.
    pub(super) fn slowest_by_kind(&self) -> Vec<(&'static str, Vec<&Slow>)> {
        let of = |kind: &'static str| {
            let mut slow: Vec<&Slow> = self.slowest.iter().filter(|slow| slow.kind == kind).collect();
            slow.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
            slow.truncate(SLOWEST);
            (kind, slow)
        };
        let kinds = ["module", "script", "field"].map(of);
        kinds.into_iter().filter(|(_, slow)| !slow.is_empty()).collect()
    }

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

    /// Says how long the run took, or when it was last heard of.
    pub(super) fn ended(&self, text: &Text) -> (&'static str, String) {
        match (self.elapsed_ms, self.last_event) {
            (None, Some(at)) => (text.label.last_event, at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
            (took, _) => (text.label.took, took.map_or_else(|| "–".into(), words::duration)),
        }
    }

    /// Says which runs did what this one did not do again.
    pub(super) fn reused(&self, text: &Text) -> Option<String> {
        let mut runs: Vec<&str> = Vec::new();
        for run in self.steps.iter().filter_map(|step| step.reused_from.as_deref()) {
            if !runs.contains(&run) {
                runs.push(run);
            }
        }
        (!runs.is_empty()).then(|| (text.reused_from)(&runs))
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
    /// Says what the step does, and how often it was tried.
    pub(super) fn told(&self, text: &Text) -> String {
        match self.attempts.len() {
            0 | 1 => self.title.clone(),
            attempts => format!("{} ({})", self.title, (text.attempt)(attempts)),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn names(figures: &Value) -> impl Iterator<Item = &String> {
    figures.as_object().into_iter().flat_map(|figures| figures.keys())
}

/// Says how long something in a hop took, to a tenth of a second.
pub(super) fn seconds(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of what is out of bounds ends at the bound"
    )]
    let ms = (seconds * 1000.0) as u64;
    words::duration(ms)
}
