//! Saving a container as an image.

use std::collections::HashMap;

use bollard::models::{ContainerConfig, ImageConfig};
use bollard::query_parameters::CommitContainerOptionsBuilder;

use super::{Docker, containers, images};
use crate::container::{ContainerId, Image, Labels};
use crate::runtime::{RuntimeError, RuntimeErrorKind};

/// Saves a container's file system as an image that starts like `like`.
///
/// The engine adds whatever the container's configuration has and the request does not name. So everything of `like` is
/// named; labels of the container alone are emptied, because nothing can take them away; and an environment of the
/// container's own, which nothing can take away either and may be a secret, is refused.
pub(super) async fn commit(
    docker: &Docker,
    container: &ContainerId,
    tag: &str,
    like: &Image,
    labels: &Labels,
) -> Result<Image, RuntimeError> {
    let action = format!("save container {} as image {tag}", container.0);
    let inspected = containers::inspect(docker, &container.0).await?;
    let own = inspected.config.unwrap_or_default();
    let base = images::inspect(docker, inspected.image.as_deref().unwrap_or_default()).await?;
    let base = base.config.unwrap_or_default();
    let model = images::inspect(docker, &like.id.0).await?.config.unwrap_or_default();
    if let Some(name) = own_variable(&own, &[&base, &model]) {
        let message = format!("the container was created with the variable {name}, which the image would keep");
        return Err(RuntimeError::new(action, RuntimeErrorKind::Other, message));
    }
    let (repo, tag_only) = split_tag(tag);
    let options = CommitContainerOptionsBuilder::new()
        .container(&container.0)
        .repo(repo)
        .tag(tag_only)
        .pause(true)
        .build();
    docker
        .patient
        .commit_container(options, config(&own, model, labels))
        .await
        .map_err(docker.failed(action))?;
    images::existing(docker, tag).await
}

/// Returns the name of a variable that the container has and none of the images.
fn own_variable(own: &ContainerConfig, images: &[&ImageConfig]) -> Option<String> {
    let known = |variable: &String| {
        images
            .iter()
            .any(|image| image.env.iter().flatten().any(|known| known == variable))
    };
    let variable = own.env.iter().flatten().find(|variable| !known(variable))?;
    Some(variable.split('=').next().unwrap_or_default().to_owned())
}

/// Returns the configuration of the new image.
fn config(own: &ContainerConfig, model: ImageConfig, labels: &Labels) -> ContainerConfig {
    let mut merged: HashMap<String, String> = own
        .labels
        .iter()
        .flatten()
        .map(|(name, _)| (name.clone(), String::new()))
        .collect();
    merged.extend(model.labels.unwrap_or_default());
    merged.extend(labels.iter().map(|(name, value)| (name.clone(), value.clone())));
    let root_again = || {
        own.user
            .as_deref()
            .is_some_and(|user| !user.is_empty())
            .then(|| "0".into())
    };
    ContainerConfig {
        // An empty list means "none" to the engine, an absent one "as the container".
        entrypoint: Some(model.entrypoint.unwrap_or_default()),
        cmd: Some(model.cmd.unwrap_or_default()),
        env: Some(model.env.unwrap_or_default()),
        // An empty user means "as the container"; root has a number that is not empty.
        user: model.user.filter(|user| !user.is_empty()).or_else(root_again),
        working_dir: model.working_dir.filter(|folder| !folder.is_empty()),
        exposed_ports: model.exposed_ports,
        volumes: model.volumes,
        healthcheck: model.healthcheck,
        stop_signal: model.stop_signal,
        shell: model.shell,
        on_build: model.on_build,
        labels: Some(merged),
        ..ContainerConfig::default()
    }
}

/// Splits an image's name and its tag; a colon before a slash is a registry's port.
pub(super) fn split_tag(name: &str) -> (&str, &str) {
    match name.rsplit_once(':') {
        Some((repo, tag)) if !tag.contains('/') => (repo, tag),
        _ => (name, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrys_port_is_not_a_tag() {
        assert_eq!(split_tag("odoo:19.0"), ("odoo", "19.0"));
        assert_eq!(split_tag("odoo"), ("odoo", "latest"));
        assert_eq!(split_tag("host:5000/odoo"), ("host:5000/odoo", "latest"));
        assert_eq!(split_tag("host:5000/odoo:19.0"), ("host:5000/odoo", "19.0"));
    }

    #[test]
    fn only_a_variable_that_no_image_has_is_the_containers_own() {
        let env = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
        let image = ImageConfig {
            env: env(&["PATH=/bin", "LANG=C"]),
            ..ImageConfig::default()
        };
        let container = |list| ContainerConfig {
            env: env(list),
            ..ContainerConfig::default()
        };
        assert_eq!(own_variable(&container(&["PATH=/bin"]), &[&image]), None);
        assert_eq!(
            own_variable(&container(&["PATH=/bin", "TOKEN=s3cret"]), &[&image]),
            Some("TOKEN".into())
        );
        assert_eq!(
            own_variable(&container(&["PATH=/other"]), &[&image]),
            Some("PATH".into())
        );
    }

    #[test]
    fn a_container_run_as_somebody_gives_an_image_run_as_root_again() {
        let own = ContainerConfig {
            user: Some("odoo".into()),
            ..ContainerConfig::default()
        };
        let root = config(&own, ImageConfig::default(), &Labels::new());
        assert_eq!(root.user.as_deref(), Some("0"));
        let model = ImageConfig {
            user: Some("odoo".into()),
            ..ImageConfig::default()
        };
        assert_eq!(
            config(&ContainerConfig::default(), model, &Labels::new())
                .user
                .as_deref(),
            Some("odoo")
        );
    }
}
