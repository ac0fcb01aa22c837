//! `hopp verify` on two backups, restored for it and forgotten again.

use std::process::Command;

use crate::harness::{Customer, sample};

/// Returns the volumes and containers on the engine that a verification of backups made.
fn left_over() -> String {
    let mut all = String::new();
    for what in [["volume", "ls"], ["container", "ls"]] {
        let mut docker = Command::new("docker");
        docker
            .args(what)
            .arg("-q")
            .args(["--filter", "label=org.hopp.customer=verify-before"]);
        all.push_str(&String::from_utf8(docker.output().unwrap().stdout).unwrap());
    }
    all
}

#[test]
fn two_backups_are_compared_and_nothing_is_left_of_it() {
    let test = "two_backups_are_compared_and_nothing_is_left_of_it";
    let Some(bryggan) = sample(test, "bryggan") else {
        return;
    };
    let customer = Customer::bryggan("verify-two", &bryggan);
    let backup = bryggan.join("bryggan-18.0.zip");
    let backup = backup.to_str().unwrap();
    let ended = customer.hopp(&["verify", "--before", backup, "--after", backup, "--format", "json"]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
    let result: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let findings = result["findings"].as_array().unwrap();
    let codes: Vec<&str> = findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    // The customer's own module is in no image.
    assert_eq!(codes, ["modules-not-asked", "views-not-rendered", "server-not-started"]);
    assert!(result["invariants"].as_array().unwrap().len() > 20, "{result:#}");
    assert_eq!(result["baseline_before"], result["baseline_after"]);
    assert_eq!(left_over(), "");
}

#[test]
fn an_area_that_there_is_not_is_refused_with_those_there_are() {
    let customer = Customer::new("verify-area", std::path::Path::new("/nowhere.zip"), &[]);
    let ended = customer.hopp(&["verify", "plan.yaml", "--only", "bookkeeping"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.err.contains("books") && ended.err.contains("people"),
        "{}",
        ended.err
    );
}
