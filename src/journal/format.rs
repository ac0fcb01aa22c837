//! The journal file: a header line, then one event per line (JSON Lines).

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::{Entry, Event};

/// The version of the format that this hopp writes. Older ones stay readable.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(rename = "hopp-journal")]
    version: u32,
}

/// A journal that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system said no.
    #[error("journal {}: {source}", path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// Its words.
        source: std::io::Error,
    },
    /// A newer hopp wrote it.
    #[error("journal {} was written by a newer hopp (format {found}, this one reads up to {VERSION})", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// A line in the middle is not an event.
    #[error("journal {}, line {line}: {message}", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

/// Appends to a journal. One at a time per run; the run's lock sees to that.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: fs_err::File,
    next: u64,
}

impl Writer {
    /// Creates a journal, and its folder. Fails when it exists.
    pub fn create(path: &Path) -> Result<Writer, JournalError> {
        let io = |source| JournalError::Io {
            path: path.into(),
            source,
        };
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder).map_err(io)?;
        }
        let mut file = fs_err::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(io)?;
        let header = serde_json::to_string(&Header { version: VERSION }).map_err(|e| io(e.into()))?;
        writeln!(file, "{header}").map_err(io)?;
        file.sync_all().map_err(io)?;
        Ok(Writer {
            path: path.into(),
            file,
            next: 1,
        })
    }

    /// Writes an event and returns once it is on disk.
    pub fn append(&mut self, event: Event) -> Result<Entry, JournalError> {
        let io = |source| JournalError::Io {
            path: self.path.clone(),
            source,
        };
        let entry = Entry {
            seq: self.next,
            at: Timestamp::now(),
            event,
        };
        let mut line = serde_json::to_string(&entry).map_err(|e| io(e.into()))?;
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(io)?;
        self.file.sync_data().map_err(io)?;
        self.next += 1;
        Ok(entry)
    }
}

/// Reads a journal. A last line that is cut short, as a crash leaves it, is not an event and is left out.
pub fn read(path: &Path) -> Result<Vec<Entry>, JournalError> {
    let bytes = fs_err::read(path).map_err(|source| JournalError::Io {
        path: path.into(),
        source,
    })?;
    parse(path, &bytes)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Entry>, JournalError> {
    let mut entries = Vec::new();
    for (index, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let Some(line) = line.strip_suffix(b"\n") else {
            break;
        };
        let damaged = |error: serde_json::Error| JournalError::Damaged {
            path: path.into(),
            line: index + 1,
            message: error.to_string(),
        };
        if index == 0 {
            let header: Header = serde_json::from_slice(line).map_err(damaged)?;
            if header.version > VERSION {
                return Err(JournalError::Newer {
                    path: path.into(),
                    found: header.version,
                });
            }
        } else {
            entries.push(serde_json::from_slice(line).map_err(damaged)?);
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Outcome;

    fn sample() -> Event {
        Event::RunFinished {
            outcome: Outcome::Done,
            elapsed_ms: 5,
        }
    }

    #[test]
    fn what_is_appended_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs/1/journal.jsonl");
        let mut writer = Writer::create(&path).unwrap();
        let first = writer.append(sample()).unwrap();
        let second = writer.append(sample()).unwrap();
        assert_eq!(read(&path).unwrap(), vec![first, second]);
        assert!(Writer::create(&path).is_err(), "a journal is never written over");
    }

    #[test]
    fn a_journal_torn_at_any_byte_still_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut writer = Writer::create(&path).unwrap();
        let whole: Vec<Entry> = (0..3).map(|_| writer.append(sample()).unwrap()).collect();
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..=bytes.len() {
            let entries = parse(&path, &bytes[..cut]).unwrap();
            assert_eq!(entries, whole[..entries.len()], "torn at byte {cut}");
        }
        assert_eq!(parse(&path, &bytes).unwrap().len(), 3);
    }

    #[test]
    fn a_journal_of_a_newer_hopp_is_refused_politely() {
        let error = parse(Path::new("j"), b"{\"hopp-journal\":99}\n").unwrap_err();
        assert!(matches!(error, JournalError::Newer { found: 99, .. }));
        assert!(error.to_string().contains("newer hopp"));
    }
}
