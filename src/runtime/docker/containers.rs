//! The life of a container.

use std::time::Duration;

use bollard::models::{ContainerInspectResponse, ContainerState as DockerState, ContainerStateStatusEnum};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder, StartContainerOptions,
    StopContainerOptionsBuilder,
};

use super::{Docker, spec};
use crate::container::{
    ContainerId, ContainerSpec, ContainerState, Exit, ImageId, LABEL_RUN, LABEL_STATE, Labels, Network,
};
use crate::runtime::error::optional;
use crate::runtime::{RuntimeError, RuntimeErrorKind};

/// How often a name is tried that a container of a killed run has.
const IN_THE_WAY_ATTEMPTS: u32 = 20;
/// How long to wait before the next time.
const IN_THE_WAY_PAUSE: Duration = Duration::from_millis(250);

/// Creates a container.
pub(super) async fn create(docker: &Docker, spec: &ContainerSpec) -> Result<ContainerId, RuntimeError> {
    let action = format!("create container {} from image {}", spec.name, spec.image);
    if spec.network == Network::None && !spec.publish.is_empty() {
        // The engine would say nothing and publish nothing.
        let message = "a port can only be published from a container with a network";
        return Err(RuntimeError::new(action, RuntimeErrorKind::Other, message));
    }
    for _ in 0..IN_THE_WAY_ATTEMPTS {
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let created = docker.quick.create_container(Some(options), spec::body(spec)).await;
        match created.map_err(docker.failed(action.clone())) {
            Err(error) if error.kind == RuntimeErrorKind::Conflict && cleared(docker, spec).await? => {
                tokio::time::sleep(IN_THE_WAY_PAUSE).await;
            }
            other => return other.map(|created| ContainerId(created.id)),
        }
    }
    let message = "what has its name does not go away";
    Err(RuntimeError::new(action, RuntimeErrorKind::Conflict, message))
}

/// Clears what has a new container's name out of the way, and says whether that is worth another attempt.
///
/// The engine finishes what it was asked to create even when the one who asked was killed: such a container appears
/// after everything that the killed run left was removed. It was never started.
async fn cleared(docker: &Docker, spec: &ContainerSpec) -> Result<bool, RuntimeError> {
    let Some(other) = state(docker, &spec.name).await? else {
        // It has the name already and is not yet to be seen.
        return Ok(true);
    };
    let label = |labels: &Labels, name: &str| labels.get(name).cloned();
    let same_customer = label(&other.labels, LABEL_STATE) == label(&spec.labels, LABEL_STATE);
    let same_run = label(&other.labels, LABEL_RUN) == label(&spec.labels, LABEL_RUN);
    let ours = other.labels.contains_key(LABEL_STATE) && same_customer;
    if !ours || same_run || other.running || other.exit.is_some() {
        return Ok(false);
    }
    remove(docker, &other.id).await?;
    Ok(true)
}

/// Starts a container.
pub(super) async fn start(docker: &Docker, container: &ContainerId) -> Result<(), RuntimeError> {
    docker
        .quick
        .start_container(&container.0, None::<StartContainerOptions>)
        .await
        .map_err(docker.failed(format!("start container {}", container.0)))
}

/// Stops a container. The engine answers when it has stopped.
pub(super) async fn stop(docker: &Docker, container: &ContainerId, grace: u32) -> Result<(), RuntimeError> {
    let options = StopContainerOptionsBuilder::new()
        .t(i32::try_from(grace).unwrap_or(i32::MAX))
        .build();
    let stopped = docker.patient.stop_container(&container.0, Some(options)).await;
    optional(stopped.map_err(docker.failed(format!("stop container {}", container.0))))?;
    Ok(())
}

/// Removes a container and its anonymous volumes.
pub(super) async fn remove(docker: &Docker, container: &ContainerId) -> Result<(), RuntimeError> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let removed = docker.patient.remove_container(&container.0, Some(options)).await;
    match optional(removed.map_err(docker.failed(format!("remove container {}", container.0)))) {
        // Somebody else is removing it this moment.
        Err(error) if error.message.contains("already in progress") => Ok(()),
        other => other.map(drop),
    }
}

/// Returns what a container does.
pub(super) async fn state(docker: &Docker, container: &str) -> Result<Option<ContainerState>, RuntimeError> {
    Ok(optional(inspect(docker, container).await)?.map(read_state))
}

/// Returns everything the engine knows about a container.
pub(super) async fn inspect(docker: &Docker, container: &str) -> Result<ContainerInspectResponse, RuntimeError> {
    docker
        .quick
        .inspect_container(container, None::<InspectContainerOptions>)
        .await
        .map_err(docker.failed(format!("look at container {container}")))
}

/// Returns how a container's process ended, when it was started and has ended.
pub(super) fn read_exit(state: &DockerState) -> Option<Exit> {
    let ended = matches!(
        state.status,
        Some(ContainerStateStatusEnum::EXITED | ContainerStateStatusEnum::DEAD)
    );
    ended.then(|| Exit {
        code: state.exit_code.unwrap_or(-1),
        out_of_memory: state.oom_killed.unwrap_or_default(),
    })
}

fn read_state(inspected: ContainerInspectResponse) -> ContainerState {
    let state = inspected.state.unwrap_or_default();
    let ports = inspected
        .network_settings
        .and_then(|settings| settings.ports)
        .unwrap_or_default();
    let mut ports: Vec<_> = ports
        .iter()
        .flat_map(|(inside, bindings)| {
            let inside = inside.split('/').next().and_then(|port| port.parse::<u16>().ok());
            bindings
                .iter()
                .flatten()
                .filter_map(move |binding| Some((inside?, binding.host_port.as_deref()?.parse::<u16>().ok()?)))
        })
        .collect();
    ports.sort_unstable();
    ContainerState {
        id: ContainerId(inspected.id.unwrap_or_default()),
        running: state.running.unwrap_or_default(),
        exit: read_exit(&state),
        image: ImageId(inspected.image.unwrap_or_default()),
        ports,
        labels: inspected
            .config
            .and_then(|config| config.labels)
            .map(Labels::from_iter)
            .unwrap_or_default(),
    }
}
