//! What hops made, kept in files: the next run goes on from there on an engine that has none of our volumes.
//!
//! An archive is a tar of `database.dump` (`pg_dump -Fc`) and the filestore, under the fingerprint of the step that
//! produced the state. Only the states right after a hop's upgrade are worth it: everything between them takes seconds,
//! and restoring the backup takes as long as an archive of the restored backup would.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use super::Workshop;
use super::checkpoint::{exists, remove};
use super::database::{Database, identifier};
use super::names::{DATA_DIR, ROLE};
use super::stop::{blocking, file};
use crate::engine::{StepContext, Stop};
use crate::event::FailureKind;
use crate::ident::{Fingerprint, StepId};
use crate::journal::{Checkpoint, StateFolder};
use crate::plan::{Kind, fingerprints};

/// Where an archive is put together and taken apart, below [`DATA_DIR`].
const WORK: &str = ".archive";

/// An archive that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The step whose result it holds.
    pub step: StepId,
    /// Its size in bytes.
    pub bytes: u64,
}

fn folder(state: &StateFolder) -> PathBuf {
    state.root().join("archive")
}

fn path_of(state: &StateFolder, fingerprint: &Fingerprint) -> PathBuf {
    folder(state).join(format!("{fingerprint}.tar"))
}

/// Says whether a state folder has an archive of the result with this fingerprint.
pub fn is_archived(state: &StateFolder, fingerprint: &Fingerprint) -> bool {
    path_of(state, fingerprint).is_file()
}

/// Archives what each hop made, where that is not done yet, and removes archives that the plan would not produce.
pub(super) async fn save(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
) -> Result<Vec<Archived>, Stop> {
    let known = fingerprints(&workshop.graph, &workshop.identities());
    let hops = workshop.graph.nodes().iter();
    let hops: Vec<_> = hops.filter(|node| matches!(node.kind, Kind::Upgrade { .. })).collect();
    let there = workshop.state.checkpoints();
    let mut archived = Vec::new();
    for (node, fingerprint) in hops.iter().filter_map(|node| Some((node, known.get(&node.id)?))) {
        if there.contains_key(fingerprint) && !is_archived(&workshop.state, fingerprint) {
            let bytes = pack(workshop, database, context, fingerprint).await?;
            let step = node.id.clone();
            archived.push(Archived { step, bytes });
        }
    }
    let keep: Option<BTreeSet<PathBuf>> = hops
        .iter()
        .map(|node| Some(path_of(&workshop.state, known.get(&node.id)?)))
        .collect();
    // While one hop's fingerprint is not known nobody can say which archive is its own.
    if let Some(keep) = keep {
        for entry in fs_err::read_dir(folder(&workshop.state)).into_iter().flatten() {
            let path = entry.map_err(file)?.path();
            if !keep.contains(&path) {
                fs_err::remove_file(path).map_err(file)?;
            }
        }
    }
    Ok(archived)
}

async fn pack(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    fingerprint: &Fingerprint,
) -> Result<u64, Stop> {
    let name = workshop.names.checkpoint(fingerprint);
    // The least compression: whoever keeps archives between jobs compresses them anyway.
    let script = format!(
        "cd {DATA_DIR}; rm -rf {WORK}; mkdir {WORK}; \
         if [ -d filestore/{name} ]; then cp -al filestore/{name} {WORK}/filestore; fi; \
         pg_dump -U {ROLE} --no-owner -Fc -Z1 -d {name} -f {WORK}/database.dump"
    );
    let what = "dump a checkpoint";
    database
        .shell("root", &script, what, Some(&context.log), &context.cancel)
        .await?;
    let target = path_of(&workshop.state, fingerprint);
    let partial = tempfile::Builder::new()
        .prefix(".partial-")
        .tempfile_in(made(folder(&workshop.state))?)
        .map_err(file)?;
    let (mut out, place) = partial.into_parts();
    workshop
        .runtime
        .download(
            database.container(),
            &format!("{DATA_DIR}/{WORK}"),
            Box::new(move |reader| {
                io::copy(reader, &mut out)?;
                out.sync_all()
            }),
        )
        .await?;
    place.persist(&target).map_err(file)?;
    tidy(database, context).await?;
    Ok(fs_err::metadata(&target).map_err(file)?.len())
}

fn made(folder: PathBuf) -> Result<PathBuf, Stop> {
    fs_err::create_dir_all(&folder).map_err(file)?;
    Ok(folder)
}

/// Makes checkpoints of the archives that this run goes on from.
pub(super) async fn bring(workshop: &Workshop, database: &Database, context: &StepContext) -> Result<(), Stop> {
    for fingerprint in workshop.imports() {
        if exists(database, &workshop.names.checkpoint(fingerprint), context).await? {
            continue;
        }
        context.progress("bringing back what a hop made", None);
        let Err(mut stop) = unpack(workshop, database, context, fingerprint).await else {
            continue;
        };
        // What is to blame is not the engine: this archive is of no use, and the run must do without.
        if stop.failure.kind == FailureKind::Step {
            fs_err::remove_file(path_of(&workshop.state, fingerprint)).map_err(file)?;
            stop.lost_checkpoint = Some(fingerprint.clone());
        }
        return Err(stop);
    }
    Ok(())
}

