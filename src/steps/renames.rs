//! OpenUpgrade's table of renames for a hop, from the image or from a repository of the plan.

use std::collections::BTreeSet;
use std::path::Path;

use super::Workshop;
use crate::engine::Stop;
use crate::ident::Series;
use crate::odoo::openupgrade::{Apriori, Renames, gone_in, parse_apriori};
use crate::spec::{Engine, Fate as Rule};

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
        in_checkout(&workshop.state.checkout(repository, &series.to_string())).map_err(super::stop::file)?
    } else {
        let image = workshop.image(series)?;
        let probe = &image.probe;
        let text = probe
            .apriori
            .clone()
            .ok_or_else(|| Stop::environment(format!("the image {} holds no OpenUpgrade", image.name)))?;
        (text, covered(probe.covered.iter().cloned(), &probe.gone))
    };
    let apriori = parse_apriori(&text)
        .map_err(|error| Stop::environment(format!("OpenUpgrade's table of renames for {series}: {error}")))?;
    Ok(Known { apriori, covered })
}

/// Returns the modules that Odoo dropped at a hop: OpenUpgrade knows them, under no other name, and nothing has code of them.
pub(super) fn dropped(workshop: &Workshop, series: Series, known: &Known) -> Result<BTreeSet<String>, Stop> {
    if known.covered.is_empty() {
        return Ok(BTreeSet::new());
    }
    let image = workshop.image(series)?;
    let has_code = |name: &String| {
        image.probe.modules.get(name).is_some_and(|module| module.installable)
            || workshop
                .facts
                .code_for(series)
                .any(|code| code.modules.contains_key(name))
    };
    let moves = |name: &String| {
        known.apriori.renamed_modules.contains_key(name) || known.apriori.merged_modules.contains_key(name)
    };
    let is_kept = |name: &String| workshop.plan.rule(name) == Some(Rule::Keep);
    let known = known.covered.iter();
    let dropped = known.filter(|name| !has_code(name) && !moves(name) && !is_kept(name));
    Ok(dropped.cloned().collect())
}

/// Reads the table of renames, and which modules are known, of OpenUpgrade in a checkout.
fn in_checkout(checkout: &Path) -> std::io::Result<(String, BTreeSet<String>)> {
    let folder = checkout.join("openupgrade_scripts");
    let text = fs_err::read_to_string(folder.join("apriori.py"))?;
    let scripts = folder.join("scripts");
    let mut folders = Vec::new();
    let mut log = String::new();
    for entry in fs_err::read_dir(&scripts)? {
        let entry = entry?;
        folders.push(entry.file_name().to_string_lossy().into_owned());
        for version in fs_err::read_dir(entry.path()).into_iter().flatten().flatten() {
            log += &fs_err::read_to_string(version.path().join("upgrade_general_log.txt")).unwrap_or_default();
            log.push('\n');
        }
    }
    Ok((text, covered(folders, &log)))
}

/// Returns the modules that OpenUpgrade knows: those it has a folder for, and those that its log says Odoo dropped.
fn covered(folders: impl IntoIterator<Item = String>, log: &str) -> BTreeSet<String> {
    folders.into_iter().chain(gone_in(log).map(str::to_owned)).collect()
}

/// Returns what became of names over hops, named by their targets.
pub(super) fn chained(workshop: &Workshop, route: &[Series]) -> Result<Renames, Stop> {
    let mut tables = Vec::new();
    let mut gone = BTreeSet::new();
    for series in route {
        let known = known(workshop, *series)?;
        gone.extend(dropped(workshop, *series, &known)?);
        tables.push(known.apriori);
    }
    let mut uninstalled: Vec<String> = workshop.plan.uninstalled().map(str::to_owned).collect();
    for series in route {
        uninstalled.extend(workshop.plan.uninstalled_before(*series).into_iter().map(str::to_owned));
    }
    Ok(Renames::chain(&tables).uninstalling(uninstalled).dropping(gone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_odoo_dropped_is_known_though_nobody_wrote_scripts_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str, text: &str| {
            let path = folder.path().join("openupgrade_scripts").join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        };
        file("apriori.py", "renamed_modules = {}\n");
        file("scripts/sale/19.0.1.0/post-migration.py", "");
        let log = "---Models in module 'general'---\n---Probably obsolete module pos_six---\n---Models in module 'membership'---\n";
        file("scripts/base/19.0.1.3/upgrade_general_log.txt", log);
        let (text, known) = in_checkout(folder.path()).unwrap();
        assert_eq!(text, "renamed_modules = {}\n");
        assert_eq!(Vec::from_iter(&known), ["base", "membership", "pos_six", "sale"]);
    }
}
