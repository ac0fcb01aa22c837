//! Leftovers on this machine's disk.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Leftover, LeftoverKind, Thing};
use crate::journal::StateFolder;
use crate::steps::deliver::{delivering, partial_and_old};

/// Returns the files of a customer that were not finished.
pub(super) fn of(state: &StateFolder) -> Vec<Leftover> {
    let mut found: Vec<(PathBuf, &str)> = Vec::new();
    let unfinished = "a file that was not written to its end";
    let is_temporary = |name: &str| name.starts_with(".tmp") || name.starts_with(".partial-");
    for folder in ["", "results", "instances", "archive"] {
        found.extend(named(&state.root().join(folder), is_temporary).map(|path| (path, unfinished)));
    }
    // The pins lie beside the plan, where other files are other people's.
    let is_pins = |name: &str| name.strip_prefix(".lock-").is_some_and(|rest| rest.len() == 6);
    if let Some(folder) = state.plan_folder() {
        found.extend(named(folder, is_pins).map(|path| (path, unfinished)));
    }
    for repository in folders(&state.root().join("repos")) {
        let is_new = |name: &str| name.starts_with('.') && name.contains(".new-");
        found.extend(named(&repository, is_new).map(|path| (path, "a checkout that was not finished")));
    }
    for series in folders(&state.root().join("dev")) {
        let is_partial = |name: &str| Path::new(name).extension() == Some(OsStr::new("partial"));
        found.extend(named(&series, is_partial).map(|path| (path, "a copy of code that was not finished")));
    }
    let mut leftovers: Vec<Leftover> = found
        .into_iter()
        .map(|(path, why)| leftover(state, &path, why, Thing::Path(path.clone())))
        .collect();
    leftovers.extend(delivery(state));
    leftovers
}

/// Returns what a killed delivery left beside its place.
fn delivery(state: &StateFolder) -> Vec<Leftover> {
    let Some(target) = delivering(state) else {
        return Vec::new();
    };
    let (partial, old) = partial_and_old(&target);
    let mut leftovers = Vec::new();
    if partial.exists() {
        let why = "a delivery that was not finished";
        leftovers.push(leftover(state, &partial, why, Thing::Path(partial.clone())));
    }
    if old.exists() && target.exists() {
        let why = "an earlier delivery, which gave way to a new one";
        leftovers.push(leftover(state, &old, why, Thing::Path(old.clone())));
    } else if old.exists() {
        let why = "an earlier delivery, which was to give way; it is put back";
        let thing = Thing::Aside {
            from: old.clone(),
            to: target,
        };
        leftovers.push(leftover(state, &old, why, thing));
    }
    leftovers
}

fn leftover(state: &StateFolder, path: &Path, why: &str, thing: Thing) -> Leftover {
    Leftover {
        kind: LeftoverKind::File,
        name: path.display().to_string(),
        customer: state.customer(),
        why: why.into(),
        state: Some(state.root().into()),
        thing,
    }
}

/// Lists what has such a name in a folder; a folder that cannot be read has nothing.
fn named(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = PathBuf> {
    let entries = fs_err::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .filter(move |entry| is_wanted(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    named(folder, |_| true).filter(|path| path.is_dir())
}

/// Removes a file or folder, and says whether it was there.
pub(super) fn remove(path: &Path) -> std::io::Result<bool> {
    let removed = if path.is_dir() {
        fs_err::remove_dir_all(path)
    } else {
        fs_err::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        other => other.map(|()| true),
    }
}
