//! `<customer>.lock.yaml`: what the names in a plan stood for when they were last looked up.
//!
//! Committed beside the plan, so that two runs use the same code and images; moved by `hopp update` alone.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use fs_err as fs;
use serde::{Deserialize, Serialize};

use crate::ident::Series;

use super::load::Plan;
use super::yaml::{self, YamlError};

/// The first lines of every lock file.
const HEADER: &str =
    "# Written by hopp and moved by `hopp update`; not meant to be edited. Commit it beside the plan.\n";

/// What a plan's names stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The commit of each repository of the plan, by series.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repositories: BTreeMap<String, BTreeMap<Series, LockedRef>>,
    /// The commit of each repository that production runs, where the plan says so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deployed: BTreeMap<String, LockedRef>,
    /// Images: `postgres`, or the Odoo series.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, LockedImage>,
    /// OpenUpgrade, by the series the hop ends at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub openupgrade: BTreeMap<Series, LockedOpenUpgrade>,
}

/// What a branch, tag or commit stood for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRef {
    /// The URL as the plan writes it; a lock for another URL is stale.
    pub url: String,
    /// The branch, tag or commit as the plan writes it.
    pub reference: String,
    /// The commit, as 40 hexadecimal digits.
    pub commit: String,
    /// Further refs merged on top, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merges: Vec<LockedMerge>,
}

/// What a merged ref stood for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedMerge {
    /// The ref as the plan writes it.
    pub reference: String,
    /// The commit, as 40 hexadecimal digits.
    pub commit: String,
}

/// What an image's name stood for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedImage {
    /// The name as the plan writes it.
    pub name: String,
    /// The engine's id of the image, `sha256:…`.
    pub id: String,
    /// The registry's digest, when it came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Which OpenUpgrade was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedOpenUpgrade {
    /// Version of `openupgrade_scripts`; absent when a repository provides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scripts: Option<String>,
    /// Version of `openupgrade_framework`; absent when a repository provides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// Version of `openupgradelib`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openupgradelib: Option<String>,
}

/// A lock file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file system said no; the message names the file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not a lock file.
    #[error("`{path}` is not a lock file hopp wrote: {source}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: YamlError,
    },
}

impl Lock {
    /// Returns where a plan's lock is: `<customer>.lock.yaml` beside it.
    pub fn path_for(plan: &Plan) -> PathBuf {
        plan.folder.join(format!("{}.lock.yaml", plan.customer))
    }

    /// Reads a lock; a file that is not there is an empty lock.
    pub fn read(path: &Path) -> Result<Lock, LockError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Lock::default()),
            Err(error) => return Err(error.into()),
        };
        if text.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
            return Ok(Lock::default());
        }
        yaml::from_text(&text).map_err(|source| LockError::Content {
            path: path.to_owned(),
            source,
        })
    }

    /// Returns the lock as YAML, always in the same order.
    pub fn to_yaml(&self) -> String {
        // Maps of strings: there is nothing in a lock that YAML could refuse.
        let body = yaml::to_text(self).unwrap_or_default();
        format!("{HEADER}{}", body.trim_start_matches("{}\n"))
    }

    /// Writes the lock, when it says something new: to a temporary file first, which is then renamed.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let text = self.to_yaml();
        match fs::read_to_string(path) {
            Ok(present) if present == text => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && *self == Lock::default() => return Ok(()),
            _ => {}
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        // A lock is committed and shared, unlike what temporary files usually hold.
        let shared = Permissions::from_mode(0o644);
        let mut file = tempfile::Builder::new()
            .prefix(".lock-")
            .permissions(shared)
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn lock() -> Lock {
        let reference = LockedRef {
            url: "../repo".into(),
            reference: "19.0".into(),
            commit: "0123456789012345678901234567890123456789".into(),
            merges: vec![LockedMerge {
                reference: "refs/pull/1/head".into(),
                commit: "1e10000000000000000000000000000000000000".into(),
            }],
        };
        let image = LockedImage {
            name: "odoo:19.0".into(),
            id: "sha256:ab".into(),
            digest: None,
        };
        Lock {
            repositories: BTreeMap::from([("web".into(), BTreeMap::from([(Series::NEWEST, reference)]))]),
            deployed: BTreeMap::new(),
            images: BTreeMap::from([("19.0".into(), image)]),
            openupgrade: BTreeMap::from([(
                Series::NEWEST,
                LockedOpenUpgrade {
                    scripts: Some("19.0.1.0.0.407".into()),
                    ..LockedOpenUpgrade::default()
                },
            )]),
        }
    }

    #[test]
    fn what_is_written_is_read_again_also_commits_that_look_like_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acme.lock.yaml");
        lock().write(&path).unwrap();
        assert_eq!(Lock::read(&path).unwrap(), lock());
        assert!(fs::read_to_string(&path).unwrap().starts_with("# Written by hopp"));
    }

    #[test]
    fn a_lock_that_says_nothing_new_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acme.lock.yaml");
        lock().write(&path).unwrap();
        let before = fs::metadata(&path).unwrap();
        lock().write(&path).unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!(before.ino(), after.ino());
    }

    #[test]
    fn an_absent_file_is_an_empty_lock_and_an_empty_lock_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acme.lock.yaml");
        assert_eq!(Lock::read(&path).unwrap(), Lock::default());
        Lock::default().write(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_is_no_lock_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acme.lock.yaml");
        fs::write(&path, "customer: acme\n").unwrap();
        let message = Lock::read(&path).unwrap_err().to_string();
        assert!(
            message.contains("acme.lock.yaml") && message.contains("unknown field"),
            "{message}"
        );
    }
}
