//! A text inside a file: what it says, and where each byte of it stands.

use std::ops::Range;

/// A text inside a file.
pub(super) struct Piece {
    /// What it says, escapes undone.
    pub(super) text: String,
    /// The byte of the file where it begins, and how its bytes map to the file's when it was escaped.
    start: usize,
    map: Option<Vec<usize>>,
}

impl Piece {
    /// A text that stands in the file as it reads.
    pub(super) fn plain(text: &str, start: usize) -> Piece {
        Piece {
            text: text.to_owned(),
            start,
            map: None,
        }
    }

    /// A text of XML: entities are undone. One that cannot be undone gives nothing.
    pub(super) fn escaped(raw: &str, start: usize) -> Option<Piece> {
        if !raw.contains('&') {
            return Some(Piece::plain(raw, start));
        }
        let (mut text, mut map, mut at) = (String::new(), Vec::new(), 0);
        while at < raw.len() {
            let rest = &raw[at..];
            let (one, long) = if rest.starts_with('&') {
                let end = rest.find(';')?;
                (entity(&rest[1..end])?, end + 1)
            } else {
                let one = rest.chars().next()?;
                (one, one.len_utf8())
            };
            map.extend(std::iter::repeat_n(at, one.len_utf8()));
            text.push(one);
            at += long;
        }
        map.push(raw.len());
        Some(Piece {
            text,
            start,
            map: Some(map),
        })
    }

    /// Returns the bytes of the file that a range of the text stands for.
    pub(super) fn place(&self, range: Range<usize>) -> Range<usize> {
        let at = |byte: usize| match &self.map {
            Some(map) => map.get(byte).or(map.last()).copied().unwrap_or(byte),
            None => byte,
        };
        self.start + at(range.start)..self.start + at(range.end)
    }
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_an_escaped_text_are_those_of_the_file() {
        let piece = Piece::escaped("a &gt; b", 10).unwrap();
        assert_eq!(piece.text, "a > b");
        assert_eq!(piece.place(4..5), 17..18);
        assert!(Piece::escaped("&nbsp;", 0).is_none());
    }
}
