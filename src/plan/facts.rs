//! What was observed before compiling: the backup and the code.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::event::Finding;
use crate::ident::{Fingerprint, Series};
use crate::odoo::backup::Backup;
use crate::odoo::manifest::Manifest;

/// Everything a plan is compiled with, besides its own text.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The customer's backup.
    pub backup: Backup,
    /// The series the database comes in.
    pub from: Series,
    /// Content of the separate filestore, when there is one.
    pub filestore: Option<Fingerprint>,
    /// The code of each repository for each series that needs it.
    pub code: Vec<Code>,
    /// The code that production runs, for each repository whose plan says so: what the database has.
    pub deployed: Vec<Deployed>,
    /// The day of the run: what the plan accepts until then is accepted.
    pub today: Date,
    /// What hopp itself measures and checks with, by step; a newer hopp that checks more checks again.
    pub texts: Texts,
}

/// What decides the results of measuring and checking, besides the database.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Of `measure`.
    pub measure: String,
    /// Of `check`.
    pub check: String,
    /// Of `compare` after each hop.
    pub compare: String,
    /// Of `verify`.
    pub verify: String,
}

/// A repository's code for a series.
#[derive(Clone, Debug)]
pub struct Code {
    /// The repository's name in the plan.
    pub repository: String,
    /// For which series.
    pub series: Series,
    /// The branch, tag or commit the plan names.
    pub reference: String,
    /// The commit it stands at, merges included; `None` when the repository does not have the reference: not ported yet.
    pub commit: Option<String>,
    /// Identifies the content, whatever the history.
    pub tree: String,
    /// The modules it offers.
    pub modules: BTreeMap<String, Manifest>,
    /// What an update of each module would apply, by module.
    pub contents: BTreeMap<String, Fingerprint>,
    /// Identifies the repository's `requirements.txt`, where it has one.
    pub requirements: Option<String>,
    /// The folders with modules, relative to the checkout; empty when the repository is itself one module.
    pub addons_folders: Vec<String>,
    /// How it came about, when hopp ported it.
    pub ported: Option<Ported>,
}

/// Code that hopp brought to a series itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ported {
    /// The series it comes from.
    pub from: Series,
    /// The branch, tag or commit it comes from.
    pub reference: String,
    /// The commit it comes from.
    pub commit: String,
    /// The branch it is on in the clone beside the plan.
    pub branch: String,
    /// The modules that were ported.
    pub modules: Vec<String>,
    /// What the rules changed: rule, module, number of changes.
    pub changes: Vec<(String, String, usize)>,
    /// What the rules left to people.
    pub findings: Vec<Finding>,
    /// Whether people went on with it in the clone: what the rules left is theirs then.
    pub by_hand: bool,
}

/// The code that the backup's database was last updated with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployed {
    /// The repository's name in the plan.
    pub repository: String,
    /// What an update of each module applied, by module.
    pub contents: BTreeMap<String, Fingerprint>,
}

impl Facts {
    /// Returns what production has of a repository's module, where that is known.
    pub fn deployed(&self, repository: &str, module: &str) -> Option<&Fingerprint> {
        let mut known = self.deployed.iter().filter(|code| code.repository == repository);
        known.next()?.contents.get(module)
    }

    /// Returns the code for a series, in the order of the plan.
    pub fn code_for(&self, series: Series) -> impl Iterator<Item = &Code> {
        self.code.iter().filter(move |code| code.series == series)
    }
}
