//! `--try`: a real Odoo of the target series is asked what it makes of the modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Args;
use super::outcome::{Outcome, Row};
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::{gather, run};
use crate::engine::{self, Signal, StepContext};
use crate::ident::{Series, StepId};
use crate::journal::{LockError, RunLock};
use crate::odoo::manifest::Manifest;
use crate::port::{Finding, Level, rules};
use crate::steps::{self, TrialModule, TrialOrder};
use crate::ui;
use crate::verify::trial::{Problem, Trial, Verdict};
use crate::world::modules;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Attempt {
    /// Each module is installed, and its views are loaded
    Install,
    /// Its tests are run as well
    Tests,
}

/// A module that was tried, and what the port had said of its problems.
pub(super) struct Tried {
    pub trial: Trial,
    /// For each problem of the trial: the rules that named it before, and else the one that might have.
    pub told: Vec<Told>,
    /// Where Odoo's log is, of a module that does not install.
    pub log: Option<PathBuf>,
}

/// What the port had said of a problem.
#[derive(Default)]
pub(super) struct Told {
    /// Findings that name it: rule and line.
    pub by: Vec<String>,
    /// The rule that knows the word it is about, where no finding names it.
    pub missed: Option<&'static str>,
}

/// Tries every module of a port that reached the target series.
pub(super) async fn attempt(
    args: &Args,
    what: Attempt,
    outcome: &Outcome,
    environment: &Environment,
) -> Result<Vec<Tried>, Failure> {
    let series = Series::from_major(outcome.to)
        .ok_or_else(|| Failure::new(exit::USAGE, format!("{}.0 cannot be tried", outcome.to)))?;
    let plan = if super::is_plan(&args.what) {
        Some(gather::read_plan(&args.what)?)
    } else {
        None
    };
    let (settings, cancel) = (environment.settings(), run::interruptible());
    let state = steps::trial_state(&settings.cache, series);
    let _lock = take_lock(&state, &cancel).await?;
    let order = TrialOrder {
        series,
        modules: modules_of(args, outcome)?,
        tests: what == Attempt::Tests,
        plan: plan.as_ref(),
        state: state.clone(),
    };
    let context = context(&state.join("logs"), &cancel);
    let runtime = gather::docker(environment)?;
    let trials = steps::try_modules(runtime, &settings, &context, order)
        .await
        .map_err(|stop| Failure::from(*stop.failure))?;
    let rows: BTreeMap<&str, &Row> = outcome.rows().map(|row| (row.name(), row)).collect();
    let tried: Result<Vec<Tried>, Failure> = (trials.into_iter())
        .map(|trial| {
            let row = rows.get(trial.module.as_str());
            let told = |problem: &Problem| row.map(|row| told(problem, row, outcome.to)).unwrap_or_default();
            Ok(Tried {
                told: trial.problems.iter().map(told).collect(),
                log: keep_log(&trial, &state.join("logs"))?,
                trial,
            })
        })
        .collect();
    let mut tried = tried?;
    follow(&mut tried);
    Ok(tried)
}

