//! Checkpoints: database and filestore saved under a step's fingerprint, and brought back.
//!
//! A checkpoint is complete when its database carries its name: the filestore is linked first, the database is copied
//! under a temporary name, and the rename is the last thing that happens.

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Workshop;
use super::database::{Database, identifier};
use super::errand::Errand;
use super::names::DATA_DIR;
use crate::engine::{StepContext, Stop};
use crate::event::Event;
use crate::ident::Fingerprint;
use crate::journal::Checkpoint;
use crate::plan::{Kind, Node};

/// From this size on PostgreSQL copies a database faster as files than through its write-ahead log.
const FILE_COPY_FROM: u64 = 400 << 20;

/// Brings the working database into the state that a step starts from.
pub(super) async fn bring(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    node: &Node,
) -> Result<(), Stop> {
    if matches!(node.kind, Kind::Restore) {
        workshop.set_working(None);
        return Ok(());
    }
    let wanted = parent(context)?;
    if workshop.working().as_ref() != Some(&wanted) {
        restore(workshop, database, context, &wanted).await?;
    }
    // From here on the database is in nobody's state until the step is done.
    workshop.set_working(None);
    Ok(())
}

/// Returns the checkpoint database that a step reads.
pub(super) async fn source(workshop: &Workshop, database: &Database, context: &StepContext) -> Result<String, Stop> {
    present(workshop, database, context, &parent(context)?).await
}

/// Returns the database of a checkpoint. One that is gone is struck out, and the run decides again without it.
async fn present(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    fingerprint: &Fingerprint,
) -> Result<String, Stop> {
    let name = workshop.names.checkpoint(fingerprint);
    if exists(database, &name, context).await? {
        return Ok(name);
    }
    let mut checkpoints = workshop.state.checkpoints();
    let was_saved = checkpoints.shift_remove(fingerprint).is_some();
    workshop
        .state
        .save_checkpoints(&checkpoints)
        .map_err(super::stop::file)?;
    let mut stop = Stop::environment(if was_saved {
        format!("checkpoint {} is gone", fingerprint.short())
    } else {
        "the state it starts from was not saved".to_owned()
    });
    stop.lost_checkpoint = Some(fingerprint.clone());
    Err(stop)
}

/// Returns the fingerprint of the state that a step starts from.
pub(super) fn parent(context: &StepContext) -> Result<Fingerprint, Stop> {
    context
        .parent
        .clone()
        .ok_or_else(|| Stop::step(format!("what `{}` starts from is not known", context.step)))
}

/// Takes note that a step is done, and saves its state where the plan says so.
pub(super) async fn reached(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    node: &Node,
) -> Result<(), Stop> {
    if node.checkpoint {
        save(workshop, database, context).await?;
    }
    workshop.set_working(Some(context.fingerprint.clone()));
    Ok(())
}

async fn save(workshop: &Workshop, database: &Database, context: &StepContext) -> Result<(), Stop> {
    let start = Instant::now();
    context.progress("saving a checkpoint", None);
    let working = workshop.names.database();
    let name = workshop.names.checkpoint(&context.fingerprint);
    let partial = format!("{name}_partial");
    let filestore =
        format!("cd {DATA_DIR}/filestore; if [ -d {partial} ]; then rm -rf {name}; mv {partial} {name}; fi; cd /");
    // The cluster commits asynchronously: without this a kill within the next moments would take the name back.
    let rename = format!(
        "SET synchronous_commit = on;\nALTER DATABASE {} RENAME TO {};\nCHECKPOINT;",
        identifier(&partial),
        identifier(&name)
    );
    let size = Errand::default()
        .sql(
            format!("ask for the size of {working}"),
            "postgres",
            &format!("SELECT pg_database_size('{working}')"),
        )
        .then(removal(&name))
        .then(copying(&working, &partial))
        .shell("name the checkpoint's filestore", &filestore)
        .sql("name the checkpoint", "postgres", &rename)
        // With fsync off nothing is on disk yet; a checkpoint must survive a reboot.
        .shell("write the checkpoint to disk", "sync")
        .run(database, &context.cancel)
        .await?;
    let size = size
        .trim()
        .parse()
        .map_err(|_| Stop::step(format!("PostgreSQL does not say how large {working} is")))?;
    let mut checkpoints = workshop.state.checkpoints();
    checkpoints.insert(
        context.fingerprint.clone(),
        Checkpoint {
            step: context.step.clone(),
            bytes: size,
            at: Timestamp::now(),
            volume: workshop.names.postgres_volume(),
        },
    );
    workshop
        .state
        .save_checkpoints(&checkpoints)
        .map_err(super::stop::file)?;
    context.emit(Event::CheckpointSaved {
        step: context.step.clone(),
        fingerprint: context.fingerprint.clone(),
        bytes: size,
        elapsed_ms: millis(start),
    });
    Ok(())
}

