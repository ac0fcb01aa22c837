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
    /// Whether it was ever parsed.
    pub(super) parsed: bool,
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
            parsed: false,
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

    /// Gives the file another text.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Level;
    use crate::port::edit::apply;
    use crate::port::rules;

    /// Says something about the first place of a word.
    fn say(draft: &mut Draft, word: &str) {
        let said = Said {
            at: draft.file.text.find(word).unwrap(),
            level: Level::Warning,
            message: word.to_owned(),
            remedy: String::new(),
        };
        draft.say(rules::all().next().unwrap(), said);
    }

    fn change(draft: &mut Draft, old: &str, new: &str) {
        let at = draft.file.text.find(old).unwrap();
        let made = apply(&draft.file.text, &[vec![Edit::replace(at..at + old.len(), new)]], &[]);
        draft.becomes(made.text, made.edits);
    }

    #[test]
    fn lines_are_those_of_the_text_at_the_end_or_at_the_beginning_whenever_something_was_said() {
        let text = "import a\n\nx = 1\ny = 2\nz = 3\n";
        let mut draft = Draft::of(SourceFile::read("a.py", text.as_bytes().to_vec()).unwrap());
        say(&mut draft, "y = 2");
        change(&mut draft, "import a\n", "import a\nimport b\nimport c\n");
        say(&mut draft, "z = 3");
        change(&mut draft, "x = 1\n", "");
        say(&mut draft, "import b");
        draft.file.path = "b.py".to_owned();
        let places = |lines| -> Vec<(String, usize, String)> {
            let findings = draft.findings(lines);
            findings.map(|it| (it.path, it.line, it.message)).collect()
        };
        let told = |path: &str, lines: [usize; 3]| -> Vec<(String, usize, String)> {
            let words = ["y = 2", "z = 3", "import b"];
            lines
                .into_iter()
                .zip(words)
                .map(|(line, word)| (path.to_owned(), line, word.to_owned()))
                .collect()
        };
        assert_eq!(places(Lines::After), told("b.py", [5, 6, 2]));
        // What was not there is where its change began.
        assert_eq!(places(Lines::Before), told("a.py", [4, 5, 1]));
        assert!(!draft.is_untouched());
    }
}
