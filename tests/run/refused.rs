//! Plans whose code is not there: refused before the hop, with what to do.

use crate::harness::{Customer, sample, step};

#[test]
fn a_module_without_code_for_the_target_stops_the_run_before_the_hop() {
    let test = "a_module_without_code_for_the_target_stops_the_run_before_the_hop";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let backup = bryggan.join("bryggan-18.0.zip");
    let customer = Customer::new("kill-refused", &backup, &[("18.0", &bryggan.join("addons/18.0"))]);
    let ended = customer.run(&[], 20);
    assert!(
        ended.out.contains("`code` has no `19.0`: not ported yet?"),
        "{}",
        ended.out
    );
    refused_in_time(&customer);

    customer.code.commit(
        "refs/heads/19.0",
        &[("README.md", "soon")],
        "a branch without the module",
    );
    let ended = customer.run(&[], 20);
    assert!(
        ended
            .out
            .contains("`club_member` is not in Odoo 19.0, nor in any repository of the plan"),
        "{}",
        ended.out
    );
    refused_in_time(&customer);
}

/// Looks whether the last run said what to do, and did not begin the hop.
fn refused_in_time(customer: &Customer) {
    let report = customer.report();
    assert_eq!(report["verdict"], "failed");
    let failure = &step(&report, "modules")["failure"];
    assert!(
        failure["message"].as_str().unwrap().contains("club_member"),
        "{failure}"
    );
    assert_eq!(
        failure["hints"][0],
        "add the repository that has `club_member` for 19.0, or set `modules: { club_member: { fate: uninstall } }` in the plan"
    );
    assert_eq!(step(&report, "19.0/upgrade")["status"], "waiting");
    assert!(customer.things().containers.is_empty());
}
