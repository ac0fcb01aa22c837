//! Text in Markdown: nothing that a log or a database says becomes markup, a link or a table cell's end.

use crate::report::clean::{clean, parts};

/// Returns text as a reader of the Markdown sees it; parts between backticks are code.
pub fn prose(text: &str) -> String {
    let written = parts(text)
        .into_iter()
        .map(|(is_code, part)| if is_code { code(part) } else { plain(part) });
    written.collect()
}

/// Returns text as code on a line: in as many backticks as it takes.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    // Within a table not even code may hold a bare bar, and a backslash before it would make it bare again.
    let text = text.replace("\\|", "\\ |").replace('|', "\\|");
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Returns lines as a block of code, indented.
pub(super) fn block(lines: &[String], indent: &str) -> String {
    let lines: Vec<String> = lines
        .iter()
        .flat_map(|line| clean(line).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let fence = "`".repeat(lines.iter().map(|line| longest_run(line)).max().unwrap_or(0).max(2) + 1);
    let mut block = format!("{indent}{fence}text\n");
    for line in lines {
        block.push_str(indent);
        block.push_str(&line);
        block.push('\n');
    }
    block + indent + &fence
}

fn plain(text: &str) -> String {
    let text = one_line(text);
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (index, char) in chars.iter().enumerate() {
        let is_word = |at: Option<usize>| {
            at.and_then(|at| chars.get(at))
                .is_some_and(|char| char.is_alphanumeric())
        };
        match char {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            // Within a word it is only itself.
            '_' if is_word(index.checked_sub(1)) && is_word(Some(index + 1)) => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', *char]),
            // At the beginning of an item they would begin a list, a heading or a quotation.
            '#' | '+' | '-' | '=' | '>' if index == 0 => out.extend(['\\', *char]),
            // A number with a point or a bracket and a space begins a list too.
            '.' | ')' if is_number_before(&chars, index) => out.extend(['\\', *char]),
            other => out.push(*other),
        }
    }
    out
}

fn is_number_before(chars: &[char], index: usize) -> bool {
    let ends = chars.get(index + 1).is_none_or(|next| next.is_whitespace());
    ends && index > 0 && chars[..index].iter().all(char::is_ascii_digit)
}

fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

fn longest_run(text: &str) -> usize {
    text.split(|char| char != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_only_letters() {
        let cases = [
            ("a | b", "a \\| b"),
            ("<img src=x>", "&lt;img src=x>"),
            ("![x](http://y)", "!\\[x\\](http://y)"),
            ("sale_order and __init__", "sale_order and \\_\\_init\\_\\_"),
            ("# not a heading", "\\# not a heading"),
            ("1. not a list, 2.5", "1\\. not a list, 2.5"),
            ("18.0 is a series", "18.0 is a series"),
            ("two\nlines", "two lines"),
            ("run `a|b` now", "run `a\\|b` now"),
        ];
        for (text, expected) in cases {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn code_that_holds_backticks_is_fenced_with_more_of_them() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\\|b"), "`a\\ \\|b`");
        assert_eq!(
            block(&["```".into(), "x\ny".into()], "  "),
            "  ````text\n  ```\n  x\n  y\n  ````"
        );
    }
}
