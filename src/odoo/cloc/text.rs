//! Markup, scripts and styles: comments go, and lines with something left count.

use memchr::{memchr, memchr3, memmem, memrchr};

use super::Kind;

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

/// Counts lines with anything but white space in them, piece by piece of a text.
#[derive(Default)]
struct Lines {
    /// Lines that have ended.
    ended: u64,
    /// Whether the line so far has anything in it.
    filled: bool,
}

impl Lines {
    fn piece(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while !rest.is_empty() {
            if self.filled {
                let Some(end) = memchr(b'\n', rest) else {
                    return;
                };
                self.ended += 1;
                self.filled = false;
                rest = &rest[end + 1..];
            } else {
                // Most lines are moved in by multiples of four.
                while let Some(after) = rest.strip_prefix(b"    ") {
                    rest = after;
                }
                let Some(begin) = rest.iter().position(|byte| !is_space(*byte)) else {
                    return;
                };
                self.filled = true;
                rest = &rest[begin..];
            }
        }
    }

    /// Returns the number of lines; the last one ends here.
    fn finish(self) -> u64 {
        self.ended + u64::from(self.filled)
    }
}

/// Counts the lines of stripped XML. Comments go first, in CDATA too; what a comment joins is one line.
pub(super) fn xml(content: &[u8]) -> u64 {
    let mut lines = Lines::default();
    let (open, close) = (memmem::Finder::new(b"<!--"), memmem::Finder::new(b"-->"));
    let mut rest = content;
    while let Some(begin) = open.find(rest) {
        // A comment that is never closed is none.
        let Some(length) = close.find(&rest[begin + 4..]) else {
            break;
        };
        lines.piece(&rest[..begin]);
        rest = &rest[begin + 4 + length + 3..];
    }
    lines.piece(rest);
    lines.finish()
}

/// Counts the lines of a stripped script or style.
///
/// Comments and strings are found the way Odoo's regular expression finds them. It knows neither template literals
/// nor regular expressions of JavaScript, and in CSS no `//`.
pub(super) fn c_like(content: &[u8], kind: Kind) -> u64 {
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
                        at += length + 4;
                        kept = at;
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
        at += memchr3(b'/', b'\'', b'"', &content[at..]).unwrap_or(content.len() - at);
    }
    lines.piece(&content[kept..]);
    lines.finish()
}

/// Returns the length of the string that begins here, quotes included, when it ends somewhere.
fn string(text: &[u8]) -> Option<usize> {
    let quote = text[0];
    let mut at = 1;
    loop {
        at += memchr::memchr2(quote, b'\\', text.get(at..)?)?;
        if text[at] == quote {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn js(text: &str) -> u64 {
        c_like(strip(text.as_bytes()), Kind::JavaScript)
    }

    #[test]
    fn markup_counts_lines_that_are_left_without_comments() {
        let count = |text: &str| xml(strip(text.as_bytes()));
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
        let count = |text: &str, kind| c_like(strip(text.as_bytes()), kind);
        assert_eq!(count("// a\nb {}", Kind::Css), 2);
        assert_eq!(count("// a\nb {}", Kind::Scss), 1);
        assert_eq!(count("\\/* a */", Kind::Scss), 1);
        assert_eq!(count("/* a */\na{b:c}", Kind::Css), 1);
        assert_eq!(count("/* only */", Kind::Css), 0);
    }
}
