//! One night with one customer: an update on 19.0 that fails in every way there is, and ends well.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use hopp::journal::{Checkpoints, StateFolder};
use hopp::steps::Names;

use super::Screen;
use crate::git::origin::Origin;
use crate::harness::Postgres;
use crate::lab::{Customer, borrowed, docker, fresh_backup, needs_images, shelf};

/// The migration script that each fault is written into.
const SCRIPT: &str = "shelf/migrations/19.0.1.1.0/pre-fault.py";

struct Night {
    customer: Customer,
    origin: Origin,
    names: Names,
}

impl Night {
    fn new() -> Night {
        needs_images(&["odoo:19.0", "postgres:15"]);
        let origin = Origin::new();
        let before = shelf("19.0", "1.0.0");
        origin.commit("refs/heads/19.0", &borrowed(&before), "shelf 1.0.0");
        let customer = Customer::new("night", "");
        let folder = customer.folder.path().canonicalize().unwrap();
        let names = Names::new(&customer.name, &StateFolder::beside(&folder, &customer.name));
        let night = Night {
            customer,
            origin,
            names,
        };
        night.plan("");
        let zip = night.customer.folder.path().join("backup.zip");
        fresh_backup(&zip, "19.0", "base,shelf", &borrowed(&before));
        night
    }

    /// Writes the plan anew, with more lines at its end.
    fn plan(&self, more: &str) {
        let text = format!(
            "customer: {}\nsource: {{ backup: backup.zip }}\ntarget: \"19.0\"\nengine: update\n\
             repositories: [{{ name: own, url: \"{}\" }}]\n{more}",
            self.customer.name,
            self.origin.url()
        );
        self.customer.write("plan.yaml", &text);
    }

    /// Commits a version of the module in which these files are different.
    fn code(&self, different: &[(&str, &str)]) {
        let mut files = shelf("19.0", "1.1.0");
        files.push((SCRIPT.into(), "def migrate(cr, version):\n    pass\n".into()));
        for (path, text) in different {
            files.retain(|(other, _)| other != path);
            files.push(((*path).to_owned(), (*text).to_owned()));
        }
        self.origin.commit("refs/heads/19.0", &borrowed(&files), "another try");
        self.customer.hopp(&["update", "plan.yaml"]).ended(0);
    }

    /// Commits a migration script.
    fn script(&self, body: &str) {
        let body = body.replace('\n', "\n    ");
        self.code(&[(SCRIPT, &format!("def migrate(cr, version):\n    {body}\n"))]);
    }

    /// Runs the plan to its end.
    fn run(&self, code: i32) -> Screen {
        let said = self.customer.hopp(&["run", "plan.yaml"]);
        Screen::of(said, code)
    }

    /// Runs the plan, and does something as soon as the script of the hop waits.
    fn run_and_at(&self, code: i32, act: impl FnOnce()) -> Screen {
        std::thread::scope(|scope| {
            let earlier = self.runs().len();
            let run = scope.spawn(|| self.run(code));
            let patience = Instant::now() + Duration::from_mins(5);
            let log = || {
                let run = self.runs().into_iter().nth(earlier)?;
                std::fs::read_to_string(run.join("logs/19.0-upgrade.log")).ok()
            };
            while !log().is_some_and(|log| log.contains("about to wait")) {
                assert!(
                    !run.is_finished() && Instant::now() < patience,
                    "the script never waited"
                );
                std::thread::sleep(Duration::from_millis(100));
            }
            act();
            run.join().unwrap()
        })
    }

    fn runs(&self) -> Vec<PathBuf> {
        let mut runs: Vec<PathBuf> = std::fs::read_dir(self.customer.state("runs"))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect();
        runs.sort();
        runs
    }
}

/// Statements of a migration script that say they have begun, and wait for ever.
const WAIT: &str =
    "import logging\nlogging.getLogger('shelf').info('about to wait')\ncr.execute('SELECT pg_sleep(3600)')";

