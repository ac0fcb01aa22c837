//! `hopp report`: a run, told from its journal.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::failure::{Failure, exit};
use super::gather::state_of;
use crate::event::{Finding, Severity};
use crate::ident::RunId;
use crate::journal::{StateFolder, read};
use crate::report::{self, Report, Verdict};
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Json,
    Markdown,
}

pub(super) fn run(args: &Args) -> Result<u8, Failure> {
    let (state, _) = state_of(&args.plan)?;
    let run = choose(&args.plan, &state, args.run.as_deref())?;
    let report = load(&state, &run)?;
    ui::out(&match args.format {
        Format::Json => serde_json::to_string_pretty(&report)
            .map_err(|error| Failure::new(exit::INTERNAL, format!("the report cannot be written: {error}")))?,
        Format::Markdown => report::markdown(&report),
    });
    Ok(exit::DONE)
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
        writeln!(text, "\n{}", told(finding)).ok();
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

/// Returns a finding as a person reads it.
pub(super) fn told(finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let mut text = format!("{word} [{}] {}: {}\n", finding.code, finding.subject, finding.message);
    for line in finding.evidence.iter().take(11) {
        writeln!(text, "    | {line}").ok();
    }
    write!(text, "    what to do: {}", finding.remedy).ok();
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
