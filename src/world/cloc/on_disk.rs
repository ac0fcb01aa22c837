//! A module counted where it lies: each file is found from its folder's handle, looked at once and read at once.
//!
//! Most files of a module are small, so that what the system does for each decides how long a count takes.

use std::cell::RefCell;
use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, openat, statat};
use rustix::io::{Errno, read};
use rustix::path::Arg;

use super::{Folder, book, sort};
use crate::odoo::cloc::{
    Count, Excluded, Exclusions, Fault, Kind, MAX_FILE_BYTES, ModuleTally, Rules, count as count_text,
};

/// How much of a folder's list is read at once, in bytes.
const LIST: usize = 8 << 10;
/// How much room for a file there is to begin with, in bytes: most need no more.
const ROOM: usize = 256 << 10;

thread_local! {
    /// What a file is read into; kept for the next one.
    static BUFFER: RefCell<Vec<u8>> = RefCell::default();
}

/// Opens a folder.
pub(super) fn folder(path: &Path) -> io::Result<OwnedFd> {
    open(CWD, path, OFlags::DIRECTORY).map_err(|error| cannot_list(path, &error))
}

/// Says whether a folder is a module.
pub(super) fn is_module(folder: &OwnedFd, rules: Rules) -> bool {
    let is_file = |name: &&str| leads_to(folder, *name, FileType::RegularFile) == Ok(true);
    rules.manifests().iter().any(is_file)
}

/// Counts a folder, which is open, as one module.
///
/// # Errors
///
/// A folder in it that cannot be listed.
pub(super) fn count(folder: Folder, handle: &OwnedFd, rules: Rules) -> io::Result<ModuleTally> {
    let mut walk = Walk {
        root: &folder.path,
        rules,
        folders: Exclusions::default(),
        files: Exclusions::default(),
        tally: ModuleTally {
            name: folder.name,
            repository: Some(folder.repository),
            ..ModuleTally::default()
        },
        path: String::new(),
    };
    let mut manifests = rules.manifests().iter();
    let exclusions = manifests.find_map(|name| {
        let manifest = open(handle, *name, OFlags::empty()).ok()?;
        with_content(&manifest, |text| Exclusions::of_manifest(text, rules)).ok()
    });
    (walk.folders, walk.files) = exclusions.unwrap_or_default().parted();
    walk.folder(handle)?;
    sort(&mut walk.tally);
    Ok(walk.tally)
}

/// A walk through a module.
struct Walk<'a> {
    root: &'a Path,
    rules: Rules,
    /// What exempts folders.
    folders: Exclusions,
    /// What exempts files in folders that are not free.
    files: Exclusions,
    tally: ModuleTally,
    /// Where it is, from the module's folder: empty, or ending with a slash.
    path: String,
}

impl Walk<'_> {
    /// Goes through a folder. Links to folders are not followed, links to files are files.
    fn folder(&mut self, handle: &OwnedFd) -> io::Result<()> {
        let mut room = [MaybeUninit::uninit(); LIST];
        let mut entries = RawDir::new(handle, &mut room);
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|error| self.cannot_list(&error.into()))?;
            let name = entry.file_name();
            match kind_of(handle, name, entry.file_type()) {
                FileType::Directory if matches!(name.to_bytes(), b"." | b"..") => {}
                FileType::Directory => {
                    let depth = self.path.len();
                    self.path.push_str(&name.to_string_lossy());
                    let free = self.folders.of_folder(&self.path).cloned();
                    self.path.push('/');
                    if let Some(by) = free {
                        // What a rule exempts as a whole is told as a whole, and not looked at.
                        let item = self.path.clone();
                        self.tally.excluded.push(Excluded { item, by });
                    } else {
                        let inside = open(handle, name, OFlags::DIRECTORY);
                        self.folder(&inside.map_err(|error| self.cannot_list(&error))?)?;
                    }
                    self.path.truncate(depth);
                }
                kind => self.file(handle, name, kind == FileType::RegularFile),
            }
        }
        Ok(())
    }

    fn cannot_list(&self, error: &io::Error) -> io::Error {
        cannot_list(&self.root.join(&self.path), error)
    }

    /// Counts a file, if it is of a kind that is counted. What is no regular file may lead to one, or to a folder.
    fn file(&mut self, folder: &OwnedFd, name: &CStr, is_regular: bool) {
        let Some(kind) = self.rules.kind_of(name.to_bytes()) else {
            return;
        };
        let text = name.to_string_lossy();
        if !is_regular && leads_to(folder, name, FileType::Directory) == Ok(true) {
            return;
        }
        let item = [&*self.path, &*text].concat();
        if let Some(by) = self.files.of(&item) {
            let by = by.clone();
            self.tally.excluded.push(Excluded { item, by });
            return;
        }
        // Opening what is neither, such as a pipe, could wait for ever.
        let counted = if is_regular {
            read_and_count(folder, name, kind, self.rules)
        } else {
            match leads_to(folder, name, FileType::RegularFile) {
                Ok(true) => read_and_count(folder, name, kind, self.rules),
                Ok(false) => Err(Fault::Unreadable("not a file".to_owned())),
                Err(error) => Err(unreadable(&error.into())),
            }
        };
        book(&mut self.tally, item, counted);
    }
}

fn cannot_list(folder: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot list {}: {error}", folder.display()))
}

/// Says whether a name in a folder is that of such a file, or of a link to one.
fn leads_to(folder: &OwnedFd, name: impl Arg, wanted: FileType) -> Result<bool, Errno> {
    let about = statat(folder, name, AtFlags::empty())?;
    Ok(FileType::from_raw_mode(about.st_mode) == wanted)
}

/// Returns what an entry is; where the file system does not say so in its lists, it is asked.
fn kind_of(folder: &OwnedFd, name: &CStr, said: FileType) -> FileType {
    if said != FileType::Unknown {
        return said;
    }
    let about = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
    about.map_or(said, |about| FileType::from_raw_mode(about.st_mode))
}

fn open(folder: impl AsFd, name: impl Arg, flags: OFlags) -> io::Result<OwnedFd> {
    Ok(openat(
        folder,
        name,
        OFlags::RDONLY | OFlags::CLOEXEC | flags,
        Mode::empty(),
    )?)
}

fn unreadable(error: &io::Error) -> Fault {
    Fault::Unreadable(error.to_string())
}

fn read_and_count(folder: &OwnedFd, name: &CStr, kind: Kind, rules: Rules) -> Result<Count, Fault> {
    let file = open(folder, name, OFlags::empty()).map_err(|error| unreadable(&error))?;
    let counted = with_content(&file, |content| {
        if content.len() as u64 > MAX_FILE_BYTES {
            return Err(Fault::FileTooLarge);
        }
        count_text(content, kind, rules)
    });
    counted.unwrap_or_else(|error| Err(unreadable(&error)))
}

/// Does something with what is in a file, which of one that is too large is only so much that this shows.
fn with_content<T>(file: &OwnedFd, work: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        while buffer.len() as u64 <= MAX_FILE_BYTES {
            buffer.reserve(ROOM.max(buffer.len()));
            let room = buffer.capacity() - buffer.len();
            match read(file, spare_capacity(buffer)) {
                Ok(length) if length < room => break,
                // A file that fills the room may have more.
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(work(buffer))
    })
}
