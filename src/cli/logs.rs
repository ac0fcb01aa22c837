//! `hopp logs`: what a step printed.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::failure::{Failure, exit};
use super::gather::state_of;
use crate::ident::{RunId, StepId};
use crate::journal::StateFolder;
use crate::ui;

/// Print what a step printed
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// The step, as `hopp plan` names it
    step: String,
    /// Which run; the last one in which the step printed anything when not said
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// Go on as the log grows, until the step ends
    #[arg(long, short)]
    follow: bool,
}

pub(super) async fn run(args: &Args) -> Result<u8, Failure> {
    let (state, _) = state_of(&args.plan)?;
    let step = StepId::new(&args.step);
    let (run, path) = find(&args.plan, &state, &step, args.run.as_deref())?;
    let mut offset = 0;
    loop {
        offset = print_from(&path, offset)?;
        if !args.follow || ended(&state, &run, &step) {
            print_from(&path, offset)?;
            return Ok(exit::DONE);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

fn find(plan: &Path, state: &StateFolder, step: &StepId, run: Option<&str>) -> Result<(RunId, PathBuf), Failure> {
    let path = |run: &RunId| state.run(run).join("logs").join(format!("{}.log", step.file_name()));
    let chosen = super::report::choose(plan, state, run)?;
    let runs = if run.is_some() { vec![chosen] } else { state.runs() };
    let found = runs.iter().rev().find(|run| path(run).is_file());
    if let Some(run) = found {
        return Ok((run.clone(), path(run)));
    }
    let steps: Vec<String> = runs
        .last()
        .and_then(|run| super::report::load(state, run).ok())
        .map(|report| report.steps.into_iter().map(|step| step.id).collect())
        .unwrap_or_default();
    Err(Failure::new(exit::USAGE, format!("there is no log of a step `{step}`"))
        .hint(format!("the last run's steps are {}", steps.join(", "))))
}

fn print_from(path: &Path, offset: u64) -> Result<u64, Failure> {
    let failed = |error: std::io::Error| Failure::environment(error.to_string());
    let mut file = fs_err::File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    if !bytes.is_empty() {
        ui::raw(&bytes);
    }
    Ok(offset + bytes.len() as u64)
}

/// Says whether a step of a run goes on no more.
fn ended(state: &StateFolder, run: &RunId, step: &StepId) -> bool {
    super::report::load(state, run).is_ok_and(|report| {
        report.ended.is_some()
            || report
                .steps
                .iter()
                .any(|line| line.id == step.as_str() && line.status != "running")
    })
}
