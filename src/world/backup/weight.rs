//! How much room a backup takes once it is restored.

use std::path::Path;

use crate::odoo::backup::{Backup, BackupKind, Compression};
use crate::world::filestore::{FilestoreSource, list_filestore};

/// An empty database of Odoo.
const LEAST: u64 = 16 << 20;
/// A database is about this many times its plain dump: indexes, and rows with their headers (LAB.md).
const PER_PLAIN_BYTE: u64 = 4;
/// A plain dump is about this many times a compressed one.
const PER_COMPRESSED_BYTE: u64 = 4;

/// What a backup takes once it is restored, in bytes: an estimate for disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// The database.
    pub database: u64,
    /// The filestore, in the backup or beside it.
    pub filestore: u64,
}

/// Estimates what a backup takes; of a zip the contents are looked up, of anything else the size tells. Blocks.
///
/// `filestore` is the one that somebody named, where the backup does not hold it.
pub fn weigh(backup: &Backup, filestore: Option<&Path>) -> Weight {
    let compressed = backup.bytes.saturating_mul(PER_COMPRESSED_BYTE);
    let beside = match filestore {
        Some(path) => FilestoreSource::open(path).ok(),
        None => FilestoreSource::of_backup(backup).filter(|_| backup.kind == BackupKind::PgDirectory),
    };
    let (plain, inside) = match &backup.kind {
        BackupKind::OdooZip => in_zip(&backup.path, "dump.sql").unwrap_or((compressed, backup.bytes)),
        BackupKind::ZipWithDump { member, compression } => {
            let (dump, rest) = in_zip(&backup.path, member).unwrap_or((compressed, backup.bytes));
            match compression {
                Compression::None => (dump, rest),
                _ => (dump.saturating_mul(PER_COMPRESSED_BYTE), rest),
            }
        }
        BackupKind::PlainSql(Compression::None) => (backup.bytes, 0),
        BackupKind::PgDirectory | BackupKind::PgCustom | BackupKind::PlainSql(_) => (compressed, 0),
    };
    Weight {
        database: plain.saturating_mul(PER_PLAIN_BYTE).saturating_add(LEAST),
        filestore: beside.map_or(inside, |source| size(&source)),
    }
}

fn size(source: &FilestoreSource) -> u64 {
    let mut sum = 0_u64;
    // What cannot be read stops the run where it is needed, with its reason.
    drop(list_filestore(source, &mut |_, bytes| sum = sum.saturating_add(bytes)));
    sum
}

/// Returns the unpacked sizes of a zip's member and of everything else in it.
fn in_zip(path: &Path, member: &str) -> Option<(u64, u64)> {
    let mut archive = zip::ZipArchive::new(fs_err::File::open(path).ok()?).ok()?;
    let (mut dump, mut rest) = (0_u64, 0_u64);
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).ok()?;
        let sum = if entry.name().is_ok_and(|name| name == member) {
            &mut dump
        } else {
            &mut rest
        };
        *sum = sum.saturating_add(entry.size());
    }
    Some((dump, rest))
}
