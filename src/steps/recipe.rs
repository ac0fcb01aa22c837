//! What a series' image needs on top of its base: OpenUpgrade, and what modules want.

use std::collections::{BTreeMap, BTreeSet};

use super::Workshop;
use super::derive::{Pins, Recipe};
use super::probe::Probe;
use crate::engine::Stop;
use crate::ident::Series;
use crate::spec::{Engine, Lock, Plan};

/// Puts together what a series' image needs on top of its base.
pub(super) fn recipe(workshop: &Workshop, series: Series, probe: &Probe) -> Result<Recipe, Stop> {
    let plan = &workshop.plan;
    let mut recipe = Recipe {
        apt: plan.images.apt.get(&series).cloned().unwrap_or_default(),
        pip: plan.images.pip.get(&series).cloned().unwrap_or_default(),
        ..Recipe::default()
    };
    if plan.engine_of(series) == Engine::Openupgrade {
        recipe.openupgrade = Some(pins(plan, &workshop.lock(), series));
    }
    for (package, module) in missing_packages(workshop, series, probe) {
        recipe.wanted_by.entry(package.clone()).or_default().insert(module);
        if !recipe.pip.contains(&package) {
            recipe.pip.push(package);
        }
    }
    for code in workshop.facts.code_for(series) {
        let path = workshop
            .state
            .checkout(&code.repository, &series.to_string())
            .join("requirements.txt");
        match fs_err::read_to_string(&path) {
            Ok(text) => recipe.requirements.push((code.repository.clone(), text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(super::stop::file(error)),
        }
    }
    Ok(recipe)
}

/// Returns which OpenUpgrade to use: what the plan says, else what the lockfile pinned, else the newest.
pub(super) fn pins(plan: &Plan, lock: &Lock, series: Series) -> Pins {
    let plan = plan.openupgrade.get(&series).cloned().unwrap_or_default();
    let lock = lock.openupgrade.get(&series).cloned().unwrap_or_default();
    Pins {
        scripts: plan.scripts.or(lock.scripts),
        framework: plan.framework.or(lock.framework),
        openupgradelib: plan.openupgradelib.or(lock.openupgradelib),
        from_repository: plan.repository,
    }
}

/// Returns the Python packages that modules of the upgraded database will want and the image lacks, with who wants them.
///
/// A missing package stops Odoo in the middle of a hop (LAB.md §1.4), so this looks at every module that will be
/// installed: those of the backup, what they depend on in this series, and what installs itself beside them.
fn missing_packages(workshop: &Workshop, series: Series, probe: &Probe) -> Vec<(String, String)> {
    let mut present: BTreeSet<String> = workshop.facts.backup.modules.keys().cloned().collect();
    let own: BTreeMap<&String, _> = workshop.facts.code_for(series).flat_map(|code| &code.modules).collect();
    loop {
        let mut more = BTreeSet::new();
        for module in &present {
            let depends = own
                .get(module)
                .map(|manifest| manifest.depends.clone())
                .or_else(|| probe.modules.get(module).map(|module| module.depends.clone()));
            more.extend(depends.into_iter().flatten());
        }
        for (name, module) in &probe.modules {
            let triggers = module.auto_install.as_deref().unwrap_or_default();
            let installs_itself = !triggers.is_empty()
                && !name.starts_with("l10n_")
                && triggers.iter().all(|trigger| present.contains(trigger));
            if installs_itself {
                more.insert(name.clone());
            }
        }
        let before = present.len();
        present.extend(more);
        if present.len() == before {
            break;
        }
    }
    let mut missing = Vec::new();
    for module in &present {
        if let Some(manifest) = own.get(module) {
            missing.extend(
                manifest
                    .external_python
                    .iter()
                    .map(|name| (pip_name(name), module.clone())),
            );
        } else if let Some(probed) = probe.modules.get(module) {
            missing.extend(probed.missing.iter().map(|name| (pip_name(name), module.clone())));
        }
    }
    missing
}

/// Returns what PyPI calls a package that a manifest names by its import name, as manifests of 14.0 do.
fn pip_name(name: &str) -> String {
    match name {
        "ldap" => "python-ldap",
        "dateutil" => "python-dateutil",
        "usb" => "pyusb",
        "serial" => "pyserial",
        "Crypto" => "pycryptodome",
        "OpenSSL" => "pyOpenSSL",
        "yaml" => "PyYAML",
        "bs4" => "beautifulsoup4",
        "dns" => "dnspython",
        "magic" => "python-magic",
        other => other,
    }
    .to_owned()
}
