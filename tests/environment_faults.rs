//! Faults of the environment, each provoked for real: the exit code, the words, the remedy, and a state to go on from.
//!
//! These tests need root, and Docker with the images `odoo:19.0` and `postgres:15` (`make images`); they fail without.

mod backup;
mod clock;
mod disk;
mod engine;
mod git;
mod image;
mod run;
mod server;

use std::path::Path;

use crate::backup::samples::{dump, manifest, zip_of};
use crate::harness::{Customer, Ended};

/// A customer whose backup is a made-up one of 18.0: good enough for everything before it is restored.
struct Sketch {
    customer: Customer,
    _backup: tempfile::TempDir,
}

impl Sketch {
    fn new(name: &'static str) -> Sketch {
        let folder = tempfile::tempdir().unwrap();
        let text = dump("18.0.1.3");
        let backup = zip_of(
            folder.path(),
            &[("dump.sql", text.as_bytes()), ("manifest.json", &manifest("18.0.1.3"))],
        );
        Sketch {
            customer: Customer::new(name, &backup, &[]),
            _backup: folder,
        }
    }
}

/// Checks how a command ended and that each of these is said on the screen, which is short.
fn said(ended: &Ended, code: i32, words: &[&str]) {
    let screen = format!("{}{}", ended.out, ended.err);
    assert_eq!(ended.code, code, "{screen}");
    for word in words {
        assert!(screen.contains(word), "`{word}` is not in\n{screen}");
    }
    assert!(screen.lines().count() <= 60, "more than a screenful:\n{screen}");
}

/// Returns how often something is said.
fn count(ended: &Ended, word: &str) -> usize {
    ended.out.matches(word).count() + ended.err.matches(word).count()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
