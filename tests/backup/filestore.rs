//! Attachments from wherever the customer keeps them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use hopp::odoo::backup::Compression;
use hopp::world::dump::{FilestoreSource, FilestoreSummary, tar_filestore};

use super::samples::zip_of;
use super::{gzip, write};

/// Modes and contents, by path.
type Archived = BTreeMap<String, (u32, Vec<u8>)>;

/// Writes the filestore and reads the archive back; also gives how many files were told meanwhile.
fn through(source: &FilestoreSource) -> std::io::Result<(Archived, FilestoreSummary, usize)> {
    let mut bytes = Vec::new();
    let target: &mut dyn Write = &mut bytes;
    let mut builder = tar::Builder::new(target);
    let mut told = 0;
    let summary = tar_filestore(source, &mut builder, &mut |_, _| told += 1)?;
    builder.finish()?;
    drop(builder);
    let mut found = BTreeMap::new();
    for entry in tar::Archive::new(bytes.as_slice()).entries()? {
        let mut entry = entry?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let path = entry.path()?.display().to_string();
        found.insert(path, (entry.header().mode()?, content));
    }
    Ok((found, summary, told))
}

fn hash(digits: &str) -> String {
    digits.repeat(20)
}

#[test]
fn zip_folder_and_tar_give_the_same_archive() {
    let folder = tempfile::tempdir().unwrap();
    let names = [("ab", hash("ab"), "one"), ("cd", hash("cd"), "two")];
    let store = folder.path().join("data/filestore/acme");
    let mut tar = tar::Builder::new(Vec::new());
    let mut members = vec![(format!("filestore/checklist/ab/{}", hash("ab")), "")];
    for (digits, name, content) in &names {
        fs::create_dir_all(store.join(digits)).unwrap();
        fs::write(store.join(digits).join(name), content).unwrap();
        members.push((format!("filestore/{digits}/{name}"), content));
    }
    fs::create_dir_all(store.join("checklist/ab")).unwrap();
    fs::write(store.join("checklist/ab").join(hash("ab")), "").unwrap();
    fs::write(store.join("ab/notes.txt"), "not an attachment").unwrap();
    tar.append_dir_all("some/where", &store).unwrap();
    let tar = tar.into_inner().unwrap();
    let members: Vec<(&str, &[u8])> = members
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();

    let plain = write(folder.path(), "a.tar", &tar);
    let packed = write(folder.path(), "b", &gzip(&tar));
    let sources = [
        FilestoreSource::open(&zip_of(folder.path(), &members)).unwrap(),
        FilestoreSource::open(&folder.path().join("data")).unwrap(),
        FilestoreSource::open(&store).unwrap(),
        FilestoreSource::open(&plain).unwrap(),
        FilestoreSource::open(&packed).unwrap(),
    ];
    assert_eq!(sources[3], FilestoreSource::Tar(plain, Compression::None));
    assert_eq!(sources[4], FilestoreSource::Tar(packed, Compression::Gzip));
    let expected = BTreeMap::from([
        ("ab/".to_owned(), (0o755, Vec::new())),
        (format!("ab/{}", hash("ab")), (0o644, b"one".to_vec())),
        ("cd/".to_owned(), (0o755, Vec::new())),
        (format!("cd/{}", hash("cd")), (0o644, b"two".to_vec())),
    ]);
    for source in sources {
        let (found, summary, told) = through(&source).unwrap();
        assert_eq!(found, expected, "{source:?}");
        assert_eq!((summary.files, summary.bytes, told), (2, 6, 2), "{source:?}");
    }
}

#[test]
fn several_databases_in_one_place_are_an_error_that_names_them() {
    let folder = tempfile::tempdir().unwrap();
    for database in ["acme", "bryggan"] {
        let store = folder.path().join("filestore").join(database).join("ab");
        fs::create_dir_all(&store).unwrap();
        fs::write(store.join(hash("ab")), "one").unwrap();
    }
    let named = |source: &FilestoreSource| {
        let error = through(source).unwrap_err().to_string();
        error.contains("acme") && error.contains("bryggan")
    };
    assert!(named(&FilestoreSource::open(folder.path()).unwrap()));
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_dir_all("filestore", folder.path().join("filestore"))
        .unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = write(elsewhere.path(), "both.tar", &tar.into_inner().unwrap());
    assert!(named(&FilestoreSource::open(&path).unwrap()));
}

#[test]
fn an_empty_filestore_is_empty_and_a_missing_one_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (found, summary, _) = through(&FilestoreSource::open(folder.path()).unwrap()).unwrap();
    assert_eq!((found.len(), summary), (0, FilestoreSummary::default()));
    assert!(FilestoreSource::open(Path::new("nowhere/at/all")).is_err());
    assert!(FilestoreSource::open(&write(folder.path(), "text", b"hello")).is_err());
}
