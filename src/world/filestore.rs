//! Attachments: from wherever the customer keeps them into a tar archive.
//!
//! Odoo names an attachment's file after the SHA-1 of its content, in a folder named after the first two digits
//! (three in very old databases). Whatever lies above those folders, and everything else, is left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::backup::{BackupError, zip};
use super::lines::BUFFER;
use crate::odoo::backup::{Backup, BackupKind, Compression, Magic};

/// How deep below a named folder a filestore is looked for: `data/filestore/acme/ab`.
const DEPTH: usize = 3;

/// Where attachments come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilestoreSource {
    /// A zip, mostly an Odoo backup.
    Zip(PathBuf),
    /// A folder: the filestore or one above it.
    Folder(PathBuf),
    /// A tar archive, packed or not.
    Tar(PathBuf, Compression),
}

/// What was written of a filestore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilestoreSummary {
    /// How many attachments.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
}

impl FilestoreSource {
    /// Recognises a filestore that came apart from its backup, by content: a folder, a zip or a tar.
    pub fn open(path: &Path) -> Result<FilestoreSource, BackupError> {
        let cannot_read = |source| BackupError::io("read the filestore", source);
        if fs_err::metadata(path).map_err(cannot_read)?.is_dir() {
            return Ok(FilestoreSource::Folder(path.to_owned()));
        }
        let magic = |reader: &mut dyn Read| {
            let mut head = Vec::new();
            reader.take(512).read_to_end(&mut head)?;
            Ok(Magic::of(&head))
        };
        let mut file = fs_err::File::open(path).map_err(cannot_read)?;
        let compression = match magic(&mut file).map_err(cannot_read)? {
            Some(Magic::Zip) => return Ok(FilestoreSource::Zip(path.to_owned())),
            Some(Magic::Gzip) => Compression::Gzip,
            Some(Magic::Zstd) => Compression::Zstd,
            _ => Compression::None,
        };
        let mut inner = super::dump::unpacked(path, compression)?;
        match magic(&mut inner).map_err(|error| BackupError::unpacking(path, error))? {
            Some(Magic::Tar) => Ok(FilestoreSource::Tar(path.to_owned(), compression)),
            _ => Err(BackupError::NotABackup {
                path: path.to_owned(),
                reason: "a filestore is a folder, a zip or a tar archive".to_owned(),
            }),
        }
    }

    /// Returns the filestore that is part of a backup, if one is.
    pub fn of_backup(backup: &Backup) -> Option<FilestoreSource> {
        if !backup.has_filestore {
            return None;
        }
        match backup.kind {
            BackupKind::OdooZip | BackupKind::ZipWithDump { .. } => Some(FilestoreSource::Zip(backup.path.clone())),
            BackupKind::PgDirectory => Some(FilestoreSource::Folder(backup.path.join("filestore"))),
            BackupKind::PgCustom | BackupKind::PlainSql(_) => None,
        }
    }
}

/// Writes all attachments as `ab/abcdef…` with modes 0755 and 0644, owned by user 0.
///
/// `on_file` is told each attachment's name and size. Fails when the source holds several databases' attachments.
pub fn tar_filestore(
    source: &FilestoreSource,
    builder: &mut tar::Builder<&mut dyn Write>,
    on_file: &mut dyn FnMut(&str, u64),
) -> io::Result<FilestoreSummary> {
    let mut writer = Writer {
        builder,
        on_file,
        folders: BTreeSet::new(),
        above: None,
        summary: FilestoreSummary::default(),
    };
    match source {
        FilestoreSource::Folder(path) => from_folder(path, &mut writer)?,
        FilestoreSource::Zip(path) => {
            let mut archive = zip::open(path).map_err(io::Error::other)?;
            for index in 0..archive.len() {
                let entry = archive.by_index(index).map_err(io::Error::other)?;
                let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
                if let Some(attachment) = attachment(&name).filter(|_| entry.is_file()) {
                    let size = entry.size();
                    writer.add(&attachment, size, entry)?;
                }
            }
        }
        FilestoreSource::Tar(path, compression) => {
            let unpacked = super::dump::unpacked(path, *compression).map_err(io::Error::other)?;
            let mut archive = tar::Archive::new(BufReader::with_capacity(BUFFER, unpacked));
            for entry in archive.entries()? {
                let entry = entry?;
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let is_file = entry.header().entry_type().is_file();
                if let Some(attachment) = attachment(&name).filter(|_| is_file) {
                    let size = entry.size();
                    writer.add(&attachment, size, entry)?;
                }
            }
        }
    }
    Ok(writer.summary)
}

