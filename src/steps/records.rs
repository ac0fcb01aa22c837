//! Holds every record of two databases against each other.

use std::collections::BTreeSet;

use super::database::Database;
use crate::engine::{StepContext, Stop};
use crate::verify::compare::Way;
use crate::verify::content::{self, Block, Judged, Net, Pair, Shape, Side};
use crate::verify::shipped::Shipped;

/// How many blocks of records are looked at together: what both sides answer is in memory then.
const TOGETHER: usize = 32;
/// How many differing blocks of one table are looked at together; what differs in more is a conversion, and then what else
/// differs is asked for without the columns it changed.
const LOOKED_AT: usize = 400;

/// Two databases: the one before the first hop, the one after the last. Nothing is written to either.
pub(super) struct Sides<'a> {
    /// The PostgreSQL and the database in it.
    pub(super) before: (&'a Database, &'a str),
    /// The same.
    pub(super) after: (&'a Database, &'a str),
}

impl Sides<'_> {
    /// Runs SQL on both sides at once.
    pub(super) async fn both(
        &self,
        (before, after): (&str, &str),
        what: &str,
        context: &StepContext,
    ) -> Result<(String, String), Stop> {
        tokio::try_join!(
            self.before.0.sql(self.before.1, before, what, &context.cancel),
            self.after.0.sql(self.after.1, after, what, &context.cancel),
        )
    }

    /// Asks both sides what they have.
    pub(super) async fn shapes(&self, context: &StepContext) -> Result<(Shape, Shape), Stop> {
        let sql = content::shape_sql();
        let ask = "ask which tables and fields there are";
        tokio::try_join!(
            self.before.0.json(self.before.1, sql, ask, &context.cancel),
            self.after.0.json(self.after.1, sql, ask, &context.cancel),
        )
    }
}

/// Compares every record.
pub(super) async fn compare(
    sides: &Sides<'_>,
    (before, after): (&Shape, &Shape),
    way: &Way<'_>,
    shipped: Option<Shipped>,
    context: &StepContext,
) -> Result<Judged, Stop> {
    let pairs = content::pair(before, after, way, shipped.is_some());
    let mut net = Net::knowing(shipped, way);
    let sql = (
        content::digest_sql(&pairs, Side::Before),
        content::digest_sql(&pairs, Side::After),
    );
    let (old, new) = sides.both((&sql.0, &sql.1), "sum up the records", context).await?;
    let (mut first, mut rest) = looked_at(&net.differing(&blocks(&old), &blocks(&new)));
    let mut narrow = pairs.clone();
    loop {
        for some in first.chunks(TOGETHER) {
            context.progress("records", None);
            look(sides, &mut net, &narrow, some, context).await?;
        }
        if rest.is_empty() {
            break;
        }
        narrow = net.narrowed(&pairs, &rest.iter().map(|block| block.0).collect());
        let sql = (
            content::digest_sql(&narrow, Side::Before),
            content::digest_sql(&narrow, Side::After),
        );
        let (old, new) = sides.both((&sql.0, &sql.1), "sum up the rest of them", context).await?;
        let open: BTreeSet<(usize, i64)> = rest.into_iter().collect();
        let mut differing = content::differing(&blocks(&old), &blocks(&new));
        differing.retain(|block| open.contains(block));
        (first, rest) = looked_at(&differing);
    }
    let sql = content::dangling_sql(&pairs);
    let lines = sides
        .after
        .0
        .sql(
            sides.after.1,
            &sql,
            "look for external ids without a record",
            &context.cancel,
        )
        .await?;
    let dangling: BTreeSet<(String, i64)> = lines
        .lines()
        .filter_map(|line| {
            let (model, id) = line.split_once('\t')?;
            Some((model.to_owned(), id.parse().ok()?))
        })
        .collect();
    Ok(content::judge(&net, &pairs, &dangling, way))
}

fn blocks(text: &str) -> Vec<Block> {
    text.lines().filter_map(content::parse_digest).collect()
}

/// Returns the first blocks of each table, and the rest.
fn looked_at(differing: &[(usize, i64)]) -> (Vec<(usize, i64)>, Vec<(usize, i64)>) {
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for of_table in differing.chunk_by(|one, other| one.0 == other.0) {
        let (some, others) = of_table.split_at(of_table.len().min(LOOKED_AT));
        first.extend_from_slice(some);
        rest.extend_from_slice(others);
    }
    (first, rest)
}

async fn look(
    sides: &Sides<'_>,
    net: &mut Net,
    pairs: &[Pair],
    blocks: &[(usize, i64)],
    context: &StepContext,
) -> Result<(), Stop> {
    let sql = (
        content::rows_sql(pairs, blocks, Side::Before),
        content::rows_sql(pairs, blocks, Side::After),
    );
    let (old, new) = sides.both((&sql.0, &sql.1), "look at the records", context).await?;
    net.compare(pairs, old.lines(), new.lines())
        .map_err(|error| Stop::step(error.to_string()))
}
