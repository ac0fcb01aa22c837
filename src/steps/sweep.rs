//! Removes what a killed run left: its containers, and what lies half made in its volumes.

use super::Workshop;
use super::database::Database;
use super::names::{DATA_DIR, state_labels};
use crate::container::{LABEL_ROLE, ResourceKind};
use crate::engine::{StepContext, Stop};
use crate::journal::{Checkpoints, StateFolder};
use crate::runtime::{Runtime, RuntimeError};

/// Removes containers that an earlier run of a customer left behind when it was killed, and returns their names; also
/// files that were not finished.
///
/// To be called with the customer's lock held and before anything else: an orphaned Odoo may still write, and nothing of
/// the new run may be swept. Instances stay, and so do volumes.
pub async fn sweep(runtime: &dyn Runtime, customer: &str, state: &StateFolder) -> Result<Vec<String>, RuntimeError> {
    let own = state_labels(customer, &state.root().to_string_lossy());
    let mut removed = Vec::new();
    for resource in runtime.list(&own).await? {
        let instance = resource
            .labels
            .get(LABEL_ROLE)
            .is_some_and(|role| role.starts_with("instance-"));
        if resource.kind == ResourceKind::Container && !instance {
            runtime.delete(&resource).await?;
            removed.push(resource.name);
        }
    }
    for file in super::leftovers::files(state) {
        if let Err(error) = file.remove(runtime).await {
            tracing::warn!(%error, file.name, "an unfinished file stays");
        }
    }
    Ok(removed)
}

/// Strikes out checkpoints whose database is not there any more, and removes every database, filestore and work folder
/// that is no checkpoint: nothing else outlives a run.
pub(super) async fn volumes(workshop: &Workshop, database: &Database, context: &StepContext) -> Result<(), Stop> {
    let sql =
        "SELECT coalesce(json_agg(datname), '[]') FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'";
    let databases: Vec<String> = database
        .json("postgres", sql, "list databases", &context.cancel)
        .await?;
    let checkpoints: Checkpoints = workshop
        .state
        .checkpoints()
        .into_iter()
        .filter(|(fingerprint, _)| databases.contains(&workshop.names.checkpoint(fingerprint)))
        .collect();
    let known: Vec<String> = checkpoints
        .keys()
        .map(|fingerprint| workshop.names.checkpoint(fingerprint))
        .collect();
    for name in databases.iter().filter(|name| !known.contains(name)) {
        context.log.line(&format!("removing {name}, which is no checkpoint"));
        super::checkpoint::remove(database, name, context).await?;
    }
    let keep: Vec<String> = known.iter().map(|name| format!("! -name {name}")).collect();
    let script = format!(
        "cd {DATA_DIR}; rm -rf .restore .deliver .archive; if [ -d filestore ]; then \
         find filestore -mindepth 1 -maxdepth 1 {} -exec rm -rf {{}} +; fi",
        keep.join(" ")
    );
    let what = "remove what is no checkpoint";
    database.shell("root", &script, what, None, &context.cancel).await?;
    workshop.state.save_checkpoints(&checkpoints).map_err(super::stop::file)
}
