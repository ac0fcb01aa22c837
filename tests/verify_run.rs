//! What a run proves, on a real hop of bryggan with planted damage: questions of the plan, acceptances, the same findings
//! as of two backups alone, and that nobody's database is written to, whatever becomes of the check.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Customer, Postgres, sample, step};

/// Damage that an upgrade might do: a name lost, rights gained. A command does it: what a step of SQL does is the plan's own
/// doing, and told as that.
const DAMAGE: &str = "UPDATE res_partner SET name = 'Nobody' WHERE id = 157;
INSERT INTO res_groups_users_rel (gid, uid)
  SELECT d.res_id, u.id FROM ir_model_data d, res_users u
  WHERE d.module = 'base' AND d.name = 'group_system' AND u.id = (SELECT max(id) FROM res_users WHERE NOT share AND active)
  ON CONFLICT DO NOTHING;
";

/// What the plan wants: a city, and a filter less.
const OWN: &str = "UPDATE res_partner SET city = 'Own doing' WHERE id = 158;
DELETE FROM ir_filters WHERE id = (SELECT max(id) FROM ir_filters);
";

/// Asks in Python and, against the rules, writes what it can.
const WRITES: &str = "env['res.partner'].browse(159).write({'name': 'written by a check'})
env.cr.commit()
findings.append('partner 159 is looked at')
";

#[test]
fn what_a_run_proves_is_told_and_nothing_is_written_to_prove_it() {
    let test = "what_a_run_proves_is_told_and_nothing_is_written_to_prove_it";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let customer = Customer::bryggan("verify-run", &bryggan);
    customer.write("own.sql", OWN);
    // A check that breaks says where.
    customer.write(
        "ask.py",
        "partners = env['res.partner']\nraise ValueError('no such thing')\n",
    );
    customer.plan(&plan(""));
    let broken = customer.run(&[], 20);
    let told = "the check ask.py broke at line 2: ValueError: no such thing";
    assert!(broken.err.contains(told), "{}", broken.err);
    customer.write("ask.py", WRITES);
    customer.plan(&plan(
        "accept:\n\
         - { id: check-failed, why: known, until: \"2099-12-31\" }\n\
         - { id: \"record-changed/res.partner: name\", why: was known, until: \"2020-01-01\" }\n\
         - { id: check-faild, why: a slip, until: \"2099-12-31\" }\n",
    ));
    customer.run(&[], 21);
    let report = customer.report();
    accepted_and_not(&customer, &report);
    steps_answer_for_what_they_did(&report);
    odoo_s_log_is_told(&customer, &report);
    two_backups_tell_the_same(&customer, &report);
    nothing_is_written(&customer);
}

fn plan(more: &str) -> String {
    format!(
        "hops: {{ \"19.0\": {{ after: [{{ command: [psql, \"${{database}}\", -c, \"{}\"] }}, {{ sql: own.sql }}, {{ check: ask.py }}] }} }}\nchecks: [{{ check: ask.py }}]\n{more}",
        DAMAGE.replace('\n', " ")
    )
}

fn found<'a>(report: &'a Value, code: &str) -> Vec<&'a Value> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["code"] == code).collect()
}

fn accepted_and_not(customer: &Customer, report: &Value) {
    let asked = found(report, "check-failed");
    assert!(
        asked.iter().any(|finding| finding["severity"] == "accepted"),
        "{asked:#?}"
    );
    let names: Vec<_> = found(report, "record-changed")
        .into_iter()
        .filter(|finding| finding["subject"] == "res.partner: name")
        .collect();
    let [name] = names.as_slice() else {
        panic!("one finding is about names: {names:#?}")
    };
    let (evidence, remedy) = (name["evidence"].to_string(), name["remedy"].as_str().unwrap());
    assert_ne!(name["severity"], "accepted");
    assert!(remedy.contains("was accepted until 2020-01-01"), "{remedy}");
    assert!(evidence.contains("Nobody"), "{evidence}");
    assert!(!evidence.contains("written by a check"), "{evidence}");
    let [slip] = found(report, "accepts-nothing")[..] else {
        panic!("{:#}", report["findings"])
    };
    assert_eq!(slip["remedy"], "did you mean `check-failed`?");
    let page = customer.hopp(&["report", "plan.yaml", "--format", "html"]).out;
    assert!(
        page.contains("Accepted by the plan (1)"),
        "the page has a place for them"
    );
}

/// What the plan's own SQL did is told once, as that, and is no warning; what a command did is told like any damage.
fn steps_answer_for_what_they_did(report: &Value) {
    let [did] = found(report, "changed-by-step")[..] else {
        panic!("{:#}", report["findings"])
    };
    assert_eq!(did["severity"], "info");
    assert_eq!(did["subject"], "19.0/after/2-sql");
    let evidence = did["evidence"].to_string();
    assert!(
        evidence.contains("city is `Own doing`") && evidence.contains("removed"),
        "{evidence}"
    );
    let all = report["findings"].to_string();
    assert_eq!(all.matches("Own doing").count(), 1, "{all}");
    assert!(found(report, "record-lost").is_empty(), "{all}");
}

