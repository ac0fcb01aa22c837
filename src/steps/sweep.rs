//! Removes what a killed run left running.

use super::names::state_labels;
use crate::container::{LABEL_ROLE, ResourceKind};
use crate::journal::StateFolder;
use crate::runtime::{Runtime, RuntimeError};

/// Removes containers that an earlier run of a customer left behind when it was killed, and returns their names.
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
    Ok(removed)
}
