//! `hopp completions`: for the user's shell.

use super::exit;
use crate::ui;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, command: &mut clap::Command) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "hopp", &mut script);
    ui::out(&String::from_utf8_lossy(&script));
    exit::DONE
}
