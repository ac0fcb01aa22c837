//! Text from logs and databases, made harmless for where it is put.

use super::clean;

/// Replaces what no reader should act on ([`clean`]), and what is no character at all. XML 1.0 allows what is left.
pub(super) fn printable(text: &str) -> String {
    clean(&text.replace("\r\n", "\n")).replace(['\u{fffe}', '\u{ffff}', '\u{2028}', '\u{2029}'], "\u{fffd}")
}

/// Puts text on one line.
pub(super) fn one_line(text: &str) -> String {
    printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Escapes text for XML, in elements and in attributes.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Escapes text for an XML attribute, which keeps its lines and tabs only when they are written as numbers.
pub(super) fn xml_attribute(text: &str) -> String {
    xml(text).replace('\n', "&#10;").replace('\t', "&#9;")
}

/// Escapes the message of a workflow command.
pub(super) fn command_message(text: &str) -> String {
    printable(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
pub(super) fn command_property(text: &str) -> String {
    command_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// Escapes text for Markdown, on one line: no markup, no HTML, no link, no table cell's end.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let text = one_line(text);
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~' | '&' | '@' | ':' | '$'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    // The only links that are made without any of these characters.
    escaped.replace("www.", "www\\.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_escaped_says_nothing_to_the_reader(text in "\\PC*|[\\x00-\\x7f]{0,40}|.{0,20}") {
            let allowed = |c: char| matches!(c, '\t' | '\n') || (c >= ' ' && c != '\u{fffe}' && c != '\u{ffff}');
            let in_xml = xml_attribute(&text);
            prop_assert!(in_xml.chars().all(allowed), "{in_xml:?}");
            prop_assert!(!in_xml.contains(['<', '>', '"', '\'', '\n', '\t']), "{in_xml:?}");
            let command = command_property(&text);
            prop_assert!(!command.contains([':', ',', '\n', '\r']), "{command:?}");
            let cell = markdown(&text);
            let mut before = ' ';
            for c in cell.chars() {
                prop_assert!(!"`*_[]<>#|&@:".contains(c) || before == '\\', "{cell:?}");
                before = if before == '\\' { ' ' } else { c };
            }
        }
    }

    #[test]
    fn commands_are_escaped_as_the_runner_reads_them() {
        assert_eq!(command_message("50% :: a,b\nc"), "50%25 :: a,b%0Ac");
        assert_eq!(command_property("a:b, 50%"), "a%3Ab%2C 50%25");
        assert_eq!(printable("\u{1b}[31mred\u{202e}\r\n"), "\u{fffd}[31mred\u{fffd}\n");
    }
}
