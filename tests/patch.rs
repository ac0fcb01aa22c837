//! Hops from a series to itself: `engine: update` on real Odoo, with code whose git branch moved on.

use serde_json::Value;

use crate::git::origin::Origin;
use crate::lab::{Customer, Dump, Printed, borrowed, empty, fresh_backup, needs_images, noted, shelf};

/// The modules of production: `shelf` 1.0.0, `lamp` that depends on it, `desk` and `attic`.
fn production(series: &str) -> Vec<(String, String)> {
    [
        shelf(series, "1.0.0"),
        noted(series, "lamp", "shelf", "first"),
        noted(series, "desk", "base", "first"),
        empty(series, "attic"),
    ]
    .concat()
}

/// Makes a customer whose database was made with the code of the branch `production`, where the series' branch is too.
fn customer(series: &str, hop: &str, scripts: &[(&str, &str)]) -> (Customer, Origin) {
    needs_images(&[&format!("odoo:{series}"), "postgres:15"]);
    let origin = Origin::new();
    let files = production(series);
    let commit = origin.commit("refs/heads/production", &borrowed(&files), "shelf 1.0.0");
    origin.branch(&format!("refs/heads/{series}"), &commit);
    let customer = Customer::new(
        &format!("patch-{}", series.trim_end_matches(".0")),
        &format!(
            "source: {{ backup: backup.zip }}\ntarget: \"{series}\"\nengine: update\n\
             repositories: [{{ name: own, url: \"{}\", deployed: production }}]\nhops:\n  \"{series}\":\n{hop}",
            origin.url()
        ),
    );
    for (name, text) in scripts {
        customer.write(name, text);
    }
    let zip = customer.folder.path().join("backup.zip");
    fresh_backup(&zip, series, "base,lamp,desk,attic", &borrowed(&files));
    assert_eq!(state(&Dump::of(&zip), "shelf"), format!("installed {series}.1.0.0"));
    customer.hopp(&["plan", "plan.yaml"]).ended(0);
    (customer, origin)
}

/// Commits files to the series' branch, and moves the pin there.
fn moves_on(customer: &Customer, origin: &Origin, series: &str, files: &[(String, String)]) {
    origin.commit(&format!("refs/heads/{series}"), &borrowed(files), "moves on");
    let moved = customer.hopp(&["update", "plan.yaml", "--repo", "own"]).ended(0);
    let lines: Vec<&str> = moved.out.lines().collect();
    assert!(
        matches!(lines[..], [line] if line.starts_with(&format!("own {series}: "))),
        "{}",
        moved.out
    );
}

/// Returns state and version of a module.
fn state(dump: &Dump, module: &str) -> String {
    let rows = dump.rows("ir_module_module");
    let row = rows.iter().find(|row| row["name"] == module).unwrap();
    format!("{} {}", row["state"], row["latest_version"])
}

/// Returns the modules that the last run's upgrade named to Odoo.
fn updated(customer: &Customer, series: &str) -> Value {
    of_step(customer, &format!("{series}/upgrade"))["updated"].clone()
}

/// Returns what the last run found that somebody has to look at: code, subject.
fn alarms(customer: &Customer) -> Vec<String> {
    let report = customer.hopp(&["report", "plan.yaml", "--format", "json"]).ended(0);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(report["verdict"], "verified", "{report:#}");
    let findings = report["findings"].as_array().unwrap().iter();
    let weighs = findings.filter(|finding| finding["severity"] != "info");
    let told = |finding: &Value, what: &str| finding[what].as_str().unwrap().to_owned();
    weighs
        .map(|finding| format!("{} {}", told(finding, "code"), told(finding, "subject")))
        .collect()
}

/// Returns what a step of the last run found out.
fn of_step(customer: &Customer, id: &str) -> Value {
    let report = customer.hopp(&["report", "plan.yaml", "--format", "json"]).ended(0);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    crate::harness::step(&report, id)["result"].clone()
}

