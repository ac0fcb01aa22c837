//! The code of modules that are tried: what Odoo's container gets, and what places are looked for in.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::odoo::manifest::{self, Manifest};
use crate::verify::trial::{Problem, Sources, Trial, Verdict};

/// A module for a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialModule {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Files that are not to be tried as they are on disk: by path in the module, the text that counts; nothing where
    /// the file counts as removed.
    pub changed: BTreeMap<String, Option<Vec<u8>>>,
    /// Whether it is tried; otherwise it is there for others that need it.
    pub tried: bool,
}

/// The modules of a trial.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    pub(super) manifests: BTreeMap<String, Manifest>,
    pub(super) depends: BTreeMap<String, Vec<String>>,
    pub(super) tried: BTreeSet<String>,
    pub(super) sources: Sources,
    /// What came of modules whose manifest nobody can read.
    pub(super) unreadable: Vec<Trial>,
    files: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
}

impl Code {
    /// Reads the modules from disk. Links are not followed; translations are left out.
    pub(super) fn read(modules: Vec<TrialModule>) -> io::Result<Code> {
        let mut code = Code::default();
        for module in modules {
            let mut files = BTreeMap::new();
            walk(&module.folder, &mut String::new(), &mut files)?;
            for (path, bytes) in module.changed {
                match bytes {
                    Some(bytes) => files.insert(path, bytes),
                    None => files.remove(&path),
                };
            }
            code.add(module.name, files, module.tried);
        }
        Ok(code)
    }

    fn add(&mut self, name: String, files: BTreeMap<String, Vec<u8>>, tried: bool) {
        let texts: BTreeMap<String, String> = (files.iter())
            .filter(|(path, _)| {
                Path::new(path)
                    .extension()
                    .is_some_and(|ending| ["py", "xml", "csv"].iter().any(|text| ending == *text))
            })
            .filter_map(|(path, bytes)| Some((path.clone(), String::from_utf8(bytes.clone()).ok()?)))
            .collect();
        let text = texts.get(manifest::FILE).cloned().unwrap_or_default();
        match Manifest::parse(&text) {
            Ok(manifest) => {
                let mut depends = manifest.depends.clone();
                if depends.is_empty() {
                    depends.push("base".into());
                }
                self.depends.insert(name.clone(), depends);
                self.manifests.insert(name.clone(), manifest);
                if tried {
                    self.tried.insert(name.clone());
                }
            }
            Err(error) if tried => self.unreadable.push(Trial {
                module: name.clone(),
                verdict: Verdict::Fails,
                problems: vec![Problem {
                    message: format!("its manifest cannot be read: {}", error.message),
                    module: Some(name.clone()),
                    path: Some(manifest::FILE.into()),
                    line: u32::try_from(error.line).ok(),
                    excerpt: Vec::new(),
                }],
                warnings: Vec::new(),
                views: 0,
                tests: None,
                seconds: 0.0,
                log: String::new(),
            }),
            Err(error) => tracing::debug!(module = name, %error, "its manifest cannot be read"),
        }
        self.sources.insert(name.clone(), texts);
        self.files.insert(name, files);
    }

    /// Says whether any module wants a Python package.
    pub(super) fn wants_packages(&self) -> bool {
        self.manifests
            .values()
            .any(|manifest| !manifest.external_python.is_empty())
    }

    /// Returns the same modules, for an image without what they want.
    pub(super) fn without_packages(&self) -> Code {
        let mut code = self.clone();
        for manifest in code.manifests.values_mut() {
            manifest.external_python.clear();
        }
        code
    }

    /// Returns all files with their places below a folder of the container.
    pub(super) fn files(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        (self.files.iter())
            .flat_map(|(module, files)| {
                (files.iter()).map(move |(path, bytes)| (format!("{folder}/{module}/{path}"), bytes.clone()))
            })
            .collect()
    }
}

/// Reads a folder with what is below it.
fn walk(folder: &Path, within: &mut String, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let kind = entry.file_type()?;
        if kind.is_symlink() || matches!(name.as_str(), ".git" | "__pycache__" | "i18n") {
            continue;
        }
        let length = within.len();
        within.push_str(&name);
        if kind.is_dir() {
            within.push('/');
            walk(&entry.path(), within, files)?;
        } else {
            files.insert(within.clone(), fs_err::read(entry.path())?);
        }
        within.truncate(length);
    }
    Ok(())
}
