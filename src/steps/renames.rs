//! OpenUpgrade's table of renames for a hop, from the image or from a repository of the plan.

use std::collections::BTreeSet;

use super::Workshop;
use crate::engine::Stop;
use crate::ident::Series;
use crate::odoo::openupgrade::{Apriori, Renames, parse_apriori};
use crate::spec::Engine;

/// What OpenUpgrade knows about the modules of a hop.
#[derive(Default)]
pub(super) struct Known {
    /// Renames and merges.
    pub(super) apriori: Apriori,
    /// Modules it has looked at, those that Odoo dropped included.
    pub(super) covered: BTreeSet<String>,
}

/// Reads what OpenUpgrade knows about a hop; nothing where the hop is not OpenUpgrade's.
pub(super) fn known(workshop: &Workshop, series: Series) -> Result<Known, Stop> {
    if workshop.plan.engine_of(series) != Engine::Openupgrade {
        return Ok(Known::default());
    }
    let repository = workshop
        .plan
        .openupgrade
        .get(&series)
        .and_then(|pins| pins.repository.as_ref());
    let (text, covered) = if let Some(repository) = repository {
        let folder = workshop
            .state
            .checkout(repository, &series.to_string())
            .join("openupgrade_scripts");
        let text = fs_err::read_to_string(folder.join("apriori.py")).map_err(super::stop::file)?;
        let covered = fs_err::read_dir(folder.join("scripts"))
            .map_err(super::stop::file)?
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        (text, covered)
    } else {
        let image = workshop.image(series)?;
        let text = image
            .probe
            .apriori
            .clone()
            .ok_or_else(|| Stop::environment(format!("the image {} holds no OpenUpgrade", image.name)))?;
        (text, image.probe.covered.iter().cloned().collect())
    };
    let apriori = parse_apriori(&text)
        .map_err(|error| Stop::environment(format!("OpenUpgrade's table of renames for {series}: {error}")))?;
    Ok(Known { apriori, covered })
}

/// Returns what became of names over hops, named by their targets.
pub(super) fn chained(workshop: &Workshop, route: &[Series]) -> Result<Renames, Stop> {
    let mut tables = Vec::new();
    for series in route {
        tables.push(known(workshop, *series)?.apriori);
    }
    let mut uninstalled: Vec<String> = workshop.plan.uninstalled().map(str::to_owned).collect();
    for series in route {
        uninstalled.extend(workshop.plan.uninstalled_before(*series).into_iter().map(str::to_owned));
    }
    Ok(Renames::chain(&tables).uninstalling(uninstalled))
}
