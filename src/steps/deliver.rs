//! Puts the upgraded backup where the user wants it: whole, or not at all.

mod folder;

pub(super) use folder::{delivering, partial_and_old};

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::Workshop;
use super::database::Database;
use super::errand::Errand;
use super::names::{DATA_DIR, ROLE};
use super::stop::{blocking, file};
use crate::container::ContainerId;
use crate::engine::{Done, StepContext, Stop};
use crate::event::Event;
use crate::ident::{Fingerprint, Series};
use crate::runtime::{Runtime, RuntimeErrorKind};
use crate::verify::modules::{self, ModuleStates};
use crate::world::zip_backup::{BackupZip, HashingWriter};

/// Where dumps are made in the PostgreSQL container.
const WORK: &str = "/var/lib/odoo/.deliver";
/// What to do when the results find no room.
const NO_ROOM: &str = "free space where the results go, or name another folder under `deliver.to`; then run again";
/// The check sums of the delivered files.
const SUMS: &str = "SHA256SUMS";

/// A file that was written.
struct Written {
    name: String,
    bytes: u64,
    sha256: Fingerprint,
}

/// Delivers zip, custom dump, filestore and check sums.
pub(super) async fn run(workshop: &Workshop, context: &StepContext, series: Series) -> Result<Done, Stop> {
    let database = workshop.database()?;
    let delivered = deliver(workshop, &database, context, series).await;
    // The dumps are as large as the database: they go whatever happened, also when a person stopped it.
    let remove = format!("rm -rf {WORK}");
    let unhurried = CancellationToken::new();
    let removed = database
        .shell("root", &remove, "remove the dumps", None, &unhurried)
        .await;
    if let Err(stop) = removed {
        tracing::warn!(error = stop.failure.message, "dumps stay; the next run removes them");
    }
    delivered
}

async fn deliver(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
) -> Result<Done, Stop> {
    let name = super::checkpoint::source(workshop, database, context).await?;
    let stem = format!("{}-{series}", workshop.plan.customer);
    let target = workshop.plan.deliver_folder(workshop.facts.from);
    folder::only_ours(&target, &stem)?;
    context.progress("dumping the database", None);
    let script = format!(
        "rm -rf {WORK}; mkdir -p {WORK}; cd {WORK}; \
         pg_dump -U {ROLE} --no-owner -d {name} -f {WORK}/dump.sql & plain=$!; \
         pg_dump -U {ROLE} --no-owner -Fc -d {name} -f {WORK}/db.dump; wait $plain"
    );
    database
        .shell(
            "root",
            &script,
            "dump the database",
            Some(&context.log),
            &context.cancel,
        )
        .await?;
    fs_err::create_dir_all(target.parent().unwrap_or(&workshop.plan.folder)).map_err(unwritten)?;
    folder::announce(&workshop.state, &target)?;
    let folder = folder::beside(&target)?;
    let manifest = manifest(workshop, database, context, &name, series).await?;
    let mut written = Vec::new();
    context.progress("writing the backup zip", None);
    written.push(zip(workshop, database, folder.path(), &stem, &name, &manifest).await?);
    context.progress("writing the custom dump", None);
    let place = folder.path().join(format!("{stem}.dump"));
    written.push(fetch(workshop, database.container(), &format!("{WORK}/db.dump"), place, true).await?);
    context.progress("writing the filestore", None);
    let place = folder.path().join(format!("{stem}-filestore.tar"));
    written.push(
        fetch(
            workshop,
            database.container(),
            &format!("{DATA_DIR}/filestore/{name}"),
            place,
            false,
        )
        .await?,
    );
    written.push(sums(folder.path(), &written)?);
    folder::publish(folder, &target)?;
    folder::delivered(&workshop.state)?;
    let mut files = Vec::new();
    // As seen from the plan: where that lies on this machine is nobody's business later.
    let target = target.strip_prefix(&workshop.plan.folder).unwrap_or(&target);
    for file in &written {
        let relative = target.join(&file.name);
        context.emit(Event::Delivered {
            path: relative.to_string_lossy().into_owned(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        });
        files.push(json!({
            "path": relative.to_string_lossy(),
            "bytes": file.bytes,
            "sha256": file.sha256,
        }));
    }
    Ok(Done::with(
        json!({ "folder": target.to_string_lossy(), "files": files, "neutralized": true }),
    ))
}

/// Returns the `manifest.json` of an Odoo backup (FACTS §5.1).
async fn manifest(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    name: &str,
    series: Series,
) -> Result<String, Stop> {
    let what = "ask for the modules' states";
    let answer = Errand::default()
        .sql("ask for PostgreSQL's version", name, "SHOW server_version_num")
        .sql(what, name, &modules::state_sql())
        .run(database, &context.cancel)
        .await?;
    let (number, states) = answer.trim().split_once('\n').unwrap_or_default();
    let number: u32 = number.parse().unwrap_or(0);
    let states: ModuleStates = serde_json::from_str(states).map_err(|error| Stop::step(format!("{what}: {error}")))?;
    let modules: serde_json::Map<String, Value> = states
        .modules
        .into_iter()
        .filter(|module| module.state == "installed")
        .map(|module| (module.name, Value::String(module.version.unwrap_or_default())))
        .collect();
    let manifest = json!({
        "odoo_dump": "1",
        "db_name": workshop.names.database(),
        "version": series.to_string(),
        "version_info": [series.major(), 0, 0, "final", 0, ""],
        "major_version": series.to_string(),
        "pg_version": format!("{}.{}", number / 10_000, number % 10_000),
        "modules": modules,
    });
    serde_json::to_string_pretty(&manifest).map_err(file)
}

async fn zip(
    workshop: &Workshop,
    database: &Database,
    folder: &Path,
    stem: &str,
    name: &str,
    manifest: &str,
) -> Result<Written, Stop> {
    let file_name = format!("{stem}.zip");
    let path = folder.join(&file_name);
    let created = fs_err::File::create(&path).map_err(unwritten)?;
    let archive = BackupZip::start(created, manifest.as_bytes()).map_err(unwritten)?;
    let archive = Arc::new(Mutex::new(Some(archive)));
    let add = |entry: &'static str, from: String| {
        let archive = archive.clone();
        let runtime = workshop.runtime.clone();
        let container = database.container().clone();
        async move {
            read_tar(&runtime, &container, &from, move |reader| {
                let mut guard = archive.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(zip) = guard.as_mut() else {
                    return Ok(());
                };
                if entry == "dump.sql" {
                    let mut tar = tar::Archive::new(reader);
                    for item in tar.entries()? {
                        zip.add_dump(&mut item?).map(drop)?;
                    }
                    Ok(())
                } else {
                    zip.add_filestore(reader).map(drop)
                }
            })
            .await
        }
    };
    add("dump.sql", format!("{WORK}/dump.sql")).await?;
    add("filestore", format!("{DATA_DIR}/filestore/{name}")).await?;
    let zip = archive.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(zip) = zip {
        let finished = zip.finish().map_err(unwritten)?;
        finished.sync_all().map_err(unwritten)?;
    }
    let hashed = path.clone();
    blocking(move || hash(&hashed).map_err(unwritten))
        .await
        .map(|(bytes, sha256)| Written {
            name: file_name,
            bytes,
            sha256,
        })
}

