//! The program itself, as a person at a terminal without Docker meets it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fs_err as fs;
use tempfile::TempDir;

/// A folder with a small plan in it, and nothing listening where Docker should be.
struct Desk {
    folder: TempDir,
}

/// What a command printed, and its exit code.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let manifest = crate::backup::samples::manifest("18.0.1.3");
        let dump = crate::backup::samples::dump("18.0.1.3");
        let members = [("manifest.json", manifest.as_slice()), ("dump.sql", dump.as_bytes())];
        crate::backup::samples::zip_of(folder.path(), &members);
        fs::write(
            folder.path().join("acme.yaml"),
            "customer: acme\nsource: { backup: made.zip }\ntarget: \"19.0\"\n",
        )
        .unwrap();
        Desk { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn hopp(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_hopp"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DOCKER_HOST", "unix:///nonexistent")
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("COLUMNS", "80")
            .env_remove("HOPP_LOG")
            .env_remove("GITHUB_ACTIONS")
            .output()
            .unwrap();
        Said::of(&output)
    }

    /// Puts a journal where a run would have left it.
    fn ran(&self, run: &str, journal: &Path) {
        let folder = self.path(".hopp/acme/runs").join(run);
        fs::create_dir_all(&folder).unwrap();
        fs::copy(journal, folder.join("journal.jsonl")).unwrap();
    }
}

