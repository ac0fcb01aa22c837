//! What a rule says of a file.

use std::ops::Range;

use super::edit::Edit;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing; nothing breaks.
    Note,
    /// Something behaves differently, or may break.
    Warning,
    /// The module does not install, or loses what it did.
    Error,
}

impl Level {
    /// Returns what it weighs in a file: nothing in tests and demonstration data keeps a module from working.
    #[must_use]
    pub fn within(self, path: &str) -> Level {
        if path.starts_with("tests/") || path.starts_with("demo/") {
            self.min(Level::Warning)
        } else {
            self
        }
    }
}

/// What a person must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it, such as `19.19`.
    pub rule: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// The file, from the module's folder.
    pub path: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is there and why it cannot stay.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// Changes and findings that a rule collects in one file.
#[derive(Debug, Default)]
pub struct Found {
    pub(super) changes: Vec<Vec<Edit>>,
    pub(super) shared: Vec<Edit>,
    pub(super) said: Vec<Said>,
}

/// A finding before its file's lines are counted.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) at: usize,
    pub(super) level: Level,
    pub(super) message: String,
    pub(super) remedy: String,
}

impl Found {
    /// Replaces a range: one change.
    pub fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        self.changes.push(vec![Edit::replace(range, with)]);
    }

    /// Removes a range: one change.
    pub fn remove(&mut self, range: Range<usize>) {
        self.replace(range, "");
    }

    /// Inserts a text: one change.
    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    /// Makes several edits that belong together: all or none, and one change.
    pub fn change(&mut self, edits: Vec<Edit>) {
        if !edits.is_empty() {
            self.changes.push(edits);
        }
    }

    /// Makes an edit once, however many changes ask for it: an import. Nothing is made of it without a change.
    pub fn once(&mut self, edit: Edit) {
        self.shared.push(edit);
    }

    /// Says something about a place, a byte of the file.
    pub fn say(&mut self, at: usize, level: Level, message: impl Into<String>, remedy: impl Into<String>) {
        self.said.push(Said {
            at,
            level,
            message: message.into(),
            remedy: remedy.into(),
        });
    }
}
