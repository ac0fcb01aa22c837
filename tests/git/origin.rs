//! A git repository of somebody else.

use git2::{Oid, Repository, Signature, Time};

/// A bare repository in a temporary folder, to fetch from.
pub(crate) struct Origin {
    folder: tempfile::TempDir,
}

impl Origin {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Repository::init_bare(folder.path()).unwrap();
        Origin { folder }
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.folder.path().display())
    }

    /// Returns its folder.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    fn repository(&self) -> Repository {
        Repository::open_bare(self.folder.path()).unwrap()
    }

    /// Adds a commit to a ref, with these files on top of what is there. Links are written as `-> target`, executable
    /// files as `#!…`.
    pub(crate) fn commit(&self, reference: &str, files: &[(&str, &str)], message: &str) -> String {
        let repository = self.repository();
        let parent = repository
            .find_reference(reference)
            .ok()
            .map(|found| found.peel_to_commit().unwrap());
        let mut builder = git2::build::TreeUpdateBuilder::new();
        for (path, content) in files {
            let (mode, content) = match content.strip_prefix("-> ") {
                Some(target) => (git2::FileMode::Link, target),
                None if content.starts_with("#!") => (git2::FileMode::BlobExecutable, *content),
                None => (git2::FileMode::Blob, *content),
            };
            builder.upsert(*path, repository.blob(content.as_bytes()).unwrap(), mode);
        }
        let empty = repository.treebuilder(None).unwrap().write().unwrap();
        let base = match &parent {
            Some(parent) => parent.tree().unwrap(),
            None => repository.find_tree(empty).unwrap(),
        };
        let tree = builder.create_updated(&repository, &base).unwrap();
        write(&repository, reference, tree, parent.as_ref(), message)
    }

    /// Adds a commit whose only entry is a submodule.
    pub(crate) fn commit_submodule(&self, reference: &str, path: &str) -> String {
        let repository = self.repository();
        let mut builder = repository.treebuilder(None).unwrap();
        let elsewhere = Oid::from_str(&"1".repeat(40)).unwrap();
        builder.insert(path, elsewhere, 0o160_000).unwrap();
        write(&repository, reference, builder.write().unwrap(), None, "submodule")
    }

    /// Returns its refs, and the commit that each stands at.
    pub(crate) fn refs(&self) -> Vec<(String, String)> {
        let repository = self.repository();
        let references = repository.references().unwrap().map(Result::unwrap);
        let mut refs: Vec<(String, String)> = references
            .map(|it| (it.name().unwrap().to_owned(), it.target().unwrap().to_string()))
            .collect();
        refs.sort();
        refs
    }

    pub(crate) fn branch(&self, reference: &str, commit: &str) {
        let id = Oid::from_str(commit).unwrap();
        self.repository().reference(reference, id, true, "branch").unwrap();
    }

    pub(crate) fn delete(&self, reference: &str) {
        let repository = self.repository();
        repository.find_reference(reference).unwrap().delete().unwrap();
    }

    /// Adds an annotated tag.
    pub(crate) fn tag(&self, name: &str, commit: &str) {
        let repository = self.repository();
        let target = repository.find_object(Oid::from_str(commit).unwrap(), None).unwrap();
        repository.tag(name, &target, &someone(), "a release", false).unwrap();
    }
}

/// Commits a tree and moves the ref there. `parent` must come from this very `repository`.
fn write(
    repository: &Repository,
    reference: &str,
    tree: Oid,
    parent: Option<&git2::Commit<'_>>,
    message: &str,
) -> String {
    let someone = someone();
    let tree = repository.find_tree(tree).unwrap();
    let parents: Vec<_> = parent.into_iter().collect();
    let id = repository
        .commit(None, &someone, &someone, message, &tree, &parents)
        .unwrap();
    repository.reference(reference, id, true, message).unwrap();
    id.to_string()
}

fn someone() -> Signature<'static> {
    Signature::new("Someone", "someone@example.com", &Time::new(1_700_000_000, 60)).unwrap()
}
