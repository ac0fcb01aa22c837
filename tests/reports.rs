//! Reports of runs: what the page is made of, that nothing in a journal becomes markup, and when they are written.

mod hostile;
mod page;
mod said;
mod written;

use std::path::Path;

use hopp::event::Entry;
use hopp::journal::read;
use serde_json::{Value, json};

/// Reads a frozen journal.
fn journal(name: &str) -> Vec<Entry> {
    let path = Path::new("fixtures/journals").join(name).with_extension("jsonl");
    read(&path).unwrap()
}

/// Returns the entries of a journal in which these events happen, so many seconds after the first.
fn told(events: &[(u32, Value)]) -> Vec<Entry> {
    let entries = events.iter().enumerate().map(|(index, (second, event))| {
        let at = format!("2026-11-22T21:{:02}:{:02}Z", second / 60, second % 60);
        serde_json::from_value(json!({ "seq": index + 1, "at": at, "event": event })).unwrap()
    });
    entries.collect()
}
