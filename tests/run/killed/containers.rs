//! SIGKILL of what runs in the containers: PostgreSQL, Odoo, the one an image is derived in.

use std::process::Command;
use std::time::{Duration, Instant};

use super::{ENDS_WITH, Small};
use crate::harness::Customer;
use crate::harness::content::Content;

/// Which container is killed in which step.
const VICTIMS: [(&str, &str); 8] = [
    ("image/19.0", "build-19.0"),
    ("restore", "postgres"),
    ("neutralize", "postgres"),
    ("19.0/upgrade", "upgrade"),
    ("19.0/upgrade", "postgres"),
    ("verify", "verify"),
    ("verify", "postgres"),
    ("deliver", "postgres"),
];

/// Kills them one after the other, each in a run of its own; returns what was delivered at last, and what was killed.
pub(super) fn killed(small: &Small) -> (Content, Vec<String>) {
    let patient = small.customer("kill-inside");
    let customer = &patient.customer;
    let mut points = Vec::new();
    for (step, role) in VICTIMS {
        let mut running = customer.start(&[]);
        running.wait_for("step-started", step);
        if !kill_when_it_runs(customer, role) {
            // The step was over before; the next run would find nothing to do in it.
            running.kill();
            continue;
        }
        points.push(format!("{role} in {step}"));
        let ended = running.end();
        assert!(
            [11, 20].contains(&ended.code),
            "{role} in {step}: {} {}",
            ended.code,
            ended.err
        );
        let failed = customer.steps("step-failed");
        assert!(!failed.is_empty(), "{role} in {step}: {}", ended.err);
        let things = customer.things();
        assert!(things.containers.is_empty(), "{role} in {step} left {things:?}");
    }
    customer.run(&[], ENDS_WITH);
    patient.has_nothing_left();
    assert!(points.len() >= 6, "of {VICTIMS:?} only {points:?} were killed");
    (small.content(&patient, "kill-inside"), points)
}

/// Sends SIGKILL to the main process of a container as soon as there is one; `false` when it does not come.
fn kill_when_it_runs(customer: &Customer, role: &str) -> bool {
    let patience = Instant::now() + Duration::from_secs(30);
    let end = format!("-{role}");
    while Instant::now() < patience {
        let things = customer.things();
        let running = things
            .containers
            .iter()
            .find(|(name, _, started)| name.ends_with(&end) && *started);
        if let Some((name, ..)) = running {
            let killed = Command::new("docker").args(["kill", name]).output().unwrap();
            return killed.status.success();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}
