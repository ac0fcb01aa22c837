//! Leftovers on the container engine.

use std::path::Path;

use super::{Leftover, LeftoverKind, Thing};
use crate::container::{LABEL_CUSTOMER, LABEL_ROLE, LABEL_RUN, LABEL_STATE, Resource, ResourceKind};
use crate::steps::instance;

/// Returns what of a customer that nobody works on is left over.
pub(super) fn of_no_run(folder: &Path, resources: Vec<Resource>) -> Vec<Leftover> {
    let whole = instance::whole(folder, &resources);
    let judged = resources.into_iter().filter_map(|resource| {
        let role = role(&resource);
        let why = if role.starts_with("instance-") {
            if whole.iter().any(|prefix| role.starts_with(prefix)) {
                return None;
            }
            "an instance that was not made whole".to_owned()
        } else if resource.kind == ResourceKind::Container {
            match resource.labels.get(LABEL_RUN) {
                Some(run) => format!("run {run} was killed"),
                None => "the command that made it was killed".to_owned(),
            }
        } else {
            return None;
        };
        Some(leftover(resource, why))
    });
    judged.collect()
}

/// Returns what belongs to a state folder that is gone.
///
/// While something of it runs, the folder may only be out of sight: in a container, on another machine.
pub(super) fn of_no_folder(resources: Vec<Resource>) -> Vec<Leftover> {
    if resources.iter().any(|resource| resource.running) {
        return Vec::new();
    }
    let gone = |resource| leftover(resource, "its state folder is gone".to_owned());
    resources.into_iter().map(gone).collect()
}

/// Returns an image that lost its name to a newer one.
pub(super) fn nameless(image: Resource) -> Option<Leftover> {
    (image.name == image.id).then(|| leftover(image, "another image has its name now".to_owned()))
}

fn role(resource: &Resource) -> String {
    resource.labels.get(LABEL_ROLE).cloned().unwrap_or_default()
}

fn leftover(resource: Resource, why: String) -> Leftover {
    Leftover {
        kind: match resource.kind {
            ResourceKind::Container => LeftoverKind::Container,
            ResourceKind::Volume => LeftoverKind::Volume,
            ResourceKind::Image => LeftoverKind::Image,
        },
        name: resource.name.clone(),
        customer: resource.labels.get(LABEL_CUSTOMER).cloned().unwrap_or_default(),
        why,
        state: resource.labels.get(LABEL_STATE).map(Into::into),
        thing: Thing::Engine(resource),
    }
}
