//! Examining everything a run needs, before one is started: what `hopp doctor` tells and `preflight` insists on.
//!
//! A check is an observation with a verdict and, unless it passed, a remedy. All are made at once, each with a time
//! limit, and told in the order of their areas.

mod backup;
mod code;
mod engine;
mod images;
mod leftovers;
pub(super) mod machine;
pub(super) mod room;
mod secrets;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;

use super::Settings;
use crate::ident::Series;
use crate::journal::StateFolder;
use crate::runtime::{Runtime, RuntimeError};
use crate::spec::{Lock, Plan};
use crate::words;

/// How long one check may take.
pub const LIMIT: Duration = Duration::from_secs(20);
/// How long reading the backup may take: the first time all of it is read.
const BACKUP_LIMIT: Duration = Duration::from_mins(5);

/// A verdict, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// In order.
    Pass,
    /// A run may go well all the same.
    Warn,
    /// A run cannot go well.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which part of the surroundings: `engine`, `disk`, `images` …
    pub area: &'static str,
    /// What exactly: the name of an image, a repository, a file.
    pub subject: String,
    /// The verdict.
    pub level: Level,
    /// What was seen.
    pub message: String,
    /// What to do, unless it passed.
    pub remedy: Option<String>,
}

impl Check {
    /// Returns a check that passed.
    pub(super) fn pass(area: &'static str, subject: impl Into<String>, message: impl Into<String>) -> Check {
        Check {
            area,
            subject: subject.into(),
            level: Level::Pass,
            message: message.into(),
            remedy: None,
        }
    }

    /// Returns the check as a warning.
    pub(super) fn warn(self, remedy: impl Into<String>) -> Check {
        Check {
            level: Level::Warn,
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// Returns the check as a failure.
    pub(super) fn fail(self, remedy: impl Into<String>) -> Check {
        Check {
            level: Level::Fail,
            remedy: Some(remedy.into()),
            ..self
        }
    }
}

/// What is examined.
pub struct Surroundings {
    /// The container engine, or why it cannot be asked.
    pub runtime: Result<Arc<dyn Runtime>, RuntimeError>,
    /// Settings of this machine and user.
    pub settings: Settings,
    /// The locale's name (`sv_SE.UTF-8`), where one is set.
    pub locale: Option<String>,
    /// The plan, where it is about one.
    pub plan: Option<Plan>,
    /// How long one check may take.
    pub limit: Duration,
}

type Examining<'a> = Pin<Box<dyn Future<Output = Vec<Check>> + Send + 'a>>;

/// A plan with what is known about where it starts.
struct Case<'a> {
    plan: &'a Plan,
    state: StateFolder,
    lock: Lock,
    /// Every series whose Odoo and code are needed; empty when the backup's series is not known.
    series: Vec<Series>,
}

/// Makes every check. Without a plan only those that are not about one.
pub async fn examine(around: &Surroundings) -> Vec<Check> {
    let (mut checks, info) = engine::examine(&around.runtime, around.limit).await;
    // What needs an engine is not tried on one that does not answer.
    let runtime = around.runtime.as_ref().ok().filter(|_| info.is_some());
    let (seen, found) = match &around.plan {
        Some(plan) => backup::examine(plan, BACKUP_LIMIT).await,
        None => (Vec::new(), None),
    };
    let mut lock_checks = Vec::new();
    let case = around.plan.as_ref().map(|plan| {
        let lock = Lock::read(&Lock::path_for(plan)).unwrap_or_else(|error| {
            let check = Check::pass("code", "pins", error.to_string());
            lock_checks.push(check.fail("correct the file, or remove it: `hopp update` writes it anew"));
            Lock::default()
        });
        let from = found.as_ref().and_then(|found| found.series).or(plan.source_series);
        Case {
            plan,
            state: StateFolder::beside(&plan.folder, &plan.customer),
            lock,
            series: from
                .map(|from| crate::plan::odoo_series(plan, from))
                .unwrap_or_default(),
        }
    });
    if let Some(info) = &info {
        checks.push(room::memory(info, around.plan.as_ref().map(|plan| &plan.limits)));
        checks.extend(room::cores(info, around.plan.as_ref().map(|plan| &plan.limits)));
    }
    let needs = room::needs(
        case.as_ref()
            .zip(found.as_ref())
            .map(|(case, found)| (case.plan, found)),
        info.as_ref(),
        &around.settings.cache,
    );
    checks.extend(room::disks(&needs, info.as_ref()));
    checks.extend(seen);

    let mut waiting: Vec<Examining<'_>> = Vec::new();
    if let Some(case) = &case {
        waiting.extend(images::examine(case, runtime, &around.settings, around.limit));
        waiting.extend(code::examine(case, &around.settings, around.limit));
    }
    let state = case.as_ref().map(|case| &case.state);
    if let Some(runtime) = runtime {
        let work = leftovers::examine(runtime.as_ref(), state, around.plan.as_ref());
        waiting.push(limited("leftovers", "what crashes left", around.limit, work));
    }
    let answers = join_all(waiting).await;
    checks.extend(lock_checks);
    checks.extend(answers.into_iter().flatten());
    checks.extend(
        case.iter()
            .flat_map(|case| secrets::examine(case.plan, &around.settings)),
    );
    checks.extend(machine::examine(around, state));
    checks
}

/// Gives a check a time limit; one that does not come back has failed.
fn limited<'a>(
    area: &'static str,
    subject: impl Into<String>,
    limit: Duration,
    work: impl Future<Output = Vec<Check>> + Send + 'a,
) -> Examining<'a> {
    let subject = subject.into();
    Box::pin(async move {
        tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| vec![silent(area, subject, limit)])
    })
}

fn silent(area: &'static str, subject: String, limit: Duration) -> Check {
    let waited = words::duration(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
    Check::pass(area, subject, format!("no answer within {waited}"))
        .fail("check the network, a proxy in between, and whether the other side is well")
}
