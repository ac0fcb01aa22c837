//! What is on a scripted engine, and how containers live on it.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::Call;
use super::files::{Files, Node};
use super::rule::{Rule, Scene};
use crate::container::{ContainerId, ContainerSpec, ContainerState, Exit, Image, Labels, Mount, Network, Stream};
use crate::runtime::{RuntimeError, RuntimeErrorKind};

/// Folders that every image has.
const FOLDERS: [&str; 6] = [
    "/tmp",
    "/etc/odoo",
    "/mnt/extra-addons",
    "/var/lib/odoo",
    "/var/run/postgresql",
    "/opt",
];

/// Everything on the engine.
#[derive(Default)]
pub(super) struct World {
    /// Local images by name.
    pub(super) images: BTreeMap<String, StoredImage>,
    /// Images of the registry, and whether they need a login.
    pub(super) remote: BTreeMap<String, bool>,
    pub(super) volumes: BTreeMap<String, Volume>,
    /// Containers by id.
    pub(super) containers: BTreeMap<String, Container>,
    pub(super) rules: Vec<Rule>,
    pub(super) faults: Vec<(&'static str, RuntimeErrorKind)>,
    pub(super) calls: Vec<Call>,
    pub(super) commands: Vec<String>,
    /// Makes ids unique.
    pub(super) counter: u64,
}

#[derive(Clone)]
pub(super) struct StoredImage {
    pub(super) image: Image,
    pub(super) files: Files,
}

#[derive(Default)]
pub(super) struct Volume {
    pub(super) labels: Labels,
    pub(super) files: Files,
}

pub(super) struct Container {
    pub(super) spec: ContainerSpec,
    pub(super) image: Image,
    pub(super) files: Files,
    pub(super) life: Life,
    pub(super) log: Vec<(Stream, Vec<u8>)>,
}

/// Where a container is in its life.
#[derive(Clone, Copy)]
pub(super) enum Life {
    Created,
    /// Runs until it is stopped, or until the time it ends by itself.
    Running(Option<(Instant, Exit)>),
    Ended(Exit),
}

impl Container {
    /// Returns where the container is in its life now.
    pub(super) fn life(&self) -> Life {
        match self.life {
            Life::Running(Some((end, exit))) if end <= Instant::now() => Life::Ended(exit),
            life => life,
        }
    }

    pub(super) fn runs(&self) -> bool {
        matches!(self.life(), Life::Running(_))
    }
}

impl World {
    /// Adds a local image with the usual folders.
    pub(super) fn add_image(&mut self, name: &str) -> Image {
        let mut files = Files::default();
        for folder in FOLDERS {
            files.put(folder, Node::Folder);
        }
        let image = Image {
            id: self.next_image_id(),
            digest: None,
            size: 1 << 20,
            user: String::new(),
            entrypoint: Vec::new(),
            command: vec!["sh".into()],
            labels: Labels::new(),
        };
        let stored = StoredImage {
            image: image.clone(),
            files,
        };
        self.images.insert(name.into(), stored);
        image
    }

    /// Returns the id of the container with this id or name.
    fn id_of(&self, container: &str) -> Option<String> {
        let (id, _) = self
            .containers
            .iter()
            .find(|(id, it)| *id == container || it.spec.name == container)?;
        Some(id.clone())
    }

    /// Returns the name of a container, or the id as it was given when there is none.
    pub(super) fn name_of(&self, container: &str) -> String {
        self.containers
            .get(container)
            .map_or(container, |it| &it.spec.name)
            .into()
    }

    /// Returns a container that must exist.
    pub(super) fn container(&mut self, action: &str, container: &ContainerId) -> Result<&mut Container, RuntimeError> {
        self.id_of(&container.0)
            .and_then(|id| self.containers.get_mut(&id))
            .ok_or_else(|| {
                let message = format!("No such container: {}", container.0);
                RuntimeError::new(action, RuntimeErrorKind::NotFound, message)
            })
    }

    /// Returns what a command in a container would see.
    pub(super) fn scene(&mut self, container: &str) -> Option<Scene<'_>> {
        let id = self.id_of(container)?;
        let container = self.containers.get_mut(&id)?;
        Some(Scene {
            spec: &container.spec,
            command: Vec::new(),
            env: container.spec.env.clone(),
            stdin: Vec::new(),
            files: &mut container.files,
            volumes: self
                .volumes
                .iter_mut()
                .map(|(name, volume)| (name.as_str(), &mut volume.files))
                .collect(),
            printed: Vec::new(),
        })
    }

