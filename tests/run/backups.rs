//! Every form a backup comes in.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Customer, Postgres, sample, step};

/// The script before the hop that a run goes up to.
const BEFORE: &str = "19.0/before/1-sql";

#[test]
fn every_form_of_a_backup_gives_the_same_baseline() {
    let test = "every_form_of_a_backup_gives_the_same_baseline";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let customer = Customer::bryggan("kill-forms", &bryggan);
    let forms = make_forms(&customer.path(""), &bryggan.join("bryggan-18.0.zip"));
    let expected = measured(&customer);
    assert!(expected.0["version of base"].as_str().unwrap().starts_with("18.0."));
    assert!(number(&expected.0["partners"]) > 150, "{}", expected.0);
    assert!(expected.1 > 10, "the zip's filestore has {} files", expected.1);
    for source in forms {
        customer.plan_of(source, "");
        assert_eq!(measured(&customer), expected, "{source}");
        let all = ["restore", "neutralize", "measure"];
        let steps = customer.steps("step-started");
        assert!(
            all.iter().all(|step| steps.contains(&(*step).to_owned())),
            "{source}: {steps:?}"
        );
    }
    let results: Vec<Value> = fs_err::read_dir(customer.state().join("results"))
        .unwrap()
        .map(|entry| serde_json::from_slice(&fs_err::read(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    assert_eq!(results.len(), 1 + forms.len());
    assert!(
        results.iter().all(|result| *result == results[0]),
        "every figure is the same"
    );
    a_checkpoint_behind_hopps_back(&customer);
}

#[test]
fn a_custom_dump_without_a_filestore_is_restored_and_measured() {
    let test = "a_custom_dump_without_a_filestore_is_restored_and_measured";
    let Some(acme) = sample(test, "acme") else { return };
    let customer = Customer::new("kill-custom", &acme.join("acme-18.0.dump"), &[]);
    let dump = acme.join("acme-18.0.dump");
    // Without `pg_restore` on this machine the series has to be said.
    customer.plan_of(&format!("{{ backup: {}, series: \"18.0\" }}", dump.display()), "");
    let (baseline, files) = measured(&customer);
    assert_eq!(files, 0);
    assert!(number(&baseline["accounts with posted items"]) > 5, "{baseline}");
    assert_eq!(baseline["sum of debit"], baseline["sum of credit"]);
}

fn number(text: &Value) -> u64 {
    text.as_str().unwrap().parse().unwrap()
}

/// Runs a plan until the baseline is measured; returns the baseline and how many files the filestore has.
fn measured(customer: &Customer) -> (Value, u64) {
    customer.run(&["--until", "measure"], 0);
    let report = customer.report();
    assert_eq!(report["verdict"], "partial");
    let files = step(&report, "restore")["result"]["filestore_files"].as_u64();
    (report["baseline_before"].clone(), files.unwrap())
}

/// Makes the other forms of an Odoo zip beside the plan, and returns the `source` of a plan for each.
fn make_forms(folder: &Path, zip: &Path) -> [&'static str; 4] {
    let mut zip = zip::ZipArchive::new(File::open(zip).unwrap()).unwrap();
    let filestore = tempfile::tempdir().unwrap();
    zip.extract(filestore.path()).unwrap();
    let dump = filestore.path().join("dump.sql");
    let mut sql = Vec::new();
    File::open(&dump).unwrap().read_to_end(&mut sql).unwrap();
    fs_err::write(folder.join("plain.sql"), &sql).unwrap();
    let packed = File::create(folder.join("packed.sql.gz")).unwrap();
    let mut gz = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, &sql).unwrap();
    gz.finish().unwrap();
    let packed = zstd::encode_all(sql.as_slice(), 1).unwrap();
    fs_err::write(folder.join("packed.sql.zst"), packed).unwrap();
    let mut tar = tar::Builder::new(File::create(folder.join("files.tar")).unwrap());
    tar.append_dir_all("filestore", filestore.path().join("filestore"))
        .unwrap();
    tar.finish().unwrap();
    fs_err::rename(filestore.path().join("filestore"), folder.join("files")).unwrap();

    let postgres = Postgres::start(None);
    postgres.copy(true, &dump, "/tmp/dump.sql");
    postgres
        .shell("createdb -U odoo -T template0 bryggan; psql -X -q -1 -U odoo -d bryggan -f /tmp/dump.sql -o /dev/null");
    postgres.shell("pg_dump -U odoo -Fd -d bryggan -f /tmp/folder");
    postgres.copy(false, &folder.join("folder.dump"), "/tmp/folder");
    [
        "{ backup: plain.sql, filestore: files }",
        "{ backup: packed.sql.gz, filestore: files.tar }",
        "{ backup: packed.sql.zst, filestore: files }",
        "{ backup: folder.dump, filestore: files.tar, series: \"18.0\" }",
    ]
}

/// Drops a checkpoint that hopp counts on: it goes on without.
fn a_checkpoint_behind_hopps_back(customer: &Customer) {
    let source = "{ backup: plain.sql, filestore: files }";
    customer.write("before.sql", "SELECT 1;");
    customer.plan_of(source, "hops: { \"19.0\": { before: [{ sql: before.sql }] } }");
    customer.run(&["--until", BEFORE], 0);
    let steps = customer.steps("step-started");
    assert!(
        !steps.contains(&"restore".to_owned()) && steps.contains(&BEFORE.to_owned()),
        "{steps:?}"
    );

    let things = customer.things();
    let volume = things.volumes.iter().find(|name| name.ends_with("-pg")).unwrap();
    let postgres = Postgres::start(Some(volume));
    let drop = "psql -X -A -t -U odoo -d postgres -c \"SELECT datname FROM pg_database WHERE datname LIKE 'cp\\_%'\" \
                | while read name; do dropdb -U odoo \"$name\"; echo \"$name\"; done";
    assert_eq!(
        postgres.shell(drop).lines().count(),
        4 + 1,
        "one checkpoint per form of the backup"
    );
    std::mem::drop(postgres);
    customer.write("before.sql", "SELECT 2;");
    let ended = customer.run(&["--until", BEFORE], 0);
    assert!(ended.err.contains("a checkpoint was gone"), "{}", ended.err);
    let steps = customer.steps("step-started");
    assert!(
        steps.contains(&"restore".to_owned()) && steps.contains(&BEFORE.to_owned()),
        "{steps:?}"
    );
}
