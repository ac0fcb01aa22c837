//! Where a run is, and how long it will go on: folded from its signals, told the time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::engine::{Advance, Signal};
use crate::event::{Decision, Event};
use crate::ident::StepId;

/// How long steps took the last time, in milliseconds, by name.
pub type Expected = BTreeMap<StepId, u64>;

/// A share below this says too little about the whole.
const TELLING: f64 = 0.05;

/// Folds the signals of a run.
pub(super) struct Tracker {
    expected: Expected,
    began: Instant,
    /// The steps that are to be done, in the order of the plan.
    steps: Vec<Tracked>,
}

struct Tracked {
    id: StepId,
    after: Vec<StepId>,
    state: State,
}

enum State {
    Waiting,
    Running(Running),
    Ended,
}

/// A step that runs.
pub(super) struct Running {
    since: Instant,
    /// What it last said.
    pub(super) advance: Advance,
    /// When its share last grew.
    grew: Instant,
}

impl Tracker {
    /// Returns the tracker of a run that begins now.
    pub(super) fn new(expected: Expected, now: Instant) -> Tracker {
        Tracker {
            expected,
            began: now,
            steps: Vec::new(),
        }
    }

    /// Hears a signal.
    pub(super) fn hear(&mut self, signal: &Signal, now: Instant) {
        match signal {
            Signal::Event(entry) => self.event(&entry.event, now),
            Signal::Progress { step, advance } => {
                if let Some(State::Running(running)) = self.state(step) {
                    if advance.share > running.advance.share {
                        running.grew = now;
                    }
                    running.advance = advance.clone();
                }
            }
        }
    }

    fn event(&mut self, event: &Event, now: Instant) {
        match event {
            Event::RunStarted { steps, .. } => {
                self.began = now;
                self.steps = (steps.iter())
                    .filter(|step| step.decision == Decision::Run)
                    .map(|step| Tracked {
                        id: step.id.clone(),
                        after: step.after.clone(),
                        state: State::Waiting,
                    })
                    .collect();
            }
            Event::StepStarted { step, .. } => {
                if let Some(state) = self.state(step) {
                    *state = State::Running(Running {
                        since: now,
                        advance: Advance::default(),
                        grew: now,
                    });
                }
            }
            Event::StepFinished { step, elapsed_ms, .. } => {
                // The next hop, of which nothing may be known, will take about as long.
                self.expected.insert(step.clone(), *elapsed_ms);
                self.end(step);
            }
            Event::StepFailed { step, .. } => self.end(step),
            _ => {}
        }
    }

    fn end(&mut self, step: &StepId) {
        if let Some(state) = self.state(step) {
            *state = State::Ended;
        }
    }

    fn state(&mut self, step: &StepId) -> Option<&mut State> {
        let tracked = self.steps.iter_mut().find(|tracked| tracked.id == *step)?;
        Some(&mut tracked.state)
    }

    /// Returns the steps that run, in the order of the plan.
    pub(super) fn running(&self) -> impl Iterator<Item = (&StepId, &Running)> {
        self.steps.iter().filter_map(|tracked| match &tracked.state {
            State::Running(running) => Some((&tracked.id, running)),
            State::Waiting | State::Ended => None,
        })
    }

    /// Returns a step that runs.
    pub(super) fn get(&self, step: &StepId) -> Option<&Running> {
        self.running().find(|(id, _)| *id == step).map(|(_, running)| running)
    }

    /// Returns how many steps have ended, of how many.
    pub(super) fn ended(&self) -> (usize, usize) {
        let ended = |tracked: &&Tracked| matches!(tracked.state, State::Ended);
        (self.steps.iter().filter(ended).count(), self.steps.len())
    }

