//! What the server logged while it was visited: tracebacks.

use crate::odoo::log::{Groups, Level, LogEvent, LogGroup, LogReader, Place, Record};

/// Takes a server's log as it arrives.
#[derive(Debug, Default)]
pub struct ServerLog {
    reader: LogReader,
    groups: Groups,
    records: u64,
}

impl ServerLog {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let (groups, records) = (&mut self.groups, &mut self.records);
        self.reader.push(bytes, &mut |event| keep(groups, records, event));
    }

    /// Returns the warnings and errors that carry a traceback; those that are alike are one.
    pub fn tracebacks(mut self) -> Vec<LogGroup> {
        let (groups, records) = (&mut self.groups, &mut self.records);
        self.reader.finish(&mut |event| keep(groups, records, event));
        let mut found = self.groups.finish();
        found.retain(|group| group.exception.is_some());
        found
    }
}

fn keep(groups: &mut Groups, records: &mut u64, event: LogEvent) {
    let LogEvent::Record(record) = event else { return };
    *records += 1;
    if is_loud(&record) {
        groups.add(&record, Place::default(), *records);
    }
}

fn is_loud(record: &Record) -> bool {
    record.level >= Level::Warning
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_carries_a_traceback_is_told_and_alike_ones_once() {
        let mut log = ServerLog::default();
        for _ in 0..2 {
            log.push(
                b"2026-11-22 18:32:40,447 8 ERROR acme odoo.http: Exception during request handling.\n\
                  Traceback (most recent call last):\n  File \"x.py\", line 1, in y\nKeyError: 'mobile'\n",
            );
        }
        log.push(b"2026-11-22 18:32:41,447 8 WARNING acme odoo.x: something is old\n");
        let found = log.tracebacks();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].times, 2);
        assert_eq!(found[0].exception.as_deref(), Some("KeyError: 'mobile'"));
    }
}
