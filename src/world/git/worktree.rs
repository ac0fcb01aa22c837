//! A repository that somebody works in: its commits are read, a branch is added, and nothing of it is overwritten.

use std::path::{Path, PathBuf};

use git2::build::CheckoutBuilder;
use git2::{Commit, ErrorCode, Oid, Repository, StatusOptions, Tree};

use super::{GitError, Mirror, UPSTREAM};

/// A repository with a work tree; or a mirror, where commits are added and nothing else.
pub struct Worktree {
    pub(super) repository: Repository,
    root: PathBuf,
}

/// Where a branch begins, and where what it lacks comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The branch that is to be.
    pub branch: String,
    /// Its tip, when it is there already.
    pub tip: Option<String>,
    /// The name of what the branch builds on.
    pub base_name: String,
    /// The commit that the branch builds on: its own tip, the target's, or the source's.
    pub base: String,
    /// The name of the branch that modules come from.
    pub source_name: String,
    /// The commit that modules come from.
    pub source: String,
}

impl Worktree {
    /// Finds the repository around a path. A bare one is none.
    pub fn around(path: &Path) -> Result<Option<Worktree>, GitError> {
        let failed = GitError::local(format!("open the repository around {}", path.display()));
        let repository = match Repository::discover(path) {
            Ok(repository) => repository,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let Some(root) = repository.workdir().map(Path::to_owned) else {
            return Ok(None);
        };
        let root = fs_err::canonicalize(root).map_err(GitError::io("find the work tree"))?;
        Ok(Some(Worktree { repository, root }))
    }

    /// Makes a clone of a mirror in a folder, or brings it up to date. Its remote `origin` is the mirror's own address;
    /// branches that somebody works on there are left alone.
    pub fn clone_of(mirror: &Mirror, folder: &Path) -> Result<Worktree, GitError> {
        let failed = |what: &str| GitError::local(format!("{what} {}", folder.display()));
        fs_err::create_dir_all(folder).map_err(GitError::io(format!("create {}", folder.display())))?;
        let repository = match Repository::open(folder) {
            Ok(repository) => repository,
            Err(_) => Repository::init(folder).map_err(failed("create a clone in"))?,
        };
        if repository.find_remote("origin").is_err() {
            repository
                .remote("origin", mirror.url())
                .map_err(failed("name the remote of"))?;
        }
        let refspec = format!("+{UPSTREAM}heads/*:refs/remotes/origin/*");
        let from = mirror.path().to_string_lossy().into_owned();
        repository
            .remote_anonymous(&from)
            .and_then(|mut remote| remote.fetch(&[refspec], None, None))
            .map_err(failed("fetch into"))?;
        let root = fs_err::canonicalize(folder).map_err(GitError::io("find the clone"))?;
        Ok(Worktree { repository, root })
    }

    /// Opens a mirror to read its commits and to add others on top. `name` is what the repository is called as a module,
    /// when it is one.
    pub fn in_mirror(mirror: &Mirror, name: &str) -> Result<Worktree, GitError> {
        Ok(Worktree {
            repository: mirror.repository()?,
            root: mirror.path().join(name),
        })
    }

    /// Returns the folder of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the name of the branch that is checked out.
    pub fn branch(&self) -> Option<String> {
        let head = self.repository.head().ok()?;
        head.is_branch()
            .then(|| head.shorthand().ok().map(str::to_owned))
            .flatten()
    }

    /// Lists files that are not as the last commit has them. Of files that git does not know only those count that lie
    /// in one of these folders.
    pub fn uncommitted(&self, folders: &[String]) -> Result<Vec<String>, GitError> {
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .exclude_submodules(true);
        let failed = GitError::local(format!("look for changes in {}", self.root.display()));
        let statuses = self.repository.statuses(Some(&mut options)).map_err(failed)?;
        let within = |path: &str| folders.iter().any(|folder| is_within(path, folder));
        let counts = |status: &git2::StatusEntry<'_>| {
            let path = String::from_utf8_lossy(status.path_bytes()).into_owned();
            (status.status() != git2::Status::WT_NEW || within(&path)).then_some(path)
        };
        Ok(statuses.iter().filter_map(|status| counts(&status)).collect())
    }

