//! A whole run with everything wrong that a run survives: attachments without their files, a full disk at the delivery,
//! a second run beside it, and a plan that is edited meanwhile.

use std::path::Path;

use jiff::Timestamp;

use super::{said, shown};
use crate::harness::mounts::{fill, small, with_mounts};
use crate::harness::{Customer, Ended, Running, content, docker, sample, step};

const UPGRADE: &str = "19.0/upgrade";

/// Writes a backup without two of its attachments, and returns their paths and names.
fn incomplete(backup: &Path, to: &Path) -> Vec<(String, String)> {
    let content = content::of_zip(backup, Timestamp::now());
    let attachments = &content["public.ir_attachment"];
    let column = |name| attachments.values(name).into_iter();
    let mut missing: Vec<(String, String)> = Vec::new();
    let rows = column("store_fname").zip(column("name"));
    for ((file, name), (model, field)) in rows.zip(column("res_model").zip(column("res_field"))) {
        // A document, and not a picture that an upgrade makes again.
        if file != "\\N" && model == "res.partner" && field == "\\N" && missing.len() < 2 {
            missing.push((file.to_owned(), name.to_owned()));
        }
    }
    assert_eq!(missing.len(), 2);
    let mut from = zip::ZipArchive::new(fs_err::File::open(backup).unwrap()).unwrap();
    let mut zip = zip::ZipWriter::new(fs_err::File::create(to).unwrap());
    for index in 0..from.len() {
        let member = from.by_index_raw(index).unwrap();
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        if !missing.iter().any(|(file, _)| name.ends_with(file)) {
            zip.raw_copy_file(member).unwrap();
        }
    }
    zip.finish().unwrap();
    missing
}

#[test]
fn a_run_survives_missing_files_a_full_disk_a_second_run_and_an_edited_plan() {
    let test = "a_run_survives_missing_files_a_full_disk_a_second_run_and_an_edited_plan";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let customer = Customer::bryggan("env-run", &bryggan);
    let backup = customer.path("incomplete.zip");
    let missing = incomplete(&bryggan.join("bryggan-18.0.zip"), &backup);
    let source = format!("{{ backup: \"{}\" }}", shown(&backup));
    let results = "deliver: { to: results/19.0 }";
    customer.plan_of(&source, results);

    let disk = small(&customer.path("results"), "64m");
    let run = customer.command(&["run", "plan.yaml", "--format", "json"]);
    let mut running = Running::begin(with_mounts(&disk, &run));
    running.wait_for("step-started", UPGRADE);
    // Not before: a disk that is too small beforehand stops the run in its first step.
    fill(running.id(), &customer.path("results"));
    let second = customer.hopp(&["run", "plan.yaml"]);
    let holder = format!("process {}", running.id());
    said(
        &second,
        30,
        &["another hopp works on this customer", &holder, "hopp status"],
    );
    customer.write("late.sql", "UPDATE res_partner SET ref = 'late';\n");
    customer.plan_of(
        &source,
        &format!("{results}\nhops: {{ \"19.0\": {{ after: [{{ sql: late.sql }}] }} }}"),
    );
    let Ended { code, err, .. } = running.end();
    assert_eq!(code, 11, "{err}");
    assert!(
        err.contains("was changed during the run, which went on with what it had read"),
        "{err}"
    );
    assert!(err.contains("`hopp run plan.yaml` decides anew"), "{err}");
    full(&customer);

    let ended = customer.run(&[], 21);
    let done = customer.steps("step-finished");
    assert!(!done.contains(&UPGRADE.to_owned()), "the hop was done before: {done:?}");
    assert!(
        done.iter()
            .any(|step| step.contains("late.sql") || step.starts_with("19.0/after")),
        "{done:?}"
    );
    assert!(!ended.err.contains("was changed during the run"), "{}", ended.err);
    assert!(customer.path("results/19.0/env-run-19.0.zip").is_file());
    named(&customer, &missing);
}

/// Looks what the run said whose results found no room.
fn full(customer: &Customer) {
    let report = customer.report();
    assert_eq!(report["verdict"], "failed");
    let failure = step(&report, "deliver")["failure"].to_string();
    for words in [
        "No space left on device",
        "env-run-19.0",
        "free space where the results go",
    ] {
        assert!(failure.contains(words), "{failure}");
    }
    assert!(step(&report, UPGRADE)["status"] == "done", "{report:#}");
    assert!(customer.things().containers.is_empty());
}

/// Looks whether the attachments without files are counted and named, before the hop and after it.
fn named(customer: &Customer, missing: &[(String, String)]) {
    let report = customer.report();
    let findings = report["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|finding| finding["code"] == "files-missing")
        .unwrap();
    assert_eq!(found["severity"], "error");
    let message = found["message"].as_str().unwrap();
    assert!(message.starts_with("2 of "), "{message}");
    let evidence = found["evidence"].to_string();
    for (file, name) in missing {
        assert!(
            evidence.contains(file) && evidence.contains(name),
            "{name} in {file}: {evidence}"
        );
    }
    let first = customer.runs().remove(0).join("journal.jsonl");
    let journal = fs_err::read_to_string(first).unwrap();
    assert!(journal.contains("\"backup-files-missing\""), "told before the hop");
    assert!(docker(&["ps", "--all"]).lines().all(|line| !line.contains("env-run")));
}
