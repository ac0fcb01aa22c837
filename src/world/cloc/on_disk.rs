//! A module counted where it lies: each file is found from its folder's handle, looked at once and read at once.
//!
//! Most files of a module are small, so that what the system does for each decides how long a count takes.

use std::cell::RefCell;
use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, openat, statat};
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

/// Counts a folder as one module.
///
/// # Errors
///
/// A folder in it that cannot be listed.
pub(super) fn count(folder: &Folder, rules: Rules) -> io::Result<ModuleTally> {
    let mut manifests = rules.manifests().iter();
    let manifest = manifests.find_map(|name| std::fs::read(folder.path.join(name)).ok());
    let mut walk = Walk {
        root: &folder.path,
        rules,
        exclusions: manifest.map_or_else(Exclusions::default, |text| Exclusions::of_manifest(&text, rules)),
        tally: ModuleTally {
            name: folder.name.clone(),
            repository: folder.repository.clone(),
            ..ModuleTally::default()
        },
        path: String::new(),
    };
    walk.folder(CWD, &folder.path)?;
    sort(&mut walk.tally);
    Ok(walk.tally)
}

/// A walk through a module.
struct Walk<'a> {
    root: &'a Path,
    rules: Rules,
    exclusions: Exclusions,
    tally: ModuleTally,
    /// Where it is, from the module's folder: empty, or ending with a slash.
    path: String,
}

impl Walk<'_> {
    /// Goes through a folder, by its name in another. Links to folders are not followed, links to files are files.
    fn folder(&mut self, parent: BorrowedFd<'_>, name: impl Arg) -> io::Result<()> {
        let handle = open(parent, name, OFlags::DIRECTORY).map_err(|error| self.cannot_list(&error))?;
        let mut room = Vec::with_capacity(LIST);
        room.resize_with(LIST, MaybeUninit::uninit);
        let mut entries = RawDir::new(&handle, &mut room);
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|error| self.cannot_list(&error.into()))?;
            let name = entry.file_name();
            match kind_of(&handle, name, entry.file_type()) {
                FileType::Directory if matches!(name.to_bytes(), b"." | b"..") => {}
                FileType::Directory => {
                    let depth = self.path.len();
                    self.path.push_str(&name.to_string_lossy());
                    self.path.push('/');
                    self.folder(handle.as_fd(), name)?;
                    self.path.truncate(depth);
                }
                kind => self.file(&handle, name, kind == FileType::RegularFile),
            }
        }
        Ok(())
    }

    fn cannot_list(&self, error: &io::Error) -> io::Error {
        let path = self.root.join(&self.path);
        io::Error::new(error.kind(), format!("cannot list {}: {error}", path.display()))
    }

    /// Counts a file, if it is of a kind that is counted. What is no regular file may lead to one, or to a folder.
    fn file(&mut self, folder: &OwnedFd, name: &CStr, is_regular: bool) {
        let text = name.to_string_lossy();
        let Some(kind) = self.rules.kind_of(&text) else { return };
        let leads_to = |wanted: FileType| {
            let about = statat(folder, name, AtFlags::empty());
            about.map(|about| FileType::from_raw_mode(about.st_mode) == wanted)
        };
        if !is_regular && leads_to(FileType::Directory) == Ok(true) {
            return;
        }
        let item = [&*self.path, &*text].concat();
        if let Some(by) = self.exclusions.of(&item) {
            let by = by.clone();
            self.tally.excluded.push(Excluded { item, by });
            return;
        }
        // Opening what is neither, such as a pipe, could wait for ever.
        let counted = if is_regular {
            read_and_count(folder, name, kind, self.rules)
        } else {
            match leads_to(FileType::RegularFile) {
                Ok(true) => read_and_count(folder, name, kind, self.rules),
                Ok(false) => Err(Fault::Unreadable("not a file".to_owned())),
                Err(error) => Err(unreadable(&error.into())),
            }
        };
        book(&mut self.tally, item, counted);
    }
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
    let mut file = File::from(open(folder, name, OFlags::empty()).map_err(|error| unreadable(&error))?);
    BUFFER.with_borrow_mut(|buffer| {
        let length = fill(&mut file, buffer).map_err(|error| unreadable(&error))?;
        if length as u64 > MAX_FILE_BYTES {
            return Err(Fault::FileTooLarge);
        }
        count_text(&buffer[..length], kind, rules)
    })
}

/// Reads a file, up to where it is too large, and returns how much there was. The buffer only grows.
fn fill(file: &mut File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    while length as u64 <= MAX_FILE_BYTES {
        if buffer.len() == length {
            buffer.resize((2 * length).max(ROOM), 0);
        }
        match file.read(&mut buffer[length..]) {
            Ok(read) => {
                length += read;
                // A file that gives less than there is room for has no more.
                if length < buffer.len() {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