async fn unpack(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    fingerprint: &Fingerprint,
) -> Result<(), Stop> {
    let path = path_of(&workshop.state, fingerprint);
    let looked_at = path.clone();
    blocking(move || {
        let mut nowhere = io::sink();
        let nowhere: &mut dyn io::Write = &mut nowhere;
        copy_archive(&looked_at, &mut tar::Builder::new(nowhere))
            .map_err(|error| Stop::step(format!("{} is damaged: {error}", looked_at.display())))
    })
    .await?;
    let name = workshop.names.checkpoint(fingerprint);
    let partial = format!("{name}_partial");
    remove(database, &name, context).await?;
    tidy(database, context).await?;
    workshop
        .runtime
        .upload(
            database.container(),
            DATA_DIR,
            Box::new(move |archive| copy_archive(&path, archive)),
        )
        .await?;
    let create = format!(
        "CREATE DATABASE {} ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0",
        identifier(&partial)
    );
    let what = "bring back a checkpoint";
    database.sql("postgres", &create, what, &context.cancel).await?;
    let jobs = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let script = format!(
        "pg_restore -U {ROLE} --no-owner --no-acl --exit-on-error -j {jobs} -d {partial} {DATA_DIR}/{WORK}/database.dump"
    );
    let log = Some(&context.log);
    database.shell("postgres", &script, what, log, &context.cancel).await?;
    database.sql(&partial, "ANALYZE", what, &context.cancel).await?;
    let script = format!(
        "cd {DATA_DIR}; mkdir -p filestore; if [ -d {WORK}/filestore ]; then mv {WORK}/filestore filestore/{name}; fi"
    );
    database.shell("root", &script, what, log, &context.cancel).await?;
    // The name comes last: a checkpoint is complete when its database carries it.
    let rename = format!(
        "ALTER DATABASE {} RENAME TO {}",
        identifier(&partial),
        identifier(&name)
    );
    database.sql("postgres", &rename, what, &context.cancel).await?;
    tidy(database, context).await?;
    note(workshop, database, context, fingerprint).await
}

/// Writes down that the volume holds the checkpoint now.
async fn note(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    fingerprint: &Fingerprint,
) -> Result<(), Stop> {
    let known = fingerprints(&workshop.graph, &workshop.identities());
    let step = known.iter().find(|(_, of)| *of == fingerprint).map(|(step, _)| step);
    let step = step.cloned().unwrap_or_else(|| StepId::new("archive"));
    let sql = format!("SELECT pg_database_size('{}')", workshop.names.checkpoint(fingerprint));
    let bytes = database
        .json("postgres", &sql, "ask for the size of a checkpoint", &context.cancel)
        .await?;
    context
        .log
        .line(&format!("brought back what {step} made, from an archive"));
    let mut checkpoints = workshop.state.checkpoints();
    checkpoints.insert(
        fingerprint.clone(),
        Checkpoint {
            step,
            bytes,
            at: Timestamp::now(),
            volume: workshop.names.postgres_volume(),
        },
    );
    workshop.state.save_checkpoints(&checkpoints).map_err(file)
}

async fn tidy(database: &Database, context: &StepContext) -> Result<(), Stop> {
    let script = format!("rm -rf {DATA_DIR}/{WORK}");
    database
        .shell("root", &script, "remove the unpacked archive", None, &context.cancel)
        .await
        .map(drop)
}

/// Copies the entries of an archive, and refuses what no archive of ours holds.
fn copy_archive(path: &Path, to: &mut tar::Builder<&mut dyn io::Write>) -> io::Result<()> {
    let strange = |what: &Path| io::Error::other(format!("it holds `{}`", what.display()));
    let mut archive = tar::Archive::new(fs_err::File::open(path)?);
    let mut has_dump = false;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let place = entry.path()?.into_owned();
        let is_plain = place.components().all(|part| matches!(part, Component::Normal(_)));
        let kind = entry.header().entry_type();
        if !is_plain || !place.starts_with(WORK) || !(kind.is_file() || kind.is_dir()) {
            return Err(strange(&place));
        }
        has_dump |= place == Path::new(WORK).join("database.dump");
        let mut header = entry.header().clone();
        to.append_data(&mut header, &place, &mut entry)?;
    }
    if has_dump {
        Ok(())
    } else {
        Err(io::Error::other("it holds no database"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(folder: &Path, members: &[(&str, &[u8])]) -> PathBuf {
        let path = folder.join("made.tar");
        let mut builder = tar::Builder::new(fs_err::File::create(&path).unwrap());
        for (name, content) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            // Past what the writer itself would refuse.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        builder.finish().unwrap();
        path
    }

    fn read(path: &Path) -> io::Result<()> {
        let mut nowhere = io::sink();
        let nowhere: &mut dyn io::Write = &mut nowhere;
        copy_archive(path, &mut tar::Builder::new(nowhere))
    }

    #[test]
    fn an_archive_is_whole_and_ours_or_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let dump = (".archive/database.dump", b"PGDMP".as_slice());
        let whole = archive(folder.path(), &[dump, (".archive/filestore/ab/abcd", &[7; 3000])]);
        read(&whole).unwrap();
        let bytes = fs_err::read(&whole).unwrap();
        fs_err::write(&whole, &bytes[..3000]).unwrap();
        read(&whole).unwrap_err();
        for (members, said) in [
            (vec![(".archive/filestore/ab/abcd", b"x".as_slice())], "no database"),
            (vec![dump, (".archive/../../etc/passwd", b"x")], "etc/passwd"),
            (vec![dump, ("/etc/passwd", b"x")], "etc/passwd"),
            (vec![dump, ("elsewhere/file", b"x")], "elsewhere"),
        ] {
            let error = read(&archive(folder.path(), &members)).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