fn odoo_s_log_is_told(customer: &Customer, report: &Value) {
    let log = &step(report, "19.0/upgrade")["result"]["log"];
    let all = log["warnings"].as_u64().unwrap();
    let told = customer.hopp(&["report", "plan.yaml", "--format", "markdown"]).out;
    let section = told.split_once("## What Odoo's log says").unwrap().1;
    assert!(section.contains(&format!("{all} warnings")), "{section}");
    for group in log["groups"].as_array().unwrap() {
        let row = format!("| {} |", group["times"]);
        assert!(section.contains(&row), "{row} is not in\n{section}");
    }
}

/// Holds the findings about the two databases alone against those of the run that made the second.
fn two_backups_tell_the_same(customer: &Customer, report: &Value) {
    let of = |findings: &Value| -> Vec<String> {
        let about = findings.as_array().unwrap().iter().filter(|finding| {
            // What only a plan asks, and what a run knows besides.
            !["checks", "views", "running"].contains(&finding["area"].as_str().unwrap())
                && finding["code"] != "backup-files-missing"
                // The plan's own doing, which two backups alone do not know.
                && !["res.partner: city", "ir.filters"].contains(&finding["subject"].as_str().unwrap())
        });
        let mut told: Vec<String> = about
            .map(|finding| {
                let remedy = finding["remedy"].as_str().unwrap();
                let expired = remedy.find(" (it was accepted").unwrap_or(remedy.len());
                format!(
                    "{} {} {} {} {} {}",
                    finding["severity"],
                    finding["code"],
                    finding["subject"],
                    finding["message"],
                    finding["evidence"],
                    &remedy[..expired]
                )
            })
            .collect();
        told.sort();
        told
    };
    let delivered = customer.path("delivered").join("verify-run-19.0/verify-run-19.0.zip");
    let (before, after) = (customer.backup().to_str().unwrap(), delivered.to_str().unwrap());
    let ended = customer.hopp(&["verify", "--before", before, "--after", after, "--format", "json"]);
    assert_eq!(ended.code, 21, "{}", ended.err);
    let alone: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(of(&alone["findings"]), of(&report["findings"]));
}

/// Kills and stops the check in its middle, and lets it come to its end: not a byte of any database or file differs.
fn nothing_is_written(customer: &Customer) {
    let before = everything(customer);
    // The last number of this process: another moment in each run, and it is said which.
    let moment = |n: u32| Duration::from_millis(u64::from((std::process::id() * 37 + n * 1597) % 4000));
    for (at, later, signal) in [
        ("every record", Duration::ZERO, "KILL"),
        ("views", moment(1), "KILL"),
        ("views", moment(2), "KILL"),
        ("ask.py", moment(3), "KILL"),
        ("views", Duration::ZERO, "INT"),
    ] {
        let mut command = customer.command(&["verify", "plan.yaml"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for(&mut child, at);
        std::thread::sleep(later);
        let killed = std::process::Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        let code = child.wait().unwrap().code();
        assert_eq!(
            code,
            (signal == "INT").then_some(130),
            "stopped at {at}, {later:?} later"
        );
    }
    let ended = customer.hopp(&["verify", "plan.yaml"]);
    assert_eq!(ended.code, 21, "{}", ended.err);
    assert!(customer.things().containers.is_empty(), "{:?}", customer.things());
    let after = everything(customer);
    let left: Vec<_> = after.iter().filter(|line| line.contains("_verify")).collect();
    assert!(left.is_empty(), "copies are gone: {left:?}");
    // What a run worked on last is no checkpoint, and goes with the next that starts PostgreSQL.
    let kept = |all: &[String]| -> Vec<String> { all.iter().filter(|line| line.contains("cp_")).cloned().collect() };
    assert!(kept(&before).len() > 100, "{before:?}");
    assert_eq!(kept(&after), kept(&before));
}

/// Waits until the command says that it does this.
fn wait_for(child: &mut Child, doing: &str) {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut told = Vec::new();
    loop {
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("{doing} is not in {told:#?}"))
            .unwrap();
        let is_there = line.contains(doing);
        told.push(line);
        if is_there {
            break;
        }
    }
    // Whoever writes on must have a reader.
    std::thread::spawn(move || lines.for_each(drop));
}

/// Returns a hash of every database and filestore of the customer.
fn everything(customer: &Customer) -> Vec<String> {
    let things = customer.things();
    let volume = |end: &str| things.volumes.iter().find(|name| name.ends_with(end)).unwrap();
    let postgres = Postgres::start(Some(volume("-pg")));
    let script = "for name in $(psql -U odoo -d postgres -Atc \"SELECT datname FROM pg_database WHERE NOT datistemplate\" | sort); do \
                  echo $name $(pg_dump -U odoo $name | grep -vE '^.(un)?restrict ' | sha1sum); done";
    let mut all: Vec<String> = postgres.shell(script).lines().map(str::to_owned).collect();
    drop(postgres);
    assert!(all.len() >= 3, "{all:?}");
    let mount = format!("{}:/data:ro", volume("-data"));
    let files = "cd /data && find . -type f -print0 | sort -z | xargs -0 sha1sum";
    let files = crate::harness::docker(&["run", "--rm", "--volume", &mount, "postgres:15", "sh", "-ec", files]);
    all.extend(files.lines().map(str::to_owned));
    all
}
