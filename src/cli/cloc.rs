//! `hopp cloc`: counts lines of code as Odoo does, for those who bill by them.

mod of_backup;
mod of_plan;
mod print;

use std::path::{Path, PathBuf};

pub(super) use of_plan::{Wanted, count as count_plan, count_surveyed};

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather;
use super::run::interruptible;
use crate::ident::Series;
use crate::odoo::cloc::{Python, Rules, Tally};
use crate::ui;
use crate::world::cloc::count_folders;

/// Count lines of code exactly as `odoo cloc` does
///
/// Of a folder every module in it is counted; of a backup what lives in the database alone: server actions, computed fields,
/// imported modules; of a plan that, and the modules of its repositories that are installed in its backup. What manifests and
/// `__cloc_exclude__` exempt is left out.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders with modules, or one plan, or one backup
    #[arg(required = true, value_name = "PATH | PLAN | BACKUP")]
    paths: Vec<PathBuf>,
    /// Count by the rules of this series, and of a plan the code for it; the backup's when not said, of folders
    /// the newest
    #[arg(long, value_name = "SERIES")]
    series: Option<Series>,
    /// Count Python as a host with this Python does
    #[arg(long, value_enum, default_value = "3.10")]
    python: PythonArg,
    /// What a line of the result stands for
    #[arg(long, value_enum, default_value = "module")]
    by: By,
    /// Count each folder as one, as `odoo cloc --path` does: without a manifest of its own nothing in it is exempt
    #[arg(long)]
    whole: bool,
    /// Of a plan count modules that are not installed too
    #[arg(long)]
    all: bool,
    /// The filestore, when the backup does not hold it: a folder, a tar or a zip
    #[arg(long, value_name = "PATH")]
    filestore: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Which Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum PythonArg {
    /// 3.8 and 3.9, where a name imported on a line of its own is no line of code
    #[value(name = "3.9")]
    V39,
    /// 3.10 and newer
    #[value(name = "3.10")]
    V310,
}

/// What a line of the result stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum By {
    File,
    Module,
    Repository,
}

/// For whom the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Human,
    Json,
    Csv,
}

/// What was counted, and where it came from.
pub(super) struct Counted {
    pub(super) tally: Tally,
    /// For people: repositories at their commits, modules passed over.
    pub(super) remarks: Vec<String>,
    /// The repositories of a plan, with their commits.
    pub(super) sources: Vec<(String, String)>,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let python = match args.python {
        PythonArg::V39 => Python::V39,
        PythonArg::V310 => Python::V310,
    };
    let counted = match args.paths.as_slice() {
        [path] if is_plan(path) => {
            let wanted = of_plan::Wanted {
                series: args.series,
                python,
                all: args.all,
            };
            let plan = gather::read_plan(path)?;
            of_plan::count(&plan, &wanted, environment, &interruptible()).await?
        }
        [path] if of_backup::is_backup(path) => {
            let filestore = args.filestore.as_deref();
            of_backup::count(path, filestore, args.series, python, environment).await?
        }
        paths => Counted {
            tally: of_paths(
                paths,
                args.whole,
                Rules::of(args.series.unwrap_or(Series::NEWEST)).with_python(python),
            )?,
            remarks: Vec::new(),
            sources: Vec::new(),
        },
    };
    ui::out(&match args.format {
        Format::Human => print::human(&counted, args.by),
        Format::Json => print::json(&counted, args.by),
        Format::Csv => print::csv(&counted.tally, args.by),
    });
    // The process ends here; to give back thousands of texts one by one takes longer than to print them.
    std::mem::forget(counted);
    Ok(exit::DONE)
}

/// Says whether a path is that of a plan.
fn is_plan(path: &Path) -> bool {
    let is = |wanted: &str| path.extension().is_some_and(|extension| extension == wanted);
    (is("yaml") || is("yml")) && !path.is_dir()
}

fn of_paths(paths: &[PathBuf], whole: bool, rules: Rules) -> Result<Tally, Failure> {
    if let Some(file) = paths.iter().find(|path| path.is_file()) {
        let failure = Failure::new(exit::USAGE, format!("`{}` is not a folder", file.display()));
        return Err(failure.hint("name folders with modules, or one plan, or one backup"));
    }
    count_folders(paths, whole, rules).map_err(|error| Failure::of_files(&error))
}
