//! One record of Odoo's log and the line it begins with.

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

/// How loud a record is. Ordered: `Level::Warning < Level::Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// `DEBUG`.
    Debug,
    /// `INFO`, and the `RUNBOT` and `TEST` levels of Odoo's own builds.
    Info,
    /// `WARNING`.
    Warning,
    /// `ERROR`.
    Error,
    /// `CRITICAL`.
    Critical,
}

impl Level {
    fn of(word: &str) -> Option<Level> {
        Some(match word {
            "DEBUG" => Level::Debug,
            "INFO" | "RUNBOT" | "TEST" => Level::Info,
            "WARNING" => Level::Warning,
            "ERROR" => Level::Error,
            "CRITICAL" => Level::Critical,
            _ => return None,
        })
    }
}

/// One record: the line that begins it and, in `message`, every line up to the next record (tracebacks, SQL).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When, in the container's own time.
    pub at: DateTime,
    /// How loud.
    pub level: Level,
    /// Who speaks: `odoo.modules.loading`.
    pub logger: String,
    /// What it says, without the blank that an empty performance column leaves at the end of a line.
    pub message: String,
}

impl Record {
    /// Returns the first line of the message.
    pub fn headline(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// Reads the line that begins a record (`%(asctime)s %(pid)s %(levelname)s %(dbname)s %(name)s: %(message)s`);
    /// `None` when it is a continuation.
    pub(super) fn begin(line: &str) -> Option<Record> {
        let (stamp, rest) = line.split_at_checked(23)?;
        let at = date_time(stamp.as_bytes())?;
        let mut words = rest.strip_prefix(' ')?.splitn(4, ' ');
        words.next()?.parse::<u64>().ok()?;
        let level = Level::of(words.next()?)?;
        words.next()?; // the database, `?` before there is one
        let (logger, message) = words.next()?.split_once(':')?;
        Some(Record {
            at,
            level,
            logger: logger.into(),
            message: message.trim().into(),
        })
    }
}

/// Reads `2026-11-22 18:32:39,471`.
fn date_time(stamp: &[u8]) -> Option<DateTime> {
    let shaped = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':'), (19, b',')];
    if shaped.iter().any(|&(at, byte)| stamp.get(at) != Some(&byte)) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i16> {
        stamp.get(from..to)?.iter().try_fold(0i16, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0'))
        })
    };
    let small = |from: usize, to: usize| i8::try_from(number(from, to)?).ok();
    let date = Date::new(number(0, 4)?, small(5, 7)?, small(8, 10)?).ok()?;
    let nanoseconds = i32::from(number(20, 23)?) * 1_000_000;
    let time = Time::new(small(11, 13)?, small(14, 16)?, small(17, 19)?, nanoseconds).ok()?;
    Some(DateTime::from_parts(date, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_any_series_begins_a_record() {
        let record =
            Record::begin("2026-11-22 18:32:40,447 8 INFO acme odoo.modules.loading: loading 1 modules... ").unwrap();
        assert_eq!(record.at.to_string(), "2026-11-22T18:32:40.447");
        assert_eq!(record.level, Level::Info);
        assert_eq!(record.logger, "odoo.modules.loading");
        assert_eq!(record.message, "loading 1 modules...");
    }

    #[test]
    fn a_message_keeps_its_colons_and_an_empty_one_is_allowed() {
        let line = "2026-11-22 18:32:40,447 8 ERROR ? odoo.sql_db: bad query: b'SELECT 1'";
        assert_eq!(Record::begin(line).unwrap().message, "bad query: b'SELECT 1'");
        let line = "2026-11-22 18:32:40,447 8 RUNBOT acme odoo.tests:";
        assert_eq!(Record::begin(line).unwrap().message, "");
    }

    #[test]
    fn other_lines_are_continuations() {
        for line in [
            "",
            "Traceback (most recent call last):",
            "2026-11-22 18:32:40,447",
            "2026-13-22 18:32:40,447 8 INFO acme odoo: text",
            "2026-11-22 18:32:40.447 UTC [1] LOG:  database system is ready",
            "2026-11-22 18:32:40,447 8 SHOUT acme odoo: text",
            "ååååååååååååååååååååååååå",
        ] {
            assert_eq!(Record::begin(line), None, "{line}");
        }
    }
}
