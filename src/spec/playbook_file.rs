//! A playbook, as it is written in YAML.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan_file::{Accept, Hop, Step};

/// A reusable recipe: steps to add before or after a hop, or at verification.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaybookFile {
    /// Its name; the same as its file's.
    pub name: String,
    /// What it is for, in one line.
    pub title: String,
    /// What it adds to hops, by the series the hop ends at.
    #[serde(default)]
    pub hops: IndexMap<String, Hop>,
    /// Checks at the end.
    #[serde(default)]
    pub checks: Vec<Step>,
    /// Findings that are known and accepted.
    #[serde(default)]
    pub accept: Vec<Accept>,
}
