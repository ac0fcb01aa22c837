//! What is known of hops: OpenUpgrade's renames, where its release is at hand or can be fetched.

use std::path::PathBuf;

use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::ident::Series;
use crate::odoo::openupgrade::{Release, package};
use crate::port::Hop;
use crate::world::openupgrade::{Releases, named};

/// Returns the hops from the series `first` leads to up to `to`, and remarks on what is not known of them.
pub(super) async fn hops(
    first: u8,
    to: u8,
    openupgrade: &[PathBuf],
    offline: bool,
    environment: &Environment,
) -> Result<(Vec<Hop>, Vec<String>), Failure> {
    let (mut hops, mut remarks) = (Vec::new(), Vec::new());
    let mut work = Vec::new();
    for series in (first..=to).filter_map(Series::from_major) {
        let releases = Releases::new(environment.settings().cache.join("openupgrade"));
        let openupgrade = openupgrade.to_vec();
        let look = move || release(series, &openupgrade, offline, &releases);
        work.push((series, tokio::task::spawn_blocking(look)));
    }
    for (series, work) in work {
        let release = work
            .await
            .map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))?;
        let release = release.unwrap_or_else(|why| {
            remarks.push(format!("what OpenUpgrade renames in {series} is not known: {why}"));
            Release::default()
        });
        hops.push(Hop {
            to: series.major(),
            renames: release.apriori,
            changes: release.changes,
        });
    }
    Ok((hops, remarks))
}

fn release(series: Series, openupgrade: &[PathBuf], offline: bool, releases: &Releases) -> Result<Release, String> {
    for path in openupgrade {
        match named(path, series) {
            Ok(Some(release)) => return Ok(release),
            Ok(None) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    if offline {
        let kept = releases.kept(series, None).map_err(|error| error.to_string())?;
        return kept.ok_or_else(|| "no release is kept, and `--offline` fetches none".to_owned());
    }
    let package = package(series, "openupgrade-scripts");
    releases.get(series, &package, None).map_err(|error| error.to_string())
}
