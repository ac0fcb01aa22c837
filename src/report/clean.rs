//! Text from logs and databases, before it is shown anywhere.

/// Replaces what a reader cannot see but a terminal or browser would obey: control characters, except line breaks and
/// tabs, and those that turn the direction of writing.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|char| if is_hidden(char) { '\u{fffd}' } else { char })
        .collect()
}

fn is_hidden(char: char) -> bool {
    let turns =
        matches!(char, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (char.is_control() && !matches!(char, '\n' | '\t'))
}

/// A text in which parts between two backticks are code: split into those parts, each with whether it is code.
pub(super) fn parts(text: &str) -> Vec<(bool, &str)> {
    let pieces: Vec<&str> = text.split('`').collect();
    // An odd number of pieces: every backtick has its fellow.
    if pieces.len().is_multiple_of(2) {
        return vec![(false, text)];
    }
    let parts = pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| (!index.is_multiple_of(2), piece));
    parts.filter(|(_, piece)| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_becomes_visible() {
        assert_eq!(
            clean("a\u{1b}[31mb\u{202e}c\0d\n\te å"),
            "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\n\te å"
        );
    }

    #[test]
    fn backticks_mark_code_only_in_pairs() {
        assert_eq!(
            parts("run `x` again"),
            [(false, "run "), (true, "x"), (false, " again")]
        );
        assert_eq!(parts("odd ` one"), [(false, "odd ` one")]);
        assert_eq!(parts("plain"), [(false, "plain")]);
    }
}
