//! Looks at engine, disk and secrets before anything else happens.

use std::path::Path;

use serde_json::json;

use super::Workshop;
use crate::engine::{Done, StepContext, Stop};
use crate::spec::Engine;

/// A restored database takes about this many times its compressed backup, and each checkpoint as much again.
const ROOM_PER_BACKUP_BYTE: u64 = 30;

/// Checks everything that would otherwise stop the run half-way.
pub(super) async fn run(workshop: &Workshop, context: &StepContext) -> Result<Done, Stop> {
    let engine = workshop.runtime.engine().await?;
    context.log.line(&format!(
        "Docker engine {} (API {}) at {}, {} cores, {} MiB of memory",
        engine.version,
        engine.api,
        engine.address,
        engine.cpus,
        engine.memory >> 20
    ));
    if let Some(memory) = workshop.plan.limits.memory
        && engine.memory > 0
        && memory > engine.memory
    {
        return Err(Stop::environment(format!(
            "`limits.memory` asks for {} MiB and the engine has {} MiB",
            memory >> 20,
            engine.memory >> 20
        ))
        .hint("lower `limits.memory` in the plan"));
    }
    let hops = workshop.plan.route(workshop.facts.from);
    if let Some(hop) = hops
        .into_iter()
        .find(|hop| workshop.plan.engine_of(*hop) == Engine::OdooService)
    {
        return Err(
            Stop::step(format!("hop {hop}: the engine `odoo-service` is not available yet"))
                .hint("use `engine: openupgrade` for a Community database; nothing was changed"),
        );
    }
    writable(&workshop.plan.deliver_folder(workshop.facts.from))?;
    let needed = workshop.facts.backup.bytes.saturating_mul(ROOM_PER_BACKUP_BYTE);
    let free = room(workshop, engine.local).await;
    if let Some(free) = free
        && free < needed
    {
        return Err(Stop::environment(format!(
            "{} MiB are free where the state folder lies, and about {} MiB are needed for a backup of {} MiB",
            free >> 20,
            needed >> 20,
            workshop.facts.backup.bytes >> 20
        ))
        .hint("free disk space; `hopp clean --list` shows what hopp keeps"));
    }
    Ok(Done::with(json!({
        "engine": engine.version,
        "api": engine.api,
        "address": engine.address,
        "cpus": engine.cpus,
        "memory": engine.memory,
        "free": free,
    })))
}

/// Looks whether the results can be written at the end, which may be hours away.
fn writable(target: &Path) -> Result<(), Stop> {
    let Some(there) = target.ancestors().skip(1).find(|folder| folder.is_dir()) else {
        return Ok(());
    };
    let tried = tempfile::tempfile_in(there).map(drop);
    tried.map_err(|error| {
        let mut stop = super::stop::file(error);
        stop.failure.message = format!(
            "the results cannot be written to {}: {}",
            target.display(),
            stop.failure.message
        );
        stop.hint("name another folder under `deliver.to` in the plan")
    })
}

/// Returns the free bytes of the disk the state folder lies on, which a local engine most often shares.
async fn room(workshop: &Workshop, local: bool) -> Option<u64> {
    if !local {
        return None;
    }
    let folder = workshop.state.root().to_path_buf();
    let output = tokio::process::Command::new("df")
        .args(["-P", "-k"])
        .arg(folder)
        .output()
        .await
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kib: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib << 10)
}
