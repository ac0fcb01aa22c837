//! What two messages have in common when only numbers, ids and names differ.

/// Longer patterns are cut: what differs after so many characters is detail.
const LONGEST: usize = 160;

/// Returns the pattern of a message: numbers become `#`, names `…`, lists of either one of them.
///
/// `Field mobile of sale.order(12, 14) is gone` and `Field fax of res.partner(7,) is gone` have the pattern
/// `Field … of …(#) is gone` only where names are recognisable: in quotes, or with `_`, `.`, `/` or `@` inside. Plain
/// words stay as they are.
pub(super) fn pattern(message: &str) -> String {
    let mut pattern = String::new();
    let mut rest = message;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        if pattern.len() >= LONGEST {
            pattern.push('…');
            break;
        }
        let (piece, taken) = match next {
            '\'' | '"' | '`' | '“' if !before.is_alphanumeric() => quoted(rest, next),
            c if c.is_alphanumeric() || c == '_' => word(rest),
            c if c.is_whitespace() => (Piece::Text(" "), rest.len() - rest.trim_start().len()),
            _ => (Piece::Text(&rest[..next.len_utf8()]), next.len_utf8()),
        };
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
        push(&mut pattern, piece);
    }
    pattern.truncate(pattern.trim_end().len());
    pattern
}

/// A piece of a pattern.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Text(&'a str),
    /// What differs: a number or a name.
    Varies(&'static str),
}

/// Adds a piece; what varies twice in a list varies once.
fn push(pattern: &mut String, piece: Piece<'_>) {
    match piece {
        Piece::Text(text) => pattern.push_str(text),
        Piece::Varies(mark) => {
            let before = pattern.trim_end_matches([',', ' ', ';']);
            if before.len() < pattern.len() && before.ends_with(mark) {
                let keep = before.len();
                pattern.truncate(keep);
            } else {
                pattern.push_str(mark);
            }
        }
    }
}

fn quoted(rest: &str, quote: char) -> (Piece<'_>, usize) {
    let closing = if quote == '“' { '”' } else { quote };
    let body = &rest[quote.len_utf8()..];
    match body.find(closing) {
        Some(end) => (Piece::Varies("'…'"), quote.len_utf8() + end + closing.len_utf8()),
        None => (Piece::Text(&rest[..quote.len_utf8()]), quote.len_utf8()),
    }
}

fn word(rest: &str) -> (Piece<'_>, usize) {
    let joins = |c: char| matches!(c, '_' | '.' | '/' | '@' | '-' | ':');
    let end = rest
        .char_indices()
        .find(|&(_, c)| !c.is_alphanumeric() && !joins(c))
        .map_or(rest.len(), |(at, _)| at);
    // A point that ends a sentence is not part of a name.
    let text = rest[..end].trim_end_matches(['.', ':', '-', '/']);
    let text = if text.is_empty() { &rest[..end] } else { text };
    let piece = if text.bytes().any(|byte| byte.is_ascii_digit()) && !text.contains(|c: char| joins(c) && c != '.') {
        Piece::Varies("#")
    } else if text.contains(['_', '.', '/', '@', ':']) {
        Piece::Varies("…")
    } else {
        Piece::Text(text)
    };
    (piece, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_and_names_differ_between_messages_of_one_pattern() {
        for (message, expected) in [
            (
                "User #1 deleted ir.model.data records with IDs: [1397, 12, 7]",
                "User ## deleted … records with IDs: [#]",
            ),
            (
                "Field 'mobile' of sale.order(12, 14) is gone.",
                "Field '…' of …(#) is gone.",
            ),
            ("Can't find view \"x\" and 'y', 'z'", "Can't find view '…' and '…'"),
            ("module sale_stock: 3 records   in 0.25s", "module …: # records in #"),
            ("bad query: at 0x7f2a, code 42P01", "bad query: at #, code #"),
            ("", ""),
            ("'", "'"),
            ("åäö.å 'ö", "… 'ö"),
        ] {
            assert_eq!(pattern(message), expected, "{message}");
        }
    }

    #[test]
    fn a_long_message_has_a_short_pattern() {
        let pattern = pattern(&"word ".repeat(400));
        assert!(pattern.len() < LONGEST + 20 && pattern.ends_with('…'), "{pattern}");
    }
}
