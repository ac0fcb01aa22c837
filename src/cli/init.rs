//! `hopp init`: a plan to start from, out of a backup.

use std::path::{Path, PathBuf};

use super::assess::{self, Wanted, look};
use super::environment::Environment;
use super::failure::{Failure, exit};
use super::run::interruptible;
use crate::assess::{customer_of, draft};
use crate::ident::Series;
use crate::spec::lists::{self, CodeList};
use crate::ui;

/// Write a plan to start from: what a backup tells, with comments where somebody has to decide
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup
    backup: PathBuf,
    /// The series to go to; a list may say it too
    #[arg(long, value_name = "SERIES", required_unless_present = "from")]
    to: Option<Series>,
    /// A list of code from another tool: git-aggregator's `repos.yaml`, doodba's `repos.yaml` and `addons.yaml`,
    /// odoo-openupgrade-wizard's `config.yml` (with what lies beside it), a `modules.csv`; may be repeated
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
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
    let mut list = lists(&args.from)?;
    let to = args
        .to
        .or(list.target)
        .ok_or_else(|| Failure::new(exit::USAGE, "no list says to which series").hint("say it: `--to 19.0`"))?;
    let wanted = Wanted {
        what: &args.backup,
        to: Some(to),
        filestore: None,
        openupgrade: &args.openupgrade,
    };
    let looked = look(&wanted, environment, &interruptible()).await?;
    let assessment = assess::of(&looked);
    list.settle(looked.surveyed.series);
    list.name_apart();
    let stem = args.backup.file_stem().unwrap_or_default().to_string_lossy();
    let customer = args.customer.clone().unwrap_or_else(|| customer_of(&stem));
    // A plan may be written anywhere: its paths start at its own folder.
    let backup = fs_err::canonicalize(&args.backup).map_err(|error| Failure::of_files(&error))?;
    let text = draft(
        &assessment,
        &looked.surveyed.survey.modules,
        &customer,
        &backup.to_string_lossy(),
        to,
        &list,
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

/// Reads lists, and what belongs to them.
fn lists(paths: &[PathBuf]) -> Result<CodeList, Failure> {
    let mut all = CodeList::default();
    for path in paths {
        let list = read_list(path)?;
        let is_project = list.target.is_some();
        all.add(list);
        if is_project {
            all.add(beside_project(path.parent().unwrap_or(Path::new("")))?);
        }
    }
    Ok(all)
}

fn read_list(path: &Path) -> Result<CodeList, Failure> {
    let text = fs_err::read_to_string(path).map_err(|error| Failure::of_files(&error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    lists::read(&name, &text).map_err(|error| Failure::new(exit::INVALID, format!("{}: {error}", path.display())))
}

/// Reads what a project of odoo-openupgrade-wizard has besides its settings: its modules, and a list for each series.
fn beside_project(folder: &Path) -> Result<CodeList, Failure> {
    let mut all = CodeList::default();
    let modules = folder.join("modules.csv");
    if modules.is_file() {
        all.add(read_list(&modules)?);
    }
    for series in Series::all() {
        for name in ["repos.yml", "repos.yaml"] {
            let path = folder.join(format!("src/env_{series}")).join(name);
            if path.is_file() {
                let mut list = read_list(&path)?;
                list.settle(series);
                all.add(list);
            }
        }
    }
    Ok(all)
}
