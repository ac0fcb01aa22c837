//! Bytes to records, in chunks of any size.

use super::record::Record;

/// A line longer than this is cut: Odoo prints whole queries.
const LONGEST_LINE: usize = 256 * 1024;
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

/// Reads a log as it arrives. Lines may be torn anywhere, coloured and not UTF-8.
///
/// A record is complete when the next one begins, so the newest is held back; [`LogReader::pending`] shows it.
#[derive(Debug, Default)]
pub struct LogReader {
    line: Vec<u8>,
    pending: Option<Record>,
    lines: u64,
}

impl LogReader {
    /// Takes the next bytes and reports every record they complete.
    pub fn push(&mut self, chunk: &[u8], on: &mut dyn FnMut(LogEvent)) {
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, after) = rest.split_at(end);
            if self.line.is_empty() {
                self.take_line(line, on);
            } else {
                self.hold(line);
                let line = std::mem::take(&mut self.line);
                self.take_line(&line, on);
            }
            rest = &after[1..];
        }
        self.hold(rest);
    }

    /// Reports what is still held back; the log has ended.
    pub fn finish(&mut self, on: &mut dyn FnMut(LogEvent)) {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.take_line(&line, on);
        }
        if let Some(record) = self.pending.take() {
            on(LogEvent::Record(record));
        }
    }

    /// Returns the newest record, whose continuation may still be on its way.
    pub fn pending(&self) -> Option<&Record> {
        self.pending.as_ref()
    }

    /// Returns how many lines were read.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    fn hold(&mut self, part: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn take_line(&mut self, line: &[u8], on: &mut dyn FnMut(LogEvent)) {
        self.lines += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = &line[..line.len().min(LONGEST_LINE)];
        let text = String::from_utf8_lossy(line);
        let text = without_colours(&text);
        if let Some(begun) = Record::begin(&text) {
            if let Some(record) = self.pending.replace(begun) {
                on(LogEvent::Record(record));
            }
        } else if let Some(record) = &mut self.pending {
            continue_with(&mut record.message, &text);
        } else {
            on(LogEvent::Other(text.into_owned()));
        }
    }
}

fn continue_with(message: &mut String, line: &str) {
    if message.len() + line.len() >= LONGEST_MESSAGE {
        let keep_from = message.ceil_char_boundary(message.len() / 4);
        let keep_to = message.ceil_char_boundary(message.len() * 3 / 4);
        message.replace_range(keep_from..keep_to, "\n[…]\n");
    }
    message.push('\n');
    message.push_str(line);
}

/// Removes `ESC [ digits ; digits m`, which Odoo writes around the level on a terminal.
fn without_colours(line: &str) -> std::borrow::Cow<'_, str> {
    if !line.contains('\x1b') {
        return line.into();
    }
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\x1b[") {
        plain.push_str(&rest[..at]);
        let code = &rest[at + 2..];
        let end = code.find(|c: char| !c.is_ascii_digit() && c != ';');
        rest = match end {
            Some(end) if code[end..].starts_with('m') => &code[end + 1..],
            Some(end) => &code[end..],
            None => "",
        };
    }
    plain.push_str(rest);
    plain.into()
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
