//! Runs our SQL in a real PostgreSQL, on the sample customers' 18.0 databases.
//!
//! Needs Docker, the image `postgres:15` and the sample data; says so and passes where one is missing.

#![expect(clippy::unwrap_used, reason = "what goes wrong outside what is tested ends the test")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use hopp::event::Severity;
use hopp::ident::Series;
use hopp::odoo::openupgrade::Renames;
use hopp::odoo::{modules_sql, neutralize};
use hopp::verify::baseline::{self, Baseline};
use hopp::verify::{compare, modules};

/// Counts the containers of this process, whose tests run side by side.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// A PostgreSQL without network that is gone when it is dropped.
pub(crate) struct Postgres {
    container: String,
}

impl Postgres {
    /// Starts one with the database of a sample customer in it; `None`, said aloud, where that cannot be.
    pub(crate) fn with(test: &str, customer: &str) -> Option<Postgres> {
        let backup = fixtures().join(customer).join(format!("{customer}-18.0.zip"));
        if !backup.exists() {
            return not_run(test, &format!("{} is not there", backup.display()));
        }
        if !docker(&["image", "inspect", "postgres:15"]).is_some_and(|(ok, _)| ok) {
            return not_run(test, "there is no docker, or it has no image postgres:15");
        }
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("hopp-test-verify-{}-{number}", std::process::id());
        let start = [
            "run",
            "-d",
            "--rm",
            "--name",
            &name,
            "--network",
            "none",
            "--label",
            "org.hopp.customer=hopp-test",
            "-e",
            "POSTGRES_USER=odoo",
            "-e",
            "POSTGRES_HOST_AUTH_METHOD=trust",
            "postgres:15",
            "postgres",
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
        ];
        let (started, said) = docker(&start)?;
        assert!(started, "{said}");
        let postgres = Postgres { container: name };
        postgres.wait();
        postgres.psql(&dump(&backup));
        Some(postgres)
    }

    /// The server starts twice when it makes its cluster; the second one keeps answering.
    fn wait(&self) {
        let mut answers = 0;
        for _ in 0..240 {
            let asked = docker(&["exec", &self.container, "psql", "-U", "odoo", "-c", "SELECT 1"]);
            answers = if asked.is_some_and(|(ok, _)| ok) {
                answers + 1
            } else {
                0
            };
            if answers == 4 {
                return;
            }
            sleep(Duration::from_millis(250));
        }
        panic!("PostgreSQL in {} did not start", self.container);
    }

    /// Runs SQL and returns what it prints.
    fn psql(&self, sql: &str) -> String {
        self.psql_on("odoo", sql)
    }

    /// Copies the sample customer's database under another name.
    pub(crate) fn copy(&self, name: &str) {
        self.psql_on("postgres", &format!("CREATE DATABASE {name} TEMPLATE odoo"));
    }

