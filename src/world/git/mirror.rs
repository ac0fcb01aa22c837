//! One mirror: names to commits, and what lies between commits.

use std::path::{Path, PathBuf};

use git2::{Commit, ErrorCode, ObjectType, Oid, Repository};

use super::GitError;

/// Where the remote's refs live in a mirror.
pub(super) const UPSTREAM: &str = "refs/upstream/";
/// How alike two names must be to be offered for one another, from 0 to 1.
const ALIKE: f64 = 0.75;
/// How many names are offered.
const OFFERED: usize = 5;

/// A bare copy of a repository. Reading it needs no network.
#[derive(Clone, Debug)]
pub struct Mirror {
    path: PathBuf,
    /// The address as it may be shown.
    pub(super) url: String,
}

impl Mirror {
    pub(super) fn new(path: PathBuf, url: String) -> Self {
        Mirror { path, url }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the address, without a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Finds the commit (40 hexadecimal digits) that a name stands for.
    ///
    /// The name is a branch, a tag (also an annotated one), a full ref such as `refs/pull/3000/head`, or a commit's
    /// id, at least seven digits of it; looked for in this order. Fails with [`GitError::NoSuchRef`].
    pub fn resolve(&self, reference: &str) -> Result<String, GitError> {
        let repository = self.repository()?;
        let full = reference.strip_prefix("refs/");
        let names = match full {
            Some(rest) => vec![format!("{UPSTREAM}{rest}")],
            None => ["heads", "tags"]
                .map(|kind| format!("{UPSTREAM}{kind}/{reference}"))
                .to_vec(),
        };
        for name in names {
            match repository
                .find_reference(&name)
                .and_then(|found| found.peel_to_commit())
            {
                Ok(commit) => return Ok(commit.id().to_string()),
                Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => {}
                Err(error) => return Err(GitError::local(format!("resolve `{reference}` of {}", self.url))(error)),
            }
        }
        let is_id = (7..=40).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id && let Ok(commit) = repository.find_commit_by_prefix(reference) {
            return Ok(commit.id().to_string());
        }
        Err(GitError::NoSuchRef {
            reference: reference.to_owned(),
            url: self.url.clone(),
            near: self.names_like(&repository, reference)?,
        })
    }

    /// Tells whether the mirror holds a commit (40 hexadecimal digits).
    pub fn has_commit(&self, commit: &str) -> bool {
        self.repository()
            .is_ok_and(|repository| self.commit(&repository, commit).is_ok())
    }

    /// Counts the commits that `new` has and `old` has not.
    pub fn commits_between(&self, old: &str, new: &str) -> Result<usize, GitError> {
        let repository = self.repository()?;
        let (old, new) = (self.commit(&repository, old)?, self.commit(&repository, new)?);
        let (ahead, _) = repository
            .graph_ahead_behind(new.id(), old.id())
            .map_err(GitError::local(format!("compare commits of {}", self.url)))?;
        Ok(ahead)
    }

    /// Returns git's id of the tree of a commit, or of one folder of it: equal ids hold equal files.
    pub fn tree_id(&self, commit: &str, folder: Option<&Path>) -> Result<String, GitError> {
        let repository = self.repository()?;
        Ok(self.tree(&repository, commit, folder)?.id().to_string())
    }

    /// Reads every ref once. Fails when the mirror is damaged.
    pub(super) fn check(&self) -> Result<(), GitError> {
        let damaged = |error| GitError::local(format!("read the mirror of {}", self.url))(error);
        let repository = self.repository()?;
        let database = repository.odb().map_err(damaged)?;
        for reference in repository.references().map_err(damaged)? {
            let target = reference.map_err(damaged)?.target();
            if let Some(id) = target.filter(|id| !database.exists(*id)) {
                return Err(GitError::Git {
                    action: format!("read the mirror of {}", self.url),
                    message: format!("object {id} is missing"),
                });
            }
        }
        Ok(())
    }

    pub(super) fn repository(&self) -> Result<Repository, GitError> {
        Repository::open_bare(&self.path).map_err(GitError::local(format!("open the mirror of {}", self.url)))
    }

    /// Finds a commit by its full id.
    pub(super) fn commit<'r>(&self, repository: &'r Repository, commit: &str) -> Result<Commit<'r>, GitError> {
        Oid::from_str(commit)
            .and_then(|id| repository.find_commit(id))
            .map_err(|_| GitError::NoSuchRef {
                reference: commit.to_owned(),
                url: self.url.clone(),
                near: Vec::new(),
            })
    }

    /// Finds the tree of a commit, or of a folder in it.
    pub(super) fn tree<'r>(
        &self,
        repository: &'r Repository,
        commit: &str,
        folder: Option<&Path>,
    ) -> Result<git2::Tree<'r>, GitError> {
        let root = self
            .commit(repository, commit)?
            .tree()
            .map_err(GitError::local(format!("read {commit}")))?;
        let Some(folder) = folder.filter(|folder| folder.components().any(|part| part.as_os_str() != ".")) else {
            return Ok(root);
        };
        let folder: PathBuf = folder.components().filter(|part| part.as_os_str() != ".").collect();
        root.get_path(&folder)
            .and_then(|entry| entry.to_object(repository))
            .and_then(|object| object.peel(ObjectType::Tree))
            .and_then(|object| repository.find_tree(object.id()))
            .map_err(|_| GitError::NoSuchFolder {
                folder,
                commit: commit.to_owned(),
                url: self.url.clone(),
            })
    }

    /// Returns branches and tags whose names look like `wanted`, the likeliest first.
    fn names_like(&self, repository: &Repository, wanted: &str) -> Result<Vec<String>, GitError> {
        let cannot = |error| GitError::local(format!("list the branches of {}", self.url))(error);
        let mut names = Vec::new();
        for reference in repository
            .references_glob(&format!("{UPSTREAM}*"))
            .map_err(cannot)?
            .flatten()
        {
            let name = reference.name().unwrap_or_default();
            let short = ["heads/", "tags/"]
                .iter()
                .find_map(|kind| name.strip_prefix(UPSTREAM)?.strip_prefix(kind));
            if let Some(short) = short {
                let likeness = strsim::jaro_winkler(&short.to_lowercase(), &wanted.to_lowercase());
                names.push((likeness, short.to_owned()));
            }
        }
        names.retain(|(likeness, _)| *likeness >= ALIKE);
        names.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
        names.dedup_by(|(_, x), (_, y)| x == y);
        Ok(names.into_iter().take(OFFERED).map(|(_, name)| name).collect())
    }
}
