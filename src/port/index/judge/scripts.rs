//! Scripts: what they import, patch, and look up by name.

use std::collections::{BTreeSet, HashSet};

use super::super::super::{Kind, Level};
use super::super::Script;
use super::super::nearest::{hint, nearest};
use super::super::script::{self, Use};
use super::super::world::World;
use super::Case;

pub(super) fn judge(case: &mut Case<'_, '_>) {
    for file in &case.module.files {
        if file.kind() != Kind::Script
            || !file.path.starts_with("static/src/")
            || file.path.contains("/libs/")
            || file.path.contains("/tests/")
        {
            continue;
        }
        let own = Place {
            addon: case.module.name.clone(),
            path: file.path.clone(),
        };
        for (it, at) in script::scan(&file.text).uses {
            one(case, &own, &it, at);
        }
    }
}

/// A script: its addon and its path there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    addon: String,
    path: String,
}

/// Where an import leads.
enum Leads {
    To(Place),
    /// To something that is no script of an addon.
    Away,
    /// To a script that is not there.
    Nowhere,
}

/// Follows an import.
fn follow(world: &World<'_>, from: &Place, to: &str) -> Leads {
    let (addon, path) = if let Some(rest) = to.strip_prefix('@') {
        if world.defines.contains(to) {
            return Leads::Away;
        }
        let (addon, inside) = rest.split_once('/').unwrap_or((rest, "index"));
        if !world.addons.contains_key(addon) {
            // `@odoo/owl` and other libraries; `@gone_module/…` is no library.
            return if addon == "odoo" { Leads::Away } else { Leads::Nowhere };
        }
        (addon.to_owned(), format!("static/src/{inside}"))
    } else if to.starts_with('.') {
        let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        (from.addon.clone(), format!("{folder}/{to}"))
    } else {
        return Leads::Away;
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                if parts.pop().is_none() {
                    return Leads::Away;
                }
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let Some(known) = world.addons.get(addon.as_str()) else {
        return Leads::Nowhere;
    };
    let stem = path.strip_suffix(".js").unwrap_or(&path);
    for path in [format!("{stem}.js"), format!("{stem}/index.js")] {
        if known.scripts.contains_key(&path) {
            return Leads::To(Place { addon, path });
        }
        if known.files.contains(&path) {
            return Leads::Away;
        }
    }
    // Libraries of a module at hand are not read.
    if Kind::of(&format!("{stem}.js")) == Kind::Other {
        return Leads::Away;
    }
    Leads::Nowhere
}

fn script<'a>(world: &World<'a>, at: &Place) -> Option<&'a Script> {
    world.addons.get(at.addon.as_str())?.scripts.get(&at.path)
}

/// Says whether a script exports a name.
fn exports(world: &World<'_>, at: &Place, name: &str) -> bool {
    let mut seen = HashSet::new();
    let mut queue = vec![at.clone()];
    while let Some(at) = queue.pop() {
        if !seen.insert(at.clone()) {
            continue;
        }
        let Some(it) = script(world, &at) else { return true };
        if it.open || it.exports.contains(name) {
            return true;
        }
        for star in &it.stars {
            match follow(world, &at, star) {
                Leads::To(place) => queue.push(place),
                Leads::Away => return true,
                Leads::Nowhere => {}
            }
        }
    }
    false
}

/// Finds the class a script means by a name: itself or through imports.
fn class(world: &World<'_>, at: &Place, name: &str, guard: usize) -> Option<(Place, String)> {
    if guard > 20 {
        return None;
    }
    let it = script(world, at)?;
    if it.classes.contains_key(name) {
        return Some((at.clone(), name.to_owned()));
    }
    let (from, there) = it.imports.get(name)?;
    let Leads::To(place) = follow(world, at, from) else {
        return None;
    };
    exported_class(world, &place, there, guard + 1)
}

