//! What can be wrong with a backup.

use std::io;
use std::path::{Path, PathBuf};

use crate::odoo::backup::WrongVersion;
use crate::world::hash::HashError;

/// A backup that cannot be read or must not be.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something else.
    #[error("{} is not a backup hopp can restore: {reason}", path.display())]
    NotABackup {
        /// The file or folder.
        path: PathBuf,
        /// What it is instead, or what it lacks.
        reason: String,
    },
    /// Cut off or damaged on its way.
    #[error("{} is truncated or damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How that shows.
        reason: String,
    },
    /// Nobody but its owner can read it.
    #[error("{} is encrypted with {with}", path.display())]
    Encrypted {
        /// The file.
        path: PathBuf,
        /// What with, as far as that shows.
        with: &'static str,
    },
    /// Rows written as statements, which only a database server reads.
    #[error("{} holds its rows as INSERT statements, which cannot be read without restoring them", path.display())]
    Inserts {
        /// The file.
        path: PathBuf,
    },
    /// An archive of `pg_dump`, and nothing here that can read one.
    #[error("{} is an archive of pg_dump, and this machine has no pg_restore that can read it", path.display())]
    NoPgRestore {
        /// The file or folder.
        path: PathBuf,
    },
    /// A database of something other than Odoo.
    #[error("{} is not of an Odoo database: it has no table ir_module_module", path.display())]
    NotOdoo {
        /// The file or folder.
        path: PathBuf,
    },
    /// A database that hopp cannot upgrade.
    #[error("{}: {source}", path.display())]
    WrongVersion {
        /// The file or folder.
        path: PathBuf,
        /// Which it is.
        source: WrongVersion,
    },
    /// An archive made to do harm, or by a broken tool.
    #[error("{} holds `{member}`, {reason}", path.display())]
    UnsafeMember {
        /// The archive.
        path: PathBuf,
        /// The file in it.
        member: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// `pg_restore` cannot read the dump.
    #[error("pg_restore cannot read {}: {message}", path.display())]
    PgRestore {
        /// The file or folder.
        path: PathBuf,
        /// Its own words.
        message: String,
    },
    /// SQL was asked for, and the backup holds none.
    #[error("{} is an archive of pg_dump and holds no plain SQL", path.display())]
    NotPlain {
        /// The file or folder.
        path: PathBuf,
    },
    /// Several databases' attachments in one place.
    #[error("{} holds the filestores of several databases: {}; name one", path.display(), names.join(", "))]
    SeveralFilestores {
        /// The folder.
        path: PathBuf,
        /// Their folders.
        names: Vec<String>,
    },
    /// The backup was not hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// Stopped on request.
    #[error("reading {} was cancelled", path.display())]
    Cancelled {
        /// The file or folder.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("failed to {action}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Why it failed; names the file.
        source: io::Error,
    },
}

impl BackupError {
    /// Returns what a person can do about it, where there is something general to say.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            BackupError::NotABackup { .. } => {
                Some("name an Odoo zip or a dump of `pg_dump` under `source.backup` in the plan")
            }
            BackupError::Damaged { .. } => {
                Some("copy it once more from where it was made, and compare size and checksum there and here")
            }
            BackupError::Encrypted { .. } => Some("decrypt it first, and name the decrypted file"),
            BackupError::Inserts { .. } => {
                Some("dump it once more with `pg_dump --format=custom`, without `--inserts` and `--column-inserts`")
            }
            BackupError::NoPgRestore { .. } => {
                Some("install `pg_restore` (package postgresql-client), or start Docker: PostgreSQL's image has one")
            }
            BackupError::NotOdoo { .. } => {
                Some("name the backup of the Odoo database under `source.backup` in the plan")
            }
            BackupError::UnsafeMember { .. } => {
                Some("do not unpack it; have it made again by Odoo's database manager or with `pg_dump`")
            }
            BackupError::PgRestore { .. } => Some("install a `pg_restore` as new as the `pg_dump` that made it"),
            BackupError::SeveralFilestores { .. } => Some("name the right one under `source.filestore` in the plan"),
            _ => None,
        }
    }

    pub(crate) fn io(action: &'static str, source: io::Error) -> Self {
        BackupError::Io { action, source }
    }

    /// Sorts an error of a decompressor: a damaged file, or a file system that refuses.
    pub(crate) fn unpacking(path: &Path, source: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        match source.kind() {
            UnexpectedEof => BackupError::Damaged {
                path: path.to_owned(),
                reason: "it ends in the middle".to_owned(),
            },
            InvalidData | InvalidInput | Other => BackupError::Damaged {
                path: path.to_owned(),
                reason: source.to_string(),
            },
            _ => BackupError::io("read the backup", source),
        }
    }
}
