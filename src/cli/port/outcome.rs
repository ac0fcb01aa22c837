//! What became of modules, for everybody who prints it.

use super::attempt::Tried;
use crate::port::{Level, Ported};
use crate::world::git::{Committed, Start};
use crate::world::modules::LeftOut;

/// What `hopp port` did.
pub(super) struct Outcome {
    /// The series that modules were brought to.
    pub to: u8,
    /// Whether nothing was to be written.
    pub check: bool,
    /// Folders and repositories.
    pub parts: Vec<Part>,
    /// For people: what could not be known.
    pub remarks: Vec<String>,
    /// What a real Odoo made of the modules, where it was asked.
    pub tried: Option<Vec<Tried>>,
}

/// A folder or a repository.
pub(super) struct Part {
    /// What it is called.
    pub name: String,
    /// Its modules, by name.
    pub rows: Vec<Row>,
    /// What happened in git.
    pub branch: Option<Branch>,
}

/// A branch that was made or goes on.
pub(super) struct Branch {
    /// Where it begins.
    pub start: Start,
    /// What was committed; `None` when nothing had to be.
    pub committed: Option<Committed>,
    /// Why it is not checked out.
    pub in_the_way: Option<String>,
    /// The folder of the repository.
    pub root: String,
    /// The remote it was pushed to.
    pub pushed: Option<String>,
}

/// A module.
pub(super) struct Row {
    /// Its folder, as it is shown.
    pub folder: String,
    /// The series it came from.
    pub from: u8,
    /// What became of it.
    pub ported: Ported,
    /// A script that renames in the database what was renamed in the code, proposed: its path in the module, and its text.
    pub script: Option<(String, String)>,
    /// Files that nobody looked at.
    pub left_out: Vec<LeftOut>,
    /// Why nothing of it was written, and what to do.
    pub not_written: Option<(String, &'static str)>,
}

impl Row {
    /// Returns the path of one of its files, as it is shown.
    pub(super) fn path(&self, file: &str) -> String {
        match (self.folder.as_str(), file) {
            (folder, "") => folder.to_owned(),
            ("" | ".", file) => file.to_owned(),
            (folder, file) => format!("{folder}/{file}"),
        }
    }

    /// Returns the name it is shown under.
    pub(super) fn name(&self) -> &str {
        &self.ported.name
    }

    pub(super) fn is_changed(&self) -> bool {
        !self.ported.applied.is_empty()
    }

    /// Returns how many changes were made.
    pub(super) fn changes(&self) -> usize {
        self.ported.applied.iter().map(|applied| applied.changes).sum()
    }

    /// Returns how many files are not what they were.
    pub(super) fn files(&self) -> usize {
        let files = self.ported.applied.iter().flat_map(|applied| applied.files.keys());
        files.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Returns how many findings weigh this much. A file that does not parse is an error.
    pub(super) fn count(&self, level: Level) -> usize {
        let unparsed = if level == Level::Error {
            self.ported.unparsed.len()
        } else {
            0
        };
        let said = self.ported.findings.iter().filter(|finding| finding.level == level);
        said.count() + unparsed
    }

    /// Says whether a person must see to it before it can work.
    pub(super) fn breaks(&self) -> bool {
        self.count(Level::Error) > 0
    }
}

impl Outcome {
    /// Returns every module.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.parts.iter().flat_map(|part| &part.rows)
    }
}

/// Returns the word for a level.
pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