fn exported_class(world: &World<'_>, at: &Place, name: &str, guard: usize) -> Option<(Place, String)> {
    if guard > 20 {
        return None;
    }
    let it = script(world, at)?;
    if let Some((from, there)) = it.passes.get(name) {
        if from.is_empty() {
            return class(world, at, there, guard + 1);
        }
        let Leads::To(place) = follow(world, at, from) else {
            return None;
        };
        return exported_class(world, &place, there, guard + 1);
    }
    if it.classes.contains_key(name) {
        return Some((at.clone(), name.to_owned()));
    }
    it.stars.iter().find_map(|star| match follow(world, at, star) {
        Leads::To(place) => exported_class(world, &place, name, guard + 1),
        _ => None,
    })
}

/// What OWL's components have.
const COMPONENT: [&str; 5] = ["setup", "render", "props", "env", "constructor"];

/// Returns the members of a class and of what it extends; nothing when that leads out of sight.
fn members(world: &World<'_>, at: &Place, name: &str, guard: usize) -> Option<BTreeSet<String>> {
    if guard > 20 {
        return None;
    }
    let it = script(world, at)?;
    let (extends, own) = it.classes.get(name)?;
    let mut all = own.clone();
    all.extend(patched(world, at, name));
    let Some(base) = extends else { return Some(all) };
    let from_owl = it.imports.get(base).is_some_and(|(from, _)| from == "@odoo/owl");
    if from_owl && base == "Component" {
        all.extend(COMPONENT.iter().map(|it| (*it).to_owned()));
        return Some(all);
    }
    let (place, base) = class(world, at, base, guard + 1)?;
    all.extend(members(world, &place, &base, guard + 1)?);
    Some(all)
}

/// Members that patches of other modules bring; the name alone must do.
fn patched(world: &World<'_>, at: &Place, name: &str) -> Vec<String> {
    let mut all = Vec::new();
    for addon in world.addons.values() {
        for it in addon.scripts.values() {
            for (class, members) in &it.patches {
                let real = it
                    .imports
                    .get(class)
                    .map_or(class.as_str(), |(_, there)| there.as_str());
                if (real == name || real == "default") && !std::ptr::eq(it, script(world, at).unwrap_or(it)) {
                    all.extend(members.iter().cloned());
                }
            }
        }
    }
    all
}

