//! A scripted engine in memory, for tests of what uses a [`Runtime`].
//!
//! It has images, volumes, containers and files and treats them as Docker does, but runs no program: what a container or
//! an exec prints, changes and ends with is told by [`Rule`]s. It remembers every [`Call`].
//!
//! ```
//! use hopp::runtime::fake::{Fake, Rule};
//!
//! let fake = Fake::new().with_image("odoo:19.0");
//! fake.rule(Rule::when("odoo -u all").prints("Modules loaded.").takes_ms(20));
//! fake.rule(Rule::when("psql").reading("SELECT count").prints("42"));
//! fake.rule(Rule::when("postgres").serves());
//! ```

mod files;
mod lives;
mod rule;
mod store;
mod world;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use files::{Files, Node};
pub use rule::{Rule, Scene};
use world::World;

use super::{Output, Progress, Runtime, RuntimeError, RuntimeErrorKind, TarReader, TarWriter};
use crate::container::{
    ContainerId, ContainerSpec, ContainerState, EngineInfo, Exec, Exit, Image, Labels, RegistryLogin, Resource,
};

/// A scripted engine. Clones are the same engine.
#[derive(Clone)]
pub struct Fake {
    world: Arc<Mutex<World>>,
    /// Wakes those who wait for a container to end.
    changed: Arc<Notify>,
}

/// One call that an engine got. Containers are called by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the arguments of the method of the same name")]
pub enum Call {
    Engine,
    Image(String),
    Pull(String),
    InRegistry(String),
    Build {
        tag: String,
    },
    Commit {
        container: String,
        tag: String,
        labels: Labels,
    },
    EnsureVolume {
        name: String,
        labels: Labels,
    },
    Create(ContainerSpec),
    Start(String),
    State(String),
    Follow(String),
    Exec {
        container: String,
        exec: Exec,
    },
    Upload {
        container: String,
        folder: String,
    },
    Download {
        container: String,
        path: String,
    },
    Stop(String),
    Remove(String),
    List(Labels),
    Delete(Resource),
}

impl Fake {
    /// Returns an engine with nothing on it, whose containers know one command: `mkdir`.
    pub fn new() -> Fake {
        let fake = Fake {
            world: Arc::default(),
            changed: Arc::default(),
        };
        fake.rule(Rule::when("mkdir").does(|scene| {
            let folders: Vec<_> = scene
                .command
                .iter()
                .filter(|word| word.starts_with('/'))
                .cloned()
                .collect();
            for folder in folders {
                scene.make_folder(&folder);
            }
            0
        }));
        fake
    }

    /// Adds a local image with the usual folders and the command `sh`.
    #[must_use]
    pub fn with_image(self, name: &str) -> Fake {
        self.world().add_image(name);
        self
    }

    /// Adds an image that can be pulled, with any login where it is private.
    #[must_use]
    pub fn with_remote_image(self, name: &str, private: bool) -> Fake {
        self.world().remote.insert(name.into(), private);
        self
    }

    /// Adds a rule. Newer rules go before older ones.
    pub fn rule(&self, rule: Rule) {
        self.world().rules.push(rule);
    }

    /// Makes the next call of this verb (`create`, `ensure_volume` …) fail this way.
    pub fn fail(&self, verb: &'static str, kind: RuntimeErrorKind) {
        self.world().faults.push((verb, kind));
    }

