//! Holds every record of two databases against each other.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::snapshot::{CONNECTIONS, Snapshot};
use crate::engine::{StepContext, Stop};
use crate::odoo::openupgrade::Renames;
use crate::verify::compare::Way;
use crate::verify::content::{self, Block, Deeds, Judged, Net, Pair, Shape, Side};
use crate::verify::shipped::Shipped;

/// How many blocks of records are looked at together: what both sides answer is in memory then.
const TOGETHER: usize = 32;
/// How many differing blocks of one table are looked at together; what differs in more is a conversion, and then what else
/// differs is asked for without the columns it changed.
const LOOKED_AT: usize = 400;

/// Two databases, each as it was at one moment: the one before the first hop, the one after the last.
pub(super) struct Sides<'a> {
    /// The one before.
    pub(super) before: &'a Snapshot,
    /// The one after.
    pub(super) after: &'a Snapshot,
}

impl Sides<'_> {
    /// Asks both sides at once.
    pub(super) async fn both(
        &self,
        (before, after): (&str, &str),
        what: &str,
        context: &StepContext,
    ) -> Result<(String, String), Stop> {
        tokio::try_join!(
            self.before.sql(before, what, context),
            self.after.sql(after, what, context),
        )
    }

    /// Asks both sides what they have.
    pub(super) async fn shapes(&self, context: &StepContext) -> Result<(Shape, Shape), Stop> {
        let sql = content::shape_sql();
        let ask = "ask which tables and fields there are";
        tokio::try_join!(self.before.json(sql, ask, context), self.after.json(sql, ask, context),)
    }
}

/// Compares every record.
pub(super) async fn compare(
    sides: &Sides<'_>,
    (before, after): (&Shape, &Shape),
    way: &Way<'_>,
    (shipped, deeds): (Option<Shipped>, Vec<Deeds>),
    context: &StepContext,
) -> Result<Judged, Stop> {
    let pairs = content::pair(before, after, way, shipped.is_some());
    let shares = content::shares(&pairs, before, after, CONNECTIONS);
    let mut net = Net::knowing(shipped, deeds, way);
    let (old, new) = both_sums(sides, &pairs, &shares, context).await?;
    net.expect(
        fresh(
            sides.after,
            &content::fresh_sql(&pairs, (before, after), (&old, &new), way),
            context,
        )
        .await?,
    );
    let (mut first, mut rest) = looked_at(&net.differing(&old, &new));
    let mut narrow = pairs.clone();
    loop {
        look(sides, &mut net, &narrow, &first, context).await?;
        if rest.is_empty() {
            break;
        }
        narrow = net.narrowed(&pairs, &rest.iter().map(|block| block.0).collect());
        let (old, new) = both_sums(sides, &narrow, &shares, context).await?;
        let open: BTreeSet<(usize, i64)> = rest.into_iter().collect();
        let mut differing = content::differing(&old, &new);
        differing.retain(|block| open.contains(block));
        (first, rest) = looked_at(&differing);
    }
    let mut dangling = BTreeSet::new();
    let what = "look for external ids without a record";
    let mut take = |line: &str| {
        let found = line
            .split_once('\t')
            .and_then(|(model, id)| Some((model.to_owned(), id.parse::<i64>().ok()?)));
        dangling.extend(found);
    };
    let sql = content::dangling_sql(&pairs);
    sides.after.lines(&sql, what, context, &mut take).await?;
    Ok(content::judge(net, &pairs, &dangling, way))
}

/// Asks which records fields new to the series point at.
async fn fresh(after: &Snapshot, sql: &str, context: &StepContext) -> Result<BTreeSet<(usize, i64)>, Stop> {
    let mut found = BTreeSet::new();
    let mut take = |line: &str| found.extend(content::parse_fresh(line));
    let what = "look for records made for fields new to the series";
    after.lines(sql, what, context, &mut take).await?;
    Ok(found)
}

