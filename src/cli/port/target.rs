//! The target's source, asked about what was ported.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Args, chosen};
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::source;
use crate::port::index::{Index, Judged, index_of, judge, only_lost, only_told, settle};
use crate::port::{Finding, Lines, Module, Ported, SourceFile};
use crate::world::modules::{self, Code, CodeFile};
use crate::world::survey::stored;

/// Of how many modules at most an image is asked that nobody named: all of Odoo's own would take seconds and half a
/// gigabyte.
const UNASKED: usize = 100;

/// What is asked.
pub(super) struct Target {
    index: Index,
    /// Where the modules come from.
    from: Option<Origin>,
    /// Only these are told; empty means all.
    only: Vec<String>,
    /// These are not.
    without: Vec<String>,
}

/// Where modules come from.
enum Origin {
    /// A source.
    Source(Index),
    /// A database, which knows its models, views and XML ids, and no code.
    Database(Index),
}

impl Origin {
    async fn read(what: &str, target: &Index, environment: &Environment) -> Result<Origin, Failure> {
        let path = PathBuf::from(what);
        if !source::is_backup(&path) {
            return Ok(Origin::Source(source::index(what, environment).await?));
        }
        let read = tokio::task::spawn_blocking(move || stored(&path, &|| false)).await;
        let read = read.map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))?;
        Ok(Origin::Database(index_of(&read?, target)))
    }

    fn judge(&self, modules: &[Module]) -> Vec<Judged> {
        match self {
            Origin::Source(index) => judge(index, modules),
            Origin::Database(index) => {
                let mut judged = judge(index, modules);
                only_told(&mut judged);
                judged
            }
        }
    }
}

impl Target {
    /// Reads what the command names, or else the target's image where it is at hand and the modules are not too many; where
    /// nothing is asked, a remark says so.
    pub(super) async fn read(
        args: &Args,
        (image, modules): (&str, usize),
        remarks: &mut Vec<String>,
        environment: &Environment,
    ) -> Result<Option<Target>, Failure> {
        if !args.asks() {
            return Ok(None);
        }
        let nobody = "nobody was asked what the target has of what the code refers to";
        let mut index = match &args.index {
            Some(what) => source::index(what, environment).await?,
            None if modules > UNASKED && args.index_from.is_none() => {
                remarks.push(format!("{nobody}: {modules} modules are many (`--index {image}` asks)"));
                return Ok(None);
            }
            None => match source::of_image(image, environment).await {
                Ok(index) => index,
                Err(failure) if args.index_from.is_some() => return Err(failure),
                Err(failure) => {
                    remarks.push(format!("{nobody}: {} (`--index` names a source)", failure.message));
                    return Ok(None);
                }
            },
        };
        for folder in &args.with {
            index.put_beside(&modules_in(folder)?);
        }
        let from = match &args.index_from {
            Some(from) => Some(Origin::read(from, &index, environment).await?),
            None => None,
        };
        if let Some(Origin::Database(database)) = &from {
            index.installed.clone_from(&database.installed);
        }
        Ok(Some(Target {
            index,
            from,
            only: args.rules.clone(),
            without: Vec::new(),
        }))
    }

    /// Returns a target that tells everything but some checks, wherever the modules come from.
    pub(super) fn of(index: Index, without: Vec<String>) -> Target {
        Target {
            index,
            from: None,
            only: Vec::new(),
            without,
        }
    }

    /// Lets modules that are installed in the customer's database stand beside those that are judged.
    pub(super) fn stand_beside(&mut self, installed: &BTreeSet<String>) {
        self.index.installed.extend(installed.iter().cloned());
    }

    /// Says whether what a check finds is told.
    pub(super) fn wants(&self, check: &str) -> bool {
        let is = |id: &String| id == check;
        (self.only.is_empty() || self.only.iter().any(is)) && !self.without.iter().any(is)
    }

    /// Asks the source about modules as they are.
    pub(super) fn before(&self, modules: &[Module]) -> Option<Vec<Judged>> {
        self.from.as_ref().map(|from| from.judge(modules))
    }

