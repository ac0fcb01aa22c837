//! Docker through its API.
//!
//! bollard's types are named in this folder alone. What was seen of engines and of bollard, and shaped this code:
//!
//! - bollard's time limit runs until the *head* of an answer. Where the head comes only when the work is done (an upload,
//!   a commit, a stop) the limit would be one on the work, so those go through a second client without one.
//! - bollard drops the version from the addresses it asks for, so an engine always answers in its own newest version.
//! - The engine reports trouble with a log inside the log's own stream; see `follow.rs`.

mod archive;
mod build;
mod commit;
mod connect;
mod containers;
mod errors;
mod exec;
mod follow;
mod images;
mod pipe;
mod pull;
mod resources;
mod spec;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Output, Progress, Runtime, RuntimeError, TarReader, TarWriter};
use crate::container::{
    ContainerId, ContainerSpec, ContainerState, EngineInfo, Exec, Exit, Image, Labels, RegistryLogin, Resource,
};

/// How to reach a Docker engine, as its own command line would be told through the environment.
#[derive(Clone, Debug, Default)]
pub struct DockerSettings {
    /// `DOCKER_HOST`: `unix://PATH`, `tcp://HOST:PORT` or `ssh://USER@HOST`; the local socket when absent.
    pub host: Option<String>,
    /// `DOCKER_CERT_PATH`: the folder with `ca.pem`, `cert.pem` and `key.pem`. Its presence alone turns TLS on, and
    /// the engine's certificate is always verified.
    pub cert_path: Option<PathBuf>,
    /// Whether `DOCKER_TLS_VERIFY` is set; needs `cert_path`.
    pub tls_verify: bool,
}

/// A Docker engine. Cheap to clone.
#[derive(Clone)]
pub struct Docker {
    /// For what is answered at once: gives up when no answer begins within two minutes.
    quick: bollard::Docker,
    /// For what is answered when it is done, however long that takes.
    patient: bollard::Docker,
    /// The address as people write it.
    address: String,
    /// Whether the engine runs on this machine.
    local: bool,
}

#[async_trait]
impl Runtime for Docker {
    async fn engine(&self) -> Result<EngineInfo, RuntimeError> {
        connect::engine(self).await
    }

    async fn image(&self, name: &str) -> Result<Option<Image>, RuntimeError> {
        images::image(self, name).await
    }

    async fn pull(
        &self,
        name: &str,
        login: Option<&RegistryLogin>,
        progress: Progress<'_>,
    ) -> Result<Image, RuntimeError> {
        pull::pull(self, name, login, progress).await
    }

    async fn in_registry(&self, name: &str, login: Option<&RegistryLogin>) -> Result<(), RuntimeError> {
        pull::in_registry(self, name, login).await
    }

    async fn build(
        &self,
        context: &Path,
        tag: &str,
        labels: &Labels,
        args: &[(String, String)],
        output: Output<'_>,
    ) -> Result<Image, RuntimeError> {
        build::build(self, context, tag, labels, args, output).await
    }

    async fn commit(
        &self,
        container: &ContainerId,
        tag: &str,
        like: &Image,
        labels: &Labels,
    ) -> Result<Image, RuntimeError> {
        commit::commit(self, container, tag, like, labels).await
    }

    async fn ensure_volume(&self, name: &str, labels: &Labels) -> Result<(), RuntimeError> {
        resources::ensure_volume(self, name, labels).await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, RuntimeError> {
        containers::create(self, spec).await
    }

    async fn start(&self, container: &ContainerId) -> Result<(), RuntimeError> {
        containers::start(self, container).await
    }

    async fn state(&self, container: &str) -> Result<Option<ContainerState>, RuntimeError> {
        containers::state(self, container).await
    }

    async fn follow(
        &self,
        container: &ContainerId,
        output: Output<'_>,
        cancel: &CancellationToken,
    ) -> Result<Exit, RuntimeError> {
        follow::follow(self, container, output, cancel).await
    }

    async fn exec(
        &self,
        container: &ContainerId,
        exec: &Exec,
        output: Output<'_>,
        cancel: &CancellationToken,
    ) -> Result<Exit, RuntimeError> {
        exec::exec(self, container, exec, output, cancel).await
    }

    async fn upload(&self, container: &ContainerId, folder: &str, archive: TarWriter) -> Result<(), RuntimeError> {
        archive::upload(self, container, folder, archive).await
    }

    async fn download(&self, container: &ContainerId, path: &str, archive: TarReader) -> Result<(), RuntimeError> {
        archive::download(self, container, path, archive).await
    }

    async fn stop(&self, container: &ContainerId, grace: u32) -> Result<(), RuntimeError> {
        containers::stop(self, container, grace).await
    }

    async fn remove(&self, container: &ContainerId) -> Result<(), RuntimeError> {
        containers::remove(self, container).await
    }

    async fn list(&self, labels: &Labels) -> Result<Vec<Resource>, RuntimeError> {
        resources::list(self, labels).await
    }

    async fn delete(&self, resource: &Resource) -> Result<(), RuntimeError> {
        resources::delete(self, resource).await
    }
}
