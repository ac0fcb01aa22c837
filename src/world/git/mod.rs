//! Code from git.
//!
//! A [`Mirrors`] folder holds one bare [`Mirror`] per address, shared by all customers: fetched over the network,
//! then resolved, merged, read and checked out without it. Everything here blocks.
//!
//! A [`Worktree`] is the other kind of repository: one that somebody works in. A branch is added to it, and that is all.
//!
//! The remote's refs live under `refs/upstream/`, so that pruning never touches the merges we keep under `refs/hopp/`.

mod ask;
mod beside;
mod checkout;
mod clone;
mod code;
mod credentials;
mod error;
mod fetch;
mod history;
mod merge;
mod mirror;
mod push;
mod symlink;
mod tree;
mod worktree;

pub use ask::{RemoteRefs, ask, find};
pub use clone::{Offered, WorkedOn};
pub use credentials::Credentials;
pub use error::GitError;
pub use fetch::Mirrors;
pub use history::{Change, Committed, Committer};
pub use mirror::Mirror;
pub use worktree::{Start, Worktree};

use mirror::UPSTREAM;
