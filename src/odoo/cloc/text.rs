//! Markup, scripts and styles: comments go, and lines with something left count.

use std::sync::LazyLock;

use memchr::{memchr, memchr_iter, memchr2, memchr3, memmem, memrchr};

use super::{Count, Kind, bytes};

/// How many bytes are looked at in one go, so that a byte can count them.
const BLOCK: usize = 240;

/// Says whether Python takes a Latin-1 character for white space, in `str.strip` and in `\s` alike.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | 0x1c..=0x20 | 0x85 | 0xa0)
}

/// Returns the content without white space around it.
pub(super) fn strip(content: &[u8]) -> &[u8] {
    let begin = content
        .iter()
        .position(|byte| !is_space(*byte))
        .unwrap_or(content.len());
    let end = content
        .iter()
        .rposition(|byte| !is_space(*byte))
        .map_or(begin, |last| last + 1);
    &content[begin..end]
}

/// Says whether a line is longer than so many bytes.
pub(super) fn has_line_longer_than(content: &[u8], most: usize) -> bool {
    let mut rest = content;
    while let Some(begin) = rest.get(..=most) {
        let Some(end) = memrchr(b'\n', begin) else {
            return true;
        };
        rest = &rest[end + 1..];
    }
    false
}

/// Counts lines, and those with anything but white space in them, piece by piece of a text.
#[derive(Default)]
struct Lines {
    /// Line feeds, in comments too.
    feeds: u64,
    /// Lines with something in them that have ended.
    ended: u64,
    /// Whether the line so far has anything in it.
    filled: bool,
}

impl Lines {
    fn piece(&mut self, piece: &[u8]) {
        let Some(first) = memchr(b'\n', piece) else {
            self.filled = self.filled || has_content(piece);
            return;
        };
        self.feeds += 1;
        self.ended += u64::from(self.filled || has_content(&piece[..first]));
        // From the end of a line on, with what stands before each byte beside it.
        let rest = &piece[first..];
        let pairs = rest.chunks(BLOCK).zip(rest[1..].chunks(BLOCK));
        for (number, (before, here)) in pairs.enumerate() {
            let (mut ends, mut filled, mut empty) = (0, 0, 0);
            for (before, here) in before.iter().zip(here) {
                let end = u8::from(*here == b'\n');
                ends += end;
                filled += end & u8::from(before.cast_signed() > b' '.cast_signed());
                empty += end & u8::from(*before == b'\n');
            }
            self.feeds += u64::from(ends);
            self.ended += u64::from(filled);
            if ends > filled + empty {
                self.ended += unsure_lines(rest, number * BLOCK, here.len());
            }
        }
        self.filled = has_content(&rest[memrchr(b'\n', rest).map_or(0, |last| last + 1)..]);
    }

    /// Passes what is no code.
    fn comment(&mut self, comment: &[u8]) {
        self.feeds += memchr_iter(b'\n', comment).count() as u64;
    }

    /// Returns the number of lines; the last one ends here.
    fn finish(self) -> Count {
        Count {
            code: self.ended + u64::from(self.filled),
            total: self.feeds + 1,
        }
    }
}

/// Says whether there is anything but white space in a line.
fn has_content(line: &[u8]) -> bool {
    line[bytes::spaces(line)..].iter().any(|byte| !is_space(*byte))
}

/// Counts the lines that end in a block and whose last byte does not show that there is anything in them: those that
/// have something before it.
fn unsure_lines(text: &[u8], block: usize, length: usize) -> u64 {
    let ends = memchr_iter(b'\n', &text[block + 1..=block + length]).map(|end| &text[..=block + end]);
    let unsure = ends.filter(|line| matches!(line.last(), Some(last) if !matches!(last, b'\n' | 0x21..=0x7f)));
    let lines = unsure.map(|text| &text[memrchr(b'\n', text).map_or(0, |end| end + 1)..]);
    lines.filter(|line| has_content(line)).count() as u64
}

static OPEN: LazyLock<memmem::Finder> = LazyLock::new(|| memmem::Finder::new(b"<!--"));
static CLOSE: LazyLock<memmem::Finder> = LazyLock::new(|| memmem::Finder::new(b"-->"));

/// Counts the lines of stripped XML. Comments go first, in CDATA too; what a comment joins is one line.
pub(super) fn xml(content: &[u8]) -> Count {
    let mut lines = Lines::default();
    let mut rest = content;
    while let Some(begin) = OPEN.find(rest) {
        // A comment that is never closed is none.
        let Some(length) = CLOSE.find(&rest[begin + 4..]) else {
            break;
        };
        let (piece, further) = rest.split_at(begin);
        let (comment, further) = further.split_at(4 + length + 3);
        lines.piece(piece);
        lines.comment(comment);
        rest = further;
    }
    lines.piece(rest);
    lines.finish()
}

