//! `hopp verify`: the proof alone, of a run's result or of two backups.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather::{self, Gathered, Pins};
use super::run::Format;
use crate::engine::{self, Done, Signal, StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::StepId;
use crate::runtime::Runtime;
use crate::steps::{self, Workshop};
use crate::ui;
use crate::verify::area::{self, Areas};
use crate::world::backup::read as read_backup;
use crate::world::hash::HashCache;

/// Prove again that nothing was lost: of a plan's last result, or of two backups
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    #[arg(required_unless_present = "before")]
    plan: Option<PathBuf>,
    /// A backup from before the upgrade, whatever made the upgrade
    #[arg(long, value_name = "BACKUP", requires = "after", conflicts_with = "plan")]
    before: Option<PathBuf>,
    /// A backup from after it
    #[arg(long, value_name = "BACKUP", requires = "before")]
    after: Option<PathBuf>,
    /// Look at these areas only
    #[arg(long, value_name = "AREA", num_args = 1.., value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(area::ALL))]
    only: Vec<String>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let runtime = gather::docker(environment)?;
    let cancel = super::run::interruptible();
    let areas = Areas::only(args.only.iter().cloned());
    let done = match (&args.plan, &args.before, &args.after) {
        (_, Some(before), Some(after)) => backups((before, after), environment, &runtime, &areas, &cancel).await?,
        (Some(plan), _, _) => Box::pin(result_of(plan, environment, &runtime, &areas, &cancel)).await?,
        _ => return Err(Failure::new(exit::USAGE, "name a plan, or two backups")),
    };
    tell(args.format, &done);
    let failed = done.findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if failed { exit::VERIFICATION } else { exit::DONE })
}

/// Verifies what the plan's last run ended with.
async fn result_of(
    plan: &Path,
    environment: &Environment,
    runtime: &Arc<dyn Runtime>,
    areas: &Areas,
    cancel: &CancellationToken,
) -> Result<Done, Failure> {
    let gathered = gather::gather(plan, environment, runtime.as_ref(), Pins::Look, cancel).await?;
    let upgraded = gathered
        .graph
        .last_of_chain()
        .and_then(|node| gathered.fingerprints().remove(&node.id))
        .filter(|fingerprint| gathered.checkpoints.contains_key(fingerprint));
    let Some(upgraded) = upgraded else {
        return Err(Failure::new(
            exit::STEP,
            "there is no upgraded database that this plan, as it is now, would produce",
        )
        .hint(format!("`hopp run {}` makes it", plan.display())));
    };
    let _lock = super::run::take_lock(&gathered.state)?;
    // One that was killed leaves its containers.
    for name in steps::sweep(runtime.as_ref(), &gathered.plan.customer, &gathered.state).await? {
        ui::say(&format!("removed container {name}, which a killed run had left"));
    }
    let mut context = context(&gathered.state.root().join("verify"), cancel);
    context.parent = Some(upgraded);
    let workshop = super::run::workshop(gathered, runtime.clone(), super::run::named("verify"));
    let verified = steps::verify_again(&workshop, &context, areas).await;
    workshop.close().await;
    verified.map_err(failed)
}

/// Verifies a backup against another, each restored into containers that are removed again.
async fn backups(
    (before, after): (&Path, &Path),
    environment: &Environment,
    runtime: &Arc<dyn Runtime>,
    areas: &Areas,
    cancel: &CancellationToken,
) -> Result<Done, Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::environment(error.to_string()))?;
    let (from, target) = (
        series_of(before, folder.path(), cancel)?,
        series_of(after, folder.path(), cancel)?,
    );
    // Nothing of it is run; between two series it says where the names of renamed things are found.
    let engine = if from == target { "update" } else { "openupgrade" };
    let mut workshops: Vec<Workshop> = Vec::new();
    for (backup, name, engine) in [(before, "before", engine), (after, "after", "update")] {
        let gathered = made_up(
            (backup, name, engine),
            &target,
            folder.path(),
            environment,
            runtime,
            cancel,
        )
        .await?;
        workshops.push(super::run::workshop(
            gathered,
            runtime.clone(),
            super::run::named("verify"),
        ));
    }
    let context = context(&folder.path().join("logs"), cancel);
    let [before, after] = workshops.as_slice() else {
        return Err(Failure::new(exit::INTERNAL, "two backups, and not two workshops"));
    };
    let verified = steps::verify_backups((before, after), &context, areas).await;
    for workshop in &workshops {
        workshop.close().await;
        steps::forget(runtime.as_ref(), &workshop.names).await.map_err(failed)?;
    }
    verified.map_err(failed)
}

