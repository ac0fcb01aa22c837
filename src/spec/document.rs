//! A file the user wrote: its text, where everything in it stands, and how to speak of a place in it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::fit::{Fit, fit};
use super::problem::{Problem, Problems};
use super::secrets;
use super::shape::Shape;
use super::spans::{self, Node};
use super::yaml;

/// A file, its text and its places.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file, as the user named it.
    pub file: PathBuf,
    /// Its text with secrets masked, fit to be shown.
    masked: String,
    root: Node,
    /// Places that were replaced by blanks because they did not fit the types.
    blanked: Vec<Range<usize>>,
}

impl Document {
    /// Reads a file's text into its type.
    ///
    /// Problems are added to `problems`. The value is there whenever the text is YAML at all: what does not fit is
    /// blank in it, so that the rest can be checked as well.
    pub fn read<T: DeserializeOwned + JsonSchema>(
        file: &Path,
        text: &str,
        problems: &mut Problems,
    ) -> Option<(Document, T)> {
        let root = match spans::read(text) {
            Ok(Some(root)) => root,
            Ok(None) => {
                problems.push(Problem::error("empty-file", file, "the file is empty").help(EMPTY));
                return None;
            }
            Err(error) => {
                problems.keep_source(file, secrets::masked(text, None));
                let problem = Problem::error("yaml", file, format!("this is not YAML: {}", error.message));
                problems.push(problem.at(error.range, "noticed here"));
                return None;
            }
        };
        let masked = secrets::masked(text, Some(&root));
        problems.keep_source(file, masked.clone());
        let (
            repaired,
            Fit {
                problems: found,
                blanked,
            },
        ) = fit(file, &root, &Shape::of::<T>());
        let fits = found.is_empty();
        problems.extend(found);
        let value = if fits {
            yaml::from_text(text).map_err(|error| {
                let at = error.at.unwrap_or(0).min(text.len());
                Problem::error("yaml", file, error.message).at(at..at, "noticed here")
            })
        } else {
            serde_json::from_value(repaired).map_err(|error| Problem::error("yaml", file, error.to_string()))
        };
        let document = Document {
            file: file.to_owned(),
            masked,
            root,
            blanked,
        };
        match value {
            Ok(value) => Some((document, value)),
            // Blanking is best effort: when even that cannot be read, what was found before must do.
            Err(_) if !fits => None,
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    }

    /// Returns the text, secrets masked.
    pub fn masked(&self) -> &str {
        &self.masked
    }

    /// Returns the place of the whole file.
    pub fn root(&self) -> Place<'_> {
        let first = self.root.entries().first();
        Place {
            document: self,
            node: Some(&self.root),
            key: first.map_or(self.root.range.clone(), |entry| entry.key_range.clone()),
        }
    }

    /// Returns whether everything in the file fitted its type, so that what is missing is really missing.
    pub fn is_whole(&self) -> bool {
        self.blanked.is_empty()
    }

    /// Returns whether a problem speaks of a blank rather than of what the user wrote.
    pub fn is_blanked(&self, problem: &Problem) -> bool {
        let overlaps = |span: &Range<usize>| self.blanked.iter().any(|b| b.start < span.end && span.start < b.end);
        problem.file == self.file && problem.span.as_ref().is_some_and(overlaps)
    }
}

const EMPTY: &str = "a plan needs at least `customer`, `source` and `target`; a playbook `name` and `title`";

/// A place in a [`Document`]; one that is not there points at the nearest thing above it that is.
#[derive(Clone, Debug)]
pub struct Place<'d> {
    document: &'d Document,
    node: Option<&'d Node>,
    /// The key above, for values that have one.
    key: Range<usize>,
}

impl<'d> Place<'d> {
    /// Returns the value of a key.
    #[must_use]
    pub fn key(&self, name: &str) -> Place<'d> {
        match self.node.and_then(|node| node.entry(name)) {
            Some(entry) => Place {
                document: self.document,
                node: Some(&entry.value),
                key: entry.key_range.clone(),
            },
            None => self.absent(),
        }
    }

    /// Returns an item of a list.
    #[must_use]
    pub fn item(&self, index: usize) -> Place<'d> {
        match self.node.and_then(|node| node.items().get(index)) {
            Some(node) => Place {
                document: self.document,
                node: Some(node),
                key: node
                    .entries()
                    .first()
                    .map_or(node.range.clone(), |entry| entry.key_range.clone()),
            },
            None => self.absent(),
        }
    }

    fn absent(&self) -> Place<'d> {
        Place {
            document: self.document,
            node: None,
            key: self.key.clone(),
        }
    }

    /// Returns whether it is in the file.
    pub fn is_there(&self) -> bool {
        self.node.is_some()
    }

    /// Returns the bytes of the value, or of the key above when there is no value.
    pub fn range(&self) -> Range<usize> {
        self.node.map_or(self.key.clone(), |node| node.range.clone())
    }

    /// Returns the place of the key itself.
    #[must_use]
    pub fn at_key(&self) -> Place<'d> {
        self.absent()
    }

    /// Makes an error about this place.
    pub fn error(&self, code: &'static str, message: impl Into<String>, label: impl Into<String>) -> Problem {
        Problem::error(code, &self.document.file, message).at(self.range(), label)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::spec::plan_file::PlanFile;

    const WHOLE: &str = "customer: åkeri
source: { backup: b.zip, series: '18.0' }
target: 19.0
playbooks: [l10n_se]
repositories:
  - { name: web, url: u, auth: { token: { env: T } } }
hops:
  '19.0': { before: [{ sql: a.sql }], after: [{ uninstall: [a] }] }
limits: { cpus: 2 }
";

    proptest! {
        #[test]
        fn however_a_plan_is_torn_every_problem_is_inside_its_text(
            from in 0..WHOLE.len(), length in 0..40_usize, instead in "[\\[\\]{}:,'\"&*!å \n-]{0,4}",
        ) {
            let start = (0..=from).rev().find(|at| WHOLE.is_char_boundary(*at)).unwrap_or(0);
            let end = (start + length..WHOLE.len()).find(|at| WHOLE.is_char_boundary(*at)).unwrap_or(WHOLE.len());
            let text = format!("{}{instead}{}", &WHOLE[..start], &WHOLE[end..]);
            let mut problems = Problems::new();
            let read = Document::read::<PlanFile>(Path::new("plan.yaml"), &text, &mut problems);
            prop_assert!(read.is_some() || problems.has_errors());
            for problem in &problems {
                let span = problem.span.clone().unwrap_or(0..0);
                prop_assert!(text.get(span.clone()).is_some(), "{:?} of {}", span, problem.message);
            }
        }

        #[test]
        fn a_plan_with_one_piece_blanked_is_still_read(index in 0..4_usize) {
            let piece = ["'18.0'", "[l10n_se]", "{ cpus: 2 }", "a.sql"][index];
            let text = WHOLE.replacen(piece, "!odd x", 1);
            let mut problems = Problems::new();
            let (document, plan) = Document::read::<PlanFile>(Path::new("plan.yaml"), &text, &mut problems).unwrap();
            prop_assert_eq!((problems.len(), document.is_whole()), (1, false));
            prop_assert_eq!(plan.customer, "åkeri");
        }
    }
}