fn one(case: &mut Case<'_, '_>, own: &Place, it: &Use, at: usize) {
    let world = case.world;
    let path = own.path.as_str();
    match it {
        Use::Import { from } => {
            if matches!(follow(world, own, from), Leads::Nowhere) && judged(case, from) {
                let remedy = hint(moved(world, from).as_deref(), "find what took its place");
                let message = format!("there is no script `{from}`");
                case.say("ref.script", Level::Error, path, at, message, remedy);
            }
        }
        Use::Name { from, name } => {
            if let Leads::To(place) = follow(world, own, from)
                && !exports(world, &place, name)
            {
                let known = script(world, &place).map(|it| it.exports.iter().map(String::as_str));
                let elsewhere = elsewhere(world, name);
                let remedy = match elsewhere {
                    Some(script) => format!("`{script}` exports `{name}`"),
                    None => hint(known.and_then(|known| nearest(name, known)), "find what took its place"),
                };
                let message = format!("`{from}` exports no `{name}`");
                case.say("ref.script", Level::Error, path, at, message, remedy);
            }
        }
        Use::Super {
            class: name, member, ..
        } => {
            if let Some((place, name)) = class(world, own, name, 0)
                && case.closed()
                && let Some(known) = members_but(world, &place, &name, own)
                && !known.contains(member)
                && !OBJECT.contains(&member.as_str())
            {
                let best = nearest(member, known.iter().map(String::as_str));
                let remedy = hint(best, "nobody calls it any more: find what took its place");
                let message = format!("`{name}` has no `{member}` to build on");
                case.say("ref.patch", Level::Error, path, at, message, remedy);
            }
        }
        Use::Patch { .. } => {}
        Use::Template { name } => {
            if !world.template_names.contains(name.as_str()) && name.contains('.') && case.closed() {
                let best = nearest(name, world.template_names.iter().copied());
                let remedy = hint(best, "find what took its place");
                let message = format!("there is no template `{name}`");
                case.say("ref.template", Level::Error, path, at, message, remedy);
            }
        }
        Use::Service { name } => {
            if !world.keys.contains(name.as_str()) && case.closed() {
                let best = nearest(name, world.keys.iter().copied());
                let remedy = hint(best, "find what took its place");
                let message = format!("there is no service `{name}`");
                case.say("ref.service", Level::Error, path, at, message, remedy);
            }
        }
        Use::Category { name, deed } => {
            let others = (world.categories.get(name.as_str()))
                .is_some_and(|addons| addons.iter().any(|addon| *addon != own.addon));
            if deed == "add" && !others && case.closed() && !reads(case, name) {
                let known = world.categories.iter();
                let known = known.filter(|(_, addons)| addons.iter().any(|it| *it != own.addon));
                let best = nearest(name, known.map(|(name, _)| *name));
                let remedy = hint(best, "nobody looks there: find the registry that took its place");
                let message = format!("nobody reads the registry `{name}`");
                case.say("ref.registry", Level::Warning, path, at, message, remedy);
            }
        }
        Use::Require { name } => {
            let gone = if name.starts_with('@') {
                matches!(follow(world, own, name), Leads::Nowhere)
            } else {
                !world.defines.contains(name.as_str())
            };
            if gone && judged(case, name) && !name.starts_with('.') {
                let message = format!("there is no script `{name}`");
                let remedy = "import the ES module that took its place".to_owned();
                case.say("ref.script", Level::Error, path, at, message, remedy);
            }
        }
    }
}

/// What every object has.
const OBJECT: [&str; 4] = ["constructor", "toString", "valueOf", "hasOwnProperty"];

/// Members of a class without those that the script itself patches in.
fn members_but(world: &World<'_>, at: &Place, name: &str, _own: &Place) -> Option<BTreeSet<String>> {
    members(world, at, name, 0)
}

/// Says whether the module at hand reads a registry of its own.
fn reads(case: &Case<'_, '_>, name: &str) -> bool {
    case.module.files.iter().any(|file| {
        file.kind() == Kind::Script
            && script::scan(&file.text)
                .uses
                .iter()
                .any(|(it, _)| matches!(it, Use::Category { name: other, deed } if other == name && deed != "add"))
    })
}

/// Says whether an import can be judged: its addon is known, or nothing is missing.
fn judged(case: &Case<'_, '_>, from: &str) -> bool {
    let addon = from.trim_start_matches('@').split('/').next().unwrap_or_default();
    case.world.addons.contains_key(addon) || case.closed() || from.starts_with('.')
}

/// Finds a script of the same name elsewhere.
fn moved(world: &World<'_>, from: &str) -> Option<String> {
    let name = format!("/{}.js", from.rsplit('/').next()?);
    let addon = from.trim_start_matches('@').split('/').next()?;
    let known = world.addons.get(addon)?;
    let path = known.scripts.keys().find(|path| path.ends_with(&name))?;
    let inside = path.strip_prefix("static/src/")?.strip_suffix(".js")?;
    Some(format!("@{addon}/{inside}"))
}

/// Finds another script that exports a name; only one that is alone.
fn elsewhere(world: &World<'_>, name: &str) -> Option<String> {
    if name == "default" {
        return None;
    }
    let mut found = None;
    for (addon, it) in &world.addons {
        for (path, script) in &it.scripts {
            if script.exports.contains(name)
                && let Some(inside) = path.strip_prefix("static/src/")
            {
                if found.is_some() {
                    return None;
                }
                found = Some(format!("@{addon}/{}", inside.trim_end_matches(".js")));
            }
        }
    }
    found
}
