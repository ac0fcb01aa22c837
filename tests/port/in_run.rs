//! Porting as a step of a run: `port:` of a repository in a plan. These tests need Docker, as every run does.

use std::path::Path;

use serde_json::Value;

use super::desk::Desk;
use crate::git::origin::Origin;
use crate::harness::{Customer, sample, step};

const STEP: &str = "port/code@19.0";

/// A customer with a database that nobody restores, and a module of 18.0 with a file that no rule can read.
fn broken(name: &'static str, desk: &Desk) -> Customer {
    desk.module("addons/books");
    desk.write("addons/books/wizard.py", "def half(:\n");
    let manifest = br#"{"version": "18.0", "modules": {"base": "18.0.1.3", "books": "18.0.1.2.3"}}"#;
    let dump = crate::backup::samples::dump("18.0.1.3");
    let members = [("manifest.json", manifest.as_slice()), ("dump.sql", dump.as_bytes())];
    let backup = crate::backup::samples::zip_of(&desk.path("."), &members);
    Customer::new(name, &backup, &[("18.0", &desk.path("addons"))])
}

/// Writes the plan anew, with these settings of its repository.
fn plan(customer: &Customer, port: &str) {
    let source = format!("{{ backup: {} }}", customer.backup().display());
    customer.plan_of(&source, "");
    let text = fs_err::read_to_string(customer.path("plan.yaml")).unwrap();
    let text = text.replace("{ name: code, ", &format!("{{ name: code, port: {port}, "));
    customer.write("plan.yaml", &text);
}

fn findings(customer: &Customer) -> Vec<String> {
    let report = customer.report();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let all = report["findings"].as_array().unwrap().iter();
    all.filter(|finding| finding["area"] == "port")
        .map(|finding| ["severity", "code", "subject"].map(|key| text(finding, key)).join(" "))
        .collect()
}