/// An attachment's place in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attachment<'a> {
    /// The folders above the filestore.
    pub(super) above: &'a str,
    /// The folder of its first digits.
    pub(super) folder: &'a str,
    /// Its path in the filestore: `ab/abcdef…`.
    pub(super) name: &'a str,
}

/// Recognises the path of an attachment, whatever lies above the filestore.
pub(super) fn attachment(path: &str) -> Option<Attachment<'_>> {
    let (rest, file) = path.rsplit_once('/')?;
    let (above, folder) = rest.rsplit_once('/').unwrap_or(("", rest));
    let is_hash = file.len() == 40 && is_hex(file);
    let fits = is_prefix(folder) && file.starts_with(folder);
    // Odoo's list of files that may be collected as garbage has the same names.
    let is_checklist = above.rsplit('/').next() == Some("checklist");
    (is_hash && fits && !is_checklist).then(|| Attachment {
        above,
        folder,
        name: &path[path.len() - folder.len() - 1 - file.len()..],
    })
}

fn is_prefix(folder: &str) -> bool {
    matches!(folder.len(), 2 | 3) && is_hex(folder)
}

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Writes attachments, and the folders they need.
struct Writer<'a, 'b> {
    builder: &'a mut tar::Builder<&'b mut dyn Write>,
    on_file: &'a mut dyn FnMut(&str, u64),
    folders: BTreeSet<String>,
    /// What lies above the filestore; two answers mean two filestores.
    above: Option<String>,
    summary: FilestoreSummary,
}

impl Writer<'_, '_> {
    fn add(&mut self, attachment: &Attachment<'_>, size: u64, content: impl Read) -> io::Result<()> {
        let above = self.above.get_or_insert_with(|| attachment.above.to_owned());
        if above != attachment.above {
            let message = format!(
                "the archive holds the filestores of several databases: {above}, {}",
                attachment.above
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        if self.folders.insert(attachment.folder.to_owned()) {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
            header.set_size(0);
            self.builder
                .append_data(&mut header, format!("{}/", attachment.folder), io::empty())?;
        }
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(size);
        let mut content = Exactly {
            inner: content,
            left: size,
            name: attachment.name,
        };
        self.builder.append_data(&mut header, attachment.name, &mut content)?;
        self.summary.files += 1;
        self.summary.bytes += size;
        (self.on_file)(attachment.name, size);
        Ok(())
    }
}

/// Gives as many bytes as were promised, or fails: a tar archive with a wrong size is garbage from there on.
struct Exactly<'a, R> {
    inner: R,
    left: u64,
    name: &'a str,
}

impl<R: Read> Read for Exactly<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let wrong = read as u64 > self.left || (read == 0 && !buffer.is_empty() && self.left > 0);
        if wrong {
            let message = format!("attachment {} changed while it was read", self.name);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Tells of every attachment its name `ab/abcdef…` and its size, and reads none of them.
pub fn list_filestore(source: &FilestoreSource, on_file: &mut dyn FnMut(&str, u64)) -> io::Result<()> {
    match source {
        FilestoreSource::Folder(path) => each_in_folder(path, &mut |attachment, path| {
            on_file(attachment.name, fs_err::metadata(path)?.len());
            Ok(())
        })?,
        FilestoreSource::Zip(path) => {
            let archive = zip::open(path).map_err(io::Error::other)?;
            for index in 0..archive.len() {
                let entry = archive.by_index_data(index).map_err(io::Error::other)?;
                let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
                if let Some(attachment) = attachment(&name) {
                    on_file(attachment.name, entry.size());
                }
            }
        }
        FilestoreSource::Tar(path, compression) => {
            let unpacked = super::dump::unpacked(path, *compression).map_err(io::Error::other)?;
            let mut archive = tar::Archive::new(BufReader::with_capacity(BUFFER, unpacked));
            for entry in archive.entries()? {
                let entry = entry?;
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                if let Some(attachment) = attachment(&name).filter(|_| entry.header().entry_type().is_file()) {
                    on_file(attachment.name, entry.size());
                }
            }
        }
    }
    Ok(())
}

/// Reads some attachments, by their names `ab/abcdef…`; one that is not there is missing in what is returned.
pub fn read_filestore(source: &FilestoreSource, wanted: &BTreeSet<String>) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut take = |name: &str, content: &mut dyn Read| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        found.insert(name.to_owned(), bytes);
        io::Result::Ok(())
    };
    match source {
        FilestoreSource::Folder(path) => each_in_folder(path, &mut |attachment, path| {
            if wanted.contains(attachment.name) {
                take(attachment.name, &mut fs_err::File::open(path)?)?;
            }
            Ok(())
        })?,
        FilestoreSource::Zip(path) => {
            let mut archive = zip::open(path).map_err(io::Error::other)?;
            for index in 0..archive.len() {
                let mut entry = archive.by_index(index).map_err(io::Error::other)?;
                let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
                if let Some(attachment) = attachment(&name).filter(|attachment| wanted.contains(attachment.name)) {
                    take(attachment.name, &mut entry)?;
                }
            }
        }
        FilestoreSource::Tar(path, compression) => {
            let unpacked = super::dump::unpacked(path, *compression).map_err(io::Error::other)?;
            let mut archive = tar::Archive::new(BufReader::with_capacity(BUFFER, unpacked));
            for entry in archive.entries()? {
                let mut entry = entry?;
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                if let Some(attachment) = attachment(&name).filter(|attachment| wanted.contains(attachment.name)) {
                    take(attachment.name, &mut entry)?;
                }
            }
        }
    }
    Ok(found)
}

