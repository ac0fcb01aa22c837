//! `hopp bill` and `hopp log-work`, without Docker.

use std::path::{Path, PathBuf};
use std::process::Command;

use fs_err as fs;
use tempfile::TempDir;

use crate::backup::samples::dump;
use crate::lab::Customer;

const PLAN: &str = "fixtures/plans/valid/agreement.yaml";

const LINES: &str = r#"{"schema": 1, "rules": {"series": "18.0", "python": "3.10+"},
 "counted": [
  {"repository": "acme-addons", "module": "acme_loyalty", "lines": 900, "other": 88, "code": 812},
  {"repository": "acme-addons", "module": "acme_sale_note", "lines": 200, "other": 11, "code": 189},
  {"repository": "web", "module": "web_responsive", "lines": 4000, "other": 1000, "code": 3000}],
 "sum": {"lines": 5100, "other": 1099, "code": 4001},
 "errors": [{"repository": "acme-addons", "module": "acme_loyalty", "file": "models/old.py", "error": "Syntax Error"}],
 "excluded": [
  {"repository": "acme-addons", "module": "acme_loyalty", "file": "__manifest__.py", "excluded": "__manifest__.py"},
  {"repository": "acme-addons", "module": "acme_loyalty", "file": "data/demo.xml", "excluded": "demo data"},
  {"repository": "acme-addons", "module": "acme_sale_note", "file": "__manifest__.py", "excluded": "__manifest__.py"}]}"#;

/// A customer's folder: the sample plan without its backup, which a bill does not need.
struct Office {
    folder: TempDir,
}