    /// Returns how long the run goes on already.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    /// Returns how long a running step will go on, `None` when nothing tells. Zero is overdue.
    pub(super) fn left(&self, step: &StepId, now: Instant) -> Option<Duration> {
        let running = self.get(step)?;
        let elapsed = running.elapsed(now).as_secs_f64();
        let expected = self.expected(step).map(|time| time.as_secs_f64());
        let seconds = match (running.advance.share, expected) {
            (Some(share), expected) if share >= TELLING => {
                let stood = now.saturating_duration_since(running.grew).as_secs_f64();
                let then = (elapsed - stood).max(0.0);
                // What it is expected to take by its pace now counts more the longer it runs.
                let at_this_pace = then / share;
                let whole = expected.map_or(at_this_pace, |expected| (1.0 - share) * expected + share * at_this_pace);
                let left = (1.0 - share) * whole;
                // It works between two signs of life, too; but when it is stuck the time left does not run out.
                left - stood.min(left / 2.0)
            }
            (_, Some(expected)) => expected - elapsed,
            _ => return None,
        };
        Some(Duration::from_secs_f64(seconds.max(0.0)))
    }

    /// Returns how long the whole run will go on: the longest way through what is left. `None` when a hop is left of
    /// which nothing tells how long it takes.
    pub(super) fn run_left(&self, now: Instant) -> Option<Duration> {
        let mut until: BTreeMap<&StepId, Duration> = BTreeMap::new();
        for tracked in &self.steps {
            let own = match &tracked.state {
                State::Ended => Duration::ZERO,
                State::Running(_) => match self.left(&tracked.id, now) {
                    Some(left) => left,
                    None if is_hop(&tracked.id) => return None,
                    None => Duration::ZERO,
                },
                State::Waiting => match self.expected(&tracked.id) {
                    Some(expected) => expected,
                    None if is_hop(&tracked.id) => return None,
                    None => Duration::ZERO,
                },
            };
            let before = tracked.after.iter().filter_map(|id| until.get(id)).max();
            let end = before.copied().unwrap_or_default() + own;
            until.insert(&tracked.id, end);
        }
        until.into_values().max()
    }

    /// Returns how long a step took the last time; of a hop never seen, how long the newest hop took.
    fn expected(&self, step: &StepId) -> Option<Duration> {
        let own = self.expected.get(step);
        let of_another = || {
            let mut hops = self.expected.iter().filter(|(id, _)| is_hop(id));
            hops.next_back().map(|(_, time)| time)
        };
        own.or_else(|| is_hop(step).then(of_another).flatten())
            .map(|time| Duration::from_millis(*time))
    }
}

impl Running {
    /// Returns how long it runs.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }
}