    /// Asks the target about modules that were ported, follows what moved there in those that rules may change, and adds
    /// what it says to their findings.
    pub(super) fn judge(
        &self,
        ported: &mut [Ported],
        before: Option<&[Judged]>,
        lines: Lines,
        may: &dyn Fn(&Ported) -> bool,
    ) {
        let mut judged = settle(&self.index, ported, may);
        if let Some(before) = before {
            if matches!(self.from, Some(Origin::Database(_))) {
                // Nobody knows what methods there were.
                for module in &mut judged {
                    module.doubtful.clear();
                }
            }
            only_lost(&mut judged, before);
        }
        for (module, judged) in ported.iter_mut().zip(judged) {
            module.findings.retain(|finding| !self.has(finding));
            for mut finding in judged.findings.into_iter().filter(|it| self.wants(it.rule)) {
                if lines == Lines::Before
                    && let Some(original) = module.originals.get(&finding.path)
                    && let Some(file) = module.files.iter().find(|file| file.path == finding.path)
                {
                    finding.line = line_before(original, &file.text, finding.line);
                }
                if !told(&mut module.findings, &finding) {
                    module.findings.push(finding);
                }
            }
            module
                .findings
                .sort_by(|a, b| (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule)));
        }
    }
}

impl Target {
    /// Says whether what a rule tells to be gone is there all the same: another module may have taken it over.
    fn has(&self, finding: &Finding) -> bool {
        let gone = |what: &str| {
            let rest = finding.message.strip_prefix(what)?;
            rest.strip_suffix(" is gone")
        };
        match finding.rule {
            "A9" => gone("the module ").is_some_and(|name| self.index.addons.contains_key(name)),
            "A7" => gone("the model ").is_some_and(|name| self.index.has_model(name)),
            _ => false,
        }
    }
}

/// Reads the modules of a folder that stand beside what is ported.
fn modules_in(folder: &Path) -> Result<Vec<Module>, Failure> {
    let files = |error: std::io::Error| Failure::of_files(&error);
    let found = modules::find(folder).map_err(files)?;
    let codes = modules::read(&found, &chosen::is_read).map_err(files)?;
    Ok(codes.into_iter().map(module_of).collect())
}

/// Takes a module's files as texts; those that are none say nothing.
pub(super) fn module_of(code: Code) -> Module {
    let read = |file: CodeFile| SourceFile::read(file.path, file.bytes).ok();
    Module {
        files: code.files.into_iter().filter_map(read).collect(),
        name: code.name,
    }
}

/// Says whether a rule that knows OpenUpgrade's tables told the same of the same line already: it knows more, and weighs as
/// much as the source says.
fn told(known: &mut [Finding], finding: &Finding) -> bool {
    let name = finding.message.rsplit('`').nth(1).unwrap_or_default();
    let is_same = |it: &&mut Finding| {
        it.rule.starts_with('A') && it.path == finding.path && it.line == finding.line && it.message.contains(name)
    };
    match known.iter_mut().find(is_same) {
        Some(same) if !name.is_empty() => {
            same.level = same.level.max(finding.level);
            true
        }
        _ => false,
    }
}

/// Returns where a line of the text as it is now stood before: the nearest that says the same.
fn line_before(original: &str, now: &str, line: usize) -> usize {
    let text = now.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let same = original.lines().enumerate().filter(|(_, other)| *other == text);
    same.map(|(number, _)| number + 1)
        .min_by_key(|number| number.abs_diff(line))
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Level;

    #[test]
    fn what_a_rule_told_of_a_line_is_not_told_again() {
        let finding = |rule: &'static str, level, line, message: &str| Finding {
            rule,
            level,
            path: "a.py".to_owned(),
            line,
            column: 1,
            message: message.to_owned(),
            remedy: String::new(),
        };
        let mut known = vec![finding("A7", Level::Warning, 3, "the model gone.model is gone")];
        let same = finding("ref.model", Level::Error, 3, "there is no model `gone.model`");
        assert!(told(&mut known, &same));
        assert_eq!(known[0].level, Level::Error);
        let elsewhere = finding("ref.model", Level::Error, 4, "there is no model `gone.model`");
        let other = finding("ref.field", Level::Error, 3, "`book` has no field `page`");
        assert!(!told(&mut known, &elsewhere) && !told(&mut known, &other));
    }

    #[test]
    fn a_line_is_found_again_in_the_text_as_it_was() {
        assert_eq!(line_before("a\nb\nc\n", "a\nnew\nb\nc\n", 4), 3);
        assert_eq!(line_before("a\nb\nb\n", "b\nb\n", 1), 2);
        assert_eq!(line_before("a\n", "z\n", 1), 1);
    }
}
