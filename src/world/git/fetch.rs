//! Mirrors: one bare repository per address, fetched by one process at a time.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fd_lock::RwLock;
use git2::{AutotagOption, FetchOptions, FetchPrune, ProxyOptions, RemoteCallbacks, Repository};

use super::beside::work_folder;
use super::credentials::{Credentials, Login, password_of, without_password};
use super::{GitError, Mirror};
use crate::ident::Fingerprint;

/// Every ref of the remote, kept apart from our own.
const REFSPEC: &str = "+refs/*:refs/upstream/*";
/// How often progress is told; a person reads no faster.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// How often a busy lock is tried again.
const TRY_LOCK_EVERY: Duration = Duration::from_millis(100);

/// The folder of all mirrors.
#[derive(Clone, Debug)]
pub struct Mirrors {
    folder: PathBuf,
}

impl Mirrors {
    /// Uses a folder, usually inside the user's cache folder. It is created when it is needed.
    pub fn new(folder: PathBuf) -> Self {
        Mirrors { folder }
    }

    /// Brings the mirror of an address up to date, or makes it, and returns it.
    ///
    /// All refs are fetched, also those only GitHub has (`refs/pull/…`); what vanished from the remote vanishes
    /// here. Waits while another process fetches the same address. A mirror that git cannot read any more is made
    /// anew, and a first fetch that fails leaves nothing behind.
    pub fn fetch(
        &self,
        url: &str,
        credentials: &Credentials,
        progress: &dyn Fn(&str),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Mirror, GitError> {
        fs_err::create_dir_all(&self.folder).map_err(GitError::io("create the folder of git mirrors"))?;
        let path = self.path_of(url);
        let shown = without_password(url);
        let lock_path = path.with_extension("lock");
        let file = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(GitError::io(format!("open the lock of {shown}")))?;
        let mut lock = RwLock::new(file.into_file());
        let mut waiting = false;
        let _guard = loop {
            if cancelled() {
                return Err(GitError::Cancelled { url: shown });
            }
            if let Ok(guard) = lock.try_write() {
                break guard;
            }
            if !waiting {
                progress("waiting for another process that fetches this repository");
                waiting = true;
            }
            thread::sleep(TRY_LOCK_EVERY);
        };

        let fetch = Fetch {
            url,
            shown: &shown,
            credentials,
            progress,
            cancelled,
        };
        match fetch.update(&path) {
            Ok(()) => {}
            Err(GitError::Git { .. }) => fetch.clone_into(&path)?,
            Err(error) => return Err(error),
        }
        Ok(Mirror::new(path, shown))
    }

    /// Returns the mirror of an address as it was last fetched, without the network.
    pub fn open(&self, url: &str) -> Result<Option<Mirror>, GitError> {
        let path = self.path_of(url);
        let there = path
            .try_exists()
            .map_err(GitError::io(format!("look for {}", path.display())))?;
        Ok(there.then(|| Mirror::new(path, without_password(url))))
    }

    /// Names the mirror of an address: readable, and different for different addresses.
    fn path_of(&self, url: &str) -> PathBuf {
        let last = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
        let slug: String = last
            .trim_end_matches(".git")
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .take(40)
            .collect();
        self.folder.join(format!("{slug}-{}.git", Fingerprint::of(url).short()))
    }
}

/// One fetch, with everything it needs to know.
struct Fetch<'a> {
    url: &'a str,
    shown: &'a str,
    credentials: &'a Credentials,
    progress: &'a dyn Fn(&str),
    cancelled: &'a dyn Fn() -> bool,
}

impl Fetch<'_> {
    /// Fetches into the mirror at `path`. Fails with [`GitError::Git`] when there is none that git can read.
    fn update(&self, path: &Path) -> Result<(), GitError> {
        let repository = Repository::open_bare(path).map_err(GitError::local("open a mirror"))?;
        self.run(&repository)?;
        Mirror::new(path.to_owned(), self.shown.to_owned()).check()
    }

    /// Makes the mirror beside its place and moves it there when it is complete.
    fn clone_into(&self, path: &Path) -> Result<(), GitError> {
        let cannot = |what: &str| GitError::io(format!("{what} mirror of {}", self.shown));
        let work = work_folder(path).map_err(cannot("create the"))?;
        let fresh = work.path().join("mirror");
        let repository = Repository::init_bare(&fresh).map_err(GitError::local("create a mirror"))?;
        self.run(&repository)?;
        drop(repository);
        if let Ok(broken) = fs_err::symlink_metadata(path) {
            let remove = if broken.is_dir() {
                fs_err::remove_dir_all
            } else {
                fs_err::remove_file
            };
            remove(path).map_err(cannot("remove the broken"))?;
        }
        fs_err::rename(fresh, path).map_err(cannot("move the"))
    }

    fn run(&self, repository: &Repository) -> Result<(), GitError> {
        let secrets: Vec<&str> = [self.credentials.token.as_deref(), password_of(self.url)]
            .into_iter()
            .flatten()
            .collect();
        let told = |error: &git2::Error| GitError::remote(error, self.shown, &secrets);
        let mut remote = repository.remote_anonymous(self.url).map_err(|error| told(&error))?;
        let mut proxy = ProxyOptions::new();
        proxy.auto();
        let mut options = FetchOptions::new();
        options
            .prune(FetchPrune::On)
            .download_tags(AutotagOption::None)
            .update_fetchhead(false)
            .proxy_options(proxy)
            .remote_callbacks(self.callbacks());
        remote
            .fetch(&[REFSPEC], Some(&mut options), None)
            .map_err(|error| told(&error))
    }

    fn callbacks(&self) -> RemoteCallbacks<'_> {
        let login = RefCell::new(Login::new(self.credentials));
        let mut told_at: Option<Instant> = None;
        let mut callbacks = RemoteCallbacks::new();
        callbacks.credentials(move |url, user, allowed| login.borrow_mut().answer(url, user, allowed));
        callbacks.sideband_progress(|_| !(self.cancelled)());
        callbacks.transfer_progress(move |stats| {
            if told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
                told_at = Some(Instant::now());
                let line = if stats.received_objects() < stats.total_objects() {
                    format!(
                        "objects {}/{}, {} kB",
                        stats.received_objects(),
                        stats.total_objects(),
                        stats.received_bytes() / 1000
                    )
                } else {
                    format!("deltas {}/{}", stats.indexed_deltas(), stats.total_deltas())
                };
                (self.progress)(&line);
            }
            !(self.cancelled)()
        });
        callbacks
    }
}
