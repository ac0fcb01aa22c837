//! Tables for the terminal.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};

/// Returns a table with a header; columns without any content are left out.
///
/// On a terminal it is as wide as that at most: the column at `wraps` gives way, every other is shown whole. Elsewhere
/// a row is a line. Columns at `right` are aligned to the right.
pub fn table(header: &[&str], rows: &[Vec<String>], wraps: usize, right: &[usize]) -> String {
    let mut table = Table::new();
    let shown: Vec<usize> = (0..header.len())
        .filter(|index| {
            rows.iter()
                .any(|row| row.get(*index).is_some_and(|cell| !cell.is_empty()))
        })
        .collect();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(shown.iter().map(|index| header[*index]));
    for row in rows {
        table.add_row(shown.iter().map(|index| row.get(*index).map_or("", String::as_str)));
    }
    for (place, index) in shown.iter().enumerate() {
        let Some(column) = table.column_mut(place) else {
            continue;
        };
        column.set_padding(if place == 0 { (0, 1) } else { (1, 1) });
        if *index != wraps {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if right.contains(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_content_is_left_out_and_numbers_stand_to_the_right() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["restore", "", "4.2 s"]), row(["19.0/upgrade", "", "31 s"])];
        let text = table(&["step", "checkpoint", "time"], &rows, 1, &[2]);
        assert_eq!(text, "step           time\nrestore       4.2 s\n19.0/upgrade   31 s");
    }
}
