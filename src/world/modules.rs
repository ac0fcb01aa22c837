//! Folders of modules, read whole and written back.
//!
//! Only plain files are read: links are left alone, so nothing outside a module is ever written.

mod write;

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fs_err as fs;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::fs::MetadataExt as _;

use crate::parallel;

pub use write::{WriteError, write};

/// Files that are larger are left alone; the largest of Odoo's own has a tenth of it.
pub(super) const MOST_BYTES: u64 = 32 << 20;
/// What makes a folder a module; the second is the name of old.
pub(super) const MANIFESTS: [&str; 2] = ["__manifest__.py", "__openerp__.py"];
/// Folders that hold no modules: packaging that links to them, other people's scripts, what Python leaves behind.
const PASSED_OVER: [&str; 3] = ["setup", "node_modules", "__pycache__"];

/// Why a link is left alone.
pub(super) const LEADS_OUT: &str = "it is a link that leads out of the module";

/// A module that lies on this machine.
#[derive(Debug)]
pub struct Code {
    /// Its name: that of its folder.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Its files that were asked for, in the order of their paths.
    pub files: Vec<CodeFile>,
    /// What was not read although it was asked for.
    pub left_out: Vec<LeftOut>,
}

/// A file of a module.
#[derive(Debug)]
pub struct CodeFile {
    /// Where it lies in the module, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// What tells whether somebody changed it since; a file of a commit has none.
    pub stamp: Option<Stamp>,
}

/// What tells whether somebody changed a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    bytes: u64,
    changed: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(about: &std::fs::Metadata) -> Stamp {
        Stamp {
            bytes: about.len(),
            changed: about.modified().ok(),
            inode: about.ino(),
        }
    }
}

/// Something in a module that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it lies in the module.
    pub path: String,
    /// Why.
    pub why: String,
}

/// Finds the modules in a folder, however deep, by path: their folders.
///
/// What lies inside a module belongs to it. Links to folders are not followed.
pub fn find(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        if MANIFESTS.iter().any(|name| folder.join(name).is_file()) {
            found.push(folder);
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let passed_over =
                name.as_encoded_bytes().starts_with(b".") || PASSED_OVER.iter().any(|other| name == *other);
            if entry.file_type()?.is_dir() && !passed_over {
                folders.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads modules, side by side; `wanted` chooses files by their path in the module.
pub fn read(folders: &[PathBuf], wanted: &(dyn Fn(&str) -> bool + Sync)) -> io::Result<Vec<Code>> {
    parallel::map(folders, |folder| read_one(folder, wanted))
        .into_iter()
        .collect()
}

fn read_one(folder: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) -> io::Result<Code> {
    let real = fs::canonicalize(folder)?;
    let mut code = Code {
        name: real
            .file_name()
            .unwrap_or(real.as_os_str())
            .to_string_lossy()
            .into_owned(),
        folder: folder.to_owned(),
        files: Vec::new(),
        left_out: Vec::new(),
    };
    let mut folders = vec![String::new()];
    while let Some(within) = folders.pop() {
        let entries = match fs::read_dir(real.join(&within)) {
            Ok(entries) => entries,
            Err(error) if !within.is_empty() => {
                code.leave(within, reason(&error));
                continue;
            }
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                let name = entry.file_name().to_string_lossy().into_owned();
                code.leave(join(&within, &name), "its name is not UTF-8".to_owned());
                continue;
            };
            let path = join(&within, &name);
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if name == "setup" || !is_passed_over(&name) {
                    folders.push(path);
                }
            } else if kind.is_symlink() {
                let inside = fs::canonicalize(entry.path()).is_ok_and(|target| target.starts_with(&real));
                if !inside && (wanted(&path) || entry.path().is_dir()) {
                    code.leave(path, LEADS_OUT.to_owned());
                }
            } else if kind.is_file() && wanted(&path) {
                match read_file(&entry.path()) {
                    Ok(Ok((bytes, stamp))) => {
                        let stamp = Some(stamp);
                        code.files.push(CodeFile { path, bytes, stamp });
                    }
                    Ok(Err(why)) => code.leave(path, why),
                    Err(error) => code.leave(path, reason(&error)),
                }
            }
        }
    }
    code.files.sort_by(|a, b| a.path.cmp(&b.path));
    code.left_out.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(code)
}

impl Code {
    fn leave(&mut self, path: String, why: String) {
        self.left_out.push(LeftOut { path, why });
    }
}

/// Says whether nobody looks for modules in a folder.
pub(super) fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || PASSED_OVER.contains(&name)
}

/// Says why a file that is too large is left alone.
pub(super) fn too_large() -> String {
    format!("it is larger than {} MiB", MOST_BYTES >> 20)
}

/// Returns the path of something in a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

fn reason(error: &io::Error) -> String {
    format!("it cannot be read: {}", error.kind())
}

/// Reads a file, or says why it is too much.
fn read_file(path: &Path) -> io::Result<Result<(Vec<u8>, Stamp), String>> {
    // Somebody may have put a link or a pipe in its place since it was listed.
    let flags = i32::try_from((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Ok(Err("it is no plain file".to_owned()));
    }
    if about.len() > MOST_BYTES {
        return Ok(Err(too_large()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default());
    io::Read::read_to_end(&mut io::Read::take(file, MOST_BYTES + 1), &mut bytes)?;
    Ok(Ok((bytes, Stamp::of(&about))))
}
