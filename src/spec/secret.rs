//! Looking up secrets that a plan names.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::plan_file::Secret;

/// Where secrets are looked up: the environment, as it was when hopp started, and files.
#[derive(Clone, Default)]
pub struct Secrets {
    variables: BTreeMap<String, String>,
}

/// A secret that is not where the plan says.
#[derive(Debug, thiserror::Error)]
pub enum NoSecret {
    /// The variable is not set.
    #[error("the environment variable `{name}`, which the plan names for a secret, is not set")]
    Variable {
        /// Its name.
        name: String,
    },
    /// The file cannot be read.
    #[error("the file `{path}`, which the plan names for a secret, cannot be read: {source}")]
    File {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Secrets {
    /// Keeps the environment for look-ups.
    pub fn new(variables: BTreeMap<String, String>) -> Secrets {
        Secrets { variables }
    }

    /// Returns a secret. Paths resolve from the plan's folder; a trailing line break is not part of it.
    pub fn get(&self, secret: &Secret, folder: &Path) -> Result<String, NoSecret> {
        match secret {
            Secret::Env(name) => self
                .variables
                .get(name)
                .cloned()
                .ok_or_else(|| NoSecret::Variable { name: name.clone() }),
            Secret::File(path) => {
                let path = self.resolve(path, folder);
                let text = fs_err::read_to_string(&path).map_err(|source| NoSecret::File { path, source })?;
                Ok(text.trim_end_matches(['\r', '\n']).to_owned())
            }
        }
    }
}

impl Secrets {
    /// Returns where a path of a plan points: from the user's home folder when it begins with `~/`, else from the plan's.
    pub fn resolve(&self, path: &Path, folder: &Path) -> PathBuf {
        match (path.strip_prefix("~"), self.variables.get("HOME")) {
            (Ok(below), Some(home)) => Path::new(home).join(below),
            _ => folder.join(path),
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_from_where_the_plan_says_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("token"), "hemligt\n").unwrap();
        let secrets = Secrets::new(BTreeMap::from([("TOKEN".to_owned(), "s3cret".to_owned())]));
        let get = |secret| secrets.get(&secret, folder.path());
        assert_eq!(get(Secret::Env("TOKEN".into())).unwrap(), "s3cret");
        assert_eq!(get(Secret::File("token".into())).unwrap(), "hemligt");
        assert!(
            get(Secret::Env("OTHER".into()))
                .unwrap_err()
                .to_string()
                .contains("OTHER")
        );
        let home = Secrets::new(BTreeMap::from([("HOME".to_owned(), "/home/eva".to_owned())]));
        assert_eq!(
            home.resolve(Path::new("~/.ssh/id"), Path::new("/p")),
            Path::new("/home/eva/.ssh/id")
        );
        assert_eq!(home.resolve(Path::new("id"), Path::new("/p")), Path::new("/p/id"));
        assert!(!format!("{secrets:?}").contains("s3cret"));
    }
}