/// Lets what named the problem of a module name those of the modules that depend on it: they only wait for it.
fn follow(tried: &mut [Tried]) {
    // They may depend on one another: as often as there are modules is enough.
    for _ in 0..tried.len() {
        let named: BTreeMap<String, Vec<String>> = (tried.iter())
            .filter_map(|it| Some((it.trial.module.clone(), it.told.first()?.by.clone())))
            .filter(|(_, by)| !by.is_empty())
            .collect();
        let mut changed = false;
        for it in tried.iter_mut() {
            for (problem, told) in it.trial.problems.iter().zip(&mut it.told) {
                let other = problem.waits_for().and_then(|module| named.get(module));
                if let (Some(by), true) = (other, told.by.is_empty()) {
                    told.by.clone_from(by);
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
}

/// Waits until no other trial of this series runs on this machine: they share a database server.
async fn take_lock(state: &Path, cancel: &CancellationToken) -> Result<RunLock, Failure> {
    let path = state.join("lock");
    let mut told = false;
    loop {
        let held = match RunLock::probe(&path) {
            Err(LockError::Held { holder }) => holder,
            _ => match RunLock::take(&path, &run::holder()) {
                Err(LockError::Held { holder }) => holder,
                taken => return Ok(taken?),
            },
        };
        if !told {
            ui::say(&format!("waiting for another trial, of {held}"));
            told = true;
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(Failure::new(exit::INTERRUPTED, "interrupted")),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// Returns the modules of a port as they are afterwards, and others of the target series that they may need.
fn modules_of(args: &Args, outcome: &Outcome) -> Result<Vec<TrialModule>, Failure> {
    let mut all: BTreeMap<String, TrialModule> = BTreeMap::new();
    for row in outcome.rows() {
        let ported = &row.ported;
        let mut changed: BTreeMap<String, Option<Vec<u8>>> =
            ported.originals.keys().map(|path| (path.clone(), None)).collect();
        changed.extend((ported.files.iter()).map(|file| (file.path.clone(), Some(file.bytes_of(&file.text)))));
        all.insert(
            ported.name.clone(),
            TrialModule {
                name: ported.name.clone(),
                folder: row.folder.clone().into(),
                changed,
                tried: true,
            },
        );
    }
    let given = args.with.iter().map(|folder| (folder.clone(), false));
    // Beside those that were ported only what is of the target series is of use.
    let branches = outcome.parts.iter().filter_map(|part| part.branch.as_ref());
    let beside = branches.map(|branch| (PathBuf::from(&branch.root), true));
    for (folder, of_series) in given.chain(beside) {
        let found = modules::find(&folder).map_err(|error| Failure::of_files(&error))?;
        for folder in found {
            let Some(name) = folder.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if !all.contains_key(name) && (!of_series || is_of(&folder, outcome.to)) {
                let module = TrialModule {
                    name: name.to_owned(),
                    folder: folder.clone(),
                    changed: BTreeMap::new(),
                    tried: false,
                };
                all.insert(name.to_owned(), module);
            }
        }
    }
    Ok(all.into_values().collect())
}

fn is_of(folder: &Path, to: u8) -> bool {
    let text = fs_err::read_to_string(folder.join("__manifest__.py")).unwrap_or_default();
    let version = Manifest::parse(&text).ok().and_then(|manifest| manifest.version);
    version.is_some_and(|version| version.starts_with(&format!("{to}.0.")))
}

fn context(folder: &Path, cancel: &CancellationToken) -> StepContext {
    let mut said = String::new();
    engine::alone(StepId::new("trial"), folder, cancel.clone(), move |signal| {
        if let Signal::Progress { advance, .. } = signal {
            let line = match advance.measure {
                Some(measure) => format!("  {} of {}: {}", measure.done, measure.of, advance.doing),
                None => format!("  {}", advance.doing),
            };
            if line != said {
                ui::say(&line);
                said = line;
            }
        }
    })
}

/// Keeps what Odoo logged of a module that fails.
fn keep_log(trial: &Trial, folder: &Path) -> Result<Option<PathBuf>, Failure> {
    if trial.verdict != Verdict::Fails || trial.log.is_empty() {
        return Ok(None);
    }
    let path = folder.join(format!("{}.log", trial.module));
    fs_err::create_dir_all(folder).map_err(|error| Failure::of_files(&error))?;
    fs_err::write(&path, &trial.log).map_err(|error| Failure::of_files(&error))?;
    Ok(Some(path))
}

/// Looks what a port had said of a problem.
fn told(problem: &Problem, row: &Row, to: u8) -> Told {
    let by: BTreeSet<String> = (row.ported.findings.iter())
        .filter(|finding| finding.level > Level::Note && names(finding, problem))
        .map(|finding| finding.rule.to_string())
        .collect();
    let missed = by.is_empty().then(|| missed(problem, row, to)).flatten();
    Told {
        by: by.into_iter().collect(),
        missed,
    }
}

/// Says whether a finding is about a problem: in the same file at about the same line, or about the same thing.
fn names(finding: &Finding, problem: &Problem) -> bool {
    const NEAR: usize = 2;
    let words = problem.words();
    let says = |word: &&str| finding.message.contains(*word) || finding.remedy.contains(*word);
    let same_file = problem.path.as_deref() == Some(finding.path.as_str());
    let line = problem.line.and_then(|line| usize::try_from(line).ok());
    let near = line.is_some_and(|line| line.abs_diff(finding.line) <= NEAR);
    (same_file && (near || words.iter().any(&says)))
        || words.first().is_some_and(|first| says(first) || says(&method(first)))
}

/// Returns what a method is called: of `Website.website_domain` the latter, for who found it knows the model, not the class.
fn method(word: &str) -> &str {
    let last = word.rsplit('.').next().filter(|last| last.contains('_'));
    last.unwrap_or(word)
}

/// Returns the rule of the last hop that knows a word of the problem, or of the line that it is in: the longest word.
fn missed(problem: &Problem, row: &Row, to: u8) -> Option<&'static str> {
    let file = (row.ported.files.iter()).find(|file| Some(&file.path) == problem.path.as_ref());
    let line = problem
        .line
        .and_then(|line| usize::try_from(line).ok())
        .unwrap_or_default();
    let code = file
        .and_then(|file| file.text.lines().nth(line.checked_sub(1)?))
        .unwrap_or_default();
    let known = rules::of_hop(to).flat_map(|rule| rule.words.iter().map(move |word| (rule, *word)));
    known
        .filter(|(_, word)| word.len() > 3 && (problem.message.contains(word) || code.contains(word)))
        .max_by_key(|(_, word)| word.len())
        .map(|(rule, _)| rule.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(module: &str, message: &str, by: &[&str]) -> Tried {
        let problem = Problem {
            message: message.to_owned(),
            ..Problem::default()
        };
        let told = Told {
            by: by.iter().map(|it| (*it).to_owned()).collect(),
            missed: None,
        };
        Tried {
            trial: Trial {
                module: module.to_owned(),
                verdict: Verdict::Fails,
                problems: vec![problem],
                warnings: Vec::new(),
                views: 0,
                tests: None,
                seconds: 0.0,
                log: String::new(),
            },
            told: vec![told],
            log: None,
        }
    }

    #[test]
    fn what_named_the_problem_of_a_module_names_those_of_the_modules_that_wait_for_it() {
        let mut all = vec![
            tried("first", "depends on `second`, which does not install", &[]),
            tried("second", "depends on `third`, which does not install", &[]),
            tried("third", "no field", &["A8"]),
            tried("other", "depends on `fourth`, which does not install", &[]),
        ];
        follow(&mut all);
        let by: Vec<&[String]> = all.iter().map(|it| it.told[0].by.as_slice()).collect();
        assert_eq!(
            by,
            [&["A8".to_owned()][..], &["A8".to_owned()], &["A8".to_owned()], &[]]
        );
    }

    #[test]
    fn a_finding_that_knows_the_model_names_a_problem_of_its_class() {
        let mut problem = Problem {
            message: "TypeError: Website.website_domain() got an unexpected keyword argument 'x'".to_owned(),
            ..Problem::default()
        };
        let finding = Finding {
            rule: "ref.arguments",
            level: Level::Error,
            path: "models.py".to_owned(),
            line: 3,
            column: 1,
            message: "`website.website_domain` takes (), and not what is passed on here".to_owned(),
            remedy: String::new(),
        };
        assert!(names(&finding, &problem));
        problem.message = "TypeError: Website.domain_of_website() got an unexpected keyword argument".to_owned();
        assert!(!names(&finding, &problem));
    }
}
