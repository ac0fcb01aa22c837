//! Runs that are interrupted, killed, and started twice.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::harness::content::{self, Content};
use crate::harness::{Customer, Running};

/// The step that takes longest, and in which Odoo works in a container of its own.
const UPGRADE: &str = "19.0/upgrade";

/// What is done to a run in the middle of the hop.
type Disturbance = fn(&Customer, &mut Running);

/// What is killed next.
enum Victim {
    /// The run that just finished a step that none was killed after yet.
    Finished,
    /// The run that just began the hop.
    Upgrading,
    /// None: the run went through.
    Nobody,
}

/// Upgrades bryggan: interrupted and killed in the middle of the hop, killed after every step, until nothing is left.
pub(super) fn killed_after_every_step(sample: &Path, began: Timestamp) -> Content {
    let customer = Customer::bryggan("kill-storm", sample);
    let mut survived = BTreeSet::new();
    let mut disturbances = [interrupted as Disturbance, killed].into_iter();
    loop {
        let mut running = customer.start(&[]);
        match next_victim(&customer, &mut running, &survived) {
            Victim::Finished => {
                running.kill();
                // The kill may have come a step late: what the journal says is what it was killed after.
                survived.extend(customer.steps("step-finished"));
            }
            Victim::Upgrading => {
                if let Some(disturb) = disturbances.next() {
                    disturb(&customer, &mut running);
                } else {
                    running.wait_for("step-finished", UPGRADE);
                    running.kill();
                    survived.extend(customer.steps("step-finished"));
                }
            }
            Victim::Nobody => {
                let ended = running.end();
                assert_eq!(ended.code, 0, "{} {:#}", ended.err, customer.report());
                break;
            }
        }
    }
    let steps: BTreeSet<String> = customer.decisions().into_iter().map(|(step, _)| step).collect();
    assert_eq!(survived, steps, "killed after every step");
    assert!(
        disturbances.next().is_none(),
        "interrupted and killed in the middle of the hop"
    );
    assert_eq!(customer.steps("step-started"), Vec::<String>::new());
    assert_eq!(customer.report()["verdict"], "verified");
    let things = customer.things();
    assert!(
        things.containers.is_empty(),
        "the last run, which had nothing to do, left {things:?}"
    );
    let delivered = customer.path("delivered");
    let left: Vec<_> = fs_err::read_dir(&delivered)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["kill-storm-19.0"]);
    content::of_zip(&delivered.join("kill-storm-19.0/kill-storm-19.0.zip"), began)
}

/// Follows a run to the first step that no run was killed after yet.
fn next_victim(customer: &Customer, running: &mut Running, survived: &BTreeSet<String>) -> Victim {
    while let Some(line) = running.next() {
        let new = !survived.contains(&line.step);
        match line.event.as_str() {
            "run-started" => {
                let things = customer.things();
                let mut left = things.containers.iter();
                assert!(
                    left.all(|(_, of, started)| !started || Some(of) == line.run.as_ref()),
                    "killed runs left {things:?}"
                );
            }
            "step-finished" if new => return Victim::Finished,
            "step-started" if new && line.step == UPGRADE => return Victim::Upgrading,
            _ => {}
        }
    }
    Victim::Nobody
}

/// Presses Ctrl-C in the middle of the hop, after somebody else tried to run the same plan.
fn interrupted(customer: &Customer, running: &mut Running) {
    wait_for_module_mail(customer);
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

/// Kills a run in the middle of the hop, which leaves its containers running.
fn killed(customer: &Customer, running: &mut Running) {
    let resumed = customer.steps("step-started");
    assert!(
        !resumed.contains(&"restore".to_owned()),
        "resumed from a checkpoint: {resumed:?}"
    );
    wait_for_module_mail(customer);
    running.kill();
    let orphans = customer.things().containers;
    assert!(
        orphans.iter().any(|(name, ..)| name.ends_with("-upgrade")),
        "{orphans:?}"
    );
    assert_eq!(customer.report()["verdict"], "unfinished");
}

/// Waits until Odoo is well into the hop.
fn wait_for_module_mail(customer: &Customer) {
    let patience = std::time::Instant::now() + Duration::from_mins(5);
    while !customer.log(UPGRADE).contains("Loading module mail ") {
        assert!(std::time::Instant::now() < patience, "{}", customer.log(UPGRADE));
        std::thread::sleep(Duration::from_millis(100));
    }
}
