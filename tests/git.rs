//! Code from git, against real repositories in temporary folders.

mod checkout;
mod http;
pub(crate) mod origin;

use std::thread;

use hopp::world::git::{Credentials, GitError, Mirror, Mirrors};
use origin::Origin;

/// A cache folder for one test.
struct Cache {
    folder: tempfile::TempDir,
    mirrors: Mirrors,
}

impl Cache {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mirrors = Mirrors::new(folder.path().join("git"));
        Cache { folder, mirrors }
    }

    fn try_fetch(&self, url: &str) -> Result<Mirror, GitError> {
        self.mirrors.fetch(url, &Credentials::default(), &|_| (), &|| false)
    }

    fn fetch(&self, origin: &Origin) -> Mirror {
        self.try_fetch(&origin.url()).unwrap()
    }

    /// The mirrors there are, and what was forgotten beside them; locks aside.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("git")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.contains(".git") || !name.contains(".lock"))
            .collect()
    }
}

#[test]
fn branches_tags_pull_requests_and_commits_are_found() {
    let origin = Origin::new();
    let first = origin.commit("refs/heads/18.0", &[("a.txt", "1")], "first");
    origin.tag("v1", &first);
    let second = origin.commit("refs/heads/18.0", &[("a.txt", "2")], "second");
    let request = origin.commit("refs/pull/7/head", &[("b.txt", "1")], "a request");

    let mirror = Cache::new().fetch_kept(&origin);
    let found = |reference: &str| mirror.0.resolve(reference).unwrap();
    assert_eq!(found("18.0"), second);
    assert_eq!(found("refs/heads/18.0"), second);
    assert_eq!(found("v1"), first);
    assert_eq!(found("refs/pull/7/head"), request);
    assert_eq!(found(&first), first);
    assert_eq!(found(&first[..8]), first);
    assert_eq!(mirror.0.commits_between(&first, &second).unwrap(), 1);
    assert!(mirror.0.has_commit(&first) && !mirror.0.has_commit(&"0".repeat(40)));
}

impl Cache {
    /// Fetches, and keeps the cache folder alive beside the mirror.
    fn fetch_kept(self, origin: &Origin) -> (Mirror, Cache) {
        (self.fetch(origin), self)
    }
}

