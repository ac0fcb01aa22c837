//! A folder or a git repository of the user's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::chosen::{self, Candidate, Wish};
use super::outcome::{Branch, Outcome, Part, Row};
use super::target::Target;
use super::{Args, hops, upgrade_code};
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::ident::Series;
use crate::port::Ported;
use crate::world::git::{Change, Committer, Credentials, GitError, Start, Worktree};
use crate::world::modules::{self, Code};

pub(super) async fn port(args: &Args, environment: &Environment) -> Result<Outcome, Failure> {
    let path = &args.what;
    if !path.is_dir() {
        let failure = Failure::new(exit::USAGE, format!("`{}` is no folder", path.display()));
        return Err(failure.hint("name a module, a folder of modules, a git repository, or a plan (`.yaml`)"));
    }
    let to = args.to.unwrap_or(Series::NEWEST).major();
    let worktree = if args.check || args.no_commit {
        None
    } else {
        Worktree::around(path).map_err(|error| git_failure(&error))?
    };
    let (part, remarks) = match worktree {
        None => in_folder(args, to, environment).await?,
        Some(worktree) => {
            let inside = inside(&worktree, path)?;
            let all = worktree.start("", None, &[]).map_err(|error| git_failure(&error))?;
            let named = name_of(
                &worktree.modules(&all.source).map_err(|error| git_failure(&error))?,
                &inside,
                args,
                &worktree,
            );
            let branch = (args.branch.clone()).unwrap_or_else(|| format!("{to}.0-mig-{named}"));
            let start = worktree
                .start(&branch, None, &[format!("{to}.0")])
                .map_err(|error| git_failure(&error))?;
            let shown = if inside.is_empty() {
                path.clone()
            } else {
                root_as_shown(path, &inside)
            };
            let repository = InGit {
                name: named,
                worktree,
                start,
                inside,
                shown,
                otherwise: None,
                only: None,
                installed: BTreeSet::new(),
                credentials: Credentials::default(),
                image: image_of(to),
            };
            repository.port(args, to, environment).await?
        }
    };
    Ok(Outcome {
        to,
        check: args.check,
        parts: vec![part],
        remarks,
        tried: None,
    })
}

/// Returns what the image of a series is called where no plan says otherwise.
fn image_of(to: u8) -> String {
    format!("odoo:{to}.0")
}

/// Changes files where they lie.
async fn in_folder(args: &Args, to: u8, environment: &Environment) -> Result<(Part, Vec<String>), Failure> {
    let files = |error: std::io::Error| Failure::of_files(&error);
    let folders = modules::find(&args.what).map_err(files)?;
    if folders.is_empty() {
        return Err(no_module(args));
    }
    let codes = modules::read(&folders, &chosen::is_read).map_err(files)?;
    chosen::check_names(args, codes.iter().map(|code| code.name.as_str()))?;
    let candidates = codes.into_iter().map(|code| Candidate {
        folder: plain(&code.folder),
        wanted: args.module.is_empty() || args.module.contains(&code.name),
        code,
    });
    let (mut ready, codes) = chosen::ready(&Wish::of(args), to, None, candidates.collect())?;
    if let Some(image) = &args.with_odoo_upgrade_code {
        upgrade_code::apply(&mut ready, image, to, environment).await?;
    }
    let (hops, mut remarks) = hops::hops(ready.first, to, &args.openupgrade, args.offline, environment).await?;
    let target = Target::read(args, (&image_of(to), ready.wanted()), &mut remarks, environment).await?;
    let mut rows = Vec::new();
    for (number, mut row) in ready.port(&hops, target.as_ref()) {
        if !args.check && row.is_changed() {
            row.not_written = match modules::write(&codes[number], &files_of(&row.ported)) {
                Ok(()) => None,
                Err(error) => Some((error.to_string(), error.remedy())),
            };
        }
        rows.push(row);
    }
    let name = last_name(&args.what);
    Ok((
        Part {
            name,
            rows,
            branch: None,
        },
        remarks,
    ))
}

/// A repository in which a branch is made.
pub(super) struct InGit {
    /// What it is called.
    pub name: String,
    pub worktree: Worktree,
    pub start: Start,
    /// The folder in it that is looked at, with `/`.
    pub inside: String,
    /// Its root, as it is shown.
    pub shown: PathBuf,
    /// The series of modules whose manifest says none, where something else tells.
    pub otherwise: Option<u8>,
    /// Only these modules are brought along.
    pub only: Option<BTreeSet<String>>,
    /// What the plan's customer has installed.
    pub installed: BTreeSet<String>,
    pub credentials: Credentials,
    /// The target's image.
    pub image: String,
}

