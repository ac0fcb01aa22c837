//! Tables whose heads say what they are the heads of.

use super::writer::Html;

/// A column: its head, and whether it holds numbers, which stand on the right.
pub(super) type Column = (&'static str, bool);

/// A cell of a table.
pub(super) enum Cell<'a> {
    /// Text, with code between backticks.
    Prose(&'a str),
    /// A name of something, set as code.
    Code(&'a str),
    /// Text in which how it stands is said too, by a class.
    Marked(&'static str, &'a str),
}

impl Cell<'_> {
    fn write(&self, html: &mut Html) {
        match self {
            Cell::Prose(text) | Cell::Marked(_, text) => html.prose(text),
            Cell::Code("") => {}
            Cell::Code(text) => html.say("code", &[], text),
        }
    }
}

/// Writes a table. The first cell of a row is its head.
pub(super) fn table(html: &mut Html, label: &str, columns: &[Column], rows: &[Vec<Cell<'_>>]) {
    html.element(
        "div",
        &[
            ("class", "scroll"),
            ("role", "region"),
            ("tabindex", "0"),
            ("aria-label", label),
        ],
        |html| {
            html.element("table", &[], |html| {
                html.element("thead", &[], |html| {
                    html.element("tr", &[], |html| {
                        for (head, is_number) in columns {
                            html.say("th", &[("scope", "col"), ("class", side(*is_number))], head);
                        }
                    });
                });
                html.element("tbody", &[], |html| {
                    for row in rows {
                        html.element("tr", &[], |html| cells(html, columns, row));
                    }
                });
            });
        },
    );
}

fn cells(html: &mut Html, columns: &[Column], row: &[Cell<'_>]) {
    for (index, (cell, (_, is_number))) in row.iter().zip(columns).enumerate() {
        let class = match cell {
            Cell::Marked(class, _) => format!("{} {class}", side(*is_number)),
            Cell::Prose(_) | Cell::Code(_) => side(*is_number).to_owned(),
        };
        if index == 0 {
            html.element("th", &[("scope", "row"), ("class", &class)], |html| cell.write(html));
        } else {
            html.element("td", &[("class", &class)], |html| cell.write(html));
        }
    }
}

fn side(is_number: bool) -> &'static str {
    if is_number { "number" } else { "words" }
}
