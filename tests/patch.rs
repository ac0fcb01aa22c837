//! Hops from a series to itself: `engine: update` on real Odoo, with code whose git branch moved on.

use crate::git::origin::Origin;
use crate::lab::{Customer, Dump, Printed, borrowed, empty, fresh_backup, needs_images, shelf};

/// Makes a customer on this series with `shelf` 1.0.0 and `attic`, and a repository that has gained `shelf` 1.1.0 and
/// `cellar` since the plan was looked at for the first time.
fn customer(series: &str, hop: &str, scripts: &[(&str, &str)]) -> (Customer, Origin) {
    needs_images(&[&format!("odoo:{series}"), "postgres:15"]);
    let origin = Origin::new();
    let branch = format!("refs/heads/{series}");
    let before = [shelf(series, "1.0.0"), empty(series, "attic")].concat();
    origin.commit(&branch, &borrowed(&before), "shelf 1.0.0");
    let customer = Customer::new(
        &format!("patch-{}", series.trim_end_matches(".0")),
        &format!(
            "source: {{ backup: backup.zip }}\ntarget: \"{series}\"\nengine: update\n\
             repositories: [{{ name: own, url: \"{}\" }}]\nhops:\n  \"{series}\":\n{hop}",
            origin.url()
        ),
    );
    for (name, text) in scripts {
        customer.write(name, text);
    }
    let zip = customer.folder.path().join("backup.zip");
    fresh_backup(&zip, series, "base,shelf,attic", &borrowed(&before));
    assert_eq!(state(&Dump::of(&zip), "shelf"), format!("installed {series}.1.0.0"));
    customer.hopp(&["plan", "plan.yaml"]).ended(0);
    let after = [shelf(series, "1.1.0"), empty(series, "cellar")].concat();
    origin.commit(&branch, &borrowed(&after), "shelf 1.1.0");
    let moved = customer.hopp(&["update", "plan.yaml"]).ended(0);
    assert!(moved.out.contains("own"), "{}", moved.out);
    (customer, origin)
}

/// Returns state and version of a module.
fn state(dump: &Dump, module: &str) -> String {
    let rows = dump.rows("ir_module_module");
    let row = rows.iter().find(|row| row["name"] == module).unwrap();
    format!("{} {}", row["state"], row["latest_version"])
}

#[test]
fn a_patch_of_14_runs_the_migration_script_of_the_module_that_moved_on_and_can_be_looked_at() {
    let (customer, _origin) = customer("14.0", "    before: [{ uninstall: [attic] }]\n", &[]);
    customer.hopp(&["run", "plan.yaml"]).ended(0);
    let dump = customer.delivered();
    assert_eq!(state(&dump, "shelf"), "installed 14.0.1.1.0");
    let signature = dump.value("shelf_book", ("name", "Röda rummet"), "signature");
    assert_eq!(signature.as_deref(), Some("was 14.0.1.0.0"));
    assert_eq!(state(&dump, "attic"), "uninstalled \\N");

    let printed = Printed::read(&customer.hopp(&["up", "plan.yaml"]).ended(0));
    printed.through_the_form();
    printed.by_json(&customer.name.replace('-', "_"));
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
             env.company.name = 'Before ' + shelf.latest_version\n",
        ),
        ("after.sql", "UPDATE shelf_book SET name = name || '!';\n"),
        ("nothing.sql", "SELECT name FROM shelf_book WHERE name NOT LIKE '%!';\n"),
    ];
    let (customer, _origin) = customer("19.0", steps, &scripts);
    customer.hopp(&["run", "plan.yaml"]).ended(0);
    let dump = customer.delivered();
    assert_eq!(state(&dump, "shelf"), "installed 19.0.1.1.0");
    assert_eq!(state(&dump, "cellar"), "installed 19.0.1.0.0");
    assert_eq!(state(&dump, "attic"), "uninstalled \\N");
    let signature = dump.value("shelf_book", ("name", "RÖDA RUMMET!"), "signature");
    assert_eq!(signature.as_deref(), Some("was 19.0.1.0.0"));
    let company = dump.value("res_company", ("id", "1"), "name");
    assert_eq!(company.as_deref(), Some("Before 19.0.1.0.0"));
}
