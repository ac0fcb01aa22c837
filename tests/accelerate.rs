//! The accelerator is allowed what changes nothing: accelerated and plain hop are compared to the last row.

use jiff::Timestamp;

use crate::harness::content::{differences, of_zip};
use crate::harness::{Customer, sample, step};

/// Every patch, for 19.0.
const PATCHES: [&str; 2] = ["field-triggers", "view-checks"];

#[test]
fn an_accelerated_hop_leaves_the_database_that_a_plain_hop_leaves() {
    let test = "an_accelerated_hop_leaves_the_database_that_a_plain_hop_leaves";
    let Some(bryggan) = sample(test, "bryggan") else {
        return;
    };
    let began = Timestamp::now();
    let run = |name: &'static str, more: &str| {
        let customer = Customer::bryggan(name, &bryggan);
        customer.plan(more);
        customer.run(&[], 0);
        let zip = customer.path(&format!("delivered/{name}-19.0/{name}-19.0.zip"));
        let accelerated = step(&customer.report(), "19.0/upgrade")["result"]["accelerated"].clone();
        (of_zip(&zip, began), accelerated)
    };
    let (plain, off) = run("plain", "accelerate: false");
    let (fast, on) = run("fast", "");
    assert_eq!(off, serde_json::json!({ "on": [], "off": {} }));
    assert_eq!(on, serde_json::json!({ "on": PATCHES, "off": {} }));
    let different = differences(&plain, &fast);
    assert!(different.is_empty(), "{}", different.join("\n"));
}
