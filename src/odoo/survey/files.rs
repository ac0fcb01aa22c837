//! Attachments and the files of the filestore.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::odoo::dump::Row;

/// How many attachments without a file are named.
const EXAMPLES: usize = 5;

/// The attachments of a database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachments {
    /// All of them, those without content and those in the database included.
    pub rows: u64,
    /// Those whose content is in the filestore.
    pub stored: u64,
    /// The files there are. `None` when no filestore was looked at.
    pub filestore: Option<StoredFiles>,
    /// Those of the filestore's whose file is not there.
    pub missing: u64,
    /// A few of the missing, for people: `invoice.pdf (account.move)`.
    pub examples: Vec<String>,
}

/// The files of a filestore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFiles {
    /// How many.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// The names of a filestore's files, eight bytes each: there may be millions.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: HashSet<u64>,
    sum: StoredFiles,
}

impl Names {
    pub(super) fn add(&mut self, name: &str, bytes: u64) {
        if let Some(key) = key(name) {
            self.names.insert(key);
        }
        self.sum.files += 1;
        self.sum.bytes += bytes;
    }

    pub(super) fn sum(&self) -> StoredFiles {
        self.sum
    }

    fn has(&self, name: &str) -> bool {
        key(name).is_some_and(|key| self.names.contains(&key))
    }
}

/// Returns the first 16 of the 40 hexadecimal digits that name a file: `ab/abcdef…`.
fn key(name: &str) -> Option<u64> {
    let digits = name.rsplit('/').next()?.get(..16)?;
    u64::from_str_radix(digits, 16).ok()
}

impl Attachments {
    pub(super) fn add(&mut self, row: &Row<'_>, filestore: Option<&Names>) {
        self.rows += 1;
        let Some(file) = row.text(0).filter(|file| !file.is_empty()) else {
            return;
        };
        self.stored += 1;
        if filestore.is_some_and(|names| !names.has(&file)) {
            self.missing += 1;
            if self.examples.len() < EXAMPLES {
                let name = row.owned(1).unwrap_or_else(|| file.into_owned());
                self.examples.push(match row.text(2) {
                    Some(model) => format!("{name} ({model})"),
                    None => name,
                });
            }
        }
    }
}
