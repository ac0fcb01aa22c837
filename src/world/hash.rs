//! SHA-256 of files and folders, remembered as long as they do not change.
//!
//! As git's index does, a file counts as unchanged while its size, time of change and inode are. A backup of many
//! gigabytes is then read once, not in every run.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lines::BUFFER;
use crate::ident::{Fingerprint, Hasher};
use crate::odoo::backup::Backup;

/// Changes when old entries would mislead.
const FORMAT: u32 = 1;

/// A hash that was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The file system refused; the error names the file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Somebody wrote to the file meanwhile.
    #[error("{} changed while it was read", .0.display())]
    Changed(PathBuf),
    /// Stopped on request.
    #[error("reading {} was cancelled", .0.display())]
    Cancelled(PathBuf),
}

/// SHA-256 and size of a file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// Of a file: of its content, as `sha256sum` prints it. Of a folder: of the names and contents of all its files.
    pub sha256: Fingerprint,
    /// Bytes of content.
    pub bytes: u64,
}

/// Hashes, remembered in a JSON file. A file that cannot be read or written costs time, nothing else.
#[derive(Clone, Debug)]
pub struct HashCache {
    file: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    format: u32,
    entries: BTreeMap<PathBuf, Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    stamp: Fingerprint,
    hashed: Hashed,
    #[serde(default)]
    backup: Option<Backup>,
}

impl HashCache {
    /// Uses a JSON file, which need not exist.
    pub fn new(file: PathBuf) -> Self {
        HashCache { file }
    }

    /// Returns the hash of a file or folder, reading it only when it changed since it was last asked for.
    pub fn hash(&self, path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Hashed, HashError> {
        let path = fs_err::canonicalize(path)?;
        let before = stamp(&path)?;
        if let Some(entry) = self.entry(&path, &before) {
            return Ok(entry.hashed);
        }
        let hashed = hash(&path, cancelled)?;
        if stamp(&path)? != before {
            return Err(HashError::Changed(path));
        }
        self.remember(&path, &before, |entry| entry.hashed = hashed.clone(), &hashed);
        Ok(hashed)
    }

    /// Returns what is known about a backup that has not changed since.
    pub(super) fn backup(&self, path: &Path) -> Option<Backup> {
        let path = fs_err::canonicalize(path).ok()?;
        self.entry(&path, &stamp(&path).ok()?)?.backup
    }

    /// Remembers what a backup says about itself; [`HashCache::hash`] must have been asked before.
    pub(super) fn remember_backup(&self, backup: &Backup) {
        let Ok(path) = fs_err::canonicalize(&backup.path) else {
            return;
        };
        let hashed = Hashed {
            sha256: backup.sha256.clone(),
            bytes: backup.bytes,
        };
        if let Ok(stamp) = stamp(&path) {
            self.remember(&path, &stamp, |entry| entry.backup = Some(backup.clone()), &hashed);
        }
    }

    fn entry(&self, path: &Path, stamp: &Fingerprint) -> Option<Entry> {
        let entry = self.load().remove(path)?;
        (entry.stamp == *stamp).then_some(entry)
    }

    fn load(&self) -> BTreeMap<PathBuf, Entry> {
        fs_err::read(&self.file)
            .ok()
            .and_then(|text| serde_json::from_slice::<Remembered>(&text).ok())
            .filter(|remembered| remembered.format == FORMAT)
            .map_or_else(BTreeMap::new, |remembered| remembered.entries)
    }

    fn remember(&self, path: &Path, stamp: &Fingerprint, change: impl FnOnce(&mut Entry), hashed: &Hashed) {
        let mut entries = self.load();
        entries.retain(|other, entry| other.exists() && (other != path || entry.stamp == *stamp));
        let entry = entries.entry(path.to_owned()).or_insert_with(|| Entry {
            stamp: stamp.clone(),
            hashed: hashed.clone(),
            backup: None,
        });
        change(entry);
        if let Err(error) = self.save(entries) {
            tracing::debug!("the hashes are not remembered: {error}");
        }
    }

    fn save(&self, entries: BTreeMap<PathBuf, Entry>) -> io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs_err::create_dir_all(folder)?;
        let new = tempfile::NamedTempFile::new_in(folder)?;
        let remembered = Remembered {
            format: FORMAT,
            entries,
        };
        serde_json::to_writer(new.as_file(), &remembered)?;
        new.persist(&self.file)?;
        Ok(())
    }
}

