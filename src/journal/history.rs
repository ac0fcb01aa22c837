//! What earlier runs of a customer did, folded from their journals.

use std::collections::BTreeMap;

use super::{Checkpoints, StateFolder, read};
use crate::event::{Event, Finding};
use crate::ident::{Fingerprint, RunId, StepId};

/// A finished step of an earlier run.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// The run that did it.
    pub run: RunId,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// What it found out or made.
    pub result: serde_json::Value,
    /// The findings it raised.
    pub findings: Vec<Finding>,
}

/// Everything earlier runs finished, by fingerprint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    finished: BTreeMap<Fingerprint, Remembered>,
    newest: BTreeMap<StepId, Fingerprint>,
    passed_over: Vec<String>,
}

impl History {
    /// Folds every journal of a customer. A journal that cannot be read is passed over, because it is history and not the
    /// present: what only its run did is done again.
    pub fn load(state: &StateFolder) -> History {
        let mut history = History::default();
        for run in state.runs() {
            match read(&state.journal(&run)) {
                Ok(entries) => history.add(&run, entries.into_iter().map(|entry| entry.event)),
                Err(error) => history.passed_over.push(error.to_string()),
            }
        }
        history
    }

    /// Folds the events of one more run.
    pub fn add(&mut self, run: &RunId, events: impl IntoIterator<Item = Event>) {
        let mut findings: BTreeMap<StepId, Vec<Finding>> = BTreeMap::new();
        for event in events {
            match event {
                Event::StepStarted { step, .. } => {
                    findings.remove(&step);
                }
                Event::FindingRaised { step, finding } => findings.entry(step).or_default().push(finding),
                Event::StepFinished {
                    step,
                    fingerprint,
                    elapsed_ms,
                    result,
                    ..
                } => {
                    let remembered = Remembered {
                        run: run.clone(),
                        elapsed_ms,
                        result,
                        findings: findings.remove(&step).unwrap_or_default(),
                    };
                    self.newest.insert(step, fingerprint.clone());
                    self.finished.insert(fingerprint, remembered);
                }
                _ => {}
            }
        }
    }

    /// Returns why journals were passed over, each with its path, oldest first.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    /// Returns the step that was finished with this fingerprint.
    pub fn finished(&self, fingerprint: &Fingerprint) -> Option<&Remembered> {
        self.finished.get(fingerprint)
    }

    /// Leaves out checkpoints whose step is not known to have finished: a run that was killed between saving a state and
    /// saying so had a result and findings that nobody wrote down.
    #[must_use]
    pub fn believed(&self, mut checkpoints: Checkpoints) -> Checkpoints {
        checkpoints.retain(|fingerprint, _| self.finished.contains_key(fingerprint));
        checkpoints
    }

    /// Returns the last time a step of this name was finished, whatever its fingerprint.
    pub fn newest(&self, step: &StepId) -> Option<&Remembered> {
        self.finished(self.newest.get(step)?)
    }

    /// Returns how long a step of this name took the last time, in milliseconds.
    pub fn expected_ms(&self, step: &StepId) -> Option<u64> {
        self.newest(step).map(|remembered| remembered.elapsed_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Checkpoint;

    #[test]
    fn only_finished_steps_are_remembered() {
        let step = StepId::new("measure");
        let mut history = History::default();
        let started = |n: &str| Event::StepStarted {
            step: step.clone(),
            fingerprint: Fingerprint::of(n),
            attempt: 1,
        };
        let finished = Event::StepFinished {
            step: step.clone(),
            fingerprint: Fingerprint::of("b"),
            elapsed_ms: 12,
            result: serde_json::json!({"rows": 3}),
            log: None,
        };
        history.add(&RunId::new("1"), [started("a"), started("b"), finished]);
        assert!(history.finished(&Fingerprint::of("a")).is_none());
        assert_eq!(history.finished(&Fingerprint::of("b")).unwrap().result["rows"], 3);
        assert_eq!(history.expected_ms(&step), Some(12));
        let checkpoint = Checkpoint {
            step: step.clone(),
            bytes: 7,
            at: jiff::Timestamp::UNIX_EPOCH,
            volume: "v".into(),
        };
        let saved = ["a", "b"].map(|n| (Fingerprint::of(n), checkpoint.clone()));
        let believed = history.believed(saved.into_iter().collect());
        assert_eq!(believed.keys().collect::<Vec<_>>(), [&Fingerprint::of("b")]);
    }
}
