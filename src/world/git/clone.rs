//! A clone in which people go on with what hopp ported: hopp's branch is put there, and theirs is found there.

use std::path::Path;

use git2::{ErrorCode, Repository};

use super::worktree::{Start, Worktree};
use super::{GitError, Mirror};

/// Where a clone keeps what hopp itself last put on a branch.
const MADE: &str = "refs/hopp/made/";
/// Keeps commits of ours, and of people's clones, in a mirror.
const KEPT: &str = "refs/hopp/port/";

/// A branch of a clone that somebody worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkedOn {
    /// Its tip; the mirror has it now.
    pub commit: String,
    /// What hopp had put there, where it is known.
    pub made: Option<String>,
}

/// What became of a branch that was offered to a clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It is there, at the commit that was offered.
    There,
    /// It is there, and not checked out: this is in the way.
    Behind(String),
    /// Somebody worked on it, or has changes that are not committed: it was left alone.
    LeftAlone,
}

impl Mirror {
    /// Keeps a commit that no branch of the remote leads to from being collected.
    pub fn keep(&self, commit: &str) -> Result<(), GitError> {
        let repository = self.repository()?;
        let id = self.commit(&repository, commit)?.id();
        repository
            .reference(&format!("{KEPT}{id}"), id, true, "ported by hopp")
            .map(drop)
            .map_err(GitError::local("keep a port"))
    }

    /// Looks whether somebody worked on a branch of a clone, and fetches what they did: `None` where there is no clone, no
    /// such branch, or nothing on it but what hopp put there.
    pub fn worked_on(&self, clone: &Path, branch: &str) -> Result<Option<WorkedOn>, GitError> {
        let failed = || GitError::local(format!("read the clone {}", clone.display()));
        let theirs = match Repository::open(clone) {
            Ok(theirs) => theirs,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(failed()(error)),
        };
        let Some(tip) = tip(&theirs, &format!("refs/heads/{branch}")) else {
            return Ok(None);
        };
        let made = tip_of_made(&theirs, branch);
        if made.as_ref() == Some(&tip) {
            return Ok(None);
        }
        let from = clone.to_string_lossy().into_owned();
        let refspec = format!("+refs/heads/{branch}:{KEPT}{tip}");
        self.repository()?
            .remote_anonymous(&from)
            .and_then(|mut remote| remote.fetch(&[refspec], None, None))
            .map_err(failed())?;
        Ok(Some(WorkedOn { commit: tip, made }))
    }
}

impl Worktree {
    /// Puts a commit of the mirror, kept there, on a branch of this clone and checks it out; what somebody did there stays.
    pub fn offer(&self, mirror: &Mirror, branch: &str, commit: &str) -> Result<Offered, GitError> {
        let failed = GitError::local(format!("fetch into {}", self.root().display()));
        let from = mirror.path().to_string_lossy().into_owned();
        self.repository
            .remote_anonymous(&from)
            .and_then(|mut remote| remote.fetch(&[format!("+{KEPT}{commit}:refs/hopp/port/{branch}")], None, None))
            .map_err(failed)?;
        let old = tip(&self.repository, &format!("refs/heads/{branch}"));
        let same = match &old {
            Some(old) => self.tree(old)?.id() == self.tree(commit)?.id(),
            None => false,
        };
        if old.is_some() && !same && tip_of_made(&self.repository, branch) != old {
            return Ok(Offered::LeftAlone);
        }
        let here = self.branch().as_deref() == Some(branch);
        if same && here {
            return Ok(Offered::There);
        }
        if old.is_some() && here && !self.uncommitted(&[String::new()])?.is_empty() {
            return Ok(Offered::LeftAlone);
        }
        let commit = old.clone().filter(|_| same).unwrap_or_else(|| commit.to_owned());
        let start = Start {
            branch: branch.to_owned(),
            tip: old,
            base_name: branch.to_owned(),
            base: commit.clone(),
            source_name: branch.to_owned(),
            source: commit.clone(),
        };
        let in_the_way = self.land(&start, &commit)?;
        self.made(branch, &commit)?;
        Ok(in_the_way.map_or(Offered::There, Offered::Behind))
    }

    /// Remembers that a branch stands where hopp put it.
    pub fn made(&self, branch: &str, commit: &str) -> Result<(), GitError> {
        let id = self.find(commit)?.id();
        self.repository
            .reference(&format!("{MADE}{branch}"), id, true, "hopp port")
            .map(drop)
            .map_err(GitError::local(format!("remember what became of `{branch}`")))
    }

    /// Says whether a branch stands where hopp put it, or is not there.
    pub fn is_untouched(&self, branch: &str) -> bool {
        let tip = tip(&self.repository, &format!("refs/heads/{branch}"));
        tip.is_none() || tip == tip_of_made(&self.repository, branch)
    }
}

fn tip_of_made(repository: &Repository, branch: &str) -> Option<String> {
    tip(repository, &format!("{MADE}{branch}"))
}

fn tip(repository: &Repository, name: &str) -> Option<String> {
    let reference = repository.find_reference(name).ok()?;
    reference.peel_to_commit().ok().map(|commit| commit.id().to_string())
}
