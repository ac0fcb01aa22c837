//! What was observed before compiling: the backup and the code.

use std::collections::BTreeMap;

use jiff::civil::Date;

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