/// Counts the lines of a stripped script or style.
///
/// Comments and strings are found the way Odoo's regular expression finds them. It knows neither template literals
/// nor regular expressions of JavaScript, and in CSS no `//`.
pub(super) fn c_like(content: &[u8], kind: Kind) -> Count {
    let mut lines = Lines::default();
    // Once a quote of a kind is never closed, no later one is: all that follow are escaped.
    let mut never_closed = [false; 2];
    let mut no_comment_ends = false;
    let (mut kept, mut at) = (0, 0);
    while at < content.len() {
        let rest = &content[at..];
        match rest[0] {
            b'/' if kind != Kind::Css && rest.get(1) == Some(&b'/') => {
                lines.piece(&content[kept..at]);
                at += memchr(b'\n', rest).unwrap_or(rest.len());
                kept = at;
                continue;
            }
            b'/' if rest.get(1) == Some(&b'*') && !no_comment_ends => {
                let escaped = kind == Kind::JavaScript && at > 0 && content[at - 1] == b'\\';
                if !escaped {
                    if let Some(length) = memmem::find(&rest[2..], b"*/") {
                        lines.piece(&content[kept..at]);
                        kept = at + length + 4;
                        lines.comment(&content[at..kept]);
                        at = kept;
                        continue;
                    }
                    no_comment_ends = true;
                }
            }
            quote @ (b'\'' | b'"') if !never_closed[usize::from(quote == b'"')] => match string(rest) {
                Some(length) => {
                    at += length;
                    continue;
                }
                None => never_closed[usize::from(quote == b'"')] = true,
            },
            _ => {}
        }
        at += 1;
        let rest = &content[at..];
        at += bytes::find(rest, *b"/'\"", |far| memchr3(b'/', b'\'', b'"', far)).unwrap_or(rest.len());
    }
    lines.piece(&content[kept..]);
    lines.finish()
}

/// Returns the length of the string that begins here, quotes included, when it ends somewhere.
fn string(text: &[u8]) -> Option<usize> {
    let quote = text[0];
    let mut at = 1;
    loop {
        at += bytes::find(text.get(at..)?, [quote, b'\\'], |far| memchr2(quote, b'\\', far))?;
        if text[at] == quote {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn js(text: &str) -> u64 {
        c_like(strip(text.as_bytes()), Kind::JavaScript).code
    }

    #[test]
    fn markup_counts_lines_that_are_left_without_comments() {
        let count = |text: &str| xml(strip(text.as_bytes())).code;
        assert_eq!(count(""), 0);
        assert_eq!(count("<!-- c -->\n<a/>"), 1);
        assert_eq!(count("<a><!-- c\n c --></a>\n\n\n<b/>"), 2);
        assert_eq!(count("<a>\n<!-- never closed"), 2);
        assert_eq!(count("<!-->\n<a/>\n-->\n<b/>"), 1);
        assert_eq!(
            count("<a/>\n\u{a0}\n<b/>"),
            3,
            "a no-break space in UTF-8 begins with a letter"
        );
    }

    proptest! {
        #[test]
        fn a_line_counts_that_has_anything_but_white_space_in_it(
            pieces in prop::collection::vec(prop::sample::select(vec![
                &b"\n"[..], b" ", b"        ", b"\t", b"\r", b"\x1c", b"\xa0", b"\x85", b"\x7f", b"a", b"\xe5", b"\0",
                b"some words that make a line longer", b"</field>\n",
            ]), 0..200)
        ) {
            let text = pieces.concat();
            let filled = |line: &&[u8]| line.iter().any(|byte| !is_space(*byte));
            let text = strip(&text);
            let lines = || text.split(|byte| *byte == b'\n');
            let count = Count {
                code: lines().filter(filled).count() as u64,
                total: lines().count() as u64,
            };
            prop_assert_eq!(xml(text), count);
            prop_assert_eq!(c_like(text, Kind::Css), count);
        }
    }

    #[test]
    fn scripts_are_read_with_the_quirks_of_the_expression() {
        assert_eq!(js("a = \"http://x\"; // c"), 1);
        assert_eq!(js("a = `\n//y\n`"), 2);
        assert_eq!(js("a\n\n\nb"), 2);
        assert_eq!(js("a = 'it\\'s' // x\n/* y\n*/b"), 2);
        assert_eq!(js("r = /\\/*x/;\ny\n/* z */"), 2, "an escaped slash begins no comment");
        assert_eq!(js("/* never closed\na"), 2);
        assert_eq!(js("don't\n// c\nb"), 2, "a lone quote is no string");
        assert_eq!(js("'a\n// b\n'"), 3, "a string hides comments and counts its lines");
    }

    #[test]
    fn styles_have_comments_of_their_own() {
        let count = |text: &str, kind| c_like(strip(text.as_bytes()), kind).code;
        assert_eq!(count("// a\nb {}", Kind::Css), 2);
        assert_eq!(count("// a\nb {}", Kind::Scss), 1);
        assert_eq!(count("\\/* a */", Kind::Scss), 1);
        assert_eq!(count("/* a */\na{b:c}", Kind::Css), 1);
        assert_eq!(count("/* only */", Kind::Css), 0);
    }
}
