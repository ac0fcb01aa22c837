//! Repositories: names, addresses, branches, credentials.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use indexmap::IndexMap;

use crate::ident::Series;

use super::Review;
use super::names::is_repository;
use crate::spec::document::Place;
use crate::spec::plan_file::{self, Auth, Porting, Secret};
use crate::spec::resolved::{Port, Repository};
use crate::spec::secrets;

impl Review<'_> {
    pub(super) fn repositories(&mut self, customer: &str, written: &[plan_file::Repository]) -> Vec<Repository> {
        let list = self.root().key("repositories");
        let mut resolved: Vec<Repository> = Vec::new();
        for (index, repository) in written.iter().enumerate() {
            let place = list.item(index);
            self.repository_name(&place.key("name"), &repository.name);
            if let Some(first) = written[..index].iter().position(|other| other.name == repository.name) {
                let message = format!("two repositories are named `{}`", repository.name);
                let problem = place
                    .key("name")
                    .error("duplicate-repository", message, "and again here")
                    .related(list.item(first).key("name").range(), "first here")
                    .help("give each its own name: folders and steps are named after it");
                self.report(problem);
            }
            resolved.push(self.repository(customer, &place, repository));
        }
        resolved
    }

    fn repository_name(&mut self, place: &Place<'_>, name: &str) {
        if !is_repository(name) {
            let problem = place
                .error(
                    "repository-name",
                    format!("`{name}` cannot name a repository"),
                    "becomes a folder's name",
                )
                .help("use letters, digits, `.`, `_` and `-`");
            self.report(problem);
        }
    }

    fn repository(&mut self, customer: &str, place: &Place<'_>, written: &plan_file::Repository) -> Repository {
        let folder_place = place.key("folder");
        if let Some(folder) = &written.folder
            && !folder
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            let message = format!("`{}` leads out of the repository", folder.display());
            let problem = folder_place.error("repository-folder", message, "must stay inside");
            self.report(problem.help("write the path from the repository's root, such as `addons`"));
        }
        Repository {
            name: written.name.clone(),
            url: self.url(&place.key("url"), &written.url),
            written_url: written.url.clone(),
            role: written.role,
            folder: written.folder.clone(),
            deployed: written.deployed.clone().inspect(|reference| {
                self.reference(&place.key("deployed"), reference);
            }),
            port: self.port(&place.key("port"), written.port.as_ref()),
            auth: written.auth.as_ref().map(|auth| self.auth(&place.key("auth"), auth)),
            references: self.references(&place.key("branches"), &written.branches),
            merges: self.merges(&place.key("merge"), &written.merge),
            customer: customer.to_owned(),
        }
    }

    fn port(&mut self, place: &Place<'_>, written: Option<&plan_file::Port>) -> Option<Port> {
        let how = match written? {
            plan_file::Port::Whether(false) => return None,
            plan_file::Port::Whether(true) => &Porting::default(),
            plan_file::Port::How(how) => how,
        };
        let from = how.from.as_deref();
        Some(Port {
            from: from.and_then(|from| self.series(&place.key("from"), from)),
            without: how.without.clone(),
            errors: how.errors,
            complete: how.complete,
        })
    }

    /// Returns the URL with a path in it made absolute.
    fn url(&mut self, place: &Place<'_>, url: &str) -> String {
        if url.trim().is_empty() {
            let problem = place.error("repository-url", "the repository has no URL", "empty");
            self.report(problem.help("write where git finds it: https, ssh, `file://` or a path"));
            return String::new();
        }
        if secrets::url_has_secret(url) {
            let problem = place
                .error("secret-in-url", "the URL carries a password or token", "not shown")
                .help("take it out, change it if this file was shared, and add `auth: { token: { env: NAME } }`");
            self.report(problem);
            return String::new();
        }
        let (scheme, path) = match url.strip_prefix("file://") {
            Some(path) => ("file://", path),
            None if is_remote(url) => return url.to_owned(),
            None => ("", url),
        };
        let absolute = self.absolute(Path::new(path));
        if !absolute.exists() {
            let problem = place.error(
                "repository-missing",
                format!("there is no repository at `{path}`"),
                "no such folder",
            );
            self.report(problem.help("relative paths start at the plan's folder"));
        }
        format!("{scheme}{}", absolute.display())
    }

    fn references(&mut self, place: &Place<'_>, branches: &IndexMap<String, String>) -> BTreeMap<Series, String> {
        let mut references: BTreeMap<Series, String> = Series::all().map(|s| (s, s.to_string())).collect();
        for (series, reference) in self.by_series(place, branches) {
            self.reference(&place.key(&series.to_string()), reference);
            references.insert(series, reference.clone());
        }
        references
    }

    fn merges(&mut self, place: &Place<'_>, merge: &IndexMap<String, Vec<String>>) -> BTreeMap<Series, Vec<String>> {
        let mut merges = BTreeMap::new();
        for (series, references) in self.by_series(place, merge) {
            let list = place.key(&series.to_string());
            for (index, reference) in references.iter().enumerate() {
                self.reference(&list.item(index), reference);
            }
            merges.insert(series, references.clone());
        }
        merges
    }

    /// What git itself would not take as a ref, as far as a look at the text tells.
    fn reference(&mut self, place: &Place<'_>, reference: &str) {
        let odd = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
        if reference.is_empty() || reference.starts_with('-') || reference.contains("..") || reference.contains(odd) {
            let problem = place
                .error(
                    "reference",
                    format!("`{reference}` is not the name of a branch, tag or commit"),
                    "git would refuse it",
                )
                .help("such as `19.0`, `refs/pull/3000/head` or a commit's 40 digits");
            self.report(problem);
        }
    }

    fn auth(&mut self, place: &Place<'_>, auth: &Auth) -> Auth {
        Auth {
            username: auth.username.clone(),
            token: auth
                .token
                .as_ref()
                .map(|secret| self.secret(&place.key("token"), secret)),
            ssh_key: auth.ssh_key.as_ref().map(|path| self.absolute(path)),
        }
    }

    /// Checks that a secret is named rather than written, and makes its path absolute.
    pub(super) fn secret(&mut self, place: &Place<'_>, secret: &Secret) -> Secret {
        match secret {
            Secret::Env(name) => {
                let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let place = place.key("env");
                if secrets::is_token(name) {
                    let problem = place.error(
                        "secret-in-clear",
                        "`env` holds the secret itself, not the name of a variable",
                        "not shown",
                    );
                    self.report(problem.help("put it into an environment variable and write the variable's name; change it if this file was shared"));
                } else if name.is_empty() || !name.chars().all(part) {
                    let problem = place.error(
                        "secret-name",
                        "`env` is not the name of an environment variable",
                        "not a name",
                    );
                    self.report(problem.help("use letters, digits and `_`, such as `GIT_TOKEN`"));
                }
                secret.clone()
            }
            Secret::File(path) => Secret::File(self.absolute(path)),
        }
    }
}

/// Returns whether a URL is for another machine: `scheme://…` or `user@host:path`.
fn is_remote(url: &str) -> bool {
    let before_slash = url.split('/').next().unwrap_or_default();
    url.contains("://") || before_slash.contains(':')
}
