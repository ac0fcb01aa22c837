//! Merging further refs into a branch, as git-aggregator does, without a work tree.

use git2::{Commit, MergeOptions, Repository, Signature};

use super::{GitError, Mirror};

/// Keeps a merge of ours from being pruned or collected.
const OURS: &str = "refs/hopp/merge/";

impl Mirror {
    /// Merges commits into `base`, one after the other, and returns the resulting commit.
    ///
    /// `others` are pairs of a name, for messages, and the commit it stood for. The same input gives the same
    /// commit on every machine: author and time are taken from the commits. Fails with [`GitError::Conflict`]
    /// when people have to decide.
    pub fn merge(&self, base: &str, others: &[(String, String)]) -> Result<String, GitError> {
        let repository = self.repository()?;
        let mut current = self.commit(&repository, base)?;
        for (reference, commit) in others {
            let other = self.commit(&repository, commit)?;
            current = self.merge_one(&repository, current, reference, other)?;
        }
        let id = current.id();
        if !others.is_empty() {
            repository
                .reference(&format!("{OURS}{id}"), id, true, "merged by hopp")
                .map_err(GitError::local("keep a merge"))?;
        }
        Ok(id.to_string())
    }

    fn merge_one<'r>(
        &self,
        repository: &'r Repository,
        current: Commit<'r>,
        reference: &str,
        other: Commit<'r>,
    ) -> Result<Commit<'r>, GitError> {
        let failed = |error| GitError::local(format!("merge `{reference}` of {}", self.url))(error);
        let Ok(common) = repository.merge_base(current.id(), other.id()) else {
            return Err(GitError::Unrelated {
                reference: reference.to_owned(),
                base: current.id().to_string(),
            });
        };
        if common == other.id() {
            return Ok(current);
        }
        if common == current.id() {
            return Ok(other);
        }
        let mut index = repository
            .merge_commits(&current, &other, Some(&MergeOptions::new()))
            .map_err(failed)?;
        if index.has_conflicts() {
            return Err(GitError::Conflict {
                reference: reference.to_owned(),
                files: conflicting_files(&index).map_err(failed)?,
            });
        }
        let tree = index
            .write_tree_to(repository)
            .and_then(|id| repository.find_tree(id))
            .map_err(failed)?;
        let newest = current.time().max(other.time());
        let us = Signature::new("hopp", "hopp@localhost", &git2::Time::new(newest.seconds(), 0)).map_err(failed)?;
        let message = format!("Merge {reference} ({}) into {}\n", other.id(), current.id());
        repository
            .commit(None, &us, &us, &message, &tree, &[&current, &other])
            .and_then(|id| repository.find_commit(id))
            .map_err(failed)
    }
}

fn conflicting_files(index: &git2::Index) -> Result<Vec<String>, git2::Error> {
    let mut files = Vec::new();
    for conflict in index.conflicts()? {
        let conflict = conflict?;
        for side in [conflict.our, conflict.their, conflict.ancestor].into_iter().flatten() {
            files.push(String::from_utf8_lossy(&side.path).into_owned());
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}