/// Explains why a result could not be written.
fn unwritten(error: std::io::Error) -> Stop {
    if error.kind() == std::io::ErrorKind::StorageFull {
        Stop::environment(error.to_string()).hint(NO_ROOM)
    } else {
        file(error)
    }
}

/// Reads a file or folder of a container as a tar archive.
async fn read_tar(
    runtime: &Arc<dyn Runtime>,
    container: &ContainerId,
    path: &str,
    reader: impl FnOnce(&mut dyn Read) -> std::io::Result<()> + Send + 'static,
) -> Result<(), Stop> {
    match runtime.download(container, path, Box::new(reader)).await {
        // The reader writes to this machine, and not to the engine's.
        Err(error) if error.kind == RuntimeErrorKind::NoSpace => {
            Err(Stop::environment(error.to_string()).hint(NO_ROOM))
        }
        ended => Ok(ended?),
    }
}

/// Fetches a file as it is, or a folder as a tar archive.
async fn fetch(
    workshop: &Workshop,
    container: &ContainerId,
    from: &str,
    to: PathBuf,
    unpack: bool,
) -> Result<Written, Stop> {
    let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let result = Arc::new(Mutex::new(None));
    let sink = result.clone();
    read_tar(&workshop.runtime, container, from, move |reader| {
        let mut writer = HashingWriter::new(fs_err::File::create(&to)?);
        if unpack {
            let mut tar = tar::Archive::new(reader);
            for item in tar.entries()? {
                std::io::copy(&mut item?, &mut writer)?;
            }
        } else {
            std::io::copy(reader, &mut writer)?;
        }
        let (file, sha256, bytes) = writer.finish();
        file.sync_all()?;
        *sink.lock().unwrap_or_else(PoisonError::into_inner) = Some((bytes, sha256));
        Ok(())
    })
    .await?;
    let taken = result.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (bytes, sha256) = taken.ok_or_else(|| Stop::environment(format!("{from} could not be read")))?;
    Ok(Written { name, bytes, sha256 })
}

fn hash(path: &Path) -> std::io::Result<(u64, Fingerprint)> {
    let mut writer = HashingWriter::new(std::io::sink());
    std::io::copy(&mut fs_err::File::open(path)?, &mut writer)?;
    let (_, sha256, bytes) = writer.finish();
    Ok((bytes, sha256))
}

/// Writes `SHA256SUMS`, as `sha256sum --check` reads it.
fn sums(folder: &Path, written: &[Written]) -> Result<Written, Stop> {
    let lines: Vec<String> = written
        .iter()
        .map(|file| {
            format!(
                "{}  {}
",
                file.sha256, file.name
            )
        })
        .collect();
    let text = lines.concat();
    let name = SUMS.to_owned();
    fs_err::write(folder.join(&name), &text).map_err(unwritten)?;
    Ok(Written {
        name,
        bytes: text.len() as u64,
        sha256: Fingerprint::of(&text),
    })
}