impl InGit {
    /// Brings modules over on the branch, and pushes it when that was asked for.
    pub(super) async fn port(
        self,
        args: &Args,
        to: u8,
        environment: &Environment,
    ) -> Result<(Part, Vec<String>), Failure> {
        let wanted = |name: &str| match &self.only {
            Some(only) => only.contains(name),
            None => args.module.is_empty() || args.module.iter().any(|wanted| wanted == name),
        };
        let (candidates, brought) = candidates(&self.worktree, &self.start, &self.inside, &self.shown, &wanted)
            .map_err(|error| git_failure(&error))?;
        let names = candidates.iter().map(|candidate| candidate.code.name.as_str());
        if self.only.is_none() {
            chosen::check_names(args, names)?;
        }
        if candidates.is_empty() && self.only.is_none() {
            return Err(no_module(args));
        }
        if !args.check {
            self.refuse_uncommitted(&candidates)?;
        }
        let otherwise = self.otherwise.or_else(|| chosen::of_branch(&self.start.source_name));
        let (mut ready, codes) = chosen::ready(&Wish::of(args), to, otherwise, candidates)?;
        if let Some(image) = &args.with_odoo_upgrade_code {
            upgrade_code::apply(&mut ready, image, to, environment).await?;
        }
        let (hops, mut remarks) = hops::hops(ready.first, to, &args.openupgrade, args.offline, environment).await?;
        let mut target = Target::read(args, (&self.image, ready.wanted()), &mut remarks, environment).await?;
        if let Some(target) = &mut target {
            target.stand_beside(&self.installed);
        }
        let ported = ready.port(&hops, target.as_ref());
        let branch = if args.check {
            None
        } else {
            Some(self.commit(&brought, &ported, &codes, args)?)
        };
        let rows = ported.into_iter().map(|(_, row)| row).collect();
        Ok((
            Part {
                name: self.name,
                rows,
                branch,
            },
            remarks,
        ))
    }

    fn refuse_uncommitted(&self, candidates: &[Candidate]) -> Result<(), Failure> {
        let wanted = candidates.iter().filter(|candidate| candidate.wanted);
        let folders: Vec<String> = wanted.map(|candidate| plain(&candidate.code.folder)).collect();
        let changed = self
            .worktree
            .uncommitted(&folders)
            .map_err(|error| git_failure(&error))?;
        if changed.is_empty() {
            return Ok(());
        }
        let mut named = changed.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        if changed.len() > 3 {
            named = format!("{named} and {} more", changed.len() - 3);
        }
        let message = format!("{} holds changes that are not committed: {named}", self.shown.display());
        Err(Failure::environment(message)
            .hint("commit them or `git stash`; `--check` only looks, `--no-commit` writes beside them"))
    }

    fn commit(
        &self,
        brought: &[String],
        ported: &[(usize, Row)],
        codes: &[Code],
        args: &Args,
    ) -> Result<Branch, Failure> {
        let mut changes = Vec::new();
        for (number, row) in ported {
            changes.extend(changes_of(row, &codes[*number]));
        }
        let committed = if brought.is_empty() && changes.is_empty() {
            None
        } else {
            Some(
                self.worktree
                    .commit(&self.start, brought, &changes, Committer::User)
                    .map_err(|error| git_failure(&error))?,
            )
        };
        let mut in_the_way = None;
        if let Some(committed) = &committed {
            let untouched = self.worktree.is_untouched(&self.start.branch);
            let landed = self.worktree.land(&self.start, &committed.tip);
            in_the_way = landed.map_err(|error| git_failure(&error))?;
            if untouched {
                let made = self.worktree.made(&self.start.branch, &committed.tip);
                made.map_err(|error| git_failure(&error))?;
            }
        }
        let exists = committed.is_some() || self.start.tip.is_some();
        let pushed = match &args.push {
            Some(remote) if exists => {
                let branch = &self.start.branch;
                let pushed = self.worktree.push(remote, branch, &self.credentials);
                pushed.map_err(|error| git_failure(&error))?;
                Some(remote.clone())
            }
            _ => None,
        };
        Ok(Branch {
            start: self.start.clone(),
            committed,
            in_the_way,
            root: self.shown.display().to_string(),
            pushed,
        })
    }
}

