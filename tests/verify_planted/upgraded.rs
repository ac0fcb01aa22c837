//! Faults planted into a customer after its hop: into the checkpoint that the run kept, and its filestore.

use fs_err as fs;
use hopp::event::{Finding, Severity};
use serde_json::Value;

use super::fault::{self, Fault};
use super::{judged, kept, table};
use crate::harness::{Customer, Postgres, docker, sample};

/// How the table begins in the documentation.
const HEAD: &str = "# What the proof finds after a hop

`make bench-proof` upgrades a sample customer from 18.0 to 19.0, plants faults into the upgraded database and filestore
behind Odoo's back, and runs `hopp verify`. A fault counts as found when a finding of the right area and severity names
the record; false alarms are findings above `info` of the run before anything was planted. The faults are in
`fixtures/faults/upgraded.sql`; a test keeps this page true. [The other page](proof.md) has those of an 18.0 customer.

";

#[test]
#[expect(clippy::print_stdout, reason = "`make bench-proof` shows the table")]
fn every_fault_planted_after_a_hop_is_found_and_the_hop_itself_has_none() {
    let test = "every_fault_planted_after_a_hop_is_found_and_the_hop_itself_has_none";
    let Some(bryggan) = sample(test, "bryggan") else {
        return;
    };
    let customer = Customer::bryggan("proof-upgraded", &bryggan);
    customer.run(&[], 0);
    let mut alarms = findings(&customer.report());
    alarms.retain(|finding| finding.severity != Severity::Info);

    let mut faults = fault::read(&fault::text("upgraded"));
    let checkpoint = last_checkpoint(&customer);
    let sql: Vec<&str> = faults.iter().map(|fault| fault.sql.as_str()).collect();
    customer.write("faults.sql", &fault::quietly(&sql.join("\n")));
    let volume = |end: &str| {
        let things = customer.things();
        things.volumes.into_iter().find(|name| name.ends_with(end)).unwrap()
    };
    {
        let postgres = Postgres::start(Some(&volume("-pg")));
        postgres.copy(true, &customer.path("faults.sql"), "/tmp/faults.sql");
        let psql = format!("psql -U odoo -X -q -v ON_ERROR_STOP=1 -d {checkpoint}");
        let kept = "SELECT min(store_fname) FROM ir_attachment WHERE name ~ '^ansökan-([0-2]|5).txt' GROUP BY name ORDER BY name";
        let paths = postgres.shell(&format!("{psql} -At -c \"{kept}\""));
        postgres.shell(&format!("{psql} -f /tmp/faults.sql >/dev/null"));
        faults.extend(damage(&volume("-data"), &checkpoint, &paths));
        postgres.shell(&format!("{psql} -c CHECKPOINT"));
    }
    let ended = customer.hopp(&["verify", "plan.yaml", "--format", "json"]);
    assert_eq!(ended.code, 21, "{}\n{}", ended.out, ended.err);
    let found = findings(&serde_json::from_str(&ended.out).unwrap());
    let planted: Vec<_> = faults.into_iter().map(|fault| judged(fault, &found)).collect();

    let table = table(&planted, &alarms);
    println!("{table}");
    assert_eq!(alarms, []);
    let missed: Vec<&str> = planted.iter().filter_map(|judged| judged.missed.as_deref()).collect();
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    kept("docs/proof-upgraded.md", &format!("{HEAD}{table}"));
}

fn findings(told: &Value) -> Vec<Finding> {
    serde_json::from_value(told["findings"].clone()).unwrap()
}

/// Returns the database and filestore that the run ended with.
fn last_checkpoint(customer: &Customer) -> String {
    let text = fs::read_to_string(customer.state().join("checkpoints.json")).unwrap();
    let checkpoints: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    let (fingerprint, _) = checkpoints
        .iter()
        .find(|(_, kept)| kept["step"] == "19.0/check")
        .unwrap();
    format!("cp_{}", &fingerprint[..12])
}

/// Damages four documents in a filestore, each in another way.
fn damage(volume: &str, checkpoint: &str, paths: &str) -> Vec<Fault> {
    let ways = [
        ("a file is missing", "files-missing", "rm FILE"),
        ("a file lacks its last byte", "files-damaged", "truncate -s -1 FILE"),
        ("a file is empty", "files-damaged", "truncate -s 0 FILE"),
        (
            "a file holds something else of the same size",
            "files-altered",
            "n=$(stat -c %s FILE); head -c $n /dev/zero > FILE",
        ),
    ];
    let mount = format!("{volume}:/data");
    let faults = ways.into_iter().zip(paths.lines()).map(|((what, code, script), path)| {
        let script = script.replace("FILE", &format!("/data/filestore/{checkpoint}/{path}"));
        docker(&[
            "run",
            "--rm",
            "--network",
            "none",
            "-v",
            &mount,
            "--entrypoint",
            "sh",
            "postgres:15",
            "-ec",
            &script,
        ]);
        Fault {
            area: "documents".into(),
            what: what.into(),
            severity: Severity::Error,
            code: code.into(),
            subject: "filestore".into(),
            evidence: path.into(),
            sql: String::new(),
        }
    });
    let faults: Vec<Fault> = faults.collect();
    assert_eq!(faults.len(), ways.len(), "{paths}");
    faults
}
