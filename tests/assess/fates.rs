//! Fates that are told, and what then happens.

use serde_json::Value;

use super::{assessed, hopp};
use crate::backup::samples::dump;
use crate::harness::{Customer, sample, step};

#[test]
fn without_a_release_nothing_is_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let text = dump("18.0.1.3");
    let text = text.replace("state, latest_version)", "state, latest_version, author)");
    let text = text.replace("18.0.1.3\n", "18.0.1.3\tOdoo S.A.\n");
    fs_err::write(folder.path().join("a.sql"), text).unwrap();
    let ended = hopp(folder.path(), &["assess", "a.sql"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(
        ended.out.contains("unknown: no release of OpenUpgrade 19.0 is at hand"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("1 unknown"), "{}", ended.out);
    let json = assessed(folder.path(), "a.sql");
    assert_eq!(json["modules"][0]["hops"][0]["fate"], "stays");
    assert_eq!(json["modules"][0]["hops"][0]["grade"], "done");
}

#[test]
fn a_page_for_a_ticket_names_modules_findings_and_times() {
    let test = "a_page_for_a_ticket_names_modules_findings_and_times";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let folder = tempfile::tempdir().unwrap();
    let release = super::release(folder.path());
    let backup = bryggan.join("bryggan-18.0.zip");
    let args = [
        "assess",
        backup.to_str().unwrap(),
        "--openupgrade",
        &release,
        "--format",
        "markdown",
    ];
    let ended = hopp(folder.path(), &args);
    assert_eq!(ended.code, 0, "{}", ended.err);
    for wanted in [
        "| club_member | 18.0.1.0.0 | custom | needs porting |",
        "merged into html_editor",
        "1 manual model made in the database",
        "by a rule of thumb",
        "- **error** club_member: it needs code for 19.0",
    ] {
        assert!(ended.out.contains(wanted), "{wanted}\n{}", ended.out);
    }
}

/// Compares the fates that are told of a plan with the module table of the database that its run delivered.
pub(crate) fn came_true(customer: &Customer) {
    let scratch = tempfile::tempdir().unwrap();
    let release = release_in_image(customer, scratch.path());
    let tell = |what: &str, to: &str| -> Value {
        let ended = customer.hopp(&[
            "assess",
            what,
            "--to",
            to,
            "--format",
            "json",
            "--openupgrade",
            &release,
        ]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        serde_json::from_str(&ended.out).unwrap()
    };
    let told = tell("plan.yaml", "19.0");
    let delivered = zip_below(&customer.path("delivered"));
    let after = tell(delivered.to_str().unwrap(), "19.0");
    let installed: std::collections::BTreeMap<&str, &str> = after["modules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| (way["module"].as_str().unwrap(), way["version"].as_str().unwrap()))
        .collect();
    let ways = told["modules"].as_array().unwrap();
    assert!(ways.len() > 20, "{ways:?}");
    let mut merged = 0;
    for way in ways {
        let module = way["module"].as_str().unwrap();
        let fate = &way["hops"][0]["fate"];
        match fate.as_str() {
            Some("stays") => {
                let version = installed
                    .get(module)
                    .unwrap_or_else(|| panic!("{module} stays, and is gone"));
                assert!(version.starts_with("19.0."), "{module} {version}");
            }
            Some(other) => panic!("{module} is {other}, and the run went well"),
            None => {
                merged += 1;
                let name = way["name"].as_str().unwrap();
                assert!(!installed.contains_key(module), "{module} is {fate}, and still there");
                assert!(
                    installed.contains_key(name),
                    "{module} is {fate}, and {name} is not there"
                );
            }
        }
    }
    assert!(merged > 0, "web_editor is no module of its own any more");
    let own = ways.iter().find(|way| way["module"] == "club_member").unwrap();
    assert_eq!(own["origin"], "custom");
    assert_eq!(own["hops"][0]["code"]["repository"], "code");
}

fn zip_below(folder: &std::path::Path) -> std::path::PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "zip") {
                return path;
            }
        }
    }
    panic!("nothing was delivered");
}

/// Copies the OpenUpgrade that the run used out of its image.
fn release_in_image(customer: &Customer, folder: &std::path::Path) -> String {
    let report = customer.report();
    let image = step(&report, "image/19.0")["result"]["image"]
        .as_str()
        .unwrap()
        .to_owned();
    let container = crate::lab::docker(&["create", "--label", "org.hopp.customer=hopp-test", &image]);
    let container = container.trim();
    let target = folder.join("addons");
    let copied = crate::lab::try_docker(&[
        "cp",
        &format!("{container}:/opt/openupgrade/odoo/addons"),
        target.to_str().unwrap(),
    ]);
    crate::lab::docker(&["rm", "-v", container]);
    assert!(copied.0, "{}", copied.1);
    target.to_string_lossy().into_owned()
}
