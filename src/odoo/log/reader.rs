//! Bytes to records, in chunks of any size.

use super::lines::{Line, Lines};
use super::record::Record;

/// A record longer than this loses its middle: the cause of a traceback is at its end.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// What the reader found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEvent {
    /// A complete record.
    Record(Record),
    /// A line before the first record: what something other than Odoo's logger prints.
    Other(String),
}

/// Reads a log as it arrives. Lines may be torn anywhere, coloured, prefixed by syslog and not UTF-8.
///
/// A record is complete when the next one begins, so the newest is held back.
#[derive(Debug, Default)]
pub struct LogReader {
    lines: Lines,
    pending: Option<Record>,
}

impl LogReader {
    /// Takes the next bytes and reports every record they complete.
    pub fn push(&mut self, chunk: &[u8], on: &mut dyn FnMut(LogEvent)) {
        let pending = &mut self.pending;
        self.lines.push(chunk, &mut |_, line| take(pending, line, on));
    }

    /// Reports what is still held back; the log has ended.
    pub fn finish(&mut self, on: &mut dyn FnMut(LogEvent)) {
        let pending = &mut self.pending;
        self.lines.finish(&mut |_, line| take(pending, line, on));
        if let Some(record) = self.pending.take() {
            on(LogEvent::Record(record));
        }
    }
}

fn take(pending: &mut Option<Record>, line: Line<'_>, on: &mut dyn FnMut(LogEvent)) {
    match (line, pending.as_mut()) {
        (Line::Begins(head), _) => {
            if let Some(record) = pending.replace(head.to_record()) {
                on(LogEvent::Record(record));
            }
        }
        (Line::Continues(text), Some(record)) => continue_with(&mut record.message, text),
        (Line::Continues(text), None) => on(LogEvent::Other(text.into())),
    }
}

/// Adds a line to a record.
pub(super) fn continue_with(message: &mut String, line: &str) {
    if message.len() + line.len() >= LONGEST_MESSAGE {
        let keep_from = message.ceil_char_boundary(message.len() / 4);
        let keep_to = message.ceil_char_boundary(message.len() * 3 / 4);
        message.replace_range(keep_from..keep_to, "\n[…]\n");
    }
    message.push('\n');
    message.push_str(line);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<LogEvent> {
        let mut events = Vec::new();
        let mut reader = LogReader::default();
        for chunk in chunks {
            reader.push(chunk, &mut |event| events.push(event));
        }
        reader.finish(&mut |event| events.push(event));
        events
    }

    const LOG: &str = "starting\n\
        2026-11-22 18:32:39,471 8 \x1b[1;32m\x1b[1;49mINFO\x1b[0m ? odoo: Odoo version 19.0 \r\n\
        2026-11-22 18:32:40,000 8 ERROR acmé odoo.sql_db: bad query: é\n\
        Traceback (most recent call last):\n\
        \x20 File \"x.py\", line 1\n\
        2026-11-22 18:32:41,000 8 INFO acmé odoo: bye";

    #[test]
    fn a_traceback_belongs_to_its_record() {
        let events = read(&[LOG.as_bytes()]);
        assert_eq!(events.len(), 4);
        assert_eq!(events[0], LogEvent::Other("starting".into()));
        let LogEvent::Record(version) = &events[1] else {
            panic!("{events:?}");
        };
        assert_eq!(version.message, "Odoo version 19.0");
        let LogEvent::Record(error) = &events[2] else {
            panic!("{events:?}");
        };
        assert_eq!(error.headline(), "bad query: é");
        assert!(error.message.ends_with("\n  File \"x.py\", line 1"));
    }

    #[test]
    fn a_record_too_long_keeps_its_beginning_and_its_end() {
        let mut log = String::from("2026-11-22 18:32:39,471 8 ERROR ? odoo: first\n");
        log.extend((0..20_000).map(|line| format!("line å {line}\n")));
        let events = read(&[log.as_bytes()]);
        let [LogEvent::Record(record)] = events.as_slice() else {
            panic!("one record expected");
        };
        assert!(record.message.len() < LONGEST_MESSAGE + 100);
        assert!(record.message.starts_with("first\n"));
        assert!(record.message.ends_with("line å 19999"));
    }

    proptest! {
        #[test]
        fn where_the_chunks_are_torn_makes_no_difference(cuts in prop::collection::vec(0..LOG.len(), 0..6)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let bytes = LOG.as_bytes();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts {
                chunks.push(&bytes[from..cut]);
                from = cut;
            }
            chunks.push(&bytes[from..]);
            prop_assert_eq!(read(&chunks), read(&[bytes]));
        }

        #[test]
        fn no_bytes_make_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(read(&[&bytes]).len() <= bytes.split(|&byte| byte == b'\n').count());
        }
    }
}
