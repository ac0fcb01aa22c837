//! Looks at engine, disk and secrets before anything else happens.

use serde_json::json;

use super::Workshop;
use super::doctor::{Level, machine, room};
use crate::engine::{Done, StepContext, Stop};
use crate::spec::Engine;

/// Checks everything that would otherwise stop the run half-way.
pub(super) async fn run(workshop: &Workshop, context: &StepContext) -> Result<Done, Stop> {
    let engine = workshop.runtime.engine().await?;
    context.log.line(&format!(
        "Docker engine {} (API {}) at {}, {} cores",
        engine.version, engine.api, engine.address, engine.cpus,
    ));
    let plan = &workshop.plan;
    let hops = plan.route(workshop.facts.from);
    if let Some(hop) = hops.into_iter().find(|hop| plan.engine_of(*hop) == Engine::OdooService) {
        return Err(
            Stop::step(format!("hop {hop}: the engine `odoo-service` is not available yet"))
                .hint("use `engine: openupgrade` for a Community database; nothing was changed"),
        );
    }
    let delivered = plan.deliver_folder(workshop.facts.from);
    let mut checks = vec![machine::results(&delivered), room::memory(&engine, Some(&plan.limits))];
    checks.extend(room::cores(&engine, Some(&plan.limits)));
    let needs = room::needs(
        Some((plan, &workshop.facts.backup)),
        Some(&engine),
        &workshop.settings.cache,
    );
    checks.extend(room::disks(&needs, Some(&engine)));
    for check in &checks {
        context
            .log
            .line(&format!("{}, {}: {}", check.area, check.subject, check.message));
    }
    let failed = checks.iter().find(|check| check.level == Level::Fail);
    if let Some(check) = failed {
        let stop = Stop::environment(format!("{}: {}", check.subject, check.message));
        return Err(match &check.remedy {
            Some(remedy) => stop.hint(remedy.clone()),
            None => stop,
        });
    }
    Ok(Done::with(json!({
        "engine": engine.version,
        "api": engine.api,
        "address": engine.address,
        "cpus": engine.cpus,
        "memory": engine.memory,
        "checks": checks,
    })))
}
