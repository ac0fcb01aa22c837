//! This machine and user, read from the environment once and handed down.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::runtime::docker::DockerSettings;
use crate::spec::Secrets;
use crate::steps::{BuildEnvironment, Settings};

/// Variables that image builds are given when they are set.
const FOR_BUILDS: [&str; 13] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_RETRIES",
];

/// Variables that may name a bundle of certificates, the likeliest first.
const CERTIFICATES: [&str; 4] = ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// What the environment says.
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
}

/// The files through which a job of GitHub Actions is told things.
pub(super) struct GithubActions {
    /// Markdown that the job's page shows.
    pub summary: Option<PathBuf>,
    /// `name=value` lines for later steps.
    pub output: Option<PathBuf>,
}

impl Environment {
    /// Reads the process's environment.
    pub(super) fn read() -> Environment {
        Environment {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Returns how to reach Docker.
    pub(super) fn docker(&self) -> DockerSettings {
        DockerSettings {
            host: self.get("DOCKER_HOST").map(str::to_owned),
            cert_path: self.get("DOCKER_CERT_PATH").map(PathBuf::from),
            tls_verify: self.get("DOCKER_TLS_VERIFY").is_some(),
        }
    }

    /// Returns the settings of steps.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            cache: self.cache(),
            build: BuildEnvironment {
                variables: FOR_BUILDS
                    .iter()
                    .filter_map(|name| Some(((*name).to_owned(), self.get(name)?.to_owned())))
                    .collect(),
                ca_bundle: CERTIFICATES
                    .iter()
                    .filter_map(|name| self.get(name))
                    .map(PathBuf::from)
                    .find(|path| path.is_file()),
            },
            secrets: Secrets::new(self.variables.clone()),
        }
    }

    /// Returns the user's cache folder for hopp.
    fn cache(&self) -> PathBuf {
        self.get("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| self.get("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("hopp")
    }

    /// Says whether the terminal, if there is one, can draw over what it shows.
    pub(super) fn can_redraw(&self) -> bool {
        self.get("TERM").is_some_and(|term| term != "dumb")
    }

    /// Returns the files through which a job of GitHub Actions is told things, inside such a job.
    pub(super) fn github_actions(&self) -> Option<GithubActions> {
        (self.get("GITHUB_ACTIONS") == Some("true")).then(|| GithubActions {
            summary: self.get("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            output: self.get("GITHUB_OUTPUT").map(PathBuf::from),
        })
    }

    /// Returns the name of the locale that texts are shown in.
    pub(super) fn locale(&self) -> Option<&str> {
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.get(name))
    }

    /// Returns the filter for developers' logs (`HOPP_LOG=debug`).
    pub(super) fn log_filter(&self) -> Option<&str> {
        self.get("HOPP_LOG")
    }
}
