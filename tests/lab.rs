//! What end-to-end tests need: customers with a plan and a git repository, fresh Odoo databases, Docker by its command.

mod fresh;
mod http;
mod printed;
mod shelf;

pub(crate) use fresh::{fresh, fresh_backup};
pub(crate) use http::Browser;
pub(crate) use printed::Printed;
pub(crate) use shelf::{borrowed, empty, noted, shelf};

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs docker, which must go well, and returns what it printed.
pub(crate) fn docker(args: &[&str]) -> String {
    let (ok, text) = try_docker(args);
    assert!(ok, "docker {}: {text}", args.join(" "));
    text
}

/// Runs docker and returns whether it went well, and what it printed.
pub(crate) fn try_docker(args: &[&str]) -> (bool, String) {
    let output = Command::new("docker")
        .args(args)
        .output()
        .expect("this test needs the command `docker`");
    let both = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&both).into_owned())
}

/// Runs docker with this on its standard input and returns its standard output.
pub(crate) fn docker_answering(args: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("docker")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs the command `docker`");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "docker {}: {text}", args.join(" "));
    text
}

/// Runs docker with this on its standard input.
pub(crate) fn docker_fed(args: &[&str], input: &[u8]) {
    let mut child = Command::new("docker")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("this test needs the command `docker`");
    child.stdin.take().unwrap().write_all(input).unwrap();
    assert!(child.wait().unwrap().success(), "docker {}", args.join(" "));
}

/// Fails clearly where there is no engine, or an image is missing.
pub(crate) fn needs_images(names: &[&str]) {
    for name in names {
        let (found, said) = try_docker(&["image", "inspect", name]);
        assert!(
            found,
            "this test needs a Docker engine with the image {name} (`make images`): {said}"
        );
    }
}

/// What a run of hopp said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Fails unless the exit code is this one.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Said {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }
}

/// A customer: a folder with a plan, gone with everything it left on the engine when dropped.
pub(crate) struct Customer {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) name: String,
}

impl Customer {
    /// Makes one; the process id keeps two test runs on one engine apart.
    pub(crate) fn new(part: &str, rest_of_plan: &str) -> Customer {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("{part}-{}", std::process::id());
        let customer = Customer { folder, name };
        customer.write("plan.yaml", &format!("customer: {}\n{rest_of_plan}", customer.name));
        customer
    }

    /// Writes a file beside the plan.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Runs hopp in the customer's folder.
    #[track_caller]
    pub(crate) fn hopp(&self, args: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_hopp"))
            .args(args)
            .current_dir(self.folder.path())
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .output()
            .unwrap();
        Said {
            code: output.status.code().expect("hopp was killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns the folder that `hopp up PLAN dev` mounts, or anything else below the state folder.
    pub(crate) fn state(&self, below: &str) -> PathBuf {
        self.folder.path().join(".hopp").join(&self.name).join(below)
    }

    /// Returns the names of the customer's containers or volumes (`ps -a`, `volume ls`) on the engine.
    pub(crate) fn on_engine(&self, list: &str) -> Vec<String> {
        let label = format!("label=org.hopp.customer={}", self.name);
        let mut args: Vec<&str> = list.split(' ').collect();
        let format = if args[0] == "ps" { "{{.Names}}" } else { "{{.Name}}" };
        args.extend(["--filter", &label, "--format", format]);
        let mut names: Vec<String> = docker(&args).lines().map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Returns the container with this end of its name.
    #[track_caller]
    pub(crate) fn container(&self, end: &str) -> String {
        let all = self.on_engine("ps -a");
        let found = all.iter().find(|name| name.ends_with(end));
        found
            .unwrap_or_else(|| panic!("no container …{end} in {all:?}"))
            .clone()
    }

    /// Opens the only zip that was delivered.
    pub(crate) fn delivered(&self) -> Dump {
        let pattern = |folder: &Path, end: &str| -> PathBuf {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let found: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
            assert_eq!(found.len(), 1, "{found:?} in {}", folder.display());
            found[0].clone()
        };
        let zip = pattern(&pattern(&self.folder.path().join("delivered"), ""), ".zip");
        Dump::of(&zip)
    }
}

impl Drop for Customer {
    fn drop(&mut self) {
        self.hopp(&["clean", "plan.yaml"]);
    }
}

/// The plain dump in a backup.
pub(crate) struct Dump {
    sql: String,
}

impl Dump {
    /// Reads the dump of an Odoo zip.
    pub(crate) fn of(zip: &Path) -> Dump {
        let file = std::fs::File::open(zip).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        let mut sql = String::new();
        archive.by_name("dump.sql").unwrap().read_to_string(&mut sql).unwrap();
        Dump { sql }
    }

    /// Returns the rows of a table, each by its columns' names. A missing table has none.
    pub(crate) fn rows(&self, table: &str) -> Vec<BTreeMap<String, String>> {
        let begin = format!("COPY public.{table} (");
        let mut lines = self.sql.lines().skip_while(|line| !line.starts_with(&begin));
        let Some(head) = lines.next() else {
            return vec![];
        };
        let columns = &head[begin.len()..head.find(") FROM stdin;").unwrap()];
        let names: Vec<&str> = columns.split(", ").map(|name| name.trim_matches('"')).collect();
        lines
            .take_while(|line| *line != "\\.")
            .map(|line| {
                let values = line.split('\t').map(str::to_owned);
                names.iter().map(|name| (*name).to_owned()).zip(values).collect()
            })
            .collect()
    }

    /// Returns a column of the row whose other column has this value.
    pub(crate) fn value(&self, table: &str, (key, value): (&str, &str), column: &str) -> Option<String> {
        let rows = self.rows(table);
        let row = rows
            .iter()
            .find(|row| row.get(key).is_some_and(|found| found == value))?;
        row.get(column).cloned()
    }
}
