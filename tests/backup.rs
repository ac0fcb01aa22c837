//! What customers hand over, with the sample customers' real backups.

mod filestore;
mod refused;
pub(crate) mod samples;
mod written;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use hopp::ident::{Fingerprint, Series};
use hopp::odoo::backup::{Backup, BackupKind, Compression};
use hopp::world::backup::{self, BackupError};
use hopp::world::dump::dump_reader;
use hopp::world::hash::HashCache;
use samples::sample;

/// Reads a backup with an empty cache.
fn read(path: &Path) -> Result<Backup, BackupError> {
    let folder = tempfile::tempdir().unwrap();
    backup::read(path, &HashCache::new(folder.path().join("hashes.json")), &|| false)
}

fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn text_of(backup: &Backup) -> String {
    let mut text = String::new();
    dump_reader(backup).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The `dump.sql` of a zip as it is, read by the zip library itself.
fn raw_dump(path: &Path) -> String {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    archive.by_name("dump.sql").unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The `COPY` blocks of a dump, with all their rows.
fn data_of(dump: &str) -> Vec<&str> {
    dump.split("\nCOPY ")
        .skip(1)
        .map(|block| block.split("\n\\.\n").next().unwrap())
        .collect()
}

#[test]
fn an_odoo_zip_tells_what_is_in_it() {
    let Some(path) = sample("an_odoo_zip_tells_what_is_in_it", "acme/acme-18.0.zip") else {
        return;
    };
    let backup = read(&path).unwrap();
    assert_eq!(backup.kind, BackupKind::OdooZip);
    assert_eq!(backup.series, Series::from_major(18));
    assert_eq!(backup.version.as_deref(), Some("18.0.1.3"));
    assert_eq!(backup.modules.len(), 95);
    assert!(backup.modules.contains_key("acme_loyalty") && !backup.enterprise);
    assert_eq!(backup.database.as_deref(), Some("acme18"));
    assert_eq!(backup.pg_version.as_deref(), Some("15.0"));
    assert!(backup.has_filestore);
    let content = fs::read(&path).unwrap();
    assert_eq!(
        (backup.bytes, &backup.sha256),
        (content.len() as u64, &Fingerprint::of(&content))
    );
}

#[test]
fn a_custom_dump_tells_the_same_as_the_zip_of_the_same_database() {
    let name = "a_custom_dump_tells_the_same_as_the_zip_of_the_same_database";
    let (Some(dump), Some(zip)) = (sample(name, "acme/acme-18.0.dump"), sample(name, "acme/acme-18.0.zip")) else {
        return;
    };
    let custom = read(&dump).unwrap();
    assert_eq!(custom.kind, BackupKind::PgCustom);
    assert!(custom.pg_version.is_some() && custom.database.is_some());
    if which::which("pg_restore").is_ok() {
        let zip = read(&zip).unwrap();
        assert_eq!((custom.modules, custom.series), (zip.modules, zip.series));
        let content = fs::read(&dump).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let error = read(&write(folder.path(), "cut", &content[..content.len() / 2])).unwrap_err();
        assert!(matches!(error, BackupError::Damaged { .. }), "{error}");
    }
    assert!(matches!(
        dump_reader(&read(&dump).unwrap()),
        Err(BackupError::NotPlain { .. })
    ));
}

#[test]
fn an_unchanged_backup_is_not_read_again() {
    let Some(path) = sample("an_unchanged_backup_is_not_read_again", "bryggan/bryggan-18.0.zip") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let cache = HashCache::new(folder.path().join("hashes.json"));
    assert!(backup::read(&path, &cache, &|| true).is_err());
    let first = backup::read(&path, &cache, &|| false).unwrap();
    let again = backup::read(&path, &cache, &|| true).unwrap();
    assert_eq!(again, first);
}

#[test]
fn a_plain_dump_tells_the_same_however_it_is_packed() {
    let Some(path) = sample(
        "a_plain_dump_tells_the_same_however_it_is_packed",
        "bryggan/bryggan-18.0.zip",
    ) else {
        return;
    };
    let zip = read(&path).unwrap();
    let dump = raw_dump(&path);
    let folder = tempfile::tempdir().unwrap();
    let packed = [
        (Compression::None, dump.as_bytes().to_vec()),
        (Compression::Gzip, gzip(dump.as_bytes())),
        (Compression::Zstd, zstd::encode_all(dump.as_bytes(), 1).unwrap()),
    ];
    for (compression, content) in packed {
        let path = write(folder.path(), "a file name that tells nothing", &content);
        let backup = read(&path).unwrap();
        assert_eq!(backup.kind, BackupKind::PlainSql(compression));
        assert_eq!(
            (&backup.modules, backup.series, &backup.version),
            (&zip.modules, zip.series, &zip.version)
        );
        assert!(text_of(&backup) == text_of(&zip), "{compression:?}");

        let cut = &content[..content.len() - 200];
        let error = read(&write(folder.path(), "cut", cut)).unwrap_err();
        assert!(matches!(error, BackupError::Damaged { .. }), "{compression:?}: {error}");
    }
}

#[test]
fn a_dump_is_restored_without_what_belongs_to_its_server() {
    let name = "a_dump_is_restored_without_what_belongs_to_its_server";
    let Some(path) = sample(name, "acme/acme-18.0.zip") else {
        return;
    };
    let raw = raw_dump(&path);
    let filtered = text_of(&read(&path).unwrap());
    assert!(data_of(&raw) == data_of(&filtered), "all rows of all tables are kept");
    let mut kept = filtered.lines().peekable();
    let gone: Vec<&str> = raw.lines().filter(|line| kept.next_if_eq(line).is_none()).collect();
    let begins: Vec<&str> = gone.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(begins, ["\\restrict", "SET", "REVOKE", "GRANT", "\\unrestrict"]);
    assert_eq!(kept.next(), None);
}

#[test]
fn a_zip_without_a_manifest_is_read_from_its_dump() {
    let Some(path) = sample(
        "a_zip_without_a_manifest_is_read_from_its_dump",
        "bryggan/bryggan-18.0.zip",
    ) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let packed = gzip(raw_dump(&path).as_bytes());
    let attachment = format!("backup/filestore/ab/{}", "ab".repeat(20));
    let hosted = samples::zip_of(
        folder.path(),
        &[("backup/dump.sql.gz", &packed), (&attachment, b"text")],
    );
    let backup = read(&hosted).unwrap();
    assert_eq!(
        backup.kind,
        BackupKind::ZipWithDump {
            member: "backup/dump.sql.gz".to_owned(),
            compression: Compression::Gzip
        }
    );
    assert_eq!(backup.modules, read(&path).unwrap().modules);
    assert!(backup.has_filestore);
    assert!(text_of(&backup) == text_of(&read(&path).unwrap()));
}
