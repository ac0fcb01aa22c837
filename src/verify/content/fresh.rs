//! Records that a hop made for a field which was not there before: a cash register's sequence for a number it had not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::digest::{BLOCK, Block};
use super::known;
use super::pair::Pair;
use super::shape::{ForeignKey, Shape};
use crate::verify::compare::Way;

/// Returns the query for them, of the database after: lines `place of the pair TAB id`. Asked are only the tables that have
/// more records than before, and there only the ids that were not.
pub fn fresh_sql(
    pairs: &[Pair],
    (before, after): (&Shape, &Shape),
    (old, new): (&[Block], &[Block]),
    way: &Way,
) -> String {
    let records = |blocks: &[Block], index: usize| -> u64 {
        let of_pair = blocks.iter().filter(|block| block.pair == index);
        of_pair.map(|block| block.records).sum()
    };
    let mut sql = String::new();
    for (index, pair) in pairs.iter().enumerate() {
        if pair.is_link() || records(new, index) <= records(old, index) {
            continue;
        }
        let last = old.iter().filter(|block| block.pair == index).map(|block| block.number);
        let from = last.max().unwrap_or_default() * BLOCK;
        let keys = after.keys.iter().filter(|key| key.target == pair.tables[1]);
        for key in keys.filter(|key| is_new(key, before, after, way)) {
            // Writing to a String cannot fail.
            let _ = writeln!(
                sql,
                "COPY (SELECT DISTINCT {index}, t.\"{0}\" FROM \"{1}\" t WHERE t.\"{0}\" >= {from}) TO STDOUT;",
                key.column, key.table
            );
        }
    }
    sql
}

/// Reads one line of the answer.
pub fn parse_fresh(line: &str) -> Option<(usize, i64)> {
    let (index, id) = line.split_once('\t')?;
    Some((index.parse().ok()?, id.parse().ok()?))
}

/// Says whether a key is of a field that the database before did not have.
fn is_new(key: &ForeignKey, before: &Shape, after: &Shape, way: &Way) -> bool {
    let Some((name, model)) = after.models.iter().find(|(_, model)| model.table == key.table) else {
        return false;
    };
    if !model.fields.contains_key(&key.column) {
        return false;
    }
    let tables: BTreeSet<&String> = before
        .models
        .iter()
        .filter(|(old, model)| way.model(old) == name || model.table == key.table)
        .map(|(_, model)| &model.table)
        .collect();
    let had = |table: &&String| {
        let columns = before.tables.get(*table).into_iter().flat_map(|columns| columns.keys());
        let mut names = columns.map(|column| known::renamed_column(way, name, column));
        names.any(|column| column == key.column)
    };
    !tables.iter().any(had)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ident::Series;
    use crate::odoo::openupgrade::Renames;
    use crate::verify::content::{Side, pair};

    fn shape(columns: &[&str]) -> Shape {
        let table = |columns: &[&str]| {
            columns
                .iter()
                .map(|name| ((*name).to_owned(), "int4".to_owned()))
                .collect()
        };
        let fields = |names: &[&str]| {
            names
                .iter()
                .map(|name| ((*name).to_owned(), "many2one".to_owned()))
                .collect()
        };
        let model = |table: &str, names: &[&str]| crate::verify::content::Model {
            table: table.into(),
            fields: fields(names),
            choices: BTreeMap::new(),
        };
        let key = |column: &&str| ForeignKey {
            table: "pos_config".into(),
            column: (**column).to_owned(),
            target: "ir_sequence".into(),
            cascades: false,
        };
        let with_id: Vec<&str> = columns.iter().copied().chain(["id"]).collect();
        Shape {
            tables: BTreeMap::from([
                ("pos_config".into(), table(&with_id)),
                ("ir_sequence".into(), table(&["id", "padding"])),
            ]),
            models: BTreeMap::from([
                ("pos.config".into(), model("pos_config", columns)),
                ("ir.sequence".into(), model("ir_sequence", &["padding"])),
            ]),
            keys: columns.iter().map(key).collect(),
            ..Shape::default()
        }
    }

    #[test]
    fn only_what_a_new_field_points_at_was_made_for_it() {
        let (before, after) = (shape(&["sequence_id"]), shape(&["order_seq_id", "device_seq_id"]));
        let (hops, renames) = ([Series::from_major(19).unwrap()], Renames::default());
        let way = Way::new(&hops, &renames);
        let pairs = pair(&before, &after, &way, false);
        let index = pairs.iter().position(|pair| pair.model == "ir.sequence").unwrap();
        assert_eq!(pairs[index].tables[Side::After.index()], "ir_sequence");
        let block = |records| {
            let sum = String::new();
            vec![Block {
                pair: index,
                number: 1,
                records,
                sum,
            }]
        };
        let sql = fresh_sql(&pairs, (&before, &after), (&block(3), &block(5)), &way);
        // `order_seq_id` was called `sequence_id`.
        assert_eq!(
            sql,
            format!(
                "COPY (SELECT DISTINCT {index}, t.\"device_seq_id\" FROM \"pos_config\" t WHERE t.\"device_seq_id\" >= 256) TO STDOUT;\n"
            )
        );
        assert_eq!(fresh_sql(&pairs, (&before, &after), (&block(5), &block(5)), &way), "");
        assert_eq!(parse_fresh("3\t17"), Some((3, 17)));
    }
}
