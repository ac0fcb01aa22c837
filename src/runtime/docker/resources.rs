//! What of ours is on an engine.

use std::collections::HashMap;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum, ImageSummary, VolumeCreateRequest};
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListVolumesOptionsBuilder, RemoveImageOptionsBuilder,
    RemoveVolumeOptionsBuilder,
};

use super::{Docker, containers, images, spec};
use crate::container::{ContainerId, Labels, Resource, ResourceKind};
use crate::runtime::error::optional;
use crate::runtime::{RuntimeError, hygiene};

/// Creates a volume unless it exists.
pub(super) async fn ensure_volume(docker: &Docker, name: &str, labels: &Labels) -> Result<(), RuntimeError> {
    let request = VolumeCreateRequest {
        name: Some(name.into()),
        labels: Some(spec::labels(labels)),
        ..VolumeCreateRequest::default()
    };
    docker
        .quick
        .create_volume(request)
        .await
        .map(drop)
        .map_err(docker.failed(format!("create volume {name}")))
}

/// Lists every container, volume and image with these labels, in the order in which they can be removed.
pub(super) async fn list(docker: &Docker, labels: &Labels) -> Result<Vec<Resource>, RuntimeError> {
    let filters = filters(labels);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let containers = docker.quick.list_containers(Some(options)).await;
    let containers = containers.map_err(docker.failed("list containers"))?;
    let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
    let volumes = docker.quick.list_volumes(Some(options)).await;
    let volumes = volumes.map_err(docker.failed("list volumes"))?;
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    let images = docker.quick.list_images(Some(options)).await;
    let images = images.map_err(docker.failed("list images"))?;

    let volumes = volumes.volumes.unwrap_or_default().into_iter().map(|volume| Resource {
        kind: ResourceKind::Volume,
        id: volume.name.clone(),
        name: volume.name,
        labels: volume.labels.into_iter().collect(),
        running: false,
        size: None,
    });
    Ok(containers
        .into_iter()
        .map(read_container)
        .chain(volumes)
        .chain(images.into_iter().flat_map(read_image))
        .collect())
}

fn filters(labels: &Labels) -> HashMap<String, Vec<String>> {
    let wanted = labels
        .iter()
        .map(|(name, value)| {
            if value.is_empty() {
                name.clone()
            } else {
                format!("{name}={value}")
            }
        })
        .collect();
    HashMap::from([("label".into(), wanted)])
}

fn read_container(container: ContainerSummary) -> Resource {
    let names = container.names.unwrap_or_default();
    let id = container.id.unwrap_or_default();
    Resource {
        kind: ResourceKind::Container,
        name: names
            .first()
            .map_or(id.as_str(), |name| name.trim_start_matches('/'))
            .into(),
        id,
        labels: container.labels.map(Labels::from_iter).unwrap_or_default(),
        running: container.state == Some(ContainerSummaryStateEnum::RUNNING),
        size: None,
    }
}

/// Returns one thing per name of an image, and one under its id when it has none.
fn read_image(image: ImageSummary) -> Vec<Resource> {
    let labels = images::read_labels(Some(image.labels));
    let tagged = image.repo_tags.into_iter().filter(|tag| tag != "<none>:<none>");
    let mut names: Vec<_> = tagged.collect();
    if names.is_empty() {
        names.push(image.id.clone());
    }
    names
        .into_iter()
        .map(|name| Resource {
            kind: ResourceKind::Image,
            id: image.id.clone(),
            name,
            labels: labels.clone(),
            running: false,
            size: image.size.try_into().ok(),
        })
        .collect()
}

/// Removes one of the listed things.
pub(super) async fn delete(docker: &Docker, resource: &Resource) -> Result<(), RuntimeError> {
    hygiene::ours(resource)?;
    match resource.kind {
        ResourceKind::Container => containers::remove(docker, &ContainerId(resource.id.clone())).await,
        ResourceKind::Volume => {
            let options = RemoveVolumeOptionsBuilder::new().force(true).build();
            let removed = docker.patient.remove_volume(&resource.name, Some(options)).await;
            let removed = removed.map_err(docker.failed(format!("remove volume {}", resource.name)));
            optional(removed).map(drop)
        }
        ResourceKind::Image => delete_image(docker, resource).await,
    }
}

/// Removes an image's name, and with its last name the image.
async fn delete_image(docker: &Docker, resource: &Resource) -> Result<(), RuntimeError> {
    let action = format!("remove image {}", resource.name);
    let Some(image) = images::image(docker, &resource.name).await? else {
        return Ok(());
    };
    if image.id.0 != resource.id {
        // The name belongs to another image now; the listed one has lost it.
        return Ok(());
    }
    // What the engine says now counts, not what the list said.
    hygiene::ours(&Resource {
        labels: image.labels,
        ..resource.clone()
    })?;
    let options = RemoveImageOptionsBuilder::new().force(true).build();
    let removed = docker.patient.remove_image(&resource.name, Some(options), None).await;
    optional(removed.map_err(docker.failed(action))).map(drop)
}