impl Office {
    fn new() -> Office {
        let office = Office {
            folder: tempfile::tempdir().unwrap(),
        };
        let files = office.path("files/scripts");
        fs::create_dir_all(&files).unwrap();
        fs::create_dir(office.path("plans")).unwrap();
        fs::copy("fixtures/plans/files/scripts/fix.sql", files.join("fix.sql")).unwrap();
        fs::copy(PLAN, office.plan()).unwrap();
        fs::write(office.path("plans/lines.json"), LINES).unwrap();
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn plan(&self) -> PathBuf {
        self.path("plans/acme.yaml")
    }

    fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.plan()).unwrap();
        assert!(text.contains(from), "the plan does not say {from}");
        fs::write(self.plan(), text.replace(from, to)).unwrap();
    }

    /// Runs hopp in the plan's folder; returns the exit code and what it printed on either stream.
    fn hopp(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_hopp"))
            .args(arguments)
            .current_dir(self.path("plans"))
            .env("TZ", "UTC")
            .env("COLUMNS", "100")
            .env_remove("HOPP_LOG")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    fn log(&self, arguments: &[&str]) -> (i32, String) {
        self.hopp(&[&["log-work", "acme.yaml"], arguments].concat())
    }

    fn bill(&self, arguments: &[&str]) -> (i32, String) {
        self.hopp(&[&["bill", "acme.yaml", "--count", "lines.json"], arguments].concat())
    }

    fn json(&self, month: &str) -> serde_json::Value {
        let (code, text) = self.bill(&["--month", month, "--format", "json"]);
        assert_eq!(code, 0, "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// Compares text with a committed file; `HOPP_BLESS=1` rewrites it.
#[track_caller]
fn assert_told(text: &str, name: &str) {
    let path = Path::new("fixtures/cli").join(name);
    if std::env::var_os("HOPP_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is not\n{text}", path.display());
}

/// Logs a month's work: included, billable, corrected and taken back.
fn worked(office: &Office) {
    let entries: [&[&str]; 6] = [
        &[
            "--hours",
            "1.5",
            "--category",
            "bug-fix",
            "--deviates",
            "--reproduced",
            "--text",
            "fel moms på rabatt",
        ],
        &[
            "--hours",
            "0.75",
            "--category",
            "bug-fix",
            "--deviates",
            "--text",
            "etiketten ser konstig ut ibland",
        ],
        &[
            "--hours",
            "8",
            "--category",
            "new-function",
            "--text",
            "bonus, \"guld\" | silver",
        ],
        &["--hours", "2", "--category", "support", "--text", "togs fel"],
        &["--hours", "6.5", "--corrects", "3"],
        &["--hours", "0", "--corrects", "4"],
    ];
    for (number, entry) in entries.iter().enumerate() {
        let date = if number < 4 {
            vec!["--date", "2026-10-14"]
        } else {
            vec![]
        };
        let (code, said) = office.log(&[entry, date.as_slice()].concat());
        assert_eq!(code, 0, "{said}");
    }
}

#[test]
fn a_bill_is_told_in_swedish_and_english_and_for_programs() {
    let office = Office::new();
    worked(&office);
    let of = |format: &str| {
        let (code, text) = office.bill(&["--month", "2026-10", "--format", format]);
        assert_eq!(code, 0, "{text}");
        text
    };
    assert_told(&of("markdown"), "bill-sv.md");
    assert_told(&of("csv"), "bill.csv");
    let bill: serde_json::Value = serde_json::from_str(&of("json")).unwrap();
    // 1001 lines are eleven begun hundreds; 0.75 h and the corrected 6.5 h have ten per cent off.
    let amounts: Vec<&str> = (bill["items"].as_array().unwrap().iter())
        .map(|item| item["amount"].as_str().unwrap())
        .collect();
    assert_eq!(amounts, ["1980.00", "2500.00", "978.75", "8482.50"]);
    assert_eq!(
        (bill["net"].as_str(), bill["vat"].as_str()),
        (Some("13941.25"), Some("3485.31"))
    );
    assert_eq!(bill["total"], "17426.56");
    assert_eq!(bill["upgrade"]["reason"], "within-twelve-months");
    assert_eq!(bill["upgrade"]["from"], "2026-11-10");
    office.edit("language: sv", "language: en");
    assert_told(&of("human"), "bill-en.txt");
}

#[test]
fn the_upgrade_fee_is_of_the_month_in_which_the_first_run_began() {
    let office = Office::new();
    let items = |month: &str| -> Vec<String> {
        let bill = office.json(month);
        let items = bill["items"].as_array().unwrap().iter();
        items.map(|item| item["item"].as_str().unwrap().to_owned()).collect()
    };
    let before = items("2026-11");
    assert_eq!(before, ["lines", "patches"]);
    // The plan's last upgrade, of which no journal tells.
    assert_eq!(items("2025-11"), ["lines", "patches", "upgrade"]);
    let run = office.path("plans/.hopp/acme/runs/2026-11-22T00-00-00Z");
    fs::create_dir_all(&run).unwrap();
    fs::copy("fixtures/journals/acme.jsonl", run.join("journal.jsonl")).unwrap();
    assert_eq!(items("2026-11"), ["lines", "patches", "upgrade"]);
    assert_eq!(items("2026-12"), ["lines", "patches"]);
}

#[test]
fn the_upgrade_fee_is_9900_kronor_when_the_plan_does_not_say_and_has_no_usual_height_in_another_currency() {
    let office = Office::new();
    let bill = office.json("2025-11");
    assert_eq!(bill["items"][2]["amount"], "9900.00");
    office.edit("currency: SEK", "currency: EUR");
    let (code, said) = office.bill(&["--month", "2025-11"]);
    assert_eq!(code, 10, "{said}");
    assert!(said.contains("`agreement.price.upgrade_fee`"), "{said}");
}

#[test]
fn whether_an_upgrade_is_included_is_an_exit_code() {
    let office = Office::new();
    let asked = || office.hopp(&["bill", "acme.yaml", "--upgrade"]);
    office.edit("last_upgrade: 2025-11-10", "last_upgrade: 2025-03-02");
    let (code, said) = asked();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("Den senaste uppgraderingen levererades 2025-03-02."),
        "{said}"
    );
    office.edit("kind: maintenance", "kind: operations");
    let (code, said) = asked();
    assert_eq!(code, 22, "{said}");
    assert!(said.contains("Ingår bara i ett underhållsavtal."), "{said}");
}

#[test]
fn a_bad_line_of_the_log_is_named_and_nothing_is_added_after_it() {
    let office = Office::new();
    let (code, said) = office.log(&[
        "--hours",
        "1",
        "--category",
        "go-live",
        "--text",
        "x",
        "--date",
        "2026-10-14",
    ]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("entry 1: 2026-10-14, 1 h, go-live: to be billed."),
        "{said}"
    );
    let path = office.path("plans/acme.work.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let torn = format!("{whole}{{\"entry\":2,\"wri");
    fs::write(&path, &torn).unwrap();
    let again = ["--hours", "1", "--category", "go-live", "--text", "x"];
    for (code, said) in [office.log(&again), office.bill(&["--month", "2026-10"])] {
        assert_eq!(code, 10, "{said}");
        assert!(
            said.contains("acme.work.jsonl is damaged") && said.contains("line 2: EOF"),
            "{said}"
        );
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), torn);
}

#[test]
fn what_the_log_would_not_take_is_refused_before_it_is_written() {
    let office = Office::new();
    let refused: [(&[&str], &str); 5] = [
        (&["--hours", "1", "--text", "x"], "`--category` is missing"),
        (
            &["--hours", "0", "--category", "support", "--text", "x"],
            "only a correction takes work back",
        ),
        (
            &["--hours", "1", "--category", "support", "--text", " "],
            "say what was done",
        ),
        (
            &[
                "--hours",
                "1",
                "--category",
                "support",
                "--text",
                "x",
                "--corrects",
                "1",
            ],
            "it corrects entry 1, which is not there before it",
        ),
        (
            &[
                "--hours",
                "1",
                "--category",
                "support",
                "--text",
                "x",
                "--date",
                "2999-01-01",
            ],
            "2999-01-01 has not come yet",
        ),
    ];
    for (arguments, expected) in refused {
        let (code, said) = office.log(arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains(expected), "{said}");
    }
    let (code, said) = office.log(&["--hours", "1", "--category", "tea", "--text", "x"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("data-cleaning"), "{said}");
    assert_eq!(fs::read_to_string(office.path("plans/acme.work.jsonl")).unwrap(), "");
}

#[test]
fn a_bill_that_lacks_a_price_or_a_count_says_which() {
    let office = Office::new();
    let (code, said) = office.hopp(&["bill", "acme.yaml", "--month", "2026-10"]);
    assert_eq!(code, 10, "{said}");
    assert!(said.contains("backup") && said.contains("--count FILE"), "{said}");
    office.edit("    per_100_lines_month: 180 ", "    # ");
    let (code, said) = office.bill(&["--month", "2026-10"]);
    assert_eq!(code, 10, "{said}");
    assert!(said.contains("`agreement.price.per_100_lines_month`"), "{said}");
}

#[test]
fn a_run_for_production_is_refused_without_entitlement_unless_somebody_says_why() {
    let customer = Customer::new("production", "source: { backup: a.sql }\ntarget: \"19.0\"\n");
    customer.write("a.sql", &dump("18.0.1.3"));
    let refused = customer.hopp(&["run", "plan.yaml", "--production"]).ended(22);
    assert!(refused.err.contains("does not include this upgrade"), "{}", refused.err);
    assert!(refused.err.contains("--override"), "{}", refused.err);
    assert!(!customer.state("runs").exists(), "nothing was begun");
    for wrong in [
        &["run", "plan.yaml", "--override", "x"][..],
        &["run", "plan.yaml", "--production", "--override", " "],
        &["run", "plan.yaml", "--production", "--dry-run"],
    ] {
        customer.hopp(wrong).ended(2);
    }
    let reason = ["--override", "betald för sig", "--until", "preflight"];
    customer
        .hopp(&[&["run", "plan.yaml", "--production"][..], &reason].concat())
        .ended(0);
    let report = customer.hopp(&["report", "plan.yaml", "--format", "json"]).ended(0);
    let report: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(report["production"]["included"], false);
    assert_eq!(report["production"]["overridden"], "betald för sig");
    let page = customer.hopp(&["report", "plan.yaml"]).ended(0);
    assert!(page.out.contains("betald för sig"), "{}", page.out);
}
