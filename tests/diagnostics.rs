//! Every invalid plan below `fixtures/plans` says what is wrong with it, word for word; every valid one loads.

use std::path::{Path, PathBuf};

use fs_err as fs;
use hopp::spec::load::load;
use hopp::ui::diagnostic::render;

const INVALID: &str = "fixtures/plans/invalid";

fn plans(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .expect("the folder of plans is there")
        .map(|entry| entry.expect("the folder can be listed").path());
    let mut plans: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    plans.sort();
    plans
}

fn problems_of(plan: &Path) -> String {
    match load(plan) {
        Ok(_) => panic!("{} loads without a problem", plan.display()),
        Err(problems) => render(&problems, false),
    }
}

#[test]
fn every_invalid_plan_is_explained_as_its_snapshot_says() {
    let plans = plans(INVALID);
    assert!(plans.len() >= 30, "only {} invalid plans", plans.len());
    let mut differing = Vec::new();
    for plan in plans {
        let text = problems_of(&plan);
        let snapshot = plan.with_extension("txt");
        if std::env::var_os("HOPP_BLESS").is_some() {
            fs::write(&snapshot, &text).unwrap();
        } else if fs::read_to_string(&snapshot).unwrap_or_default() != text {
            differing.push(format!("{} is not\n\n{text}", snapshot.display()));
        }
    }
    assert!(
        differing.is_empty(),
        "{}\n\nHOPP_BLESS=1 rewrites them",
        differing.join("\n")
    );
}

#[test]
fn no_snapshot_is_left_without_its_plan() {
    for entry in fs::read_dir(INVALID).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            assert!(path.with_extension("yaml").is_file(), "{} has no plan", path.display());
        }
    }
}

#[test]
fn no_secret_and_no_machine_path_is_in_a_snapshot() {
    let here = env!("CARGO_MANIFEST_DIR");
    for plan in plans(INVALID) {
        let text = problems_of(&plan);
        for hidden in ["s3cret-word", "ghp_0123456789abcdefghij", here] {
            assert!(!text.contains(hidden), "{} shows {hidden}", plan.display());
        }
    }
}

#[test]
fn every_valid_plan_loads() {
    for plan in plans("fixtures/plans/valid") {
        if let Err(problems) = load(&plan) {
            panic!("{}", render(&problems, false));
        }
    }
}

#[test]
fn a_plan_that_is_not_there_and_one_that_is_a_folder_are_named() {
    let missing = problems_of(Path::new("fixtures/plans/nowhere.yaml"));
    assert!(
        missing.contains("`fixtures/plans/nowhere.yaml` does not exist"),
        "{missing}"
    );
    let folder = problems_of(Path::new("fixtures/plans"));
    assert!(folder.contains("`fixtures/plans` is a folder"), "{folder}");
}
