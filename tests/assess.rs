//! `hopp assess` and `hopp init`: what is said of a backup before anything runs.

mod counts;
mod fates;
mod init;
mod refused;
mod stored;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::Ended;

pub(crate) use fates::came_true;

/// Runs hopp where nothing answers: no Docker, and a cache of its own.
fn hopp(folder: &Path, args: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hopp"));
    command
        .args(args)
        .current_dir(folder)
        .env("DOCKER_HOST", "unix:///nonexistent")
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("PIP_NO_INDEX", "1")
        .env_remove("GITHUB_ACTIONS");
    Ended::of(&mut command)
}

/// Writes a release of OpenUpgrade 19.0 with a table of renames that is made up.
fn release(folder: &Path) -> String {
    let addon = folder.join("ou/openupgrade_scripts");
    let file = |path: &str, text: &str| {
        let path = addon.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    file("__manifest__.py", "{'name': 'scripts', 'version': '19.0.1.0.0'}");
    file(
        "apriori.py",
        "renamed_modules = {}\nmerged_modules = {'web_editor': 'html_editor'}\n",
    );
    file("scripts/html_editor/19.0.1.0/post-migration.py", "");
    file("scripts/base/19.0.1.3/pre-migration.py", "");
    folder.join("ou").to_string_lossy().into_owned()
}

/// Assesses with the made-up release, which must go well.
fn assessed(folder: &Path, what: &str) -> Value {
    let release = release(folder);
    let ended = hopp(
        folder,
        &[
            "assess",
            what,
            "--to",
            "19.0",
            "--format",
            "json",
            "--openupgrade",
            &release,
        ],
    );
    assert_eq!(ended.code, 0, "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap()
}
