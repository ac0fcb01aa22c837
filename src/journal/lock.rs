//! One run at a time per customer.

use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use fd_lock::RwLock;

/// Holds a customer's lock until dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub struct RunLock {
    // The guard borrows the lock for as long as the process holds it; one is leaked per run, which ends the process.
    _guard: fd_lock::RwLockWriteGuard<'static, std::fs::File>,
}

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another hopp works on this customer ({holder})")]
    Held {
        /// Who: process id and host, as it wrote them down.
        holder: String,
    },
    /// The file system said no.
    #[error("lock {}: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// Its words.
        source: std::io::Error,
    },
}

impl RunLock {
    /// Says whether somebody holds the lock, without writing anything.
    pub fn probe(path: &Path) -> Result<(), LockError> {
        let io = |source| LockError::Io {
            path: path.into(),
            source,
        };
        let mut lock = RwLock::new(std::fs::File::open(path).map_err(io)?);
        let free = lock.try_write().is_ok();
        if free {
            return Ok(());
        }
        Err(LockError::Held {
            holder: holder_of(path),
        })
    }

    /// Takes the lock of a state folder, or says who has it.
    pub fn take(path: &Path, holder: &str) -> Result<RunLock, LockError> {
        let io = |source| LockError::Io {
            path: path.into(),
            source,
        };
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder).map_err(io)?;
        }
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        let lock: &'static mut RwLock<std::fs::File> = Box::leak(Box::new(RwLock::new(file)));
        match lock.try_write() {
            Ok(mut guard) => {
                guard.set_len(0).map_err(io)?;
                guard.rewind().map_err(io)?;
                writeln!(guard, "{holder}").map_err(io)?;
                Ok(RunLock { _guard: guard })
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Err(LockError::Held {
                holder: holder_of(path),
            }),
            Err(error) => Err(io(error)),
        }
    }
}

/// Returns what the holder of a lock wrote down about itself.
fn holder_of(path: &Path) -> String {
    fs_err::read_to_string(path).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_told_who_has_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acme/lock");
        let first = RunLock::take(&path, "process 7 on odin").unwrap();
        match RunLock::take(&path, "process 8 on odin") {
            Err(LockError::Held { holder }) => assert_eq!(holder, "process 7 on odin"),
            other => panic!("expected a held lock, got {other:?}"),
        }
        drop(first);
        RunLock::take(&path, "process 8 on odin").unwrap();
    }
}
