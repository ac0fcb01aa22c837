//! What of a module's files reaches the database: the content that an update applies.

use std::collections::BTreeMap;

use crate::ident::{Fingerprint, Hasher};

use super::{Manifest, Offer};

/// Folders directly in a module that Odoo never loads into a database: tests and texts for people.
const NOT_LOADED: [&str; 4] = ["tests/", "readme/", "doc/", "static/tests/"];
/// Folders that browsers are served from as they are; an update reads none of their scripts and styles.
const SERVED: [&str; 2] = ["static/src/", "static/lib/"];
/// Kinds of files that are only ever served. Pictures are not among them: data files take those into the database.
const SERVED_KINDS: [&str; 8] = [".js", ".ts", ".map", ".css", ".scss", ".sass", ".less", ".xml"];
/// Kinds of files that nothing loads anywhere.
const NEVER_LOADED: [&str; 5] = [".pot", ".pyc", ".pyo", ".rst", ".md"];

/// Says whether an update of a module reads this file, given by its path in the module's folder.
///
/// Code, data, translations, migration scripts and the manifest count, and whatever the manifest names as data.
fn is_applied(manifest: &Manifest, path: &str) -> bool {
    let named = |files: &[String]| files.iter().any(|file| file == path);
    if named(&manifest.data) || named(&manifest.demo) {
        return true;
    }
    let ends = |kinds: &[&str]| kinds.iter().any(|kind| path.ends_with(kind));
    let begins = |folders: &[&str]| folders.iter().any(|folder| path.starts_with(folder));
    !(begins(&NOT_LOADED) || ends(&NEVER_LOADED) || (begins(&SERVED) && ends(&SERVED_KINDS)))
}

/// Returns the fingerprint of each module's content: of what an update would apply, and nothing else.
///
/// `files` are all files of the folder that the offer was read from: pairs of a path and what identifies the content.
pub fn contents(offer: &Offer, files: &[(String, String)]) -> BTreeMap<String, Fingerprint> {
    let of = |folder: &str, manifest: &Manifest| {
        let mut inside: Vec<(&str, &str)> = files
            .iter()
            .filter_map(|(path, id)| {
                let path = match folder {
                    "" => path,
                    folder => path.strip_prefix(folder)?.strip_prefix('/')?,
                };
                is_applied(manifest, path).then_some((path, id.as_str()))
            })
            .collect();
        inside.sort_unstable();
        let mut hasher = Hasher::default();
        for (path, id) in inside {
            hasher.field(path, id);
        }
        hasher.finish()
    };
    let modules = offer.modules.iter();
    modules
        .map(|module| (module.name.clone(), of(&module.folder, &module.manifest)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::odoo::manifest::modules_in;

    #[test]
    fn what_an_update_reads_counts_and_tests_texts_and_served_files_do_not() {
        let manifest = Manifest::parse("{'data': ['tests/pair.xml', 'static/src/menu.xml']}").unwrap();
        for path in [
            "__manifest__.py",
            "models/book.py",
            "migrations/19.0.1.1.0/post-fill.py",
            "i18n/sv.po",
            "static/description/icon.png",
            "static/src/img/logo.png",
            "tests/pair.xml",
            "static/src/menu.xml",
        ] {
            assert!(is_applied(&manifest, path), "{path}");
        }
        for path in [
            "tests/test_book.py",
            "static/tests/book.test.js",
            "static/src/book.js",
            "static/src/book.xml",
            "i18n/shelf.pot",
            "README.rst",
            "readme/newsfragments/1.feature",
        ] {
            assert!(!is_applied(&manifest, path), "{path}");
        }
    }

    #[test]
    fn each_module_has_its_own_content() {
        let manifest = b"{'name': 'x'}".as_slice();
        let offer = modules_in(
            [("addons/a/__manifest__.py", manifest), ("b/__manifest__.py", manifest)],
            "repository",
        );
        let with = |changed: &str| {
            let files: Vec<(String, String)> =
                ["addons/a/x.py", "addons/ab/x.py", "b/x.py", "b/tests/x.py", "setup.py"]
                    .iter()
                    .map(|path| ((*path).to_owned(), if *path == changed { "2" } else { "1" }.to_owned()))
                    .collect();
            contents(&offer, &files)
        };
        let before = with("");
        let differ = |changed: &str| -> Vec<String> {
            let after = with(changed);
            let differing = before.iter().filter(|(name, print)| after[*name] != **print);
            differing.map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(differ("addons/a/x.py"), ["a"]);
        assert_eq!(differ("b/x.py"), ["b"]);
        for nothing in ["addons/ab/x.py", "b/tests/x.py", "setup.py"] {
            assert!(differ(nothing).is_empty(), "{nothing}");
        }
    }
}
