//! The log file of a step: everything it printed, hashed while it is written.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::event::LogFile;
use crate::ident::Hasher;

/// Writes a step's log. Cheap to clone; all clones write the same file.
///
/// The file is created with the first byte. A log that cannot be written does not stop the step: the journal is the
/// truth, the log only its illustration.
#[derive(Clone)]
pub struct StepLog {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    run_folder: PathBuf,
    name: PathBuf,
    file: Option<fs_err::File>,
    hasher: Hasher,
    bytes: u64,
}

impl StepLog {
    /// Returns the log of a step, `logs/<name>.log` in the run's folder.
    pub fn new(run_folder: &Path, name: &str) -> StepLog {
        StepLog {
            inner: Arc::new(Mutex::new(Inner {
                run_folder: run_folder.into(),
                name: Path::new("logs").join(format!("{name}.log")),
                file: None,
                hasher: Hasher::default(),
                bytes: 0,
            })),
        }
    }

    /// Appends bytes as they came.
    pub fn write(&self, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = inner.append(bytes) {
            tracing::warn!(%error, "step log not written");
        }
    }

    /// Appends a line of our own.
    pub fn line(&self, text: &str) {
        self.write(format!("{text}\n").as_bytes());
    }

    /// Returns what the journal says about the log, when anything was written.
    pub fn close(&self) -> Option<LogFile> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.file.take()?;
        Some(LogFile {
            path: inner.name.to_string_lossy().into_owned(),
            bytes: inner.bytes,
            sha256: std::mem::take(&mut inner.hasher).finish(),
        })
    }
}

impl Inner {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.file.is_none() {
            let path = self.run_folder.join(&self.name);
            if let Some(folder) = path.parent() {
                fs_err::create_dir_all(folder)?;
            }
            // A second attempt of the step writes on in the same file.
            let earlier = fs_err::read(&path).unwrap_or_default();
            self.hasher.update(&earlier);
            self.bytes = earlier.len() as u64;
            self.file = Some(fs_err::OpenOptions::new().create(true).append(true).open(path)?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(bytes)?;
            self.hasher.update(bytes);
            self.bytes += bytes.len() as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Fingerprint;

    #[test]
    fn a_second_attempt_writes_on_and_the_hash_is_the_files() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["first", "second"] {
            let log = StepLog::new(folder.path(), "19.0-upgrade");
            log.line(text);
            let file = log.close().unwrap();
            let content = fs_err::read(folder.path().join(&file.path)).unwrap();
            assert_eq!(file.sha256, Fingerprint::of(&content));
            assert_eq!(file.bytes, content.len() as u64);
        }
        let log = StepLog::new(folder.path(), "quiet");
        assert_eq!(log.close(), None);
    }
}
