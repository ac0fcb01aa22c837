//! Backups that hopp writes.

use std::fs;
use std::io::Write;

use hopp::ident::Fingerprint;
use hopp::odoo::backup::BackupKind;
use hopp::world::dump::{FilestoreSource, dump_reader, tar_filestore};
use hopp::world::zip_backup::{BackupZip, HashingWriter};

use super::samples::sample;
use super::{raw_dump, read, text_of};

#[test]
fn a_written_backup_holds_what_the_one_it_came_from_held() {
    let name = "a_written_backup_holds_what_the_one_it_came_from_held";
    let Some(path) = sample(name, "bryggan/bryggan-18.0.zip") else {
        return;
    };
    let source = read(&path).unwrap();
    let mut tar = Vec::new();
    let filestore = FilestoreSource::of_backup(&source).unwrap();
    let target: &mut dyn Write = &mut tar;
    let mut builder = tar::Builder::new(target);
    let from = tar_filestore(&filestore, &mut builder, &mut |_, _| ()).unwrap();
    builder.finish().unwrap();
    drop(builder);

    let manifest = serde_json::json!({"odoo_dump": "1", "version": "18.0", "modules": source.modules});
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("delivered.zip");
    let file = HashingWriter::new(fs::File::create(&written).unwrap());
    let mut zip = BackupZip::start(file, manifest.to_string().as_bytes()).unwrap();
    let length = zip.add_dump(&mut dump_reader(&source).unwrap()).unwrap();
    let to = zip.add_filestore(&mut tar.as_slice()).unwrap();
    let (_, sha256, bytes) = zip.finish().unwrap().finish();

    assert_eq!(to, from);
    assert!(to.files > 0);
    let content = fs::read(&written).unwrap();
    assert_eq!((bytes, sha256), (content.len() as u64, Fingerprint::of(&content)));
    let backup = read(&written).unwrap();
    assert_eq!(backup.kind, BackupKind::OdooZip);
    assert_eq!((&backup.modules, backup.series), (&source.modules, source.series));
    assert!(backup.has_filestore);
    assert_eq!(raw_dump(&written).len() as u64, length);
    assert!(text_of(&backup) == text_of(&source));
}
