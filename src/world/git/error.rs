//! What can go wrong with git, told so that a person can do something about it.

use std::io;
use std::path::PathBuf;

use git2::{ErrorClass, ErrorCode};

/// Something git could not do. No message ever holds a token or a password.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// A branch, tag or commit that the repository does not have.
    #[error("`{reference}` is not a branch, tag or commit of {url}")]
    NoSuchRef {
        /// The name as it was asked for.
        reference: String,
        /// The repository.
        url: String,
        /// Names that exist and look alike, the likeliest first.
        near: Vec<String>,
    },
    /// A pinned commit that the repository has not any more.
    #[error("{url} does not have the commit {commit} any more, which `{reference}` is pinned to: {now}")]
    PinGone {
        /// The branch, tag or commit as the plan writes it.
        reference: String,
        /// The commit.
        commit: String,
        /// The repository.
        url: String,
        /// What the name stands for now.
        now: String,
    },
    /// A folder that the repository does not have at a commit.
    #[error("{url} has no folder `{folder}` at {commit}")]
    NoSuchFolder {
        /// The folder.
        folder: PathBuf,
        /// The commit.
        commit: String,
        /// The repository.
        url: String,
    },
    /// A merge that people have to do.
    #[error("merging `{reference}` conflicts in {}", files.join(", "))]
    Conflict {
        /// What was to be merged.
        reference: String,
        /// Files both sides changed, sorted.
        files: Vec<String>,
    },
    /// A merge of two histories that never met.
    #[error("`{reference}` shares no history with {base}")]
    Unrelated {
        /// What was to be merged.
        reference: String,
        /// The commit it was to be merged into.
        base: String,
    },
    /// A repository inside the repository; hopp does not follow those.
    #[error("`{path}` of {url} is a submodule: name its repository in the plan instead")]
    Submodule {
        /// Where the submodule is.
        path: String,
        /// The repository that holds it.
        url: String,
    },
    /// A path that must not be written to this machine.
    #[error("`{path}` of {url} is not checked out: {reason}")]
    UnsafePath {
        /// The path inside the repository.
        path: String,
        /// The repository.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server wants a login, or another one.
    #[error("{url} refuses the login: {message}")]
    Auth {
        /// The repository.
        url: String,
        /// git's own words.
        message: String,
    },
    /// The server's certificate or host key is not trusted.
    #[error("the certificate or host key of {url} is not trusted: {message}")]
    Certificate {
        /// The repository.
        url: String,
        /// git's own words.
        message: String,
    },
    /// The server cannot be reached.
    #[error("{url} cannot be reached: {message}")]
    Network {
        /// The repository.
        url: String,
        /// git's own words.
        message: String,
    },
    /// There is no repository at this address, or none that the login may see.
    #[error("there is no repository at {url}, or the login may not see it")]
    NotFound {
        /// The repository.
        url: String,
    },
    /// A repository without any commit.
    #[error("{} has no commit yet", path.display())]
    NoCommit {
        /// Its work tree.
        path: PathBuf,
    },
    /// git does not know who commits.
    #[error("git does not know who commits in {}", path.display())]
    NoIdentity {
        /// Its work tree.
        path: PathBuf,
    },
    /// A branch that the remote does not take.
    #[error("{url} does not take the branch `{branch}`: {message}")]
    Rejected {
        /// The branch.
        branch: String,
        /// The remote.
        url: String,
        /// Its own words.
        message: String,
    },
    /// Stopped on request.
    #[error("fetching {url} was cancelled")]
    Cancelled {
        /// The repository.
        url: String,
    },
    /// The file system refused.
    #[error("failed to {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Anything else git says.
    #[error("git failed to {action}: {message}")]
    Git {
        /// What was tried.
        action: String,
        /// git's own words.
        message: String,
    },
}

impl GitError {
    /// Returns what a person can do about it, where there is something general to say.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            GitError::NoSuchRef { .. } => Some("check the plan's `branches`, or push the branch that is missing"),
            GitError::PinGone { .. } => Some(
                "was the branch rewritten or deleted on purpose? then `hopp update PLAN` moves the pin; else push the commit again",
            ),
            GitError::Conflict { .. } => Some("rebase what is merged, or leave it out of the plan's `merge`"),
            GitError::Auth { .. } => Some("give the repository `auth`, or load its key into the ssh agent"),
            GitError::Certificate { .. } => {
                Some("point SSL_CERT_FILE at a bundle with the server's authority, or add the host to known_hosts")
            }
            GitError::Network { .. } => Some("check the network, the proxy settings and the host name"),
            GitError::NotFound { .. } => Some("check the address; private repositories need `auth`"),
            GitError::Submodule { .. } => Some("add the submodule's repository to the plan's `repositories`"),
            GitError::NoCommit { .. } => Some("commit what is there, or use `--no-commit`"),
            GitError::NoIdentity { .. } => Some("`git config user.name …` and `git config user.email …`"),
            GitError::Rejected { .. } => {
                Some("nothing is pushed with force: merge or rename the branch there, then push again")
            }
            _ => None,
        }
    }

    /// Says whether waiting may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, GitError::Network { .. })
    }

    /// Wraps an error of the file system.
    pub(super) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> GitError {
        let action = action.into();
        move |source| GitError::Io { action, source }
    }

    /// Wraps an error of git while it works on local data.
    pub(super) fn local(action: impl Into<String>) -> impl FnOnce(git2::Error) -> GitError {
        let action = action.into();
        move |error| GitError::Git {
            action,
            message: error.message().to_owned(),
        }
    }

    /// Sorts an error of a fetch by what a person can do about it. `url` is shown, so it holds no password.
    pub(super) fn remote(error: &git2::Error, url: &str, secrets: &[&str]) -> GitError {
        let url = url.to_owned();
        let mut message = error.message().to_owned();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            message = message.replace(secret, "***");
        }
        let says = |words: &[&str]| words.iter().any(|word| message.to_lowercase().contains(word));
        match (error.code(), error.class()) {
            // What git takes for no protocol is a path that leads to nothing.
            _ if message == "unsupported URL protocol" && !url.contains("://") => GitError::NotFound { url },
            (_, ErrorClass::Os) if says(&["failed to resolve path"]) => GitError::NotFound { url },
            (ErrorCode::User, _) => GitError::Cancelled { url },
            (ErrorCode::Auth, _) => GitError::Auth { url, message },
            (ErrorCode::Certificate, _) | (_, ErrorClass::Ssl) => GitError::Certificate { url, message },
            (_, ErrorClass::Http) if says(&["status code: 404", "not found"]) => GitError::NotFound { url },
            (_, ErrorClass::Http) if says(&["401", "403", "authentication"]) => GitError::Auth { url, message },
            (_, ErrorClass::Ssh) if says(&["authenticat", "publickey", "credential"]) => {
                GitError::Auth { url, message }
            }
            (ErrorCode::NotFound, ErrorClass::Net | ErrorClass::Os | ErrorClass::Repository) => {
                GitError::NotFound { url }
            }
            (ErrorCode::Eof | ErrorCode::Timeout, _) | (_, ErrorClass::Net | ErrorClass::Http | ErrorClass::Ssh) => {
                GitError::Network { url, message }
            }
            (_, ErrorClass::Os) if says(&["failed to connect", "socket", "ssl"]) => GitError::Network { url, message },
            _ => GitError::Git {
                action: format!("fetch {url}"),
                message,
            },
        }
    }
}
