//! Restores the customer's backup into an empty database.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::Workshop;
use super::database::{Database, identifier};
use super::errand::Errand;
use super::names::{DATA_DIR, ROLE};
use super::snapshot::Snapshot;
use crate::engine::{Done, StepContext, Stop};
use crate::ident::Series;
use crate::odoo::backup::BackupKind;
use crate::verify::attachments;
use crate::world::backup::BackupError;
use crate::world::dump;

/// Where the dump lies in the PostgreSQL container while it is restored.
const WORK: &str = "/var/lib/odoo/.restore";
/// Size of the pieces in which a plain dump travels.
const CHUNK: usize = 16 << 20;

/// Restores database and filestore, and checks that the series is the expected one.
pub(super) async fn run(workshop: &Workshop, database: &Database, context: &StepContext) -> Result<Done, Stop> {
    let name = workshop.names.database();
    context.progress("sending the backup", None);
    let prepare = format!("rm -rf {WORK}; mkdir -p {WORK} {DATA_DIR}/filestore/{name}; chmod 755 {WORK}");
    let create = format!(
        "CREATE DATABASE {} ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0",
        identifier(&name)
    );
    super::checkpoint::removal(&name)
        .shell("make room for the backup", &prepare)
        .sql("create the database", "postgres", &create)
        .run(database, &context.cancel)
        .await?;
    send_dump(workshop, database).await?;
    context.progress("restoring the database", None);
    // PostgreSQL works while the files travel.
    let ((), filestore) = futures_util::future::try_join(
        load(workshop, database, context, &name),
        send_filestore(workshop, database, &name, context),
    )
    .await?;
    let base = same_series(workshop, database, &name, context).await?;
    let moment = Snapshot::open(database, &name, context).await?;
    let files = super::attachments::check(&moment, context).await;
    moment.close().await;
    let files = files?;
    Ok(Done {
        findings: attachments::findings_of_backup(&files),
        ..Done::with(json!({
            "base_version": base,
            "filestore_files": filestore.0,
            "filestore_bytes": filestore.1,
            "filestore_missing": files.missing.len(),
        }))
    })
}

/// Sends the dump as it is (custom, directory) or in pieces of plain SQL.
async fn send_dump(workshop: &Workshop, database: &Database) -> Result<(), Stop> {
    let backup = workshop.facts.backup.clone();
    let damage = Arc::new(Mutex::new(None));
    let found = damage.clone();
    let upload = workshop.runtime.upload(
        database.container(),
        WORK,
        Box::new(move |archive| match backup.kind {
            BackupKind::PgCustom | BackupKind::PgDirectory => {
                dump::tar_archive(&backup.path, archive, "dump").map(drop)
            }
            BackupKind::OdooZip | BackupKind::ZipWithDump { .. } | BackupKind::PlainSql(_) => {
                let mut reader = dump::dump_reader(&backup).map_err(std::io::Error::other)?;
                let sent = dump::tar_chunks(&mut reader, archive, "dump.sql", CHUNK).map(drop);
                sent.map_err(|error| {
                    let kind = error.kind();
                    // The engine is only told that no more comes; a broken pipe is its own doing.
                    if kind != std::io::ErrorKind::BrokenPipe {
                        let damage = BackupError::unpacking(&backup.path, error);
                        *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(damage);
                    }
                    kind.into()
                })
            }
        }),
    );
    let sent = upload.await;
    let damage = damage.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (sent, damage) {
        (Err(_), Some(damage)) => Err(damage.into()),
        (sent, _) => Ok(sent?),
    }
}

impl From<BackupError> for Stop {
    fn from(error: BackupError) -> Stop {
        let remedy = error.remedy();
        let stop = super::stop::file(error);
        match remedy {
            Some(remedy) => stop.hint(remedy),
            None => stop,
        }
    }
}

