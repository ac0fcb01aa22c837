//! The queries of the two rounds: sums per block of ids, then the records of the blocks that differ.

use std::fmt::Write as _;

use super::pair::{Pair, Side};
use super::shape::Shape;
use super::value::shown;

/// How many ids a block spans.
pub const BLOCK: i64 = 1 << SHIFT;
const SHIFT: u32 = 8;

/// A block of ids of one table: how many records it has and the sum of what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which pair of tables, by its place.
    pub pair: usize,
    /// Which block: the ids from `number * BLOCK` on.
    pub number: i64,
    /// How many records.
    pub records: u64,
    /// The sum of the hashes of its records.
    pub sum: String,
}

/// Shares the pairs out among so many connections that each has as much to read as the others: the places of its pairs.
pub fn shares(pairs: &[Pair], before: &Shape, after: &Shape, count: usize) -> Vec<Vec<usize>> {
    let size = |pair: &Pair| {
        let of = |shape: &Shape, table: &str| shape.sizes.get(table).copied().unwrap_or_default();
        of(before, &pair.tables[0]) + of(after, &pair.tables[1])
    };
    let mut largest: Vec<usize> = (0..pairs.len()).collect();
    largest.sort_by_key(|index| std::cmp::Reverse(size(&pairs[*index])));
    let mut shares = vec![(0, Vec::new()); count.max(1)];
    for index in largest {
        if let Some(least) = shares.iter_mut().min_by_key(|share| share.0) {
            // Even an empty table costs its query.
            least.0 += size(&pairs[index]) + 8192;
            least.1.push(index);
        }
    }
    shares.into_iter().map(|share| share.1).collect()
}

/// Returns the queries whose lines [`parse_digest`] reads, for one side and some pairs.
pub fn digest_sql(pairs: &[Pair], share: &[usize], side: Side) -> String {
    let mut sql = String::new();
    let share = share.iter().filter_map(|index| Some((*index, pairs.get(*index)?)));
    for (index, pair) in share {
        let (table, key) = (&pair.tables[side.index()], &pair.key[side.index()]);
        let mut values: Vec<&str> = pair
            .columns
            .iter()
            .map(|column| column.read[side.index()].as_str())
            .collect();
        let id = format!("t.\"{key}\"::text");
        values.insert(0, &id);
        // Writing to a String cannot fail.
        let _ = writeln!(
            sql,
            "COPY (SELECT {index}, t.\"{key}\"::bigint >> {SHIFT}, count(*), \
             sum(('x' || left(md5(array_to_string(ARRAY[{}], E'\\x1f', '~')), 15))::bit(60)::bigint) \
             FROM \"{table}\" t WHERE t.\"{key}\" IS NOT NULL AND {} GROUP BY 2 ORDER BY 2) TO STDOUT;",
            values.join(", "),
            pair.only[side.index()].as_deref().unwrap_or("true")
        );
    }
    sql
}

/// Reads one line of the answer.
pub fn parse_digest(line: &str) -> Option<Block> {
    let mut fields = line.split('\t');
    Some(Block {
        pair: fields.next()?.parse().ok()?,
        number: fields.next()?.parse().ok()?,
        records: fields.next()?.parse().ok()?,
        sum: fields.next()?.to_owned(),
    })
}

/// Returns the queries for the records of some blocks, for one side; [`super::Net::compare`] reads the lines.
pub fn rows_sql(pairs: &[Pair], blocks: &[(usize, i64)], side: Side) -> String {
    let mut sql = String::new();
    for of_pair in blocks.chunk_by(|one, other| one.0 == other.0) {
        let index = of_pair[0].0;
        let Some(pair) = pairs.get(index) else { continue };
        let (table, key) = (&pair.tables[side.index()], &pair.key[side.index()]);
        let values: Vec<String> = pair
            .columns
            .iter()
            .map(|column| shown(&column.read[side.index()], column.secret))
            .collect();
        let ranges: Vec<String> = of_pair
            .iter()
            .map(|(_, number)| {
                format!(
                    "t.\"{key}\" BETWEEN {} AND {}",
                    number * BLOCK,
                    number * BLOCK + BLOCK - 1
                )
            })
            .collect();
        let owner = if pair.is_link() {
            "NULL".into()
        } else {
            format!(
                "(SELECT min(d.module || '.' || d.name) FROM ir_model_data d WHERE d.model = '{}' AND d.res_id = t.id \
                 AND d.module NOT IN ('__export__', '__import__', '__custom__', 'studio_customization'))",
                pair.models[side.index()]
            )
        };
        let written = if pair.dated { "t.write_date::text" } else { "NULL" };
        let _ = writeln!(
            sql,
            "SELECT json_build_array({index}, t.\"{key}\", left({}, 80), {owner}, {written}, to_json(ARRAY[{}]::text[])) \
             FROM \"{table}\" t WHERE ({}) AND {} ORDER BY t.\"{key}\";",
            pair.label[side.index()],
            values.join(", "),
            ranges.join(" OR "),
            pair.only[side.index()].as_deref().unwrap_or("true")
        );
    }
    sql
}

/// Returns the query for external ids whose record is gone, of the database after: lines `model TAB id`.
pub fn dangling_sql(pairs: &[Pair]) -> String {
    let of_models = pairs.iter().filter(|pair| !pair.is_link()).map(|pair| {
        format!(
            "SELECT d.model, d.res_id FROM ir_model_data d LEFT JOIN \"{table}\" t ON t.id = d.res_id \
             WHERE d.model = '{}' AND d.res_id IS NOT NULL AND t.id IS NULL",
            pair.model,
            table = pair.tables[1]
        )
    });
    let all: Vec<String> = of_models.collect();
    if all.is_empty() {
        return String::new();
    }
    format!("COPY (\n{}\n) TO STDOUT;\n", all.join("\nUNION ALL "))
}
