//! The source of a series, taken apart once: out of an image, a folder, or a file that `hopp index` wrote.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::packages;
use crate::container::{ContainerId, ContainerSpec, ImageId, LABEL_CUSTOMER, LABEL_ROLE};
use crate::port::index::{Index, Packages};
use crate::runtime::docker::Docker;
use crate::runtime::{Runtime, RuntimeErrorKind};
use crate::ui;

/// Where images keep Odoo: the official ones, and those that are built from a checkout.
const IN_IMAGES: [&str; 6] = [
    "/usr/lib/python3/dist-packages/odoo",
    "/opt/odoo",
    "/usr/src/odoo",
    "/odoo",
    "/home/odoo/src/odoo",
    "/srv/odoo",
];

/// Files of a source: path and bytes.
type Files = Vec<(String, Vec<u8>)>;

/// Says whether a path is that of a database's backup: no folder of sources, and no file of `hopp index`.
pub(super) fn is_backup(path: &Path) -> bool {
    if path.is_dir() {
        return path.join("toc.dat").is_file();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let endings = [".zip", ".dump", ".sql", ".sql.gz", ".sql.zst"];
    path.is_file() && endings.iter().any(|ending| name.ends_with(ending))
}

/// Returns the index of what a person named.
pub(super) async fn index(what: &str, environment: &Environment) -> Result<Index, Failure> {
    let path = PathBuf::from(what);
    if path.is_file() {
        let bytes = fs_err::read(&path).map_err(|error| Failure::of_files(&error))?;
        return Index::unpack(&bytes).map_err(|error| {
            let failure = Failure::new(exit::USAGE, format!("cannot read {}: {error}", path.display()));
            failure.hint("name an image, a folder with Odoo's source, or a file that `hopp index` wrote")
        });
    }
    if path.is_dir() {
        let index = blocking(move || {
            let mut files = Files::new();
            walk(&path, &path, &mut files)?;
            Ok(Index::read(files))
        });
        return checked(index.await?, what);
    }
    of_image(what, environment).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))?
        .map_err(|error| Failure::of_files(&error))
}

fn checked(index: Index, what: &str) -> Result<Index, Failure> {
    if index.addons.contains_key("base") {
        return Ok(index);
    }
    let failure = Failure::new(exit::USAGE, format!("there is no Odoo in `{what}`"));
    Err(failure.hint("the folder must hold Odoo's own addons, `base` among them"))
}

/// Reads a folder; links to files are files there.
fn walk(root: &Path, folder: &Path, files: &mut Files) -> std::io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if !matches!(entry.file_name().to_str(), Some(".git" | "node_modules" | "i18n")) {
                walk(root, &path, files)?;
            }
            continue;
        }
        // The folder itself may be the package: its name belongs to the paths.
        let below = root.parent().unwrap_or(root);
        let name = path.strip_prefix(below).unwrap_or(&path).to_string_lossy().into_owned();
        if Index::wants(&name) {
            let bytes = match fs_err::read(&path) {
                Err(_) if entry.file_type()?.is_symlink() => Vec::new(),
                read => read?,
            };
            files.push((name, bytes));
        }
    }
    Ok(())
}

/// Reads an image once.
pub(super) async fn of_image(name: &str, environment: &Environment) -> Result<Index, Failure> {
    let docker = Docker::connect(environment.docker())?;
    let Some(image) = docker.image(name).await? else {
        let failure = Failure::environment(format!("there is neither a folder nor an image `{name}` here"));
        return Err(failure.hint(format!("`docker pull {name}` brings an image")));
    };
    of_this_image(&docker, &image.id, &environment.settings().cache).await
}

/// Reads an image that is on the engine; what was read is kept in the cache under the image's id.
pub(super) async fn of_this_image(docker: &dyn Runtime, image: &ImageId, cache: &Path) -> Result<Index, Failure> {
    let id = image.0.rsplit(':').next().unwrap_or_default().to_owned();
    let folder = cache.join("index");
    let kept = folder.join(format!("{id}.index"));
    let reading = kept.clone();
    let known = blocking(move || Ok(fs_err::read(&reading).ok().and_then(|bytes| Index::unpack(&bytes).ok())));
    if let Some(index) = known.await? {
        return Ok(index);
    }
    ui::say("reading Odoo's source out of the image; it is kept for the next time");
    let (files, packages) = download(docker, &image.0).await?;
    let index = blocking(move || Ok(Index::read(files)));
    let mut index = checked(index.await?, &image.0)?;
    index.packages = packages;
    let packed = index
        .pack()
        .map_err(|error| Failure::new(exit::INTERNAL, error.to_string()))?;
    blocking(move || {
        fs_err::create_dir_all(&folder)?;
        let mut partial = tempfile::NamedTempFile::new_in(&folder)?;
        std::io::Write::write_all(&mut partial, &packed)?;
        partial.persist(&kept)?;
        Ok(())
    })
    .await?;
    Ok(index)
}

/// Takes Odoo's files out of an image, and asks its Python what else it has, through a container that only sleeps.
async fn download(docker: &dyn Runtime, image: &str) -> Result<(Files, Option<Packages>), Failure> {
    let mut spec = ContainerSpec::new(format!("hopp-index-{}", std::process::id()), image);
    spec.labels.insert(LABEL_CUSTOMER.to_owned(), "index".to_owned());
    spec.labels.insert(LABEL_ROLE.to_owned(), "index".to_owned());
    spec.entrypoint = vec!["sleep".to_owned()];
    spec.command = vec!["infinity".to_owned()];
    let container = docker.create(&spec).await?;
    let files = folders(docker, &container).await;
    let packages = packages::of(docker, &container).await;
    docker.remove(&container).await?;
    Ok((files?, packages))
}

async fn folders(docker: &dyn Runtime, container: &ContainerId) -> Result<Files, Failure> {
    for folder in IN_IMAGES {
        let files: Arc<Mutex<Files>> = Arc::default();
        let sink = files.clone();
        let reader = move |reader: &mut dyn std::io::Read| {
            let mut archive = tar::Archive::new(reader);
            for entry in archive.entries()? {
                let mut entry = entry?;
                let path = entry.path()?.to_string_lossy().into_owned();
                // A link is there, whatever it leads to.
                let kind = entry.header().entry_type();
                if !Index::wants(&path) || !(kind.is_file() || kind.is_symlink() || kind.is_hard_link()) {
                    continue;
                }
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                sink.lock().unwrap_or_else(PoisonError::into_inner).push((path, bytes));
            }
            Ok(())
        };
        match docker.download(container, folder, Box::new(reader)).await {
            Ok(()) => {
                let files = std::mem::take(&mut *files.lock().unwrap_or_else(PoisonError::into_inner));
                let is_base = |path: &str| path.ends_with("addons/base/__manifest__.py");
                if files.iter().any(|(path, _)| is_base(path)) {
                    return Ok(files);
                }
            }
            Err(error) if error.kind == RuntimeErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let failure = Failure::environment("there is no Odoo in the image where one is looked for".to_owned());
    Err(failure.hint(format!("looked in {}", IN_IMAGES.join(", "))))
}
