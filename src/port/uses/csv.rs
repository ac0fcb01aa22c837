//! The heads of tables.

use super::strings::path;
use super::{How, Use};
use crate::port::Table;

/// Returns the fields that the columns of a table name: `order_line/tax_id/id`, `user_id:id`.
pub fn of_csv(table: &Table<'_>) -> Vec<Use> {
    let mut uses = Vec::new();
    for head in table.rows.first().into_iter().flatten() {
        let name = head.value.split(':').next().unwrap_or_default();
        let name = name.strip_suffix("/id").or(name.strip_suffix("/.id")).unwrap_or(name);
        let name = name.split('@').next().unwrap_or(name).replace('/', ".");
        let start = head.range.start;
        if name != "id" && head.range.len() == head.value.len() {
            let place = |it: std::ops::Range<usize>| start + it.start..start + it.end;
            path(table.facts, Some(table.model()), &name, place, How::Key, &mut uses);
        }
    }
    uses
}
