//! What a customer hands over: the kinds of backup, and what one says about the database in it.
//!
//! Reading files is `world::backup`'s; this decides what their bytes mean.

mod pg_header;
mod scan;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ident::{Fingerprint, Series};

pub use pg_header::{PgHeader, pg_header};
pub use scan::ModuleScan;
pub(in crate::odoo) use scan::connected;

/// How the bytes of a dump are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip
    Gzip,
    /// Zstandard
    Zstd,
}

/// The kinds of backup hopp restores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupKind {
    /// Odoo's own: `dump.sql`, `manifest.json` and, mostly, `filestore/`.
    OdooZip,
    /// A zip with a dump and no manifest, as hosting services make them.
    ZipWithDump {
        /// The dump's path in the zip.
        member: String,
        /// How the dump itself is packed, inside the zip's own packing.
        compression: Compression,
    },
    /// `pg_dump --format=custom`
    PgCustom,
    /// `pg_dump --format=directory`
    PgDirectory,
    /// `pg_dump --format=plain`
    PlainSql(Compression),
}

/// A backup and what it says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Where it is: a file, or the folder of a directory dump.
    pub path: PathBuf,
    /// What it is.
    pub kind: BackupKind,
    /// The series of the database. `None` when nothing could tell: a custom dump, and no `pg_restore` here.
    pub series: Option<Series>,
    /// Version of the module `base`, or of Odoo where only that is known.
    pub version: Option<String>,
    /// Whether Odoo Enterprise is installed.
    pub enterprise: bool,
    /// Installed modules and their versions.
    pub modules: BTreeMap<String, String>,
    /// Version of the PostgreSQL server it came from.
    pub pg_version: Option<String>,
    /// The database's name.
    pub database: Option<String>,
    /// Whether attachments are in it.
    pub has_filestore: bool,
    /// Size on disk.
    pub bytes: u64,
    /// SHA-256 of the file; of names and contents for a folder.
    pub sha256: Fingerprint,
}

/// What a backup says about the database in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Version of the module `base`, or of Odoo where only that is known.
    pub version: Option<String>,
    /// Installed modules and their versions.
    pub modules: BTreeMap<String, String>,
    /// Whether Odoo Enterprise is installed.
    pub enterprise: bool,
    /// Version of the PostgreSQL server it came from.
    pub pg_version: Option<String>,
    /// The database's name.
    pub database: Option<String>,
}

/// A database of a version that hopp does not work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongVersion {
    /// A version between two series, which only Odoo's own hosting runs.
    #[error("the database is of the SaaS version {0}, which only Odoo's own service can upgrade")]
    Saas(String),
    /// Older or newer than hopp knows.
    #[error("the database is of version {0}: hopp works with 14.0 to 19.0")]
    Unsupported(String),
}

impl Contents {
    /// Reads the `manifest.json` of an Odoo zip: `version`, `version_info`, `modules`, `pg_version`, `db_name`.
    pub fn of_manifest(json: &[u8]) -> Result<Contents, serde_json::Error> {
        #[derive(Deserialize)]
        struct Manifest {
            db_name: Option<String>,
            version: Option<String>,
            #[serde(default)]
            version_info: Vec<serde_json::Value>,
            pg_version: Option<String>,
            #[serde(default)]
            modules: BTreeMap<String, Option<String>>,
        }
        let manifest: Manifest = serde_json::from_slice(json)?;
        let modules: BTreeMap<String, String> = manifest
            .modules
            .into_iter()
            .map(|(name, version)| (name, version.unwrap_or_default()))
            .collect();
        // The build's version tells of Enterprise code; web_enterprise tells of its use.
        let enterprise = modules.contains_key("web_enterprise")
            || manifest.version_info.last().and_then(|last| last.as_str()) == Some("e");
        Ok(Contents {
            version: modules.get("base").cloned().or(manifest.version),
            modules,
            enterprise,
            pg_version: manifest.pg_version,
            database: manifest.db_name,
        })
    }

    /// Tells the series, when the version is known.
    pub fn series(&self) -> Result<Option<Series>, WrongVersion> {
        let Some(version) = &self.version else {
            return Ok(None);
        };
        // Odoo's own version carries an edition or a build date: `18.0+e`, `18.0-20250506`.
        let plain = version.split(['+', '-']).next().unwrap_or(version);
        if let Some(series) = Series::of_version(plain) {
            return Ok(Some(series));
        }
        let minor = plain.split('.').nth(1);
        if plain.starts_with("saas~") || minor.is_some_and(|minor| minor != "0") {
            return Err(WrongVersion::Saas(version.clone()));
        }
        Err(WrongVersion::Unsupported(version.clone()))
    }
}

/// What the first bytes of a file say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magic {
    /// A zip archive.
    Zip,
    /// A custom dump of `pg_dump`.
    PgCustom,
    /// gzip, with anything inside.
    Gzip,
    /// Zstandard, with anything inside.
    Zstd,
    /// A tar archive.
    Tar,
    /// SQL, as `pg_dump` begins it.
    Sql,
    /// A dump of `pg_dumpall`.
    SqlCluster,
}

