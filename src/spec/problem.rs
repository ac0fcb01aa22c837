//! Problems in what the user wrote: what, where, and what to do.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use crate::event::Severity;

/// Something wrong in a file the user wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad: only [`Severity::Error`] keeps the plan from being used.
    pub severity: Severity,
    /// A stable name for the kind of problem: `unknown-key`, `series-unknown`.
    pub code: &'static str,
    /// The file, as the user named it.
    pub file: PathBuf,
    /// The bytes it is about; `None` when it is about the file as a whole.
    pub span: Option<Range<usize>>,
    /// What is wrong, in lower case, naming the object.
    pub message: String,
    /// What stands at the span.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// A second place that explains the first, and what stands there.
    pub related: Option<(Range<usize>, String)>,
}

impl Problem {
    /// Makes an error about a file as a whole.
    pub fn error(code: &'static str, file: &Path, message: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Error,
            code,
            file: file.to_owned(),
            span: None,
            message: message.into(),
            label: String::new(),
            help: None,
            related: None,
        }
    }

    /// Makes it a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Says where in the file it is, and what stands there.
    #[must_use]
    pub fn at(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.span = Some(span);
        self.label = label.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }
}

/// All problems found, with the text of the files they are in.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    /// Texts without their secrets: what is here may be shown.
    sources: BTreeMap<PathBuf, String>,
}

impl Problems {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the text of a file, secrets already masked, for showing its lines.
    pub fn keep_source(&mut self, file: &Path, masked: String) {
        self.sources.insert(file.to_owned(), masked);
    }

    /// Returns the text of a file, secrets masked.
    pub fn source(&self, file: &Path) -> Option<&str> {
        self.sources.get(file).map(String::as_str)
    }

    /// Adds a problem, unless the very same one is there already (a YAML alias repeats its anchor's).
    pub fn push(&mut self, problem: Problem) {
        if !self.list.contains(&problem) {
            self.list.push(problem);
        }
    }

    /// Orders problems by file and place: `first` first, other files in the order they were met.
    pub fn sort(&mut self, first: &Path) {
        let mut files: Vec<PathBuf> = vec![first.to_owned()];
        for problem in &self.list {
            if !files.contains(&problem.file) {
                files.push(problem.file.clone());
            }
        }
        self.list.sort_by_key(|problem| {
            let file = files.iter().position(|file| *file == problem.file);
            (file, problem.span.as_ref().map(|span| (span.start, span.end)))
        });
    }

    /// Returns whether there is no problem, not even a warning.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Returns the problems in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// Returns the line and column of a problem, both from 1, columns in characters.
    pub fn position(&self, problem: &Problem) -> Option<(usize, usize)> {
        let start = problem.span.as_ref()?.start;
        let before = self.source(&problem.file)?.get(..start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        ))
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        for problem in problems {
            self.push(problem);
        }
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line per problem, for logs and errors' chains; `ui::diagnostic` draws them properly.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}", problem.file.display())?;
            if let Some((line, column)) = self.position(problem) {
                write!(f, ":{line}:{column}")?;
            }
            write!(f, ": {}", problem.message)?;
            if let Some(help) = &problem.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
