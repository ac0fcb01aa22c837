//! Logging in to git servers.

use std::fmt;
use std::path::PathBuf;

use git2::{Config, Cred, CredentialType, ErrorClass, ErrorCode};

/// What a repository's server may be told about who we are.
///
/// Where nothing is given, the ssh agent and git's credential helpers are asked.
#[derive(Clone, Default)]
pub struct Credentials {
    /// User name; the one in the URL, or `git`, when not given.
    pub username: Option<String>,
    /// Password or token, for https.
    pub token: Option<String>,
    /// Private key file, for ssh.
    pub ssh_key: Option<PathBuf>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .field("token", &self.token.as_ref().map(|_| "***"))
            .field("ssh_key", &self.ssh_key)
            .finish()
    }
}

/// A way to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Username,
    KeyFile,
    Agent,
    Token,
    Helper,
    Default,
}

/// Answers git's question for a login, each way once: git asks again as long as the server says no.
pub(super) struct Login<'a> {
    credentials: &'a Credentials,
    tried: Vec<Way>,
}

impl<'a> Login<'a> {
    pub(super) fn new(credentials: &'a Credentials) -> Self {
        Login {
            credentials,
            tried: Vec::new(),
        }
    }

    /// Returns the next way that the server allows and that we can go.
    pub(super) fn answer(
        &mut self,
        url: &str,
        user_in_url: Option<&str>,
        allowed: CredentialType,
    ) -> Result<Cred, git2::Error> {
        let username = self.credentials.username.as_deref().or(user_in_url);
        let ways = [
            (Way::Username, CredentialType::USERNAME),
            (Way::KeyFile, CredentialType::SSH_KEY),
            (Way::Agent, CredentialType::SSH_KEY),
            (Way::Token, CredentialType::USER_PASS_PLAINTEXT),
            (Way::Helper, CredentialType::USER_PASS_PLAINTEXT),
            (Way::Default, CredentialType::DEFAULT),
        ];
        for (way, needs) in ways {
            if !allowed.contains(needs) || self.tried.contains(&way) {
                continue;
            }
            self.tried.push(way);
            if let Some(cred) = self.go(way, url, username) {
                return Ok(cred);
            }
        }
        Err(git2::Error::new(
            ErrorCode::Auth,
            ErrorClass::Net,
            format!("no login worked (tried {})", self.tried_in_words()),
        ))
    }

    fn go(&self, way: Way, url: &str, username: Option<&str>) -> Option<Cred> {
        let name = username.unwrap_or("git");
        match way {
            Way::Username => Cred::username(name).ok(),
            Way::KeyFile => {
                let key = self.credentials.ssh_key.as_deref()?;
                Cred::ssh_key(name, None, key, None).ok()
            }
            Way::Agent => Cred::ssh_key_from_agent(name).ok(),
            Way::Token => Cred::userpass_plaintext(name, self.credentials.token.as_deref()?).ok(),
            Way::Helper => {
                let config = Config::open_default().ok()?;
                Cred::credential_helper(&config, url, username).ok()
            }
            Way::Default => Cred::default().ok(),
        }
    }

    fn tried_in_words(&self) -> String {
        let words: Vec<&str> = self
            .tried
            .iter()
            .filter_map(|way| match way {
                Way::Username => None,
                Way::KeyFile => self.credentials.ssh_key.as_ref().map(|_| "the key file"),
                Way::Agent => Some("the ssh agent"),
                Way::Token => self.credentials.token.as_ref().map(|_| "the token"),
                Way::Helper => Some("git's credential helpers"),
                Way::Default => Some("the system's own login"),
            })
            .collect();
        if words.is_empty() {
            "nothing the server would take".to_owned()
        } else {
            words.join(", ")
        }
    }
}

/// Returns a URL without the password some people write into it.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once('@') {
        Some((user, _)) if user.contains(':') => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:***{}", &rest[user.len()..])
        }
        _ => url.to_owned(),
    }
}

/// Returns the password inside a URL, where there is one.
pub(super) fn password_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.split('/').next()?.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_token(token: &str) -> Credentials {
        Credentials {
            username: None,
            token: Some(token.to_owned()),
            ssh_key: None,
        }
    }

    #[test]
    fn debug_never_shows_the_token() {
        let shown = format!("{:?}", of_token("s3cret"));
        assert!(shown.contains("***") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn a_refused_token_is_not_offered_twice() {
        let credentials = of_token("s3cret");
        let mut login = Login::new(&credentials);
        let ask = |login: &mut Login| {
            login.answer(
                "https://git.invalid/a.git",
                Some("me"),
                CredentialType::USER_PASS_PLAINTEXT,
            )
        };
        assert!(ask(&mut login).is_ok());
        let mut answers = (0..3).map(|_| ask(&mut login));
        assert!(answers.any(|answer| answer.is_err()));
        let error = ask(&mut login).err().map(|error| error.message().to_owned()).unwrap();
        assert!(
            error.contains("the token") && error.contains("credential helpers"),
            "{error}"
        );
    }

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        assert_eq!(
            without_password("https://me:s3@cret@host/a.git"),
            "https://me:***@host/a.git"
        );
        assert_eq!(password_of("https://me:s3@cret@host/a.git"), Some("s3@cret"));
        for url in [
            "https://me@host/a@b:c.git",
            "git@host:acme/a.git",
            "/srv/a.git",
            "https://host/a.git",
        ] {
            assert_eq!(without_password(url), url);
            assert_eq!(password_of(url), None);
        }
    }
}
