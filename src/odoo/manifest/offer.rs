//! Which modules a folder of code offers.

use super::{FILE, Manifest, ManifestError};

/// The modules that a folder of code offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Modules, by name.
    pub modules: Vec<Offered>,
    /// Manifests that cannot be read, by path.
    pub unreadable: Vec<Unreadable>,
}

impl Offer {
    /// Returns the folders to put on Odoo's addons path, relative to the folder that was read: `""`, `addons`, or
    /// both. A folder that is itself a module gives none: the folder it lies in is the one.
    pub fn addons_folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> = self
            .modules
            .iter()
            .filter(|module| !module.folder.is_empty())
            .map(|module| module.folder.rsplit_once('/').map_or("", |(parent, _)| parent))
            .collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }
}

/// A module that a folder of code offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Its technical name, which is its folder's.
    pub name: String,
    /// Its folder, relative to what was read; empty when that is the module.
    pub folder: String,
    /// Its manifest.
    pub manifest: Manifest,
}

/// A manifest that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{error}")]
pub struct Unreadable {
    /// The manifest's path, relative to what was read.
    pub path: String,
    /// Where and why.
    pub error: ManifestError,
}

/// Tells whether a path is that of a manifest which [`modules_in`] looks at.
///
/// Modules lie directly in the folder, one level below in `addons/`, or the folder is itself a module. `setup/` holds
/// packaging and hidden folders hold anything.
pub fn is_manifest(path: &str) -> bool {
    let Some(folder) = path.strip_suffix(FILE) else {
        return false;
    };
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| part.starts_with('.') || *part == "setup") {
        return false;
    }
    matches!(parts.as_slice(), [] | [_] | ["addons", _]) && (folder.is_empty() || folder.ends_with('/'))
}

/// Finds the modules among the manifests of a folder: pairs of a path and a content, in any order.
///
/// `name` is what the folder is called when it is itself a module; nothing inside such a folder is a module. Where a
/// module lies both directly in the folder and in `addons/`, the first counts.
pub fn modules_in<'a>(manifests: impl IntoIterator<Item = (&'a str, &'a [u8])>, name: &str) -> Offer {
    let mut manifests: Vec<_> = manifests.into_iter().filter(|(path, _)| is_manifest(path)).collect();
    manifests.sort_by_key(|(path, _)| (path.matches('/').count(), *path));
    if manifests.first().is_some_and(|(path, _)| *path == FILE) {
        manifests.truncate(1);
    }
    let mut offer = Offer::default();
    for (path, content) in manifests {
        let folder = path.strip_suffix(FILE).unwrap_or(path).trim_end_matches('/');
        let module = match folder.rsplit('/').next() {
            Some("") | None => name,
            Some(last) => last,
        };
        if offer.modules.iter().any(|other| other.name == module) {
            continue;
        }
        match Manifest::parse(&String::from_utf8_lossy(content)) {
            Ok(manifest) => offer.modules.push(Offered {
                name: module.to_owned(),
                folder: folder.to_owned(),
                manifest,
            }),
            Err(error) => offer.unreadable.push(Unreadable {
                path: path.to_owned(),
                error,
            }),
        }
    }
    offer.modules.sort_by(|a, b| a.name.cmp(&b.name));
    offer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_beside_each_other_and_in_addons() {
        let good = b"{'name': 'x'}".as_slice();
        let offer = modules_in(
            [
                ("addons/deep/__manifest__.py", good),
                ("addons/twice/__manifest__.py", good),
                ("twice/__manifest__.py", good),
                ("broken/__manifest__.py", b"{'name': }"),
                ("setup/twice/__manifest__.py", good),
                (".hidden/__manifest__.py", good),
                ("twice/tests/inner/__manifest__.py", good),
                ("twice/my__manifest__.py", good),
            ],
            "repository",
        );
        let found: Vec<_> = offer.modules.iter().map(|module| module.folder.as_str()).collect();
        assert_eq!(found, ["addons/deep", "twice"]);
        assert_eq!(offer.addons_folders(), ["", "addons"]);
        let unreadable: Vec<_> = offer.unreadable.iter().map(ToString::to_string).collect();
        assert_eq!(unreadable, ["broken/__manifest__.py:1:10: `}` begins no value"]);
    }

    #[test]
    fn a_repository_can_be_one_module() {
        let good = b"{'name': 'x'}".as_slice();
        let offer = modules_in([("__manifest__.py", good), ("inner/__manifest__.py", good)], "web_x");
        assert_eq!(offer.modules.len(), 1);
        assert_eq!(offer.modules[0].name, "web_x");
        assert!(offer.addons_folders().is_empty());
    }
}
