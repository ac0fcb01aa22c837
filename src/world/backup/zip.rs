//! Zips: Odoo's own backups and those of hosting services.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::CompressionMethod;
use zip::result::ZipError;

use super::{BackupError, Found, sql};
use crate::odoo::backup::{BackupKind, Compression, Contents};
use crate::world::filestore;
use crate::world::lines::{BUFFER, Bounded};

/// A member may unpack to so many times its packed size, once it is larger than the second number.
const HONEST_RATIO: u64 = 1000;
const HONEST_BYTES: u64 = 1 << 30;
/// The largest manifest that is read; Odoo's are a few kilobytes.
const MANIFEST: u64 = 16 << 20;

/// A zip archive on disk.
pub(crate) type Archive = zip::ZipArchive<BufReader<std::fs::File>>;

pub(super) fn find(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Found, BackupError> {
    let archive = open(path)?;
    let names = names(&archive);
    let has_filestore = names.iter().any(|name| filestore::attachment(name).is_some());
    let (dump, compression) = the_dump(path, &names)?;
    let said = manifest(path)?;
    let contents = match said.filter(|contents| contents.version.is_some()) {
        Some(contents) => contents,
        None => sql::scan(path, dump_member(path, dump, compression)?, false, cancelled)?,
    };
    Ok(Found {
        kind: kind_of(&names, dump, compression),
        contents,
        has_filestore,
    })
}

/// Tells whether a zip is Odoo's or holds the dump of somebody else.
pub(super) fn recognise(path: &Path) -> Result<BackupKind, BackupError> {
    let names = names(&open(path)?);
    let (dump, compression) = the_dump(path, &names)?;
    Ok(kind_of(&names, dump, compression))
}

fn kind_of(names: &[String], dump: usize, compression: Compression) -> BackupKind {
    if names[dump] == "dump.sql" && names.iter().any(|name| name == "manifest.json") {
        return BackupKind::OdooZip;
    }
    let member = names[dump].clone();
    BackupKind::ZipWithDump { member, compression }
}

/// Reads the manifest of Odoo's zip, where there is one beside a `dump.sql`.
pub(crate) fn manifest(path: &Path) -> Result<Option<Contents>, BackupError> {
    let names = names(&open(path)?);
    let found = names.iter().position(|name| name == "manifest.json");
    let Some(index) = found.filter(|_| names.iter().any(|name| name == "dump.sql")) else {
        return Ok(None);
    };
    let mut text = Vec::new();
    member(path, index)?
        .take(MANIFEST)
        .read_to_end(&mut text)
        .map_err(|error| BackupError::unpacking(path, error))?;
    let contents = Contents::of_manifest(&text).map_err(|error| BackupError::Damaged {
        path: path.to_owned(),
        reason: format!("manifest.json cannot be read: {error}"),
    })?;
    Ok(Some(contents))
}

fn names(archive: &Archive) -> Vec<String> {
    (0..archive.len()).map(|index| name_of(archive, index)).collect()
}

/// Opens a zip and refuses one with a member that must not be unpacked.
pub(crate) fn open(path: &Path) -> Result<Archive, BackupError> {
    let file = fs_err::File::open(path).map_err(|source| BackupError::io("open the zip", source))?;
    let file = BufReader::with_capacity(BUFFER, file.into_file());
    let archive = zip::ZipArchive::new(file).map_err(|error| unreadable(path, error))?;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|error| unreadable(path, error))?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let suspicious = entry.size() > HONEST_BYTES && entry.size() / HONEST_RATIO > entry.compressed_size();
        let reason = if leads_out(&name) {
            Some("which leads out of the archive")
        } else if entry.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000) {
            Some("which is a link")
        } else if entry.encrypted() {
            return Err(BackupError::Encrypted {
                path: path.to_owned(),
                with: "a password",
            });
        } else if suspicious {
            Some("which unpacks to more than there can honestly be in it")
        } else if !matches!(
            entry.compression(),
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            Some("which is packed in a way hopp cannot unpack")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(BackupError::UnsafeMember {
                path: path.to_owned(),
                member: name,
                reason,
            });
        }
    }
    Ok(archive)
}

/// Opens the dump of a zip, unpacked out of the zip and out of its own packing.
pub(crate) fn open_dump(
    path: &Path,
    name: &str,
    compression: Compression,
) -> Result<Box<dyn Read + Send>, BackupError> {
    let archive = open(path)?;
    let index = (0..archive.len()).find(|index| name_of(&archive, *index) == name);
    let index = index.ok_or_else(|| BackupError::Damaged {
        path: path.to_owned(),
        reason: format!("{name} is not in it any more"),
    })?;
    dump_member(path, index, compression)
}

