//! What hopp says about containers, whoever runs them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The label that every container, network, volume and image of ours carries, with the customer's name as value.
pub const LABEL_CUSTOMER: &str = "org.hopp.customer";
/// The label with the run that made the thing, where a run did.
pub const LABEL_RUN: &str = "org.hopp.run";
/// The label with the step a container was made for.
pub const LABEL_STEP: &str = "org.hopp.step";
/// The label with the part a thing plays: `postgres`, `upgrade`, `instance-test` …
pub const LABEL_ROLE: &str = "org.hopp.role";
/// The label with the state folder (`.hopp/<customer>`) a thing belongs to.
pub const LABEL_STATE: &str = "org.hopp.state";

/// Labels of one thing.
pub type Labels = BTreeMap<String, String>;

/// Identifies a container to its engine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContainerId(pub String);

/// Identifies an image by content (`sha256:…`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub String);

/// What an image says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its content id.
    pub id: ImageId,
    /// The digest a registry knows it by (`name@sha256:…`), when it came from one.
    pub digest: Option<String>,
    /// Size in bytes.
    pub size: u64,
    /// The user its containers run as (`odoo`), empty for root.
    pub user: String,
    /// Its entrypoint.
    pub entrypoint: Vec<String>,
    /// Its command.
    pub command: Vec<String>,
    /// Its labels.
    pub labels: Labels,
}

/// A login for an image registry. Never written anywhere.
#[derive(Clone)]
pub struct RegistryLogin {
    /// User name.
    pub username: String,
    /// Password or token.
    pub password: String,
}

/// Which network a container sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// The loopback interface alone.
    None,
    /// The engine's default bridge, with a way out. For building images.
    Bridge,
    /// The host's own network, for builds behind a proxy that listens on the host's loopback.
    Host,
}

/// Something a container sees in its file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mount {
    /// A named volume.
    Volume {
        /// The volume's name.
        name: String,
        /// Where it appears.
        target: String,
        /// Whether the container may not write to it.
        read_only: bool,
    },
    /// A folder of the host, only for development instances on a local engine.
    Bind {
        /// Absolute path on the host.
        source: String,
        /// Where it appears.
        target: String,
        /// Whether the container may not write to it.
        read_only: bool,
    },
    /// A file system in memory.
    Tmpfs {
        /// Where it appears.
        target: String,
        /// Its size limit in bytes.
        size: u64,
    },
}

/// A port of the container published on the host's `127.0.0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The port inside.
    pub container: u16,
    /// The port on `127.0.0.1`; 0 lets the engine choose.
    pub host: u16,
}

/// Everything needed to create a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerSpec {
    /// Its name, unique on the engine.
    pub name: String,
    /// Image name or id.
    pub image: String,
    /// Replaces the image's entrypoint when not empty.
    pub entrypoint: Vec<String>,
    /// Arguments of the entrypoint.
    pub command: Vec<String>,
    /// Environment. Never holds a secret.
    pub env: BTreeMap<String, String>,
    /// User to run as, when not the image's.
    pub user: Option<String>,
    /// Labels, ours included.
    pub labels: Labels,
    /// What it sees of storage.
    pub mounts: Vec<Mount>,
    /// What it sees of the network.
    pub network: Network,
    /// Ports on the host's loopback.
    pub publish: Vec<Publish>,
    /// Memory limit in bytes.
    pub memory: Option<u64>,
    /// CPU limit in thousandths of a core.
    pub milli_cpus: Option<u64>,
    /// Size of `/dev/shm` in bytes.
    pub shm_size: Option<u64>,
    /// Whether the engine starts it again after a crash or a reboot.
    pub restart: bool,
}

impl ContainerSpec {
    /// Returns the spec of a container without network, mounts or limits.
    pub fn new(name: impl Into<String>, image: impl Into<String>) -> Self {
        ContainerSpec {
            name: name.into(),
            image: image.into(),
            entrypoint: Vec::new(),
            command: Vec::new(),
            env: BTreeMap::new(),
            user: None,
            labels: Labels::new(),
            mounts: Vec::new(),
            network: Network::None,
            publish: Vec::new(),
            memory: None,
            milli_cpus: None,
            shm_size: None,
            restart: false,
        }
    }
}

/// A command to run inside a running container.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Exec {
    /// Program and arguments. Never holds a secret.
    pub command: Vec<String>,
    /// User to run as, when not the container's.
    pub user: Option<String>,
    /// Additional environment (`NAME`, value).
    pub env: Vec<(String, String)>,
    /// What the command reads on its standard input.
    pub stdin: Option<Vec<u8>>,
    /// Whether its standard input stays open after that, for as long as somebody waits for the command: who reads to
    /// the end of it goes when hopp does, however that ends.
    pub stays: bool,
}

impl Exec {
    /// Returns a command run as the container's user.
    pub fn new<S: Into<String>>(command: impl IntoIterator<Item = S>) -> Self {
        Exec {
            command: command.into_iter().map(Into::into).collect(),
            ..Exec::default()
        }
    }

    /// Runs it as this user instead.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Gives it this text to read.
    #[must_use]
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Leaves its standard input open.
    #[must_use]
    pub fn stays(mut self) -> Self {
        self.stays = true;
        self
    }
}

/// Which of a process's two outputs a chunk came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// How a process ended. A code other than zero is a value, not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The exit code, as the engine reports it (137 after SIGKILL).
    pub code: i64,
    /// Whether the kernel killed it for using more memory than its limit.
    pub out_of_memory: bool,
}

impl Exit {
    /// Says whether the code is zero.
    pub fn success(self) -> bool {
        self.code == 0
    }
}

/// What a container does right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    /// Its id.
    pub id: ContainerId,
    /// Whether its process runs.
    pub running: bool,
    /// How its process ended, when it did.
    pub exit: Option<Exit>,
    /// The image it was made from.
    pub image: ImageId,
    /// Ports published on the host: (inside, outside).
    pub ports: Vec<(u16, u16)>,
    /// Its labels.
    pub labels: Labels,
}

/// The kinds of thing hopp leaves on an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceKind {
    /// A container.
    Container,
    /// A volume.
    Volume,
    /// An image.
    Image,
}

/// One thing of ours on an engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its kind.
    pub kind: ResourceKind,
    /// The engine's id for it.
    pub id: String,
    /// Its name as people see it.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// Whether it is a running container.
    pub running: bool,
    /// Bytes on disk, where the engine says.
    pub size: Option<u64>,
}

/// The engine on the other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// Version of the engine (`20.10.24`).
    pub version: String,
    /// Version of its API (`1.41`).
    pub api: String,
    /// Where it is reached (`unix:///var/run/docker.sock`).
    pub address: String,
    /// Whether it sees this machine's files.
    pub local: bool,
    /// Number of cores.
    pub cpus: u64,
    /// Memory in bytes.
    pub memory: u64,
    /// What keeps the layers of images (`overlay2`).
    pub storage: String,
    /// Version of the kernel's control groups (`2`), where the engine says.
    pub cgroups: Option<String>,
    /// Whether the memory of a container can be limited.
    pub limits_memory: bool,
    /// Whether the processor time of a container can be limited.
    pub limits_cpus: bool,
    /// Where it keeps images and volumes, on its own machine.
    pub data_root: String,
    /// What time it was there, where the engine says.
    pub now: Option<jiff::Timestamp>,
}