    /// Returns every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.world().calls.clone()
    }

    /// Returns every command that was run so far, of containers and execs, as one line each.
    pub fn commands(&self) -> Vec<String> {
        self.world().commands.clone()
    }

    /// Returns the content of a file of a container, its volumes included.
    pub fn file(&self, container: &str, path: &str) -> Option<Vec<u8>> {
        self.world().scene(container)?.read(path)
    }

    /// Puts a file into a container, or into a volume of it.
    pub fn put_file(&self, container: &str, path: &str, content: impl Into<Vec<u8>>) {
        if let Some(mut scene) = self.world().scene(container) {
            scene.write(path, content);
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // A test that panicked in a hook says so itself.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a call and fails it if that was asked for.
    fn enter(&self, verb: &'static str, call: Call) -> Result<MutexGuard<'_, World>, RuntimeError> {
        let mut world = self.world();
        world.calls.push(call);
        match world.faults.iter().position(|(failing, _)| *failing == verb) {
            Some(at) => {
                let (_, kind) = world.faults.remove(at);
                Err(RuntimeError::new(verb, kind, "this failure was asked for"))
            }
            None => Ok(world),
        }
    }

    /// As [`Self::enter`], for a call about a container.
    fn enter_container(
        &self,
        verb: &'static str,
        container: &ContainerId,
        call: impl FnOnce(String) -> Call,
    ) -> Result<MutexGuard<'_, World>, RuntimeError> {
        let name = self.world().name_of(&container.0);
        self.enter(verb, call(name))
    }
}

impl Default for Fake {
    fn default() -> Self {
        Fake::new()
    }
}

#[async_trait]
impl Runtime for Fake {
    async fn engine(&self) -> Result<EngineInfo, RuntimeError> {
        drop(self.enter("engine", Call::Engine)?);
        Ok(EngineInfo {
            version: "0.0.0".into(),
            api: "0.0".into(),
            address: "fake".into(),
            local: true,
            cpus: 2,
            memory: 8 << 30,
            storage: "memory".into(),
            cgroups: Some("2".into()),
            limits_memory: true,
            limits_cpus: true,
            data_root: "/".into(),
            now: Some(jiff::Timestamp::now()),
        })
    }

    async fn image(&self, name: &str) -> Result<Option<Image>, RuntimeError> {
        Ok(self.enter("image", Call::Image(name.into()))?.image(name))
    }

    async fn pull(
        &self,
        name: &str,
        login: Option<&RegistryLogin>,
        progress: Progress<'_>,
    ) -> Result<Image, RuntimeError> {
        self.enter("pull", Call::Pull(name.into()))?
            .pull(name, login.is_some(), progress)
    }

    async fn in_registry(&self, name: &str, login: Option<&RegistryLogin>) -> Result<(), RuntimeError> {
        self.enter("in_registry", Call::InRegistry(name.into()))?
            .in_registry(name, login.is_some())
    }

    async fn build(
        &self,
        context: &Path,
        tag: &str,
        labels: &Labels,
        _args: &[(String, String)],
        output: Output<'_>,
    ) -> Result<Image, RuntimeError> {
        self.enter("build", Call::Build { tag: tag.into() })?
            .build(context, tag, labels, output)
    }

    async fn commit(
        &self,
        container: &ContainerId,
        tag: &str,
        like: &Image,
        labels: &Labels,
    ) -> Result<Image, RuntimeError> {
        let call = |container| Call::Commit {
            container,
            tag: tag.into(),
            labels: labels.clone(),
        };
        self.enter_container("commit", container, call)?
            .commit(container, tag, like, labels)
    }

    async fn ensure_volume(&self, name: &str, labels: &Labels) -> Result<(), RuntimeError> {
        let call = Call::EnsureVolume {
            name: name.into(),
            labels: labels.clone(),
        };
        self.enter("ensure_volume", call)?.ensure_volume(name, labels);
        Ok(())
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, RuntimeError> {
        self.enter("create", Call::Create(spec.clone()))?.create(spec)
    }

    async fn start(&self, container: &ContainerId) -> Result<(), RuntimeError> {
        self.enter_container("start", container, Call::Start)?.start(container)
    }

    async fn state(&self, container: &str) -> Result<Option<ContainerState>, RuntimeError> {
        Ok(self.enter("state", Call::State(container.into()))?.state(container))
    }

    async fn follow(
        &self,
        container: &ContainerId,
        output: Output<'_>,
        cancel: &CancellationToken,
    ) -> Result<Exit, RuntimeError> {
        drop(self.enter_container("follow", container, Call::Follow)?);
        lives::follow(self, container, output, cancel).await
    }

    async fn exec(
        &self,
        container: &ContainerId,
        exec: &Exec,
        output: Output<'_>,
        cancel: &CancellationToken,
    ) -> Result<Exit, RuntimeError> {
        let call = |container| Call::Exec {
            container,
            exec: exec.clone(),
        };
        drop(self.enter_container("exec", container, call)?);
        lives::exec(self, container, exec, output, cancel).await
    }

    async fn upload(&self, container: &ContainerId, folder: &str, archive: TarWriter) -> Result<(), RuntimeError> {
        let call = |container| Call::Upload {
            container,
            folder: folder.into(),
        };
        self.enter_container("upload", container, call)?
            .upload(container, folder, archive)
    }

    async fn download(&self, container: &ContainerId, path: &str, archive: TarReader) -> Result<(), RuntimeError> {
        let call = |container| Call::Download {
            container,
            path: path.into(),
        };
        self.enter_container("download", container, call)?
            .download(container, path, archive)
    }

    async fn stop(&self, container: &ContainerId, _grace: u32) -> Result<(), RuntimeError> {
        self.enter_container("stop", container, Call::Stop)?.stop(container);
        self.changed.notify_waiters();
        Ok(())
    }

    async fn remove(&self, container: &ContainerId) -> Result<(), RuntimeError> {
        self.enter_container("remove", container, Call::Remove)?
            .remove(container);
        self.changed.notify_waiters();
        Ok(())
    }

    async fn list(&self, labels: &Labels) -> Result<Vec<Resource>, RuntimeError> {
        Ok(self.enter("list", Call::List(labels.clone()))?.list(labels))
    }

    async fn delete(&self, resource: &Resource) -> Result<(), RuntimeError> {
        self.enter("delete", Call::Delete(resource.clone()))?.delete(resource)?;
        self.changed.notify_waiters();
        Ok(())
    }
}
