//! An archive of `pg_dump` read by the `pg_restore` of PostgreSQL's image, where this machine has none.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::cli::environment::Environment;
use crate::cli::gather;
use crate::container::{ContainerId, ContainerSpec, Exec, LABEL_CUSTOMER, LABEL_ROLE, Stream};
use crate::runtime::{Runtime, RuntimeError};
use crate::world::backup::BackupError;
use crate::world::dump::tar_archive;
use crate::world::survey::{Reading, Surveyed, begin};

/// PostgreSQL's image when nobody names another.
const IMAGE: &str = "postgres:15";
/// What the archive is called in the container.
const NAME: &str = "backup";
/// How much of what `pg_restore` complains is kept.
const COMPLAINTS: usize = 64 * 1024;

/// Surveys an archive in a container that is gone afterwards. `None` where Docker or the image is not at hand.
pub(super) async fn survey(
    backup: &Path,
    filestore: Option<&Path>,
    image: Option<String>,
    environment: &Environment,
    cancel: &CancellationToken,
) -> Option<Result<Surveyed, BackupError>> {
    let runtime = gather::docker(environment).ok()?;
    let image = image.unwrap_or_else(|| IMAGE.to_owned());
    runtime.image(&image).await.ok()??;
    let mut spec = ContainerSpec::new(format!("hopp-assess-{}", std::process::id()), image);
    spec.entrypoint = vec!["sleep".into()];
    spec.command = vec!["infinity".into()];
    spec.labels.insert(LABEL_CUSTOMER.into(), "assess".into());
    spec.labels.insert(LABEL_ROLE.into(), "assess".into());
    let container = runtime.create(&spec).await.ok()?;
    let read = match begin(backup, filestore) {
        Ok(reading) => read(runtime.as_ref(), &container, backup, reading, cancel).await,
        Err(error) => Ok(Err(error)),
    };
    // Whatever happened, nothing stays behind; `hopp clean` finds it by its label if even this fails.
    let _removed = runtime.remove(&container).await;
    read.ok()
}

async fn read(
    runtime: &dyn Runtime,
    container: &ContainerId,
    backup: &Path,
    reading: Reading,
    cancel: &CancellationToken,
) -> Result<Result<Surveyed, BackupError>, RuntimeError> {
    runtime.start(container).await?;
    let path = backup.to_owned();
    let write = Box::new(move |builder: &mut tar::Builder<&mut dyn std::io::Write>| {
        tar_archive(&path, builder, NAME).map(drop)
    });
    runtime.upload(container, "/tmp", write).await?;
    let exec = Exec::new(["pg_restore", "--data-only", "-f", "-", &format!("/tmp/{NAME}")]);
    let reading = Arc::new(Mutex::new(reading));
    let mut complaints = Vec::new();
    let exit = {
        let reading = Arc::clone(&reading);
        let mut take = |stream: Stream, bytes: &[u8]| match stream {
            Stream::Out => reading.lock().unwrap_or_else(PoisonError::into_inner).feed(bytes),
            Stream::Err if complaints.len() < COMPLAINTS => complaints.extend_from_slice(bytes),
            Stream::Err => {}
        };
        runtime.exec(container, &exec, &mut take, cancel).await?
    };
    let Some(reading) = Arc::into_inner(reading) else {
        return Ok(Err(BackupError::Cancelled {
            path: backup.to_owned(),
        }));
    };
    let reading = reading.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(reading
        .restored(exit.success(), &String::from_utf8_lossy(&complaints))
        .and_then(|()| reading.finish()))
}