impl Magic {
    /// Recognises a file by its first 512 bytes or more.
    pub fn of(head: &[u8]) -> Option<Magic> {
        let begins = [
            (&b"PK\x03\x04"[..], Magic::Zip),
            (b"PK\x05\x06", Magic::Zip),
            (b"PGDMP", Magic::PgCustom),
            (b"\x1f\x8b", Magic::Gzip),
            (b"\x28\xb5\x2f\xfd", Magic::Zstd),
        ];
        if let Some((_, magic)) = begins.iter().find(|(bytes, _)| head.starts_with(bytes)) {
            return Some(*magic);
        }
        if head.get(257..262) == Some(b"ustar") {
            return Some(Magic::Tar);
        }
        let text = String::from_utf8_lossy(head);
        if text.contains("-- PostgreSQL database cluster dump") {
            return Some(Magic::SqlCluster);
        }
        let first = text.trim_start_matches('\u{feff}').trim_start();
        let begins_sql = ["-- ", "--\n", "--\r\n", "SET ", "\\restrict ", "CREATE ", "BEGIN;"];
        (!head.contains(&0) && begins_sql.iter().any(|begin| first.starts_with(begin))).then_some(Magic::Sql)
    }
}

/// Says what a file of unknown kind is encrypted with, as far as its first bytes show.
pub fn encrypted_with(head: &[u8]) -> Option<&'static str> {
    let begins: [(&[u8], &str); 5] = [
        (b"-----BEGIN PGP MESSAGE-----", "GnuPG"),
        (b"age-encryption.org/", "age"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
        (b"Salted__", "OpenSSL"),
        // A packet of OpenPGP with a key for a password, or for somebody's public key.
        (b"\x8c\x0d\x04", "GnuPG"),
    ];
    let found = begins.iter().find(|(bytes, _)| head.starts_with(bytes));
    let public_key = matches!(head, [0x84 | 0x85, ..]) && head.get(3) == Some(&3);
    found.map(|(_, with)| *with).or(public_key.then_some("GnuPG"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_version(version: &str) -> Contents {
        Contents {
            version: Some(version.to_owned()),
            ..Contents::default()
        }
    }

    #[test]
    fn versions_tell_the_series_or_why_not() {
        for version in ["18.0.1.3", "18.0", "18.0+e", "18.0-20250506"] {
            assert_eq!(of_version(version).series(), Ok(Series::from_major(18)), "{version}");
        }
        for version in ["saas~18.2", "18.2.1.3", "saas~17.4+e"] {
            assert_eq!(
                of_version(version).series(),
                Err(WrongVersion::Saas(version.to_owned()))
            );
        }
        for version in ["13.0.1.3", "20.0", "strange"] {
            assert_eq!(
                of_version(version).series(),
                Err(WrongVersion::Unsupported(version.to_owned()))
            );
        }
        assert_eq!(Contents::default().series(), Ok(None));
    }

    #[test]
    fn a_manifest_tells_modules_and_edition() {
        let contents = Contents::of_manifest(
            br#"{"odoo_dump": "1", "db_name": "acme", "version": "17.0+e", "version_info": [17, 0, 0, "final", 0, "e"],
                 "major_version": "17.0", "pg_version": "14.5", "modules": {"base": "17.0.1.3", "web": null}}"#,
        )
        .unwrap();
        assert_eq!(contents.version.as_deref(), Some("17.0.1.3"));
        assert!(contents.enterprise);
        assert_eq!(contents.modules["web"], "");
        assert_eq!(
            (contents.database.as_deref(), contents.pg_version.as_deref()),
            (Some("acme"), Some("14.5"))
        );
    }

    #[test]
    fn encryption_is_known_by_its_first_bytes() {
        assert_eq!(encrypted_with(b"Salted__12345678"), Some("OpenSSL"));
        assert_eq!(encrypted_with(b"\x8c\x0d\x04\x09"), Some("GnuPG"));
        assert_eq!(encrypted_with(b"\x85\x01\x0c\x03abc"), Some("GnuPG"));
        assert_eq!(encrypted_with(b"age-encryption.org/v1\n"), Some("age"));
        assert_eq!(encrypted_with(b"hello"), None);
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert_eq!(Magic::of(b"PK\x03\x04..."), Some(Magic::Zip));
        assert_eq!(Magic::of(b"PGDMP\x01\x0e"), Some(Magic::PgCustom));
        assert_eq!(Magic::of(b"--\n-- PostgreSQL database dump\n--\n"), Some(Magic::Sql));
        assert_eq!(
            Magic::of(b"--\n-- PostgreSQL database cluster dump\n--\n"),
            Some(Magic::SqlCluster)
        );
        assert_eq!(Magic::of(b"hello"), None);
        assert_eq!(Magic::of(b"-- \0"), None);
        assert_eq!(Magic::of(b""), None);
    }
}