#[test]
fn month_by_month_a_patch_of_14_does_what_changed_and_a_failing_one_leaves_everything_as_it_was() {
    let (customer, origin) = customer("14.0", "    before: [{ uninstall: [attic] }]\n", &[]);
    customer.hopp(&["run", "plan.yaml"]).ended(0);
    assert!(
        alarms(&customer).is_empty(),
        "14.0 to itself changes nothing: {:?}",
        alarms(&customer)
    );
    assert_eq!(
        updated(&customer, "14.0"),
        serde_json::json!([]),
        "production has this code"
    );
    let opened = &of_step(&customer, "verify")["running"]["visitors"][0];
    assert!(
        opened["read"].as_u64().unwrap() > 0 && opened["session"].is_null(),
        "{opened:#}"
    );
    assert_eq!(state(&customer.delivered(), "attic"), "uninstalled \\N");
    let printed = Printed::read(&customer.hopp(&["up", "plan.yaml"]).ended(0));

    // Nothing of this reaches the database: a module that is not installed, a text, a test.
    let mut idle = noted("14.0", "barn", "base", "new");
    idle.push(("shelf/README.rst".into(), "Books\n=====\n".into()));
    idle.push(("lamp/tests/__init__.py".into(), "# none yet\n".into()));
    moves_on(&customer, &origin, "14.0", &idle);
    let plan = customer.hopp(&["plan", "plan.yaml"]).ended(0);
    assert!(plan.out.ends_with("nothing is left to do\n"), "{}", plan.out);

    let mut broken = shelf("14.0", "1.1.0");
    let script = broken.iter_mut().find(|(path, _)| path.contains("migrations")).unwrap();
    script.1 = "def migrate(cr, version):\n    cr.execute('UPDATE shelf_book SET nothing = 1')\n".into();
    moves_on(&customer, &origin, "14.0", &broken);
    let failed = customer.hopp(&["run", "plan.yaml"]).ended(20);
    for named in ["post-signature.py", "nothing"] {
        assert!(
            failed.out.contains(named) || failed.err.contains(named),
            "{}\n{}",
            failed.out,
            failed.err
        );
    }
    assert_eq!(
        state(&customer.delivered(), "shelf"),
        "installed 14.0.1.0.0",
        "delivered is what was"
    );
    assert_eq!(Printed::read(&customer.hopp(&["up", "plan.yaml"]).ended(0)), printed);
    printed.through_the_form();
    printed.by_json(&customer.name.replace('-', "_"));

    moves_on(&customer, &origin, "14.0", &shelf("14.0", "1.1.0"));
    let plan = customer.hopp(&["plan", "plan.yaml", "--format", "json"]).ended(0);
    let plan: Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!(plan["resume_from"], "neutralize");
    customer.hopp(&["run", "plan.yaml"]).ended(0);
    assert_eq!(updated(&customer, "14.0"), serde_json::json!(["shelf"]));
    let dump = customer.delivered();
    assert_eq!(state(&dump, "shelf"), "installed 14.0.1.1.0");
    let signature = dump.value("shelf_book", ("name", "Röda rummet"), "signature");
    assert_eq!(signature.as_deref(), Some("was 14.0.1.0.0"));
    let known = dump.rows("ir_module_module");
    assert!(
        known
            .iter()
            .all(|row| row["name"] != "barn" || row["state"] == "uninstalled")
    );

    let rest: Vec<_> = production("14.0")
        .into_iter()
        .filter(|(path, _)| !path.starts_with("desk"))
        .collect();
    let without = origin.commit("refs/heads/without-desk", &borrowed(&rest), "no desk");
    origin.branch("refs/heads/14.0", &without);
    customer.hopp(&["update", "plan.yaml", "--repo", "own"]).ended(0);
    let refused = customer.hopp(&["run", "plan.yaml"]).ended(20);
    assert!(refused.out.contains("no code for desk"), "{}", refused.out);
}

#[test]
fn a_patch_of_19_runs_every_kind_of_step_around_the_update() {
    let steps = "    before:\n      - python: before.py\n    after:\n      - install: [cellar]\n      - update: [cellar]\n      \
                 - uninstall: [attic]\n      - command: [psql, \"${database}\", -c, \"UPDATE shelf_book SET name = upper(name)\"]\n      \
                 - sql: after.sql\n      - check: nothing.sql\n";
    let scripts = [
        // Odoo of the same series, and already the new code: no field of `shelf` may be touched before the update.
        (
            "before.py",
            "shelf = env['ir.module.module'].search([('name', '=', 'shelf')])\n\
             env.company.name = 'Before ' + shelf.latest_version\n\
             env['ir.config_parameter'].search([('key', 'like', '.note')]).write({'value': 'by hand'})\n",
        ),
        ("after.sql", "UPDATE shelf_book SET name = name || '!';\n"),
        ("nothing.sql", "SELECT name FROM shelf_book WHERE name NOT LIKE '%!';\n"),
    ];
    let (customer, origin) = customer("19.0", steps, &scripts);
    let after = [
        shelf("19.0", "1.1.0"),
        noted("19.0", "stool", "base", "never installed"),
        empty("19.0", "cellar"),
    ];
    moves_on(&customer, &origin, "19.0", &after.concat());
    customer.hopp(&["run", "plan.yaml"]).ended(0);
    assert_eq!(updated(&customer, "19.0"), serde_json::json!(["shelf"]));
    // The plan wanted both: a module gone, and a parameter other than its module's.
    let wanted = ["modules-lost attic", "data-differs ir.config_parameter: value"];
    assert_eq!(alarms(&customer), wanted, "19.0 to itself changes nothing else");
    let dump = customer.delivered();
    assert_eq!(state(&dump, "shelf"), "installed 19.0.1.1.0");
    assert_eq!(state(&dump, "cellar"), "installed 19.0.1.0.0");
    assert_eq!(state(&dump, "attic"), "uninstalled \\N");
    assert_eq!(state(&dump, "stool"), "uninstalled \\N");
    let note =
        |dump: &Dump, module: &str| dump.value("ir_config_parameter", ("key", &format!("{module}.note")), "value");
    assert_eq!(
        note(&dump, "lamp").as_deref(),
        Some("first"),
        "it depends on what was updated"
    );
    assert_eq!(note(&dump, "desk").as_deref(), Some("by hand"), "nobody updated it");
    let signature = dump.value("shelf_book", ("name", "RÖDA RUMMET!"), "signature");
    assert_eq!(signature.as_deref(), Some("was 19.0.1.0.0"));
    let company = dump.value("res_company", ("id", "1"), "name");
    assert_eq!(company.as_deref(), Some("Before 19.0.1.0.0"));

    // The same version with other content.
    moves_on(&customer, &origin, "19.0", &noted("19.0", "desk", "base", "second"));
    customer.hopp(&["run", "plan.yaml", "--until", "19.0/upgrade"]).ended(0);
    assert_eq!(updated(&customer, "19.0"), serde_json::json!(["desk", "shelf"]));
}