fn dump_member(path: &Path, index: usize, compression: Compression) -> Result<Box<dyn Read + Send>, BackupError> {
    let packed = BufReader::with_capacity(BUFFER, member(path, index)?);
    sql::unpack(packed, compression).map_err(|error| BackupError::unpacking(path, error))
}

/// Reads one member, independently of the archive it was found in, and checks its size and checksum.
fn member(path: &Path, index: usize) -> Result<Box<dyn Read + Send>, BackupError> {
    let mut archive = open(path)?;
    let entry = archive.by_index_raw(index).map_err(|error| unreadable(path, error))?;
    let start = entry.data_start().ok_or_else(|| BackupError::Damaged {
        path: path.to_owned(),
        reason: "a member's data cannot be found".to_owned(),
    })?;
    let (packed, size, crc, method) = (
        entry.compressed_size(),
        entry.size(),
        entry.crc32(),
        entry.compression(),
    );
    drop(entry);
    let mut file = archive.into_inner();
    file.seek(SeekFrom::Start(start))
        .map_err(|source| BackupError::io("read the zip", source))?;
    let data = file.take(packed);
    let content: Box<dyn Read + Send> = match method {
        CompressionMethod::Deflated => Box::new(DeflateDecoder::new(data)),
        _ => Box::new(data),
    };
    Ok(Box::new(Checked {
        inner: Bounded::new(content, size),
        seen: Crc::new(),
        wanted: crc,
    }))
}

/// Compares the checksum at the end.
struct Checked<R> {
    inner: R,
    seen: Crc,
    wanted: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.seen.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.seen.sum() != self.wanted {
            let message = "a checksum in it is wrong";
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
        }
        Ok(read)
    }
}

/// Finds the one dump in a zip: `dump.sql`, or the only SQL file outside of the filestore.
fn the_dump(path: &Path, names: &[String]) -> Result<(usize, Compression), BackupError> {
    let not = |reason: String| BackupError::NotABackup {
        path: path.to_owned(),
        reason,
    };
    let packed = |name: &str| {
        let lower = name.to_ascii_lowercase();
        let kinds = [
            (".sql", Compression::None),
            (".sql.gz", Compression::Gzip),
            (".sql.zst", Compression::Zstd),
        ];
        kinds
            .into_iter()
            .find(|(end, _)| lower.ends_with(end))
            .map(|(_, kind)| kind)
    };
    if let Some(index) = names.iter().position(|name| name == "dump.sql") {
        return Ok((index, Compression::None));
    }
    let dumps: Vec<(usize, Compression)> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| filestore::attachment(name).is_none())
        .filter_map(|(index, name)| Some((index, packed(name)?)))
        .collect();
    match dumps.as_slice() {
        [only] => Ok(*only),
        [] => Err(not("the zip holds no dump.sql".to_owned())),
        several => {
            let found: Vec<&str> = several.iter().map(|(index, _)| names[*index].as_str()).collect();
            Err(not(format!("the zip holds several dumps: {}", found.join(", "))))
        }
    }
}

fn name_of(archive: &Archive, index: usize) -> String {
    archive
        .by_index_data(index)
        .map(|entry| String::from_utf8_lossy(entry.name_raw()).into_owned())
        .unwrap_or_default()
}

/// Tells whether a name would be written somewhere else than below the folder it is unpacked into.
fn leads_out(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    name.starts_with(['/', '\\']) || has_drive || name.split(['/', '\\']).any(|part| part == "..")
}

fn unreadable(path: &Path, error: ZipError) -> BackupError {
    match error {
        ZipError::Io(error) => BackupError::unpacking(path, error),
        ZipError::InvalidArchive(reason) => BackupError::Damaged {
            path: path.to_owned(),
            reason: format!("its list of contents, which ends a zip, cannot be read ({reason})"),
        },
        other => BackupError::Damaged {
            path: path.to_owned(),
            reason: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::leads_out;

    #[test]
    fn names_that_lead_out_are_known() {
        for name in ["/etc/passwd", "a/../../b", "..", "..\\b", "C:\\b", "\\b"] {
            assert!(leads_out(name), "{name}");
        }
        for name in ["dump.sql", "filestore/ab/abc", "a..b/c", "...", ""] {
            assert!(!leads_out(name), "{name}");
        }
    }
}