/// Locks one table, and the other as soon as somebody waits for the first.
const LOCKS: &str = "import logging, time\ncr.execute('LOCK TABLE shelf_book')\nlogging.getLogger('shelf').info('about to wait')\n\
    waiting = \"SELECT FROM pg_locks WHERE NOT granted AND relation = 'shelf_book'::regclass\"\n\
    cr.execute(waiting)\nwhile not cr.rowcount:\n    time.sleep(0.2)\n    cr.execute(waiting)\ncr.execute('LOCK TABLE res_bank')";

/// A view with a field that the model does not have.
const BROKEN_VIEW: &str = "<odoo>\n    <record id='book_form' model='ir.ui.view'>\n        <field name='name'>shelf.book.form</field>\n        \
    <field name='model'>shelf.book</field>\n        <field name='arch' type='xml'>\n            \
    <form><field name='name'/><field name='publisher'/></form>\n        </field>\n    </record>\n</odoo>\n";

#[test]
fn every_fault_of_a_night_is_told_with_its_cause_and_the_run_goes_on_when_it_is_mended() {
    let night = Night::new();
    disk_full(&night);
    script_and_view(&night);
    limits(&night);
    others(&night);
    mended(&night);
    checkpoint_gone(&night);
}

/// PostgreSQL's volume is too small for what a script writes.
fn disk_full(night: &Night) {
    let volume = night.names.postgres_volume();
    let mut args = vec![
        "volume",
        "create",
        "--opt",
        "type=tmpfs",
        "--opt",
        "device=tmpfs",
        "--opt",
        "o=size=300m",
    ];
    let labels = night.names.labels("volume", None);
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    for label in &labels {
        args.extend(["--label", label]);
    }
    docker(&[&args[..], &[&volume]].concat());
    night.script(
        "cr.execute('CREATE TABLE ballast AS SELECT repeat(md5(n::text), 20) FROM generate_series(1, 3000000) n')",
    );
    night.run(11).says(&[
        "failed: 19.0/upgrade: PostgreSQL's disk is full",
        "No space left on device",
        "pre-fault.py",
        "hint: free disk space where Docker keeps its volumes",
        "`hopp run` again goes on from the last checkpoint",
    ]);
    docker(&["volume", "rm", &volume]);
}

/// What the customer's own code does wrong.
fn script_and_view(night: &Night) {
    night.script("cr.execute('SELECT 1')\ncr.execute('SELECT shelf_number FROM shelf_book')");
    night.run(20).says(&[
        "the migration script shelf/migrations/19.0.1.1.0/pre-fault.py failed in line 3: ",
        "psycopg2.errors.UndefinedColumn: column \"shelf_number\" does not exist",
        "    | LINE 1: SELECT shelf_number FROM shelf_book",
        "take it with `hopp update PLAN --repo own`",
    ]);
    night.code(&[("shelf/views/book.xml", BROKEN_VIEW)]);
    night.run(20).says(&[
        "shelf/views/book.xml, line 2: the view shelf.book_form is broken: ",
        "Field \"publisher\" does not exist in model \"shelf.book\"",
        "    | <form __validate__=\"1\"><field name=\"name\"/><field name=\"publisher\"/></form>",
        "take it with `hopp update PLAN --repo own`",
    ]);
}

