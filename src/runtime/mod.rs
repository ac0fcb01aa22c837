//! The one port: containers.
//!
//! [`Runtime`] is implemented by [`docker::Docker`] and, for tests of the engine, by [`fake::Fake`]. Both pass one
//! contract suite (`tests/runtime_contract.rs`).

pub mod docker;
mod error;
pub mod fake;
pub mod hygiene;

use std::path::Path;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::container::{
    ContainerId, ContainerSpec, ContainerState, EngineInfo, Exec, Exit, Image, Labels, RegistryLogin, Resource, Stream,
};

/// Receives what a process prints, in order, in chunks of any size.
pub type Output<'a> = &'a mut (dyn FnMut(Stream, &[u8]) + Send);

/// Receives progress of something long: a line for people (`layer 3/7, 41 MB of 120 MB`).
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Writes a tar archive piece by piece; runs on a blocking thread.
pub type TarWriter = Box<dyn FnOnce(&mut tar::Builder<&mut dyn std::io::Write>) -> std::io::Result<()> + Send>;

/// Reads a tar archive as it arrives; runs on a blocking thread.
pub type TarReader = Box<dyn FnOnce(&mut dyn std::io::Read) -> std::io::Result<()> + Send>;

/// Something the container engine would not do.
#[derive(Debug, thiserror::Error)]
#[error("failed to {action}: {message}")]
pub struct RuntimeError {
    /// What was tried: `start container hopp-acme-postgres`.
    pub action: String,
    /// The engine's own words, or ours where they are better.
    pub message: String,
    /// What kind of no it was.
    pub kind: RuntimeErrorKind,
}

/// The kinds of no an engine gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuntimeErrorKind {
    /// The engine cannot be reached at all.
    Unreachable,
    /// The thing does not exist (404).
    NotFound,
    /// The thing exists already or is in use (409).
    Conflict,
    /// The disk is full.
    NoSpace,
    /// The engine cannot reach a registry, or the registry has trouble of its own.
    Network,
    /// A registry wants a login, or another one.
    Unauthorized,
    /// Stopped on request.
    Cancelled,
    /// Anything else.
    Other,
}

/// Runs containers.
///
/// Every method either does what it says or returns a [`RuntimeError`]; a program's exit code is a value.
#[async_trait]
pub trait Runtime: Send + Sync {
    /// Asks the engine who it is. Fails with `Unreachable` when nobody answers.
    async fn engine(&self) -> Result<EngineInfo, RuntimeError>;

    /// Returns the local image of this name or id, when there is one.
    async fn image(&self, name: &str) -> Result<Option<Image>, RuntimeError>;
    /// Pulls an image from its registry.
    async fn pull(
        &self,
        name: &str,
        login: Option<&RegistryLogin>,
        progress: Progress<'_>,
    ) -> Result<Image, RuntimeError>;
    /// Asks an image's registry whether it has it and would give it, and takes nothing.
    async fn in_registry(&self, name: &str, login: Option<&RegistryLogin>) -> Result<(), RuntimeError>;
    /// Builds an image from a folder with a `Dockerfile`, tagged and labelled.
    async fn build(
        &self,
        context: &Path,
        tag: &str,
        labels: &Labels,
        args: &[(String, String)],
        output: Output<'_>,
    ) -> Result<Image, RuntimeError>;
    /// Saves a container's file system as an image that starts like `like`, with these labels on top of its own.
    ///
    /// The container's own environment, entrypoint, command and user are not kept.
    async fn commit(
        &self,
        container: &ContainerId,
        tag: &str,
        like: &Image,
        labels: &Labels,
    ) -> Result<Image, RuntimeError>;

    /// Creates a volume unless it exists.
    async fn ensure_volume(&self, name: &str, labels: &Labels) -> Result<(), RuntimeError>;

    /// Creates a container and does not start it.
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, RuntimeError>;
    /// Starts a created or stopped container.
    async fn start(&self, container: &ContainerId) -> Result<(), RuntimeError>;
    /// Returns what the container of this name or id does, when it exists.
    async fn state(&self, container: &str) -> Result<Option<ContainerState>, RuntimeError>;
    /// Follows a container's output from its beginning until its process ends, and says how it ended.
    ///
    /// When `cancel` fires it returns `Cancelled` at once and leaves the container running.
    async fn follow(
        &self,
        container: &ContainerId,
        output: Output<'_>,
        cancel: &CancellationToken,
    ) -> Result<Exit, RuntimeError>;
    /// Runs a command inside a running container until it ends. When `cancel` fires it returns `Cancelled` at once.
    async fn exec(
        &self,
        container: &ContainerId,
        exec: &Exec,
        output: Output<'_>,
        cancel: &CancellationToken,
    ) -> Result<Exit, RuntimeError>;
    /// Unpacks a tar archive into a folder of a container (created, running or stopped).
    async fn upload(&self, container: &ContainerId, folder: &str, archive: TarWriter) -> Result<(), RuntimeError>;
    /// Reads a file or folder of a container as a tar archive. Entries are named from the last part of `path` on.
    async fn download(&self, container: &ContainerId, path: &str, archive: TarReader) -> Result<(), RuntimeError>;
    /// Stops a container: its stop signal, then SIGKILL after `grace` seconds. No error when it is not running.
    async fn stop(&self, container: &ContainerId, grace: u32) -> Result<(), RuntimeError>;
    /// Removes a container, running or not, with its anonymous volumes. No error when it is gone.
    async fn remove(&self, container: &ContainerId) -> Result<(), RuntimeError>;

    /// Lists every container, volume and image that carries all these labels (an empty value matches any).
    async fn list(&self, labels: &Labels) -> Result<Vec<Resource>, RuntimeError>;
    /// Removes one of the listed things, which must carry [`LABEL_CUSTOMER`](crate::container::LABEL_CUSTOMER). No error
    /// when it is gone.
    async fn delete(&self, resource: &Resource) -> Result<(), RuntimeError>;
}
