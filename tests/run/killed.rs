//! Killed anywhere: after every event, at random moments, by way of its containers, by a person, with the engine.
//!
//! A chain so small that many runs of it are cheap: a database with `base` and a module, brought to that module's next
//! version. Every kill is followed by a run, and what the last one delivers is what an undisturbed run delivers.

mod containers;
mod engine;
mod events;
mod moments;
mod signals;

use std::path::{Path, PathBuf};

use std::time::Duration;

use hopp::ident::Fingerprint;
use hopp::journal::RunLock;
use jiff::Timestamp;

use crate::harness::content::{self, Content};
use crate::harness::{Customer, Postgres, docker};
use crate::lab::{borrowed, fresh_backup, needs_images, shelf};

/// What a run of the whole plan ends with: a check of the plan finds something, so that there are findings.
const ENDS_WITH: i32 = 21;

/// A backup that all runs share.
struct Small {
    backup: PathBuf,
    began: Timestamp,
}

impl Small {
    /// Finds the backup that an earlier test made of the same code in the same image, or makes it.
    fn new() -> Small {
        needs_images(&["odoo:19.0", "postgres:15"]);
        let files = shelf("19.0", "1.0.0");
        let image = docker(&["image", "inspect", "--format", "{{.Id}}", "odoo:19.0"]);
        let name = Fingerprint::of(format!("{image} {files:?}"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("small");
        let backup = folder.join(format!("{}.zip", name.short()));
        let _lock = loop {
            match RunLock::take(&folder.join("lock"), "a test") {
                Ok(lock) => break lock,
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        };
        if !backup.exists() {
            let partial = folder.join("partial");
            fresh_backup(&partial, "19.0", "base,shelf", &borrowed(&files));
            fs_err::rename(partial, &backup).unwrap();
        }
        Small {
            backup,
            began: Timestamp::now(),
        }
    }

    fn customer(&self, name: &'static str) -> Patient {
        Patient::new(Customer::new(name, &self.backup, &[]))
    }

    fn content(&self, patient: &Patient, name: &str) -> Content {
        let zip = format!("delivered/{name}-19.0/{name}-19.0.zip");
        content::of_zip(&patient.customer.path(&zip), self.began)
    }
}

/// A customer to whom things happen. Takes its images with it.
struct Patient {
    customer: Customer,
}

impl Patient {
    /// Gives a customer a plan with many kinds of step, which needs an image that nobody else derives.
    fn new(customer: Customer) -> Patient {
        customer.write("before.sql", "UPDATE shelf_book SET name = name || '!';\n");
        customer.write("after.sql", "UPDATE shelf_book SET signature = upper(signature);\n");
        customer.write("noted.sql", "SELECT name FROM shelf_book;\n");
        let patient = Patient { customer };
        patient.plan("");
        patient.code("");
        patient
    }

    /// Writes the plan, with another step at the end of the hop.
    fn plan(&self, after: &str) {
        let text = format!(
            "customer: {}\nsource: {{ backup: {} }}\ntarget: \"19.0\"\nengine: update\n\
             repositories: [{{ name: code, url: \"{}\" }}]\n\
             hops: {{ \"19.0\": {{ before: [{{ sql: before.sql }}], after: [{{ sql: after.sql }}{after}] }} }}\n\
             checks: [{{ check: noted.sql }}]\n",
            self.customer.name(),
            self.customer.backup().display(),
            self.customer.code.url(),
        );
        self.customer.write("plan.yaml", &text);
    }

    /// Commits the module's next version, and requirements that nobody else has: their image has to be derived.
    fn code(&self, requirements: &str) {
        let mut files = shelf("19.0", "1.1.0");
        let mark = format!("# {}\n{requirements}", self.customer.state().display());
        files.push(("requirements.txt".into(), mark));
        self.customer
            .code
            .commit("refs/heads/19.0", &borrowed(&files), "shelf 1.1.0");
    }

    /// Looks whether anything is left of all that happened, once the last run had nothing to do.
    fn has_nothing_left(&self) {
        let customer = &self.customer;
        let things = customer.things();
        assert!(things.containers.is_empty(), "{things:?}");
        let listed = customer.hopp(&["clean", "--list", "plan.yaml"]).out;
        assert!(!listed.contains("left over"), "{listed}");
        let entries = |folder: &Path| -> Vec<String> {
            let mut names: Vec<String> = fs_err::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        assert_eq!(
            entries(&customer.path("delivered")),
            [format!("{}-19.0", customer.name())]
        );
        let names = entries(&customer.state());
        assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
        assert!(!names.contains(&"delivering.json".to_owned()), "{names:?}");
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        let label = format!("label=org.hopp.state={}", self.customer.state().display());
        let images = docker(&["images", "--all", "--quiet", "--filter", &label]);
        for image in images.lines() {
            docker(&["rmi", "--force", image]);
        }
    }
}

/// Returns the databases in a customer's volume.
fn databases(customer: &Customer) -> Vec<String> {
    let things = customer.things();
    let volume = things.volumes.iter().find(|name| name.ends_with("-pg")).unwrap();
    let postgres = Postgres::start(Some(volume));
    let sql = "psql -X -A -t -U odoo -d postgres -c \
               \"SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1\"";
    postgres.shell(sql).lines().map(str::to_owned).collect()
}

#[test]
fn killed_after_any_event_and_at_any_moment_the_next_run_goes_on_to_what_an_undisturbed_one_delivers() {
    let small = Small::new();
    let (calm, killed) = std::thread::scope(|scope| {
        let events = scope.spawn(|| events::killed_after_every_one(&small));
        let (calm, took) = moments::undisturbed(&small);
        let moments = moments::killed_at_random(&small, &took);
        let containers = containers::killed(&small);
        (calm, [events.join().unwrap(), moments, containers])
    });
    let points: Vec<&String> = killed.iter().flat_map(|(_, points)| points).collect();
    assert!(points.len() >= 50, "only {} kills: {points:#?}", points.len());
    for (content, points) in &killed {
        let differences = content::differences(&calm, content);
        let story = format!("seed {}, killed {points:#?}", moments::SEED);
        assert!(differences.is_empty(), "{story}: {}", differences.join("\n"));
    }
}

#[test]
fn a_person_stops_a_run_once_or_at_once_and_the_next_one_goes_on() {
    signals::stopped(&Small::new());
}
