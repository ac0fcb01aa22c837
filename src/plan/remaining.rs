//! What is left to do: a pure function of the graph, the checkpoints and what earlier runs finished.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::Decision;
use crate::ident::{Fingerprint, StepId};

use super::{Graph, Nature};

/// What becomes of each step in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decisions {
    steps: BTreeMap<StepId, Decision>,
    /// The chain step whose checkpoint the run goes on from.
    pub resume_from: Option<StepId>,
}

impl Decisions {
    /// Returns the decision about a step.
    pub fn of(&self, id: &StepId) -> Decision {
        self.steps.get(id).copied().unwrap_or(Decision::Skip)
    }

    /// Says whether a step will be done.
    pub fn runs(&self, id: &StepId) -> bool {
        self.of(id) == Decision::Run
    }

    /// Says whether nothing at all will be done.
    pub fn nothing_runs(&self) -> bool {
        self.steps.values().all(|decision| *decision != Decision::Run)
    }
}

/// Decides what to do.
///
/// `fingerprints` may lack steps whose inputs are not known yet; those run. `until` leaves out everything that the
/// named step does not need.
pub fn decide(
    graph: &Graph,
    fingerprints: &BTreeMap<StepId, Fingerprint>,
    has_checkpoint: impl Fn(&Fingerprint) -> bool,
    is_finished: impl Fn(&Fingerprint) -> bool,
    until: Option<&StepId>,
) -> Decisions {
    let wanted = wanted(graph, until);
    let checkpointed = |id: &StepId| fingerprints.get(id).is_some_and(&has_checkpoint);
    let mut steps = BTreeMap::new();
    let mut resume_from = None;
    // Backwards: a step is reached before what it depends on, so every reason to do it is known by then.
    let mut needed_states: BTreeSet<&StepId> = BTreeSet::new();
    let mut needed: BTreeSet<&StepId> = BTreeSet::new();
    if let Some(until) = until.and_then(|id| graph.get(id)) {
        match until.kind.nature() {
            Nature::Chain => needed_states.insert(&until.id),
            Nature::Ready => needed.insert(&until.id),
            Nature::Result => false,
        };
    }
    for node in graph.nodes().iter().rev() {
        if !wanted.contains(&node.id) {
            continue;
        }
        let decision = match node.kind.nature() {
            Nature::Result => {
                let finished = fingerprints.get(&node.id).is_some_and(&is_finished);
                if finished { Decision::Reuse } else { Decision::Run }
            }
            Nature::Chain if needed_states.contains(&node.id) && !checkpointed(&node.id) => Decision::Run,
            Nature::Chain => {
                if needed_states.contains(&node.id) && resume_from.is_none() {
                    resume_from = Some(node.id.clone());
                }
                Decision::Reuse
            }
            Nature::Ready if needed.contains(&node.id) => Decision::Run,
            Nature::Ready => Decision::Skip,
        };
        if decision == Decision::Run {
            needed.extend(&node.after);
            needed_states.extend(&node.database);
        }
        steps.insert(node.id.clone(), decision);
    }
    Decisions { steps, resume_from }
}

fn wanted<'a>(graph: &'a Graph, until: Option<&StepId>) -> BTreeSet<&'a StepId> {
    let Some(until) = until else {
        return graph.nodes().iter().map(|node| &node.id).collect();
    };
    let mut wanted = BTreeSet::new();
    for node in graph.nodes().iter().rev() {
        if node.id == *until || wanted.contains(&node.id) {
            wanted.insert(&node.id);
            wanted.extend(node.after.iter().chain(&node.database));
        }
    }
    wanted
}
