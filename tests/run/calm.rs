//! A run that nothing happens to, and the same once more.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::harness::content::{self, Content};
use crate::harness::{Customer, Watch};

/// What the passwords of bryggan's mail servers are.
const SECRET: &str = "not-a-real-secret";

/// Upgrades bryggan, and looks at everything that a run leaves.
pub(super) fn undisturbed(sample: &Path, began: Timestamp) -> (Customer, Content) {
    let customer = Customer::bryggan("kill-calm", sample);
    let theirs = || (hash_of(&sample.join("bryggan-18.0.zip")), hash_of(customer.code.path()));
    let before = theirs();
    let watch = Watch::begin();
    let ended = customer.run(&[], 0);
    assert!(ended.out.contains("VERIFIED"), "{}", ended.out);
    assert_eq!(
        theirs(),
        before,
        "the customer's backup and repository are read, never written"
    );

    let report = customer.report();
    assert_eq!(report["verdict"], "verified");
    for step in report["steps"].as_array().unwrap() {
        assert_eq!(step["status"], "done", "{step:#}");
    }
    for finding in report["findings"].as_array().unwrap() {
        assert_ne!(finding["severity"], "error", "{finding:#}");
    }
    nothing_is_left_but_what_is_listed(&customer, watch);
    let content = delivered(&customer, began);
    crate::assess::came_true(&customer);
    no_file_holds_a_secret(&customer);
    (customer, content)
}

fn nothing_is_left_but_what_is_listed(customer: &Customer, watch: Watch) {
    let things = customer.things();
    assert!(things.containers.is_empty(), "{things:?}");
    let (containers, volumes) = watch.end(&customer.state());
    assert!(containers.len() > 3, "the watch saw {containers:?}");
    assert_eq!(
        Watch::still_there(&volumes),
        things.volumes,
        "every volume that a container had is gone or carries our labels"
    );
    let listed = customer.hopp(&["clean", "plan.yaml", "--list"]).out;
    for volume in &things.volumes {
        assert!(listed.contains(volume), "{volume} is not in\n{listed}");
    }
}

/// Looks at the delivered files and returns the content of the database.
fn delivered(customer: &Customer, began: Timestamp) -> Content {
    let report = customer.report();
    let files: Vec<PathBuf> = report["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let path = customer.path(file["path"].as_str().unwrap());
            assert_eq!(fs_err::metadata(&path).unwrap().len(), file["bytes"].as_u64().unwrap());
            path
        })
        .collect();
    let names: BTreeSet<String> = files
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let expected = [
        "SHA256SUMS",
        "kill-calm-19.0-filestore.tar",
        "kill-calm-19.0.dump",
        "kill-calm-19.0.zip",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
    let folder = files[0].parent().unwrap();
    let sums = Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(sums.status.success(), "{}", String::from_utf8_lossy(&sums.stderr));
    assert_eq!(String::from_utf8_lossy(&sums.stdout).lines().count(), 3);
    let zip = folder.join("kill-calm-19.0.zip");
    let content = content::of_zip(&zip, began);
    right_zip(&zip, &content);
    content
}

fn right_zip(path: &Path, content: &Content) {
    let mut zip = zip::ZipArchive::new(fs_err::File::open(path).unwrap()).unwrap();
    let manifest: serde_json::Value = serde_json::from_reader(zip.by_name("manifest.json").unwrap()).unwrap();
    assert_eq!(manifest["odoo_dump"], "1");
    assert_eq!(manifest["major_version"], "19.0");
    assert_eq!(manifest["modules"]["club_member"], "19.0.1.0.0");
    assert!(manifest["modules"]["base"].as_str().unwrap().starts_with("19.0."));
    assert_eq!(content["public.club_member"].summary().0, 120);
    assert!(content["public.res_partner"].summary().0 > 150);
    let entries: BTreeSet<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let wanted: BTreeSet<&str> = content["public.ir_attachment"]
        .values("store_fname")
        .into_iter()
        .collect();
    let missing: Vec<&&str> = wanted
        .iter()
        .filter(|name| **name != "\\N" && !entries.contains(&format!("filestore/{name}")))
        .collect();
    assert!(wanted.len() > 10 && missing.is_empty(), "not in the zip: {missing:?}");
}

fn no_file_holds_a_secret(customer: &Customer) {
    let mut files = Vec::new();
    all_files(&customer.path(""), &mut files);
    assert!(files.len() > 20, "{files:?}");
    for path in files {
        let bytes = fs_err::read(&path).unwrap();
        assert!(!holds(&bytes, SECRET), "{} holds a secret", path.display());
        if path.extension().is_some_and(|ending| ending == "zip") {
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
            let mut dump = Vec::new();
            zip.by_name("dump.sql").unwrap().read_to_end(&mut dump).unwrap();
            assert!(!holds(&dump, SECRET), "the dump in {} holds a secret", path.display());
        }
    }
}

/// Runs the unchanged plan again: nothing is done, and the answer is the same.
pub(super) fn nothing_changed(customer: &Customer) {
    let plan = customer.hopp(&["plan", "plan.yaml"]);
    assert!(plan.out.contains("nothing is left to do"), "{}", plan.out);
    let before = customer.report();
    let ended = customer.run(&[], 0);
    assert!(ended.out.contains("VERIFIED"), "{}", ended.out);
    assert_eq!(customer.runs().len(), 2);
    assert_eq!(customer.steps("step-started"), Vec::<String>::new());
    let after = customer.report();
    for key in [
        "verdict",
        "findings",
        "deliveries",
        "baseline_before",
        "baseline_after",
        "modules",
    ] {
        assert_eq!(after[key], before[key], "{key}");
    }
}

fn hash_of(path: &Path) -> String {
    let mut files = Vec::new();
    if path.is_dir() {
        all_files(path, &mut files);
    } else {
        files.push(path.to_owned());
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs_err::read(&file).unwrap());
    }
    format!("{:?}", hash.finalize())
}

fn all_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
