//! The scanner: from pieces of a dump to lines, and from lines to tables and rows.

use super::{Dump, Extent, Reader, Row};

/// The most that is held of a row of a wanted table: what a longer one has beyond it is passed over.
const ROW: usize = 8 << 20;
/// The most that is held of a line of SQL: a `COPY` line of the widest table is a fraction of it.
const STATEMENT: usize = 1 << 20;
/// The table that tells an Odoo database.
const MODULES: &[u8] = b"public.ir_module_module ";

/// Reads a plain dump that comes in pieces.
#[derive(Debug, Default)]
pub struct DumpScan {
    dump: Dump,
    inside: Inside,
    /// The line that a piece ended in the middle of, as far as it is needed.
    partial: Vec<u8>,
    /// How long that line is so far.
    length: u64,
}

/// Where in the dump the scan is.
#[derive(Debug, Default)]
enum Inside {
    #[default]
    Statements,
    /// In the data of a table.
    Data(Block),
}

/// The data of a table that is being read.
#[derive(Debug)]
struct Block {
    table: String,
    extent: Extent,
    /// For each wanted column its place among the table's; empty when nothing is wanted.
    wanted: Vec<Option<usize>>,
    /// The last place that is wanted, and one more.
    until: usize,
    /// Where in the row at hand each wanted column is.
    places: Vec<Option<(usize, usize)>>,
}

impl DumpScan {
    /// Takes the next piece of the dump.
    pub fn feed(&mut self, mut piece: &[u8], reader: &mut dyn Reader) {
        if self.length > 0 {
            let (line, rest, is_whole) = match memchr::memchr(b'\n', piece) {
                Some(at) => (&piece[..at], &piece[at + 1..], true),
                None => (piece, &piece[..0], false),
            };
            self.remember(line);
            piece = rest;
            if is_whole {
                let whole = std::mem::take(&mut self.partial);
                let length = std::mem::take(&mut self.length);
                self.line(&whole, length, reader);
                self.partial = whole;
                self.partial.clear();
            }
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', piece) {
            self.line(&piece[start..end], (end - start) as u64, reader);
            start = end + 1;
        }
        if start < piece.len() {
            self.remember(&piece[start..]);
        }
    }

    /// Returns what the dump is, once all of it was fed.
    pub fn finish(mut self, reader: &mut dyn Reader) -> Dump {
        if self.length > 0 {
            let whole = std::mem::take(&mut self.partial);
            let length = self.length;
            // The last row of a dump that was cut off is half a row.
            if matches!(self.inside, Inside::Statements) {
                self.line(&whole, length, reader);
            }
        }
        if let Inside::Data(block) = self.inside {
            self.dump.cut_in = Some(block.table);
        }
        self.dump
    }

    /// Holds a piece of a line, as much as is needed of it.
    fn remember(&mut self, piece: &[u8]) {
        let most = match &self.inside {
            Inside::Statements => STATEMENT,
            Inside::Data(block) if block.wanted.is_empty() => 4,
            Inside::Data(_) => ROW,
        };
        let room = most.saturating_sub(self.partial.len()).min(piece.len());
        self.partial.extend_from_slice(&piece[..room]);
        self.length += piece.len() as u64;
    }

    /// Takes a line without its line break; `length` is what it had before it was shortened.
    #[inline]
    fn line(&mut self, line: &[u8], length: u64, reader: &mut dyn Reader) {
        match &mut self.inside {
            Inside::Data(block) => {
                if line.starts_with(b"\\.") && length <= 3 {
                    let sum = self.dump.tables.entry(std::mem::take(&mut block.table)).or_default();
                    sum.rows += block.extent.rows;
                    sum.bytes += block.extent.bytes;
                    self.inside = Inside::Statements;
                    return;
                }
                block.extent.rows += 1;
                block.extent.bytes += length + 1;
                if !block.wanted.is_empty() {
                    block.row(line.strip_suffix(b"\r").unwrap_or(line), reader);
                }
            }
            Inside::Statements => self.statement(line.trim_ascii_end(), reader),
        }
    }

    fn statement(&mut self, line: &[u8], reader: &mut dyn Reader) {
        if let Some(rest) = line.strip_prefix(b"COPY ") {
            if let Some(rest) = strip_suffix_ignoring_case(rest, b" from stdin;") {
                self.inside = Inside::Data(Block::begin(&String::from_utf8_lossy(rest), reader));
            }
        } else if let Some(rest) = line.strip_prefix(b"CREATE TABLE ") {
            self.dump.has_modules |= rest.starts_with(MODULES);
        } else if line.starts_with(b"INSERT INTO ") {
            self.dump.inserts = true;
        } else if let Some(rest) = line.strip_prefix(b"-- Dumped from database version ") {
            let version = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
            self.dump.pg_version = Some(String::from_utf8_lossy(version).into_owned());
        } else if let Some(rest) = line.strip_prefix(b"\\connect ") {
            self.dump.database = crate::odoo::backup::connected(&String::from_utf8_lossy(rest));
        } else if line == b"-- PostgreSQL database dump complete" {
            self.dump.ended = true;
        }
    }
}

impl Block {
    /// Begins a block with what is between `COPY` and `FROM`: `public.t (a, "b")`.
    fn begin(head: &str, reader: &mut dyn Reader) -> Block {
        let (name, columns) = head.split_once(" (").unwrap_or((head, ""));
        let name = name.trim().strip_prefix("public.").unwrap_or(name.trim());
        let table = name.replace('"', "");
        let columns: Vec<&str> = columns
            .trim_end_matches(')')
            .split(',')
            .map(|name| name.trim().trim_matches('"'))
            .collect();
        let wanted: Vec<Option<usize>> = reader
            .wants(&table)
            .iter()
            .map(|wanted| columns.iter().position(|name| name == wanted))
            .collect();
        if !wanted.is_empty() {
            let has: Vec<bool> = wanted.iter().map(Option::is_some).collect();
            reader.begins(&table, &has);
        }
        Block {
            table,
            extent: Extent::default(),
            until: wanted.iter().flatten().max().map_or(0, |last| last + 1),
            places: vec![None; wanted.len()],
            wanted,
        }
    }

    fn row(&mut self, line: &[u8], reader: &mut dyn Reader) {
        self.places.fill(None);
        let mut start = 0;
        let mut ends = memchr::memchr_iter(b'\t', line);
        for place in 0..self.until {
            let end = ends.next().unwrap_or(line.len());
            for (wanted, found) in self.wanted.iter().zip(&mut self.places) {
                if *wanted == Some(place) {
                    *found = Some((start, end));
                }
            }
            if end == line.len() {
                break;
            }
            start = end + 1;
        }
        let row = Row {
            line,
            places: &self.places,
        };
        reader.row(&self.table, &row);
    }
}

fn strip_suffix_ignoring_case<'a>(line: &'a [u8], suffix: &[u8]) -> Option<&'a [u8]> {
    let (start, end) = line.split_at_checked(line.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(start)
}
