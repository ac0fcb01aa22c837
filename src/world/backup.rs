//! Reading what a customer hands over: which kind of backup it is, and what database is in it.

mod error;
mod pg;
mod sql;
mod weight;
pub(super) mod zip;

use std::io::{self, Read};
use std::path::Path;

pub use error::BackupError;
pub(super) use sql::unpacked;
pub use weight::{Weight, weigh};

use super::hash::HashCache;
use crate::odoo::backup::{Backup, BackupKind, Compression, Contents, Magic, encrypted_with};

/// How much of a file its kind is told from.
const HEAD: u64 = 4096;

/// What reading a backup found out.
struct Found {
    kind: BackupKind,
    contents: Contents,
    has_filestore: bool,
}

/// Recognises a backup by its content and reads what it says about itself.
///
/// The first time the whole backup is read, for its hash; after that only if it changed. Series that hopp does not
/// work with are errors. Blocks.
pub fn read(path: &Path, cache: &HashCache, cancelled: &dyn Fn() -> bool) -> Result<Backup, BackupError> {
    if let Some(known) = cache.backup(path) {
        return Ok(Backup {
            path: path.to_owned(),
            ..known
        });
    }
    let found = find(path, cancelled)?;
    let series = found.contents.series().map_err(|source| BackupError::WrongVersion {
        path: path.to_owned(),
        source,
    })?;
    let hashed = cache.hash(path, cancelled)?;
    let backup = Backup {
        path: path.to_owned(),
        kind: found.kind,
        series,
        version: found.contents.version,
        enterprise: found.contents.enterprise,
        modules: found.contents.modules,
        pg_version: found.contents.pg_version,
        database: found.contents.database,
        has_filestore: found.has_filestore,
        bytes: hashed.bytes,
        sha256: hashed.sha256,
    };
    // What is not known may be known next time, when `pg_restore` is there.
    if backup.series.is_some() {
        cache.remember_backup(&backup);
    }
    Ok(backup)
}

fn find(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Found, BackupError> {
    match recognise(path)? {
        BackupKind::OdooZip | BackupKind::ZipWithDump { .. } => zip::find(path, cancelled),
        kind @ (BackupKind::PgCustom | BackupKind::PgDirectory) => pg::find(path, kind, cancelled),
        BackupKind::PlainSql(compression) => sql::find(path, compression, cancelled),
    }
}

/// Tells which kind of backup something is, by the first bytes of its content and of what is packed in it.
pub(super) fn recognise(path: &Path) -> Result<BackupKind, BackupError> {
    let cannot_read = |source| BackupError::io("read the backup", source);
    if fs_err::metadata(path).map_err(cannot_read)?.is_dir() {
        return Ok(BackupKind::PgDirectory);
    }
    let head = head_of(fs_err::File::open(path).map_err(cannot_read)?).map_err(cannot_read)?;
    let not = |reason: &str| BackupError::NotABackup {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let compression = match Magic::of(&head) {
        Some(Magic::Zip) => return zip::recognise(path),
        Some(Magic::PgCustom) => return Ok(BackupKind::PgCustom),
        Some(Magic::Sql) => Compression::None,
        Some(Magic::Gzip) => Compression::Gzip,
        Some(Magic::Zstd) => Compression::Zstd,
        Some(Magic::SqlCluster) => return Err(not("it is of `pg_dumpall`; dump the one database with `pg_dump`")),
        Some(Magic::Tar) => return Err(not("it is a tar archive; `pg_dump --format=custom` makes one that is")),
        None if head.is_empty() => return Err(not("it is empty")),
        None => {
            return Err(match encrypted_with(&head) {
                Some(with) => BackupError::Encrypted {
                    path: path.to_owned(),
                    with,
                },
                None => not("its content is neither a zip, a dump of `pg_dump` nor SQL"),
            });
        }
    };
    let inner = head_of(sql::unpacked(path, compression)?).map_err(|error| BackupError::unpacking(path, error))?;
    match Magic::of(&inner) {
        Some(Magic::Sql) => Ok(BackupKind::PlainSql(compression)),
        Some(Magic::PgCustom) => Err(not(
            "it is a packed custom dump; unpack it first, it is compressed in itself",
        )),
        Some(Magic::SqlCluster) => Err(not("it is of `pg_dumpall`; dump the one database with `pg_dump`")),
        Some(Magic::Tar) => Err(not("it is a packed tar archive; unpack it and name what is in it")),
        _ => Err(not("what is packed in it is not SQL")),
    }
}

fn head_of(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}
