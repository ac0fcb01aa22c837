//! `hopp index`: what a series' source holds.

use std::path::PathBuf;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::source;
use crate::port::index::Index;
use crate::ui;
use crate::words;

/// Read the source of a series once, so that references can be asked in it
///
/// Models with fields and methods, XML ids, views, templates, Python names, scripts, bundles. Out of an image it is read
/// through Docker and kept in the cache; `hopp port --index` asks it about every reference of the modules.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An image with Odoo, a folder with its source, or a file that this command wrote
    #[arg(value_name = "IMAGE|PATH")]
    what: String,
    /// Write it to this file instead: packed, or with `--format json` as JSON
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// For whom it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// How much there is of what
    Human,
    /// All of it
    Json,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let index = source::index(&args.what, environment).await?;
    let internal = |error: String| Failure::new(exit::INTERNAL, error);
    match (args.format, &args.output) {
        (Format::Human, None) => ui::out(&summary(&index)),
        (Format::Json, None) => {
            ui::out(&serde_json::to_string(&index).map_err(|error| internal(error.to_string()))?);
        }
        (format, Some(path)) => {
            let bytes = match format {
                Format::Human => index.pack().map_err(|error| internal(error.to_string()))?,
                Format::Json => serde_json::to_vec(&index).map_err(|error| internal(error.to_string()))?,
            };
            fs_err::write(path, &bytes).map_err(|error| Failure::of_files(&error))?;
            let size = words::bytes(bytes.len() as u64);
            ui::say(&format!("{}\nwritten to {} ({size})", summary(&index), path.display()));
        }
    }
    Ok(exit::DONE)
}

fn summary(index: &Index) -> String {
    let sum = |of: &dyn Fn(&crate::port::index::Addon) -> usize| index.addons.values().map(of).sum::<usize>();
    let models: std::collections::BTreeSet<&str> = (index.addons.values())
        .flat_map(|addon| addon.models.iter().filter(|part| part.defines))
        .map(|part| part.name.as_str())
        .collect();
    let rows = [
        (index.addons.len(), "modules"),
        (models.len(), "models"),
        (
            sum(&|it| it.models.iter().map(|part| part.fields.len()).sum()),
            "fields",
        ),
        (
            sum(&|it| it.models.iter().map(|part| part.methods.len()).sum()),
            "methods",
        ),
        (sum(&|it| it.ids.len()), "XML ids"),
        (sum(&|it| it.views.len()), "views and server-side templates"),
        (sum(&|it| it.templates.len()), "templates of the web client"),
        (sum(&|it| it.scripts.len()), "scripts"),
        (sum(&|it| it.python.len()) + index.library.len(), "Python modules"),
    ];
    let series = if index.series.is_empty() {
        "of an unknown series"
    } else {
        &index.series
    };
    let mut lines = vec![format!("Odoo {series}")];
    lines.extend(rows.iter().map(|(number, what)| format!("{number:>8} {what}")));
    lines.join("\n")
}