    /// Decides where a branch begins.
    ///
    /// A branch that is there goes on from its tip. Else it begins at the first of `targets` that is a branch here or at
    /// the remote `origin`, and without one at the source: `source` (a name and a commit), or what is checked out.
    pub fn start(&self, branch: &str, source: Option<(String, String)>, targets: &[String]) -> Result<Start, GitError> {
        let (source_name, source) = if let Some(source) = source {
            source
        } else {
            let head = self.repository.head().and_then(|head| head.peel_to_commit());
            let head = head.map_err(|_| GitError::NoCommit {
                path: self.root.clone(),
            })?;
            let name = self.branch().unwrap_or_else(|| short(head.id()));
            (name, head.id().to_string())
        };
        let find = |name: &str| {
            let reference = self.repository.find_reference(name).ok()?;
            reference.peel_to_commit().ok().map(|commit| commit.id().to_string())
        };
        let tip = find(&format!("refs/heads/{branch}"));
        let target = targets
            .iter()
            .filter(|target| **target != source_name)
            .find_map(|target| {
                let places = ["refs/heads", "refs/remotes/origin", "refs/remotes/upstream"];
                let commit = places.iter().find_map(|place| find(&format!("{place}/{target}")))?;
                Some((target.clone(), commit))
            });
        let (base_name, base) = match (&tip, target) {
            (Some(tip), _) => (branch.to_owned(), tip.clone()),
            (None, Some(target)) => target,
            (None, None) => (source_name.clone(), source.clone()),
        };
        Ok(Start {
            branch: branch.to_owned(),
            tip,
            base_name,
            base,
            source_name,
            source,
        })
    }

    /// Makes a branch stand at a commit that descends from where it began, and checks it out.
    ///
    /// Nothing in the work tree is overwritten: where a file stands in the way, the branch is made and the reason why it
    /// is not checked out is returned.
    pub fn land(&self, start: &Start, tip: &str) -> Result<Option<String>, GitError> {
        let failed = |what: &str| GitError::local(format!("{what} `{}`", start.branch));
        let commit = self.find(tip)?;
        let mut safe = CheckoutBuilder::new();
        safe.safe();
        let written = self.repository.checkout_tree(commit.as_object(), Some(&mut safe));
        let in_the_way = match written {
            Ok(()) => None,
            Err(error) if self.branch().as_ref() == Some(&start.branch) => return Err(failed("check out")(error)),
            Err(error) => Some(error.message().to_owned()),
        };
        let name = format!("refs/heads/{}", start.branch);
        match &start.tip {
            Some(old) => {
                let old = self.find(old)?.id();
                self.repository
                    .reference_matching(&name, commit.id(), true, old, "hopp port")
            }
            None => self.repository.reference(&name, commit.id(), false, "hopp port"),
        }
        .map_err(failed("make the branch"))?;
        if in_the_way.is_none() {
            self.repository.set_head(&name).map_err(failed("check out"))?;
        }
        Ok(in_the_way)
    }

    pub(super) fn find(&self, id: &str) -> Result<Commit<'_>, GitError> {
        Oid::from_str(id)
            .and_then(|id| self.repository.find_commit(id))
            .map_err(GitError::local(format!("find the commit {id}")))
    }

    pub(super) fn tree(&self, commit: &str) -> Result<Tree<'_>, GitError> {
        self.find(commit)?
            .tree()
            .map_err(GitError::local(format!("read {commit}")))
    }
}

/// Says whether a path lies in a folder; every path lies in the folder without a name.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn short(id: Oid) -> String {
    let mut text = id.to_string();
    text.truncate(10);
    text
}
