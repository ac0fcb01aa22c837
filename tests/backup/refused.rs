//! Backups that are refused, each with its reason.

use std::fs;

use hopp::world::backup::BackupError;
use zip::write::SimpleFileOptions;

use super::samples::{dump, manifest, zip_of};
use super::{gzip, read, write};

#[test]
fn what_is_no_backup_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[u8], &str); 6] = [
        (b"", "it is empty"),
        (b"hello", "neither a zip"),
        (b"--\n-- PostgreSQL database cluster dump\n--\n", "pg_dumpall"),
        (&gzip(b"PGDMP\x01\x0e"), "packed custom dump"),
        (&gzip(b"hello"), "what is packed in it is not SQL"),
        (b"PGDMP", "its header"),
    ];
    for (content, reason) in cases {
        let error = read(&write(folder.path(), "backup", content)).unwrap_err();
        assert!(matches!(&error, BackupError::NotABackup { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    let error = read(folder.path()).unwrap_err();
    assert!(error.to_string().contains("toc.dat"), "{error}");
    let error = read(&zip_of(folder.path(), &[("a.txt", b"")])).unwrap_err();
    assert!(error.to_string().contains("holds no dump.sql"), "{error}");
    let error = read(&zip_of(folder.path(), &[("a.sql", b""), ("b/b.sql.gz", b"")])).unwrap_err();
    assert!(
        error.to_string().contains("several dumps: a.sql, b/b.sql.gz"),
        "{error}"
    );
}

#[test]
fn a_database_that_is_not_odoos_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let text = dump("18.0.1.3").replace("ir_module_module", "users");
    let error = read(&write(folder.path(), "a.sql", text.as_bytes())).unwrap_err();
    assert!(matches!(error, BackupError::NotOdoo { .. }), "{error}");
    let error = read(&zip_of(folder.path(), &[("dump.sql", text.as_bytes())])).unwrap_err();
    assert!(matches!(error, BackupError::NotOdoo { .. }), "{error}");
}

#[test]
fn versions_hopp_cannot_upgrade_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (version, word) in [("saas~18.2.1.3", "SaaS"), ("13.0.1.3", "14.0 to 19.0")] {
        let plain = write(folder.path(), "a.sql", dump(version).as_bytes());
        let zip = zip_of(
            folder.path(),
            &[("dump.sql", b"--\n"), ("manifest.json", &manifest(version))],
        );
        for path in [plain, zip] {
            let error = read(&path).unwrap_err();
            assert!(matches!(error, BackupError::WrongVersion { .. }), "{error}");
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}

#[test]
fn zips_with_members_that_lead_out_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["../evil", "/etc/evil", "filestore/../../evil"] {
        let error = read(&zip_of(folder.path(), &[("dump.sql", b"--\n"), (name, b"")])).unwrap_err();
        assert!(
            matches!(&error, BackupError::UnsafeMember { member, .. } if member == name),
            "{error}"
        );
    }
    let path = folder.path().join("link.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    zip.add_symlink("filestore/ab", "/etc", SimpleFileOptions::default())
        .unwrap();
    zip.finish().unwrap();
    let error = read(&path).unwrap_err();
    assert!(error.to_string().contains("is a link"), "{error}");
}

#[test]
fn a_zip_that_claims_to_unpack_to_gigabytes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = zip_of(folder.path(), &[("dump.sql", b"--\n"), ("manifest.json", b"{}")]);
    let mut content = fs::read(&path).unwrap();
    let directory = content.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    content[directory + 24..directory + 28].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let error = read(&write(folder.path(), "bomb.zip", &content)).unwrap_err();
    assert!(error.to_string().contains("unpacks to more"), "{error}");
}

#[test]
fn truncated_and_damaged_zips_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let text = dump("18.0.1.3");
    let path = zip_of(folder.path(), &[("dump.sql", text.as_bytes())]);
    assert!(read(&path).is_ok());
    let content = fs::read(&path).unwrap();
    for length in [30, content.len() / 2, content.len() - 10] {
        let error = read(&write(folder.path(), "cut.zip", &content[..length])).unwrap_err();
        assert!(matches!(error, BackupError::Damaged { .. }), "{length}: {error}");
    }
    let mut damaged = content.clone();
    let start = 30 + "dump.sql".len();
    for byte in &mut damaged[start + 10..start + 20] {
        *byte ^= 0xff;
    }
    let error = read(&write(folder.path(), "damaged.zip", &damaged)).unwrap_err();
    assert!(matches!(error, BackupError::Damaged { .. }), "{error}");
}
