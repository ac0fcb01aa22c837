//! From the file as it is written to what it means, one part of the file each.
//!
//! Every function returns what it can and reports what it cannot, so that all problems come out at once.

mod agreement;
mod backup;
mod checks;
mod estimate;
mod images;
mod limits;
mod names;
mod plan;
mod playbooks;
mod repositories;
mod series;
mod source;
mod steps;

pub use backup::SourceFacts;
pub(super) use names::is_customer;
pub(super) use plan::review;

use std::path::{Path, PathBuf};

use super::catalog::Playbook;
use super::document::{Document, Place};
use super::problem::Problem;

/// A file under review and what was found wrong with it.
pub(super) struct Review<'d> {
    document: &'d Document,
    /// The folder relative paths start at, absolute.
    folder: &'d Path,
    scripts: Scripts<'d>,
    found: Vec<Problem>,
}

/// Where the scripts that a file names are found.
#[derive(Clone, Copy)]
enum Scripts<'d> {
    /// By their paths from the file's folder.
    OnDisk,
    /// Beside a playbook of the catalogue.
    Embedded(&'d Playbook),
}

impl<'d> Review<'d> {
    fn new(document: &'d Document, folder: &'d Path) -> Self {
        Review {
            document,
            folder,
            scripts: Scripts::OnDisk,
            found: Vec::new(),
        }
    }

    fn root(&self) -> Place<'d> {
        self.document.root()
    }

    /// Adds a problem, unless it speaks of a blank that stands for something already reported.
    fn report(&mut self, problem: Problem) {
        if !self.document.is_blanked(&problem) {
            self.found.push(problem);
        }
    }

    /// Makes a path absolute and drops `.` from it.
    fn absolute(&self, path: &Path) -> PathBuf {
        self.folder.join(path).components().collect()
    }
}