/// Loads the dump and has PostgreSQL look at it.
async fn load(workshop: &Workshop, database: &Database, context: &StepContext, name: &str) -> Result<(), Stop> {
    let jobs = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let script = match workshop.facts.backup.kind {
        BackupKind::PgCustom | BackupKind::PgDirectory => {
            format!("pg_restore -U {ROLE} --no-owner --no-acl --exit-on-error -j {jobs} -d {name} {WORK}/dump")
        }
        BackupKind::OdooZip | BackupKind::ZipWithDump { .. } | BackupKind::PlainSql(_) => {
            format!("cat {WORK}/dump.sql.* | psql -X -q -v ON_ERROR_STOP=1 -1 -U {ROLE} -d {name} -o /dev/null")
        }
    };
    database
        .shell(
            "postgres",
            &script,
            "restore the database",
            Some(&context.log),
            &context.cancel,
        )
        .await
        .map_err(|stop| explain(stop, &workshop.facts.backup.path.display().to_string()))?;
    context.progress("ANALYZE", None);
    database
        .sql(name, "ANALYZE", "analyze the database", &context.cancel)
        .await
        .map(drop)
}

/// Adds what usually helps when a restore is refused.
fn explain(stop: Stop, path: &str) -> Stop {
    let text = stop.failure.excerpt.join("\n");
    let stop = stop.hint(format!("the backup is {path}; it was not changed"));
    if text.contains("unsupported version") {
        stop.hint("a newer PostgreSQL wrote the dump: name a newer image under `images.postgres` in the plan")
    } else if text.contains("is not available") || text.contains("could not open extension control file") {
        stop.hint("the PostgreSQL image lacks an extension: name an image that has it under `images.postgres`")
    } else {
        stop
    }
}

async fn send_filestore(
    workshop: &Workshop,
    database: &Database,
    name: &str,
    context: &StepContext,
) -> Result<(u64, u64), Stop> {
    let source = match &workshop.plan.filestore {
        Some(path) => Some(dump::FilestoreSource::open(path)?),
        None => dump::FilestoreSource::of_backup(&workshop.facts.backup),
    };
    let Some(source) = source else {
        context.log.line("the backup holds no filestore");
        return Ok((0, 0));
    };
    context.progress("sending the filestore", None);
    let files = Arc::new(AtomicU64::new(0));
    let bytes = Arc::new(AtomicU64::new(0));
    let (counted_files, counted_bytes) = (files.clone(), bytes.clone());
    let progress = context.clone();
    workshop
        .runtime
        .upload(
            database.container(),
            &format!("{DATA_DIR}/filestore/{name}"),
            Box::new(move |archive| {
                let mut count = 0;
                let summary = dump::tar_filestore(&source, archive, &mut |_, _| {
                    count += 1;
                    if count % 500 == 0 {
                        progress.progress(format!("sending the filestore: {count} files"), None);
                    }
                })?;
                counted_files.store(summary.files, Ordering::Relaxed);
                counted_bytes.store(summary.bytes, Ordering::Relaxed);
                Ok(())
            }),
        )
        .await?;
    Ok((files.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed)))
}

/// Removes what was sent, and checks that the restored database is in the series the plan was compiled for.
async fn same_series(
    workshop: &Workshop,
    database: &Database,
    name: &str,
    context: &StepContext,
) -> Result<String, Stop> {
    let sql = "SELECT to_regclass('public.ir_module_module') IS NOT NULL AS odoo \\gset\n\
               \\if :odoo\n\
               SELECT 'base ' || coalesce((SELECT latest_version FROM ir_module_module WHERE name = 'base'), '');\n\
               \\endif";
    let answer = Errand::default()
        .shell("remove the sent backup", &format!("rm -rf {WORK}"))
        .sql("ask for the series", name, sql)
        .run(database, &context.cancel)
        .await?;
    let Some(version) = answer.trim_end().strip_prefix("base") else {
        return Err(Stop::step(
            "the backup is not an Odoo database: it has no table ir_module_module",
        ));
    };
    let version = version.trim().to_owned();
    if Series::of_version(&version) == Some(workshop.facts.from) {
        Ok(version)
    } else {
        Err(Stop::step(format!(
            "the database is Odoo {version}, and the plan was made for {}",
            workshop.facts.from
        ))
        .hint(format!("correct `source.series` in {}", workshop.plan.path.display())))
    }
}
