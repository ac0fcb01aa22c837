//! `hopp run --dry-run` on real Odoo: nothing delivered, nothing left, and the next one goes on from an archive.
//!
//! These tests need Docker with the images `odoo:19.0` and `postgres:15` (`make images`) and fail without.

use std::path::{Path, PathBuf};

use fs_err as fs;
use serde_json::Value;

use crate::harness::{Customer, Ended, Watch, sample, step};
use crate::lab::docker;

const CUSTOMER: &str = "dry-run";

/// What the job says to hopp, and hopp to the job.
struct Job {
    customer: Customer,
}

impl Job {
    fn path(&self, name: &str) -> PathBuf {
        self.customer.path(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs as a job of GitHub Actions that keeps a cache.
    fn run(&self, code: i32) -> Ended {
        let args = [
            "run",
            "plan.yaml",
            "--dry-run",
            "--state",
            "cache",
            "--report",
            "junit=out/junit.xml",
        ];
        let mut command = self.customer.command(&args);
        for (name, value) in [("GITHUB_STEP_SUMMARY", "summary.md"), ("GITHUB_OUTPUT", "output")] {
            fs::write(self.path(value), "").unwrap();
            command.env(name, self.path(value));
        }
        let output = command.env("GITHUB_ACTIONS", "true").output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let ended = Ended {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        assert_eq!(ended.code, code, "{}\n{}", ended.out, ended.err);
        nothing_is_left(&self.customer);
        ended
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.read(&format!("hopp-report/{CUSTOMER}/report.json"))).unwrap()
    }

    fn statuses(&self) -> Vec<(String, String)> {
        let report = self.report();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let steps = report["steps"].as_array().unwrap().iter();
        steps.map(|step| (text(&step["id"]), text(&step["status"]))).collect()
    }

    fn status(&self, id: &str) -> String {
        step(&self.report(), id)["status"].as_str().unwrap().to_owned()
    }

    fn archives(&self) -> Vec<PathBuf> {
        let folder = self.path("cache").join(CUSTOMER).join("archive");
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect()
    }
}

/// Looks whether the engine or the plan's folder holds anything of the customer.
fn nothing_is_left(customer: &Customer) {
    // The engine may hold things of the same customer in another folder, where these tests run twice.
    let label = format!(
        "label=org.hopp.state={}",
        customer.path("cache").join(CUSTOMER).display()
    );
    for list in [["ps", "--all"], ["volume", "ls"], ["network", "ls"]] {
        let mut args = list.to_vec();
        args.extend(["--quiet", "--filter", &label]);
        assert_eq!(docker(&args), "", "docker {list:?}");
    }
    let listed = customer.hopp(&["clean", "--list", "plan.yaml"]).out;
    assert_eq!(listed, "hopp keeps nothing on this engine\n");
    for name in [".hopp", "delivered", "dry-run.lock.yaml"] {
        assert!(!customer.path(name).exists(), "there is {name}");
    }
}

#[test]
fn a_dry_run_leaves_reports_alone_and_the_next_one_goes_on_from_an_archive() {
    let test = "a_dry_run_leaves_reports_alone_and_the_next_one_goes_on_from_an_archive";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let job = Job {
        customer: Customer::bryggan(CUSTOMER, &bryggan),
    };
    let key = the_first_does_everything(&job);
    an_unchanged_one_does_nothing(&job, &key);
    one_with_a_script_that_fails_goes_on_from_the_hop_and_points_at_the_line(&job, &key);
    one_with_a_better_script_goes_on_from_the_hop_and_is_verified(&job);
    one_with_a_damaged_archive_begins_anew_and_an_interrupted_one_leaves_nothing(&job);
}

fn the_first_does_everything(job: &Job) -> String {
    let watch = Watch::begin();
    let ended = job.run(0);
    let state = job.path("cache").join(CUSTOMER);
    let (containers, volumes) = watch.end(&state);
    assert!(containers.len() > 3, "the watch saw {containers:?}");
    assert!(Watch::still_there(&volumes).is_empty(), "{volumes:?}");
    assert!(ended.out.contains("VERIFIED"), "{}", ended.out);
    assert!(
        ended
            .err
            .contains("not pinned: `19.0` of code, image postgres:15, image odoo:19.0; this dry run"),
        "{}",
        ended.err
    );
    for (step, status) in job.statuses() {
        assert_eq!(status, if step == "deliver" { "skipped" } else { "done" }, "{step}");
    }
    let report = job.report();
    assert_eq!(
        (&report["kind"], &report["verdict"]),
        (&"dry-run".into(), &"verified".into())
    );
    assert_eq!(report["deliveries"], Value::Array(vec![]));
    let folder = job.path("hopp-report").join(CUSTOMER);
    for name in [
        "journal.jsonl",
        "report.html",
        "report.md",
        "junit.xml",
        "gitlab.json",
        "logs/19.0-upgrade.log",
    ] {
        assert!(fs::metadata(folder.join(name)).unwrap().len() > 1, "{name}");
    }
    let junit = job.read("out/junit.xml");
    assert!(junit.contains("failures=\"0\" errors=\"0\""), "{junit}");
    assert!(
        job.read("summary.md")
            .starts_with("## dry-run: 18.0 → 19.0: ✅ verified\n")
    );
    // Nothing that was printed in between was a command.
    let [stop, .., resume] = ended.out.lines().collect::<Vec<_>>()[..] else {
        panic!("{}", ended.out)
    };
    let token = stop.strip_prefix("::stop-commands::").unwrap();
    assert_eq!(resume, format!("::{token}::"));
    // What the next one needs, and no more.
    assert_eq!(job.archives().len(), 1);
    assert!(!state.join("repos").exists());
    for run in fs::read_dir(state.join("runs")).unwrap() {
        let files = fs::read_dir(run.unwrap().path()).unwrap();
        let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["journal.jsonl"]);
    }
    key_of(job)
}

/// Returns the key of the cache, as the job hears it.
fn key_of(job: &Job) -> String {
    let output = job.read("output");
    let key = output.trim_end().strip_prefix("key=").unwrap();
    assert!(key.starts_with("hopp-dry-run-"), "{key}");
    key.to_owned()
}

fn an_unchanged_one_does_nothing(job: &Job, key: &str) {
    let ended = job.run(0);
    assert!(ended.out.contains("VERIFIED"), "{}", ended.out);
    assert!(
        job.statuses().iter().all(|(_, status)| status != "done"),
        "{:?}",
        job.statuses()
    );
    assert_eq!(key_of(job), key);
    assert!(
        !job.path("hopp-report")
            .join(CUSTOMER)
            .join("logs/19.0-upgrade.log")
            .exists()
    );
}

fn one_with_a_script_that_fails_goes_on_from_the_hop_and_points_at_the_line(job: &Job, key: &str) {
    job.customer.plan("hops: { \"19.0\": { after: [{ sql: after.sql }] } }");
    job.customer.write(
        "after.sql",
        "-- A name for everybody.\nUPDATE res_partner SET nme = 'x';\n",
    );
    let ended = job.run(20);
    assert_eq!(job.status("19.0/upgrade"), "reused");
    assert_eq!(job.status("restore"), "reused");
    assert_eq!(job.status("19.0/after/1-sql"), "failed");
    let annotation = ended.out.lines().find(|line| line.starts_with("::error ")).unwrap();
    assert!(annotation.starts_with("::error file=after.sql,line=2,"), "{annotation}");
    assert!(
        annotation.contains("column \"nme\" of relation \"res_partner\" does not exist"),
        "{annotation}"
    );
    let junit = job.read("out/junit.xml");
    assert!(junit.contains("failures=\"1\" errors=\"0\""), "{junit}");
    assert_ne!(key_of(job), key);
}

fn one_with_a_better_script_goes_on_from_the_hop_and_is_verified(job: &Job) {
    job.customer.write(
        "after.sql",
        "UPDATE res_partner SET comment = 'x' WHERE comment IS NULL;\n",
    );
    let ended = job.run(0);
    assert!(ended.out.contains("VERIFIED"), "{}", ended.out);
    assert_eq!(job.status("19.0/upgrade"), "reused");
    assert_eq!(job.status("verify"), "done");
    assert_eq!(job.archives().len(), 1);
}

fn one_with_a_damaged_archive_begins_anew_and_an_interrupted_one_leaves_nothing(job: &Job) {
    let archive = job.archives().remove(0);
    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    job.customer.write("after.sql", "SELECT 1;\n");
    let mut running = job.customer.start(&["--dry-run", "--state", "cache"]);
    running.wait_for("step-failed", "provision");
    running.wait_for("step-started", "restore");
    running.signal("INT");
    let ended = running.end();
    assert_eq!(ended.code, 130, "{}", ended.err);
    assert!(
        ended.err.contains("a checkpoint was gone; going on without it"),
        "{}",
        ended.err
    );
    assert!(!archive.exists());
    nothing_is_left(&job.customer);
    assert_eq!(job.report()["verdict"], "interrupted");
}

#[test]
fn a_dry_run_that_keeps_nothing_leaves_no_state_at_all() {
    let test = "a_dry_run_that_keeps_nothing_leaves_no_state_at_all";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    // The state folder's name is not known, so the customer's is one that nobody else has.
    let name: &'static str = format!("dry-run-{}", std::process::id()).leak();
    let file = format!("{name}.lock.yaml");
    let customer = Customer::bryggan(name, &bryggan);
    let lock = "# Written by hopp and moved by `hopp update`; not meant to be edited. Commit it beside the plan.\n";
    customer.write(&file, lock);
    fs::create_dir(customer.path("tmp")).unwrap();
    let args = [
        "run",
        "plan.yaml",
        "--dry-run",
        "--until",
        "measure",
        "--report-dir",
        "reports",
    ];
    let output = customer
        .command(&args)
        .env("TMPDIR", customer.path("tmp"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("reports and logs: reports"), "{said}");
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&customer.path("")), [&file, "plan.yaml", "reports", "tmp"]);
    assert_eq!(names(&customer.path("tmp")), Vec::<String>::new());
    assert_eq!(fs::read_to_string(customer.path(&file)).unwrap(), lock);
    let report: Value =
        serde_json::from_str(&fs::read_to_string(customer.path("reports/report.json")).unwrap()).unwrap();
    assert_eq!(report["verdict"], "partial");
    for list in [["ps", "--all"], ["volume", "ls"]] {
        let mut args = list.to_vec();
        let label = format!("label=org.hopp.customer={name}");
        args.extend(["--quiet", "--filter", &label]);
        assert_eq!(docker(&args), "");
    }
}

#[test]
fn a_dry_run_that_should_deliver_is_refused() {
    let test = "a_dry_run_that_should_deliver_is_refused";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let customer = Customer::bryggan("dry-run-refused", &bryggan);
    let ended = customer.run(&["--dry-run", "--until", "deliver"], 2);
    assert!(ended.err.contains("a dry run delivers nothing"), "{}", ended.err);
    let ended = customer.run(&["--state", "cache"], 2);
    assert!(ended.err.contains("--dry-run"), "{}", ended.err);
}
