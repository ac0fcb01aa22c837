//! What a restore needs: the SQL of a backup as a stream, and tar archives made of streams.

use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use super::backup::{BackupError, zip};
use super::hash;
use super::lines::{BUFFER, next_piece};
use crate::odoo::backup::{Backup, BackupKind};
use crate::odoo::dump_filter::{DumpError, DumpFilter};

pub use super::filestore::{FilestoreSource, FilestoreSummary, tar_filestore};

pub(super) use super::backup::unpacked;

/// The longest statement line that is taken; rows of `COPY` may be longer.
const STATEMENT: u64 = 1 << 30;
/// Chunks are numbered with four digits, so that `cat dump.sql.*` gives them in order.
const CHUNKS: u64 = 10_000;

/// Opens the SQL of a backup, unpacked and without what belongs to the server it came from
/// ([`crate::odoo::dump_filter`]).
///
/// The stream itself fails when the dump is damaged or truncated or holds commands for psql. Archives of `pg_dump`
/// hold no SQL: [`tar_archive`] sends those.
pub fn dump_reader(backup: &Backup) -> Result<Box<dyn Read + Send>, BackupError> {
    use crate::odoo::backup::Compression::None;
    let path = &backup.path;
    let sql = match &backup.kind {
        BackupKind::OdooZip => zip::open_dump(path, "dump.sql", None)?,
        BackupKind::ZipWithDump { member, compression } => zip::open_dump(path, member, *compression)?,
        BackupKind::PlainSql(compression) => unpacked(path, *compression)?,
        BackupKind::PgCustom | BackupKind::PgDirectory => {
            return Err(BackupError::NotPlain { path: path.clone() });
        }
    };
    Ok(Box::new(FilteredDump::new(sql)))
}

/// A plain dump without what belongs to the server it came from.
pub struct FilteredDump<R> {
    inner: BufReader<R>,
    filter: DumpFilter,
    /// The piece that is being handed out, and how much of it was.
    piece: Vec<u8>,
    given: usize,
    finished: bool,
}

impl<R: Read> FilteredDump<R> {
    /// Filters a plain dump.
    pub fn new(dump: R) -> Self {
        FilteredDump {
            inner: BufReader::with_capacity(BUFFER, dump),
            filter: DumpFilter::default(),
            piece: Vec::new(),
            given: 0,
            finished: false,
        }
    }

    /// Reads on to the next piece that is kept.
    fn advance(&mut self) -> io::Result<()> {
        self.given = 0;
        loop {
            let limit = if self.filter.in_data() {
                BUFFER as u64
            } else {
                STATEMENT
            };
            if !next_piece(&mut self.inner, limit, &mut self.piece)? {
                self.finished = true;
                return self.filter.finish().map_err(refused);
            }
            if self.filter.keep(&self.piece).map_err(refused)? {
                return Ok(());
            }
        }
    }
}

impl<R: Read> Read for FilteredDump<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.given == self.piece.len() {
                if self.finished {
                    break;
                }
                self.advance()?;
            }
            let length = (self.piece.len() - self.given).min(buffer.len() - filled);
            buffer[filled..filled + length].copy_from_slice(&self.piece[self.given..self.given + length]);
            filled += length;
            self.given += length;
        }
        Ok(filled)
    }
}

fn refused(error: DumpError) -> io::Error {
    let kind = match error {
        DumpError::Truncated { .. } => io::ErrorKind::UnexpectedEof,
        DumpError::Command { .. } => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, error)
}

/// Writes a stream of unknown length as tar entries `<stem>.0000`, `<stem>.0001` … and returns its length.
///
/// Holds `chunk_bytes` in memory, however long the stream is. Fails when it takes more than 10 000 chunks.
pub fn tar_chunks(
    reader: &mut dyn Read,
    builder: &mut tar::Builder<&mut dyn Write>,
    stem: &str,
    chunk_bytes: usize,
) -> io::Result<u64> {
    let mut chunk = Vec::with_capacity(chunk_bytes);
    let mut total = 0;
    for number in 0..CHUNKS {
        chunk.clear();
        reader.take(chunk_bytes as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() && number > 0 {
            return Ok(total);
        }
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(chunk.len() as u64);
        builder.append_data(&mut header, format!("{stem}.{number:04}"), chunk.as_slice())?;
        total += chunk.len() as u64;
        if chunk.len() < chunk_bytes {
            return Ok(total);
        }
    }
    Err(io::Error::other(format!(
        "{stem} is longer than {CHUNKS} chunks of {chunk_bytes} bytes"
    )))
}

/// Writes an archive of `pg_dump` as tar entries: one file called `name`, or a folder of that name.
///
/// A filestore inside a directory dump is left out.
pub fn tar_archive(path: &Path, builder: &mut tar::Builder<&mut dyn Write>, name: &str) -> io::Result<u64> {
    let mut total = 0;
    for inside in hash::files_of(path)? {
        if inside.starts_with("filestore") {
            continue;
        }
        let file = fs_err::File::open(hash::below(path, &inside))?;
        let size = file.metadata()?.len();
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(size);
        builder.append_data(&mut header, hash::below(Path::new(name), &inside), file.take(size))?;
        total += size;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(text: &[u8], chunk_bytes: usize) -> Vec<(String, Vec<u8>)> {
        let mut bytes = Vec::new();
        let target: &mut dyn Write = &mut bytes;
        let mut builder = tar::Builder::new(target);
        let total = tar_chunks(&mut &text[..], &mut builder, "dump.sql", chunk_bytes).unwrap();
        assert_eq!(total, text.len() as u64);
        builder.finish().unwrap();
        drop(builder);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.path().unwrap().display().to_string(), content)
        });
        entries.collect()
    }

    #[test]
    fn a_stream_of_any_length_comes_back_from_its_chunks() {
        for length in [0, 1, 9, 10, 11, 20, 25] {
            let text: Vec<u8> = (0..length).collect();
            let mut entries = chunks(&text, 10);
            entries.sort();
            assert_eq!(entries[0].0, "dump.sql.0000");
            let joined: Vec<u8> = entries.into_iter().flat_map(|(_, content)| content).collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn rows_longer_than_the_buffer_pass_whole() {
        let row = "x".repeat(3 * BUFFER + 5);
        let dump = format!("GRANT a TO b;\nCOPY public.t (a) FROM stdin;\n{row}\n\\.\n");
        let mut kept = String::new();
        FilteredDump::new(dump.as_bytes()).read_to_string(&mut kept).unwrap();
        assert_eq!(kept, dump["GRANT a TO b;\n".len()..]);
    }
}
