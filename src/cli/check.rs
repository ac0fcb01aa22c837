//! `hopp check`: says what is wrong with plans, before anything runs.

use std::path::PathBuf;

use super::exit;
use crate::{spec, ui};

/// Check plans: every problem at once, with file, line, column and remedy
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Plan files
    #[arg(required = true)]
    plans: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> u8 {
    let mut code = exit::DONE;
    for path in &args.plans {
        match spec::load(path) {
            Ok(plan) => ui::say(&format!(
                "{}: in order ({} to {})",
                path.display(),
                plan.customer,
                plan.target
            )),
            Err(problems) => {
                ui::say(&ui::diagnostic::render(&problems, ui::colours()));
                code = exit::INVALID;
            }
        }
    }
    code
}
