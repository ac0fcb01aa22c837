//! Getting an image from its registry.

use bollard::auth::DockerCredentials;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;
use indexmap::IndexMap;

use super::commit::split_tag;
use super::{Docker, images};
use crate::container::{Image, RegistryLogin};
use crate::runtime::{Progress, RuntimeError};

/// Pulls an image and reports how far it is whenever a whole megabyte or a layer has come.
pub(super) async fn pull(
    docker: &Docker,
    name: &str,
    login: Option<&RegistryLogin>,
    progress: Progress<'_>,
) -> Result<Image, RuntimeError> {
    let action = format!("pull image {name}");
    let options = CreateImageOptionsBuilder::new();
    let options = if name.contains('@') {
        options.from_image(name)
    } else {
        // Without a tag the engine would pull every tag there is.
        let (repo, tag) = split_tag(name);
        options.from_image(repo).tag(tag)
    };
    let mut news = docker
        .patient
        .create_image(Some(options.build()), None, credentials(name, login))
        .boxed();
    let mut layers = Layers::default();
    while let Some(item) = news.next().await {
        if let Some(line) = layers.take(item.map_err(docker.failed(&action))?) {
            progress(&line);
        }
    }
    images::existing(docker, name).await
}

/// Asks an image's registry for its description.
pub(super) async fn in_registry(
    docker: &Docker,
    name: &str,
    login: Option<&RegistryLogin>,
) -> Result<(), RuntimeError> {
    let asked = docker
        .quick
        .inspect_registry_image(name, credentials(name, login))
        .await;
    let failed = docker.failed(format!("ask the registry for image {name}"));
    asked.map(drop).map_err(failed)
}

fn credentials(name: &str, login: Option<&RegistryLogin>) -> Option<DockerCredentials> {
    login.map(|login| DockerCredentials {
        username: Some(login.username.clone()),
        password: Some(login.password.clone()),
        serveraddress: Some(registry(name).into()),
        ..DockerCredentials::default()
    })
}

/// Returns the registry an image name speaks of.
fn registry(name: &str) -> &str {
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "https://index.docker.io/v1/",
    }
}

/// How far the layers of an image are.
#[derive(Default)]
struct Layers {
    layers: IndexMap<String, Layer>,
    last: String,
}

#[derive(Default)]
struct Layer {
    current: i64,
    total: i64,
    done: bool,
}

impl Layers {
    /// Takes one message of the engine and returns a line when there is something new to say.
    fn take(&mut self, message: CreateImageInfo) -> Option<String> {
        const MEGABYTE: i64 = 1_000_000;
        let status = message.status?;
        let kind = status.split(' ').next().unwrap_or_default();
        if !matches!(
            kind,
            "Pulling" | "Waiting" | "Downloading" | "Verifying" | "Download" | "Extracting" | "Pull" | "Already"
        ) || status.starts_with("Pulling from")
        {
            // The digest and the closing words name no layer.
            return self.say(status);
        }
        let layer = self.layers.entry(message.id?).or_default();
        if let Some(detail) = message.progress_detail.filter(|_| kind == "Downloading") {
            layer.current = detail.current.unwrap_or(layer.current);
            layer.total = detail.total.unwrap_or(layer.total);
        }
        match kind {
            "Download" | "Extracting" | "Verifying" => layer.current = layer.total,
            "Pull" | "Already" => {
                layer.current = layer.total;
                layer.done = true;
            }
            _ => {}
        }
        let done = self.layers.values().filter(|layer| layer.done).count();
        let current: i64 = self.layers.values().map(|layer| layer.current).sum();
        let total: i64 = self.layers.values().map(|layer| layer.total).sum();
        self.say(format!(
            "layer {done}/{}, {} MB of {} MB",
            self.layers.len(),
            current / MEGABYTE,
            total / MEGABYTE
        ))
    }

    fn say(&mut self, line: String) -> Option<String> {
        let new = line != self.last;
        if new {
            self.last.clone_from(&line);
        }
        new.then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::ProgressDetail;

    fn message(id: &str, status: &str, bytes: Option<(i64, i64)>) -> CreateImageInfo {
        CreateImageInfo {
            id: Some(id.into()),
            status: Some(status.into()),
            progress_detail: bytes.map(|(current, total)| ProgressDetail {
                current: Some(current),
                total: Some(total),
            }),
            ..CreateImageInfo::default()
        }
    }

    #[test]
    fn layers_add_up_and_nothing_is_said_twice() {
        let mut layers = Layers::default();
        let mut lines = Vec::new();
        for (id, status, bytes) in [
            ("19.0", "Pulling from library/odoo", None),
            ("a", "Pulling fs layer", None),
            ("b", "Already exists", None),
            ("a", "Downloading", Some((2_000_000, 9_000_000))),
            ("a", "Downloading", Some((2_100_000, 9_000_000))),
            ("a", "Download complete", None),
            ("a", "Extracting", Some((1, 9_000_000))),
            ("a", "Pull complete", None),
            ("", "Status: Downloaded newer image", None),
        ] {
            lines.extend(layers.take(message(id, status, bytes)));
        }
        assert_eq!(
            lines,
            [
                "Pulling from library/odoo",
                "layer 0/1, 0 MB of 0 MB",
                "layer 1/2, 0 MB of 0 MB",
                "layer 1/2, 2 MB of 9 MB",
                "layer 1/2, 9 MB of 9 MB",
                "layer 2/2, 9 MB of 9 MB",
                "Status: Downloaded newer image",
            ]
        );
    }

    #[test]
    fn the_registry_is_the_part_that_looks_like_a_host() {
        assert_eq!(registry("odoo:19.0"), "https://index.docker.io/v1/");
        assert_eq!(registry("library/odoo"), "https://index.docker.io/v1/");
        assert_eq!(registry("ghcr.io/a/b:1"), "ghcr.io");
        assert_eq!(registry("localhost:5000/b"), "localhost:5000");
    }
}
