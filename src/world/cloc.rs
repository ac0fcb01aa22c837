//! Counting lines of code where it lies: folders of modules, on all processors.

use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::odoo::cloc::{
    Count, Counted, Excluded, Exclusions, Fault, Faulty, Kind, MAX_FILE_BYTES, ModuleTally, Rules, Tally, count,
};
use crate::parallel;

/// Folders that hold no modules to count: packaging that links to them, and other people's scripts.
const PASSED_OVER: [&str; 2] = ["setup", "node_modules"];

/// A folder that is counted as one module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The module's name: the folder's.
    pub name: String,
    /// The repository of the plan that it comes from.
    pub repository: Option<String>,
    /// Where it is.
    pub path: PathBuf,
}

/// The text of a file that is counted, or where to find it.
pub enum Source {
    /// On disk.
    Disk(PathBuf),
    /// Read already.
    Memory(Vec<u8>),
}

/// A file of a module.
pub struct File {
    /// Its path in the module's folder, with `/`.
    pub item: String,
    /// Its text.
    pub source: Source,
}

/// A module with its files, those that are not counted included.
pub struct Module {
    /// Its name.
    pub name: String,
    /// The repository of the plan that it comes from.
    pub repository: Option<String>,
    /// Its manifest; without one nothing in it is free.
    pub manifest: Option<Vec<u8>>,
    /// Its files.
    pub files: Vec<File>,
}

impl Folder {
    /// Returns a folder to be counted as one, as `odoo cloc --path` does.
    pub fn whole(path: &Path) -> io::Result<Folder> {
        let real = fs::canonicalize(path)?;
        Ok(Folder {
            name: real
                .file_name()
                .unwrap_or(real.as_os_str())
                .to_string_lossy()
                .into_owned(),
            repository: None,
            path: path.to_owned(),
        })
    }

    /// Returns the modules in a folder, however deep, by path. A folder without any is counted as one.
    ///
    /// What lies inside a module belongs to it. Links are followed when they lead to a module.
    pub fn modules(path: &Path, rules: Rules) -> io::Result<Vec<Folder>> {
        let mut found = Vec::new();
        find(path, rules, &mut found)?;
        if found.is_empty() {
            found.push(Folder::whole(path)?);
        }
        Ok(found)
    }
}

fn find(path: &Path, rules: Rules, found: &mut Vec<Folder>) -> io::Result<()> {
    if is_module(path, rules) {
        found.push(Folder::whole(path)?);
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(path)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs_err::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let passed_over = PASSED_OVER.iter().any(|other| name == *other);
        if passed_over || name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() || (kind.is_symlink() && is_module(&entry.path(), rules)) {
            find(&entry.path(), rules, found)?;
        }
    }
    Ok(())
}

fn is_module(path: &Path, rules: Rules) -> bool {
    rules.manifests().iter().any(|name| path.join(name).is_file())
}

/// Counts folders.
///
/// # Errors
///
/// A folder that cannot be listed. A file that cannot be read is an error of its module.
pub fn count_folders(folders: &[Folder], rules: Rules) -> io::Result<Tally> {
    let modules = parallel::map(folders, |folder| read(folder, rules));
    Ok(count_modules(modules.into_iter().collect::<io::Result<_>>()?, rules))
}

/// Reads which files a folder has.
fn read(folder: &Folder, rules: Rules) -> io::Result<Module> {
    let mut files = Vec::new();
    walk(&folder.path, "", &mut files)?;
    let manifest = rules
        .manifests()
        .iter()
        .find_map(|name| fs::read(folder.path.join(name)).ok());
    Ok(Module {
        name: folder.name.clone(),
        repository: folder.repository.clone(),
        manifest,
        files,
    })
}

/// Lists the files below a folder. Links to folders are not followed, links to files are files.
fn walk(path: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let item = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{item}/"), files)?;
        } else if !(kind.is_symlink() && entry.path().is_dir()) {
            files.push(File {
                item,
                source: Source::Disk(entry.path()),
            });
        }
    }
    Ok(())
}

/// Counts modules whose files are known.
pub fn count_modules(modules: Vec<Module>, rules: Rules) -> Tally {
    let mut tallies = Vec::with_capacity(modules.len());
    let mut jobs: Vec<(usize, Kind, File)> = Vec::new();
    for module in modules {
        let exclusions = match &module.manifest {
            Some(manifest) => Exclusions::of_manifest(manifest, rules),
            None => Exclusions::default(),
        };
        let mut tally = ModuleTally {
            name: module.name,
            repository: module.repository,
            ..ModuleTally::default()
        };
        for file in module.files {
            let Some(kind) = rules.kind_of(&file.item) else {
                continue;
            };
            match exclusions.of(&file.item) {
                Some(by) => tally.excluded.push(Excluded {
                    item: file.item,
                    by: by.clone(),
                }),
                None => jobs.push((tallies.len(), kind, file)),
            }
        }
        tallies.push(tally);
    }
    let counts = parallel::map(&jobs, |(_, kind, file)| count_file(&file.source, *kind, rules));
    for ((module, _, file), counted) in jobs.into_iter().zip(counts) {
        let tally: &mut ModuleTally = &mut tallies[module];
        let item = file.item;
        match counted {
            Ok(count) => tally.counted.push(Counted { item, count }),
            Err(fault) => tally.errors.push(Faulty { item, fault }),
        }
    }
    for tally in &mut tallies {
        tally.counted.sort_by(|a, b| a.item.cmp(&b.item));
        tally.errors.sort_by(|a, b| a.item.cmp(&b.item));
        tally.excluded.sort_by(|a, b| a.item.cmp(&b.item));
    }
    Tally::new(rules, tallies)
}

fn count_file(source: &Source, kind: Kind, rules: Rules) -> Result<Count, Fault> {
    match source {
        Source::Memory(content) if content.len() as u64 > MAX_FILE_BYTES => Err(Fault::FileTooLarge),
        Source::Memory(content) => count(content, kind, rules),
        Source::Disk(path) => {
            let unreadable = |error: io::Error| Fault::Unreadable(error.to_string());
            let about = std::fs::metadata(path).map_err(unreadable)?;
            if !about.is_file() {
                return Err(Fault::Unreadable("not a file".to_owned()));
            }
            if about.len() > MAX_FILE_BYTES {
                return Err(Fault::FileTooLarge);
            }
            count(&std::fs::read(path).map_err(unreadable)?, kind, rules)
        }
    }
}