    pub(super) fn create(&mut self, spec: &ContainerSpec) -> Result<ContainerId, RuntimeError> {
        let action = format!("create container {} from image {}", spec.name, spec.image);
        let refuse = |kind, message| Err(RuntimeError::new(&action, kind, message));
        if spec.network == Network::None && !spec.publish.is_empty() {
            let message = "a port can only be published from a container with a network";
            return refuse(RuntimeErrorKind::Other, message.into());
        }
        let Some(stored) = self.stored(&spec.image).cloned() else {
            let message = format!("No such image: {}", spec.image);
            return refuse(RuntimeErrorKind::NotFound, message);
        };
        if self.id_of(&spec.name).is_some() {
            let message = format!("The name {} is in use", spec.name);
            return refuse(RuntimeErrorKind::Conflict, message);
        }
        for mount in &spec.mounts {
            if let Mount::Volume { name, .. } = mount {
                self.ensure_volume(name, &spec.labels);
            }
        }
        self.counter += 1;
        let id = format!("{:064x}", self.counter);
        let container = Container {
            spec: spec.clone(),
            image: stored.image,
            files: stored.files,
            life: Life::Created,
            log: Vec::new(),
        };
        self.containers.insert(id.clone(), container);
        Ok(ContainerId(id))
    }

    pub(super) fn start(&mut self, container: &ContainerId) -> Result<(), RuntimeError> {
        let found = self.container("start container", container)?;
        if found.runs() {
            return Ok(());
        }
        let words = |own: &[String], image: &[String]| {
            if own.is_empty() { image.to_vec() } else { own.to_vec() }
        };
        let (spec, image) = (&found.spec, &found.image);
        let mut command = words(&spec.entrypoint, &image.entrypoint);
        // A replaced entrypoint takes the image's command with it.
        if spec.entrypoint.is_empty() {
            command.extend(words(&spec.command, &image.command));
        } else {
            command.extend(spec.command.iter().cloned());
        }
        let played = self.play(container, command, Vec::new(), Vec::new())?;
        let found = self.container("start container", container)?;
        found.log.extend(played.printed);
        found.life = Life::Running(played.end);
        Ok(())
    }

    /// Plays a command in a container by the newest rule that applies.
    pub(super) fn play(
        &mut self,
        container: &ContainerId,
        command: Vec<String>,
        env: Vec<(String, String)>,
        stdin: Vec<u8>,
    ) -> Result<Played, RuntimeError> {
        let line = command.join(" ");
        self.commands.push(line.clone());
        let rule = self
            .rules
            .iter_mut()
            .rev()
            .find(|rule| rule.applies(&command, &stdin))
            .map(|rule| {
                rule.left = rule.left.map(|left| left - 1);
                rule.clone()
            });
        let rule = rule.unwrap_or_else(|| Rule::when("").complains(&format!("no rule for: {line}")).exits(127));
        let Some(mut scene) = self.scene(&container.0) else {
            let message = format!("No such container: {}", container.0);
            return Err(RuntimeError::new("run", RuntimeErrorKind::NotFound, message));
        };
        scene.command = command;
        scene.env.extend(env);
        scene.stdin = stdin;
        let (printed, exit) = rule.play(&mut scene);
        let end = (!rule.serves).then(|| (Instant::now() + rule.takes, exit));
        Ok(Played { printed, end })
    }

    pub(super) fn state(&self, container: &str) -> Option<ContainerState> {
        let id = self.id_of(container)?;
        let found = self.containers.get(&id)?;
        Some(ContainerState {
            running: found.runs(),
            exit: match found.life() {
                Life::Ended(exit) => Some(exit),
                Life::Created | Life::Running(_) => None,
            },
            image: found.image.id.clone(),
            ports: if found.runs() {
                found
                    .spec
                    .publish
                    .iter()
                    .map(|port| (port.container, port.host))
                    .collect()
            } else {
                Vec::new()
            },
            labels: found.spec.labels.clone(),
            id: ContainerId(id),
        })
    }

    pub(super) fn stop(&mut self, container: &ContainerId) {
        if let Ok(found) = self.container("stop", container)
            && found.runs()
        {
            found.life = Life::Ended(Exit {
                code: 143,
                out_of_memory: false,
            });
        }
    }

    pub(super) fn remove(&mut self, container: &ContainerId) {
        if let Some(id) = self.id_of(&container.0) {
            self.containers.remove(&id);
        }
    }
}

/// What a command printed, and when and how it ends.
pub(super) struct Played {
    pub(super) printed: Vec<(Stream, Vec<u8>)>,
    pub(super) end: Option<(Instant, Exit)>,
}
