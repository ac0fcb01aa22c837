//! Checkouts: what is written, what is left alone, what is refused.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use hopp::world::git::{GitError, Mirror};

use super::{Cache, Origin};

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn a_checkout_holds_exactly_the_commit() {
    let origin = Origin::new();
    let commit = origin.commit(
        "refs/heads/18.0",
        &[
            ("addons/m/run.sh", "#!/bin/sh\n"),
            ("addons/m/a.py", "x = 1\r\n"),
            ("addons/setup/m/odoo/addons/m", "-> ../../../../m"),
            ("README", "hello"),
        ],
        "first",
    );
    let (mirror, cache) = Cache::new().fetch_kept(&origin);
    let into = cache.folder.path().join("out/acme@18.0");
    mirror.checkout(&commit, &into, None).unwrap();
    assert_eq!(text(&into, "addons/m/a.py"), "x = 1\r\n");
    assert_eq!(text(&into, "addons/setup/m/odoo/addons/m/a.py"), "x = 1\r\n");
    let mode = |path: &str| fs::metadata(into.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("addons/m/run.sh"), mode("README")), (0o755, 0o644));

    let only = cache.folder.path().join("out/only");
    mirror.checkout(&commit, &only, Some("addons".as_ref())).unwrap();
    assert!(only.join("m/a.py").exists() && !only.join("README").exists());
    let tree = |folder: Option<&str>| mirror.tree_id(&commit, folder.map(Path::new)).unwrap();
    assert_eq!(tree(Some(".")), tree(None));
    assert_ne!(tree(Some("addons")), tree(None));
}

#[test]
fn a_checkout_is_written_again_only_when_something_changed() {
    let origin = Origin::new();
    let first = origin.commit("refs/heads/18.0", &[("m/a.py", "1"), ("m/old.py", "1")], "first");
    let second = origin.commit("refs/heads/18.0", &[("m/a.py", "2")], "second");
    let (mirror, cache) = Cache::new().fetch_kept(&origin);
    let into = cache.folder.path().join("acme");
    let inode = || fs::metadata(&into).unwrap().ino();

    mirror.checkout(&first, &into, None).unwrap();
    let before = inode();
    fs::create_dir(into.join("m/__pycache__")).unwrap();
    fs::write(into.join("m/__pycache__/a.pyc"), "").unwrap();
    mirror.checkout(&first, &into, None).unwrap();
    assert_eq!(inode(), before, "nothing changed, nothing written");
    assert_eq!(Mirror::changes(&into).unwrap(), Vec::<std::path::PathBuf>::new());

    fs::write(into.join("m/a.py"), "edited").unwrap();
    fs::remove_file(into.join("m/old.py")).unwrap();
    fs::write(into.join("m/new.py"), "new").unwrap();
    let changed = Mirror::changes(&into).unwrap();
    assert_eq!(
        changed,
        ["m/a.py", "m/new.py", "m/old.py"].map(std::path::PathBuf::from)
    );
    mirror.checkout(&first, &into, None).unwrap();
    assert_eq!(text(&into, "m/a.py"), "1");
    assert!(into.join("m/old.py").exists() && !into.join("m/new.py").exists());

    mirror.checkout(&second, &into, None).unwrap();
    assert_eq!(text(&into, "m/a.py"), "2");
    let beside = fs::read_dir(cache.folder.path()).unwrap().count();
    assert_eq!(beside, 3, "the mirrors, the checkout and its marker");
}

#[test]
fn what_leads_out_of_the_checkout_is_refused_and_nothing_is_replaced() {
    let origin = Origin::new();
    let good = origin.commit("refs/heads/18.0", &[("m/a.py", "1")], "good");
    let (mirror, cache) = Cache::new().fetch_kept(&origin);
    let into = cache.folder.path().join("acme");
    mirror.checkout(&good, &into, None).unwrap();
    for (number, target) in ["/etc/passwd", "../../out", "a/../../out"].iter().enumerate() {
        let name = format!("refs/heads/bad{number}");
        let bad = origin.commit(&name, &[("m/link", &format!("-> {target}"))], "bad");
        let mirror = cache.fetch(&origin);
        let error = mirror.checkout(&bad, &into, None).unwrap_err();
        assert!(
            matches!(&error, GitError::UnsafePath { path, .. } if path == "m/link"),
            "{error}"
        );
    }
    let bad = origin.commit_submodule("refs/heads/sub", "themes");
    let error = cache.fetch(&origin).checkout(&bad, &into, None).unwrap_err();
    assert!(
        matches!(&error, GitError::Submodule { path, .. } if path == "themes"),
        "{error}"
    );
    assert_eq!(text(&into, "m/a.py"), "1");
}
