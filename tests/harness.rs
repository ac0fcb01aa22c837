//! A customer in a temporary folder, and the real `hopp` to run for it on the real Docker.
//!
//! Whatever happens to a test, its customer's containers and volumes go with the [`Customer`].

pub(crate) mod content;
mod engine;
pub(crate) mod mounts;
mod paced;
mod private_engine;
mod running;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) use engine::{Postgres, Things, Watch, docker};
pub(crate) use private_engine::PrivateEngine;
pub(crate) use running::Running;

use crate::git::origin::Origin;

/// The OpenUpgrade that tests use: pinned, so that all customers of all tests share one derived image.
const OPENUPGRADE: &str =
    r#"{ "19.0": { scripts: "19.0.1.0.0.407", framework: "19.0.1.0.0.6", openupgradelib: "3.13.7" } }"#;

/// Returns the folder of a sample customer; where there is none, `test` says so.
#[expect(clippy::print_stderr, reason = "a test that was not run says so itself")]
#[expect(
    clippy::disallowed_methods,
    reason = "where the sample data is, is said in the environment"
)]
pub(crate) fn sample(test: &str, customer: &str) -> Option<PathBuf> {
    let fixtures = std::env::var("HOPP_FIXTURES").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    );
    let folder = fixtures.join(customer);
    if folder.is_dir() {
        return Some(folder.canonicalize().unwrap());
    }
    eprintln!("{test}: not run, there is no {}", folder.display());
    None
}

/// A customer with a plan, a backup and a repository of its own.
pub(crate) struct Customer {
    name: &'static str,
    folder: tempfile::TempDir,
    backup: PathBuf,
    /// What `DOCKER_HOST` is for it, when that is not the daemon that all tests share.
    engine: Option<String>,
    /// The repository of the customer's modules.
    pub(crate) code: Origin,
}

