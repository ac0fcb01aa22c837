//! Bytes to lines, in chunks of any size, and what each line is.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::prefix;
use super::record::{Head, Stamp};

/// A line longer than this is cut: Odoo prints whole queries.
pub(super) const LONGEST_LINE: usize = 256 * 1024;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// It begins a record.
    Begins(Head<'a>),
    /// It goes on with the record before it, or was printed by something other than Odoo's logger.
    Continues(&'a str),
}

/// Cuts a log into lines as it arrives. Lines may be torn anywhere, coloured, prefixed and not UTF-8.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// A line whose end has not arrived.
    held: Vec<u8>,
    count: u64,
    /// Whether records come with a prefix, which their continuations then have as well.
    prefixed: bool,
    /// The year of the newest record and a hyphen: how a record begins that was torn into another line.
    year: [u8; 5],
}

impl Lines {
    /// Takes the next bytes and reports every line they complete, with its number from 1.
    pub(super) fn push(&mut self, chunk: &[u8], on: &mut impl FnMut(u64, Line<'_>)) {
        let mut rest = chunk;
        while let Some(end) = memchr(b'\n', rest) {
            let line = &rest[..end];
            if self.held.is_empty() {
                self.line(line, on);
            } else {
                self.hold(line);
                let line = std::mem::take(&mut self.held);
                self.line(&line, on);
            }
            rest = &rest[end + 1..];
        }
        self.hold(rest);
    }

    /// Reports what is still held back; the log has ended.
    pub(super) fn finish(&mut self, on: &mut impl FnMut(u64, Line<'_>)) {
        if !self.held.is_empty() {
            let line = std::mem::take(&mut self.held);
            self.line(&line, on);
        }
    }

    /// Returns how many lines were read.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    fn hold(&mut self, part: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.held.len());
        self.held.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn line(&mut self, line: &[u8], on: &mut impl FnMut(u64, Line<'_>)) {
        self.count += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = &line[..line.len().min(LONGEST_LINE)];
        let text = match std::str::from_utf8(line) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(line),
        };
        if memchr(b'\x1b', line).is_some() {
            self.text(&without_colours(&text), on);
        } else {
            self.text(&text, on);
        }
    }

    fn text(&mut self, text: &str, on: &mut impl FnMut(u64, Line<'_>)) {
        if let Some(head) = Head::parse(text) {
            self.prefixed = false;
            return self.begins(head, on);
        }
        if let Some(stripped) = prefix::strip(text) {
            let head =
                Head::parse(stripped.text).or_else(|| stripped.at.and_then(|at| Head::parse_syslog(at, stripped.text)));
            if let Some(head) = head {
                self.prefixed = true;
                return self.begins(head, on);
            }
            if self.prefixed {
                return on(self.count, Line::Continues(stripped.text));
            }
        }
        match self.torn(text, 1) {
            Some((at, head)) => {
                on(self.count, Line::Continues(&text[..at]));
                self.begins(head, on);
            }
            None => on(self.count, Line::Continues(text)),
        }
    }

    /// Reports the line that begins a record, and those that were torn into it.
    fn begins(&mut self, mut head: Head<'_>, on: &mut impl FnMut(u64, Line<'_>)) {
        if let Stamp::Odoo([a, b, c, d, e, ..]) = head.stamp {
            self.year = [a, b, c, d, e];
        }
        while let Some((at, torn)) = self.torn(head.message, 0) {
            let message = head.message[..at].trim_end();
            on(self.count, Line::Begins(Head { message, ..head }));
            head = torn;
        }
        if self.prefixed && head.message.contains("#012") {
            // How syslog writes the end of a line.
            let mut parts = head.message.split("#012");
            let message = parts.next().unwrap_or_default();
            on(self.count, Line::Begins(Head { message, ..head }));
            let number = self.count;
            parts.for_each(|part| on(number, Line::Continues(part)));
            return;
        }
        on(self.count, Line::Begins(head));
    }

    /// Finds a record that begins in the middle of a line: whoever wrote the line was killed before its end, or two
    /// processes wrote at once.
    fn torn<'a>(&self, text: &'a str, from: usize) -> Option<(usize, Head<'a>)> {
        if self.year[4] != b'-' {
            return None;
        }
        let rest = text.as_bytes().get(from..)?;
        memmem::find_iter(rest, &self.year).find_map(|found| {
            let at = from + found;
            Some((at, Head::parse(text.get(at..)?)?))
        })
    }
}

/// Removes `ESC [ digits ; digits m`, which Odoo writes around the level on a terminal.
fn without_colours(line: &str) -> String {
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
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(log: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let mut on = |_: u64, line: Line<'_>| {
            seen.push(match line {
                Line::Begins(head) => format!("{} {}: {}", head.level.word(), head.logger, head.message),
                Line::Continues(text) => format!("+ {text}"),
            });
        };
        let mut lines = Lines::default();
        lines.push(log.as_bytes(), &mut on);
        lines.finish(&mut on);
        seen
    }

    #[test]
    fn a_record_torn_into_another_line_begins_all_the_same() {
        let log = "2026-11-22 18:32:39,471 8 INFO acme odoo.modules.loading: loading sale/vi\
                   2026-11-22 18:40:00,000 8 ERROR acme odoo.sql_db: bad query: '2026-11-22'\n\
                   ERROR: relation 2026-11-22 18:40:01,000 8 INFO acme odoo: bye\n";
        assert_eq!(
            read(log),
            [
                "INFO odoo.modules.loading: loading sale/vi",
                "ERROR odoo.sql_db: bad query: '2026-11-22'",
                "+ ERROR: relation ",
                "INFO odoo: bye",
            ]
        );
    }

    #[test]
    fn syslog_keeps_a_traceback_whole_in_both_its_ways() {
        let log = "Nov 22 18:32:39 prod odoo[8]: Odoo Server 16.0:acme:ERROR:odoo.sql_db:bad query#012Traceback:#012  File x\n\
                   Nov 22 18:32:40 prod odoo[8]: 2026-11-22 18:32:40,001 8 ERROR acme odoo.http: oops\n\
                   Nov 22 18:32:40 prod odoo[8]: Traceback (most recent call last):\n";
        assert_eq!(
            read(log),
            [
                "ERROR odoo.sql_db: bad query",
                "+ Traceback:",
                "+   File x",
                "ERROR odoo.http: oops",
                "+ Traceback (most recent call last):",
            ]
        );
    }
}
