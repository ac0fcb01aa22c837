//! Views, windows, reports, templates and code, broken in every way in a real Odoo: each is found and told.
//!
//! Needs Docker with the images `odoo:19.0`, `odoo:14.0` and `postgres:15` (`make images`) and fails without.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::Path;

use hopp::world::zip_backup::BackupZip;
use serde_json::Value;

use crate::harness::{Customer, sample};
use crate::lab;

/// What is planted, and how it is told: code, severity, a part of the subject, a part of message or evidence.
type Told = (&'static str, &'static str, &'static str, &'static str);

const IN_BRYGGAN: [Told; 21] = [
    (
        "view-broken",
        "error",
        "(no xmlid)",
        "`drawn: no such page` of res.partner",
    ),
    (
        "action-broken",
        "error",
        "(Lost model)",
        "names the model shelf.gone, which is gone",
    ),
    (
        "window-broken",
        "error",
        "(Odd view)",
        "No default view of type 'shelfview'",
    ),
    ("menu-dead", "error", "(Dead)", "names the action 999999, which is gone"),
    (
        "filter-broken",
        "warning",
        "res.partner.mobile",
        "2 saved filters name the field `mobile` of res.partner, which is gone",
    ),
    (
        "filter-broken",
        "warning",
        "res.partner.mobile",
        "ir.filters 102 (Has mobile)",
    ),
    (
        "filter-broken",
        "info",
        "ir.filters 101 (Never was)",
        "it was so before the upgrade",
    ),
    (
        "record-rule-broken",
        "error",
        "(Only mobiles)",
        "`mobile` of res.partner.category",
    ),
    (
        "server-action-broken",
        "error",
        "res.partner.mobile",
        "line 2: partner.write({'comment': partner.mobile})",
    ),
    (
        "server-action-broken",
        "error",
        "res.partner.mobile",
        "(Old friend), of res.partner, line 1: log(record.parent_id.mobile)",
    ),
    (
        "cron-broken",
        "error",
        "mail.ir_cron_mail_scheduler_action",
        "SyntaxError",
    ),
    ("manual-field-broken", "error", "(res.partner.x_bad)", "SyntaxError"),
    (
        "manual-field-broken",
        "error",
        "(res.partner.x_lost)",
        "line 2: record['x_lost'] = record.mobile",
    ),
    ("mail-template-old", "warning", "(Old words)", "${object.name}"),
    (
        "mail-template-broken",
        "warning",
        "(Lost field)",
        "'res.partner' object has no attribute 'mobile'",
    ),
    (
        "report-broken",
        "warning",
        "(Label)",
        "'res.partner' object has no attribute 'mobile'",
    ),
    (
        "export-broken",
        "warning",
        "(Numbers: parent_id/mobile)",
        "`mobile` of res.partner",
    ),
    (
        "dashboard-broken",
        "warning",
        "dashboard of user0@bryggan-if.example",
        "the action 999998",
    ),
    ("alias-broken", "error", "(shelf-in)", "`mobile` of res.partner"),
    (
        "default-broken",
        "warning",
        "default of res.partner.x_unloaded",
        "`x_unloaded` of res.partner",
    ),
    ("views-off", "warning", "club_member.", "is off now"),
];

const IN_14: [Told; 5] = [
    (
        "view-broken",
        "error",
        "(no xmlid)",
        "`drawn: no such page` of res.partner",
    ),
    (
        "action-broken",
        "error",
        "(Lost model)",
        "names the model shelf.gone, which is gone",
    ),
    ("menu-dead", "error", "(Dead)", "names the action 999999, which is gone"),
    ("filter-broken", "warning", "(By nothing)", "`nothing` of res.partner"),
    (
        "server-action-broken",
        "error",
        "(Lost things)",
        "the method `_no_such_method` of res.partner",
    ),
];

