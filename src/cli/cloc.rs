//! `hopp cloc`: counts lines of code as Odoo does, for those who bill by them.

mod print;

use std::path::{Path, PathBuf};

use super::failure::{Failure, exit};
use crate::ident::Series;
use crate::odoo::cloc::{Python, Rules, Tally};
use crate::ui;
use crate::world::cloc::{Folder, count_folders};

/// Count lines of code exactly as `odoo cloc` does
///
/// Of a folder every module in it is counted, with what its manifest exempts left out.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders with modules
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Count by the rules of this series; the newest when not said
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

pub(super) fn run(args: &Args) -> Result<u8, Failure> {
    let python = match args.python {
        PythonArg::V39 => Python::V39,
        PythonArg::V310 => Python::V310,
    };
    let rules = Rules::of(args.series.unwrap_or(Series::NEWEST)).with_python(python);
    let tally = of_paths(&args.paths, args.whole, &rules)?;
    ui::out(&match args.format {
        Format::Human => print::human(&tally, args.by),
        Format::Json => print::json(&tally, args.by),
        Format::Csv => print::csv(&tally, args.by),
    });
    Ok(exit::DONE)
}

fn of_paths(paths: &[PathBuf], whole: bool, rules: &Rules) -> Result<Tally, Failure> {
    let mut folders = Vec::new();
    for path in paths {
        let found = if whole {
            Folder::whole(path).map(|folder| vec![folder])
        } else {
            Folder::modules(path, rules)
        };
        folders.extend(
            found
                .map_err(|error| Failure::of_files(&error))?
                .into_iter()
                .map(|folder| Folder {
                    repository: Some(shown(path)),
                    ..folder
                }),
        );
    }
    count_folders(&folders, rules).map_err(|error| Failure::of_files(&error))
}

/// Returns a path as the repository it stands for.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
