//! The accelerator is allowed what changes nothing: accelerated and plain are compared to the last row.

mod bench;
mod pruned;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::git::origin::Origin;
use crate::harness::content::{Content, differences, of_zip};
use crate::harness::{Customer, sample, step};
use crate::lab;

/// Every patch that a hop of OpenUpgrade to 19.0 has, in the order in which Odoo loads what is patched.
const PATCHES: [&str; 5] = ["columns", "field-triggers", "clean-up", "view-checks", "savepoints"];

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
        let page = customer.hopp(&["report", "plan.yaml", "--format", "markdown"]).out;
        (of_zip(&zip, began), accelerated, page)
    };
    let (plain, off, silent) = run("plain", "accelerate: false");
    let (fast, on, page) = run("fast", "");
    assert_eq!(off, json!({ "on": [], "off": {} }));
    assert_eq!(on, json!({ "on": PATCHES, "off": {} }));
    let told = format!("The hop to 19.0 was accelerated by `{}`.", PATCHES.join("`, `"));
    assert!(page.contains(&told), "{page}");
    assert!(!silent.contains("accelerated"), "{silent}");
    same(&plain, &fast);
}

#[test]
fn an_accelerated_update_of_14_leaves_the_database_that_a_plain_one_leaves() {
    let said = update("14.0");
    assert_eq!(said["on"], json!(["columns"]));
    assert_eq!(said["off"]["field-triggers"], "there is no odoo.orm.registry here");
    assert_eq!(said["off"]["view-checks"], "only where OpenUpgrade upgrades");
    let another = said["off"]["clean-up"].as_str().unwrap();
    let what = "_process_end of odoo.addons.base.models.ir_model is another one: ";
    assert!(another.starts_with(what), "{another}");
}

#[test]
fn an_accelerated_update_of_19_leaves_the_database_that_a_plain_one_leaves() {
    let said = update("19.0");
    assert_eq!(said["on"], json!(["columns", "field-triggers", "clean-up"]));
    assert_eq!(said["off"]["view-checks"], "only where OpenUpgrade upgrades");
    assert_eq!(said["off"].as_object().unwrap().len(), 2);
}

/// Updates a module that lost most of what it had, plain and accelerated, from the same backup. Compares the databases,
/// and returns what became of the patches.
fn update(series: &str) -> Value {
    lab::needs_images(&[&format!("odoo:{series}"), "postgres:15"]);
    let origin = Origin::new();
    let before = pruned::module(series, false);
    let production = origin.commit("refs/heads/production", &lab::borrowed(&before), "1.0.0");
    origin.branch(&format!("refs/heads/{series}"), &production);
    let after = pruned::module(series, true);
    origin.commit(&format!("refs/heads/{series}"), &lab::borrowed(&after), "1.1.0");
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.zip");
    lab::fresh_backup(&backup, series, "base,pruned", &lab::borrowed(&before));

    let began = Timestamp::now();
    // Customers of their own: the second run of one would find that everything is done.
    let run = |part: &str, more: &str| {
        let rest = format!(
            "source: {{ backup: {} }}\ntarget: \"{series}\"\nengine: update\n\
             repositories: [{{ name: own, url: \"{}\", deployed: production }}]\n{more}",
            backup.display(),
            origin.url()
        );
        let customer = lab::Customer::new(part, &rest);
        customer.hopp(&["run", "plan.yaml"]).ended(0);
        let name = format!("{}-{series}", customer.name);
        let zip = customer.folder.path().join(format!("delivered/{name}/{name}.zip"));
        let report = customer.hopp(&["report", "plan.yaml", "--format", "json"]).ended(0);
        let report: Value = serde_json::from_str(&report.out).unwrap();
        let result = step(&report, &format!("{series}/upgrade"))["result"].clone();
        assert_eq!(result["updated"], json!(["pruned"]));
        (of_zip(&zip, began), result["accelerated"].clone())
    };
    let (plain, off) = run(&format!("plain-{}", &series[..2]), "accelerate: false\n");
    let (fast, on) = run(&format!("fast-{}", &series[..2]), "");
    assert_eq!(off, json!({ "on": [], "off": {} }));
    same(&plain, &fast);
    pruned::is_gone(&fast);
    on
}

#[track_caller]
fn same(plain: &Content, fast: &Content) {
    let different = differences(plain, fast);
    assert!(different.is_empty(), "{}", different.join("\n"));
}
