//! Journals of runs that were really done: the same bytes of report today, tomorrow, and of every part of them.
//!
//! `HOPP_BLESS=1` rewrites the expected reports; the journals themselves are frozen.

use std::path::{Path, PathBuf};

use fs_err as fs;
use hopp::event::Event;
use hopp::journal::read;
use hopp::report::{Format, Verdict, fold, render};

const FOLDER: &str = "fixtures/journals";

fn journals() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let mut journals: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    journals.sort();
    assert!(journals.len() >= 3, "the frozen journals are there");
    journals
}

/// Compares a report with the one that is committed beside its journal.
fn assert_same(path: &Path, text: &str) {
    if std::env::var_os("HOPP_BLESS").is_some() {
        fs::write(path, text).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text,
        "{} is not what is told today:\n{text}",
        path.display()
    );
}

#[test]
fn the_report_of_an_old_journal_is_the_same_bytes_as_ever() {
    for journal in journals() {
        let report = fold(&read(&journal).unwrap()).unwrap();
        for format in Format::ALL {
            let extension = format.file().trim_start_matches("report.");
            assert_same(&journal.with_extension(extension), &render(&report, format));
        }
    }
}

#[test]
fn a_report_reads_back_from_its_json() {
    for journal in journals() {
        let report = fold(&read(&journal).unwrap()).unwrap();
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<hopp::report::Report>(&json).unwrap(), report);
    }
}

#[test]
fn wherever_a_journal_breaks_off_the_run_counts_as_unfinished() {
    for journal in journals() {
        let entries = read(&journal).unwrap();
        assert_eq!(fold(&[]), None);
        for end in 1..=entries.len() {
            let report = fold(&entries[..end]).unwrap();
            let is_ended = matches!(entries[end - 1].event, Event::RunFinished { .. });
            assert_eq!(
                report.verdict == Verdict::Unfinished,
                !is_ended,
                "{} cut at {end}",
                journal.display()
            );
            let told = render(&report, Format::Markdown);
            assert!(told.starts_with(&format!("# {}: ", report.customer)), "{told}");
        }
    }
}

#[test]
fn events_of_steps_that_a_journal_never_planned_are_passed_over() {
    for journal in journals() {
        let mut entries = read(&journal).unwrap();
        let Event::RunStarted { steps, .. } = &mut entries[0].event else {
            panic!("{} begins with its run", journal.display())
        };
        steps.clear();
        assert_eq!(fold(&entries).unwrap().steps, []);
    }
}

#[test]
fn no_machine_is_told_of_in_a_journal_or_a_report() {
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for place in ["/home/", "/root/", "/tmp/", "/work/", "http://", "https://"] {
            assert!(!text.contains(place), "{} holds {place}", path.display());
        }
    }
}