    /// Runs SQL in a database and returns what it prints.
    pub(crate) fn psql_on(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new("docker")
            .args([
                "exec",
                "-i",
                &self.container,
                "psql",
                "-U",
                "odoo",
                "-X",
                "-At",
                "-q",
                "-d",
                database,
            ])
            .args(["-v", "ON_ERROR_STOP=1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = psql.stdin.take().unwrap();
        let sql = sql.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(sql.as_bytes()));
        let output = psql.wait_with_output().unwrap();
        // A psql that stops at an error closes its input; what it says about that is what counts.
        let written = writer.join().unwrap();
        assert!(
            output.status.success() && written.is_ok(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn baseline(&self) -> Baseline {
        let probe = baseline::parse_probe(&self.psql(&baseline::probe_sql())).unwrap();
        let series = Series::from_major(18).unwrap();
        baseline::parse(&self.psql(&baseline::baseline_sql(series, &probe, 1).concat())).unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        docker(&["rm", "-f", "-v", &self.container]);
    }
}

/// Runs docker; `None` where there is none.
fn docker(args: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("docker").args(args).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some((output.status.success(), said))
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the sample data is, is said in the environment"
)]
pub(crate) fn fixtures() -> PathBuf {
    std::env::var("HOPP_FIXTURES").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    )
}

#[expect(clippy::print_stderr, reason = "a test that was not run says so itself")]
fn not_run(test: &str, why: &str) -> Option<Postgres> {
    eprintln!("{test}: not run, {why}");
    None
}

fn dump(backup: &Path) -> String {
    let file = fs_err::File::open(backup).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut sql = String::new();
    archive.by_name("dump.sql").unwrap().read_to_string(&mut sql).unwrap();
    // What `set_config` prints is no answer of ours; the search path is left empty by the dump.
    format!("\\o /dev/null\n{sql}\n\\o\n")
}

#[test]
fn what_was_live_is_neutralized_once_and_no_secret_is_printed() {
    let test = "what_was_live_is_neutralized_once_and_no_secret_is_printed";
    let Some(postgres) = Postgres::with(test, "bryggan") else {
        return;
    };
    let series = Series::from_major(18).unwrap();
    let live = neutralize::parse(&postgres.psql(&neutralize::check_sql())).unwrap();
    assert!(live.iter().any(|one| one.area == "cron" && one.rows > 10));

    let said = postgres.psql(&neutralize::script(series));
    assert!(!said.contains("not-a-real-secret"), "{said}");
    let done = neutralize::parse(&said).unwrap();
    let rows = |what: &str| done.iter().find(|one| one.what == what).map(|one| one.rows);
    assert_eq!(rows("outgoing mail servers switched off"), Some(1));
    assert_eq!(rows("incoming mail servers switched off"), Some(1));
    assert_eq!(rows("a uuid of its own"), Some(1));

    let live = neutralize::parse(&postgres.psql(&neutralize::check_sql())).unwrap();
    assert_eq!(live, []);
    let again = neutralize::parse(&postgres.psql(&neutralize::script(series))).unwrap();
    let changed: Vec<_> = again.iter().filter(|one| one.area != "parameters kept").collect();
    assert!(changed.is_empty(), "{changed:?}");

    let kept = "SELECT count(*) FROM ir_mail_server WHERE smtp_pass IS NOT NULL";
    assert_eq!(postgres.psql(kept).trim(), "0");
}

#[test]
fn a_secret_in_a_backend_of_a_connector_is_emptied() {
    let test = "a_secret_in_a_backend_of_a_connector_is_emptied";
    let Some(postgres) = Postgres::with(test, "bryggan") else {
        return;
    };
    postgres.psql(
        "CREATE TABLE public.shop_backend (id serial, name varchar, api_key varchar, location varchar);
         INSERT INTO public.shop_backend (name, api_key) VALUES ('shop', 's3cr3t');",
    );
    let said = postgres.psql(&neutralize::script(Series::from_major(18).unwrap()));
    assert!(said.contains("shop_backend.api_key emptied"), "{said}");
    assert!(!said.contains("s3cr3t"), "{said}");
    let left = "SELECT name, api_key FROM public.shop_backend";
    assert_eq!(postgres.psql(left).trim(), "shop|");
}

#[test]
fn the_books_are_measured_exactly_and_a_hundredth_is_missed() {
    let test = "the_books_are_measured_exactly_and_a_hundredth_is_missed";
    let Some(postgres) = Postgres::with(test, "acme") else {
        return;
    };
    let before = postgres.baseline();
    assert_eq!(before.version, "18.0.1.3");
    let debit: hopp::amount::Amount = before.trial_balance.iter().map(|row| row.debit).sum();
    assert_eq!(debit.to_string(), "9889964.29");
    assert!(before.vat.iter().any(|grid| grid.grid == "se_05"));
    assert_eq!(before.stock.len(), 40);
    let custom: Vec<&str> = before
        .tables
        .iter()
        .filter(|table| table.custom)
        .map(|table| table.model.as_str())
        .collect();
    assert_eq!(custom, ["acme.loyalty.card", "acme.loyalty.tier"]);

    let to_19 = [Series::NEWEST];
    let found = |after: &Baseline| -> Vec<(String, Severity)> {
        compare::compare(&before, after, &to_19, &Renames::default())
            .into_iter()
            .filter_map(|comparison| comparison.finding)
            .map(|finding| (finding.code, finding.severity))
            .collect()
    };
    assert_eq!(found(&postgres.baseline()), []);

    let sie = include_str!("../playbooks/l10n_se/sie4.sql");
    // A dump leaves the search path empty.
    let sie4 = || postgres.psql(&format!("SET search_path = public;\n{sie}"));
    let books = sie4();
    assert_eq!(sie4(), books);
    let item = postgres.psql(
        "SELECT l.move_name, (SELECT min(value) FROM jsonb_each_text(a.code_store)), round(l.balance, 2), round(l.balance, 2) + 0.01
         FROM public.account_move_line l JOIN public.account_account a ON a.id = l.account_id
         WHERE l.id = (SELECT min(id) FROM public.account_move_line WHERE parent_state = 'posted' AND debit > 0)",
    );
    postgres.psql(
        "UPDATE public.account_move_line SET debit = debit + 0.01, balance = balance + 0.01
         WHERE id = (SELECT min(id) FROM public.account_move_line WHERE parent_state = 'posted' AND debit > 0);
         DELETE FROM public.acme_loyalty_card WHERE id = (SELECT min(id) FROM public.acme_loyalty_card);",
    );
    let [entry, account, was, is] = item.trim().split('|').collect::<Vec<_>>().try_into().unwrap();
    let lines = |one: &str, other: &str| -> Vec<String> {
        let others: Vec<&str> = other.lines().collect();
        let only = one
            .lines()
            .filter(|line| !others.contains(line) && line.contains("#TRANS"));
        only.map(|line| line.split_once("#TRANS").unwrap().1.trim().to_owned())
            .collect()
    };
    let now = sie4();
    // The file of the bookkeeping differs in the one line of the entry that was changed, and names it.
    let line = |amount: &str| vec![format!("{account} {{}} {amount} (1 of \"{entry}\")")];
    assert_eq!((lines(&books, &now), lines(&now, &books)), (line(was), line(is)));
    let codes: Vec<String> = found(&postgres.baseline()).into_iter().map(|(code, _)| code).collect();
    for code in ["books-differ", "journals-differ", "entries-unbalanced", "rows-lost"] {
        assert!(codes.iter().any(|found| found == code), "{code}: {codes:?}");
    }
}

#[test]
fn a_module_is_marked_for_removal_only_after_its_dependents_are_known() {
    let test = "a_module_is_marked_for_removal_only_after_its_dependents_are_known";
    let Some(postgres) = Postgres::with(test, "bryggan") else {
        return;
    };
    let member = ["club_member".to_owned()];
    let states = || modules::parse(&postgres.psql(&modules::state_sql())).unwrap();
    assert_eq!(modules::findings(&states(), Series::from_major(18).unwrap()), []);

    let contacts = ["contacts".to_owned()];
    let on_contacts = postgres.psql(&modules_sql::dependents_sql(&contacts).unwrap());
    let on_contacts: Vec<modules_sql::Dependent> = serde_json::from_str(&on_contacts).unwrap();
    assert!(on_contacts.iter().any(|dependent| dependent.module == "club_member"));
    let on_member = postgres.psql(&modules_sql::dependents_sql(&member).unwrap());
    assert_eq!(on_member.trim(), "[]");

    let marked = postgres.psql(&modules_sql::mark_sql(&member).unwrap());
    assert_eq!(marked.trim(), r#"["club_member"]"#);
    let found = modules::findings(&states(), Series::from_major(18).unwrap());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].subject, "club_member");
}
