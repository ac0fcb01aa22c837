//! Disks that are full or must not be written: of the state, at the start and in the middle of a run.

use std::process::Command;

use super::{Sketch, said, shown};
use crate::harness::mounts::{fill, read_only, small, with_mounts};
use crate::harness::{Customer, Ended, Running, sample};

#[test]
fn a_folder_that_must_not_be_written_is_named_with_the_remedy() {
    let sketch = Sketch::new("env-read-only");
    let customer = &sketch.customer;
    let run = customer.command(&["run", "plan.yaml"]);
    let folder = shown(&customer.path(".hopp"));
    let locked = Ended::of(&mut with_mounts(&read_only(&customer.path("")), &run));
    said(&locked, 11, &[&folder, "Read-only file system", "mount it writable"]);
    let full = format!(
        "{}; dd if=/dev/zero of={folder}/filler 2>/dev/null || true",
        small(&customer.path(".hopp"), "64k")
    );
    said(
        &Ended::of(&mut with_mounts(&full, &run)),
        11,
        &[&folder, "No space left on device", "free space on that disk"],
    );

    let delivery = customer.path("results");
    customer.plan("deliver: { to: results/19.0 }");
    let locked = Ended::of(&mut with_mounts(&read_only(&delivery), &run));
    let words = [
        "failed: preflight",
        "the results cannot be written to",
        &shown(&delivery),
        "`deliver.to`",
    ];
    said(&locked, 11, &words);
    said(
        &Ended::of(&mut customer.command(&["run", "plan.yaml", "--until", "preflight"])),
        0,
        &[],
    );
}

#[test]
fn a_state_folder_without_room_stops_a_run_before_it_begins_or_in_its_middle_and_not_for_good() {
    let test = "a_state_folder_without_room_stops_a_run_before_it_begins_or_in_its_middle_and_not_for_good";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let customer = Customer::bryggan("env-full", &bryggan);
    let state = customer.path(".hopp");
    let run = customer.command(&["run", "plan.yaml"]);
    let tight = Ended::of(&mut with_mounts(&small(&state, "20m"), &run));
    said(
        &tight,
        11,
        &[
            "failed: preflight",
            "the state folder: 20.0 MiB are free",
            "free disk space",
        ],
    );

    // The same disk for both runs: it is full for the first, and somebody has cleaned up before the second.
    let mut twice = Command::new("sh");
    let script = "\"$0\" run plan.yaml --until measure --format json; echo $? >codes; rm .hopp/filler; \
                  \"$0\" run plan.yaml --until measure >again 2>&1; echo $? >>codes";
    twice
        .args(["-c", script])
        .arg(run.get_program())
        .current_dir(customer.path(""));
    twice.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut running = Running::begin(with_mounts(&small(&state, "120m"), &twice));
    running.wait_for("step-started", "restore");
    fill(running.id(), &state);
    let Ended { out, err, .. } = running.end();
    let read = |name: &str| fs_err::read_to_string(customer.path(name)).unwrap();
    // The journal may still have had room to say it.
    let told = format!("{out}{err}");
    assert_eq!(read("codes"), "11\n0\n", "{told}\n{}", read("again"));
    for words in [&shown(&state), "No space left on device", "free space on that disk"] {
        assert!(told.contains(words), "`{words}` is not in\n{told}");
    }
    assert!(customer.things().containers.is_empty());
}
