//! Porting as a part of a run: code that a repository does not have for a series yet is made, where the plan says so.
//!
//! It is made before the graph is compiled, in hopp's mirror and in no branch of anybody: what a run does follows from what
//! the code is. The same code, rules, renames and image of the target give the same commit everywhere.

use std::collections::BTreeSet;
use std::path::Path;

use super::chosen::{self, Wish};
use super::outcome::Row;
use super::path::{candidates, changes_of};
use super::target::Target;
use super::{hops, index, known};
use crate::cli::code::{Source, code_at, git_failure, own_name};
use crate::cli::failure::{Failure, exit};
use crate::event::{Finding, Severity};
use crate::plan::{Code, Facts, Ported, relevant};
use crate::port::{Hop, Level};
use crate::runtime::Runtime;
use crate::spec::{Lock, Plan, PortErrors, Repository};
use crate::steps::{self, Settings};
use crate::world::git::{Committer, GitError, Mirror, Mirrors, Start, Worktree};

/// What a port in a run goes by.
pub(in crate::cli) struct Desk<'a> {
    pub plan: &'a Plan,
    pub lock: &'a Lock,
    pub settings: &'a Settings,
    pub runtime: &'a dyn Runtime,
    /// Whether an image that is not here may be pulled.
    pub pulls: bool,
}

/// Ports what the plan wants ported, and puts it into the facts.
pub(in crate::cli) async fn bring(desk: &Desk<'_>, facts: &mut Facts, sources: &[Source]) -> Result<(), Failure> {
    let Desk {
        plan, lock, settings, ..
    } = *desk;
    let mirrors = Mirrors::new(settings.cache.join("git"));
    for repository in &plan.repositories {
        let without = repository.port.as_ref().map(|port| port.without.as_slice());
        known(without.unwrap_or_default(), exit::INVALID)?;
    }
    for source in sources {
        let name = &source.code.repository;
        let mut repositories = plan.repositories.iter();
        let Some(repository) = repositories.find(|repository| repository.name == *name) else {
            continue;
        };
        let hops = hops::of_plan(plan, lock, source.code.series, source.to, settings).await?;
        let folder = steps::ported_clone(&plan.folder, &plan.customer, name);
        let mirror = mirrors.open(&repository.url);
        let mirror = mirror.map_err(|error| git_failure(name, &error))?;
        let mirror = mirror.ok_or_else(|| Failure::environment(format!("the mirror of {} is gone", repository.url)))?;
        let Some(at) = (facts.code.iter()).position(|code| code.repository == *name && code.series == source.to) else {
            continue;
        };
        let there = facts.code[at].clone();
        // What matters is decided by what there is to port.
        facts.code[at] = with_modules_of(&there, &source.code);
        let relevant = relevant(plan, facts, source.to, &BTreeSet::new());
        let wanted = |module: &str| relevant.contains(module);
        let asked = index::of_target(desk, source.to).await;
        let (target, not_asked) = match asked {
            Ok(mut index) => {
                index.put_beside(&index::beside(plan, &mirrors, facts, source, &wanted)?);
                index.installed = facts.backup.modules.keys().cloned().collect();
                let without = repository.port.as_ref().map(|port| port.without.clone());
                (Some(Target::of(index, without.unwrap_or_default())), None)
            }
            Err(why) => (None, Some(why)),
        };
        let work = Work {
            target: target.as_ref(),
            not_asked,
            repository,
            mirror: &mirror,
            source,
            there: &there,
            hops: &hops,
            clone: &folder,
        };
        facts.code[at] = work.code(&wanted)?;
    }
    Ok(())
}

/// Returns the code of a series with the modules of an older one that it lacks.
fn with_modules_of(there: &Code, older: &Code) -> Code {
    let mut code = there.clone();
    for (name, manifest) in &older.modules {
        code.modules.entry(name.clone()).or_insert_with(|| manifest.clone());
    }
    code
}

/// One repository on its way to one series.
struct Work<'a> {
    repository: &'a Repository,
    mirror: &'a Mirror,
    source: &'a Source,
    /// What the repository has for the series.
    there: &'a Code,
    hops: &'a [Hop],
    /// Where people go on with it.
    clone: &'a Path,
    /// The target's source.
    target: Option<&'a Target>,
    /// Why there is none.
    not_asked: Option<String>,
}

