//! One record of Odoo's log and the line it begins with.

use jiff::civil::{Date, DateTime, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How loud a record is. Ordered: `Level::Warning < Level::Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
    /// Reads Odoo's word for a level.
    pub(super) fn of(word: &str) -> Option<Level> {
        Some(match word {
            "DEBUG" => Level::Debug,
            "INFO" | "RUNBOT" | "TEST" => Level::Info,
            "WARNING" => Level::Warning,
            "ERROR" => Level::Error,
            "CRITICAL" => Level::Critical,
            _ => return None,
        })
    }

    /// Returns Odoo's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
            Level::Critical => "CRITICAL",
        }
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

    /// Reads a line that begins a record; `None` when it is a continuation.
    #[cfg(test)]
    pub(super) fn begin(line: &str) -> Option<Record> {
        Head::parse(line).map(Head::to_record)
    }
}

/// When a record was written: not yet understood, because most are never asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// `2026-11-22 18:32:39,471`, and so shaped.
    Odoo([u8; 23]),
    /// What stood before a line of syslog.
    Known(DateTime),
}

impl Stamp {
    /// Returns the time; the beginning of time for a day that does not exist.
    pub(super) fn at(&self) -> DateTime {
        match self {
            Stamp::Odoo(text) => date_time(text).unwrap_or(DateTime::MIN),
            Stamp::Known(at) => *at,
        }
    }

    /// Returns the seconds since an earlier stamp; 0 when the clock was set back.
    pub(super) fn seconds_since(&self, earlier: &Stamp) -> f64 {
        self.at().duration_since(earlier.at()).as_secs_f64().max(0.0)
    }
}

/// The line that begins a record, borrowed from the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Head<'a> {
    pub(super) stamp: Stamp,
    pub(super) level: Level,
    pub(super) logger: &'a str,
    pub(super) message: &'a str,
}

impl<'a> Head<'a> {
    /// Reads `%(asctime)s %(pid)s %(levelname)s %(dbname)s %(name)s: %(message)s`; `None` when it is a continuation.
    pub(super) fn parse(line: &'a str) -> Option<Head<'a>> {
        let stamp: [u8; 23] = *line.as_bytes().first_chunk()?;
        if !is_stamp(&stamp) {
            return None;
        }
        let mut words = line.get(23..)?.strip_prefix(' ')?.splitn(4, ' ');
        if !words.next()?.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let level = Level::of(words.next()?)?;
        words.next()?; // the database, `?` before there is one
        let (logger, message) = words.next()?.split_once(':')?;
        Some(Head {
            stamp: Stamp::Odoo(stamp),
            level,
            logger,
            message: message.trim(),
        })
    }

    /// Reads what Odoo's `--syslog` writes after the prefix of syslog: `Odoo Server 14.0:acme:INFO:odoo.modules:text`.
    pub(super) fn parse_syslog(at: DateTime, text: &'a str) -> Option<Head<'a>> {
        let mut words = text.strip_prefix("Odoo Server ")?.splitn(5, ':');
        words.next()?; // the series
        words.next()?; // the database
        let level = Level::of(words.next()?)?;
        let (logger, message) = (words.next()?, words.next()?);
        Some(Head {
            stamp: Stamp::Known(at),
            level,
            logger,
            message: message.trim(),
        })
    }

    /// Returns the record that begins here, to be kept.
    pub(super) fn to_record(self) -> Record {
        Record {
            at: self.stamp.at(),
            level: self.level,
            logger: self.logger.into(),
            message: self.message.into(),
        }
    }
}

/// Says whether bytes have the shape of a stamp, with a month, a day and a time that there may be.
fn is_stamp(stamp: &[u8; 23]) -> bool {
    let marks = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':'), (19, b',')];
    marks.iter().all(|&(at, byte)| stamp[at] == byte)
        && (0..23).all(|at| stamp[at].is_ascii_digit() || matches!(at, 4 | 7 | 10 | 13 | 16 | 19))
        && (1..=12).contains(&pair(stamp, 5))
        && (1..=31).contains(&pair(stamp, 8))
        && pair(stamp, 11) < 24
        && pair(stamp, 14) < 60
        && pair(stamp, 17) < 60
}

fn pair(digits: &[u8], at: usize) -> i8 {
    // Two digits are at most 99.
    (digits[at] - b'0').cast_signed() * 10 + (digits[at + 1] - b'0').cast_signed()
}

fn date_time(stamp: &[u8; 23]) -> Option<DateTime> {
    let year = i16::from(pair(stamp, 0)) * 100 + i16::from(pair(stamp, 2));
    let date = Date::new(year, pair(stamp, 5), pair(stamp, 8)).ok()?;
    let milliseconds = i32::from(pair(stamp, 20)) * 10 + i32::from(stamp[22] - b'0');
    let time = Time::new(
        pair(stamp, 11),
        pair(stamp, 14),
        pair(stamp, 17),
        milliseconds * 1_000_000,
    );
    Some(DateTime::from_parts(date, time.ok()?))
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
            "2026-11-22 18:32:40,447å8 INFO acme odoo: text",
            "ååååååååååååååååååååååååå",
        ] {
            assert_eq!(Record::begin(line), None, "{line}");
        }
    }

    #[test]
    fn time_runs_over_midnight_and_never_backwards() {
        let stamp = |text: &str| {
            let line = format!("{text} 8 INFO acme odoo: x");
            Head::parse(&line).unwrap().stamp
        };
        let (before, after) = (stamp("2026-12-31 23:59:59,900"), stamp("2027-01-01 00:00:01,150"));
        assert!((after.seconds_since(&before) - 1.25).abs() < 1e-9);
        assert!(before.seconds_since(&after).abs() < 1e-9);
    }
}