/// Limits of the plan, of the database, and of the machine.
fn limits(night: &Night) {
    night
        .customer
        .write("slow.sql", "ALTER ROLE odoo SET statement_timeout = '5s';\n");
    night.plan("hops: { \"19.0\": { before: [{ sql: slow.sql }] } }\n");
    night.script("cr.execute('SELECT pg_sleep(3600)')");
    night.run(20).says(&[
        "at module shelf (",
        "statement timeout, in shelf/migrations/19.0.1.1.0/pre-fault.py, line 2",
        "    | psycopg2.errors.QueryCanceled: canceling statement due to statement timeout",
        "hint: the plan's own step `slow.sql` sets that limit",
    ]);
    night.plan("limits: { memory: 400MiB }\n");
    night.script("ballast = b'x' * (1 << 30)");
    night.run(11).says(&[
        "at module shelf (",
        "Odoo's container ran out of memory: more than `limits.memory` allows, 400.0 MiB",
        "    | ",
        "hint: raise `limits.memory`",
    ]);
    // Nothing but the script takes half a minute; and nothing is left of the statement timeout.
    night.plan("limits: { step_timeout: 30s }\n");
    night.script(WAIT);
    night.run(20).says(&[
        "it took longer than `limits.step_timeout` allows (30 s)",
        "    | ",
        "about to wait",
        "hint: odoo was at module shelf (",
        "hint: raise `limits.step_timeout`",
    ]);
    night.plan("");
}

/// What somebody else does while Odoo is at work.
fn others(night: &Night) {
    night.script(LOCKS);
    let screen = night.run_and_at(20, || {
        let socket = format!("{}:/var/run/postgresql", night.names.socket_volume());
        let sql = "SET deadlock_timeout = '1h'; SET lock_timeout = '2min'; BEGIN; LOCK TABLE res_bank; LOCK TABLE shelf_book;";
        let database = night.names.database();
        let client = ["psql", "-U", "odoo", "-d", &database, "-c", sql];
        docker(&[&["run", "--rm", "--network", "none", "-v", &socket, "postgres:15"][..], &client].concat());
    });
    screen.says(&[
        "at module shelf (",
        "the two locked each other out, in shelf/migrations/19.0.1.1.0/pre-fault.py, line ",
        "(tables res_bank, shelf_book)",
        ": LOCK TABLE res_bank",
        "LOCK TABLE shelf_book",
        "hint: nothing may read or write the database while odoo upgrades it",
    ]);
    night.script(WAIT);
    let screen = night.run_and_at(11, || {
        docker(&["kill", &night.customer.container("-postgres")]);
    });
    screen.says(&[
        "failed: 19.0/upgrade: PostgreSQL's container was killed with signal 9",
        "at module shelf (",
        "pre-fault.py",
        "`hopp run` again goes on from the last checkpoint",
    ]);
}

/// The last try goes on from the checkpoint before the hop, and ends well.
fn mended(night: &Night) {
    night.code(&[]);
    let said = night.customer.hopp(&["run", "plan.yaml"]).ended(0);
    for line in ["= restore ", "= neutralize ", "= measure ", "✓ 19.0/upgrade "] {
        assert!(said.err.contains(line), "{line} is not in:\n{}", said.err);
    }
    assert!(said.out.contains("VERIFIED"), "{}", said.out);
    assert_eq!(night.customer.on_engine("ps -a"), Vec::<String>::new());
}

/// What is to be delivered is not there any more: it is made again.
fn checkpoint_gone(night: &Night) {
    let text = std::fs::read(night.customer.state("checkpoints.json")).unwrap();
    let checkpoints: Checkpoints = serde_json::from_slice(&text).unwrap();
    let postgres = Postgres::start(Some(&night.names.postgres_volume()));
    for (fingerprint, checkpoint) in &checkpoints {
        if checkpoint.step.as_str().starts_with("19.0/") {
            postgres.shell(&format!("dropdb -U odoo {}", night.names.checkpoint(fingerprint)));
        }
    }
    drop(postgres);
    night.plan("deliver: { to: elsewhere }\n");
    let said = night.customer.hopp(&["run", "plan.yaml"]).ended(0);
    assert!(
        said.err.contains("a checkpoint was gone; going on without it"),
        "{}",
        said.err
    );
    assert!(said.err.contains("✓ 19.0/upgrade "), "{}", said.err);
    assert!(night.customer.folder.path().join("elsewhere/SHA256SUMS").is_file());
}
