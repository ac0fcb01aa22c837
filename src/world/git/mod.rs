//! Code from git.
//!
//! A [`Mirrors`] folder holds one bare [`Mirror`] per address, shared by all customers: fetched over the network,
//! then resolved, merged, read and checked out without it. Everything here blocks.
//!
//! The remote's refs live under `refs/upstream/`, so that pruning never touches the merges we keep under `refs/hopp/`.

mod ask;
mod beside;
mod checkout;
mod credentials;
mod error;
mod fetch;
mod merge;
mod mirror;
mod symlink;
mod tree;

pub use ask::{RemoteRefs, ask, find};
pub use credentials::Credentials;
pub use error::GitError;
pub use fetch::Mirrors;
pub use mirror::Mirror;
