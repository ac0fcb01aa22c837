//! Counting lines of code where it lies: folders of modules, on all processors.

mod on_disk;

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

/// A file of a module.
pub struct File {
    /// Its path in the module's folder, with `/`.
    pub item: String,
    /// Its text.
    pub content: Vec<u8>,
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
        // Only of a path such as `..` the name has to be looked up.
        let name = if let Some(name) = path.file_name() {
            name.to_owned()
        } else {
            let real = fs::canonicalize(path)?;
            real.file_name().unwrap_or(real.as_os_str()).to_owned()
        };
        Ok(Folder {
            name: name.to_string_lossy().into_owned(),
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
    let tallies = parallel::map(folders, |folder| on_disk::count(folder, rules));
    Ok(Tally::new(rules, tallies.into_iter().collect::<io::Result<Vec<_>>>()?))
}

/// Counts modules whose files were read already.
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
    let counts = parallel::map(&jobs, |(_, kind, file)| {
        if file.content.len() as u64 > MAX_FILE_BYTES {
            return Err(Fault::FileTooLarge);
        }
        count(&file.content, *kind, rules)
    });
    for ((module, _, file), counted) in jobs.into_iter().zip(counts) {
        book(&mut tallies[module], file.item, counted);
    }
    for tally in &mut tallies {
        sort(tally);
    }
    Tally::new(rules, tallies)
}

fn book(tally: &mut ModuleTally, item: String, counted: Result<Count, Fault>) {
    match counted {
        Ok(count) => tally.counted.push(Counted { item, count }),
        Err(fault) => tally.errors.push(Faulty { item, fault }),
    }
}

fn sort(tally: &mut ModuleTally) {
    tally.counted.sort_by(|a, b| a.item.cmp(&b.item));
    tally.errors.sort_by(|a, b| a.item.cmp(&b.item));
    tally.excluded.sort_by(|a, b| a.item.cmp(&b.item));
}
