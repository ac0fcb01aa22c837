//! What the script in the container answered about a database.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What became of one database.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// Odoo's exit code; -1 where it could not start.
    pub exit: i64,
    /// The state of the module that was tried: `installed`.
    pub state: Option<String>,
    /// What Python raised.
    pub raised: Option<String>,
    /// How many views the module has.
    pub views: u64,
    /// The views that do not load.
    pub broken: Vec<Broken>,
    /// Its tests, where they were asked for.
    pub tests: Option<Tests>,
    /// How long it took.
    pub seconds: f64,
    /// What Odoo logged while it installed.
    pub log: String,
    /// The seconds after which it was given up.
    pub timed_out: Option<u64>,
    /// The database without which it could not be tried.
    pub skipped_for: Option<String>,
}

impl Answer {
    /// Says whether the module is installed.
    pub fn is_installed(&self) -> bool {
        self.state.as_deref() == Some("installed")
    }
}

/// A view that does not load.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Broken {
    /// Its external id.
    pub xmlid: String,
    /// Its model.
    pub model: Option<String>,
    /// What Odoo says.
    pub error: String,
}

/// What a module's tests came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tests {
    /// How many ran.
    pub run: u64,
    /// How many failed or broke.
    pub failed: u64,
    /// How many did not run, for want of a browser for instance.
    pub skipped: u64,
}

/// An answer that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what Odoo answered: {source}")]
pub struct NotAnAnswer {
    source: serde_json::Error,
}

/// Reads the script's result: what became of each database.
pub fn parse(json: &[u8]) -> Result<BTreeMap<String, Answer>, NotAnAnswer> {
    serde_json::from_slice(json).map_err(|source| NotAnAnswer { source })
}
