//! What is left to do.

use std::collections::BTreeSet;

use hopp::event::Decision;
use hopp::ident::StepId;
use hopp::plan::{Decisions, Graph, Nature, decide, fingerprints};
use proptest::prelude::*;

use crate::sample::{graph, id, identities, plan};

/// A plan over two hops, with a step of every nature and a module to uninstall.
fn sample() -> Graph {
    let folder = tempfile::tempdir().unwrap();
    let rest = "repositories: [{ name: addons, url: \"https://git.example.com/addons.git\" }]\n\
                modules: { old_report: { fate: uninstall, why: replaced } }\n\
                hops: { \"18.0\": { before: [{ sql: a.sql }], after: [{ update: [sale] }] } }";
    let plan = plan(folder.path(), 17, 19, rest, &[("a.sql", "SELECT 1")]);
    graph(&plan, 17)
}

/// Decides with checkpoints after some steps, some steps finished, and some images unknown.
fn decided(
    graph: &Graph,
    checkpoints: &BTreeSet<StepId>,
    finished: &BTreeSet<StepId>,
    unknown: &BTreeSet<StepId>,
    until: Option<&StepId>,
) -> Decisions {
    let mut known = identities(graph);
    known.retain(|step, _| !unknown.contains(step));
    let prints = fingerprints(graph, &known);
    let of = |steps: &BTreeSet<StepId>| -> BTreeSet<_> {
        steps.iter().filter_map(|step| prints.get(step)).cloned().collect()
    };
    let (saved, done) = (of(checkpoints), of(finished));
    decide(
        graph,
        &prints,
        |print| saved.contains(print),
        |print| done.contains(print),
        until,
    )
}

/// Returns a step and everything it depends on, however far.
fn needs(graph: &Graph, step: &StepId) -> BTreeSet<StepId> {
    let mut found = BTreeSet::from([step.clone()]);
    for node in graph.nodes().iter().rev() {
        if found.contains(&node.id) {
            found.extend(node.after.iter().chain(&node.database).cloned());
        }
    }
    found
}

fn every_step(graph: &Graph) -> BTreeSet<StepId> {
    graph.nodes().iter().map(|node| node.id.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_runs_has_everything_it_needs(seed: [u64; 3], until in proptest::option::of(any::<prop::sample::Index>())) {
        let graph = sample();
        let nodes = graph.nodes();
        let some = |bits: u64| -> BTreeSet<StepId> {
            let chosen = nodes.iter().enumerate().filter(|(index, _)| bits >> index & 1 == 1);
            chosen.map(|(_, node)| node.id.clone()).collect()
        };
        let [checkpoints, finished, unknown] = [some(seed[0]), some(seed[1]), some(seed[2] & seed[0])];
        let until = until.map(|index| index.get(nodes).id.clone());
        let decisions = decided(&graph, &checkpoints, &finished, &unknown, until.as_ref());
        let mut known = identities(&graph);
        known.retain(|step, _| !unknown.contains(step));
        let prints = fingerprints(&graph, &known);
        let is_saved = |step: &StepId| checkpoints.contains(step) && prints.contains_key(step);
        let is_finished = |step: &StepId| finished.contains(step) && prints.contains_key(step);
        let wanted = until.as_ref().map_or_else(|| every_step(&graph), |until| needs(&graph, until));
        for node in nodes.iter().filter(|node| decisions.runs(&node.id)) {
            prop_assert!(wanted.contains(&node.id), "{} is not asked for", node.id);
            if let Some(state) = &node.database {
                prop_assert!(decisions.runs(state) || is_saved(state), "{} starts from nothing", node.id);
            }
            for needed in &node.after {
                match graph.get(needed).unwrap().kind.nature() {
                    Nature::Ready => prop_assert!(decisions.runs(needed), "{} lacks {needed}", node.id),
                    Nature::Result => {
                        prop_assert!(decisions.runs(needed) || is_finished(needed), "{} lacks {needed}", node.id);
                    }
                    // What it needs of a chain step is its state.
                    Nature::Chain => {}
                }
            }
            match node.kind.nature() {
                Nature::Result => prop_assert!(!is_finished(&node.id), "{} is done", node.id),
                Nature::Chain => prop_assert!(!is_saved(&node.id), "{} is saved", node.id),
                Nature::Ready => {}
            }
        }
        if let Some(step) = &decisions.resume_from {
            prop_assert!(is_saved(step) && !decisions.runs(step));
        }
    }

    #[test]
    fn nothing_runs_when_every_result_is_there(checkpoints: u64) {
        let graph = sample();
        let nodes = graph.nodes().iter().enumerate();
        let saved = nodes
            .filter(|(index, _)| checkpoints >> index & 1 == 1)
            .map(|(_, node)| node.id.clone())
            .collect();
        let decisions = decided(&graph, &saved, &every_step(&graph), &BTreeSet::new(), None);
        prop_assert!(decisions.nothing_runs());
    }
}

#[test]
fn a_fresh_plan_runs_every_step() {
    let graph = sample();
    let none = BTreeSet::new();
    let decisions = decided(&graph, &none, &none, &none, None);
    for node in graph.nodes() {
        assert!(decisions.runs(&node.id), "{} runs", node.id);
    }
    assert_eq!(decisions.resume_from, None);
}

#[test]
fn a_run_goes_on_from_the_furthest_checkpoint_and_brings_only_what_is_left_needs() {
    let graph = sample();
    let none = BTreeSet::new();
    let saved = BTreeSet::from([id("neutralize"), id("18.0/check")]);
    let finished = BTreeSet::from([id("measure"), id("modules")]);
    let decisions = decided(&graph, &saved, &finished, &none, None);
    assert_eq!(decisions.resume_from, Some(id("18.0/check")));
    for (step, decision) in [
        ("restore", Decision::Reuse),
        ("18.0/upgrade", Decision::Reuse),
        ("measure", Decision::Reuse),
        ("19.0/upgrade", Decision::Run),
        // Verification reads the renames of every hop in its image.
        ("image/18.0", Decision::Run),
        ("image/19.0", Decision::Run),
        ("provision", Decision::Run),
        ("verify", Decision::Run),
    ] {
        assert_eq!(decisions.of(&id(step)), decision, "{step}");
    }
}

#[test]
fn until_a_step_stops_there() {
    let graph = sample();
    let none = BTreeSet::new();
    let decisions = decided(&graph, &none, &none, &none, Some(&id("neutralize")));
    let left: Vec<&str> = graph
        .nodes()
        .iter()
        .filter(|node| decisions.runs(&node.id))
        .map(|node| node.id.as_str())
        .collect();
    assert_eq!(
        left,
        ["preflight", "image/postgres", "provision", "restore", "neutralize"]
    );
}
