//! What a run looks like while it runs: live lines on a terminal, one line per change elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::line;
use super::live::Live;
use super::say;
use super::tell;
use super::tracker::{Expected, Tracker};
use crate::engine::Signal;
use crate::event::Event;
use crate::ident::StepId;

/// Without a terminal, a step that goes on says where it is this often at first, and this often at last: the longer it
/// runs, the less news it is that it does.
const SOON: Duration = Duration::from_secs(5);
const LATE: Duration = Duration::from_mins(1);

/// Shows signals of a run on standard error.
pub struct Progress {
    shown: Shown,
}

enum Shown {
    Live(Live),
    Lines(Lines),
}

/// One line per change.
struct Lines {
    tracker: Tracker,
    /// When a step last said where it is, and what.
    said: BTreeMap<StepId, (Instant, String)>,
}

impl Progress {
    /// Returns a display: live lines when standard error is a terminal and, as `can_redraw` says, one that can draw them;
    /// one line per change elsewhere. `expected` is what the steps took the last time.
    pub fn new(can_redraw: bool, expected: Expected) -> Progress {
        let tracker = Tracker::new(expected, Instant::now());
        let shown = if can_redraw && console::Term::stderr().is_term() {
            Shown::Live(Live::new(tracker))
        } else {
            let said = BTreeMap::new();
            Shown::Lines(Lines { tracker, said })
        };
        Progress { shown }
    }

    /// Shows a signal.
    pub fn hear(&mut self, signal: &Signal) {
        match &mut self.shown {
            Shown::Live(live) => live.hear(signal),
            Shown::Lines(lines) => lines.hear(signal),
        }
    }
}

impl Lines {
    fn hear(&mut self, signal: &Signal) {
        let now = Instant::now();
        self.tracker.hear(signal, now);
        match signal {
            Signal::Event(entry) => {
                match &entry.event {
                    Event::StepStarted { step, .. } => {
                        say(&format!("▸ {step}"));
                        self.said.insert(step.clone(), (now, String::new()));
                    }
                    Event::StepFinished { step, .. } | Event::StepFailed { step, .. } => {
                        self.said.remove(step);
                    }
                    _ => {}
                }
                if let Some(text) = tell::event(&entry.event) {
                    say(&text);
                }
            }
            Signal::Progress { step, .. } => self.progress(step, now),
        }
    }

    fn progress(&mut self, step: &StepId, now: Instant) {
        let (Some(running), Some((at, before))) = (self.tracker.get(step), self.said.get_mut(step)) else {
            return;
        };
        let doing = line::doing(running);
        let quiet = (running.elapsed(now) / 10).clamp(SOON, LATE);
        if doing == *before || now.saturating_duration_since(*at) < quiet {
            return;
        }
        let times = line::times(&self.tracker, step, running, now, true);
        say(&format!("  {step:<28} {}, {times}", line::fit(&doing, 120)));
        *at = now;
        *before = doing;
    }
}
