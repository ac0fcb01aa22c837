//! The code that a backup holds: what lives in the database alone.

use std::path::Path;

use super::Counted;
use crate::cli::assess;
use crate::cli::environment::Environment;
use crate::cli::failure::Failure;
use crate::cli::run::interruptible;
use crate::ident::Series;
use crate::odoo::cloc::{Python, Rules, Tally};

/// Says whether a path is counted as a backup: files are, unless they are code, and folders of `pg_dump`.
pub(super) fn is_backup(path: &Path) -> bool {
    let is_code = Rules::of(Series::NEWEST)
        .kind_of(path.as_os_str().as_encoded_bytes())
        .is_some();
    (path.is_file() && !is_code) || path.join("toc.dat").is_file()
}

/// Counts a backup's own code.
pub(super) async fn count(
    path: &Path,
    filestore: Option<&Path>,
    series: Option<Series>,
    python: Python,
    environment: &Environment,
) -> Result<Counted, Failure> {
    let surveyed = assess::surveyed(path, filestore, None, environment, &interruptible()).await?;
    let rules = Rules::of(series.unwrap_or(surveyed.series)).with_python(python);
    Ok(Counted {
        tally: Tally::new(rules, surveyed.own.tally(rules)),
        remarks: vec![
            "only what lives in the database; a plan names the repositories that hold the modules' code".to_owned(),
        ],
        sources: Vec::new(),
    })
}
