//! Lines of code as they were counted: what a fee is calculated from, and what proves it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A count of the customer's code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Count {
    /// Whose rules were used, for people: `odoo cloc of 18.0, Python 3.10 and later`.
    pub rules: String,
    /// The code that was counted.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Lines by module. Two of one name in two repositories are two.
    pub modules: Vec<ModuleLines>,
    /// What was left out, and why.
    #[serde(default)]
    pub excluded: Vec<Exclusion>,
    /// What could not be counted: it lowers the count.
    #[serde(default)]
    pub errors: Vec<CountError>,
}

/// Code that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The repository's name in the plan.
    pub repository: String,
    /// The commit.
    pub commit: String,
}

/// The lines of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModuleLines {
    /// The module's technical name.
    pub module: String,
    /// The repository it is in.
    #[serde(default)]
    pub repository: Option<String>,
    /// Lines of code.
    pub lines: u64,
}

/// Something that was left out of the count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exclusion {
    /// What: a module, a file, a pattern.
    pub what: String,
    /// Why.
    pub why: String,
}

/// Something that could not be counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountError {
    /// The module.
    pub module: String,
    /// The file.
    pub file: String,
    /// What is wrong with it, in Odoo's words.
    pub message: String,
}
