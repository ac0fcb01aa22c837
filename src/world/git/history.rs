//! Commits added on top of others, without touching any file: modules brought over with their history, then changes.

use git2::build::TreeUpdateBuilder;
use git2::{Commit, FileMode, ObjectType, Oid, Signature, Sort, Time, Tree};

use super::GitError;
use super::worktree::{Start, Worktree};

/// A change to be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The message: a subject and, after an empty line, why.
    pub message: String,
    /// Files by their path in the repository: what they hold from now on, or nothing when they go.
    pub files: Vec<(String, Option<Vec<u8>>)>,
}

/// What was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The last commit.
    pub tip: String,
    /// How many commits were brought over.
    pub brought: usize,
    /// How many were added for changes.
    pub added: usize,
}

/// Who commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committer {
    /// Whom git knows as the user here, now.
    User,
    /// hopp, at the time of what it builds on: the same input gives the same commits on every machine.
    Hopp,
}

impl Worktree {
    /// Brings folders over from the source with the commits that made them, then commits changes, a commit each.
    ///
    /// Authors, dates and messages of what is brought over stay. No branch is moved and no file is written.
    pub fn commit(
        &self,
        start: &Start,
        folders: &[String],
        changes: &[Change],
        committer: Committer,
    ) -> Result<Committed, GitError> {
        let us = match committer {
            Committer::User => self.repository.signature().map_err(|_| GitError::NoIdentity {
                path: self.root().to_owned(),
            })?,
            Committer::Hopp => {
                let newest = self.find(&start.base)?.time().max(self.find(&start.source)?.time());
                Signature::new("hopp", "hopp@localhost", &Time::new(newest.seconds(), 0)).map_err(write("commit"))?
            }
        };
        let mut tip = self.find(&start.base)?;
        let mut brought = 0;
        for folder in folders {
            let (next, count) = self.bring(start, folder, tip, &us)?;
            tip = next;
            brought += count;
        }
        let mut added = 0;
        for change in changes {
            let tree = self.changed(&tip.tree().map_err(write("commit"))?, change)?;
            if tree != tip.tree_id() {
                tip = self.add(&tip, tree, &us, &us, &change.message)?;
                added += 1;
            }
        }
        Ok(Committed {
            tip: tip.id().to_string(),
            brought,
            added,
        })
    }

    /// Replays what the source did to a folder and the base does not have.
    fn bring<'r>(
        &'r self,
        start: &Start,
        folder: &str,
        onto: Commit<'r>,
        us: &Signature<'_>,
    ) -> Result<(Commit<'r>, usize), GitError> {
        let failed = |error| write(folder)(error);
        let source = self.find(&start.source)?;
        let last = Self::folder_of(&source, folder)?;
        let mut walk = self.repository.revwalk().map_err(failed)?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).map_err(failed)?;
        walk.push(source.id()).map_err(failed)?;
        walk.hide(onto.id()).map_err(failed)?;
        let (mut tip, mut now, mut count) = (onto, None, 0);
        for id in walk {
            let commit = self.repository.find_commit(id.map_err(failed)?).map_err(failed)?;
            // A merge brings nothing of its own: what it merged was replayed.
            if commit.parent_count() > 1 {
                continue;
            }
            let after = Self::folder_of(&commit, folder)?;
            let before = match commit.parent(0) {
                Ok(parent) => Self::folder_of(&parent, folder)?,
                Err(_) => None,
            };
            if after == before {
                continue;
            }
            let next = self.merged(before, now, after)?;
            if next == now {
                continue;
            }
            let tree = self.with_folder(&tip, folder, next)?;
            let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
            tip = self.add(&tip, tree, &commit.author(), us, &message)?;
            (now, count) = (next, count + 1);
        }
        // The base may have had the commits and lost the folder; merges may have settled what replaying could not.
        if now != last {
            let tree = self.with_folder(&tip, folder, last)?;
            let message = format!("[MIG] {folder}: as it is in {}\n", start.source_name);
            tip = self.add(&tip, tree, us, us, &message)?;
            count += 1;
        }
        Ok((tip, count))
    }

    /// Applies to a folder what happened between two states of it. Where that is not possible, the later state counts.
    fn merged(&self, before: Option<Oid>, now: Option<Oid>, after: Option<Oid>) -> Result<Option<Oid>, GitError> {
        let (Some(old), Some(ours), Some(theirs)) = (before, now, after) else {
            return Ok(after);
        };
        if old == ours {
            return Ok(after);
        }
        let tree = |id| self.repository.find_tree(id).map_err(write("merge"));
        let mut index = (self.repository)
            .merge_trees(&tree(old)?, &tree(ours)?, &tree(theirs)?, None)
            .map_err(write("merge"))?;
        if index.has_conflicts() {
            return Ok(after);
        }
        index.write_tree_to(&self.repository).map(Some).map_err(write("merge"))
    }

    fn folder_of(commit: &Commit<'_>, folder: &str) -> Result<Option<Oid>, GitError> {
        let tree = commit.tree().map_err(write(folder))?;
        if folder.is_empty() {
            return Ok(Some(tree.id()));
        }
        let entry = tree.get_path(folder.as_ref()).ok();
        Ok(entry
            .filter(|entry| entry.kind() == Some(ObjectType::Tree))
            .map(|entry| entry.id()))
    }

    /// Returns the tree of a commit with another folder in it.
    fn with_folder(&self, commit: &Commit<'_>, folder: &str, content: Option<Oid>) -> Result<Oid, GitError> {
        let tree = commit.tree().map_err(write(folder))?;
        let mut update = TreeUpdateBuilder::new();
        match content {
            Some(id) if folder.is_empty() => return Ok(id),
            Some(id) => update.upsert(folder, id, FileMode::Tree),
            None => update.remove(folder),
        };
        update.create_updated(&self.repository, &tree).map_err(write(folder))
    }

    fn changed(&self, tree: &Tree<'_>, change: &Change) -> Result<Oid, GitError> {
        let mut update = TreeUpdateBuilder::new();
        for (path, content) in &change.files {
            let entry = tree.get_path(path.as_ref()).ok();
            match content {
                None if entry.is_none() => {}
                None => drop(update.remove(path.as_str())),
                Some(bytes) => {
                    let mode = match entry.map(|entry| entry.filemode()) {
                        Some(0o100_755) => FileMode::BlobExecutable,
                        _ => FileMode::Blob,
                    };
                    let blob = self.repository.blob(bytes).map_err(write(path))?;
                    update.upsert(path.as_str(), blob, mode);
                }
            }
        }
        update.create_updated(&self.repository, tree).map_err(write("commit"))
    }

    fn add(
        &self,
        parent: &Commit<'_>,
        tree: Oid,
        author: &Signature<'_>,
        committer: &Signature<'_>,
        message: &str,
    ) -> Result<Commit<'_>, GitError> {
        let tree = self.repository.find_tree(tree).map_err(write("commit"))?;
        self.repository
            .commit(None, author, committer, message, &tree, &[parent])
            .and_then(|id| self.repository.find_commit(id))
            .map_err(write("commit"))
    }
}

fn write(what: &str) -> impl FnOnce(git2::Error) -> GitError {
    GitError::local(format!("bring over {what}"))
}