fn from_folder(path: &Path, writer: &mut Writer<'_, '_>) -> io::Result<()> {
    each_in_folder(path, &mut |attachment, path| {
        let file = fs_err::File::open(path)?;
        let size = file.metadata()?.len();
        writer.add(attachment, size, file)
    })
}

/// Calls `each` with every attachment of a folder and its path, in order.
fn each_in_folder(path: &Path, each: &mut dyn FnMut(&Attachment<'_>, &Path) -> io::Result<()>) -> io::Result<()> {
    let mut roots = BTreeMap::new();
    find_roots(path, DEPTH, &mut roots)?;
    if roots.len() > 1 {
        return Err(io::Error::other(BackupError::SeveralFilestores {
            path: path.to_owned(),
            names: roots.keys().map(|root| root.display().to_string()).collect(),
        }));
    }
    for (root, folders) in roots {
        for folder in folders {
            let mut names = Vec::new();
            for entry in fs_err::read_dir(root.join(&folder))? {
                names.extend(entry?.file_name().into_string());
            }
            names.sort();
            for name in names {
                let inside = format!("{folder}/{name}");
                if let Some(attachment) = attachment(&inside) {
                    each(&attachment, &root.join(&inside))?;
                }
            }
        }
    }
    Ok(())
}

/// Finds folders that hold folders named after digits, and those.
fn find_roots(path: &Path, depth: usize, roots: &mut BTreeMap<PathBuf, Vec<String>>) -> io::Result<()> {
    let mut folders = Vec::new();
    for entry in fs_err::read_dir(path)? {
        let entry = entry?;
        if fs_err::metadata(entry.path())?.is_dir() {
            folders.extend(entry.file_name().into_string());
        }
    }
    folders.sort();
    let digits: Vec<String> = folders.iter().filter(|name| is_prefix(name)).cloned().collect();
    if !digits.is_empty() {
        roots.insert(path.to_owned(), digits);
    } else if depth > 0 {
        for folder in folders.iter().filter(|folder| *folder != "checklist") {
            find_roots(&path.join(folder), depth - 1, roots)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_known_by_their_names() {
        let hash = "ab".repeat(20);
        for (above, folder) in [("", "ab"), ("filestore", "ab"), ("./data/filestore/acme", "aba")] {
            let path = format!("{above}/{folder}/{hash}");
            let path = path.trim_start_matches('/');
            let found = attachment(path).unwrap();
            assert_eq!((found.above, found.folder), (above, folder));
            assert_eq!(found.name, format!("{folder}/{hash}"));
        }
        for path in [
            format!("filestore/checklist/ab/{hash}"),
            format!("cd/{hash}"),
            hash.clone(),
            "ab/abc".to_owned(),
            format!("ab/{}", hash.to_uppercase()),
        ] {
            assert_eq!(attachment(&path), None, "{path}");
        }
    }
}