impl Said {
    fn of(output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// Compares what was printed with a committed file; `HOPP_BLESS=1` rewrites it.
    #[track_caller]
    fn assert_out(&self, name: &str) {
        let path = Path::new("fixtures/cli").join(name);
        if std::env::var_os("HOPP_BLESS").is_some() {
            fs::write(&path, &self.out).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(self.out == committed, "{} is not\n{}", path.display(), self.out);
    }
}

#[test]
fn help_names_every_command_and_every_exit_code() {
    let said = Desk::new().hopp(&["--help"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    said.assert_out("help.txt");
}

#[test]
fn a_command_line_without_sense_is_code_2_and_says_how_it_is_meant() {
    let desk = Desk::new();
    for (arguments, said_about) in [
        (vec!["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (vec!["run"], "<PLAN>"),
        (vec!["run", "acme.yaml", "--jobs", "0"], "--jobs"),
        (vec!["report", "acme.yaml", "--format", "pdf"], "pdf"),
        (vec!["schema", "plam"], "plan"),
    ] {
        let said = desk.hopp(&arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.contains(said_about), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn check_says_that_a_plan_is_in_order() {
    let said = Desk::new().hopp(&["check", "acme.yaml"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(said.err, "acme.yaml: in order (acme to 19.0)\n");
}

#[test]
fn check_of_several_plans_tells_of_each_and_one_bad_one_is_code_10() {
    let desk = Desk::new();
    fs::write(desk.path("bad.yaml"), "customer: acme\nsorce: {}\ntarget: \"19.0\"\n").unwrap();
    let said = desk.hopp(&["check", "bad.yaml", "acme.yaml"]);
    assert_eq!(said.code, 10);
    assert!(said.err.contains("--> bad.yaml:2:1"), "{}", said.err);
    assert!(said.err.contains("did you mean `source`"), "{}", said.err);
    assert!(said.err.contains("acme.yaml: in order"), "{}", said.err);
}

#[test]
fn a_plan_that_is_not_there_is_code_10_for_every_command_that_reads_one() {
    let desk = Desk::new();
    for command in ["check", "status", "report", "update"] {
        let said = desk.hopp(&[command, "nowhere.yaml"]);
        assert_eq!(said.code, 10, "{command}: {}", said.err);
        assert!(
            said.err.contains("`nowhere.yaml` does not exist"),
            "{command}: {}",
            said.err
        );
    }
}

#[test]
fn schema_prints_the_committed_schemas() {
    let desk = Desk::new();
    for name in ["bill", "plan", "playbook"] {
        let said = desk.hopp(&["schema", name]);
        let committed = fs::read_to_string(format!("fixtures/schemas/{name}.schema.json")).unwrap();
        assert_eq!((said.code, said.out.trim_end()), (0, committed.trim_end()));
    }
    let report = desk.hopp(&["schema", "report"]);
    let schema: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(schema["title"], "Report");
}

#[test]
fn completions_name_the_commands() {
    let said = Desk::new().hopp(&["completions", "bash"]);
    assert_eq!(said.code, 0);
    assert!(
        said.out.contains("_hopp()") && said.out.contains("report"),
        "{}",
        said.out
    );
}

#[test]
fn a_plan_that_was_never_run_has_no_status_no_report_and_no_logs() {
    let desk = Desk::new();
    for arguments in [
        vec!["status", "acme.yaml"],
        vec!["report", "acme.yaml"],
        vec!["logs", "acme.yaml", "verify"],
    ] {
        let said = desk.hopp(&arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        let expected = "error: this plan was never run\nhint: `hopp run acme.yaml` runs it\n";
        assert_eq!(said.err, expected, "{arguments:?}");
    }
    assert!(!desk.path(".hopp").exists(), "looking leaves nothing behind");
}

#[test]
fn without_docker_every_command_that_needs_it_is_code_11_and_says_what_to_do() {
    let desk = Desk::new();
    for arguments in [
        vec!["plan", "acme.yaml"],
        vec!["run", "acme.yaml"],
        vec!["clean", "--list"],
        vec!["up", "acme.yaml"],
    ] {
        let said = desk.hopp(&arguments);
        assert_eq!((said.code, said.out.as_str()), (11, ""), "{arguments:?}");
        assert!(
            said.err.contains("nothing listens at unix:///nonexistent"),
            "{}",
            said.err
        );
        assert!(said.err.contains("hint: is Docker running"), "{}", said.err);
    }
    assert!(!desk.path(".hopp/acme/runs").exists(), "no run began");
}

#[test]
fn report_prints_exactly_the_report() {
    let desk = Desk::new();
    desk.ran("2026-11-22T21-24-27Z", Path::new("fixtures/journals/acme.jsonl"));
    for (format, suffix) in [("markdown", "md"), ("json", "json")] {
        let said = desk.hopp(&["report", "acme.yaml", "--format", format]);
        let expected = fs::read_to_string(format!("fixtures/journals/acme.{suffix}")).unwrap();
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert!(said.out == expected, "{}", said.out);
    }
}

#[test]
fn status_without_a_terminal_is_one_line_per_step_and_has_no_colours() {
    let desk = Desk::new();
    for (name, journal) in [
        ("status-failed-verification.txt", "acme"),
        ("status-stopped.txt", "stopped"),
    ] {
        let run = format!("run-of-{journal}");
        desk.ran(
            &run,
            &Path::new("fixtures/journals").join(journal).with_extension("jsonl"),
        );
        let said = desk.hopp(&["status", "acme.yaml", "--run", &run]);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert!(!said.out.contains('\u{1b}'), "{:?}", said.out);
        said.assert_out(name);
    }
}

#[test]
fn a_run_that_is_not_there_is_named_beside_those_that_are() {
    let desk = Desk::new();
    desk.ran("2026-11-22T21-24-27Z", Path::new("fixtures/journals/acme.jsonl"));
    let said = desk.hopp(&["report", "acme.yaml", "--run", "yesterday"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: there is no run `yesterday`\nhint: there are 2026-11-22T21-24-27Z\n"
    );
}

#[test]
fn logs_prints_what_the_step_printed_byte_for_byte() {
    let desk = Desk::new();
    let run = "2026-11-22T21-24-27Z";
    desk.ran(run, Path::new("fixtures/journals/acme.jsonl"));
    let logs = desk.path(".hopp/acme/runs").join(run).join("logs");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join("19.0-upgrade.log"), "åäö\nlast line without an end").unwrap();
    let said = desk.hopp(&["logs", "acme.yaml", "19.0/upgrade"]);
    assert_eq!((said.code, said.out.as_str()), (0, "åäö\nlast line without an end"));
    let said = desk.hopp(&["logs", "acme.yaml", "20.0/upgrade"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("there is no log of a step `20.0/upgrade`"),
        "{}",
        said.err
    );
    assert!(said.err.contains("19.0/upgrade"), "{}", said.err);
}

#[test]
fn logs_lets_through_what_a_person_asks_for_and_says_which_log_it_is() {
    const LOG: &str = "\
2026-11-22 18:32:39,000 8 INFO acme odoo.modules.loading: Loading module sale (2/3) \n\
2026-11-22 18:32:39,100 8 WARNING acme OpenUpgrade: Module Unknown: Not dropping the column of field a of model b \n\
2026-11-22 18:32:39,200 8 WARNING acme odoo.fields: field x_a has 3 odd values \n\
2026-11-22 18:32:39,300 8 WARNING acme odoo.fields: field x_b has 12 odd values \n\
2026-11-22 18:32:40,000 8 INFO acme odoo.modules.loading: Loading module stock (3/3) \n\
2026-11-22 18:32:40,100 8 ERROR acme odoo.sql_db: bad query\n\
Traceback (most recent call last):\n  File x\nKeyError: 1\n\
2026-11-22 18:32:41,000 8 INFO acme odoo.service.server: Initiating shutdown\n";
    let desk = Desk::new();
    let run = "2026-11-22T21-24-27Z";
    desk.ran(run, Path::new("fixtures/journals/acme.jsonl"));
    let logs = desk.path(".hopp/acme/runs").join(run).join("logs");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join("verify.log"), "another log").unwrap();
    fs::write(logs.join("19.0-upgrade.log"), LOG).unwrap();

    let said = desk.hopp(&["logs", "acme.yaml"]);
    assert_eq!((said.code, said.out.as_str()), (0, LOG));
    assert!(said.err.starts_with("19.0/upgrade: the longest hop\n"), "{}", said.err);

    let said = desk.hopp(&["logs", "acme.yaml", "19.0/upgrade", "--level", "warning"]);
    assert_eq!(
        said.out,
        "18:32:39 WARNING odoo.fields: field x_a has 3 odd values (module sale)\n\
         18:32:39 WARNING odoo.fields: field x_b has 12 odd values (module sale)\n\
         18:32:40 ERROR odoo.sql_db: bad query (module stock)\n\
         Traceback (most recent call last):\n  File x\nKeyError: 1\n"
    );
    assert_eq!(
        said.err,
        "1 warning is normal for an upgrade and not shown (`--noise` shows such)\n"
    );

    let said = desk.hopp(&["logs", "acme.yaml", "19.0/upgrade", "--module", "stock"]);
    let headlines: Vec<&str> = said.out.lines().filter(|line| line.starts_with("18:")).collect();
    assert_eq!(headlines.len(), 3, "{}", said.out);

    let said = desk.hopp(&["logs", "acme.yaml", "19.0/upgrade", "--grouped"]);
    assert_eq!(
        said.out,
        "     1× ERROR odoo.sql_db: bad query\n        KeyError: 1\n        module stock\n        first in line 6\n\
         \u{20}    2× WARNING odoo.fields: field x_a has 3 odd values\n        2× module sale\n        first in line 3\n\
         normal for an upgrade: 1 warning\n     1× column-kept: OpenUpgrade keeps the columns of fields that are gone; \
         their data is not lost, and nothing reads them\n"
    );
}

#[test]
fn a_customer_that_another_run_works_on_is_code_30_and_names_it() {
    let desk = Desk::new();
    let lock = desk.path(".hopp/acme/lock");
    let _lock = hopp::journal::RunLock::take(&lock, "process 7 on odin").unwrap();
    // The lock is asked for before anything of Docker's, once a connection could be made at all.
    let listener = std::os::unix::net::UnixListener::bind(desk.path("docker.sock")).unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_hopp"))
        .args(["run", "acme.yaml"])
        .current_dir(desk.folder.path())
        .env("DOCKER_HOST", format!("unix://{}", desk.path("docker.sock").display()))
        .output()
        .unwrap();
    drop(listener);
    let said = Said::of(&said);
    assert_eq!(said.code, 30, "{}", said.err);
    assert!(
        said.err
            .contains("another hopp works on this customer (process 7 on odin)"),
        "{}",
        said.err
    );
}

#[test]
fn a_journal_of_a_newer_hopp_is_refused_and_other_runs_can_still_be_looked_at() {
    let desk = Desk::new();
    let old = "2026-11-22T20-00-00Z";
    desk.ran(old, Path::new("fixtures/journals/acme.jsonl"));
    let newer = desk.path("newer.jsonl");
    let first = "{\"event\":{\"run-started\":{\"hopp\":\"2.1.0\",\"more\":[]}}}";
    fs::write(&newer, format!("{{\"hopp-journal\":2}}\n{first}\n")).unwrap();
    desk.ran("2027-01-01T00-00-00Z", &newer);
    for command in ["status", "report"] {
        let said = desk.hopp(&[command, "acme.yaml"]);
        assert_eq!(said.code, 11, "{}", said.err);
        assert!(said.err.contains("2027-01-01T00-00-00Z"), "{}", said.err);
        assert!(
            said.err.contains("hopp 2.1.0 (format 2, this one reads up to 1)"),
            "{}",
            said.err
        );
        assert!(said.err.contains("`--run ID` looks at another run"), "{}", said.err);
        assert_eq!(desk.hopp(&[command, "acme.yaml", "--run", old]).code, 0);
    }
}