impl Work<'_> {
    /// Returns the code for the series.
    fn code(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Code, Failure> {
        let name = &self.repository.name;
        let failed = |error: GitError| git_failure(name, &error);
        let branch = self.repository.ported_branch(self.source.to);
        let (commit, rows) = self.made(&branch, wanted)?;
        let Some(from) = &self.source.code.commit else {
            return Ok(self.there.clone());
        };
        let theirs = self.mirror.worked_on(self.clone, &branch).map_err(failed)?;
        let by_hand = theirs.is_some();
        let commit = theirs.map_or(commit, |theirs| theirs.commit);
        let mut code = code_at(self.repository, self.mirror, self.source.to, &branch, commit).map_err(failed)?;
        code.ported = Some(Ported {
            from: self.source.code.series,
            reference: self.source.code.reference.clone(),
            commit: from.clone(),
            branch,
            modules: rows.iter().map(|row| row.name().to_owned()).collect(),
            changes: rows.iter().flat_map(changes).collect(),
            findings: (rows.iter().flat_map(|row| self.findings(row, by_hand)))
                .chain(self.not_asked())
                .collect(),
            by_hand,
        });
        Ok(code)
    }

    /// Ports the modules that are wanted; returns the commit and what became of each.
    fn made(&self, branch: &str, wanted: &dyn Fn(&str) -> bool) -> Result<(String, Vec<Row>), Failure> {
        let name = &self.repository.name;
        let failed = |error: GitError| git_failure(name, &error);
        let source = self.source.code.commit.clone().unwrap_or_default();
        let base = self.there.commit.clone();
        let start = Start {
            branch: branch.to_owned(),
            tip: None,
            base_name: match &base {
                Some(_) => self.there.reference.clone(),
                None => self.source.code.reference.clone(),
            },
            base: base.unwrap_or_else(|| source.clone()),
            source_name: self.source.code.reference.clone(),
            source,
        };
        let worktree = Worktree::in_mirror(self.mirror, &own_name(self.repository)).map_err(failed)?;
        let inside = self.repository.folder.as_deref().unwrap_or(Path::new(""));
        let inside = inside.to_string_lossy();
        let inside = inside.trim_start_matches("./").trim_end_matches(['/', '.']);
        let (candidates, brought) = candidates(&worktree, &start, inside, Path::new(""), wanted).map_err(failed)?;
        let without = self.repository.port.as_ref().map(|port| port.without.clone());
        let wish = Wish {
            without: without.unwrap_or_default(),
            ..Wish::default()
        };
        let to = self.source.to.major();
        let (ready, codes) = chosen::ready(&wish, to, Some(self.source.code.series.major()), candidates)?;
        let ported = ready.port(self.hops, self.target);
        let mut changes = Vec::new();
        for (number, row) in &ported {
            changes.extend(changes_of(row, &codes[*number]));
        }
        let committed = worktree
            .commit(&start, &brought, &changes, Committer::Hopp)
            .map_err(failed)?;
        self.mirror.keep(&committed.tip).map_err(failed)?;
        Ok((committed.tip, ported.into_iter().map(|(_, row)| row).collect()))
    }

    /// Says that nobody was asked about the references of what was ported.
    fn not_asked(&self) -> Option<Finding> {
        let why = self.not_asked.as_ref()?;
        Some(Finding {
            severity: Severity::Info,
            code: "port-not-asked".into(),
            area: "port".into(),
            subject: self.repository.name.clone(),
            message: format!(
                "Odoo {} was not asked about what the code refers to: {why}",
                self.source.to
            ),
            remedy: format!(
                "`hopp port --index` asks it, or a run with the image of {} there",
                self.source.to
            ),
            evidence: Vec::new(),
            since: None,
        })
    }

    /// Returns what a port left of a module, as a run tells it.
    fn findings(&self, row: &Row, by_hand: bool) -> Vec<Finding> {
        let errors = self
            .repository
            .port
            .as_ref()
            .map(|port| port.errors)
            .unwrap_or_default();
        let severity = |level: Level| match (level, errors) {
            // Whoever went on with it has seen it.
            (_, _) if by_hand => Severity::Info,
            (Level::Error, PortErrors::Stop) => Severity::Error,
            (Level::Error, PortErrors::Warn) | (Level::Warning, _) => Severity::Warning,
            (Level::Note, _) => Severity::Info,
        };
        let finding = |level: Level, rule: &str, place: String, message: &str, remedy: &str| Finding {
            severity: severity(level),
            code: format!("port-{rule}"),
            area: "port".into(),
            subject: place,
            message: message.to_owned(),
            remedy: remedy.to_owned(),
            evidence: Vec::new(),
            since: None,
        };
        let place = |path: &str, line: usize| match line {
            0 => row.path(path),
            line => format!("{}:{line}", row.path(path)),
        };
        let said = (row.ported.findings.iter())
            .map(|it| finding(it.level, it.rule, place(&it.path, it.line), &it.message, &it.remedy));
        let unparsed = row.ported.unparsed.iter().map(|it| {
            let message = format!("it does not parse, and no rule looked at it: {}", it.message);
            finding(Level::Error, "unread", place(&it.path, it.line), &message, "correct it")
        });
        let left_out = (row.left_out.iter()).map(|it| {
            finding(
                Level::Warning,
                "unread",
                place(&it.path, 0),
                &it.why,
                "look at it yourself",
            )
        });
        said.chain(unparsed).chain(left_out).collect()
    }
}

/// Returns what the rules changed in a module.
fn changes(row: &Row) -> Vec<(String, String, usize)> {
    let applied = row.ported.applied.iter();
    applied
        .map(|applied| (applied.rule.id.to_owned(), row.name().to_owned(), applied.changes))
        .collect()
}
