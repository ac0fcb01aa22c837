//! A run for programs: its events as they happen and, between them, how far it is.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::line::millis;
use super::out;
use super::tracker::{Expected, Tracker};
use crate::engine::{Signal, Unit};
use crate::ident::StepId;

/// A step tells how far it is no more often than this.
const QUIET: Duration = Duration::from_secs(1);

/// Prints signals of a run as JSON Lines on standard output: an event as it stands in the journal, progress as
/// `{"progress": {…}}`.
pub struct Stream {
    tracker: Tracker,
    said: BTreeMap<StepId, Instant>,
}

/// A line that is no event.
#[derive(Serialize)]
struct Line<'a> {
    progress: Advanced<'a>,
}

#[derive(Serialize)]
struct Advanced<'a> {
    step: &'a StepId,
    doing: &'a str,
    done: Option<u64>,
    of: Option<u64>,
    unit: Option<&'static str>,
    share: Option<f64>,
    elapsed_ms: u64,
    left_ms: Option<u64>,
    run_elapsed_ms: u64,
    run_left_ms: Option<u64>,
}

impl Stream {
    /// Returns a stream. `expected` is what the steps took the last time.
    pub fn new(expected: Expected) -> Stream {
        Stream {
            tracker: Tracker::new(expected, Instant::now()),
            said: BTreeMap::new(),
        }
    }

    /// Prints a signal.
    pub fn hear(&mut self, signal: &Signal) {
        if let Some(line) = self.line(signal, Instant::now()) {
            out(&line);
        }
    }

    fn line(&mut self, signal: &Signal, now: Instant) -> Option<String> {
        self.tracker.hear(signal, now);
        let step = match signal {
            Signal::Event(entry) => return serde_json::to_string(entry).ok(),
            Signal::Progress { step, .. } => step,
        };
        if let Some(said) = self.said.get(step)
            && now.saturating_duration_since(*said) < QUIET
        {
            return None;
        }
        let running = self.tracker.get(step)?;
        let advance = &running.advance;
        let line = Line {
            progress: Advanced {
                step,
                doing: &advance.doing,
                done: advance.measure.map(|measure| measure.done),
                of: advance.measure.map(|measure| measure.of),
                unit: advance.measure.map(|measure| match measure.unit {
                    Unit::Count => "count",
                    Unit::Bytes => "bytes",
                }),
                share: advance.share.map(|share| (share * 1000.0).round() / 1000.0),
                elapsed_ms: millis(running.elapsed(now)),
                left_ms: self.tracker.left(step, now).map(millis),
                run_elapsed_ms: millis(self.tracker.elapsed(now)),
                run_left_ms: self.tracker.run_left(now).map(millis),
            },
        };
        self.said.insert(step.clone(), now);
        serde_json::to_string(&line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tracker::tests::{advanced, run, started};
    use super::*;
    use crate::engine::Advance;

    #[test]
    fn progress_is_no_event_and_comes_once_a_second_at_most() {
        let expected = [(StepId::new("19.0/upgrade"), 100_000)].into();
        let mut stream = Stream::new(expected);
        let now = Instant::now();
        for signal in [run(&[("19.0/upgrade", &[])]), started("19.0/upgrade")] {
            let line = stream.line(&signal, now).unwrap();
            assert!(line.starts_with("{\"seq\":"), "{line}");
        }
        let at = |seconds| now + Duration::from_secs(seconds);
        let advance = Advance::doing("sale").count(3, 9).share(0.25);
        let signal = advanced("19.0/upgrade", advance);
        let line = stream.line(&signal, at(30)).unwrap();
        assert_eq!(stream.line(&signal, at(30)), None);
        assert!(stream.line(&signal, at(31)).is_some());
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let progress = &value["progress"];
        assert!(value.get("seq").is_none());
        assert_eq!(progress["step"], "19.0/upgrade");
        assert_eq!((&progress["done"], &progress["of"]), (&3.into(), &9.into()));
        assert_eq!(progress["unit"], "count");
        assert_eq!(progress["elapsed_ms"], 30_000);
        // A quarter took 30 s: 120 s at this pace, and 100 s the last time; three quarters of 105 s are left.
        assert_eq!(progress["left_ms"], 78_750);
        assert_eq!(progress["run_left_ms"], 78_750);
    }
}
