//! Giving a branch to others, never with force.

use std::cell::RefCell;

use git2::{ProxyOptions, PushOptions, RemoteCallbacks};

use super::GitError;
use super::credentials::{Credentials, Login, password_of, without_password};
use super::worktree::Worktree;

impl Worktree {
    /// Pushes a branch to a remote: a name that git knows here, or an address. Blocks.
    ///
    /// A branch that went another way there is left as it is, and that is an error.
    pub fn push(&self, remote: &str, branch: &str, credentials: &Credentials) -> Result<(), GitError> {
        let known = self.repository.find_remote(remote);
        let mut remote = match known {
            Ok(remote) => remote,
            Err(_) => {
                (self.repository.remote_anonymous(remote)).map_err(GitError::local(format!("push to {remote}")))?
            }
        };
        let url = remote
            .pushurl()
            .ok()
            .flatten()
            .or(remote.url().ok())
            .unwrap_or_default()
            .to_owned();
        let shown = without_password(&url);
        let secrets: Vec<&str> = [credentials.token.as_deref(), password_of(&url)]
            .into_iter()
            .flatten()
            .collect();
        let login = RefCell::new(Login::new(credentials));
        let refused = RefCell::new(None);
        let mut callbacks = RemoteCallbacks::new();
        callbacks.credentials(|url, user, allowed| login.borrow_mut().answer(url, user, allowed));
        callbacks.push_update_reference(|_, status| {
            *refused.borrow_mut() = status.map(str::to_owned);
            Ok(())
        });
        let mut proxy = ProxyOptions::new();
        proxy.auto();
        let mut options = PushOptions::new();
        options.remote_callbacks(callbacks).proxy_options(proxy);
        let refspec = format!("refs/heads/{branch}:refs/heads/{branch}");
        let pushed = remote.push(&[refspec], Some(&mut options));
        drop(options);
        let rejected = |message: String| GitError::Rejected {
            branch: branch.to_owned(),
            url: shown.clone(),
            message,
        };
        match pushed {
            Ok(()) => refused.into_inner().map_or(Ok(()), |message| Err(rejected(message))),
            Err(error) if error.code() == git2::ErrorCode::NotFastForward => Err(rejected(error.message().to_owned())),
            Err(error) => Err(match GitError::remote(&error, &shown, &secrets) {
                GitError::Git { message, .. } => GitError::Git {
                    action: format!("push to {shown}"),
                    message,
                },
                other => other,
            }),
        }
    }
}
