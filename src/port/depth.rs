//! How deeply Python code is nested, told before a parser walks into it.
//!
//! The parser and every walk over its tree call themselves for each level, so code that somebody nested on purpose would
//! end the whole program. Python itself refuses code that is nested as deeply as [`MOST`].

/// The deepest expression that is parsed. Python gives up at 200 brackets, or some thousands of operators in a row.
const MOST: usize = 3000;
/// The most brackets in each other that Python's own tokenizer takes.
const BRACKETS: usize = 200;
/// The most levels of indentation that Python's own tokenizer takes.
const INDENTS: usize = 100;

/// Finds the byte where code is nested too deeply, and says how.
///
/// The depth of a statement is at most the number of its operators and brackets that are open; those between two commas
/// of the same bracket are beside each other, not in each other.
pub(super) fn too_deep(text: &str) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let told = |at: usize, what: &str| Some((at, format!("{what}; Python itself refuses that")));
    // Operators since the last comma, for each open bracket and for the statement.
    let mut open: Vec<usize> = vec![0];
    let mut depth = 0;
    let mut at = 0;
    let mut indents: Vec<usize> = Vec::new();
    let mut fresh = true;
    while at < bytes.len() {
        if fresh && open.len() == 1 {
            let blanks = bytes[at..]
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t'))
                .count();
            if !matches!(bytes.get(at + blanks), None | Some(b'\n' | b'\r' | b'#')) {
                while indents.last().is_some_and(|last| *last >= blanks) {
                    indents.pop();
                }
                indents.push(blanks);
                if indents.len() > INDENTS {
                    return told(at, "it is indented more than a hundred times");
                }
            }
            at += blanks;
        }
        fresh = false;
        let Some(&byte) = bytes.get(at) else { break };
        match byte {
            b'#' => {
                at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
                continue;
            }
            b'"' | b'\'' => {
                let end = end_of_string(bytes, at);
                let formatted = matches!(at.checked_sub(1).map(|at| bytes[at] | 0x20), Some(b'f' | b't' | b'r'));
                if formatted && depth + in_braces(&bytes[at..end]) > MOST {
                    return told(at, "its code is nested too deeply");
                }
                at = end;
                continue;
            }
            b'(' | b'[' | b'{' => {
                open.push(1);
                depth += 1;
                if open.len() > BRACKETS {
                    return told(at, "there are more than two hundred brackets in each other");
                }
            }
            b')' | b']' | b'}' => {
                if open.len() > 1 {
                    depth -= open.pop().unwrap_or_default();
                }
                // `f()()()` is one in the other.
                deeper(&mut open, &mut depth);
            }
            b',' => reset(&mut open, &mut depth),
            b'\n' if open.len() == 1 && at.checked_sub(1).is_none_or(|before| bytes[before] != b'\\') => {
                reset(&mut open, &mut depth);
                fresh = true;
            }
            b';' if open.len() == 1 => reset(&mut open, &mut depth),
            _ if is_operator(byte) => deeper(&mut open, &mut depth),
            // Words such as `not`, `if` and `lambda` are operators too.
            b' ' if bytes[at - 1].is_ascii_alphabetic() => deeper(&mut open, &mut depth),
            _ => {}
        }
        if depth > MOST {
            return told(at, "its code is nested too deeply");
        }
        at += 1;
    }
    None
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'+' | b'-'
            | b'*'
            | b'/'
            | b'%'
            | b'~'
            | b'.'
            | b'('
            | b'['
            | b'{'
            | b'|'
            | b'&'
            | b'^'
            | b'<'
            | b'>'
            | b'='
            | b'@'
            | b':'
    )
}

/// Counts the operators in the longest piece of code that a formatted string holds.
fn in_braces(string: &[u8]) -> usize {
    let (mut level, mut operators, mut most) = (0_usize, 0, 0);
    for byte in string {
        match byte {
            b'{' => level += 1,
            b'}' => level = level.saturating_sub(1),
            _ => {}
        }
        operators = if level == 0 {
            0
        } else {
            operators + usize::from(is_operator(*byte))
        };
        most = most.max(operators);
    }
    most
}

fn deeper(open: &mut [usize], depth: &mut usize) {
    if let Some(last) = open.last_mut() {
        *last += 1;
        *depth += 1;
    }
}

fn reset(open: &mut [usize], depth: &mut usize) {
    let brackets = usize::from(open.len() > 1);
    if let Some(last) = open.last_mut() {
        *depth -= *last - brackets.min(*last);
        *last = brackets;
    }
}

/// Returns the byte after a string that begins at a quote; one that is not closed ends with its line.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let long = bytes[start..].starts_with(&[quote, quote, quote]);
    let mut at = start + if long { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if !long => return at,
            byte if byte == quote && (!long || bytes[at..].starts_with(&[quote, quote, quote])) => {
                return at + if long { 3 } else { 1 };
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_not_too_deep() {
        let rows = "    'a.b': [f(x - 1), {'b': (1, 2)}],\n".repeat(20_000);
        let sum = "  + 'a line (' # (((\n".repeat(500);
        let text = format!("'''{}'''\nrows = {{\n{rows}}}\nsum = ('a'\n{sum})\n", "(".repeat(5000));
        assert_eq!(too_deep(&text), None);
        let texts = "            'a = b. '\n".repeat(2000);
        assert_eq!(
            too_deep(&format!(
                "x = f\"\"\"{}\"\"\" (\n{texts})\n",
                "a = {{b}} . ".repeat(4000)
            )),
            None
        );
        assert_eq!(too_deep(&"if x:\n    a = 1; b = 2\nc = 'it''s'\n".repeat(5000)), None);
    }

    #[test]
    fn what_would_end_the_program_is_found_wherever_it_hides() {
        let long = 100_000;
        for text in [
            "(".repeat(long),
            format!("x = 1{}", " + 1".repeat(long)),
            format!("x = {}1", "-".repeat(long)),
            format!("x = {}y", "not ".repeat(long)),
            format!("x = a{}", ".b".repeat(long)),
            format!("x = a{}", "()".repeat(long)),
            format!("x = f'{}'", "{x:".repeat(long)),
            format!("x = {}0", "lambda: ".repeat(long)),
            format!("x = {}2", "1 if 1 else ".repeat(long)),
            format!("x = {}2", "1 if 1 else \\\n".repeat(long)),
            (0..1000).map(|n| " ".repeat(n) + "if x:\n").collect(),
        ] {
            assert!(too_deep(&text).is_some(), "{}", &text[..20]);
        }
    }
}