async fn restore(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    fingerprint: &Fingerprint,
) -> Result<(), Stop> {
    let start = Instant::now();
    context.progress("bringing back a checkpoint", None);
    let name = present(workshop, database, context, fingerprint).await?;
    let working = workshop.names.database();
    let _copying = workshop.reading.write().await;
    bring_copy(database, &name, &working, context).await?;
    context.emit(Event::CheckpointRestored {
        fingerprint: fingerprint.clone(),
        elapsed_ms: millis(start),
    });
    Ok(())
}

/// Does work on a copy of a database, which is removed again whatever becomes of it.
pub(super) async fn copied<T>(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    (name, target): (&str, &str),
    work: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    let made = async {
        let _copying = workshop.reading.write().await;
        bring_copy(database, name, target, context).await
    };
    let worked = match made.await {
        Ok(()) => work.await,
        Err(stop) => Err(stop),
    };
    // Also when a person stopped it: the copy is as large as the database.
    let mut unhurried = context.clone();
    unhurried.cancel = CancellationToken::new();
    let removed = remove(database, target, &unhurried).await;
    let worked = worked?;
    removed?;
    Ok(worked)
}

async fn bring_copy(database: &Database, from: &str, to: &str, context: &StepContext) -> Result<(), Stop> {
    let errand = removal(to).then(copying(from, to));
    errand.run(database, &context.cancel).await.map(drop)
}

/// Removes the checkpoints that the plan, as it is now, would not produce. Returns how many.
pub(super) async fn prune(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    keep: &BTreeSet<Fingerprint>,
) -> Result<usize, Stop> {
    let mut checkpoints = workshop.state.checkpoints();
    let stale: Vec<Fingerprint> = checkpoints
        .keys()
        .filter(|fingerprint| !keep.contains(*fingerprint))
        .cloned()
        .collect();
    for fingerprint in &stale {
        remove(database, &workshop.names.checkpoint(fingerprint), context).await?;
        checkpoints.shift_remove(fingerprint);
        workshop
            .state
            .save_checkpoints(&checkpoints)
            .map_err(super::stop::file)?;
    }
    Ok(stale.len())
}

/// Removes a database and its filestore.
pub(super) async fn remove(database: &Database, name: &str, context: &StepContext) -> Result<(), Stop> {
    removal(name).run(database, &context.cancel).await.map(drop)
}

/// Returns how a database and its filestore are removed, whoever is connected, and whoever still makes it: a step that
/// was stopped does not take its `psql` with it.
pub(super) fn removal(name: &str) -> Errand {
    let partial = format!("{name}_partial");
    let mut errand = Errand::default();
    for name in [name, partial.as_str()] {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
             AND (datname = '{name}' OR query LIKE 'CREATE DATABASE {quoted} %') \\g /dev/null\n\
             DROP DATABASE IF EXISTS {quoted};",
            quoted = identifier(name)
        );
        errand = errand.sql(format!("drop database {name}"), "postgres", &sql);
    }
    let script = format!("rm -rf {DATA_DIR}/filestore/{name} {DATA_DIR}/filestore/{partial}");
    errand.shell(format!("remove filestore {name}"), &script)
}

/// Returns how a database is copied, by template, and its filestore, by hard links: Odoo never writes into a file of the
/// filestore again.
fn copying(from: &str, to: &str) -> Errand {
    let script = format!(
        "cd {DATA_DIR}; mkdir -p filestore; rm -rf filestore/{to}; \
         if [ -d filestore/{from} ]; then cp -al filestore/{from} filestore/{to}; fi; cd /"
    );
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid() \\g /dev/null\n\
         SELECT CASE WHEN current_setting('server_version_num')::int < 150000 THEN '' \
         WHEN pg_database_size('{name}') < {FILE_COPY_FROM} THEN ' STRATEGY WAL_LOG' \
         ELSE ' STRATEGY FILE_COPY' END AS strategy \\gset\n\
         CREATE DATABASE {to} TEMPLATE {from} :strategy;",
        name = from,
        to = identifier(to),
        from = identifier(from),
    );
    Errand::default()
        .shell(format!("link the filestore of {from}"), &script)
        .sql(format!("copy database {from}"), "postgres", &sql)
}

/// Says whether a database of this name exists.
pub(super) async fn exists(database: &Database, name: &str, context: &StepContext) -> Result<bool, Stop> {
    let sql = format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')");
    let answer = database
        .sql("postgres", &sql, "list databases", &context.cancel)
        .await?;
    Ok(answer.trim() == "t")
}

fn millis(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
