//! Work that was logged: one JSON object a line, only ever appended to. A mistake is corrected by a second entry.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Category, Claim};
use crate::amount::Amount;

/// More hours than this in one entry are a slip of the keyboard.
const MOST_HOURS: u64 = 1000;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number: that of its line, from 1.
    pub entry: u64,
    /// When it was written.
    pub written: Timestamp,
    /// The day the work was done.
    pub date: Date,
    /// How long it took. None at all takes the work back that it corrects.
    pub hours: Amount,
    /// What it was.
    pub category: Category,
    /// Of a bug fix: what was wrong deviates from the specification.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deviates: bool,
    /// Of a bug fix: it was reproduced in a standard test instance.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reproduced: bool,
    /// What was done, for the customer.
    pub text: String,
    /// The entry that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A piece of work, corrections applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkItem {
    /// The entry as it holds now.
    pub entry: Entry,
    /// The number of the first entry about it.
    pub number: u64,
}

/// What is wrong with a line of the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct LogError {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong, in lower case.
    pub message: String,
}

impl WorkItem {
    /// Returns the claim that the work makes.
    pub fn claim(&self) -> Claim {
        Claim {
            category: self.entry.category,
            deviates: self.entry.deviates,
            reproducible: self.entry.reproduced,
        }
    }
}

impl Entry {
    /// Returns why the entry cannot follow those before it, when it cannot. `before` maps each earlier entry's number to
    /// whether it was a correction.
    fn fault(&self, number: u64, before: &BTreeMap<u64, bool>) -> Option<String> {
        if self.entry != number {
            return Some(format!("this is entry {number}, and it says it is {}", self.entry));
        }
        if self.text.trim().is_empty() {
            return Some("`text` is empty: say what was done".into());
        }
        if self.hours < Amount::ZERO || self.hours > Amount::hundredths(MOST_HOURS * 100) {
            return Some(format!("{} hours are not between 0 and {MOST_HOURS}", self.hours));
        }
        match self.corrects {
            None if self.hours.is_zero() => Some("no hours: only a correction takes work back".into()),
            None => None,
            Some(corrected) => match before.get(&corrected) {
                None => Some(format!("it corrects entry {corrected}, which is not there before it")),
                Some(true) => Some(format!(
                    "it corrects entry {corrected}, which is itself a correction: correct the first entry"
                )),
                Some(false) => None,
            },
        }
    }
}

/// Reads a log and applies its corrections: the last one holds. Every bad line is named.
pub fn fold_log(text: &str) -> Result<Vec<WorkItem>, Vec<LogError>> {
    let mut items: BTreeMap<u64, WorkItem> = BTreeMap::new();
    let mut seen: BTreeMap<u64, bool> = BTreeMap::new();
    let mut errors = Vec::new();
    for (number, line) in (1_u64..).zip(text.lines()) {
        let mut wrong = |message: String| {
            errors.push(LogError {
                line: usize::try_from(number).unwrap_or(usize::MAX),
                message,
            });
        };
        let entry: Entry = match serde_json::from_str(line) {
            Ok(entry) => entry,
            Err(error) => {
                wrong(error.to_string());
                // What corrects a line that cannot be read is not wrong because of that.
                seen.insert(number, false);
                continue;
            }
        };
        if let Some(message) = entry.fault(number, &seen) {
            wrong(message);
        }
        seen.insert(number, entry.corrects.is_some());
        let number = entry.corrects.unwrap_or(number);
        items.insert(number, WorkItem { entry, number });
    }
    if errors.is_empty() {
        Ok(items.into_values().collect())
    } else {
        Err(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, hours: &str, more: &str) -> String {
        format!(
            "{{\"entry\":{number},\"written\":\"2026-11-20T10:00:00Z\",\"date\":\"2026-11-20\",\"hours\":\"{hours}\",\
             \"category\":\"go-live\",\"text\":\"x\"{more}}}\n"
        )
    }

    fn hours(log: &str) -> Vec<(u64, String)> {
        let items = fold_log(log).unwrap();
        items
            .iter()
            .map(|item| (item.number, item.entry.hours.to_string()))
            .collect()
    }

    #[test]
    fn the_last_correction_holds_and_none_at_all_takes_work_back() {
        let log = line(1, "1.5", "") + &line(2, "3", "") + &line(3, "2", ",\"corrects\":1");
        assert_eq!(hours(&log), [(1, "2".into()), (2, "3".into())]);
        let log = log + &line(4, "2.25", ",\"corrects\":1") + &line(5, "0", ",\"corrects\":2");
        assert_eq!(hours(&log), [(1, "2.25".into()), (2, "0".into())]);
        assert_eq!(hours(""), []);
    }

    #[test]
    fn every_bad_line_is_named() {
        let log = [
            line(1, "1", ""),
            "{\"entry\":2,\n".into(),
            line(3, "1", ",\"who\":\"me\""),
            line(7, "1", ""),
            line(5, "0", ""),
            line(6, "-1", ""),
            line(7, "1000.01", ""),
            line(8, "1", ",\"corrects\":8"),
            line(9, "1000", ",\"corrects\":1"),
            line(10, "1", ",\"corrects\":9"),
            line(11, "1", ",\"corrects\":2"),
        ];
        let errors = fold_log(&log.concat()).unwrap_err();
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let expected = [
            "line 2: EOF while parsing",
            "line 3: unknown field `who`",
            "line 4: this is entry 4, and it says it is 7",
            "line 5: no hours",
            "line 6: -1 hours are not between 0 and 1000",
            "line 7: 1000.01 hours are not",
            "line 8: it corrects entry 8, which is not there before it",
            "line 10: it corrects entry 9, which is itself a correction",
        ];
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let entry = Entry {
            entry: 1,
            written: Timestamp::UNIX_EPOCH,
            date: jiff::civil::date(2026, 11, 20),
            hours: "1.25".parse().unwrap(),
            category: Category::BugFix,
            deviates: true,
            reproduced: true,
            text: "fel moms på \"rabatt\"\nrad 2".into(),
            corrects: None,
        };
        let line = serde_json::to_string(&entry).unwrap();
        assert_eq!(line.lines().count(), 1);
        assert_eq!(fold_log(&line).unwrap(), [WorkItem { entry, number: 1 }]);
    }
}
