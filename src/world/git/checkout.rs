//! Writing a commit's files to a folder.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use git2::{ObjectType, Repository, Tree};
use serde::{Deserialize, Serialize};

use super::beside::work_folder;
use super::{GitError, Mirror, symlink};

const LINK: i32 = 0o120_000;
const EXECUTABLE: i32 = 0o100_755;

/// What a checkout was when it was written; kept beside it, as `<name>.checkout.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Marker {
    commit: String,
    tree: String,
    /// Size, time of change in nanoseconds and mode of each file, by path: what git's index trusts too.
    files: BTreeMap<PathBuf, (u64, i128, u32)>,
}

impl Mirror {
    /// Makes a folder hold exactly the files of a commit, or of one folder of it.
    ///
    /// Does nothing when the folder holds them already and none was changed since. Otherwise the files are written
    /// beside it and take its place in one move, so nobody ever sees half a checkout; what was there is removed.
    /// Executable bits and links are kept. Submodules, and links and names that lead out of the checkout, are errors.
    /// Only one process may work on a folder at a time.
    pub fn checkout(&self, commit: &str, into: &Path, folder: Option<&Path>) -> Result<(), GitError> {
        let repository = self.repository()?;
        let tree = self.tree(&repository, commit, folder)?;
        let id = tree.id().to_string();
        if let Some(marker) = read_marker(into)
            && marker.tree == id
            && marker.files == listing(into).map_err(GitError::io(format!("read {}", into.display())))?
        {
            return Ok(());
        }

        let failed = |what: &str| GitError::io(format!("{what} {}", into.display()));
        let work = work_folder(into).map_err(failed("create the folder of"))?;
        let new = work.path().join("new");
        Writer {
            mirror: self,
            repository: &repository,
        }
        .folder(&tree, &new, &mut Vec::new())?;
        let marker = Marker {
            commit: commit.to_owned(),
            tree: id,
            files: listing(&new).map_err(failed("read what was written for"))?,
        };

        let marker_path = marker_path(into);
        if marker_path.exists() {
            fs_err::remove_file(&marker_path).map_err(failed("replace"))?;
        }
        if into.symlink_metadata().is_ok() {
            fs_err::rename(into, work.path().join("old")).map_err(failed("replace"))?;
        }
        fs_err::rename(&new, into).map_err(failed("move files to"))?;
        let text = serde_json::to_vec(&marker).map_err(|error| GitError::Io {
            action: format!("describe {}", into.display()),
            source: error.into(),
        })?;
        fs_err::write(marker_path, text).map_err(failed("describe"))
    }

    /// Lists the files of a checkout that were changed, added or removed since it was written, sorted.
    ///
    /// Returns nothing for a folder that [`Mirror::checkout`] did not write.
    pub fn changes(into: &Path) -> Result<Vec<PathBuf>, GitError> {
        let Some(marker) = read_marker(into) else {
            return Ok(Vec::new());
        };
        let now = listing(into).map_err(GitError::io(format!("read {}", into.display())))?;
        let paths: std::collections::BTreeSet<_> = marker.files.keys().chain(now.keys()).collect();
        Ok(paths
            .into_iter()
            .filter(|path| marker.files.get(*path) != now.get(*path))
            .cloned()
            .collect())
    }
}

/// Writes trees to disk.
struct Writer<'a> {
    mirror: &'a Mirror,
    repository: &'a Repository,
}

impl Writer<'_> {
    /// Writes one folder; `above` are the names of the folders it lies in.
    fn folder(&self, tree: &Tree<'_>, to: &Path, above: &mut Vec<Vec<u8>>) -> Result<(), GitError> {
        fs_err::create_dir(to).map_err(GitError::io(format!("write {}", to.display())))?;
        for entry in tree {
            let name = entry.name_bytes();
            let inside = || {
                let mut parts = above.clone();
                parts.push(name.to_owned());
                String::from_utf8_lossy(&parts.join(&b'/')).into_owned()
            };
            if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || name.eq_ignore_ascii_case(b".git") {
                return Err(self.unsafe_path(inside(), "git itself would refuse this name"));
            }
            let path = to.join(OsStr::from_bytes(name));
            match entry.kind() {
                Some(ObjectType::Tree) => {
                    let below = self.repository.find_tree(entry.id());
                    let below = below.map_err(GitError::local(format!("read {}", inside())))?;
                    above.push(name.to_owned());
                    self.folder(&below, &path, above)?;
                    above.pop();
                }
                Some(ObjectType::Blob) => {
                    let blob = self.repository.find_blob(entry.id());
                    let blob = blob.map_err(GitError::local(format!("read {}", inside())))?;
                    if entry.filemode() == LINK {
                        if let Some(reason) = symlink::refusal(blob.content(), above.len()) {
                            return Err(self.unsafe_path(inside(), reason));
                        }
                        symlink(OsStr::from_bytes(blob.content()), &path)
                    } else {
                        write_file(&path, blob.content(), entry.filemode() == EXECUTABLE)
                    }
                    .map_err(GitError::io(format!("write {}", path.display())))?;
                }
                _ => {
                    return Err(GitError::Submodule {
                        path: inside(),
                        url: self.mirror.url.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    fn unsafe_path(&self, path: String, reason: &str) -> GitError {
        GitError::UnsafePath {
            path,
            url: self.mirror.url.clone(),
            reason: reason.to_owned(),
        }
    }
}

fn write_file(path: &Path, content: &[u8], executable: bool) -> std::io::Result<()> {
    let mode = if executable { 0o755 } else { 0o644 };
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(content)
}

fn marker_path(into: &Path) -> PathBuf {
    let mut name = into.file_name().unwrap_or_default().to_owned();
    name.push(".checkout.json");
    into.with_file_name(name)
}

/// Reads the marker of a checkout. One that cannot be read says nothing, so the files are written again.
fn read_marker(into: &Path) -> Option<Marker> {
    serde_json::from_slice(&fs_err::read(marker_path(into)).ok()?).ok()
}

/// Describes every file and link below a folder. What Python leaves behind (`__pycache__`) is nobody's change.
fn listing(root: &Path) -> std::io::Result<BTreeMap<PathBuf, (u64, i128, u32)>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs_err::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && folder == root => return Ok(files),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let about = fs_err::symlink_metadata(&path)?;
            if !about.is_dir() {
                let changed = i128::from(about.mtime()) * 1_000_000_000 + i128::from(about.mtime_nsec());
                let inside = path.strip_prefix(root).unwrap_or(&path).to_owned();
                files.insert(inside, (about.len(), changed, about.mode()));
            } else if path.file_name() != Some(OsStr::new("__pycache__")) {
                folders.push(path);
            }
        }
    }
    Ok(files)
}
