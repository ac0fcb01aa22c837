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
struct Folder {
    /// The module's name: the folder's.
    name: String,
    /// What it was found in.
    repository: String,
    path: PathBuf,
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
    fn of(path: &Path, repository: &Path) -> io::Result<Folder> {
        // Only of a path such as `..` the name has to be looked up.
        let name = if let Some(name) = path.file_name() {
            name.to_owned()
        } else {
            let real = fs::canonicalize(path)?;
            real.file_name().unwrap_or(real.as_os_str()).to_owned()
        };
        Ok(Folder {
            name: name.to_string_lossy().into_owned(),
            repository: repository.display().to_string(),
            path: path.to_owned(),
        })
    }
}

/// What is below one of the paths that are counted, and not known to be a module yet.
struct Candidate {
    /// The number of the path.
    below: usize,
    path: PathBuf,
    is_link: bool,
}

/// What a candidate is.
enum Look {
    Module(ModuleTally),
    /// No module; these may be.
    Folder(Vec<Candidate>),
}

/// Counts the modules in folders, however deep; their repository is the folder. What lies inside a module belongs to it.
/// Links are followed when they lead to a module. A folder without any module is counted as one, as `odoo cloc --path`
/// does, and so is every folder when `whole` says so.
///
/// # Errors
///
/// A folder that cannot be listed. A file that cannot be read is an error of its module.
pub fn count_folders(paths: &[PathBuf], whole: bool, rules: Rules) -> io::Result<Tally> {
    let mut tallies = Vec::new();
    let mut undivided = vec![true; paths.len()];
    let top = paths.iter().enumerate().map(|(below, path)| Candidate {
        below,
        path: path.clone(),
        is_link: false,
    });
    let mut level: Vec<Candidate> = top.filter(|_| !whole).collect();
    while !level.is_empty() {
        let looks = parallel::map(&level, |candidate| look(candidate, &paths[candidate.below], rules));
        let mut deeper = Vec::new();
        for (candidate, look) in level.iter().zip(looks) {
            match look? {
                Look::Module(tally) => {
                    undivided[candidate.below] = false;
                    tallies.push(tally);
                }
                Look::Folder(inside) => deeper.extend(inside),
            }
        }
        level = deeper;
    }
    let wholes: Vec<&PathBuf> = (paths.iter().zip(undivided))
        .filter_map(|(path, undivided)| undivided.then_some(path))
        .collect();
    for tally in parallel::map(&wholes, |path| {
        on_disk::count(Folder::of(path, path)?, &on_disk::folder(path)?, rules)
    }) {
        tallies.push(tally?);
    }
    Ok(Tally::new(rules, tallies))
}

fn look(candidate: &Candidate, repository: &Path, rules: Rules) -> io::Result<Look> {
    let path = &candidate.path;
    let mut inside = Vec::new();
    let handle = match on_disk::folder(path) {
        Ok(handle) => handle,
        // A link to a file, or to nothing.
        Err(error) if candidate.is_link && error.kind() != io::ErrorKind::PermissionDenied => {
            return Ok(Look::Folder(inside));
        }
        Err(error) => return Err(error),
    };
    if on_disk::is_module(&handle, rules) {
        let tally = on_disk::count(Folder::of(path, repository)?, &handle, rules)?;
        return Ok(Look::Module(tally));
    }
    if candidate.is_link {
        return Ok(Look::Folder(inside));
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let passed_over = PASSED_OVER.iter().any(|other| name == *other);
        let kind = entry.file_type()?;
        let leads_on = kind.is_dir() || kind.is_symlink();
        if leads_on && !passed_over && !name.as_encoded_bytes().starts_with(b".") {
            inside.push(Candidate {
                below: candidate.below,
                path: entry.path(),
                is_link: kind.is_symlink(),
            });
        }
    }
    inside.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Look::Folder(inside))
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
