//! Backups that are not what the plan takes them for.

use fs_err as fs;

use super::{Sketch, said, shown};
use crate::backup::samples::{dump, manifest, zip_of};
use crate::harness::{Customer, sample};

#[test]
fn a_backup_that_cannot_be_used_is_refused_before_anything_is_done() {
    let sketch = Sketch::new("env-backup");
    let folder = sketch.customer.path("backups");
    fs::create_dir(&folder).unwrap();
    let text = dump("18.0.1.3");
    let good: [(&str, &[u8]); 2] = [("dump.sql", text.as_bytes()), ("manifest.json", &manifest("18.0.1.3"))];
    let put = |name: &str, content: &[u8]| fs::write(folder.join(name), content).unwrap();
    let zip = |name: &str, member: &str| {
        let made = zip_of(&folder, &[good[0], good[1], (member, b"x")]);
        fs::rename(made, folder.join(name)).unwrap();
    };
    zip("up.zip", "../evil");
    zip("absolute.zip", "/etc/evil");
    zip("bomb.zip", "filestore/ab");
    let mut bomb = fs::read(folder.join("bomb.zip")).unwrap();
    // The last member says in the directory that it unpacks to two gigabytes.
    let directory = bomb.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    bomb[directory + 24..directory + 28].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    put("bomb.zip", &bomb);
    let whole = fs::read(folder.join("up.zip")).unwrap();
    put("truncated.zip", &whole[..whole.len() / 2]);
    put("letter.zip", b"Dear sir or madam");
    put(
        "other.sql",
        dump("18.0.1.3").replace("ir_module_module", "users").as_bytes(),
    );
    put("old.sql", dump("12.0.1.3").as_bytes());
    let again = "copy it once more from where it was made";
    let anew = "have it made again";
    let cases = [
        ("up.zip", "holds `../evil`, which leads out of the archive", anew),
        (
            "absolute.zip",
            "holds `/etc/evil`, which leads out of the archive",
            anew,
        ),
        (
            "bomb.zip",
            "holds `filestore/ab`, which unpacks to more than there can honestly be in it",
            anew,
        ),
        ("truncated.zip", "is truncated or damaged", again),
        (
            "letter.zip",
            "is not a backup hopp can restore",
            "name an Odoo zip or a dump",
        ),
        (
            "other.sql",
            "is not of an Odoo database",
            "name the backup of the Odoo database",
        ),
        (
            "old.sql",
            "the database is of version 12.0.1.3: hopp works with 14.0 to 19.0",
            "the backup was not changed",
        ),
    ];
    for (name, words, remedy) in cases {
        let path = folder.join(name);
        sketch
            .customer
            .plan_of(&format!("{{ backup: \"{}\" }}", shown(&path)), "");
        let ended = sketch.customer.hopp(&["run", "plan.yaml"]);
        said(&ended, 11, &[&shown(&path), words, remedy]);
    }
    assert!(sketch.customer.things().volumes.is_empty());
    assert!(!sketch.customer.state().join("runs").exists(), "no run began");
}

#[test]
fn a_plan_that_does_not_fit_its_backup_is_shown_where_it_is_wrong() {
    let sketch = Sketch::new("env-series");
    let plan = fs::read_to_string(sketch.customer.path("plan.yaml")).unwrap();
    sketch
        .customer
        .write("plan.yaml", &plan.replace("target: \"19.0\"", "target: \"17.0\""));
    let ended = sketch.customer.hopp(&["run", "plan.yaml"]);
    let lower = "the target 17.0 is older than the backup, 18.0";
    said(
        &ended,
        10,
        &[lower, "target: \"17.0\"", "Odoo databases cannot go back"],
    );

    sketch
        .customer
        .write("plan.yaml", &plan.replace("source: {", "source: { series: \"16.0\","));
    let ended = sketch.customer.hopp(&["run", "plan.yaml"]);
    let other = "the plan says the backup is 16.0, but it is 18.0";
    said(&ended, 10, &[other, "series: \"16.0\"", "remove `series`"]);
}

#[test]
fn a_dump_that_is_damaged_inside_is_found_when_it_is_unpacked() {
    let test = "a_dump_that_is_damaged_inside_is_found_when_it_is_unpacked";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.zip");
    let mut bytes = fs::read(bryggan.join("bryggan-18.0.zip")).unwrap();
    let name = b"dump.sql";
    let start = bytes.windows(name.len()).position(|bytes| bytes == name).unwrap() + 200_000;
    for byte in &mut bytes[start..start + 20] {
        *byte ^= 0xff;
    }
    fs::write(&path, bytes).unwrap();
    let customer = Customer::bryggan("env-damaged", &bryggan);
    customer.plan_of(&format!("{{ backup: \"{}\" }}", shown(&path)), "");
    let ended = customer.hopp(&["run", "plan.yaml", "--until", "restore"]);
    said(&ended, 11, &["failed: restore", &shown(&path), "copy it once more"]);
    assert!(customer.things().containers.is_empty());
    customer.plan("");
    said(&customer.hopp(&["run", "plan.yaml", "--until", "restore"]), 0, &[]);
}
