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
    fn is_empty(&self) -> bool {
        let (Cell::Prose(text) | Cell::Code(text) | Cell::Marked(_, text)) = self;
        text.is_empty()
    }

    fn write(&self, html: &mut Html) {
        match self {
            Cell::Prose(text) | Cell::Marked(_, text) => html.prose(text),
            Cell::Code("") => {}
            Cell::Code(text) => html.say("code", &[], text),
        }
    }
}

/// Writes a table. The first cell of a row is its head; a column in which nothing stands is left out.
pub(super) fn table(html: &mut Html, label: &str, columns: &[Column], rows: &[Vec<Cell<'_>>]) {
    let filled: Vec<bool> = (0..columns.len())
        .map(|index| {
            rows.iter()
                .any(|row| row.get(index).is_some_and(|cell| !cell.is_empty()))
        })
        .collect();
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
                        for ((head, is_number), _) in columns.iter().zip(&filled).filter(|(_, is_filled)| **is_filled) {
                            html.say("th", &[("scope", "col"), ("class", side(*is_number))], head);
                        }
                    });
                });
                html.element("tbody", &[], |html| {
                    for row in rows {
                        html.element("tr", &[], |html| cells(html, columns, &filled, row));
                    }
                });
            });
        },
    );
}

fn cells(html: &mut Html, columns: &[Column], filled: &[bool], row: &[Cell<'_>]) {
    let cells = row.iter().zip(columns).zip(filled).filter(|(_, is_filled)| **is_filled);
    for (index, ((cell, (_, is_number)), _)) in cells.enumerate() {
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
