//! Writing a backup that Odoo's database manager accepts.

use std::io::{self, BufReader, Read, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::filestore::{FilestoreSummary, attachment};
use super::lines::BUFFER;
use crate::ident::{Fingerprint, Hasher};

/// deflate's fastest level: the SQL shrinks to a fifth of its size all the same.
const LEVEL: i64 = 1;

/// An Odoo backup in the making: `manifest.json`, `dump.sql`, `filestore/`.
///
/// It is written from front to back, so any writer will do, also a [`HashingWriter`]. Members carry no time: equal
/// contents give equal bytes.
pub struct BackupZip<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
}

impl<W: Write> BackupZip<W> {
    /// Begins a backup with the text of its `manifest.json`.
    pub fn start(writer: W, manifest_json: &[u8]) -> io::Result<Self> {
        let mut backup = BackupZip {
            zip: ZipWriter::new_stream(writer),
        };
        backup.begin("manifest.json", false)?;
        backup.zip.write_all(manifest_json)?;
        Ok(backup)
    }

    /// Adds the plain dump and returns its length; it may be longer than 4 GiB.
    pub fn add_dump(&mut self, dump: &mut dyn Read) -> io::Result<u64> {
        self.begin("dump.sql", true)?;
        let mut dump = BufReader::with_capacity(BUFFER, dump);
        io::copy(&mut dump, &mut self.zip)
    }

    /// Adds the attachments in a tar archive, whatever folder of it they lie in.
    pub fn add_filestore(&mut self, archive: &mut dyn Read) -> io::Result<FilestoreSummary> {
        let mut summary = FilestoreSummary::default();
        let mut archive = tar::Archive::new(archive);
        for entry in archive.entries()? {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if let Some(attachment) = attachment(&path) {
                let large = entry.size() >= u64::from(u32::MAX);
                self.begin(&format!("filestore/{}", attachment.name), large)?;
                summary.bytes += io::copy(&mut entry, &mut self.zip)?;
                summary.files += 1;
            }
        }
        Ok(summary)
    }

    /// Writes the directory of the zip and returns the writer.
    pub fn finish(self) -> io::Result<W> {
        Ok(self.zip.finish()?.into_inner())
    }

    fn begin(&mut self, name: &str, large: bool) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .unix_permissions(0o644)
            .large_file(large);
        Ok(self.zip.start_file(name, options)?)
    }
}

/// Takes SHA-256 and length of everything written through it.
pub struct HashingWriter<W> {
    inner: W,
    hasher: Hasher,
    bytes: u64,
}

impl<W: Write> HashingWriter<W> {
    /// Writes to `inner`.
    pub fn new(inner: W) -> Self {
        HashingWriter {
            inner,
            hasher: Hasher::default(),
            bytes: 0,
        }
    }

    /// Returns the writer, the hash and the number of bytes. Does not flush.
    pub fn finish(self) -> (W, Fingerprint, u64) {
        (self.inner, self.hasher.finish(), self.bytes)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
