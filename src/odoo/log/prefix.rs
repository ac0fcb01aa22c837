//! What others put before Odoo's lines: syslog, journald, `docker logs --timestamps`, Docker Compose.

use jiff::civil::{Date, DateTime, Time};

/// A line without what stood before it.
#[derive(Debug, PartialEq)]
pub(super) struct Stripped<'a> {
    /// When, as the prefix says.
    pub(super) at: Option<DateTime>,
    /// What the program wrote.
    pub(super) text: &'a str,
}

/// Takes away what stands before a line, `None` when nothing known does.
pub(super) fn strip(line: &str) -> Option<Stripped<'_>> {
    let line = priority(line);
    compose(line).or_else(|| traditional(line)).or_else(|| iso(line))
}

/// Takes away `<30>`, as syslog sends it.
fn priority(line: &str) -> &str {
    line.strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .filter(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(line, |(_, rest)| rest)
}

/// Reads `odoo-1  | text`.
fn compose(line: &str) -> Option<Stripped<'_>> {
    let (name, text) = line
        .split_once(" | ")
        .or_else(|| Some((line.strip_suffix(" |")?, "")))?;
    let name = name.trim_end();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let numbered = name
        .rsplit_once(['-', '_'])?
        .1
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    (numbered && name.bytes().all(plain)).then_some(Stripped { at: None, text })
}

/// Reads `Nov 22 18:32:39 host odoo[12]: text`. The year is not said.
fn traditional(line: &str) -> Option<Stripped<'_>> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (stamp, rest) = line.split_at_checked(15)?;
    let month = MONTHS.iter().position(|month| stamp.starts_with(month))?;
    let day: i8 = stamp.get(4..6)?.trim_start().parse().ok()?;
    let time = clock(stamp.get(7..)?)?;
    let date = Date::new(1970, i8::try_from(month + 1).ok()?, day).ok()?;
    let text = after_tag(rest.strip_prefix(' ')?)?;
    Some(Stripped {
        at: Some(DateTime::from_parts(date, time)),
        text,
    })
}

/// Reads `2026-11-22T18:32:39.471+01:00 host odoo[12]: text`, or the same without host and program.
fn iso(line: &str) -> Option<Stripped<'_>> {
    if line.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let (stamp, rest) = line.split_once(' ')?;
    let at = stamp.get(..19)?.parse().ok();
    at?;
    Some(Stripped {
        at,
        text: after_tag(rest).unwrap_or(rest),
    })
}

/// Returns what follows `host odoo[12]: `.
fn after_tag(rest: &str) -> Option<&str> {
    let (_host, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(':')?;
    let name = tag.split('[').next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    (name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(plain))
        .then(|| text.strip_prefix(' ').unwrap_or(text))
}

fn clock(text: &str) -> Option<Time> {
    let mut parts = text.splitn(3, ':').map(|part| part.parse::<i8>().ok());
    Time::new(parts.next()??, parts.next()??, parts.next()??, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefixes_that_logs_come_with_are_taken_away() {
        for (line, at, text) in [
            (
                "Nov 22 18:32:39 prod odoo[812]: Odoo Server 14.0:acme:INFO:odoo: text",
                Some("1970-11-22T18:32:39"),
                "Odoo Server 14.0:acme:INFO:odoo: text",
            ),
            (
                "<30>Nov  2 18:32:39 prod odoo: Traceback",
                Some("1970-11-02T18:32:39"),
                "Traceback",
            ),
            (
                "2026-11-22T18:32:39.471234+01:00 prod odoo[8]:   File \"x.py\"",
                Some("2026-11-22T18:32:39"),
                "  File \"x.py\"",
            ),
            (
                "2026-11-22T18:32:39.471234567Z 2026-11-22 18:32:39,471 8 INFO ? odoo: text",
                Some("2026-11-22T18:32:39"),
                "2026-11-22 18:32:39,471 8 INFO ? odoo: text",
            ),
            ("odoo-1  | Traceback", None, "Traceback"),
        ] {
            let stripped = strip(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(stripped.at.map(|at| at.to_string()).as_deref(), at, "{line}");
            assert_eq!(stripped.text, text, "{line}");
        }
    }

    #[test]
    fn other_lines_have_no_prefix() {
        for line in [
            "",
            "Traceback (most recent call last):",
            "  File \"x.py\", line 1",
            "Mayor of London: text",
            "SELECT a | b",
            "2026-11-22 18:32:39,471 8 INFO ? odoo: text",
        ] {
            assert_eq!(strip(line), None, "{line}");
        }
    }
}