/// How a command of hopp ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Customer {
    /// Sets up a customer whose repository has a branch per folder of addons, and writes a plan that goes to 19.0.
    pub(crate) fn new(name: &'static str, backup: &Path, branches: &[(&str, &Path)]) -> Customer {
        let customer = Customer {
            name,
            folder: tempfile::tempdir().unwrap(),
            backup: backup.into(),
            engine: None,
            code: Origin::new(),
        };
        for (branch, addons) in branches {
            customer.commit(branch, addons);
        }
        customer.plan("");
        customer
    }

    /// Sets up bryggan, the small sample customer, under a name of the test's own.
    pub(crate) fn bryggan(name: &'static str, sample: &Path) -> Customer {
        let addons = sample.join("addons");
        let branches = [("18.0", addons.join("18.0")), ("19.0", addons.join("19.0"))];
        let branches = branches.each_ref().map(|(branch, path)| (*branch, path.as_path()));
        Customer::new(name, &sample.join("bryggan-18.0.zip"), &branches)
    }

    /// Moves the customer to another daemon.
    pub(crate) fn on(mut self, engine: &PrivateEngine) -> Customer {
        self.engine = Some(engine.host());
        self
    }

    /// Commits a folder of addons to a branch.
    pub(crate) fn commit(&self, branch: &str, addons: &Path) {
        let mut files = Vec::new();
        read_folder(addons, addons, &mut files);
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        self.code.commit(&format!("refs/heads/{branch}"), &files, branch);
    }

    /// Writes the plan anew, with more lines at its end.
    pub(crate) fn plan(&self, more: &str) {
        self.plan_of(&format!("{{ backup: {} }}", self.backup.display()), more);
    }

    /// Writes the plan anew, with another source.
    pub(crate) fn plan_of(&self, source: &str, more: &str) {
        let text = format!(
            "customer: {}\nsource: {source}\ntarget: \"19.0\"\nopenupgrade: {OPENUPGRADE}\nrepositories:\n  - {{ name: code, url: \"{}\" }}\n{more}\n",
            self.name,
            self.code.url(),
        );
        self.write("plan.yaml", &text);
    }

    /// Writes a file beside the plan.
    pub(crate) fn write(&self, path: &str, text: &str) {
        fs_err::write(self.path(path), text).unwrap();
    }

    /// Returns a path beside the plan.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        // The engine's labels carry the real path.
        self.folder.path().canonicalize().unwrap().join(path)
    }

    /// Returns its name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns its backup.
    pub(crate) fn backup(&self) -> &Path {
        &self.backup
    }

    /// Returns the state folder.
    pub(crate) fn state(&self) -> PathBuf {
        self.path(".hopp").join(self.name)
    }

    /// Returns a command of hopp, in the customer's folder. All tests share one cache, as a user's customers do.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hopp"));
        command
            .args(args)
            .current_dir(self.path(""))
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env_remove("GITHUB_ACTIONS")
            .stdin(Stdio::null());
        if let Some(engine) = &self.engine {
            command.env("DOCKER_HOST", engine);
        }
        command
    }

    /// Runs a command of hopp to its end.
    pub(crate) fn hopp(&self, args: &[&str]) -> Ended {
        Ended::of(&mut self.command(args))
    }

    /// Runs `hopp run` to its end, which must have this exit code.
    pub(crate) fn run(&self, args: &[&str], code: i32) -> Ended {
        let mut all = vec!["run", "plan.yaml"];
        all.extend(args);
        let ended = self.hopp(&all);
        assert_eq!(ended.code, code, "{}\n{}", ended.out, ended.err);
        ended
    }

    /// Returns the report of the last run.
    pub(crate) fn report(&self) -> Value {
        let ended = self.hopp(&["report", "plan.yaml", "--format", "json"]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        serde_json::from_str(&ended.out).unwrap()
    }

    /// Returns what `hopp plan` decides about each step: id, decision.
    pub(crate) fn decisions(&self) -> Vec<(String, String)> {
        let ended = self.hopp(&["plan", "plan.yaml", "--format", "json"]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        let plan: Value = serde_json::from_str(&ended.out).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let steps = plan["steps"].as_array().unwrap();
        steps
            .iter()
            .map(|step| (text(&step["id"]), text(&step["decision"])))
            .collect()
    }

    /// Returns the runs' folders, oldest first.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let mut runs: Vec<PathBuf> = fs_err::read_dir(self.state().join("runs"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        runs.sort();
        runs
    }

    /// Returns the events of the last run's journal. A run that was killed may have torn the last line.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let path = self.runs().pop().unwrap().join("journal.jsonl");
        let text = fs_err::read_to_string(path).unwrap();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let entries = whole
            .lines()
            .skip(1)
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries.map(|mut entry| entry["event"].take()).collect()
    }

    /// Returns the steps that the last run's journal has this event about.
    pub(crate) fn steps(&self, event: &str) -> Vec<String> {
        let journal = self.journal();
        let steps = journal
            .iter()
            .filter_map(|entry| entry.get(event)?.get("step")?.as_str());
        steps.map(str::to_owned).collect()
    }

    /// Returns what the engine holds of this customer.
    pub(crate) fn things(&self) -> Things {
        Things::of(self.engine.as_deref(), &self.state())
    }
}

impl Ended {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Ended {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Ended {
            code: status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&stdout).into_owned(),
            err: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }
}

impl Drop for Customer {
    fn drop(&mut self) {
        let cleaned = self.hopp(&["clean", "plan.yaml"]);
        if !std::thread::panicking() {
            assert_eq!(cleaned.code, 0, "{}", cleaned.err);
        }
    }
}

/// Returns the step of a report with this id.
pub(crate) fn step<'a>(report: &'a Value, id: &str) -> &'a Value {
    let mut steps = report["steps"].as_array().unwrap().iter();
    steps
        .find(|step| step["id"] == id)
        .unwrap_or_else(|| panic!("the report has no step {id}"))
}

fn read_folder(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, files);
        } else {
            let place = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.push((place, fs_err::read_to_string(&path).unwrap()));
        }
    }
}
