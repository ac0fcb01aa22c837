//! SIGKILL after every event of every step.

use std::collections::BTreeSet;

use super::{ENDS_WITH, Patient, Small};
use crate::harness::content::Content;

/// Every event that a run of the small plan writes besides those about steps.
const OTHERS: [&str; 8] = [
    "run-started",
    "run-finished",
    "step-retried",
    "step-failed",
    "step-reused",
    "checkpoint-saved",
    "checkpoint-restored",
    "delivered",
];

/// Runs the plan until every event of every step was the last one of a killed run; returns what was delivered at last.
///
/// At first the code wants a package from an index that does not answer, and a script is wrong.
pub(super) fn killed_after_every_one(small: &Small) -> (Content, Vec<String>) {
    let patient = small.customer("kill-events");
    let customer = &patient.customer;
    let right = fs_err::read_to_string(customer.path("before.sql")).unwrap();
    customer.write("before.sql", "SELECT no_such_column FROM shelf_book;\n");
    patient.code("--index-url http://127.0.0.1:9/\nno-such-package-anywhere\n");
    let mut killed: BTreeSet<(String, String)> = BTreeSet::new();
    loop {
        let mut paced = customer.start_paced();
        let last = loop {
            let Some(line) = paced.next() else { break None };
            if killed.insert((line.event.clone(), line.step.clone())) {
                break Some(line);
            }
        };
        let Some(last) = last else {
            let ended = paced.end();
            assert_eq!(ended.code, ENDS_WITH, "{} after {killed:#?}", ended.err);
            break;
        };
        paced.kill();
        let journal = customer.journal();
        let said = journal.last().unwrap().as_object().unwrap();
        assert!(
            said.contains_key(&last.event),
            "killed after {last:?}, the journal ends with {said:?}"
        );
        match (last.event.as_str(), last.step.as_str()) {
            ("step-retried", _) => move_on(&patient),
            ("step-failed", _) => customer.write("before.sql", &right),
            _ => {}
        }
    }
    every_event_was_there(&patient, &killed);
    patient.has_nothing_left();
    let content = small.content(&patient, "kill-events");
    let points = killed.into_iter().map(|(event, step)| format!("after {event} {step}"));
    (content, points.collect())
}

/// Corrects the requirements, and moves the pin to them.
fn move_on(patient: &Patient) {
    patient.code("");
    let moved = patient.customer.hopp(&["update", "plan.yaml"]);
    assert_eq!(moved.code, 0, "{}", moved.err);
}

fn every_event_was_there(patient: &Patient, killed: &BTreeSet<(String, String)>) {
    for event in OTHERS {
        assert!(
            killed.iter().any(|(name, _)| name == event),
            "no {event} in {killed:#?}"
        );
    }
    for step in patient.customer.decisions().into_iter().map(|(step, _)| step) {
        for event in ["step-started", "step-finished"] {
            assert!(killed.contains(&(event.into(), step.clone())), "no {event} of {step}");
        }
    }
    let found = killed
        .iter()
        .any(|(event, step)| event == "finding-raised" && step == "verify");
    assert!(found, "{killed:#?}");
}
