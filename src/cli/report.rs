//! `hopp report`: a run, told from its journal.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::failure::{Failure, exit};
use super::gather::state_of;
use crate::event::Severity;
use crate::ident::RunId;
use crate::journal::{StateFolder, read};
use crate::report::{self, Format, Report, Verdict};
use crate::{ui, words};

/// Print the report of a run
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// Which run; the last one when not said
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// As what
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Failure> {
    let (state, _) = state_of(&args.plan)?;
    let run = choose(&args.plan, &state, args.run.as_deref())?;
    ui::out(&report::render(&load(&state, &run)?, args.format));
    Ok(exit::DONE)
}

/// Writes the report of a run that has ended into its folder, in every format.
///
/// What cannot be written is said and changes nothing else: `hopp report` tells it from the journal at any time.
pub(super) fn write(state: &StateFolder, run: &RunId) {
    let folder = state.run(run);
    let report = match read(&state.journal(run)) {
        Ok(entries) => report::fold(&entries),
        Err(error) => return ui::say(&format!("no report was written: {error}")),
    };
    let Some(report) = report else { return };
    for format in Format::ALL {
        let path = folder.join(format.file());
        if let Err(error) = write_whole(&path, &report::render(&report, format)) {
            ui::say(&format!("{} was not written: {error}", path.display()));
        }
    }
}

/// Writes a file whole or not at all.
pub(super) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    // As readable as the journal beside it; a temporary file is not.
    file.as_file().set_permissions(Permissions::from_mode(0o644))?;
    file.persist(path)?;
    Ok(())
}

/// Returns the run of this id, or the last one.
pub(super) fn choose(plan: &Path, state: &StateFolder, run: Option<&str>) -> Result<RunId, Failure> {
    let runs = state.runs();
    let chosen = match run {
        None => runs.last().cloned(),
        Some(id) => runs.iter().find(|run| run.as_str() == id).cloned(),
    };
    chosen.ok_or_else(|| match run {
        None => {
            Failure::new(exit::USAGE, "this plan was never run").hint(format!("`hopp run {}` runs it", plan.display()))
        }
        Some(id) => {
            let names: Vec<&str> = runs.iter().map(RunId::as_str).collect();
            Failure::new(exit::USAGE, format!("there is no run `{id}`")).hint(format!("there are {}", names.join(", ")))
        }
    })
}

/// Folds the journal of a run.
pub(super) fn load(state: &StateFolder, run: &RunId) -> Result<Report, Failure> {
    let entries = read(&state.journal(run))?;
    report::fold(&entries)
        .ok_or_else(|| Failure::new(exit::ENVIRONMENT, format!("run {run} ended before its first event")))
}

/// Returns what a person sees at the end of a run.
pub(super) fn screen(report: &Report, journal: &Path) -> String {
    let rows: Vec<Vec<String>> = report
        .steps
        .iter()
        .filter(|step| step.status != "skipped")
        .map(|step| {
            let time = match (step.status.as_str(), step.elapsed_ms) {
                ("done" | "failed" | "stopped", Some(ms)) => words::duration(ms),
                _ => String::new(),
            };
            vec![step.id.clone(), step.title.clone(), mark(&step.status), time]
        })
        .collect();
    let mut text = ui::table::table(&["step", "what it did", "status", "time"], &rows, 1, &[3]);
    text.push('\n');
    for finding in report
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Info)
    {
        let word = if finding.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        writeln!(
            text,
            "\n{word} [{}] {}: {}",
            finding.code, finding.subject, finding.message
        )
        .ok();
        for line in finding.evidence.iter().take(8) {
            writeln!(text, "    | {line}").ok();
        }
        writeln!(text, "    what to do: {}", finding.remedy).ok();
    }
    for step in &report.steps {
        if let Some(failure) = step.failure.as_ref().filter(|_| step.status == "failed") {
            writeln!(text, "\nfailed: {}: {}", step.id, failure.message).ok();
            for line in &failure.excerpt {
                writeln!(text, "    | {line}").ok();
            }
            for hint in &failure.hints {
                writeln!(text, "    hint: {hint}").ok();
            }
        }
    }
    let word = match report.verdict {
        Verdict::Verified => "VERIFIED",
        Verdict::VerificationFailed => "VERIFICATION FAILED",
        Verdict::Failed => "FAILED",
        Verdict::Interrupted => "INTERRUPTED",
        Verdict::Partial => "DONE AS FAR AS ASKED",
        Verdict::Unfinished => "UNFINISHED",
    };
    let took = report.elapsed_ms.map(words::duration).unwrap_or_default();
    writeln!(
        text,
        "\n{}: {} → {}: {word} in {took}",
        report.customer, report.from, report.to
    )
    .ok();
    for reason in &report.reasons {
        writeln!(text, "  {reason}").ok();
    }
    if !report.deliveries.is_empty() {
        writeln!(text, "\ndelivered:").ok();
        for file in &report.deliveries {
            writeln!(text, "  {:>10}  {}", words::bytes(file.bytes), file.path).ok();
        }
    }
    writeln!(text, "\njournal: {}", journal.display()).ok();
    text
}

fn mark(status: &str) -> String {
    match status {
        "done" => "✓ done",
        "reused" => "= as before",
        "failed" => "✗ failed",
        "stopped" => "■ stopped",
        "running" => "… running",
        "waiting" => "not done",
        other => other,
    }
    .to_owned()
}