#[test]
fn a_missing_branch_names_the_ones_that_look_like_it() {
    let origin = Origin::new();
    origin.commit("refs/heads/18.0", &[("a.txt", "1")], "first");
    origin.commit("refs/heads/unrelated-name", &[("a.txt", "1")], "first");
    let (mirror, _cache) = Cache::new().fetch_kept(&origin);
    match mirror.resolve("19.0") {
        Err(GitError::NoSuchRef { reference, near, .. }) => {
            assert_eq!((reference.as_str(), near), ("19.0", vec!["18.0".to_owned()]));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_second_fetch_follows_force_pushes_and_forgets_deleted_branches() {
    let origin = Origin::new();
    let cache = Cache::new();
    let old = origin.commit("refs/heads/18.0", &[("a.txt", "1")], "old");
    origin.commit("refs/heads/gone", &[("a.txt", "1")], "gone");
    let mirror = cache.fetch(&origin);
    let kept = mirror
        .merge(&old, &[("gone".to_owned(), mirror.resolve("gone").unwrap())])
        .unwrap_err();
    assert!(matches!(kept, GitError::Unrelated { .. }), "{kept}");

    origin.delete("refs/heads/18.0");
    origin.delete("refs/heads/gone");
    let new = origin.commit("refs/heads/18.0", &[("a.txt", "2")], "rewritten");
    let mirror = cache.fetch(&origin);
    assert_eq!(mirror.resolve("18.0").unwrap(), new);
    assert!(matches!(mirror.resolve("gone"), Err(GitError::NoSuchRef { .. })));
    assert!(mirror.has_commit(&old), "a pinned commit outlives a force-push");
}

#[test]
fn merges_are_the_same_on_every_machine_and_outlive_a_fetch() {
    let origin = Origin::new();
    let base = origin.commit("refs/heads/18.0", &[("a.txt", "1\n")], "base");
    origin.branch("refs/pull/1/head", &base);
    origin.branch("refs/pull/2/head", &base);
    let ours = origin.commit("refs/heads/18.0", &[("main.txt", "1\n")], "ours");
    origin.commit("refs/pull/1/head", &[("one.txt", "1\n")], "one");
    origin.commit("refs/pull/2/head", &[("two.txt", "2\n")], "two");

    let merged = |cache: &Cache| {
        let mirror = cache.fetch(&origin);
        let others = ["refs/pull/1/head", "refs/pull/2/head"]
            .map(|reference| (reference.to_owned(), mirror.resolve(reference).unwrap()));
        (mirror.merge(&ours, &others).unwrap(), mirror)
    };
    let cache = Cache::new();
    let (commit, mirror) = merged(&cache);
    let mut files = Vec::new();
    mirror
        .files(&commit, None, &|_| true, &mut |path, _| files.push(path.to_owned()))
        .unwrap();
    assert_eq!(files, ["a.txt", "main.txt", "one.txt", "two.txt"]);
    assert_eq!(merged(&Cache::new()).0, commit);
    assert!(cache.fetch(&origin).has_commit(&commit));
    let already = [("18.0".to_owned(), base.clone())];
    assert_eq!(mirror.merge(&ours, &already).unwrap(), ours);
    assert_eq!(mirror.merge(&base, &[("18.0".to_owned(), ours.clone())]).unwrap(), ours);
}

#[test]
fn a_conflict_names_the_files() {
    let origin = Origin::new();
    let base = origin.commit("refs/heads/18.0", &[("m/a.py", "1\n"), ("m/b.py", "1\n")], "base");
    origin.branch("refs/heads/fix", &base);
    let ours = origin.commit("refs/heads/18.0", &[("m/a.py", "2\n"), ("m/b.py", "2\n")], "ours");
    let theirs = origin.commit("refs/heads/fix", &[("m/a.py", "3\n"), ("m/c.py", "3\n")], "theirs");
    let (mirror, _cache) = Cache::new().fetch_kept(&origin);
    let error = mirror.merge(&ours, &[("fix".to_owned(), theirs)]).unwrap_err();
    assert_eq!(error.to_string(), "merging `fix` conflicts in m/a.py");
}

#[test]
fn two_fetches_of_one_address_at_once_both_succeed() {
    let origin = Origin::new();
    let commit = origin.commit("refs/heads/18.0", &[("a.txt", "1")], "first");
    let cache = Cache::new();
    thread::scope(|scope| {
        let fetches: Vec<_> = (0..4).map(|_| scope.spawn(|| cache.fetch(&origin))).collect();
        for fetch in fetches {
            assert_eq!(fetch.join().unwrap().resolve("18.0").unwrap(), commit);
        }
    });
    assert_eq!(cache.names().len(), 1);
}

#[test]
fn a_mirror_opens_without_the_network_once_it_was_fetched() {
    let origin = Origin::new();
    let commit = origin.commit("refs/heads/18.0", &[("a.txt", "1")], "first");
    let cache = Cache::new();
    let url = origin.url();
    assert!(cache.mirrors.open(&url).unwrap().is_none());
    cache.fetch(&origin);
    drop(origin);
    let mirror = cache.mirrors.open(&url).unwrap().unwrap();
    assert_eq!(mirror.resolve("18.0").unwrap(), commit);
}

#[test]
fn a_broken_mirror_is_made_anew() {
    let origin = Origin::new();
    let commit = origin.commit("refs/heads/18.0", &[("a.txt", "1")], "first");
    let cache = Cache::new();
    cache.fetch(&origin);
    let mirror = cache.folder.path().join("git").join(&cache.names()[0]);
    let broken: [&dyn Fn(); 3] = [
        &|| std::fs::remove_file(mirror.join("HEAD")).unwrap(),
        &|| std::fs::remove_dir_all(mirror.join("objects")).unwrap(),
        &|| {
            std::fs::remove_dir_all(&mirror).unwrap();
            std::fs::write(&mirror, "not a folder").unwrap();
        },
    ];
    for break_it in broken {
        break_it();
        assert_eq!(cache.fetch(&origin).resolve("18.0").unwrap(), commit);
    }
}

#[test]
fn a_first_fetch_that_fails_or_is_cancelled_leaves_nothing() {
    let cache = Cache::new();
    let missing = cache.folder.path().join("nowhere");
    for url in [missing.display().to_string(), format!("file://{}", missing.display())] {
        let error = cache.try_fetch(&url).unwrap_err();
        assert!(matches!(error, GitError::NotFound { .. }), "{error:?}");
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
    let origin = Origin::new();
    origin.commit("refs/heads/18.0", &[("a.txt", "1")], "first");
    let cancelled = cache
        .mirrors
        .fetch(&origin.url(), &Credentials::default(), &|_| (), &|| true);
    assert!(matches!(cancelled, Err(GitError::Cancelled { .. })));
    assert_eq!(cache.names(), Vec::<String>::new());
}

#[test]
fn modules_are_listed_without_a_checkout() {
    let origin = Origin::new();
    let commit = origin.commit(
        "refs/heads/18.0",
        &[
            ("acme/__manifest__.py", "{'name': 'Acme', 'version': '18.0.1.0.0'}"),
            ("bad/__manifest__.py", "{'name': 'Bad'\n 'x': 1}"),
            ("vendor/web/__manifest__.py", "{'name': 'Web'}"),
            ("README.md", "read me"),
        ],
        "modules",
    );
    let (mirror, _cache) = Cache::new().fetch_kept(&origin);
    let offer = mirror.modules(&commit, None, "acme-addons").unwrap();
    assert_eq!(offer.modules[0].name, "acme");
    assert_eq!(offer.unreadable.len(), 1);
    assert!(offer.unreadable[0].to_string().starts_with("bad/__manifest__.py:2:"));
    let inside = mirror.modules(&commit, Some("vendor".as_ref()), "vendor").unwrap();
    assert_eq!(inside.modules[0].name, "web");
    assert!(matches!(
        mirror.modules(&commit, Some("nowhere".as_ref()), "x"),
        Err(GitError::NoSuchFolder { .. })
    ));
}
