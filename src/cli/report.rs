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
use crate::event::{Finding, Severity};
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
    // Not a byte more: a report in which nothing stands is empty.
    ui::raw(report::render(&load(&state, &run)?, args.format).as_bytes());
    Ok(exit::DONE)
}

/// Writes the report of a run that has ended into its folder, in every format.
///
/// What cannot be written is said and changes nothing else: `hopp report` tells it from the journal at any time.
pub(super) fn write(state: &StateFolder, run: &RunId) {
    match load(state, run) {
        Ok(report) => (write_all(&state.run(run), &report).iter()).for_each(|problem| ui::say(problem)),
        Err(failure) => ui::say(&format!("no report was written: {}", failure.message)),
    }
}

/// Returns what could not be written, and why.
fn write_all(folder: &Path, report: &Report) -> Vec<String> {
    let mut problems = Vec::new();
    for format in Format::ALL {
        let path = folder.join(format.file());
        if let Err(error) = write_whole(&path, &report::render(report, format)) {
            problems.push(format!("{} was not written: {error}", path.display()));
        }
    }
    problems
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

/// Returns the steps of a run as a table.
pub(super) fn steps(report: &Report) -> String {
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
    ui::table::table(&["step", "what it did", "status", "time"], &rows, 1, &[3])
}

fn says(finding: &Finding, text: &str) -> bool {
    finding.severity > Severity::Accepted
        && (finding.remedy == text
            || text
                .split_once(": ")
                .is_some_and(|(subject, message)| finding.subject == subject && finding.message == message))
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

/// Findings on a screenful; the report has the others.
const FINDINGS: usize = 10;
/// Lines of an excerpt on a screenful.
const LINES: usize = 12;

/// Returns what a person sees at the end of a run, on one screen: what is wrong, the verdict, and where everything is.
pub(super) fn screen(report: &Report, journal: &Path) -> String {
    let mut text = String::new();
    findings(&mut text, report);
    for step in report.steps.iter().filter(|step| step.status == "failed") {
        if let Some(failure) = &step.failure {
            writeln!(text, "failed: {}: {}", step.id, failure.message).ok();
            // What a finding above says is not said again.
            let new = |said: &&String| !report.findings.iter().any(|finding| says(finding, said));
            let lines: Vec<String> = failure.excerpt.iter().filter(new).cloned().collect();
            excerpt(&mut text, &lines, LINES);
            for hint in failure.hints.iter().filter(new) {
                writeln!(text, "    hint: {hint}").ok();
            }
            text.push('\n');
        }
    }
    verdict(&mut text, report);
    if !report.deliveries.is_empty() {
        writeln!(text, "\ndelivered:").ok();
        for file in &report.deliveries {
            writeln!(text, "  {:>10}  {}", words::bytes(file.bytes), file.path).ok();
        }
    }
    text.push('\n');
    let page = journal.with_file_name(Format::Html.file());
    if page.is_file() {
        writeln!(text, "report:  {}", page.display()).ok();
    }
    writeln!(text, "journal: {}", journal.display()).ok();
    // What a log or a database says must not steer the terminal.
    report::clean(&text)
}

/// Writes the findings, worst first: with evidence when there are few, without when there are many.
fn findings(text: &mut String, report: &Report) {
    let found: Vec<&Finding> = (report.findings.iter())
        .filter(|finding| finding.severity > Severity::Accepted)
        .collect();
    let lines = match found.len() {
        0..=2 => 8,
        3 => 3,
        4 => 2,
        _ => 0,
    };
    for finding in found.iter().take(FINDINGS) {
        let word = if finding.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        let Finding {
            code, subject, message, ..
        } = finding;
        let since = finding.since.map_or_else(String::new, |hop| format!(" (since {hop})"));
        writeln!(text, "{word} [{code}] {subject}: {message}{since}").ok();
        excerpt(text, &finding.evidence, lines);
        writeln!(text, "    what to do: {}", finding.remedy).ok();
        if lines > 0 {
            text.push('\n');
        }
    }
    let more = found.len().saturating_sub(FINDINGS);
    if more > 0 {
        writeln!(
            text,
            "and {}: `hopp report {}`",
            words::count(more, "more finding"),
            report.plan
        )
        .ok();
    }
    if lines == 0 {
        text.push('\n');
    }
}

fn excerpt(text: &mut String, lines: &[String], most: usize) {
    for line in lines.iter().flat_map(|line| line.lines()).take(most) {
        writeln!(text, "    | {line}").ok();
    }
}

fn verdict(text: &mut String, report: &Report) {
    let word = match report.verdict {
        Verdict::Verified => "VERIFIED",
        Verdict::VerificationFailed => "VERIFICATION FAILED",
        Verdict::Failed => "FAILED",
        Verdict::Interrupted => "INTERRUPTED",
        Verdict::Partial => "DONE AS FAR AS ASKED",
        Verdict::Unfinished => "UNFINISHED",
    };
    let took = report
        .elapsed_ms
        .map_or_else(String::new, |ms| format!(" in {}", words::duration(ms)));
    let Report { customer, from, to, .. } = report;
    writeln!(text, "{customer}: {from} → {to}: {word}{took}").ok();
    let count = |severity| {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let accepted = count(Severity::Accepted);
    let is_told = errors > 0 || report.steps.iter().any(|step| step.status == "failed");
    // What is told above in full is not told again.
    for reason in report.reasons.iter().filter(|_| !is_told) {
        writeln!(text, "  {reason}").ok();
    }
    let counts = [(errors, "error"), (warnings, "warning")];
    let counts: Vec<String> = (counts.into_iter())
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| words::count(count, noun))
        .collect();
    if !counts.is_empty() {
        writeln!(text, "  {}", counts.join(", ")).ok();
    }
    if accepted > 0 {
        let findings = words::count(accepted, "finding");
        writeln!(text, "  the plan accepts {findings}: `hopp report {}`", report.plan).ok();
    }
    if report.verdict == Verdict::Failed {
        writeln!(
            text,
            "  once that is mended, `hopp run` again goes on from the last checkpoint"
        )
        .ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> Report {
        let journal = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals/acme.jsonl");
        report::fold(&read(&journal).unwrap()).unwrap()
    }

    #[test]
    fn a_report_that_cannot_be_written_is_said_and_keeps_no_other_from_being_written() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(folder.path().join("report.html/taken")).unwrap();
        let problems = write_all(folder.path(), &acme());
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("report.html was not written: "), "{}", problems[0]);
        for format in Format::ALL.into_iter().filter(|format| *format != Format::Html) {
            let written = fs_err::read_to_string(folder.path().join(format.file())).unwrap();
            assert_eq!(written, report::render(&acme(), format));
        }
    }

    #[test]
    fn however_much_is_found_the_end_of_a_run_fits_a_screen() {
        for number in [0, 1, 3, 5, 10, 11, 500] {
            let mut report = acme();
            let finding = report.findings[0].clone();
            report.findings = vec![finding; number];
            let screen = screen(&report, Path::new("journal.jsonl"));
            assert!(screen.lines().count() <= 40, "{screen}");
            let more = number.saturating_sub(10);
            let told = match more {
                1 => "and 1 more finding: `hopp report acme.yaml`\n".to_owned(),
                more => format!("and {more} more findings: `hopp report acme.yaml`\n"),
            };
            assert_eq!(screen.contains(&told), more > 0, "{screen}");
        }
    }

    #[test]
    fn nothing_that_a_database_says_steers_the_terminal() {
        let mut report = acme();
        report.findings[0].message = "\u{1b}]0;owned\u{7}\u{9b}2J".into();
        let screen = screen(&report, Path::new("journal.jsonl"));
        assert!(
            screen.chars().all(|char| char == '\n' || !char.is_control()),
            "{screen:?}"
        );
    }
}
