//! `hopp schema`: the JSON Schema of what users write, for their editors.

use super::exit;
use crate::{spec, ui};

/// Print the JSON Schema of plans, playbooks, reports or bills
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of what
    #[arg(value_enum)]
    of: Of,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Of {
    Plan,
    Playbook,
    Report,
    Bill,
}

pub(super) fn run(args: &Args) -> u8 {
    ui::out(&match args.of {
        Of::Plan => spec::schema::plan_schema(),
        Of::Playbook => spec::schema::playbook_schema(),
        Of::Report => crate::report::schema(),
        Of::Bill => crate::report::bill::schema(),
    });
    exit::DONE
}
