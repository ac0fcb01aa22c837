//! Modules of a new series, tried one by one in an Odoo of that series.
//!
//! [`Jobs`] says which databases are made from which and what is installed in each; the script in `inside` does it, in
//! one container; [`Trial`] is what came of a module: whether it installs, and if not, which file and line is to blame.

mod answer;
mod jobs;
mod place;
mod problems;

use std::collections::BTreeMap;

use serde::Serialize;

pub use answer::{Answer, NotAnAnswer, Tests, parse};
pub use jobs::{Given, Job, Jobs};
pub use problems::Problem;

use crate::ident::Series;

/// The program that does the jobs, for Python in a container of the series.
pub const SCRIPT: &str = include_str!("inside/trial.py");

/// How long one module may take, in seconds.
const PATIENCE: u64 = 1200;

/// Where things lie in the container.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Places<'a> {
    /// Odoo's settings.
    pub config: &'a str,
    /// The folder with a folder of each module.
    pub code: &'a str,
    /// The folders with modules that the image has.
    pub addons: &'a [String],
    /// Odoo's data folder.
    pub data: &'a str,
    /// The folder below `filestore` that all databases share.
    pub filestore: &'a str,
    /// Where logs and answers are left.
    pub work: &'a str,
}

/// Returns what [`SCRIPT`] reads: the name of the file with it is its only argument. `slots` databases are worked on at
/// once.
pub fn orders(series: Series, jobs: &Jobs, places: Places<'_>, slots: usize) -> serde_json::Value {
    let mut orders = serde_json::json!(places);
    orders["series"] = series.major().into();
    orders["slots"] = slots.into();
    orders["patience"] = PATIENCE.into();
    orders["jobs"] = serde_json::json!(jobs.jobs);
    orders
}

/// Returns the path of the script's result below the folder of its work.
pub fn result_path(work: &str) -> String {
    format!("{work}/result.json")
}

/// What Odoo said of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It installs, every view of it loads, and Odoo warns of nothing.
    Installs,
    /// It installs, and Odoo warns of something.
    Warnings,
    /// It does not install, or a view of it does not load, or a test of it fails.
    Fails,
    /// It was not tried: what it needs is not there, or does not install.
    NotTried,
}

/// What came of trying a module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// Its name.
    pub module: String,
    /// What Odoo said.
    pub verdict: Verdict,
    /// Why it fails or was not tried; the first is what Odoo stopped at.
    pub problems: Vec<Problem>,
    /// What Odoo warns of.
    pub warnings: Vec<Problem>,
    /// How many views it has.
    pub views: u64,
    /// Its tests, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<Tests>,
    /// Seconds it took.
    pub seconds: f64,
    /// What Odoo logged.
    #[serde(skip)]
    pub log: String,
}

/// The text files of modules: module, path in it, text.
pub type Sources = BTreeMap<String, BTreeMap<String, String>>;

/// Returns what came of every module that was to be tried, in the order of their names.
pub fn trials(jobs: &Jobs, answers: &BTreeMap<String, Answer>, sources: &Sources) -> Vec<Trial> {
    let mut trials: Vec<Trial> = (jobs.missing.iter())
        .map(|(module, missing)| Trial::impossible(module, missing, sources))
        .collect();
    let tried = jobs.jobs.iter().filter_map(|job| Some((job, job.judged.as_ref()?)));
    trials.extend(tried.map(|(job, module)| match answers.get(&job.database) {
        Some(answer) => match &answer.skipped_for {
            Some(database) => {
                let cause = cause(database, answers);
                Trial::blocked(module, jobs.job(cause), answers.get(cause), sources)
            }
            None => Trial::of(module, answer, sources),
        },
        None => Trial::blocked(module, None, None, sources),
    }));
    trials.sort_by(|a, b| a.module.cmp(&b.module));
    trials
}

/// Returns the database that others wait for, and that waits for none: what stands between may never have been made.
fn cause<'a>(mut database: &'a str, answers: &'a BTreeMap<String, Answer>) -> &'a str {
    while let Some(before) = answers.get(database).and_then(|answer| answer.skipped_for.as_deref()) {
        database = before;
    }
    database
}

impl Trial {
    /// Reads what Odoo answered about a module.
    fn of(module: &str, answer: &Answer, sources: &Sources) -> Trial {
        let found = problems::of(module, answer, sources);
        let well = found.errors.is_empty() && answer.exit == 0 && answer.is_installed();
        let verdict = match (well, found.warnings.is_empty()) {
            (true, true) => Verdict::Installs,
            (true, false) => Verdict::Warnings,
            (false, _) => Verdict::Fails,
        };
        Trial {
            module: module.to_owned(),
            verdict,
            problems: found.errors,
            warnings: found.warnings,
            views: answer.views,
            tests: answer.tests,
            seconds: answer.seconds,
            log: answer.log.clone(),
        }
    }

    /// A module whose dependencies are nowhere.
    fn impossible(module: &str, missing: &[String], sources: &Sources) -> Trial {
        let problems = missing.iter().map(|name| {
            let (path, line) = place::in_manifest(module, name, sources);
            Problem {
                message: format!("depends on `{name}`, which this Odoo does not have and no folder at hand"),
                module: Some(module.to_owned()),
                path,
                line,
                excerpt: Vec::new(),
            }
        });
        Trial::not_tried(module, problems.collect())
    }

    /// A module that was not tried because a database it needs could not be made.
    fn blocked(module: &str, by: Option<&Job>, answer: Option<&Answer>, sources: &Sources) -> Trial {
        let message = match by {
            Some(Job {
                judged: Some(other), ..
            }) => format!("depends on `{other}`, which does not install"),
            Some(job) => format!("{} could not be installed", job.install.join(", ")),
            None => "Odoo's container ended before it was this module's turn".to_owned(),
        };
        let mut problems = vec![Problem {
            message,
            ..Problem::default()
        }];
        // Of a module that is tried itself it is told there.
        if let (Some(Job { judged: None, .. }), Some(answer)) = (by, answer) {
            problems.extend(problems::of(module, answer, sources).errors.into_iter().take(1));
        }
        Trial::not_tried(module, problems)
    }

    fn not_tried(module: &str, problems: Vec<Problem>) -> Trial {
        Trial {
            module: module.to_owned(),
            verdict: Verdict::NotTried,
            problems,
            warnings: Vec::new(),
            views: 0,
            tests: None,
            seconds: 0.0,
            log: String::new(),
        }
    }
}