/// Reads the modules that a branch begins with, and those that it lacks and the source has. Returns them, and the folders
/// that must be brought over.
pub(super) fn candidates(
    worktree: &Worktree,
    start: &Start,
    inside: &str,
    shown: &Path,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(Vec<Candidate>, Vec<String>), GitError> {
    let here = |folder: &String| inside.is_empty() || folder == inside || folder.starts_with(&format!("{inside}/"));
    let of = |commit: &str| -> Result<BTreeSet<String>, GitError> {
        Ok(worktree.modules(commit)?.into_iter().filter(here).collect())
    };
    let (base, source) = (of(&start.base)?, of(&start.source)?);
    let mut candidates = Vec::new();
    let mut brought = Vec::new();
    for folder in base.union(&source) {
        let is_there = base.contains(folder);
        let commit = if is_there { &start.base } else { &start.source };
        let code = worktree.read(commit, folder, &chosen::is_read)?;
        let wanted = wanted(&code.name);
        if wanted && !is_there {
            brought.push(folder.clone());
        }
        if wanted || is_there {
            candidates.push(Candidate {
                folder: plain(&shown.join(folder)),
                code,
                wanted,
            });
        }
    }
    Ok((candidates, brought))
}

/// Returns a commit for each rule that changed a module, and one for the script that its data needs.
pub(super) fn changes_of(row: &Row, code: &Code) -> Vec<Change> {
    let ported = &row.ported;
    let in_repository = |file: &str| plain(&code.folder.join(file));
    let script = row.script.iter().map(|(path, text)| Change {
        message: format!(
            "[MIG] {}: a script so that data follows the code\n\nProposed: what was renamed in the code is renamed in the database.\n",
            ported.name
        ),
        files: vec![(in_repository(path), Some(text.clone().into_bytes()))],
    });
    (ported.applied.iter())
        .map(|applied| Change {
            message: format!(
                "[MIG] {}: {} {} ({})\n\n{}\n",
                ported.name,
                applied.rule.id,
                applied.rule.title,
                applied.changes,
                sentence(applied.rule.why)
            ),
            files: (applied.files.iter())
                .map(|(file, text)| {
                    let bytes = text.as_ref().map(|text| bytes_of(ported, file, text));
                    (in_repository(file), bytes)
                })
                .collect(),
        })
        .chain(script)
        .collect()
}

/// Returns what became of a module's files: their bytes, or nothing when they went.
fn files_of(ported: &Ported) -> Vec<(String, Option<Vec<u8>>)> {
    let paths: BTreeSet<&String> = ported.applied.iter().flat_map(|applied| applied.files.keys()).collect();
    let now: BTreeMap<&str, &str> = (ported.files.iter())
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    (paths.into_iter())
        .filter(|path| now.contains_key(path.as_str()) || ported.originals.contains_key(*path))
        .map(|path| {
            (
                path.clone(),
                now.get(path.as_str()).map(|text| bytes_of(ported, path, text)),
            )
        })
        .collect()
}

/// Returns the bytes of a text of a file: a byte order mark stays.
fn bytes_of(ported: &Ported, path: &str, text: &str) -> Vec<u8> {
    match ported.files.iter().find(|file| file.path == path) {
        Some(file) => file.bytes_of(text),
        None => text.as_bytes().to_vec(),
    }
}

/// Begins with a capital and ends with a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

fn no_module(args: &Args) -> Failure {
    let message = format!("there is no module in `{}`", args.what.display());
    Failure::new(exit::USAGE, message).hint("a module is a folder with a `__manifest__.py`")
}

pub(super) fn git_failure(error: &GitError) -> Failure {
    let failure = Failure::environment(error.to_string());
    match error.remedy() {
        Some(remedy) => failure.hint(remedy),
        None => failure,
    }
}

/// Returns the folder of a repository that a path means, with `/`.
fn inside(worktree: &Worktree, path: &Path) -> Result<String, Failure> {
    let real = fs_err::canonicalize(path).map_err(|error| Failure::of_files(&error))?;
    Ok(plain(real.strip_prefix(worktree.root()).unwrap_or(Path::new(""))))
}

/// Returns what a branch is named after: the only module that is meant, else the repository.
fn name_of(folders: &[String], inside: &str, args: &Args, worktree: &Worktree) -> String {
    match args.module.as_slice() {
        [only] => only.clone(),
        _ if folders.iter().any(|folder| folder == inside && !folder.is_empty()) => {
            inside.rsplit('/').next().unwrap_or(inside).to_owned()
        }
        _ => last_name(worktree.root()),
    }
}

/// Returns the root of a repository as a person would write it who wrote `path` for a folder inside.
fn root_as_shown(path: &Path, inside: &str) -> PathBuf {
    if path.ends_with(inside) {
        let depth = Path::new(inside).components().count();
        path.ancestors().nth(depth).unwrap_or(path).to_owned()
    } else {
        let up: PathBuf = Path::new(inside).components().map(|_| "..").collect();
        path.join(up)
    }
}

fn last_name(path: &Path) -> String {
    let real = fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real.file_name()
        .unwrap_or(real.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// Returns a path with `/`, without `.` at its beginning and `/` at its end.
fn plain(path: &Path) -> String {
    let parts = path
        .components()
        .filter(|part| !matches!(part, std::path::Component::CurDir));
    parts.collect::<PathBuf>().to_string_lossy().into_owned()
}