/// Lists the files below a folder by their path in it, sorted; a file gives itself under an empty path.
pub(super) fn files_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs_err::metadata(path)?.is_dir() {
        return Ok(vec![PathBuf::new()]);
    }
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(path.join(&folder))? {
            let inside = folder.join(entry?.file_name());
            if fs_err::metadata(path.join(&inside))?.is_dir() {
                folders.push(inside);
            } else {
                files.push(inside);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Joins a path and a path in it; `Path::join` would add a `/` to a file.
pub(super) fn below(path: &Path, inside: &Path) -> PathBuf {
    if inside.as_os_str().is_empty() {
        path.to_owned()
    } else {
        path.join(inside)
    }
}

/// Identifies a state of a file or folder without reading contents.
fn stamp(path: &Path) -> io::Result<Fingerprint> {
    let mut hasher = Hasher::default();
    for inside in files_of(path)? {
        let about = fs_err::metadata(below(path, &inside))?;
        let numbers = format!(
            "{} {}.{} {}",
            about.len(),
            about.mtime(),
            about.mtime_nsec(),
            about.ino()
        );
        hasher.field("path", inside.as_os_str().as_bytes());
        hasher.field("state", numbers);
    }
    Ok(hasher.finish())
}

fn hash(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Hashed, HashError> {
    let files = files_of(path)?;
    if let [only] = files.as_slice()
        && only.as_os_str().is_empty()
    {
        return hash_file(path, cancelled);
    }
    let mut hasher = Hasher::default();
    let mut bytes = 0;
    for inside in files {
        let one = hash_file(&path.join(&inside), cancelled)?;
        hasher.field("path", inside.as_os_str().as_bytes());
        hasher.field("sha256", one.sha256.as_str());
        bytes += one.bytes;
    }
    Ok(Hashed {
        sha256: hasher.finish(),
        bytes,
    })
}

fn hash_file(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Hashed, HashError> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; BUFFER];
    let mut bytes = 0;
    loop {
        if cancelled() {
            return Err(HashError::Cancelled(path.to_owned()));
        }
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(Hashed {
        sha256: hasher.finish(),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_file_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup");
        let cache = HashCache::new(folder.path().join("state/hashes.json"));
        fs_err::write(&file, "one").unwrap();
        let hash = |cancelled: bool| cache.hash(&file, &|| cancelled);
        assert!(matches!(hash(true), Err(HashError::Cancelled(_))));
        let first = hash(false).unwrap();
        assert_eq!((first.sha256.clone(), first.bytes), (Fingerprint::of("one"), 3));
        assert_eq!(
            hash(true).unwrap(),
            first,
            "nothing was read, so nothing could be cancelled"
        );

        fs_err::write(&file, "two!").unwrap();
        assert!(matches!(hash(true), Err(HashError::Cancelled(_))));
        assert_eq!(hash(false).unwrap().sha256, Fingerprint::of("two!"));
    }

    #[test]
    fn a_damaged_cache_costs_time_only() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HashCache::new(folder.path().join("hashes.json"));
        let file = folder.path().join("backup");
        fs_err::write(&file, "one").unwrap();
        fs_err::write(folder.path().join("hashes.json"), "{").unwrap();
        assert_eq!(cache.hash(&file, &|| false).unwrap().sha256, Fingerprint::of("one"));
    }

    #[test]
    fn a_folder_changes_with_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let hash = || hash(folder.path(), &|| false).unwrap().sha256;
        let write = |name: &str, text: &str| fs_err::write(folder.path().join(name), text).unwrap();
        write("a", "1");
        let first = hash();
        fs_err::rename(folder.path().join("a"), folder.path().join("b")).unwrap();
        let renamed = hash();
        write("b", "2");
        let changed = hash();
        assert!(first != renamed && renamed != changed && first != changed);
    }
}