fn is_hop(step: &StepId) -> bool {
    step.as_str().ends_with("/upgrade")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::event::{Entry, PlannedStep, RunKind};
    use crate::ident::{Fingerprint, RunId};

    pub(in crate::ui) fn event(event: Event) -> Signal {
        Signal::Event(Entry {
            seq: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            event,
        })
    }

    pub(in crate::ui) fn run(steps: &[(&str, &[&str])]) -> Signal {
        let planned = |&(id, after): &(&str, &[&str])| PlannedStep {
            id: StepId::new(id),
            title: id.into(),
            hop: None,
            fingerprint: None,
            after: after.iter().copied().map(StepId::new).collect(),
            decision: Decision::Run,
        };
        event(Event::RunStarted {
            production: None,
            run: RunId::new("r"),
            kind: RunKind::Rehearsal,
            hopp: "0".into(),
            customer: "acme".into(),
            plan: "p".into(),
            plan_sha256: Fingerprint::of("p"),
            from: "18.0".parse().unwrap(),
            to: "19.0".parse().unwrap(),
            steps: steps.iter().map(planned).collect(),
        })
    }

    pub(in crate::ui) fn started(step: &str) -> Signal {
        event(Event::StepStarted {
            step: StepId::new(step),
            fingerprint: Fingerprint::of("f"),
            attempt: 1,
        })
    }

    pub(in crate::ui) fn finished(step: &str, elapsed_ms: u64) -> Signal {
        event(Event::StepFinished {
            step: StepId::new(step),
            fingerprint: Fingerprint::of("f"),
            elapsed_ms,
            result: serde_json::Value::Null,
            log: None,
        })
    }

    pub(in crate::ui) fn advanced(step: &str, advance: Advance) -> Signal {
        Signal::Progress {
            step: StepId::new(step),
            advance,
        }
    }

    struct Clock {
        tracker: Tracker,
        now: Instant,
    }

    impl Clock {
        fn new(expected: &[(&str, u64)]) -> Clock {
            let now = Instant::now();
            let expected = expected.iter().map(|&(id, ms)| (StepId::new(id), ms)).collect();
            Clock {
                tracker: Tracker::new(expected, now),
                now,
            }
        }

        fn hear(&mut self, signal: &Signal) {
            self.tracker.hear(signal, self.now);
        }

        fn pass(&mut self, seconds: u64) {
            self.now += Duration::from_secs(seconds);
        }

        fn left(&self, step: &str) -> Option<u64> {
            Some(self.tracker.left(&StepId::new(step), self.now)?.as_secs())
        }

        fn run_left(&self) -> Option<u64> {
            Some(self.tracker.run_left(self.now)?.as_secs())
        }
    }

    const CHAIN: [(&str, &[&str]); 4] = [
        ("restore", &[]),
        ("image/19.0", &[]),
        ("19.0/upgrade", &["restore", "image/19.0"]),
        ("verify", &["19.0/upgrade"]),
    ];

    #[test]
    fn with_a_history_the_time_left_is_the_longest_way_through_what_is_left() {
        let mut clock = Clock::new(&[
            ("restore", 10_000),
            ("image/19.0", 40_000),
            ("19.0/upgrade", 100_000),
            ("verify", 20_000),
        ]);
        clock.hear(&run(&CHAIN));
        assert_eq!(clock.run_left(), Some(160));
        clock.hear(&started("restore"));
        clock.hear(&started("image/19.0"));
        clock.pass(10);
        assert_eq!(clock.left("restore"), Some(0));
        assert_eq!(clock.run_left(), Some(150));
        clock.hear(&finished("restore", 10_000));
        clock.hear(&finished("image/19.0", 10_000));
        assert_eq!(clock.run_left(), Some(120));
        assert_eq!(clock.tracker.ended(), (2, 4));
    }

    #[test]
    fn a_machine_slower_than_last_time_is_believed_more_and_more() {
        let mut clock = Clock::new(&[("19.0/upgrade", 100_000)]);
        clock.hear(&run(&CHAIN));
        clock.hear(&started("19.0/upgrade"));
        clock.pass(100);
        clock.hear(&advanced("19.0/upgrade", Advance::doing("sale").share(0.5)));
        // Half of what was expected to take 100 s took 100 s: between 50 and 100.
        assert_eq!(clock.left("19.0/upgrade"), Some(75));
        clock.pass(10);
        assert_eq!(clock.left("19.0/upgrade"), Some(65));
        clock.pass(1000);
        assert_eq!(clock.left("19.0/upgrade"), Some(37), "stuck, it does not run out");
    }

    #[test]
    fn without_a_history_the_share_tells_and_a_hop_tells_of_the_next() {
        let mut clock = Clock::new(&[]);
        clock.hear(&run(&[("18.0/upgrade", &[]), ("19.0/upgrade", &["18.0/upgrade"])]));
        clock.hear(&started("18.0/upgrade"));
        clock.pass(30);
        assert_eq!(clock.left("18.0/upgrade"), None);
        assert_eq!(clock.run_left(), None);
        clock.hear(&advanced("18.0/upgrade", Advance::doing("sale").share(0.25)));
        assert_eq!(clock.left("18.0/upgrade"), Some(90));
        assert_eq!(clock.run_left(), None, "nothing tells of the second hop");
        clock.hear(&finished("18.0/upgrade", 120_000));
        assert_eq!(clock.run_left(), Some(120));
    }
}
