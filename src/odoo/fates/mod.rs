//! What becomes of every installed module, hop by hop: told beforehand, from tables and manifests alone.
//!
//! [`follow`] takes each module over the hops in order. A name that one hop gives a module is the name the next hop
//! looks for, so that a module renamed in 16.0 and merged in 18.0 is followed to where its data ends.

mod follow;
mod origin;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ident::Series;
use crate::odoo::manifest::Manifest;
use crate::odoo::openupgrade::{Grade, Release};
use crate::odoo::survey::Module;

pub use follow::{Lacking, follow, lacking};
pub use origin::{Origin, oca_repository, origin};

/// What becomes of a module at a hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It stays, under its name.
    Stays,
    /// It has this name from now on.
    Renamed(String),
    /// Its data becomes part of this module's.
    Merged(String),
    /// The new series of Odoo has no such module; its data stays behind in the database.
    Removed,
    /// Its code must be brought to the new series first.
    ToPort,
    /// There is no code of it anywhere that was looked.
    Missing,
    /// The plan uninstalls it before the first hop.
    Uninstalled,
    /// It cannot be told.
    Unknown,
}

/// A module's fate at one hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtHop {
    /// The series the hop ends at.
    pub to: Series,
    /// What becomes of it.
    pub fate: Fate,
    /// How well OpenUpgrade covers it; only for Odoo's own modules.
    pub grade: Option<Grade>,
    /// Where its code for the new series is, or would be.
    pub code: Option<Place>,
    /// Why, where that needs saying.
    pub note: Option<String>,
}

/// A branch of a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The repository: its name in the plan, or on GitHub (`OCA/web`).
    pub repository: String,
    /// The branch, tag or commit.
    pub reference: String,
    /// Whether the code is known to be there; otherwise that is where it would be.
    pub found: bool,
}

/// A module's way through the hops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// What it is called in the backup.
    pub module: String,
    /// Its installed version.
    pub version: String,
    /// Who makes it.
    pub origin: Origin,
    /// What it is called at the end.
    pub name: String,
    /// Its fate at each hop, in order; nothing after one that ends it.
    pub hops: Vec<AtHop>,
    /// Whether the agreement covers it.
    pub covered: bool,
}

impl Way {
    /// Returns the fate that matters most of all hops: what needs work, then what changes.
    pub fn verdict(&self) -> &Fate {
        let all = self.hops.iter().map(|hop| &hop.fate);
        all.max_by_key(|fate| fate.weight()).unwrap_or(&Fate::Stays)
    }

    /// Returns the hop of the verdict, the first of equals.
    pub fn turning_point(&self) -> Option<&AtHop> {
        let verdict = self.verdict().weight();
        self.hops.iter().find(|hop| hop.fate.weight() == verdict)
    }
}

impl Fate {
    fn weight(&self) -> u8 {
        match self {
            Fate::Stays => 0,
            Fate::Renamed(_) => 1,
            Fate::Merged(_) => 2,
            Fate::Removed => 3,
            Fate::Uninstalled => 4,
            Fate::Unknown => 5,
            Fate::ToPort => 6,
            Fate::Missing => 7,
        }
    }

    /// Returns the fate in a word or two, without names.
    pub fn word(&self) -> &'static str {
        match self {
            Fate::Stays => "stays",
            Fate::Renamed(_) => "renamed",
            Fate::Merged(_) => "merged",
            Fate::Removed => "removed by Odoo",
            Fate::ToPort => "needs porting",
            Fate::Missing => "missing",
            Fate::Uninstalled => "uninstall planned",
            Fate::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for Fate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fate::Renamed(to) => write!(f, "renamed to {to}"),
            Fate::Merged(into) => write!(f, "merged into {into}"),
            other => f.write_str(other.word()),
        }
    }
}

/// What is known about a hop.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The series it ends at.
    pub to: Series,
    /// What OpenUpgrade says about it, or why that is not known.
    pub release: Result<Release, String>,
    /// The code there is for its series.
    pub code: Vec<Code>,
}

/// The code of a repository for a series.
#[derive(Clone, Debug)]
pub struct Code {
    /// The repository's name in the plan.
    pub repository: String,
    /// Whether it is written for this customer.
    pub is_custom: bool,
    /// The branch, tag or commit.
    pub reference: String,
    /// Whether the repository has that.
    pub exists: bool,
    /// The modules it offers.
    pub modules: BTreeMap<String, Manifest>,
}

/// Everything that fates are told from.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Every module the database knows of.
    pub modules: &'a BTreeMap<String, Module>,
    /// Whether the database is of Odoo Enterprise.
    pub enterprise: bool,
    /// The hops, in order.
    pub hops: Vec<Hop>,
    /// Whether there is a plan: code that none of its repositories has is missing, not merely unseen.
    pub has_plan: bool,
    /// Modules that the plan uninstalls before the first hop.
    pub uninstalled: BTreeSet<String>,
    /// Modules that the plan keeps, whoever has their code.
    pub kept: BTreeSet<String>,
    /// Modules that the agreement covers.
    pub covered: BTreeSet<String>,
}
