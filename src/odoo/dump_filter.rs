//! What of a plain dump is left out when it is restored into a database of ours.
//!
//! Left out: `\restrict`, `\unrestrict` and `\connect`, owners and rights (the roles do not exist here), settings an
//! older server does not know, and everything about databases and the schema `public`, which exist already. Any
//! other psql command is refused: `\!` would run a program. Data between `COPY … FROM stdin;` and `\.` is never
//! looked into.

mod lexer;

use lexer::Lexer;

/// The line with which `pg_dump` begins a plain dump.
const BEGIN: &[u8] = b"-- PostgreSQL database dump";
/// The line with which it ends one.
const END: &[u8] = b"-- PostgreSQL database dump complete";
/// Statements to leave out, by their first words.
const DROPPED: [&[u8]; 15] = [
    b"GRANT ",
    b"REVOKE ",
    b"ALTER DEFAULT PRIVILEGES ",
    b"SET transaction_timeout",
    b"SET SESSION AUTHORIZATION ",
    b"SET default_tablespace = ",
    b"CREATE SCHEMA public;",
    b"ALTER SCHEMA public ",
    b"COMMENT ON SCHEMA public ",
    b"CREATE DATABASE ",
    b"ALTER DATABASE ",
    b"COMMENT ON DATABASE ",
    b"SECURITY LABEL ",
    // What `pg_dump --clean` begins with; there is nothing to clean in a new database.
    b"DROP ",
    b"CREATE SCHEMA IF NOT EXISTS public;",
];
/// psql commands to leave out.
const DROPPED_COMMANDS: [&[u8]; 3] = [b"\\restrict ", b"\\unrestrict ", b"\\connect "];

/// A dump that cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DumpError {
    /// It ends too early.
    #[error("the dump is truncated: it ends {place}, at line {line}")]
    Truncated {
        /// The last line, from 1.
        line: u64,
        /// Inside of what.
        place: &'static str,
    },
    /// It holds a psql command that is not `pg_dump`'s.
    #[error("line {line} of the dump holds a psql command, `{command}`, which is not run")]
    Command {
        /// The line, from 1.
        line: u64,
        /// The command.
        command: String,
    },
}

/// Decides line by line what of a plain dump is kept.
#[derive(Debug, Default)]
pub struct DumpFilter {
    lexer: Lexer,
    in_data: bool,
    dropping: bool,
    /// Whether the last piece ended before its line did; only inside data.
    continued: bool,
    line: u64,
    mark: EndMark,
}

/// The line with which a dump of `pg_dump` must end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum EndMark {
    /// Nothing said that the dump is one of `pg_dump`.
    #[default]
    NotExpected,
    Expected,
    Seen,
}

impl DumpFilter {
    /// Tells whether the next line is data, so that it may be given in pieces.
    pub fn in_data(&self) -> bool {
        self.in_data
    }

    /// Takes the next line, with its line break, or a piece of a line of data, and tells whether to keep it.
    pub fn keep(&mut self, piece: &[u8]) -> Result<bool, DumpError> {
        let begins = !std::mem::replace(&mut self.continued, !piece.ends_with(b"\n"));
        if begins {
            self.line += 1;
        }
        if self.in_data {
            if begins && piece.starts_with(b"\\.") && piece[2..].trim_ascii().is_empty() {
                self.in_data = false;
            }
            return Ok(true);
        }
        self.statement(piece)
    }

    /// Says so when the dump ended before its end.
    pub fn finish(&self) -> Result<(), DumpError> {
        let place = if self.in_data {
            "inside the data of a table"
        } else if self.lexer.in_statement() {
            "inside a statement"
        } else if self.mark == EndMark::Expected {
            "before its end mark"
        } else {
            return Ok(());
        };
        Err(DumpError::Truncated { line: self.line, place })
    }

    fn statement(&mut self, line: &[u8]) -> Result<bool, DumpError> {
        if !self.lexer.in_statement() {
            let trimmed = line.trim_ascii_end();
            if DROPPED_COMMANDS.iter().any(|command| line.starts_with(command)) {
                return Ok(false);
            }
            if trimmed == BEGIN {
                self.mark = EndMark::Expected;
            } else if trimmed == END {
                self.mark = EndMark::Seen;
            }
            self.dropping = is_dropped(trimmed);
            self.in_data = trimmed.starts_with(b"COPY ") && trimmed.to_ascii_lowercase().ends_with(b" from stdin;");
            if trimmed.starts_with(b"SET standard_conforming_strings = off") {
                self.lexer.backslash_escapes = true;
            }
        }
        if let Err(lexer::Backslash { rest }) = self.lexer.line(line) {
            let command = rest.split(u8::is_ascii_whitespace).next().unwrap_or_default();
            return Err(DumpError::Command {
                line: self.line,
                command: String::from_utf8_lossy(command).into_owned(),
            });
        }
        Ok(!self.dropping)
    }
}

/// Tells whether a statement that begins with this line is left out.
fn is_dropped(line: &[u8]) -> bool {
    if DROPPED.iter().any(|begin| line.starts_with(begin)) {
        return true;
    }
    if !line.starts_with(b"ALTER ") {
        return false;
    }
    changes_owner(line) || (line.starts_with(b"ALTER TABLE ") && cleans(line))
}

/// Tells `ALTER … OWNER TO name;`, all on one line as `pg_dump` writes it.
fn changes_owner(line: &[u8]) -> bool {
    let marker = b" OWNER TO ";
    let Some(at) = line.windows(marker.len()).rposition(|window| window == marker) else {
        return false;
    };
    let Some(name) = line[at + marker.len()..].strip_suffix(b";") else {
        return false;
    };
    let quoted = name.len() > 2 && name.starts_with(b"\"") && name.ends_with(b"\"");
    quoted
        || name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii())
}

/// Tells the `ALTER TABLE` statements of `pg_dump --clean`.
fn cleans(line: &[u8]) -> bool {
    let has = |words: &[u8]| line.windows(words.len()).any(|window| window == words);
    line.ends_with(b" DROP DEFAULT;") || (line.ends_with(b";") && has(b" DROP CONSTRAINT "))
}

#[cfg(test)]
mod tests;
