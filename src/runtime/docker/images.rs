//! Looking at images.

use bollard::models::ImageInspect;

use super::Docker;
use crate::container::{Image, ImageId, Labels};
use crate::runtime::RuntimeError;
use crate::runtime::error::optional;

/// Returns the local image of this name, when there is one.
pub(super) async fn image(docker: &Docker, name: &str) -> Result<Option<Image>, RuntimeError> {
    Ok(optional(inspect(docker, name).await)?.map(read_image))
}

/// Returns an image that must exist.
pub(super) async fn existing(docker: &Docker, name: &str) -> Result<Image, RuntimeError> {
    inspect(docker, name).await.map(read_image)
}

/// Returns everything the engine knows about an image.
pub(super) async fn inspect(docker: &Docker, name: &str) -> Result<ImageInspect, RuntimeError> {
    docker
        .quick
        .inspect_image(name)
        .await
        .map_err(docker.failed(format!("look at image {name}")))
}

fn read_image(inspected: ImageInspect) -> Image {
    let config = inspected.config.unwrap_or_default();
    Image {
        id: ImageId(inspected.id.unwrap_or_default()),
        digest: inspected.repo_digests.unwrap_or_default().into_iter().next(),
        size: inspected.size.and_then(|size| size.try_into().ok()).unwrap_or_default(),
        user: config.user.unwrap_or_default(),
        entrypoint: config.entrypoint.unwrap_or_default(),
        command: config.cmd.unwrap_or_default(),
        labels: read_labels(config.labels),
    }
}

/// Returns the labels of an image, without those that a commit could only empty (`commit.rs`).
pub(super) fn read_labels(labels: Option<impl IntoIterator<Item = (String, String)>>) -> Labels {
    labels
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}
