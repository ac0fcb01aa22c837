//! Where SQL statements begin and end, line by line.

/// Knows whether a statement is open, also across quotes, function bodies and comments.
#[derive(Debug, Default)]
pub(super) struct Lexer {
    mode: Mode,
    /// Something other than blanks and comments came since the last `;`.
    open: bool,
    /// Backslashes escape in all strings, as before PostgreSQL 9.1.
    pub(super) backslash_escapes: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Plain,
    String {
        escapes: bool,
    },
    Identifier,
    /// Between `$tag$` and `$tag$`.
    Dollar(Vec<u8>),
    /// A comment, and how deep comments lie in it.
    Comment(u32),
}

/// A backslash where SQL has none: the beginning of a psql command.
#[derive(Debug)]
pub(super) struct Backslash<'a> {
    /// The line from there on.
    pub(super) rest: &'a [u8],
}

impl Lexer {
    /// Tells whether the next line continues a statement, a string or a comment.
    pub(super) fn in_statement(&self) -> bool {
        self.open || self.mode != Mode::Plain
    }

    /// Reads a whole line.
    pub(super) fn line<'a>(&mut self, line: &'a [u8]) -> Result<(), Backslash<'a>> {
        let mut at = 0;
        while at < line.len() {
            at = match &mut self.mode {
                Mode::Plain => self.plain(line, at)?,
                Mode::String { escapes } => {
                    let escapes = *escapes;
                    let end = line[at..]
                        .iter()
                        .position(|byte| *byte == b'\'' || (escapes && *byte == b'\\'));
                    match end {
                        None => line.len(),
                        Some(end) if line[at + end] == b'\\' => at + end + 2,
                        Some(end) => {
                            self.mode = Mode::Plain;
                            at + end + 1
                        }
                    }
                }
                Mode::Identifier => match line[at..].iter().position(|byte| *byte == b'"') {
                    None => line.len(),
                    Some(end) => {
                        self.mode = Mode::Plain;
                        at + end + 1
                    }
                },
                Mode::Dollar(tag) => match line[at..].windows(tag.len()).position(|window| window == tag) {
                    None => line.len(),
                    Some(end) => {
                        let next = at + end + tag.len();
                        self.mode = Mode::Plain;
                        next
                    }
                },
                Mode::Comment(depth) => {
                    let two = line.get(at..at + 2).unwrap_or_default();
                    match two {
                        b"/*" => *depth += 1,
                        b"*/" if *depth == 1 => self.mode = Mode::Plain,
                        b"*/" => *depth -= 1,
                        _ => {
                            at += 1;
                            continue;
                        }
                    }
                    at + 2
                }
            };
        }
        Ok(())
    }

    /// Reads one token outside of quotes and comments; returns where the next one begins.
    fn plain<'a>(&mut self, line: &'a [u8], at: usize) -> Result<usize, Backslash<'a>> {
        match line[at] {
            b' ' | b'\t' | b'\r' | b'\n' => return Ok(at + 1),
            b'-' if line.get(at + 1) == Some(&b'-') => return Ok(line.len()),
            b'/' if line.get(at + 1) == Some(&b'*') => {
                self.mode = Mode::Comment(1);
                return Ok(at + 2);
            }
            b';' => {
                self.open = false;
                return Ok(at + 1);
            }
            b'\\' => return Err(Backslash { rest: &line[at..] }),
            b'\'' => {
                let is_e = at >= 1 && matches!(line[at - 1], b'e' | b'E');
                let escapes = self.backslash_escapes || (is_e && (at == 1 || !is_word(line[at - 2])));
                self.mode = Mode::String { escapes };
            }
            b'"' => self.mode = Mode::Identifier,
            b'$' if at == 0 || !is_word(line[at - 1]) => {
                let tag = line[at + 1..].iter().take_while(|byte| is_word(**byte)).count();
                if line.get(at + 1 + tag) == Some(&b'$') {
                    self.open = true;
                    self.mode = Mode::Dollar(line[at..=at + 1 + tag].to_vec());
                    return Ok(at + 2 + tag);
                }
            }
            _ => {}
        }
        self.open = true;
        Ok(at + 1)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}
