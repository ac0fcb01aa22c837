//! Asking a remote what it has, without fetching anything.

use std::cell::RefCell;
use std::collections::BTreeMap;

use git2::{Direction, ProxyOptions, Remote, RemoteCallbacks};

use super::GitError;
use super::credentials::{Credentials, Login, password_of, without_password};

/// The refs of a remote: full name (`refs/heads/19.0`) and the commit or tag it stands for.
pub type RemoteRefs = BTreeMap<String, String>;

/// Asks a remote for its refs. Blocks, for as long as the remote likes.
pub fn ask(url: &str, credentials: &Credentials) -> Result<RemoteRefs, GitError> {
    let shown = without_password(url);
    let secrets: Vec<&str> = [credentials.token.as_deref(), password_of(url)]
        .into_iter()
        .flatten()
        .collect();
    let told = |error: git2::Error| GitError::remote(&error, &shown, &secrets);
    let mut remote = Remote::create_detached(url).map_err(told)?;
    let login = RefCell::new(Login::new(credentials));
    let mut callbacks = RemoteCallbacks::new();
    callbacks.credentials(move |url, user, allowed| login.borrow_mut().answer(url, user, allowed));
    let mut proxy = ProxyOptions::new();
    proxy.auto();
    let connection = remote
        .connect_auth(Direction::Fetch, Some(callbacks), Some(proxy))
        .map_err(told)?;
    let heads = connection.list().map_err(told)?;
    Ok(heads
        .iter()
        .map(|head| (head.name().to_owned(), head.oid().to_string()))
        .collect())
}

/// Returns what a branch, tag or full ref stands for at a remote.
pub fn find<'a>(refs: &'a RemoteRefs, reference: &str) -> Option<&'a str> {
    let names = if reference.starts_with("refs/") {
        vec![reference.to_owned()]
    } else {
        ["heads", "tags"]
            .map(|kind| format!("refs/{kind}/{reference}"))
            .to_vec()
    };
    names.iter().find_map(|name| refs.get(name)).map(String::as_str)
}
