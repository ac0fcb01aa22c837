//! Room: memory, cores and disks, for what a plan will need.

use std::path::{Path, PathBuf};

use super::Check;
use crate::container::EngineInfo;
use crate::odoo::backup::Backup;
use crate::spec::{Limits, Plan};
use crate::words;
use crate::world::backup::weigh;
use crate::world::disk;

/// Odoo and PostgreSQL do not get far with less memory than this.
const LEAST_MEMORY: u64 = 2 << 30;
/// Copies of the database besides checkpoints: the one that is worked on, `verify`'s, and what the hops add.
const COPIES: u64 = 3;
/// A delivered dump is about this part of its database.
const PACKED: u64 = 8;
/// Journals, logs and checkouts.
const STATE: u64 = 100 << 20;
/// Without a plan: an image, a derived one and a small database.
const GENERAL: u64 = 5 << 30;
const MEBIBYTE: u64 = 1 << 20;

/// Compares the engine's memory with what a plan's containers may use.
pub(in crate::steps) fn memory(engine: &EngineInfo, limits: Option<&Limits>) -> Check {
    let all = words::bytes(engine.memory);
    let check = |message: String| Check::pass("memory", "the engine's", message);
    let Some(limit) = limits.and_then(|limits| limits.memory) else {
        let check = check(all);
        return if engine.memory < LEAST_MEMORY {
            check.warn("Odoo and PostgreSQL together want 2 GiB at least")
        } else {
            check
        };
    };
    let asked = words::bytes(limit);
    if limit > engine.memory && engine.memory > 0 {
        return check(format!("`limits.memory` asks for {asked} and the engine has {all}"))
            .fail("lower `limits.memory` in the plan");
    }
    let check = check(format!("{all}; `limits.memory` gives each container {asked}"));
    if !engine.limits_memory {
        check.warn("this engine cannot limit memory: `limits.memory` has no effect there")
    } else if limit.saturating_mul(2) > engine.memory {
        check.warn("PostgreSQL and Odoo run at the same time and may use that much each: lower `limits.memory`")
    } else {
        check
    }
}

/// Compares the engine's cores with what a plan's containers may use; nothing when the plan sets no limit.
pub(in crate::steps) fn cores(engine: &EngineInfo, limits: Option<&Limits>) -> Option<Check> {
    let limit = limits.and_then(|limits| limits.milli_cpus)?;
    let have = words::count(usize::try_from(engine.cpus).unwrap_or_default(), "core");
    let asked = format!("{}.{:03}", limit / 1000, limit % 1000);
    let asked = asked.trim_end_matches('0').trim_end_matches('.');
    let message = format!("{have}; `limits.cpus` gives each container {asked}");
    let check = Check::pass("processor", "the engine's", message);
    // An engine refuses to make a container with more than there is.
    Some(if limit > engine.cpus.saturating_mul(1000) {
        check.fail("lower `limits.cpus` in the plan")
    } else {
        check
    })
}

/// Room that is needed somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::steps) struct Need {
    /// For what, for people.
    place: &'static str,
    path: PathBuf,
    bytes: u64,
    /// How the figure came about.
    why: Option<String>,
}

