//! Following modules from hop to hop.

use std::collections::BTreeSet;

use super::origin::{Origin, oca_repository, origin};
use super::{AtHop, Code, Fate, Hop, Known, Place, Way};
use crate::ident::Series;
use crate::odoo::survey::Module;

/// Follows every installed module over the hops, in the order of their names.
pub fn follow(known: &Known<'_>) -> Vec<Way> {
    let installed = known.modules.iter().filter(|(_, module)| module.is_installed());
    installed.map(|(name, module)| way(name, module, known)).collect()
}

fn way(name: &str, module: &Module, known: &Known<'_>) -> Way {
    let mut way = Way {
        module: name.to_owned(),
        version: module.version.clone(),
        origin: origin(name, module, known),
        name: name.to_owned(),
        hops: Vec::new(),
        covered: known.covered.contains(name),
    };
    if known.uninstalled.contains(name) {
        if let Some(first) = known.hops.first() {
            way.hops.push(AtHop {
                to: first.to,
                fate: Fate::Uninstalled,
                grade: None,
                code: None,
                note: None,
            });
        }
        return way;
    }
    // Whose module it is changes when a hop moves its data to another's.
    let mut owner = way.origin;
    for hop in &known.hops {
        let at = step(&way, owner, module, hop, known);
        if let Fate::Renamed(to) | Fate::Merged(to) = &at.fate {
            way.name.clone_from(to);
            owner = match (owner, at.grade.is_some()) {
                (_, true) => Origin::Core,
                (Origin::Core, false) => Origin::Oca,
                (owner, false) => owner,
            };
        }
        let ends = matches!(at.fate, Fate::Removed);
        way.hops.push(at);
        if ends {
            break;
        }
    }
    way
}

fn step(way: &Way, owner: Origin, module: &Module, hop: &Hop, known: &Known<'_>) -> AtHop {
    let at = |fate: Fate| AtHop {
        to: hop.to,
        fate,
        grade: None,
        code: None,
        note: None,
    };
    let release = hop.release.as_ref().ok();
    let renamed = release.and_then(|release| release.apriori.renamed_modules.get(&way.name));
    let merged = release.and_then(|release| release.apriori.merged_modules.get(&way.name));
    let (fate, name) = match (renamed, merged) {
        (Some(to), _) => (Fate::Renamed(to.clone()), to.as_str()),
        (None, Some(into)) => (Fate::Merged(into.clone()), into.as_str()),
        (None, None) => (Fate::Stays, way.name.as_str()),
    };
    if let Some(code) = hop.code.iter().find(|code| code.modules.contains_key(name)) {
        return in_repository(name, fate, code, hop, known);
    }
    if known.kept.contains(&way.module) {
        let note = Some("kept, as the plan says".to_owned());
        return AtHop { note, ..at(fate) };
    }
    match owner {
        Origin::Imported => at(Fate::Stays),
        Origin::Enterprise => AtHop {
            note: Some("Odoo's own service upgrades Enterprise modules".to_owned()),
            ..at(Fate::Unknown)
        },
        _ => match &hop.release {
            Err(why) if owner == Origin::Core => AtHop {
                note: Some(why.clone()),
                ..at(Fate::Unknown)
            },
            Ok(release) => {
                let is_odoos = |name: &str| {
                    let was = known.modules.get(name);
                    let was = was.is_some_and(|module| origin(name, module, known) == Origin::Core);
                    release.lists(name) || (was && !release.gone.contains(name))
                };
                let moved = fate != Fate::Stays;
                if (moved || owner == Origin::Core) && is_odoos(name) {
                    let grade = Some(release.grade(name));
                    return AtHop { grade, ..at(fate) };
                }
                if owner == Origin::Core && !moved {
                    // Renamed earlier, so that the database does not know the name, and unchanged since.
                    return if release.gone.contains(name) {
                        at(Fate::Removed)
                    } else {
                        let grade = Some(release.grade(name));
                        AtHop { grade, ..at(fate) }
                    };
                }
                without_code(way, module, name, moved, hop.to, known)
            }
            Err(_) => without_code(way, module, name, false, hop.to, known),
        },
    }
}

