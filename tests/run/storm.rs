//! The long hop disturbed in its middle: by a person, by a kill of hopp, of Odoo and of PostgreSQL, and by a second run.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;

use crate::harness::content::{self, Content};
use crate::harness::{Customer, Running};

/// The step that takes longest, and in which Odoo works in a container of its own.
const UPGRADE: &str = "19.0/upgrade";

/// What is done to a run in the middle of the hop, and the module whose loading says that it is there.
type Disturbance = (&'static str, fn(&Customer, &mut Running));

/// Upgrades bryggan: disturbed in the middle of the hop in every way, until nothing is left to do.
pub(super) fn disturbed_in_the_hop(sample: &Path, began: Timestamp) -> Content {
    let customer = Customer::bryggan("kill-storm", sample);
    let disturbances: [Disturbance; 4] = [
        ("mail", interrupted),
        ("base", killed),
        ("web", |customer, running| inside(customer, running, "upgrade")),
        ("contacts", |customer, running| inside(customer, running, "postgres")),
    ];
    for (index, (module, disturb)) in disturbances.into_iter().enumerate() {
        let mut running = customer.start(&[]);
        running.wait_for("step-started", UPGRADE);
        let resumed = customer.steps("step-started");
        assert!(
            index == 0 || !resumed.contains(&"restore".to_owned()),
            "resumed from a checkpoint: {resumed:?}"
        );
        wait_for_module(&customer, module);
        disturb(&customer, &mut running);
    }
    customer.run(&[], 0);
    assert_eq!(customer.report()["verdict"], "verified");
    let things = customer.things();
    assert!(things.containers.is_empty(), "the last run left {things:?}");
    content::of_zip(&customer.path("delivered/kill-storm-19.0/kill-storm-19.0.zip"), began)
}

/// Presses Ctrl-C, after somebody else tried to run the same plan.
fn interrupted(customer: &Customer, running: &mut Running) {
    let second = customer.run(&[], 30);
    let holder = format!("process {}", running.id());
    assert!(second.err.contains(&holder), "the holder is {holder}: {}", second.err);
    running.interrupt();
    let ended = running.end();
    assert_eq!(ended.code, 130, "{}", ended.err);
    assert!(customer.things().containers.is_empty(), "{:?}", customer.things());
    let journal = customer.journal();
    assert_eq!(journal.last().unwrap()["run-finished"]["outcome"], "interrupted");
    assert_eq!(customer.report()["verdict"], "interrupted");
    assert_eq!(customer.steps("step-failed"), [UPGRADE]);
}

/// Kills hopp, which leaves its containers running.
fn killed(customer: &Customer, running: &mut Running) {
    running.kill();
    let orphans = customer.things().containers;
    assert!(
        orphans.iter().any(|(name, ..)| name.ends_with("-upgrade")),
        "{orphans:?}"
    );
    assert_eq!(customer.report()["verdict"], "unfinished");
}

/// Kills what runs in a container: the run ends by itself and takes everything with it.
fn inside(customer: &Customer, running: &mut Running, role: &str) {
    let things = customer.things();
    let mut names = things.containers.iter().map(|(name, ..)| name);
    let victim = names.find(|name| name.ends_with(&format!("-{role}"))).unwrap();
    assert!(
        Command::new("docker")
            .args(["kill", victim])
            .output()
            .unwrap()
            .status
            .success()
    );
    let ended = running.end();
    assert!([11, 20].contains(&ended.code), "{} {}", ended.code, ended.err);
    assert_eq!(customer.steps("step-failed"), [UPGRADE]);
    assert!(customer.things().containers.is_empty(), "{:?}", customer.things());
}

/// Waits until Odoo is as far as this module.
fn wait_for_module(customer: &Customer, module: &str) {
    let patience = std::time::Instant::now() + Duration::from_mins(5);
    while !customer.log(UPGRADE).contains(&format!("Loading module {module} ")) {
        assert!(std::time::Instant::now() < patience, "{}", customer.log(UPGRADE));
        std::thread::sleep(Duration::from_millis(100));
    }
}
