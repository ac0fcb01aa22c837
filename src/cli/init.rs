//! `hopp init`: a plan to start from, out of a backup.

use std::path::PathBuf;

use super::assess::{self, Wanted, look};
use super::environment::Environment;
use super::failure::{Failure, exit};
use super::run::interruptible;
use crate::assess::{customer_of, draft};
use crate::ident::Series;
use crate::ui;

/// Write a plan to start from: what a backup tells, with comments where somebody has to decide
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup
    backup: PathBuf,
    /// The series to go to
    #[arg(long, value_name = "SERIES")]
    to: Series,
    /// The customer's short name; made from the backup's name when not said
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// OpenUpgrade to tell fates from: a wheel of its scripts, a folder of wheels, or a checkout; may be repeated
    #[arg(long, value_name = "PATH")]
    openupgrade: Vec<PathBuf>,
    /// The file to write, which must not exist; standard output when not said
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let wanted = Wanted {
        what: &args.backup,
        to: Some(args.to),
        filestore: None,
        openupgrade: &args.openupgrade,
    };
    let looked = look(&wanted, environment, &interruptible()).await?;
    let assessment = assess::of(&looked);
    let stem = args.backup.file_stem().unwrap_or_default().to_string_lossy();
    let customer = args.customer.clone().unwrap_or_else(|| customer_of(&stem));
    // A plan may be written anywhere: its paths start at its own folder.
    let backup = fs_err::canonicalize(&args.backup).map_err(|error| Failure::of_files(&error))?;
    let text = draft(
        &assessment,
        &looked.surveyed.survey.modules,
        &customer,
        &backup.to_string_lossy(),
        args.to,
    );
    let Some(path) = &args.output else {
        ui::out(&text);
        return Ok(exit::DONE);
    };
    let file = fs_err::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(exit::USAGE, format!("{} exists already", path.display()))
            .hint("name another file with `-o`, or move that one away"),
        _ => Failure::of_files(&error),
    })?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|error| Failure::of_files(&error))?;
    ui::say(&format!(
        "{}: written; look at its comments, then `hopp check` it",
        path.display()
    ));
    Ok(exit::DONE)
}
