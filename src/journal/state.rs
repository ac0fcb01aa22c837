//! Where everything of a customer lies: `.hopp/<customer>/` beside the plan.

use std::io::Write;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::JournalError;
use crate::ident::{Fingerprint, RunId, StepId};

/// The state folder of one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFolder {
    root: PathBuf,
}

/// What checkpoints the customer's PostgreSQL volume holds, by the fingerprint of the step that produced them.
pub type Checkpoints = IndexMap<Fingerprint, Checkpoint>;

/// Database and filestore as a step left them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The step.
    pub step: StepId,
    /// Size of the database in bytes.
    pub bytes: u64,
    /// When it was saved.
    pub at: Timestamp,
    /// The volume it is in.
    pub volume: String,
}

impl StateFolder {
    /// Returns the state folder of a customer whose plan lies in this folder.
    pub fn beside(plan_folder: &Path, customer: &str) -> StateFolder {
        StateFolder {
            root: plan_folder.join(".hopp").join(customer),
        }
    }

    /// Returns the state folder at a path (`…/.hopp/<customer>`).
    pub fn at(root: &Path) -> StateFolder {
        StateFolder { root: root.into() }
    }

    /// Returns the customer's name.
    pub fn customer(&self) -> String {
        let name = self.root.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Returns the folder that the plan lies in, where the state folder lies beside it.
    pub fn plan_folder(&self) -> Option<&Path> {
        let hopp = self.root.parent().filter(|folder| folder.ends_with(".hopp"))?;
        hopp.parent()
    }

    /// Returns the state folder of a customer within a folder of the user's choice.
    pub fn within(folder: &Path, customer: &str) -> StateFolder {
        StateFolder {
            root: folder.join(customer),
        }
    }

    /// Returns the folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the lock file.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Returns the folder of a run.
    pub fn run(&self, run: &RunId) -> PathBuf {
        self.root.join("runs").join(run.as_str())
    }

    /// Returns the journal of a run.
    pub fn journal(&self, run: &RunId) -> PathBuf {
        self.run(run).join("journal.jsonl")
    }

    /// Returns the checkout of a repository for a series.
    pub fn checkout(&self, repository: &str, series: &str) -> PathBuf {
        self.root.join("repos").join(repository).join(series)
    }

    /// Returns where a step's large result lies.
    pub fn result(&self, fingerprint: &Fingerprint) -> PathBuf {
        self.root.join("results").join(format!("{fingerprint}.json"))
    }

    /// Returns where it is written down which folder is being delivered to.
    pub fn delivering(&self) -> PathBuf {
        self.root.join("delivering.json")
    }

    /// Returns the cache of file hashes.
    pub fn hashes(&self) -> PathBuf {
        self.root.join("hashes.json")
    }

    /// Lists the runs, oldest first.
    pub fn runs(&self) -> Vec<RunId> {
        let mut runs: Vec<RunId> = fs_err::read_dir(self.root.join("runs"))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .filter(|entry| entry.path().join("journal.jsonl").is_file())
            .map(|entry| RunId::new(entry.file_name().to_string_lossy()))
            .collect();
        runs.sort();
        runs
    }

    /// Returns a run id that is not taken: the time, and a number when a second is not enough.
    pub fn next_run(&self, now: Timestamp) -> RunId {
        let base = now.strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
        // A clock that was set back must not put a new run before older ones.
        let latest = self.runs().pop();
        let base = match latest {
            Some(latest) if latest.as_str() >= base.as_str() => {
                latest.as_str().get(..base.len()).unwrap_or(&base).to_owned()
            }
            _ => base,
        };
        (0..1000)
            .map(|n| RunId::new(if n == 0 { base.clone() } else { format!("{base}-{n:03}") }))
            .find(|id| !self.run(id).exists())
            .unwrap_or_else(|| RunId::new(base.clone()))
    }

    /// Reads which checkpoints there are. An unreadable file means none: the database is then restored again.
    pub fn checkpoints(&self) -> Checkpoints {
        fs_err::read(self.root.join("checkpoints.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Writes down which checkpoints there are.
    pub fn save_checkpoints(&self, checkpoints: &Checkpoints) -> Result<(), JournalError> {
        self.write_json(&self.root.join("checkpoints.json"), checkpoints)
    }

    /// Writes a JSON file whole or not at all.
    pub fn write_json(&self, path: &Path, value: &impl Serialize) -> Result<(), JournalError> {
        let io = |source| JournalError::Io {
            path: path.into(),
            source,
        };
        let folder = path.parent().unwrap_or(&self.root);
        fs_err::create_dir_all(folder).map_err(io)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
        serde_json::to_writer(&mut file, value).map_err(|e| io(e.into()))?;
        file.flush().map_err(io)?;
        file.as_file().sync_all().map_err(io)?;
        file.persist(path).map_err(|e| io(e.error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_does_not_reorder_runs() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::beside(folder.path(), "acme");
        let late: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap();
        let early: Timestamp = "2026-11-22T19:00:00Z".parse().unwrap();
        let mut ids = Vec::new();
        for now in [late, late, early] {
            let id = state.next_run(now);
            fs_err::create_dir_all(state.run(&id)).unwrap();
            fs_err::write(state.journal(&id), "").unwrap();
            ids.push(id);
        }
        let mut sorted = ids.clone();
        sorted.sort();
        assert_eq!(ids, sorted);
        assert_eq!(state.runs(), ids);
    }

    #[test]
    fn checkpoints_survive_a_write_and_a_torn_file_means_none() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::beside(folder.path(), "acme");
        let mut checkpoints = Checkpoints::new();
        checkpoints.insert(
            Fingerprint::of("x"),
            Checkpoint {
                step: StepId::new("restore"),
                bytes: 7,
                at: Timestamp::UNIX_EPOCH,
                volume: "v".into(),
            },
        );
        state.save_checkpoints(&checkpoints).unwrap();
        assert_eq!(state.checkpoints(), checkpoints);
        fs_err::write(state.root().join("checkpoints.json"), "{\"ab").unwrap();
        assert!(state.checkpoints().is_empty());
    }
}
