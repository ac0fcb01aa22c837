//! Finding and reading playbooks.

use std::path::{Component, Path, PathBuf};

use crate::ident::{Fingerprint, Hasher};
use crate::spec::catalog;
use crate::spec::document::{Document, Place};
use crate::spec::playbook_file::PlaybookFile;
use crate::spec::problem::{Problem, Problems};
use crate::spec::resolved::{Script, Verb};
use crate::spec::suggest::remedy;
use crate::spec::text_file::{self, TextFile};

use super::{Review, Scripts};

/// A playbook that a plan uses.
pub(super) struct Book {
    pub(super) name: String,
    pub(super) document: Document,
    pub(super) file: PlaybookFile,
    /// The folder its relative paths start at.
    folder: PathBuf,
    embedded: Option<catalog::Playbook>,
    yaml: String,
}

impl Book {
    /// Begins a review of the playbook.
    pub(super) fn review(&self) -> Review<'_> {
        let scripts = self.embedded.as_ref().map_or(Scripts::OnDisk, Scripts::Embedded);
        Review {
            scripts,
            ..Review::new(&self.document, &self.folder)
        }
    }

    /// Returns the fingerprint of its YAML and of the scripts that were read for it.
    pub(super) fn fingerprint<'s>(&self, scripts: impl Iterator<Item = &'s Script>) -> Fingerprint {
        let mut hasher = Hasher::default();
        hasher.field("yaml", &self.yaml);
        for script in scripts.filter(|script| script.origin == self.name) {
            if let Verb::Sql { text, .. } | Verb::Python { text, .. } | Verb::Check { text, .. } = &script.verb {
                hasher.field("script", text);
            }
        }
        hasher.finish()
    }
}

impl Review<'_> {
    /// Reads the playbooks a plan names; problems inside them go to `problems`.
    pub(super) fn playbooks(&mut self, entries: &[String], problems: &mut Problems) -> Vec<Book> {
        let list = self.root().key("playbooks");
        let mut books = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let place = list.item(index);
            if let Some(first) = entries[..index].iter().position(|other| other == entry) {
                let problem = place
                    .error(
                        "duplicate-playbook",
                        format!("the playbook `{entry}` is there twice"),
                        "and again here",
                    )
                    .related(list.item(first).range(), "first here");
                self.report(problem.help("name it once"));
                continue;
            }
            let is_path = entry.contains('/') || [".yaml", ".yml"].iter().any(|end| entry.ends_with(end));
            let book = if is_path {
                self.book_on_disk(&place, entry, problems)
            } else {
                self.book_of_catalog(&place, entry, problems)
            };
            books.extend(book);
        }
        books
    }

    fn book_of_catalog(&mut self, place: &Place<'_>, name: &str, problems: &mut Problems) -> Option<Book> {
        let Some(playbook) = catalog::find(name) else {
            let help = remedy(name, "the catalogue", catalog::names());
            let problem = place.error(
                "unknown-playbook",
                format!("there is no playbook `{name}`"),
                "not in the catalogue",
            );
            self.report(problem.help(format!(
                "{help}; your own is named by its path, such as `./{name}.yaml`"
            )));
            return None;
        };
        let (document, file) = Document::read(&playbook.path(), playbook.yaml, problems)?;
        Some(Book {
            name: name.to_owned(),
            document,
            file,
            folder: playbook.path().parent()?.to_owned(),
            yaml: playbook.yaml.to_owned(),
            embedded: Some(playbook),
        })
    }

    fn book_on_disk(&mut self, place: &Place<'_>, written: &str, problems: &mut Problems) -> Option<Book> {
        let path = self.absolute(Path::new(written));
        let beside = self.document.file.parent().unwrap_or(Path::new(""));
        let shown = tidy(&beside.join(written));
        let text = match text_file::read(&path) {
            Ok(TextFile { text, .. }) => text,
            Err(error) if error.is_missing() => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let help = match catalog::find(&stem) {
                    Some(_) => format!("the catalogue has one of that name: write `{stem}`"),
                    None => "relative paths start at the plan's folder".to_owned(),
                };
                let problem = place.error(
                    "unknown-playbook",
                    format!("the playbook `{written}` does not exist"),
                    "no such file",
                );
                self.report(problem.help(help));
                return None;
            }
            Err(error) => {
                problems.push(error.problem(&shown));
                return None;
            }
        };
        let (document, file): (Document, PlaybookFile) = Document::read(&shown, &text, problems)?;
        if let Some(problem) = wrong_name(&document, &file, &path) {
            self.report(problem);
        }
        Some(Book {
            name: file.name.clone(),
            document,
            file,
            folder: path.parent()?.to_owned(),
            embedded: None,
            yaml: text,
        })
    }
}

/// A playbook is named like its file, or like its folder where the file is called `playbook.yaml`.
fn wrong_name(document: &Document, file: &PlaybookFile, path: &Path) -> Option<Problem> {
    let stem = path.file_stem()?.to_string_lossy();
    let expected = match stem.as_ref() {
        "playbook" => path.parent()?.file_name()?.to_string_lossy(),
        _ => stem,
    };
    let problem = || {
        let place = document.root().key("name");
        let message = format!("the playbook is named `{}`, but its file `{expected}`", file.name);
        place
            .error("playbook-name", message, "not the file's name")
            .help(format!("write `name: {expected}`"))
    };
    let problem = (file.name != expected).then(problem)?;
    (!document.is_blanked(&problem)).then_some(problem)
}

/// Drops `.` and resolves `..` in a path that is only shown.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}
