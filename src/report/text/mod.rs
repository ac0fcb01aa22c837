//! Every text that a report says of itself, so that it can be said in another language.
//!
//! Parts between backticks are code. What the journal says (titles of steps, findings) is said as it is there.

mod english;

use super::Report;
use super::figures::Change;
use super::results::{AcceleratedSaid, LogSaid};
use crate::event::{RunKind, Severity};
use crate::ident::Series;

pub(super) use english::ENGLISH;

/// The texts in one language.
pub(super) struct Text {
    /// The language's tag.
    pub(super) language: &'static str,
    /// What the report is of.
    pub(super) kind: fn(RunKind) -> &'static str,
    /// The verdict in a word or two.
    pub(super) verdict: fn(&Report) -> &'static str,
    /// What happened, for somebody who reads nothing else.
    pub(super) headline: fn(&Report) -> String,
    /// What to do next.
    pub(super) next: fn(&Report) -> String,
    /// How a step or a hop stands.
    pub(super) status: fn(&str) -> &'static str,
    /// A severity, and several findings of it.
    pub(super) severity: fn(Severity) -> &'static str,
    pub(super) severities: fn(Severity) -> &'static str,
    /// The hop after which a finding was so first.
    pub(super) since: fn(Series) -> String,
    /// The area of a finding.
    pub(super) area: fn(&str) -> &str,
    /// What became of a module.
    pub(super) fate: fn(&str) -> &str,
    /// How a figure changed.
    pub(super) change: fn(&Change) -> String,
    /// What kind of thing was slow, or is pinned.
    pub(super) slow: fn(&str) -> &str,
    pub(super) pin: fn(&str) -> &str,
    /// Sentences that stand before tables.
    pub(super) modules_stay: fn(stay: usize, all: usize) -> String,
    pub(super) comparisons_hold: fn(hold: usize, all: usize) -> String,
    pub(super) log_said: fn(&LogSaid<'_>) -> String,
    pub(super) accelerated: fn(&AcceleratedSaid<'_>) -> String,
    pub(super) attempt: fn(number: usize) -> String,
    pub(super) checkpoint_saved: fn(step: &str) -> String,
    pub(super) checkpoint: fn(step: &str) -> String,
    pub(super) checkpoint_restored: fn(step: &str) -> String,
    pub(super) reused_from: fn(runs: &[&str]) -> String,
    /// The headings, in the order of the report.
    pub(super) heading: Headings,
    /// Heads of columns and names of facts.
    pub(super) label: Labels,
    /// Whole sentences that never change.
    pub(super) sentence: Sentences,
}

pub(super) struct Headings {
    pub(super) failure: &'static str,
    pub(super) timeline: &'static str,
    pub(super) hops: &'static str,
    pub(super) steps: &'static str,
    pub(super) findings: &'static str,
    pub(super) figures: &'static str,
    pub(super) explained: &'static str,
    pub(super) modules: &'static str,
    pub(super) log: &'static str,
    pub(super) slowest: &'static str,
    pub(super) neutralised: &'static str,
    pub(super) delivered: &'static str,
    pub(super) pins: &'static str,
}

pub(super) struct Labels {
    pub(super) what_to_do: &'static str,
    pub(super) run: &'static str,
    pub(super) plan: &'static str,
    pub(super) started: &'static str,
    pub(super) took: &'static str,
    pub(super) last_event: &'static str,
    pub(super) hopp: &'static str,
    pub(super) contents: &'static str,
    pub(super) log: &'static str,
    pub(super) hop: &'static str,
    pub(super) step: &'static str,
    pub(super) what: &'static str,
    pub(super) status: &'static str,
    pub(super) began: &'static str,
    pub(super) time: &'static str,
    pub(super) figure: &'static str,
    pub(super) before: &'static str,
    pub(super) after: &'static str,
    pub(super) difference: &'static str,
    pub(super) why: &'static str,
    pub(super) module: &'static str,
    pub(super) fate: &'static str,
    pub(super) becomes: &'static str,
    pub(super) at: &'static str,
    pub(super) note: &'static str,
    pub(super) name: &'static str,
    pub(super) area: &'static str,
    pub(super) rows: &'static str,
    pub(super) file: &'static str,
    pub(super) size: &'static str,
    pub(super) version: &'static str,
    pub(super) identity: &'static str,
    pub(super) level: &'static str,
    pub(super) times: &'static str,
}

pub(super) struct Sentences {
    pub(super) no_findings: &'static str,
    pub(super) nothing_delivered: &'static str,
    pub(super) not_for_production: &'static str,
    pub(super) nothing_ran: &'static str,
    pub(super) chart: &'static str,
    pub(super) key_checkpoint: &'static str,
    pub(super) key_restored: &'static str,
    pub(super) key_retried: &'static str,
    pub(super) key_open: &'static str,
    pub(super) explained: &'static str,
    pub(super) neutralised: &'static str,
    pub(super) pins: &'static str,
    pub(super) colophon: &'static str,
}
