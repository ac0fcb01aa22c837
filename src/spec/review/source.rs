//! Where the database comes from, and where results go.

use std::path::{Path, PathBuf};

use crate::ident::Series;

use super::Review;
use crate::spec::document::Place;
use crate::spec::placeholder::{self, Values};
use crate::spec::plan_file::{Deliver, Source};

/// What the plan says about its two ends.
pub(super) struct Ends {
    pub(super) backup: PathBuf,
    pub(super) filestore: Option<PathBuf>,
    pub(super) source: Option<Series>,
    pub(super) target: Option<Series>,
}

impl Review<'_> {
    pub(super) fn ends(&mut self, source: &Source, target: &str) -> Ends {
        let place = self.root().key("source");
        let series = source.series.as_deref();
        let source_series = series.and_then(|text| self.series(&place.key("series"), text));
        let target_place = self.root().key("target");
        let target = self.series(&target_place, target);
        if let (Some(from), Some(to)) = (source_series, target)
            && to < from
        {
            let problem = target_place
                .error(
                    "target-older",
                    format!("the target {to} is older than the source {from}"),
                    "older than the source",
                )
                .related(place.key("series").range(), "the source")
                .help("Odoo databases cannot go back");
            self.report(problem);
        }
        Ends {
            backup: self.backup(&place.key("backup"), &source.backup),
            filestore: source
                .filestore
                .as_ref()
                .map(|path| self.filestore(&place.key("filestore"), path)),
            source: source_series,
            target,
        }
    }

    fn backup(&mut self, place: &Place<'_>, written: &Path) -> PathBuf {
        let path = self.absolute(written);
        if !path.exists() {
            let message = format!("the backup `{}` does not exist", written.display());
            let problem = place.error("backup-missing", message, "no such file");
            self.report(problem.help("relative paths start at the plan's folder"));
        } else if path.is_dir() && !path.join("toc.dat").is_file() {
            let message = format!("`{}` is a folder, but not one that `pg_dump` wrote", written.display());
            let problem = place
                .error("backup-not-a-dump", message, "there is no `toc.dat` in it")
                .help("name the backup file itself, or the folder of `pg_dump --format=directory`");
            self.report(problem);
        }
        path
    }

    fn filestore(&mut self, place: &Place<'_>, written: &Path) -> PathBuf {
        let path = self.absolute(written);
        if !path.exists() {
            let message = format!("the filestore `{}` does not exist", written.display());
            let problem = place.error("filestore-missing", message, "no such file or folder");
            self.report(
                problem.help("relative paths start at the plan's folder; leave it out when the backup is an Odoo zip"),
            );
        }
        path
    }

    pub(super) fn deliver(&mut self, deliver: &Deliver, values: &Values<'_>) -> PathBuf {
        let place = self.root().key("deliver").key("to");
        let written = deliver.to.to_string_lossy();
        let filled = self.filled(&place, &written, values);
        self.absolute(Path::new(&filled))
    }

    /// Replaces placeholders in a text at its place.
    pub(super) fn filled(&mut self, place: &Place<'_>, text: &str, values: &Values<'_>) -> String {
        placeholder::fill(text, values).unwrap_or_else(|error| {
            self.report(
                place
                    .error("unknown-placeholder", error.to_string(), "in this text")
                    .help(error.remedy()),
            );
            text.to_owned()
        })
    }
}
