//! A file on its way through the rules, and what was said about it on the way.

use super::edit::{Edit, after, before};
use super::facts::Heard;
use super::file::place;
use super::found::Said;
use super::rules::Rule;
use super::{Finding, Lines, SourceFile, Unparsed};

/// A file between two rules.
pub(super) struct Draft {
    /// As it is now.
    pub(super) file: SourceFile,
    /// Where it lay and, once it changed, what it said in the beginning; `None` when a rule made it.
    pub(super) origin: Option<Origin>,
    /// The edits of every change, one after the other.
    edits: Vec<Vec<Edit>>,
    /// What was said, and how many changes there had been.
    said: Vec<(usize, &'static Rule, Said)>,
    /// What is wrong with it, and how many changes there had been.
    pub(super) broken: Option<(usize, usize, String)>,
    /// What it says of models, as long as it is true.
    pub(super) heard: Option<Heard>,
}

/// A file before the first rule.
pub(super) struct Origin {
    pub(super) path: String,
    pub(super) text: Option<String>,
}

impl Draft {
    /// Begins with a file that is there.
    pub(super) fn of(file: SourceFile) -> Draft {
        let origin = Origin {
            path: file.path.clone(),
            text: None,
        };
        Draft {
            origin: Some(origin),
            ..Draft::new(file)
        }
    }

    /// Begins with a file that a rule makes.
    pub(super) fn new(file: SourceFile) -> Draft {
        Draft {
            file,
            origin: None,
            edits: Vec::new(),
            said: Vec::new(),
            broken: None,
            heard: None,
        }
    }

    /// Remembers what a rule says of the text as it is now.
    pub(super) fn say(&mut self, rule: &'static Rule, said: Said) {
        self.said.push((self.edits.len(), rule, said));
    }

    /// Remembers that the text as it is now cannot be parsed.
    pub(super) fn cannot(&mut self, at: usize, message: String) {
        self.broken.get_or_insert((self.edits.len(), at, message));
    }

    /// Gives the file another text, and returns the one it had.
    pub(super) fn becomes(&mut self, text: String, edits: Vec<Edit>) {
        let old = std::mem::replace(&mut self.file.text, text);
        self.edits.push(edits);
        self.heard = None;
        if let Some(origin) = &mut self.origin {
            origin.text.get_or_insert(old);
        }
    }

    /// Says whether it is what it was, where it was.
    pub(super) fn is_untouched(&self) -> bool {
        (self.origin.as_ref())
            .is_some_and(|it| it.path == self.file.path && it.text.as_ref().is_none_or(|text| *text == self.file.text))
    }

    /// Returns what was said, with lines of the file as it is now or as it was.
    pub(super) fn findings(&self, lines: Lines) -> impl Iterator<Item = Finding> {
        self.said.iter().map(move |(version, rule, said)| {
            let (path, line, column) = self.place(*version, said.at, lines);
            Finding {
                rule: rule.id,
                level: said.level,
                path: path.to_owned(),
                line,
                column,
                message: said.message.clone(),
                remedy: said.remedy.clone(),
            }
        })
    }

    /// Returns what is wrong with it.
    pub(super) fn unparsed(&self, lines: Lines) -> Option<Unparsed> {
        let (version, at, message) = self.broken.as_ref()?;
        let (path, line, column) = self.place(*version, *at, lines);
        Some(Unparsed {
            path: path.to_owned(),
            line,
            column,
            message: message.clone(),
        })
    }

    /// Follows a byte of the text after some changes to the last text, or back to the first.
    fn place(&self, version: usize, at: usize, lines: Lines) -> (&str, usize, usize) {
        let now = || {
            let at = self.edits[version..].iter().fold(at, |at, edits| after(edits, at));
            let (line, column) = place(&self.file.text, at);
            (self.file.path.as_str(), line, column)
        };
        match (lines, &self.origin) {
            (Lines::After, _) | (_, None) => now(),
            (Lines::Before, Some(origin)) => {
                let at = self.edits[..version]
                    .iter()
                    .rev()
                    .fold(at, |at, edits| before(edits, at));
                let (line, column) = place(origin.text.as_ref().unwrap_or(&self.file.text), at);
                (origin.path.as_str(), line, column)
            }
        }
    }
}
