//! The playbooks that come with hopp, in the binary.

use std::collections::BTreeMap;
use std::path::PathBuf;

use include_dir::{Dir, include_dir};

static PLAYBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playbooks");

/// A playbook of the catalogue.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// Its name, also its folder's.
    pub name: &'static str,
    /// Its `playbook.yaml`.
    pub yaml: &'static str,
    /// The scripts beside it, by their path from its folder.
    pub files: BTreeMap<PathBuf, &'static str>,
}

impl Playbook {
    /// Returns the path by which messages name its YAML file.
    pub fn path(&self) -> PathBuf {
        PathBuf::from("playbooks").join(self.name).join("playbook.yaml")
    }
}

/// Returns the names of the catalogue, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = PLAYBOOKS.dirs().filter_map(|dir| dir.path().to_str()).collect();
    names.sort_unstable();
    names
}

/// Returns a playbook by its name.
pub fn find(name: &str) -> Option<Playbook> {
    let dir = PLAYBOOKS.dirs().find(|dir| dir.path().to_str() == Some(name))?;
    let yaml = dir.get_file(dir.path().join("playbook.yaml"))?.contents_utf8()?;
    let files = dir.files().filter_map(|file| {
        let path = file.path().strip_prefix(dir.path()).ok()?;
        Some((path.to_owned(), file.contents_utf8()?))
    });
    Some(Playbook {
        name: dir.path().to_str()?,
        yaml,
        files: files.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_with_its_yaml() {
        let names = names();
        assert!(
            names.contains(&"l10n_se") && names.contains(&"community_known_issues"),
            "{names:?}"
        );
        for name in names {
            let playbook = find(name).unwrap();
            assert!(playbook.yaml.contains(&format!("name: {name}\n")), "{name}");
        }
        assert!(find("../secrets").is_none());
    }
}
