//! Writing what became of a module's files: all of them, or none.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fs_err as fs;
use tempfile::NamedTempFile;

use super::{Code, Stamp};

/// A module that was not written. Every one of its files is what it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody changed a file after it was read.
    #[error("{path} was changed meanwhile")]
    Changed {
        /// The file, from the module's folder.
        path: String,
    },
    /// Somebody protected a file.
    #[error("{path} is read-only")]
    ReadOnly {
        /// The file, from the module's folder.
        path: String,
    },
    /// There is something where a new file belongs.
    #[error("{path} is there already")]
    Taken {
        /// The file, from the module's folder.
        path: String,
    },
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl WriteError {
    /// Returns what a person can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            WriteError::Changed { .. } => "run it again: it starts from what is there then",
            WriteError::ReadOnly { .. } => "make it writable (`chmod u+w`), or work on a copy",
            WriteError::Taken { .. } => "move it away, and run again",
            WriteError::Io(_) => "nothing of this module was written",
        }
    }
}

/// Writes files of a module: path, and what it holds from now on, or nothing when it goes.
///
/// All are written to temporary files first. What cannot be written is found out before the first takes its place.
pub fn write(code: &Code, files: &[(String, Option<Vec<u8>>)]) -> Result<(), WriteError> {
    let root = fs::canonicalize(&code.folder)?;
    let mut ready: Vec<(PathBuf, Option<NamedTempFile>, &str)> = Vec::new();
    let mut made: Vec<PathBuf> = Vec::new();
    let prepared = prepare(code, &root, files, &mut ready, &mut made);
    if let Err(error) = prepared {
        // Temporary files go by themselves, folders only when nobody else put something there.
        drop(ready);
        made.iter().rev().for_each(|folder| drop(std::fs::remove_dir(folder)));
        return Err(error);
    }
    for (path, file, name) in ready {
        match file {
            Some(file) if known(code, name).is_some() => drop(file.persist(&path).map_err(|error| error.error)?),
            Some(file) => drop(file.persist_noclobber(&path).map_err(|error| error.error)?),
            None => fs::remove_file(&path)?,
        }
    }
    Ok(())
}

fn known(code: &Code, path: &str) -> Option<Stamp> {
    code.files
        .iter()
        .find(|file| file.path == path)
        .and_then(|file| file.stamp)
}

fn prepare<'a>(
    code: &Code,
    root: &Path,
    files: &'a [(String, Option<Vec<u8>>)],
    ready: &mut Vec<(PathBuf, Option<NamedTempFile>, &'a str)>,
    made: &mut Vec<PathBuf>,
) -> Result<(), WriteError> {
    for (name, bytes) in files {
        let path = root.join(name);
        let folder = path.parent().unwrap_or(root);
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)?;
            made.push(folder.to_owned());
        }
        let permissions = match (known(code, name), path.symlink_metadata()) {
            (Some(stamp), Ok(about)) if about.is_file() && Stamp::of(&about) == stamp => {
                if about.permissions().readonly() {
                    return Err(WriteError::ReadOnly { path: name.clone() });
                }
                Some(about.permissions())
            }
            (Some(_), _) => return Err(WriteError::Changed { path: name.clone() }),
            (None, Ok(_)) => return Err(WriteError::Taken { path: name.clone() }),
            (None, Err(_)) => None,
        };
        let file = match bytes {
            None => None,
            Some(bytes) => {
                let mut file = tempfile::Builder::new().prefix(".hopp-").tempfile_in(folder)?;
                file.write_all(bytes)?;
                let as_others = std::os::unix::fs::PermissionsExt::from_mode(0o644);
                file.as_file().set_permissions(permissions.unwrap_or(as_others))?;
                file.as_file().sync_all()?;
                Some(file)
            }
        };
        ready.push((path, file, name));
    }
    // The writing took its time: whoever saved a file meanwhile keeps it.
    for (path, _, name) in ready {
        if let Some(stamp) = known(code, name)
            && path.symlink_metadata().map(|about| Stamp::of(&about)).ok() != Some(stamp)
        {
            return Err(WriteError::Changed {
                path: (*name).to_owned(),
            });
        }
    }
    Ok(())
}
