//! Images, volumes and files of a scripted engine.

use std::io;
use std::path::Path;

use super::world::{StoredImage, World};
use crate::container::{ContainerId, Image, ImageId, Labels, Mount, Resource, ResourceKind, Stream};
use crate::ident::Fingerprint;
use crate::runtime::{Output, Progress, RuntimeError, RuntimeErrorKind, TarReader, TarWriter, hygiene};

impl World {
    /// Returns the image with this name or id.
    pub(super) fn stored(&self, name: &str) -> Option<&StoredImage> {
        self.images
            .get(name)
            .or_else(|| self.images.values().find(|stored| stored.image.id.0 == name))
    }

    pub(super) fn image(&self, name: &str) -> Option<Image> {
        self.stored(name).map(|stored| stored.image.clone())
    }

    pub(super) fn next_image_id(&mut self) -> ImageId {
        self.counter += 1;
        ImageId(format!("sha256:{}", Fingerprint::of(self.counter.to_le_bytes())))
    }

    pub(super) fn pull(&mut self, name: &str, logged_in: bool, progress: Progress<'_>) -> Result<Image, RuntimeError> {
        self.in_registry(name, logged_in)?;
        progress("layer 1/1, 1 MB of 1 MB");
        Ok(self.add_image(name))
    }

    pub(super) fn in_registry(&self, name: &str, logged_in: bool) -> Result<(), RuntimeError> {
        let refuse = |kind, message: &str| Err(RuntimeError::new(format!("get image {name}"), kind, message));
        match self.remote.get(name) {
            None => refuse(RuntimeErrorKind::NotFound, "manifest unknown"),
            Some(true) if !logged_in => refuse(RuntimeErrorKind::Unauthorized, "unauthorized"),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn build(
        &mut self,
        context: &Path,
        tag: &str,
        labels: &Labels,
        output: Output<'_>,
    ) -> Result<Image, RuntimeError> {
        if !context.join("Dockerfile").is_file() {
            let message = format!("{} has no Dockerfile", context.display());
            return Err(RuntimeError::new(
                format!("build image {tag}"),
                RuntimeErrorKind::Other,
                message,
            ));
        }
        output(Stream::Out, b"Step 1/1\n");
        self.add_image(tag);
        let built = self.images.get_mut(tag).map(|stored| {
            stored.image.labels.clone_from(labels);
            stored.image.clone()
        });
        built.ok_or_else(|| RuntimeError::new("build", RuntimeErrorKind::NotFound, tag))
    }

    pub(super) fn commit(
        &mut self,
        container: &ContainerId,
        tag: &str,
        like: &Image,
        labels: &Labels,
    ) -> Result<Image, RuntimeError> {
        let action = format!("save container {} as image {tag}", container.0);
        let found = self.container(&action, container)?;
        if let Some(name) = found.spec.env.keys().next() {
            let message = format!("the container was created with the variable {name}, which the image would keep");
            return Err(RuntimeError::new(action, RuntimeErrorKind::Other, message));
        }
        let files = found.files.clone();
        let mut image = like.clone();
        image.digest = None;
        image.id = self.next_image_id();
        image.labels.extend(labels.clone());
        let stored = StoredImage {
            image: image.clone(),
            files,
        };
        self.images.insert(tag.into(), stored);
        Ok(image)
    }

    pub(super) fn ensure_volume(&mut self, name: &str, labels: &Labels) {
        self.volumes.entry(name.into()).or_insert_with(|| super::world::Volume {
            labels: labels.clone(),
            ..Default::default()
        });
    }

    pub(super) fn upload(
        &mut self,
        container: &ContainerId,
        folder: &str,
        archive: TarWriter,
    ) -> Result<(), RuntimeError> {
        let action = format!("upload to {folder} of container {}", container.0);
        self.container(&action, container)?;
        let mut bytes = Vec::new();
        let written = {
            let out: &mut dyn io::Write = &mut bytes;
            let mut builder = tar::Builder::new(out);
            archive(&mut builder).and_then(|()| builder.finish())
        };
        written.map_err(|error| broken(&action, &error))?;
        self.with_files(&action, container, folder, |files, path| {
            files.unpack(path, bytes.as_slice())
        })
    }

    pub(super) fn download(
        &mut self,
        container: &ContainerId,
        path: &str,
        archive: TarReader,
    ) -> Result<(), RuntimeError> {
        let action = format!("download {path} of container {}", container.0);
        self.container(&action, container)?;
        let mut bytes = Vec::new();
        self.with_files(&action, container, path, |files, path| files.pack(path, &mut bytes))?;
        archive(&mut bytes.as_slice()).map_err(|error| broken(&action, &error))
    }

    /// Does something with the file system that holds an existing path.
    fn with_files(
        &mut self,
        action: &str,
        container: &ContainerId,
        path: &str,
        act: impl FnOnce(&mut super::Files, &Path) -> io::Result<()>,
    ) -> Result<(), RuntimeError> {
        let missing = || {
            let message = format!("the container or {path} in it does not exist");
            RuntimeError::new(action, RuntimeErrorKind::NotFound, message)
        };
        let mut scene = self.scene(&container.0).ok_or_else(missing)?;
        let (files, path) = scene.locate(path);
        if path != Path::new("/") && files.get(&path).is_none() {
            return Err(missing());
        }
        act(files, &path).map_err(|error| broken(action, &error))
    }

    pub(super) fn list(&self, labels: &Labels) -> Vec<Resource> {
        let containers = self.containers.iter().map(|(id, it)| Resource {
            kind: ResourceKind::Container,
            id: id.clone(),
            name: it.spec.name.clone(),
            labels: it.spec.labels.clone(),
            running: it.runs(),
            size: None,
        });
        let volumes = self.volumes.iter().map(|(name, it)| Resource {
            kind: ResourceKind::Volume,
            id: name.clone(),
            name: name.clone(),
            labels: it.labels.clone(),
            running: false,
            size: None,
        });
        let images = self.images.iter().map(|(name, it)| Resource {
            kind: ResourceKind::Image,
            id: it.image.id.0.clone(),
            name: name.clone(),
            labels: it.image.labels.clone(),
            running: false,
            size: Some(it.image.size),
        });
        let carries = |resource: &Resource| {
            labels.iter().all(|(name, wanted)| {
                resource
                    .labels
                    .get(name)
                    .is_some_and(|value| wanted.is_empty() || value == wanted)
            })
        };
        containers.chain(volumes).chain(images).filter(carries).collect()
    }

    pub(super) fn delete(&mut self, resource: &Resource) -> Result<(), RuntimeError> {
        hygiene::ours(resource)?;
        let name = &resource.name;
        match resource.kind {
            ResourceKind::Container => {
                self.containers.remove(&resource.id);
            }
            ResourceKind::Volume => {
                let mounts_it = |mount: &Mount| matches!(mount, Mount::Volume { name: it, .. } if it == name);
                if self.containers.values().any(|it| it.spec.mounts.iter().any(mounts_it)) {
                    let action = format!("remove volume {name}");
                    return Err(RuntimeError::new(
                        action,
                        RuntimeErrorKind::Conflict,
                        "volume is in use",
                    ));
                }
                self.volumes.remove(name);
            }
            ResourceKind::Image => match self.images.get(name) {
                Some(it) if it.image.id.0 == resource.id => {
                    hygiene::ours(&Resource {
                        labels: it.image.labels.clone(),
                        ..resource.clone()
                    })?;
                    self.images.remove(name);
                }
                _ => {}
            },
        }
        Ok(())
    }
}

fn broken(action: &str, error: &io::Error) -> RuntimeError {
    RuntimeError::new(action, RuntimeErrorKind::Other, error.to_string())
}
