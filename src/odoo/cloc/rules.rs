//! What a series counts, and what it does not.

use std::fmt;

use serde::Serialize;

use crate::ident::Series;

/// Files larger than this are an error and count nothing, in bytes.
pub const MAX_FILE_BYTES: u64 = 25 * 1024 * 1024;

/// What of a module is free in every series, as patterns in its folder.
const FREE: [&str; 6] = [
    "__manifest__.py",
    "__openerp__.py",
    "tests/**/*",
    "static/lib/**/*",
    "static/tests/**/*",
    "migrations/**/*",
];
/// The same since 15.0.
const FREE_SINCE_15: &str = "upgrades/**/*";

/// The rules of a series, as counted with a Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    series: Series,
    python: Python,
}

/// The Python whose syntax tree decides which lines of Python count: the same file may differ between hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Python {
    /// Python 3.8 and 3.9: an imported name on a line of its own is no line of code.
    #[serde(rename = "3.9")]
    V39,
    /// Python 3.10 and newer, with the syntax of 3.13.
    #[default]
    #[serde(rename = "3.10+")]
    V310,
}

impl fmt::Display for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Python::V39 => "3.9",
            Python::V310 => "3.10+",
        })
    }
}

/// A kind of file that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `.py`
    Python,
    /// `.js`
    JavaScript,
    /// `.xml`
    Xml,
    /// `.css`, since 16.0
    Css,
    /// `.scss`, since 16.0
    Scss,
}

impl Rules {
    /// Returns the rules of a series, with Python 3.10 or newer.
    pub fn of(series: Series) -> Rules {
        Rules {
            series,
            python: Python::default(),
        }
    }

    /// Returns these rules as a host with another Python counts by them.
    #[must_use]
    pub fn with_python(self, python: Python) -> Rules {
        Rules { python, ..self }
    }

    /// Returns the series.
    pub fn series(self) -> Series {
        self.series
    }

    /// Returns the Python.
    pub fn python(self) -> Python {
        self.python
    }

    /// Returns what kind of file a name says it is, when that kind is counted.
    pub fn kind_of(self, path: impl AsRef<[u8]>) -> Option<Kind> {
        let path = path.as_ref();
        let (stem, extension) = path.split_at(memchr::memrchr(b'.', path)?);
        let kinds = [
            (&b"py"[..], Kind::Python),
            (b"js", Kind::JavaScript),
            (b"xml", Kind::Xml),
            (b"css", Kind::Css),
            (b"scss", Kind::Scss),
        ];
        // No letter beyond ASCII is one of these in small.
        let (_, kind) = kinds
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&extension[1..]))?;
        // Leading dots begin no extension.
        let has_stem = (stem.iter().rev())
            .find(|byte| **byte != b'.')
            .is_some_and(|byte| *byte != b'/');
        (has_stem && (self.since(16) || !matches!(kind, Kind::Css | Kind::Scss))).then_some(kind)
    }

    /// Returns the longest line of a script or style, in characters; a longer one makes the file an error.
    pub fn max_line(self) -> Option<usize> {
        self.since(16).then_some(100_000)
    }

    /// Returns what of every module is free, as patterns in its folder.
    pub fn free(self) -> impl Iterator<Item = &'static str> {
        FREE.into_iter().chain(self.since(15).then_some(FREE_SINCE_15))
    }

    /// Returns the names of the files that make a folder a module.
    pub fn manifests(self) -> &'static [&'static str] {
        if self.since(19) {
            &["__manifest__.py"]
        } else {
            &["__manifest__.py", "__openerp__.py"]
        }
    }

    pub(super) fn since(self, major: u8) -> bool {
        self.series.major() >= major
    }
}
