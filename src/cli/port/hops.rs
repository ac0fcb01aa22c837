//! What is known of hops: OpenUpgrade's renames, where its release is at hand or can be fetched.

use std::path::PathBuf;

use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::ident::Series;
use crate::odoo::openupgrade::{Release, package};
use crate::port::Hop;
use crate::spec::{Lock, Plan};
use crate::steps::Settings;
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

/// Returns the hops between two series with what the plan's own OpenUpgrade knows of them.
///
/// Where it cannot be read there is no porting: what is renamed would stay, and nobody would know.
pub(super) async fn of_plan(
    plan: &Plan,
    lock: &Lock,
    from: Series,
    to: Series,
    settings: &Settings,
) -> Result<Vec<Hop>, Failure> {
    let mut hops = Vec::new();
    for series in Series::all().filter(|series| *series > from && *series <= to) {
        let pins = plan.openupgrade.get(&series);
        let pinned = lock.openupgrade.get(&series).and_then(|pins| pins.scripts.clone());
        let version = pins.and_then(|pins| pins.scripts.clone()).or(pinned);
        let releases = Releases::new(settings.cache.join("openupgrade"));
        let package = package(series, "openupgrade-scripts");
        let look = move || releases.get(series, &package, version.as_deref());
        let release = tokio::task::spawn_blocking(look)
            .await
            .map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))?
            .map_err(|error| {
                let message = format!("what OpenUpgrade renames in {series} must be known for a port: {error}");
                Failure::environment(message)
                    .hint("`hopp assess --openupgrade PATH` shows whether a release can be read")
            })?;
        hops.push(Hop {
            to: series.major(),
            renames: release.apriori,
            changes: release.changes,
        });
    }
    Ok(hops)
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
