//! Which lines of Python count: those on which a node of its syntax tree begins.
//!
//! A [`lexer`] makes tokens of a file, and a parser goes through them as `CPython`'s does: not to keep a tree, but to
//! note the line on which each node begins, and to refuse what Python refuses. Both read Latin-1.

mod calls;
mod compound;
mod expressions;
mod fstrings;
mod lexer;
mod literals;
mod numbers;
mod parser;
mod patterns;
mod quoted;
mod statements;
mod targets;
#[cfg(test)]
mod tests;
mod token;

use std::borrow::Cow;
use std::cell::RefCell;

use super::{Count, Python};

/// What reading a file needs, kept for the next one on the same thread: of thousands of small files, making room for each
/// anew takes a good part of the time.
#[derive(Default)]
struct Desk {
    tokens: Vec<token::Token>,
    lines: Vec<u32>,
    /// A bit for each line.
    seen: Vec<u64>,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// Counts the lines of a stripped file, and those on which something begins; `None` when Python cannot parse it.
pub(super) fn lines(content: &[u8], python: Python) -> Option<Count> {
    let text = lexer::universal_newlines(content)?;
    DESK.with_borrow_mut(|desk| {
        lexer::split(&text, &mut desk.tokens)?;
        let room = std::mem::take(&mut desk.lines);
        desk.lines = parser::Parser::new(&text, &desk.tokens, python, room).file()?;
        let total = match &text {
            Cow::Borrowed(_) => desk.tokens.last().map_or(1, |end| u64::from(end.line)),
            // Odoo counts line feeds only.
            Cow::Owned(_) => memchr::memchr_iter(b'\n', content).count() as u64 + 1,
        };
        Some(Count {
            code: distinct(&desk.lines, &mut desk.seen),
            total,
        })
    })
}

/// Counts the different numbers among these.
fn distinct(lines: &[u32], seen: &mut Vec<u64>) -> u64 {
    let last = lines.iter().max().map_or(0, |line| *line as usize);
    seen.clear();
    seen.resize(last / 64 + 1, 0);
    for line in lines {
        seen[*line as usize / 64] |= 1 << (line % 64);
    }
    seen.iter().map(|bits| u64::from(bits.count_ones())).sum()
}