/// Notes what a step did to the records of these tables, or of all, between two moments of one database.
pub(super) async fn note(
    sides: &Sides<'_>,
    shapes: (&Shape, &Shape),
    tables: Option<&BTreeSet<String>>,
    deeds: &mut Deeds,
    context: &StepContext,
) -> Result<(), Stop> {
    let renames = Renames::default();
    let mut pairs = content::pair(shapes.0, shapes.1, &Way::new(&[], &renames), true);
    pairs.retain(|pair| tables.is_none_or(|tables| tables.contains(&pair.tables[0])));
    let shares = content::shares(&pairs, shapes.0, shapes.1, CONNECTIONS);
    let (old, new) = both_sums(sides, &pairs, &shares, context).await?;
    // What it did to so much of a table is told by how much it is.
    let (first, _) = looked_at(&content::differing(&old, &new));
    for some in first.chunks(TOGETHER) {
        let (old, new) = rows(sides, &pairs, some, context).await?;
        let taken = deeds.take(&pairs, old.lines(), new.lines());
        taken.map_err(|error| Stop::step(error.to_string()))?;
    }
    Ok(())
}

/// Asks both sides for the sums of all blocks.
async fn both_sums(
    sides: &Sides<'_>,
    pairs: &[Pair],
    shares: &[Vec<usize>],
    context: &StepContext,
) -> Result<(Vec<Block>, Vec<Block>), Stop> {
    tokio::try_join!(
        sums(sides.before, pairs, shares, Side::Before, context),
        sums(sides.after, pairs, shares, Side::After, context),
    )
}

/// Looks at the records of some blocks on both sides.
async fn look(
    sides: &Sides<'_>,
    net: &mut Net,
    pairs: &[Pair],
    blocks: &[(usize, i64)],
    context: &StepContext,
) -> Result<(), Stop> {
    let mut questions = Vec::new();
    for some in blocks.chunks(TOGETHER) {
        questions.push(rows(sides, pairs, some, context));
    }
    let mut answers = stream::iter(questions).buffered(CONNECTIONS);
    // In the order of the pairs: records that are gone take their links with them.
    while let Some((old, new)) = answers.try_next().await? {
        net.compare(pairs, old.lines(), new.lines())
            .map_err(|error| Stop::step(error.to_string()))?;
    }
    Ok(())
}

/// Asks one side for the sums of all blocks, each connection for its share.
async fn sums(
    moment: &Snapshot,
    pairs: &[Pair],
    shares: &[Vec<usize>],
    side: Side,
    context: &StepContext,
) -> Result<Vec<Block>, Stop> {
    let mut asked = Vec::new();
    for share in shares {
        asked.push(sums_of(moment, content::digest_sql(pairs, share, side), context));
    }
    Ok(try_join_all(asked).await?.concat())
}

async fn sums_of(moment: &Snapshot, sql: String, context: &StepContext) -> Result<Vec<Block>, Stop> {
    let mut blocks = Vec::new();
    let mut take = |line: &str| blocks.extend(content::parse_digest(line));
    moment.lines(&sql, "sum up the records", context, &mut take).await?;
    Ok(blocks)
}

/// Blocks of tables: which pair of tables, which block.
type Blocks = Vec<(usize, i64)>;

/// Returns the first blocks of each table, and the rest.
fn looked_at(differing: &[(usize, i64)]) -> (Blocks, Blocks) {
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for of_table in differing.chunk_by(|one, other| one.0 == other.0) {
        let (some, others) = of_table.split_at(of_table.len().min(LOOKED_AT));
        first.extend_from_slice(some);
        rest.extend_from_slice(others);
    }
    (first, rest)
}

/// Asks both sides for the records of some blocks.
async fn rows(
    sides: &Sides<'_>,
    pairs: &[Pair],
    blocks: &[(usize, i64)],
    context: &StepContext,
) -> Result<(String, String), Stop> {
    let sql = (
        content::rows_sql(pairs, blocks, Side::Before),
        content::rows_sql(pairs, blocks, Side::After),
    );
    sides.both((&sql.0, &sql.1), "look at the records", context).await
}
