//! Leaving nothing behind.

use super::{Runtime, RuntimeError, RuntimeErrorKind};
use crate::container::{LABEL_CUSTOMER, Labels, Resource};

/// Removes every container, volume and image that carries all these labels, and returns what it removed.
///
/// Containers go first, because a volume or an image in use cannot be removed. One that cannot be removed does not keep
/// the others; the first such error is returned once everything was tried.
pub async fn sweep(runtime: &dyn Runtime, labels: &Labels) -> Result<Vec<Resource>, RuntimeError> {
    let mut resources = runtime.list(labels).await?;
    resources.sort_by_key(|resource| resource.kind);
    let mut removed = Vec::new();
    let mut refused = None;
    for resource in resources {
        match runtime.delete(&resource).await {
            Ok(()) => removed.push(resource),
            Err(error) => {
                refused.get_or_insert(error);
            }
        }
    }
    refused.map_or(Ok(removed), Err)
}

/// Refuses to touch what does not carry our label: a list asked for with too few labels must not cost anybody a volume.
pub(super) fn ours(resource: &Resource) -> Result<(), RuntimeError> {
    if resource.labels.contains_key(LABEL_CUSTOMER) {
        return Ok(());
    }
    let action = format!("remove {}", resource.name);
    let message = "it does not carry hopp's label";
    Err(RuntimeError::new(action, RuntimeErrorKind::Other, message))
}
