//! Names and identities that everything else speaks in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// An Odoo version line between `14.0` and `19.0`.
///
/// Ordered by age: `Series::V18 < Series::V19`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Series(u8);

impl Series {
    /// The oldest series hopp works with.
    pub const OLDEST: Series = Series(14);
    /// The newest series hopp works with.
    pub const NEWEST: Series = Series(19);

    /// Returns the series with this major version, when hopp works with it.
    pub fn from_major(major: u8) -> Option<Series> {
        (Self::OLDEST.0..=Self::NEWEST.0)
            .contains(&major)
            .then_some(Series(major))
    }

    /// Returns the major version: 18 for `18.0`.
    pub fn major(self) -> u8 {
        self.0
    }

    /// Returns the series one hop later, when there is one.
    pub fn next(self) -> Option<Series> {
        Self::from_major(self.0 + 1)
    }

    /// Returns every series hopp works with, oldest first.
    pub fn all() -> impl Iterator<Item = Series> {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Series)
    }

    /// Reads the series off a module's `latest_version`, such as `18.0.1.3`.
    ///
    /// Returns `None` for `SaaS` versions (`saas~18.2.1.3`, `18.2.1.3`) and for series hopp does not work with.
    pub fn of_version(version: &str) -> Option<Series> {
        let mut parts = version.split('.');
        let major = parts.next()?.parse().ok()?;
        (parts.next()? == "0").then(|| Self::from_major(major)).flatten()
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

/// A text that is not a series hopp works with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a series hopp works with: expected `14.0` to `19.0`")]
pub struct NotASeries {
    /// The text as given.
    pub text: String,
}

impl FromStr for Series {
    type Err = NotASeries;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_suffix(".0")
            .and_then(|major| major.parse().ok())
            .and_then(Self::from_major)
            .ok_or_else(|| NotASeries { text: text.into() })
    }
}

impl TryFrom<String> for Series {
    type Error = NotASeries;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Series> for String {
    fn from(series: Series) -> Self {
        series.to_string()
    }
}

/// The name of a step inside one run: `19.0/upgrade`, `checkout/acme-addons@19.0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// Makes an id from its text.
    pub fn new(text: impl Into<String>) -> Self {
        StepId(text.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as a file name: `/` and other separators become `-`.
    pub fn file_name(&self) -> String {
        self.0
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "._@+".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect()
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The name of a run, sortable by time: `2026-11-22T18-35-04Z-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// Makes an id from its text.
    pub fn new(text: impl Into<String>) -> Self {
        RunId(text.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// SHA-256 as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Returns the fingerprint of some bytes.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Returns all 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first twelve digits, for names and screens.
    pub fn short(&self) -> &str {
        &self.0[..self.0.len().min(12)]
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Builds a [`Fingerprint`] piece by piece.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds bytes as they are, for the content of a file.
    pub fn update(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.update(bytes.as_ref());
    }

    /// Adds a named value, length first, so that no two different lists of fields give the same bytes.
    pub fn field(&mut self, name: &str, value: impl AsRef<[u8]>) {
        for part in [name.as_bytes(), value.as_ref()] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// Returns the fingerprint of everything added.
    pub fn finish(self) -> Fingerprint {
        use fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.0.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        Fingerprint(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_reads_from_a_module_version() {
        assert_eq!(Series::of_version("18.0.1.3"), Series::from_major(18));
        assert_eq!(Series::of_version("saas~18.2.1.3"), None);
        assert_eq!(Series::of_version("18.2.1.3"), None);
        assert_eq!(Series::of_version("12.0.1.0"), None);
    }

    #[test]
    fn fields_that_run_together_differ() {
        let finish = |fields: &[(&str, &str)]| {
            let mut hasher = Hasher::default();
            for (name, value) in fields {
                hasher.field(name, value);
            }
            hasher.finish()
        };
        assert_ne!(finish(&[("a", "bc")]), finish(&[("ab", "c")]));
        assert_ne!(finish(&[("a", "b"), ("c", "")]), finish(&[("a", "bc")]));
    }
}
