//! What the engine holds of a customer, asked with `docker` and not with hopp.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;

/// Containers and volumes of a customer.
#[derive(Debug)]
pub(crate) struct Things {
    /// Containers: name, the run that made it, whether it ever started.
    pub(crate) containers: Vec<(String, String, bool)>,
    /// Volumes.
    pub(crate) volumes: BTreeSet<String>,
}

impl Things {
    /// Asks for what carries the label of a state folder.
    pub(super) fn of(engine: Option<&str>, state: &Path) -> Things {
        let host: Vec<&str> = engine.into_iter().flat_map(|host| ["--host", host]).collect();
        let docker = |args: &[&str]| docker(&[&host, args].concat());
        let filter = format!("label=org.hopp.state={}", state.display());
        let format = "{{.Names}}\t{{.Label \"org.hopp.run\"}}\t{{.Status}}";
        let containers = docker(&["ps", "--all", "--no-trunc", "--filter", &filter, "--format", format]);
        let volumes = docker(&["volume", "ls", "--quiet", "--filter", &filter]);
        Things {
            containers: containers
                .lines()
                .map(|line| {
                    let [name, run, status] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
                    (name.to_owned(), run.to_owned(), status != "Created")
                })
                .collect(),
            volumes: volumes.lines().map(str::to_owned).collect(),
        }
    }
}

/// Everything that happens on the engine while it is watched.
pub(crate) struct Watch {
    child: Child,
    seen: JoinHandle<String>,
}

impl Watch {
    /// Begins to watch volumes and containers.
    pub(crate) fn begin() -> Watch {
        let mut child = Command::new("docker")
            .args([
                "events",
                "--format",
                "{{json .}}",
                "--filter",
                "type=volume",
                "--filter",
                "type=container",
            ])
            .args(["--filter", "event=create", "--filter", "event=mount"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut events = child.stdout.take().unwrap();
        let seen = std::thread::spawn(move || {
            let mut text = String::new();
            events.read_to_string(&mut text).unwrap();
            text
        });
        Watch { child, seen }
    }

    /// Ends watching. Returns every container that was made for a state folder, and every volume one of them had.
    pub(crate) fn end(mut self, state: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let text = self.seen.join().unwrap();
        let events: Vec<Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let of = |kind: &'static str, action: &'static str| {
            events
                .iter()
                .filter(move |event| event["Type"] == kind && event["Action"] == action)
        };
        let id = |event: &Value| event["Actor"]["ID"].as_str().unwrap().to_owned();
        let label = state.to_string_lossy();
        let containers: BTreeSet<String> = of("container", "create")
            .filter(|event| event["Actor"]["Attributes"]["org.hopp.state"] == *label)
            .map(id)
            .collect();
        let mounted = of("volume", "mount").filter(|event| {
            let container = event["Actor"]["Attributes"]["container"].as_str();
            container.is_some_and(|container| containers.contains(container))
        });
        let volumes = mounted.map(id).collect();
        (containers, volumes)
    }

    /// Returns those of these volumes that are still there.
    pub(crate) fn still_there(volumes: &BTreeSet<String>) -> BTreeSet<String> {
        let all = docker(&["volume", "ls", "--quiet"]);
        all.lines()
            .filter(|name| volumes.contains(*name))
            .map(str::to_owned)
            .collect()
    }
}

/// A PostgreSQL of the test's own. Goes when dropped.
pub(crate) struct Postgres {
    container: String,
}

impl Postgres {
    /// Starts one, on an existing volume of data or on none.
    pub(crate) fn start(volume: Option<&str>) -> Postgres {
        let mount = volume.map(|name| format!("{name}:/var/lib/postgresql/data"));
        let mut args = vec!["run", "--detach", "--network", "none"];
        args.extend(["--env", "POSTGRES_USER=odoo", "--env", "POSTGRES_DB=postgres"]);
        args.extend(["--env", "POSTGRES_HOST_AUTH_METHOD=trust"]);
        args.extend(["--env", "PGDATA=/var/lib/postgresql/data/pgdata"]);
        if let Some(mount) = &mount {
            args.extend(["--volume", mount]);
        }
        args.extend(["postgres:15", "postgres", "-c", "listen_addresses=", "-c", "fsync=off"]);
        args.extend(["-c", "max_locks_per_transaction=512"]);
        let postgres = Postgres {
            container: docker(&args).trim().to_owned(),
        };
        // A temporary server answers while a new cluster is made; the entrypoint is a process of its own then.
        let wait = "for i in $(seq 600); do if ! grep -qs '^docker-entrypoi' /proc/[0-9]*/comm && pg_isready -q -U odoo; \
                    then exit 0; fi; sleep 0.1; done; exit 1";
        postgres.shell(wait);
        postgres
    }

    /// Runs a shell script as PostgreSQL's user and returns what it printed.
    pub(crate) fn shell(&self, script: &str) -> String {
        docker(&["exec", "--user", "postgres", &self.container, "sh", "-ec", script])
    }

    /// Copies a file or folder into the container (`true`) or out of it.
    pub(crate) fn copy(&self, inwards: bool, outside: &Path, inside: &str) {
        let (outside, inside) = (outside.to_string_lossy(), format!("{}:{inside}", self.container));
        let (from, to) = if inwards {
            (&*outside, &*inside)
        } else {
            (&*inside, &*outside)
        };
        docker(&["cp", from, to]);
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        docker(&["stop", &self.container]);
        docker(&["rm", "--force", "--volumes", &self.container]);
    }
}

/// Runs docker, which must be there and answer.
pub(crate) fn docker(args: &[&str]) -> String {
    let output = Command::new("docker")
        .args(args)
        .output()
        .expect("these tests need Docker");
    assert!(
        output.status.success(),
        "docker {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
