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
    #[error("journal {} was written by {hopp} (format {found}, this one reads up to {VERSION})", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// Who wrote it, as far as it can be told: `hopp 2.1.0`.
        hopp: String,
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

/// Reads a journal.
///
/// What a crash or a power cut leaves at its end is left out: a line that is cut short, zeros, the remains of other files.
/// Only a line that cannot be read and has events after it is an error.
pub fn read(path: &Path) -> Result<Vec<Entry>, JournalError> {
    let bytes = fs_err::read(path).map_err(|source| JournalError::Io {
        path: path.into(),
        source,
    })?;
    parse(path, &bytes)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Entry>, JournalError> {
    let lines: Vec<&[u8]> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .filter_map(|line| line.strip_suffix(b"\n"))
        .collect();
    let mut entries = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let read = if index == 0 {
            serde_json::from_slice(line).map(|header: Header| {
                (header.version > VERSION).then_some(JournalError::Newer {
                    path: path.into(),
                    found: header.version,
                    hopp: writer_of(lines.get(1).copied().unwrap_or_default()),
                })
            })
        } else {
            serde_json::from_slice(line).map(|entry| {
                entries.push(entry);
                None
            })
        };
        match read {
            Ok(None) => {}
            Ok(Some(newer)) => return Err(newer),
            Err(_) if !is_object(line) && !lines[index + 1..].iter().any(|line| is_object(line)) => break,
            Err(error) => {
                return Err(JournalError::Damaged {
                    path: path.into(),
                    line: index + 1,
                    message: error.to_string(),
                });
            }
        }
    }
    Ok(entries)
}

/// Returns which hopp wrote a journal whose first event is this, should a later one still begin in the same way.
fn writer_of(first: &[u8]) -> String {
    let event: serde_json::Value = serde_json::from_slice(first).unwrap_or_default();
    let version = event
        .pointer("/event/run-started/hopp")
        .and_then(|version| version.as_str());
    version.map_or_else(|| "a newer hopp".into(), |version| format!("hopp {version}"))
}

/// Says whether a line is one that a hopp wrote, whether or not this one understands it.
fn is_object(line: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line).is_ok()
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

    /// What a real run wrote.
    const REAL: &[u8] = include_bytes!("../../fixtures/journals/stopped.jsonl");

    fn parsed(bytes: &[u8]) -> Result<Vec<Entry>, JournalError> {
        parse(Path::new("j"), bytes)
    }

    /// Returns the ends of a journal's lines.
    fn ends(bytes: &[u8]) -> Vec<usize> {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        ends.map(|(place, _)| place + 1).collect()
    }

    #[test]
    fn a_journal_torn_at_any_byte_still_opens_with_every_event_before() {
        let whole = parsed(REAL).unwrap();
        let ends = ends(REAL);
        assert_eq!(whole.len(), ends.len() - 1);
        for cut in 0..ends[0] {
            assert_eq!(parsed(&REAL[..cut]).unwrap(), [], "torn at byte {cut}");
        }
        // Lines do not know each other: of those before the torn one, the header and one more stand for all.
        for (index, line) in ends.windows(2).enumerate() {
            let before = &REAL[..ends[usize::from(index > 0)]];
            assert_eq!(parsed(&REAL[..line[0]]).unwrap(), whole[..index]);
            for cut in line[0]..line[1] {
                let torn = [before, &REAL[line[0]..cut]].concat();
                assert_eq!(parsed(&torn).unwrap(), whole[..index.min(1)], "torn at byte {cut}");
            }
        }
    }

    #[test]
    fn what_a_power_cut_leaves_at_a_journals_end_is_left_out() {
        let whole = parsed(REAL).unwrap();
        let mut random = 2_026_u64;
        for (index, end) in ends(REAL).into_iter().enumerate() {
            for cut in [end, (end + 7).min(REAL.len())] {
                let noise: Vec<u8> = std::iter::repeat_with(|| {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    u8::try_from(random >> 56).unwrap_or_default()
                })
                .take(600)
                .collect();
                for tail in [
                    &[0; 4096][..],
                    b"\0\0\n\0\0\n",
                    b"\n\n",
                    b"{\"seq\":9",
                    b"7\n\xff\xfe\n",
                    &noise,
                ] {
                    let entries = parsed(&[&REAL[..cut], tail].concat()).unwrap();
                    assert_eq!(entries, whole[..index], "{cut} bytes and {tail:?}");
                }
            }
        }
        for nothing in [&b""[..], &[0; 512], b"\0\n\0\n"] {
            assert_eq!(parsed(nothing).unwrap(), []);
        }
    }

    #[test]
    fn a_hole_in_the_middle_and_an_event_that_nobody_knows_are_no_torn_end() {
        let ends = ends(REAL);
        let mut hole = REAL.to_vec();
        hole[ends[1]..ends[3] - 1].fill(0);
        let error = parsed(&hole).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { line: 3, .. }), "{error}");
        let unknown = [
            REAL,
            b"{\"seq\":99,\"at\":\"2026-11-22T20:00:00Z\",\"event\":{\"moon-rose\":{}}}\n",
        ]
        .concat();
        let error = parsed(&unknown).unwrap_err();
        assert!(error.to_string().contains("moon-rose"), "{error}");
        hole = REAL.to_vec();
        hole[..ends[0] - 1].fill(0);
        assert!(matches!(
            parsed(&hole).unwrap_err(),
            JournalError::Damaged { line: 1, .. }
        ));
    }

    #[test]
    fn a_journal_of_a_newer_hopp_is_refused_politely() {
        let error = parsed(b"{\"hopp-journal\":99}\n").unwrap_err();
        assert!(matches!(error, JournalError::Newer { found: 99, .. }));
        assert!(error.to_string().contains("a newer hopp (format 99"), "{error}");
        let named = b"{\"hopp-journal\":2,\"x\":1}\n{\"event\":{\"run-started\":{\"hopp\":\"2.1.0\"}}}\n\0";
        let error = parsed(named).unwrap_err();
        assert!(error.to_string().contains("hopp 2.1.0 (format 2"), "{error}");
    }
}
