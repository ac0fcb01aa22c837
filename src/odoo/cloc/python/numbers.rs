//! Numbers of Python.

use super::lexer::is_name;

/// The most digits a decimal number may have that is no fraction.
const MOST_DIGITS: usize = 4300;

/// Returns the length of the number that a text begins with; `None` when Python refuses it.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    let at = |index: usize| text.get(index).copied().unwrap_or(0);
    if at(0) == b'0' {
        let digit: Option<fn(u8) -> bool> = match at(1) {
            b'x' | b'X' => Some(|byte| byte.is_ascii_hexdigit()),
            b'o' | b'O' => Some(|byte| matches!(byte, b'0'..=b'7')),
            b'b' | b'B' => Some(|byte| matches!(byte, b'0' | b'1')),
            _ => None,
        };
        if let Some(digit) = digit {
            let skip = usize::from(at(2) == b'_');
            let length = 2 + skip + digits(text.get(2 + skip..)?, digit)?;
            return ended(text, length);
        }
    }
    let mut length = 0;
    let mut whole = true;
    if at(0) != b'.' {
        length = digits(text, |byte| byte.is_ascii_digit())?;
    }
    if at(length) == b'.' {
        whole = false;
        length += 1;
        if at(length).is_ascii_digit() {
            length += digits(&text[length..], |byte| byte.is_ascii_digit())?;
        }
    }
    if matches!(at(length), b'e' | b'E') {
        let signed = usize::from(matches!(at(length + 1), b'+' | b'-'));
        if at(length + 1 + signed).is_ascii_digit() {
            whole = false;
            let begin = length + 1 + signed;
            length = begin + digits(&text[begin..], |byte| byte.is_ascii_digit())?;
        } else if signed == 1 {
            return None;
        }
    }
    if matches!(at(length), b'j' | b'J') {
        whole = false;
        length += 1;
    }
    if whole {
        let digits = text[..length].iter().filter(|byte| byte.is_ascii_digit());
        let begins_with_zero = at(0) == b'0' && digits.clone().any(|digit| *digit != b'0');
        if begins_with_zero || digits.count() > MOST_DIGITS {
            return None;
        }
    }
    ended(text, length)
}

/// Returns the length of digits with single underscores between them; at least one digit.
fn digits(text: &[u8], digit: fn(u8) -> bool) -> Option<usize> {
    let at = |index: usize| text.get(index).is_some_and(|byte| digit(*byte));
    if !at(0) {
        return None;
    }
    let mut length = 1;
    loop {
        if at(length) {
            length += 1;
        } else if text.get(length) == Some(&b'_') {
            if !at(length + 1) {
                return None;
            }
            length += 2;
        } else {
            return Some(length);
        }
    }
}

/// Refuses a number that a letter follows, unless that begins a keyword which may.
fn ended(text: &[u8], length: usize) -> Option<usize> {
    const MAY_FOLLOW: [&str; 8] = ["and", "else", "for", "if", "in", "is", "or", "not"];
    let rest = &text[length..];
    let free = rest.first().is_none_or(|byte| !is_name(*byte));
    (free || MAY_FOLLOW.iter().any(|word| rest.starts_with(word.as_bytes()))).then_some(length)
}