#[test]
fn what_a_port_in_a_run_leaves_to_people_stops_the_run_until_somebody_went_on_with_it() {
    let desk = Desk::new();
    let customer = broken("port-stops", &desk);
    let source = customer.code.refs();
    let until = ["--until", STEP];

    // Without the key nothing is ported.
    let told = customer.hopp(&["plan", "plan.yaml"]);
    assert!(!told.out.contains("port/code"), "{}", told.out);

    plan(&customer, "true");
    let ended = customer.run(&until, 20);
    assert!(
        ended.out.contains("books/wizard.py:1: it does not parse"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("go on by hand in ported/port-stops/code"),
        "{}",
        ended.out
    );
    // Odoo 19.0 itself, out of its image, has no model that nobody brings.
    assert_eq!(
        findings(&customer),
        [
            "error port-ref.model books/models.py:9",
            "error port-unread books/wizard.py:1"
        ]
    );
    // Stopped once, stopped again: nobody did anything about it.
    customer.run(&until, 20);

    // The rest was ported, in the clone, and the customer's repository is as it was.
    let clone = customer.path("ported/port-stops/code");
    let models = fs_err::read_to_string(clone.join("books/models.py")).unwrap();
    assert!(models.contains("bypass_search_access"), "{models}");
    assert_eq!(customer.code.refs(), source);

    plan(&customer, "{ errors: warn }");
    customer.run(&until, 0);
    assert_eq!(
        findings(&customer),
        [
            "warning port-ref.model books/models.py:9",
            "warning port-unread books/wizard.py:1"
        ]
    );
    let again = customer.run(&until, 0);
    assert!(again.err.contains("0 steps to do"), "{again:?}");

    // Rules may be left out, and must be there.
    plan(&customer, "{ errors: warn, without: [\"19.6\", ref.model] }");
    customer.run(&until, 0);
    assert_eq!(findings(&customer), ["warning port-unread books/wizard.py:1"]);
    let models = fs_err::read_to_string(clone.join("books/models.py")).unwrap();
    assert!(
        models.contains("auto_join"),
        "the branch follows while nobody worked on it: {models}"
    );
    plan(&customer, "{ without: [\"19.600\"] }");
    let ended = customer.run(&until, 10);
    assert!(ended.err.contains("there is no rule `19.600`"), "{}", ended.err);

    // Somebody goes on by hand: that is what the next run uses, without a word about what was left.
    plan(&customer, "true");
    customer.run(&until, 20);
    fs_err::write(clone.join("books/wizard.py"), "def whole():\n    pass\n").unwrap();
    desk.commit(clone.to_str().unwrap(), "Grace <grace@example.com>", "By hand");
    customer.run(&until, 0);
    assert_eq!(
        findings(&customer),
        [
            "info port-ref.model books/models.py:9",
            "info port-unread books/wizard.py:1"
        ]
    );
    assert_eq!(step(&customer.report(), STEP)["result"]["by_hand"], true);
    let checkout = ["--until", "checkout/code@19.0"];
    customer.run(&checkout, 0);
    let used = customer.state().join("repos/code/19.0/books/wizard.py");
    assert!(fs_err::read_to_string(used).unwrap().contains("whole"));

    // Pushed to the customer's repository, it is the series' code once the pins move, also without the key.
    let tip = desk.git(clone.to_str().unwrap(), &["rev-parse", "HEAD"]);
    let url = customer.code.url();
    desk.git(
        clone.to_str().unwrap(),
        &["push", "--quiet", &url, "HEAD:19.0-mig-port-stops"],
    );
    for key in ["true", "false"] {
        plan(&customer, key);
        assert_eq!(customer.hopp(&["update", "plan.yaml", "--repo", "code"]).code, 0);
        let told = customer.hopp(&["plan", "plan.yaml"]);
        assert!(!told.out.contains("port/code"), "{}", told.out);
        let lock = fs_err::read_to_string(customer.path("port-stops.lock.yaml")).unwrap();
        assert!(lock.contains(&tip) && lock.contains("19.0-mig-port-stops"), "{lock}");
    }
    let seen = customer.hopp(&["doctor", "plan.yaml"]);
    assert!(
        seen.out.contains("19.0 ported on 19.0-mig-port-stops at"),
        "{}",
        seen.out
    );
}

#[test]
fn a_branch_of_the_target_that_lacks_an_installed_module_is_completed_where_the_plan_says_so() {
    let desk = Desk::new();
    let customer = broken("port-rest", &desk);
    fs_err::remove_file(desk.path("addons/books/wizard.py")).unwrap();
    desk.module("other/lamps");
    let lamps = desk.read("other/lamps/__manifest__.py").replace("18.0", "19.0");
    desk.write("other/lamps/__manifest__.py", lamps);
    customer.commit("19.0", &desk.path("other"));
    let origin: &Origin = &customer.code;
    origin.commit("refs/heads/18.0", &[("books/wizard.py", "half = 1\n")], "whole again");

    plan(&customer, "true");
    customer.run(&["--until", "checkout/code@19.0"], 0);
    let used = customer.state().join("repos/code/19.0");
    assert!(used.join("lamps").is_dir() && !used.join("books").exists());

    plan(&customer, "{ complete: true, errors: warn }");
    customer.run(&["--until", "checkout/code@19.0"], 0);
    assert!(used.join("lamps").is_dir());
    let models = fs_err::read_to_string(used.join("books/models.py")).unwrap();
    assert!(models.contains("bypass_search_access"), "{models}");
    let report = customer.report();
    let result = &step(&report, STEP)["result"];
    assert_eq!(result["modules"], serde_json::json!(["books"]), "{result:#}");
    // What was brought over is there with its history.
    let clone = customer.path("ported/port-rest/code");
    let log = desk.git(clone.to_str().unwrap(), &["log", "--format=%an: %s"]);
    assert!(log.starts_with("hopp: [MIG] books: A1 version (1)\n"), "{log}");
    assert!(log.contains("whole again"), "{log}");
}

#[test]
fn a_customer_whose_code_ends_at_the_old_series_is_upgraded_with_what_the_run_ported() {
    let test = "a_customer_whose_code_ends_at_the_old_series_is_upgraded_with_what_the_run_ported";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let addons = bryggan.join("addons/18.0");
    let branches: [(&str, &Path); 1] = [("18.0", &addons)];
    let customer = Customer::new("port-run", &bryggan.join("bryggan-18.0.zip"), &branches);
    let source = customer.code.refs();

    // Without the key the run stops, as the module's code is not there.
    let ended = customer.run(&["--until", "modules"], 20);
    assert!(ended.out.contains("club_member"), "{}", ended.out);

    plan(&customer, "true");
    let ended = customer.run(&[], 0);
    assert!(ended.out.contains("VERIFIED"), "{}", ended.out);
    let report = customer.report();
    let result = &step(&report, STEP)["result"];
    assert_eq!(result["modules"], serde_json::json!(["club_member"]), "{result:#}");
    assert!(result["changes"].as_object().unwrap().contains_key("A1"), "{result:#}");
    let alarms = report["findings"].as_array().unwrap().iter();
    let alarms: Vec<&Value> = alarms.filter(|it| it["severity"] != "info").collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
    assert_eq!(customer.code.refs(), source);

    // The same once more is nothing.
    let left: Vec<String> = (customer.decisions().into_iter())
        .filter(|(_, decision)| decision == "run")
        .map(|(id, _)| id)
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
