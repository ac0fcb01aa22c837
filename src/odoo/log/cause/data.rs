//! A data file of a module that cannot be loaded, most often because of a view.

use super::place::below_addons;
use super::{Cause, excerpt};

/// The lines with which a view's reason ends and what is known of the view begins, from 14.0 to 19.0.
const CONTEXT: [&str; 4] = [
    "View error context:",
    "View name:",
    "Error context:",
    "View error context",
];

/// Reads which file, line and view, and what is wrong with it.
pub(super) fn broken(text: &str) -> Option<Cause> {
    let (before, rest) = text.rsplit_once("ParseError: while parsing ")?;
    let (head, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    let path = head.strip_prefix("file:").unwrap_or(head);
    let (path, after) = path
        .split_once(".xml:")
        .map(|(path, after)| (format!("{path}.xml"), after))?;
    let line: String = after.chars().take_while(char::is_ascii_digit).collect();
    let file = below_addons(&path).to_owned();
    let said: Vec<&str> = rest
        .lines()
        .take_while(|line| !CONTEXT.iter().any(|start| line.trim_start().starts_with(start)))
        .filter(|line| !line.trim().is_empty())
        .collect();
    // A record that is no view is told by the exception that the parser's own came from.
    let earlier = before.split("\n\nThe above exception was the direct cause").next();
    let reason = match said.last() {
        Some(last) if !last.trim_start().starts_with('<') => last.trim(),
        _ => earlier.and_then(last_line).unwrap_or("odoo gives no reason"),
    };
    let module = file.split('/').next().unwrap_or_default();
    let what = match context(text, "xmlid") {
        Some(xmlid) if xmlid.contains('.') => format!("the view {xmlid} is broken"),
        Some(xmlid) => format!("the view {module}.{xmlid} is broken"),
        None => "it cannot be loaded".into(),
    };
    let hint = if text.contains("duplicate key value violates unique constraint") {
        "the file makes a record that is there already under no external id: give that one the file's external id, or \
         delete it, with a `sql` step in `before` of this hop"
    } else {
        "correct the file: the field, view or record it names is not there, or not any more, in this series"
    };
    let mut cause = Cause::known(format!("{file}, line {line}: {what}: {reason}"), &[hint]);
    cause.excerpt = std::iter::once(head.to_owned()).chain(excerpt::end(&said, 8)).collect();
    Some(cause)
}

/// Reads a value that Odoo names in a view's error context.
fn context<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.rsplit_once(&format!("'{key}': '"))?;
    rest.split_once('\'').map(|(value, _)| value)
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_with_a_field_that_is_gone_is_named_with_file_line_and_field() {
        let text = "Failed to initialize database `x`.\nTraceback (most recent call last):\n  File \"/x/convert.py\", line 616, in _tag_root\n\
            odoo.tools.convert.ParseError: while parsing /mnt/hopp/own/shelf/views/book.xml:2\nError while validating view near:\n\n\
            <form __validate__=\"1\"><field name=\"publisher\"/></form>\nField \"publisher\" does not exist in model \"shelf.book\"\n\n\
            View error context:\n{'file': '/mnt/hopp/own/shelf/views/book.xml',\n 'line': 2,\n 'name': 'shelf.book.form',\n 'xmlid': 'book_form'}\n";
        let cause = broken(text).unwrap();
        assert_eq!(
            cause.message,
            "shelf/views/book.xml, line 2: the view shelf.book_form is broken: Field \"publisher\" does not exist in model \"shelf.book\""
        );
        assert_eq!(cause.excerpt.len(), 4, "{:?}", cause.excerpt);
    }

    #[test]
    fn a_record_that_is_there_already_is_no_fault_of_the_file() {
        // 14.0 to 15.0: the administrator is a member of the channel of all employees.
        let text = "psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint \
            \"mail_channel_partner_partner_unique\"\nDETAIL:  Key (channel_id, partner_id)=(1, 3) already exists.\n\n\n\
            The above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n\
            odoo.tools.convert.ParseError: while parsing /usr/lib/python3/dist-packages/odoo/addons/mail/data/mail_channel_data.xml:21, somewhere inside\n\
            <record model=\"mail.channel.partner\" id=\"channel_partner_general_channel_for_admin\"/>\n";
        let cause = broken(text).unwrap();
        assert_eq!(
            cause.message,
            "mail/data/mail_channel_data.xml, line 21: it cannot be loaded: DETAIL:  Key (channel_id, partner_id)=(1, 3) already exists."
        );
        assert!(cause.hints[0].contains("external id"), "{:?}", cause.hints);
    }

    #[test]
    fn a_record_that_is_no_view_is_told_by_the_exception_behind_the_parser_s() {
        let text = "Traceback (most recent call last):\n  File \"/x.py\", line 1, in f\nValueError: External ID not found in the system: shelf.gone\n\n\
            The above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n\
            odoo.tools.convert.ParseError: while parsing file:/mnt/hopp/own/shelf/data/book.xml:7, somewhere inside\n<record id=\"x\" model=\"y\"/>";
        assert_eq!(
            broken(text).unwrap().message,
            "shelf/data/book.xml, line 7: it cannot be loaded: ValueError: External ID not found in the system: shelf.gone"
        );
    }
}