/// Returns the series of a backup, as a plan writes it.
fn series_of(backup: &Path, folder: &Path, cancel: &CancellationToken) -> Result<String, Failure> {
    let hashes = HashCache::new(folder.join("hashes.json"));
    let read = read_backup(backup, &hashes, &|| cancel.is_cancelled())
        .map_err(|error| Failure::environment(error.to_string()))?;
    let series = read.series.ok_or_else(|| {
        Failure::new(
            exit::INVALID,
            format!("the series of {} cannot be read", backup.display()),
        )
        .hint("install `pg_restore`, or make the backup as an Odoo zip")
    })?;
    Ok(series.to_string())
}

/// Gathers a plan that nobody wrote: it restores one backup.
async fn made_up(
    (backup, name, engine): (&Path, &str, &str),
    target: &str,
    folder: &Path,
    environment: &Environment,
    runtime: &Arc<dyn Runtime>,
    cancel: &CancellationToken,
) -> Result<Gathered, Failure> {
    let backup = std::path::absolute(backup).map_err(|error| Failure::environment(error.to_string()))?;
    // What JSON quotes, YAML reads as the same text.
    let text = format!(
        "customer: verify-{name}\nsource: {{ backup: {} }}\ntarget: \"{target}\"\nengine: {engine}\n",
        json!(backup)
    );
    let path = folder.join(format!("{name}.yaml"));
    fs_err::write(&path, text).map_err(|error| Failure::environment(error.to_string()))?;
    gather::gather(&path, environment, runtime.as_ref(), Pins::Look, cancel).await
}

fn context(folder: &Path, cancel: &CancellationToken) -> StepContext {
    let mut told = String::new();
    engine::alone(StepId::new("verify"), folder, cancel.clone(), move |signal| {
        if let Signal::Progress { advance, .. } = signal
            && advance.doing != told
        {
            ui::say(&format!("  {}", advance.doing));
            told = advance.doing;
        }
    })
}

fn failed(stop: Stop) -> Failure {
    Failure::from(*stop.failure)
}

fn tell(format: Format, done: &Done) {
    if format == Format::Json {
        let mut result = done.result.clone();
        if let Some(result) = result.as_object_mut() {
            result.insert("findings".into(), json!(done.findings));
        }
        ui::out(&format!("{result:#}"));
        return;
    }
    for finding in &done.findings {
        ui::out(&told(finding));
    }
    let count = |severity| {
        (done.findings.iter())
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let verdict = if errors == 0 { "VERIFIED" } else { "VERIFICATION FAILED" };
    let words = |number: usize, noun: &str| crate::words::count(number, noun);
    ui::out(&format!(
        "{verdict}: {}, {}, {} accepted, {} worth knowing",
        words(errors, "error"),
        words(warnings, "warning"),
        count(Severity::Accepted),
        words(count(Severity::Info), "thing"),
    ));
}

/// Returns a finding as a person reads it.
fn told(finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Accepted => "accepted",
        Severity::Info => "info",
    };
    let since = finding.since.map_or_else(String::new, |hop| format!(" (since {hop})"));
    let Finding {
        code, subject, message, ..
    } = finding;
    let mut text = format!("{word} [{code}] {subject}: {message}{since}\n");
    for line in finding.evidence.iter().take(11) {
        writeln!(text, "    | {line}").ok();
    }
    write!(text, "    what to do: {}", finding.remedy).ok();
    text
}
