//! `hopp status`: where a run is, or how the last one ended.

use std::path::PathBuf;

use super::failure::{Failure, exit};
use super::gather::state_of;
use crate::journal::{LockError, RunLock};
use crate::ui;

/// Show where a run is, or how the last one ended
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// Which run; the last one when not said
    #[arg(long, value_name = "ID")]
    run: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<u8, Failure> {
    let (state, _) = state_of(&args.plan)?;
    let run = super::report::choose(&args.plan, &state, args.run.as_deref())?;
    ui::out(&(super::report::steps(&super::report::load(&state, &run)?) + "\n\n"));
    super::run::tell(&state, &run)?;
    if state.lock().exists() {
        match RunLock::probe(&state.lock()) {
            Err(LockError::Held { holder }) => ui::out(&format!("a run is going on: {holder}")),
            Err(LockError::Io { .. }) | Ok(()) => {}
        }
    }
    Ok(exit::DONE)
}
