//! `hopp assess`: what a backup is and what its upgrade will ask for, before anything runs.

mod in_container;
mod look;
mod page;
mod screen;
mod stored;

use std::path::PathBuf;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::run::interruptible;
use crate::assess::{self, Assessment};
use crate::ident::Series;
use crate::ui;

pub(super) use look::{Looked, Wanted, look, surveyed};

/// Say what a backup is and what becomes of every module, without restoring it
///
/// The backup is read once, where it lies. Tables of OpenUpgrade come from the package index, and are kept.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A backup, or a plan
    #[arg(value_name = "BACKUP|PLAN")]
    what: PathBuf,
    /// The series to go to; a plan's target, or the newest, when not said
    #[arg(long, value_name = "SERIES")]
    to: Option<Series>,
    /// The filestore, when the backup does not hold it: a folder, a tar or a zip
    #[arg(long, value_name = "PATH")]
    filestore: Option<PathBuf>,
    /// OpenUpgrade to tell fates from: a wheel of its scripts, a folder of wheels, or a checkout; may be repeated
    #[arg(long, value_name = "PATH")]
    openupgrade: Vec<PathBuf>,
    /// Ask this source of the target about what lives in the database alone, server actions, filters, templates, views and
    /// manual fields: an image with Odoo, a folder, or a file of `hopp index`
    #[arg(long, value_name = "IMAGE|PATH")]
    index: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// As what an assessment is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Lines and tables for people
    Human,
    /// Everything, for programs
    Json,
    /// A page for a ticket or a customer
    Markdown,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let wanted = Wanted {
        what: &args.what,
        to: args.to,
        filestore: args.filestore.as_deref(),
        openupgrade: &args.openupgrade,
    };
    let cancel = interruptible();
    let looked = look(&wanted, environment, &cancel).await?;
    let mut assessment = of(&looked);
    if let Some(index) = &args.index {
        let found = stored::findings(&looked, index, environment, &cancel).await?;
        assessment.add(found);
    }
    match args.format {
        Format::Human => ui::out(&screen::render(&assessment)),
        Format::Markdown => ui::out(&page::render(&assessment)),
        Format::Json => ui::out(&serde_json::to_string_pretty(&assessment).unwrap_or_default()),
    }
    Ok(exit::DONE)
}

/// Puts together what was seen.
pub(super) fn of(looked: &Looked) -> Assessment {
    let surveyed = &looked.surveyed;
    let known = looked.known();
    assess::assess(
        assess::Surveyed {
            source: assess::Source {
                path: surveyed.path.display().to_string(),
                kind: screen::kind(&surveyed.kind).to_owned(),
                bytes: surveyed.bytes,
            },
            name: surveyed.database.clone(),
            series: surveyed.series,
            version: surveyed.version.clone(),
            postgresql: surveyed.pg_version.clone(),
            survey: &surveyed.survey,
        },
        &known,
        &looked.past,
        assess::Basics {
            code: &looked.code,
            coefficients: &looked.plan.as_ref().map(|plan| *plan.estimate).unwrap_or_default(),
            contract: looked.plan.as_ref().map(|plan| assess::Contract {
                terms: &plan.terms,
                projects: &looked.projects,
                today: jiff::Zoned::now().date(),
            }),
        },
    )
}