/// Estimates the room that a run of a plan needs, where that can be seen from here.
pub(in crate::steps) fn needs(plan: Option<(&Plan, &Backup)>, engine: Option<&EngineInfo>, cache: &Path) -> Vec<Need> {
    let need = |place, path: PathBuf, bytes| Need {
        place,
        path,
        bytes,
        why: None,
    };
    let engine_s = engine
        .filter(|engine| engine.local && Path::new(&engine.data_root).is_absolute())
        .map(|engine| PathBuf::from(&engine.data_root));
    let mut needs = Vec::new();
    let Some((plan, backup)) = plan else {
        needs.extend(engine_s.map(|path| need("Docker's data", path, GENERAL)));
        needs.push(need("hopp's cache", cache.into(), STATE));
        return needs;
    };
    let weight = weigh(backup, plan.filestore.as_deref());
    let from = backup.series.or(plan.source_series).unwrap_or(plan.target);
    // One after the restored copy is neutralised, and two for each hop.
    let checkpoints = 1 + 2 * plan.route(from).len() as u64;
    let databases = weight.database.saturating_mul(checkpoints + COPIES);
    let filestore = weight.filestore.saturating_mul(2);
    needs.extend(engine_s.map(|path| Need {
        place: "Docker's data",
        path,
        bytes: databases.saturating_add(filestore),
        why: Some(format!(
            "a database of about {} in {} copies ({checkpoints} checkpoints), a filestore of {}",
            words::bytes(weight.database),
            checkpoints + COPIES,
            words::bytes(weight.filestore)
        )),
    }));
    let packed = (weight.database / PACKED).saturating_mul(2);
    let delivered = plan.deliver_folder(from);
    needs.push(need("delivered files", delivered, packed.saturating_add(filestore)));
    needs.push(need("the state folder", plan.folder.join(".hopp"), STATE));
    needs.push(need("hopp's cache", cache.into(), STATE));
    needs
}

/// Compares what is needed with what is free, disk by disk.
pub(in crate::steps) fn disks(needs: &[Need], engine: Option<&EngineInfo>) -> Vec<Check> {
    let mut disks: Vec<(disk::Room, Vec<&Need>)> = Vec::new();
    let mut checks = Vec::new();
    for need in needs {
        let Some(room) = disk::room(&need.path) else {
            let seen = Check::pass(
                "disk",
                need.place,
                format!("{} cannot be looked at", need.path.display()),
            );
            checks.push(seen.warn("look there by hand: `df`"));
            continue;
        };
        match disks.iter_mut().find(|(other, _)| other.device == room.device) {
            Some((_, needs)) => needs.push(need),
            None => disks.push((room, vec![need])),
        }
    }
    checks.extend(disks.iter().map(|(room, needs)| disk_of(room.free, needs)));
    if let Some(engine) = engine.filter(|engine| !engine.local) {
        let message = format!("{} is on another machine", engine.data_root);
        checks.push(Check::pass("disk", "Docker's data", message).warn("look there by hand: `df`"));
    }
    checks
}

fn disk_of(free: u64, needs: &[&Need]) -> Check {
    let needed = needs.iter().fold(0_u64, |sum, need| sum.saturating_add(need.bytes));
    let places: Vec<&str> = needs.iter().map(|need| need.place).collect();
    let why: Vec<String> = needs.iter().filter_map(|need| need.why.clone()).collect();
    let mut message = format!(
        "{} are free, and about {} are needed",
        words::bytes(free),
        words::bytes(needed.div_ceil(MEBIBYTE) * MEBIBYTE)
    );
    if !why.is_empty() {
        message = format!("{message}: {}", why.join("; "));
    }
    let check = Check::pass("disk", places.join(", "), message);
    let remedy = "free disk space; `hopp clean --list` shows what hopp keeps";
    if free < needed {
        check.fail(remedy)
    } else if free < needed.saturating_add(needed / 2) {
        check.warn(remedy)
    } else {
        check
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn places_on_one_disk_share_its_room() {
        let need = |bytes| Need {
            place: "x",
            path: "/".into(),
            bytes,
            why: None,
        };
        let (a, b) = (need(400), need(300));
        let level = |free| disk_of(free, &[&a, &b]).level;
        assert_eq!(level(699), Level::Fail);
        assert_eq!(level(1000), Level::Warn);
        assert_eq!(level(1050), Level::Pass);
    }

    #[test]
    fn a_disk_is_looked_at_where_a_folder_will_be_and_two_places_are_one_disk() {
        let folder = tempfile::tempdir().unwrap();
        let need = |name: &str, bytes| Need {
            place: "x",
            path: folder.path().join(name),
            bytes,
            why: None,
        };
        let checks = disks(&[need("a/b", 1), need("c", u64::MAX / 2)], None);
        assert_eq!(checks.len(), 1, "{checks:?}");
        assert_eq!(checks[0].level, Level::Fail);
    }
}
