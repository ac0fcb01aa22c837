//! The modules of a commit, read from its tree.

use std::path::{Path, PathBuf};

use git2::{ObjectType, Tree};

use super::worktree::Worktree;
use super::{GitError, symlink};
use crate::world::modules::{self, Code, CodeFile, LeftOut};

const LINK: i32 = 0o120_000;

impl Worktree {
    /// Finds the modules of a commit, as [`modules::find`] does in a folder: their folders, with `/`, sorted.
    pub fn modules(&self, commit: &str) -> Result<Vec<String>, GitError> {
        let mut found = Vec::new();
        let mut folders = vec![(String::new(), self.tree(commit)?)];
        while let Some((folder, tree)) = folders.pop() {
            if modules::MANIFESTS.iter().any(|name| tree.get_name(name).is_some()) {
                found.push(folder);
                continue;
            }
            for entry in &tree {
                let Ok(name) = entry.name() else { continue };
                if entry.kind() == Some(ObjectType::Tree) && !modules::is_passed_over(name) {
                    let below = self.repository.find_tree(entry.id());
                    folders.push((modules::join(&folder, name), below.map_err(read(&folder))?));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads a module of a commit; `wanted` chooses files by their path in the module.
    pub fn read(&self, commit: &str, folder: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Code, GitError> {
        let name = match folder.rsplit('/').next() {
            Some("") | None => self
                .root()
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            Some(last) => last.to_owned(),
        };
        let mut code = Code {
            name,
            folder: PathBuf::from(folder),
            files: Vec::new(),
            left_out: Vec::new(),
        };
        let mut folders = vec![(String::new(), self.subtree(commit, folder)?)];
        while let Some((within, tree)) = folders.pop() {
            for entry in &tree {
                let Ok(name) = entry.name() else {
                    let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
                    leave(&mut code, modules::join(&within, &name), "its name is not UTF-8");
                    continue;
                };
                let path = modules::join(&within, name);
                match entry.kind() {
                    Some(ObjectType::Tree) if !modules::is_passed_over(name) || name == "setup" => {
                        let below = self.repository.find_tree(entry.id()).map_err(read(&path))?;
                        folders.push((path, below));
                    }
                    Some(ObjectType::Blob) if wanted(&path) => {
                        let blob = self.repository.find_blob(entry.id()).map_err(read(&path))?;
                        if entry.filemode() == LINK {
                            if symlink::refusal(blob.content(), path.matches('/').count()).is_some() {
                                leave(&mut code, path, modules::LEADS_OUT);
                            }
                        } else if blob.size() as u64 > modules::MOST_BYTES {
                            leave(&mut code, path, &modules::too_large());
                        } else {
                            let bytes = blob.content().to_vec();
                            code.files.push(CodeFile {
                                path,
                                bytes,
                                stamp: None,
                            });
                        }
                    }
                    _ => {}
                }
            }
        }
        code.files.sort_by(|a, b| a.path.cmp(&b.path));
        code.left_out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(code)
    }

    fn subtree(&self, commit: &str, folder: &str) -> Result<Tree<'_>, GitError> {
        let root = self.tree(commit)?;
        if folder.is_empty() {
            return Ok(root);
        }
        root.get_path(Path::new(folder))
            .and_then(|entry| self.repository.find_tree(entry.id()))
            .map_err(read(folder))
    }
}

fn read(what: &str) -> impl FnOnce(git2::Error) -> GitError {
    GitError::local(format!("read {what}"))
}

fn leave(code: &mut Code, path: String, why: &str) {
    code.left_out.push(LeftOut {
        path,
        why: why.to_owned(),
    });
}
