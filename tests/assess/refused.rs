//! Backups that cannot be assessed: each with its reason, what to do, and the exit code of the environment.

use std::io::Write as _;

use flate2::write::GzEncoder;

use super::hopp;
use crate::backup::samples::{dump, zip_of};

#[test]
fn what_cannot_be_read_is_told_apart_and_has_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let whole = dump("18.0.1.3");
    let inside = whole.find("\t18.0.1.3").unwrap();
    let inserts = "--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.ir_module_module (\n);\n\
                   INSERT INTO public.ir_module_module VALUES (1, 'base');\n-- PostgreSQL database dump complete\n";
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(whole.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let cases: [(&str, Vec<u8>, &str, &str); 10] = [
        (
            "cut.sql",
            whole.as_bytes()[..inside].into(),
            "ends inside the data of the table ir_module_module",
            "copy it once more",
        ),
        (
            "endless.sql",
            whole.replace("dump complete", "").into_bytes(),
            "is missing at its end",
            "copy it once more",
        ),
        (
            "cut.gz",
            packed[..packed.len() - 12].into(),
            "truncated or damaged",
            "copy it once more",
        ),
        (
            "inserts.sql",
            inserts.into(),
            "INSERT statements",
            "without `--inserts`",
        ),
        (
            "users.sql",
            whole.replace("ir_module_module", "users").into_bytes(),
            "not of an Odoo database",
            "name the backup",
        ),
        (
            "saas.sql",
            dump("saas~17.4.1.3").into_bytes(),
            "SaaS version saas~17.4.1.3",
            "not changed",
        ),
        (
            "new.sql",
            dump("20.0.1.3").into_bytes(),
            "hopp works with 14.0 to 19.0",
            "not changed",
        ),
        (
            "secret.gpg",
            b"\x8c\x0d\x04\x09\x03\x08".to_vec(),
            "encrypted with GnuPG",
            "decrypt it first",
        ),
        ("text.sql", b"hello".to_vec(), "neither a zip", "Odoo zip or a dump"),
        (
            "cut.dump",
            b"PGDMP\x01\x0e\x00\x04\x08\x01".to_vec(),
            "header",
            "Odoo zip or a dump",
        ),
    ];
    for (name, content, reason, remedy) in cases {
        fs_err::write(folder.path().join(name), content).unwrap();
        let ended = hopp(folder.path(), &["assess", name]);
        assert_eq!(ended.code, 11, "{name}: {}{}", ended.out, ended.err);
        assert!(ended.err.contains(reason), "{name}: {}", ended.err);
        assert!(ended.err.contains(remedy), "{name}: {}", ended.err);
        assert_eq!(ended.out, "", "{name}");
    }
}

#[test]
fn a_zip_whose_dump_is_damaged_is_told_although_its_manifest_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = crate::backup::samples::manifest("18.0.1.3");
    let text = dump("18.0.1.3");
    let members = [("manifest.json", manifest.as_slice()), ("dump.sql", text.as_bytes())];
    let path = zip_of(folder.path(), &members);
    let mut content = fs_err::read(&path).unwrap();
    let dump = content.windows(8).position(|bytes| bytes == b"dump.sql").unwrap();
    for byte in &mut content[dump + 20..dump + 30] {
        *byte ^= 0xff;
    }
    fs_err::write(&path, content).unwrap();
    let ended = hopp(folder.path(), &["assess", "made.zip"]);
    assert_eq!(ended.code, 11, "{}", ended.err);
    assert!(ended.err.contains("truncated or damaged"), "{}", ended.err);
}

#[test]
fn a_series_that_lies_behind_is_refused_as_usage() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("a.sql"), dump("18.0.1.3")).unwrap();
    let ended = hopp(folder.path(), &["assess", "a.sql", "--to", "17.0"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("does not go back to 17.0"), "{}", ended.err);
}
