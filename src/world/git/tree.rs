//! Reading files of a commit without a checkout.

use std::path::Path;

use git2::{ObjectType, TreeWalkMode, TreeWalkResult};

use super::{GitError, Mirror};
use crate::odoo::manifest::{self, Offer};

impl Mirror {
    /// Reads files of a commit, or of a folder in it.
    ///
    /// `wanted` chooses by path, which is relative to the folder and written with `/`; `each` gets path and content.
    /// Names that are not UTF-8 are left out; links are not followed.
    pub fn files(
        &self,
        commit: &str,
        folder: Option<&Path>,
        wanted: &dyn Fn(&str) -> bool,
        each: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<(), GitError> {
        let repository = self.repository()?;
        let tree = self.tree(&repository, commit, folder)?;
        let mut failure = None;
        let walked = tree.walk(TreeWalkMode::PreOrder, |parent, entry| {
            let Ok(name) = entry.name() else {
                return TreeWalkResult::Skip;
            };
            let path = format!("{parent}{name}");
            let is_file = entry.kind() == Some(ObjectType::Blob) && entry.filemode() != 0o120_000;
            if !is_file || !wanted(&path) {
                return TreeWalkResult::Ok;
            }
            match repository.find_blob(entry.id()) {
                Ok(blob) => {
                    each(&path, blob.content());
                    TreeWalkResult::Ok
                }
                Err(error) => {
                    failure = Some(error);
                    TreeWalkResult::Abort
                }
            }
        });
        let failed = GitError::local(format!("read {commit} of {}", self.url));
        match failure {
            Some(error) => Err(failed(error)),
            None => walked.map_err(failed),
        }
    }

    /// Lists every file of a commit, or of a folder in it: its path, and what identifies content and kind.
    ///
    /// Links and submodules are listed too, by what they point at.
    pub fn listing(&self, commit: &str, folder: Option<&Path>) -> Result<Vec<(String, String)>, GitError> {
        let repository = self.repository()?;
        let tree = self.tree(&repository, commit, folder)?;
        let mut files = Vec::new();
        tree.walk(TreeWalkMode::PreOrder, |parent, entry| {
            if entry.kind() != Some(ObjectType::Tree) {
                let name = String::from_utf8_lossy(entry.name_bytes());
                files.push((
                    format!("{parent}{name}"),
                    format!("{:o} {}", entry.filemode(), entry.id()),
                ));
            }
            TreeWalkResult::Ok
        })
        .map_err(GitError::local(format!("list the files of {commit} of {}", self.url)))?;
        Ok(files)
    }

    /// Lists the Odoo modules that a commit, or a folder of it, offers.
    ///
    /// `name` is what a repository that *is* one module is called.
    pub fn modules(&self, commit: &str, folder: Option<&Path>, name: &str) -> Result<Offer, GitError> {
        let mut manifests = Vec::new();
        self.files(
            commit,
            folder,
            &|path| manifest::is_manifest(path),
            &mut |path, content| manifests.push((path.to_owned(), content.to_vec())),
        )?;
        let manifests = manifests
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_slice()));
        Ok(manifest::modules_in(manifests, name))
    }
}
