//! A person stops a run: once, at a safe point; twice, at once.

use std::time::Duration;

use super::{ENDS_WITH, Patient, Small, databases};

/// Stops runs in every way.
pub(super) fn stopped(small: &Small) {
    let patient = small.customer("kill-person");
    for (signal, step) in [
        ("INT", "restore"),
        ("TERM", "19.0/upgrade"),
        ("INT", "verify"),
        ("HUP", "deliver"),
    ] {
        once(&patient, signal, step);
    }
    patient.plan(", { command: [sleep, \"600\"] }");
    twice(&patient);
    patient.plan("");
    // The only memory of one run is one that this hopp cannot read: the others still count.
    let newer = patient.customer.state().join("runs/2000-01-01T00-00-00Z");
    fs_err::create_dir_all(&newer).unwrap();
    fs_err::write(newer.join("journal.jsonl"), "{\"hopp-journal\":2}\n").unwrap();
    let ended = patient.customer.run(&[], ENDS_WITH);
    assert!(ended.err.contains("passed over: journal"), "{}", ended.err);
    assert!(ended.err.contains("2000-01-01T00-00-00Z"), "{}", ended.err);
    patient.has_nothing_left();
}

/// Stops a run in a step: it ends by itself, and nothing of the step is left.
fn once(patient: &Patient, signal: &str, step: &str) {
    let customer = &patient.customer;
    let mut running = customer.start(&[]);
    running.wait_for("step-started", step);
    // In `verify` views are rendered in a clone, which takes a moment to be there.
    std::thread::sleep(Duration::from_millis(if step == "verify" { 1500 } else { 150 }));
    running.signal(signal);
    let ended = running.end();
    assert_eq!(ended.code, 130, "{signal} in {step}: {}", ended.err);
    assert!(ended.err.contains("stopping at a safe point"), "{}", ended.err);
    let journal = customer.journal();
    assert_eq!(journal.last().unwrap()["run-finished"]["outcome"], "interrupted");
    // Images and modules may be looked at meanwhile.
    let stopped = customer.steps("step-failed");
    assert!(stopped.iter().any(|other| other == step), "{stopped:?}");
    assert!(
        stopped
            .iter()
            .all(|other| other == step || other == "modules" || other.starts_with("image/")),
        "{stopped:?}"
    );
    let things = customer.things();
    assert!(things.containers.is_empty(), "{signal} in {step} left {things:?}");
    let listed = customer.hopp(&["clean", "--list", "plan.yaml"]).out;
    assert!(!listed.contains("left over"), "{listed}");
    let databases = databases(customer);
    assert!(
        databases
            .iter()
            .all(|name| !name.ends_with("_verify") && !name.ends_with("_partial")),
        "{signal} in {step} left {databases:?}"
    );
}

/// Stops a run at once: its containers stay, are found, and go.
fn twice(patient: &Patient) {
    let customer = &patient.customer;
    let step = "19.0/after/2-command";
    let mut running = customer.start(&[]);
    running.wait_for("step-started", step);
    while !customer
        .things()
        .containers
        .iter()
        .any(|(name, _, started)| name.ends_with("-command") && *started)
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    // PostgreSQL needs longer than this to stop.
    running.signal("INT");
    std::thread::sleep(Duration::from_millis(50));
    running.signal("INT");
    let ended = running.end();
    assert_eq!(ended.code, 130, "{}", ended.err);
    assert!(ended.err.contains("stopped at once"), "{}", ended.err);
    assert_eq!(customer.report()["verdict"], "unfinished");
    let left = customer.things();
    assert!(
        left.containers.iter().any(|(name, ..)| name.ends_with("-postgres")),
        "{left:?}"
    );

    let listed = customer.hopp(&["clean", "--list", "plan.yaml"]).out;
    assert!(listed.contains("left over"), "{listed}");
    let run = &left.containers[0].1;
    assert!(listed.contains(&format!("run {run} was killed")), "{listed}");
    let cleaned = customer.hopp(&["clean", "--leftovers", "plan.yaml"]);
    assert_eq!(cleaned.code, 0, "{}", cleaned.err);
    let now = customer.things();
    assert!(now.containers.is_empty() && now.volumes == left.volumes, "{now:?}");
    let upgrade = customer
        .decisions()
        .into_iter()
        .find(|(step, _)| step == "19.0/upgrade");
    assert_eq!(upgrade.unwrap().1, "reuse", "checkpoints stay");
}
