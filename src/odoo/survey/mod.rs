//! What a database is, read off its dump: modules, people, attachments, and what lives in the database alone.
//!
//! A [`Surveyor`] reads the rows of a [`DumpScan`](crate::odoo::dump::DumpScan); [`Surveyor::finish`] joins what it
//! saw into a [`Survey`]. Each count is what SQL would say in the restored database.

mod columns;
mod customised;
mod files;
mod people;
mod surveyor;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use customised::{Customised, Own, Parts};
pub use files::{Attachments, StoredFiles};
pub use people::{Company, Users};
pub use surveyor::Surveyor;

use crate::odoo::dump::Extent;

/// What a dump says about the database in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Every module the database knows of, installed or not, by name.
    pub modules: BTreeMap<String, Module>,
    /// Codes of the active languages.
    pub languages: Vec<String>,
    /// Companies, in the order of the dump.
    pub companies: Vec<Company>,
    /// Users.
    pub users: Users,
    /// Attachments, and whether their files are there.
    pub attachments: Attachments,
    /// What was made in the database and belongs to no module's code.
    pub customised: Customised,
    /// What neutralising will touch, and how much of it there is; nothing that there is none of.
    pub live: BTreeMap<String, u64>,
    /// What each module has in the database.
    pub parts: BTreeMap<String, Parts>,
    /// How much the dump holds of each table.
    pub tables: BTreeMap<String, Extent>,
}

/// A row of the table of modules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Its state, such as `installed`.
    pub state: String,
    /// The version that is installed; empty when none is.
    pub version: String,
    /// Who wrote it, as its manifest says.
    pub author: String,
    /// Where it is told about.
    pub website: String,
    /// Its license.
    pub license: String,
    /// Whether it was uploaded as a zip of data: it has no code on any disk.
    pub imported: bool,
    /// The modules it needs.
    pub depends: Vec<String>,
}

impl Module {
    /// Says whether its tables and data are in the database.
    pub fn is_installed(&self) -> bool {
        matches!(self.state.as_str(), "installed" | "to upgrade" | "to remove")
    }

    /// Says whether something was begun with it and not finished.
    pub fn is_transient(&self) -> bool {
        self.state.starts_with("to ")
    }
}

impl Survey {
    /// Returns the installed modules, by name.
    pub fn installed(&self) -> impl Iterator<Item = (&str, &Module)> {
        let all = self.modules.iter().filter(|(_, module)| module.is_installed());
        all.map(|(name, module)| (name.as_str(), module))
    }

    /// Returns the modules with which something was begun and not finished.
    pub fn transient(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.modules.iter().filter(|(_, module)| module.is_transient());
        all.map(|(name, module)| (name.as_str(), module.state.as_str()))
    }

    /// Returns how many rows a table has; none when there is no such table.
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.get(table).map_or(0, |extent| extent.rows)
    }

    /// Returns the largest tables and the bytes of the dump they take, largest first.
    pub fn largest(&self, most: usize) -> Vec<(&str, Extent)> {
        let mut all: Vec<(&str, Extent)> = self
            .tables
            .iter()
            .map(|(name, extent)| (name.as_str(), *extent))
            .collect();
        all.sort_by_key(|(name, extent)| (std::cmp::Reverse(extent.bytes), *name));
        all.truncate(most);
        all
    }

    /// Returns the sum over all tables.
    pub fn total(&self) -> Extent {
        self.tables.values().fold(Extent::default(), |sum, extent| Extent {
            rows: sum.rows + extent.rows,
            bytes: sum.bytes + extent.bytes,
        })
    }
}