#[test]
fn what_an_upgrade_breaks_in_views_windows_reports_templates_and_code_is_told_and_nothing_else() {
    let test = "what_an_upgrade_breaks_in_views_windows_reports_templates_and_code_is_told_and_nothing_else";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("planted.zip");
    with_sql(&bryggan.join("bryggan-18.0.zip"), &faults("before"), &backup);
    let addons = ["18.0", "19.0"].map(|series| (series, bryggan.join("addons").join(series)));
    let branches = addons.each_ref().map(|(series, path)| (*series, path.as_path()));
    let customer = Customer::new("views", &backup, &branches);
    customer.write("plant.sql", &faults("19"));
    customer.plan("hops: { \"19.0\": { after: [{ sql: plant.sql }] } }");
    let ended = customer.run(&[], 21);
    assert!(ended.out.contains("(Lost model)"), "{}", ended.out);
    told(&customer.report(), &IN_BRYGGAN);
}

#[test]
fn what_is_broken_in_a_database_of_14_is_told_by_odoo_14() {
    lab::needs_images(&["odoo:14.0", "postgres:15"]);
    let plan = "source: { backup: backup.zip }\ntarget: \"14.0\"\nengine: update\nhops: { \"14.0\": { after: [{ sql: plant.sql }] } }\n";
    let customer = lab::Customer::new("views-14", plan);
    customer.write("plant.sql", &faults("14"));
    lab::fresh_backup(&customer.folder.path().join("backup.zip"), "14.0", "base", &[]);
    customer.hopp(&["run", "plan.yaml"]).ended(21);
    let report = customer.hopp(&["report", "plan.yaml", "--format", "json"]).ended(0);
    told(&serde_json::from_str(&report.out).unwrap(), &IN_14);
}

/// Returns what is planted into a database.
fn faults(when: &str) -> String {
    fs_err::read_to_string(format!("fixtures/faults/views_{when}.sql")).unwrap()
}

/// Writes a backup zip anew, with more SQL at the end of its dump.
fn with_sql(zip: &Path, sql: &str, to: &Path) {
    let mut zip = zip::ZipArchive::new(File::open(zip).unwrap()).unwrap();
    let mut manifest = Vec::new();
    zip.by_name("manifest.json")
        .unwrap()
        .read_to_end(&mut manifest)
        .unwrap();
    let mut dump = Vec::new();
    zip.by_name("dump.sql").unwrap().read_to_end(&mut dump).unwrap();
    dump.extend(format!("\n{sql}").bytes());
    let folder = tempfile::tempdir().unwrap();
    zip.extract(folder.path()).unwrap();
    let mut filestore = tar::Builder::new(Vec::new());
    filestore
        .append_dir_all("planted", folder.path().join("filestore"))
        .unwrap();
    let mut backup = BackupZip::start(File::create(to).unwrap(), &manifest).unwrap();
    backup.add_dump(&mut Cursor::new(dump)).unwrap();
    backup
        .add_filestore(&mut Cursor::new(filestore.into_inner().unwrap()))
        .unwrap();
    backup.finish().unwrap();
}

/// Checks that everything planted is told, and that nothing else is told of views.
#[track_caller]
fn told(report: &Value, planted: &[Told]) {
    let findings = report["findings"].as_array().unwrap();
    let found: Vec<&Value> = findings.iter().filter(|finding| finding["area"] == "views").collect();
    let is = |finding: &Value, (code, severity, subject, said): &Told| {
        let text = format!("{}\n{}", finding["message"], finding["evidence"]).replace("\\\"", "\"");
        finding["code"] == *code
            && finding["severity"] == *severity
            && finding["subject"].as_str().unwrap().contains(subject)
            && text.contains(said)
    };
    let untold: Vec<&Told> = planted
        .iter()
        .filter(|one| !found.iter().any(|finding| is(finding, one)))
        .collect();
    // A busy machine may take too long for a look, and that is told.
    let slow = |finding: &Value| finding["subject"] == "what was not looked at";
    let alarms = found
        .iter()
        .filter(|finding| !planted.iter().any(|one| is(finding, one)) && !slow(finding));
    let alarms: Vec<&&Value> = alarms.collect();
    assert!(
        untold.is_empty() && alarms.is_empty(),
        "not told: {untold:#?}\nfalse alarms: {alarms:#?}\namong {found:#?}"
    );
    assert!(found.iter().all(|finding| finding["remedy"] != ""), "{found:#?}");
}