/// Returns the fate of a module that a repository of the plan offers.
fn in_repository(name: &str, fate: Fate, code: &Code, hop: &Hop, known: &Known<'_>) -> AtHop {
    let manifest = &code.modules[name];
    let note = if !manifest.installable {
        Some("its manifest says `installable: False`".to_owned())
    } else if let Some(other) = manifest.series_of().filter(|series| *series != hop.to) {
        Some(format!("its version is still one of {other}"))
    } else {
        absent(&manifest.depends, hop, known).map(|needed| format!("it needs `{needed}`, which is nowhere"))
    };
    AtHop {
        to: hop.to,
        fate: if note.is_some() { Fate::ToPort } else { fate },
        grade: None,
        code: Some(Place {
            repository: code.repository.clone(),
            reference: code.reference.clone(),
            found: true,
        }),
        note,
    }
}

/// Returns the fate of a module that is not Odoo's and that no repository of the plan offers for a series.
fn without_code(way: &Way, module: &Module, name: &str, moved: bool, to: Series, known: &Known<'_>) -> AtHop {
    let mut elsewhere = known.hops.iter().flat_map(|hop| &hop.code);
    let own = elsewhere.rfind(|code| code.modules.contains_key(&way.name));
    let oca = oca_repository(&module.website).or((name.ends_with("_oca")).then_some("…"));
    let place = match (own, oca) {
        (Some(code), _) => Some((code.repository.clone(), to.to_string())),
        (None, Some("…") | None) => None,
        (None, Some(repository)) => Some((format!("OCA/{repository}"), to.to_string())),
    };
    let is_known = own.is_some() || !known.has_plan;
    let note = if moved {
        Some(format!(
            "OpenUpgrade calls it {name} from {to} on, and nothing here has a module of that name"
        ))
    } else if own.is_some() {
        Some(format!("the repository has it for another series, not for {to}"))
    } else if known.has_plan {
        Some(format!("no repository of the plan has it for {to}"))
    } else {
        None
    };
    AtHop {
        to,
        fate: if is_known && !moved {
            Fate::ToPort
        } else {
            Fate::Missing
        },
        grade: None,
        code: place.map(|(repository, reference)| Place {
            repository,
            reference,
            found: false,
        }),
        note,
    }
}

/// Returns the first of these modules that a hop has no code of, when enough is known to tell.
fn absent<'n>(needed: &'n [String], hop: &Hop, known: &Known<'_>) -> Option<&'n str> {
    let release = hop.release.as_ref().ok()?;
    let there = |name: &str| {
        let was = known.modules.get(name);
        hop.code.iter().any(|code| code.modules.contains_key(name))
            || release.lists(name)
            || known.kept.contains(name)
            || release.apriori.renamed_modules.values().any(|new| new == name)
            || was.is_some_and(|module| {
                let origin = origin(name, module, known);
                matches!(origin, Origin::Core | Origin::Enterprise | Origin::Imported)
                    && !release.gone.contains(name)
                    && !release.apriori.renamed_modules.contains_key(name)
                    && !release.apriori.merged_modules.contains_key(name)
            })
            // Over several hops the database no longer knows the names of the series in between.
            || known.hops.iter().filter(|other| other.to < hop.to).any(|other| {
                other.release.as_ref().is_ok_and(|release| release.lists(name))
            })
    };
    needed.iter().map(String::as_str).find(|name| !there(name))
}

/// An installed module that needs one that is not installed, or does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// The installed module.
    pub module: String,
    /// What it needs.
    pub needs: String,
    /// Whether the database knows of a module of that name.
    pub exists: bool,
}

/// Returns what installed modules need, as the database says, and do not have.
pub fn lacking(known: &Known<'_>) -> Vec<Lacking> {
    let installed: BTreeSet<&str> = known
        .modules
        .iter()
        .filter(|(_, module)| module.is_installed())
        .map(|(name, _)| name.as_str())
        .collect();
    let mut all = Vec::new();
    for (name, module) in known.modules.iter().filter(|(_, module)| module.is_installed()) {
        for needed in module
            .depends
            .iter()
            .filter(|needed| !installed.contains(needed.as_str()))
        {
            all.push(Lacking {
                module: name.clone(),
                needs: needed.clone(),
                exists: known.modules.contains_key(needed),
            });
        }
    }
    all
}
