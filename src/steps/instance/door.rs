//! The door: the only container of an instance with a network.

use super::{DOOR, FORWARD, InstanceKind};
use crate::container::{ContainerId, ContainerSpec, Network, Publish};
use crate::engine::Stop;
use crate::steps::Workshop;
use crate::steps::provision::volume;
use crate::steps::workshop::ReadyImage;

/// More than enough to pass bytes on.
const MEMORY: u64 = 64 << 20;

/// Starts the door and returns the address a browser finds the instance at, which stays the same from then on.
pub(super) async fn open(
    workshop: &Workshop,
    kind: InstanceKind,
    image: &ReadyImage,
    port: u16,
) -> Result<String, Stop> {
    let port = if port == 0 {
        // A port that the engine chose is another one after each start; one that it is told to take stays.
        let chosen = start(workshop, kind, image, 0).await?;
        let port = published(workshop, &chosen).await?;
        workshop.runtime.remove(&chosen).await?;
        port
    } else {
        port
    };
    start(workshop, kind, image, port)
        .await
        .map_err(|stop| stop.hint("name another port with `--port`, or none for any that is free"))?;
    Ok(format!("http://127.0.0.1:{port}"))
}

async fn start(workshop: &Workshop, kind: InstanceKind, image: &ReadyImage, port: u16) -> Result<ContainerId, Stop> {
    let names = &workshop.names;
    let mut spec = ContainerSpec::new(names.container(&kind.role("door")), &image.name);
    spec.labels = names.labels(&kind.role("door"), None);
    spec.entrypoint = vec!["python3".into()];
    spec.command = ["-c", FORWARD, "tcp:0.0.0.0:8069", &format!("unix:{DOOR}/http.sock")]
        .map(str::to_owned)
        .to_vec();
    spec.mounts = vec![volume(names.container(&kind.role("http")), DOOR)];
    spec.network = Network::Bridge;
    spec.publish = vec![Publish {
        container: 8069,
        host: port,
    }];
    spec.memory = Some(MEMORY);
    spec.restart = true;
    let container = workshop.runtime.create(&spec).await?;
    workshop.runtime.start(&container).await?;
    Ok(container)
}

async fn published(workshop: &Workshop, door: &ContainerId) -> Result<u16, Stop> {
    let state = workshop.runtime.state(&door.0).await?;
    state
        .and_then(|state| state.ports.first().map(|(_, host)| *host))
        .ok_or_else(|| Stop::environment("the engine published no port for the instance"))
}
