//! What both sides answered, held against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::deeds::{Deeds, Doings};
use super::digest::Block;
use super::follows::{Gone, Lapsed};
use super::pair::Pair;
use crate::verify::compare::Way;
use crate::verify::shipped::{Link, Shipped, Word};

/// How many values of a column are kept to tell whether others took their place.
const VALUES: usize = 60;
/// How many records of one table that are gone, or that pointed at one, are kept in mind; of more the cause is not sought.
const KEPT: usize = 20_000;
/// How many examples are kept of one kind of difference.
const EXAMPLES: usize = 10;

/// Everything that differs, counted, with examples.
#[derive(Clone, Debug, Default)]
pub struct Net {
    /// By the place of the pair.
    pub(super) tables: BTreeMap<usize, TableDifference>,
    /// Records compared.
    pub records: u64,
    /// Records that are gone, as (model, id): their links went with them.
    pub(super) gone: BTreeSet<(String, i64)>,
    /// Records that modules brought in between, as (model, id).
    pub(super) born: BTreeSet<(String, i64)>,
    /// All records that were not there, as (model, id): their links came with them.
    came: BTreeSet<(String, i64)>,
    /// Links between groups that the way makes, beyond what the modules say.
    implied: BTreeSet<Link>,
    /// Records that fields new to the series point at, as (place of the pair, id): the hop made them.
    fresh: BTreeSet<(usize, i64)>,
    /// What the modules say of their records, where they could be asked.
    pub(super) shipped: Option<Shipped>,
    /// Whether the way has several hops: what those before the last wrote is in no module any more.
    far: bool,
    /// What the plan's own steps did.
    pub(super) doings: Doings,
}

/// What differs in one table.
#[derive(Clone, Debug, Default)]
pub(super) struct TableDifference {
    pub(super) records_before: u64,
    /// Records that were looked at on both sides.
    looked_at: u64,
    /// Of how many records the changes found first are, where not all were looked at.
    pub(super) sample: Option<u64>,
    /// Links that are gone.
    pub(super) lost: Examples<Row>,
    /// Records that are gone, and how many more are than are kept in mind.
    pub(super) gone: (Vec<Gone>, u64),
    /// Values that pointed at a record which may be gone.
    pub(super) lapsed: Vec<Lapsed>,
    pub(super) added: Examples<Row>,
    /// By the place of the column.
    pub(super) changed: BTreeMap<usize, ColumnDifference>,
    /// How many records still hold what they held, by the place of the column.
    pub(super) kept: BTreeMap<usize, u64>,
    /// Records of a module that its update wrote again, and so is to answer for.
    pub(super) rewritten: u64,
    /// Records of a module that went, or came, with their external id.
    pub(super) of_modules: u64,
}

/// How the values of a column differ.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnDifference {
    pub(super) changes: Examples<Change>,
    /// Of these, how many had nothing before.
    pub(super) filled: u64,
    /// Of these, how many have nothing now.
    pub(super) emptied: u64,
    /// Of these, how many are records of modules.
    pub(super) of_modules: u64,
    /// What values changed to others, and to which; no more than a selection has.
    pub(super) values: [BTreeSet<String>; 2],
}

/// The first of a kind, and how many there are.
#[derive(Clone, Debug)]
pub(super) struct Examples<T> {
    pub(super) some: Vec<T>,
    pub(super) count: u64,
}

impl<T> Default for Examples<T> {
    fn default() -> Self {
        Examples {
            some: Vec::new(),
            count: 0,
        }
    }
}

impl<T> Examples<T> {
    pub(super) fn push(&mut self, example: T) {
        if self.some.len() < EXAMPLES {
            self.some.push(example);
        }
        self.count += 1;
    }
}

/// One record as a line of [`super::rows_sql`] tells it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Row(
    pub(super) usize,
    pub(super) i64,
    pub(super) Option<String>,
    pub(super) Option<String>,
    pub(super) Option<String>,
    pub(super) Vec<Option<String>>,
);

/// One changed value.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) id: i64,
    pub(super) label: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// A line that is not a record.
#[derive(Debug, thiserror::Error)]
#[error("failed to read a record of a database: {source}")]
pub struct NotARow {
    source: serde_json::Error,
}

impl Row {
    /// What tells it from others: of links both ends, of records the id.
    pub(super) fn key(&self, pair: &Pair) -> (usize, i64, Option<&str>) {
        let other = pair
            .is_link()
            .then(|| self.5.first().and_then(Option::as_deref))
            .flatten();
        (self.0, self.1, other)
    }
}

impl Net {
    /// Returns an empty one that knows what modules say of their records, and what the plan's own steps did.
    pub fn knowing(shipped: Option<Shipped>, deeds: Vec<Deeds>, way: &Way) -> Net {
        let implied = shipped
            .as_ref()
            .map(|shipped| shipped.implied_on(way))
            .unwrap_or_default();
        Net {
            shipped,
            implied,
            doings: Doings::of(deeds, way),
            far: way.is_far(),
            ..Net::default()
        }
    }

    /// Takes the sums of both sides and returns the blocks that differ, in the order of the pairs.
    pub fn differing(&mut self, before: &[Block], after: &[Block]) -> Vec<(usize, i64)> {
        for block in before {
            self.tables.entry(block.pair).or_default().records_before += block.records;
            self.records += block.records;
        }
        differing(before, after)
    }

    /// Takes the records that fields new to the series point at, as [`super::fresh_sql`] made them answer.
    pub fn expect(&mut self, fresh: BTreeSet<(usize, i64)>) {
        self.fresh = fresh;
    }

    /// Returns the pairs without the columns whose change was seen in these tables, and without all other tables: what
    /// else differs in a table that a hop converted as a whole.
    pub fn narrowed(&mut self, pairs: &[Pair], tables: &BTreeSet<usize>) -> Vec<Pair> {
        let mut narrow = pairs.to_vec();
        for (index, pair) in narrow.iter_mut().enumerate() {
            let Some(table) = self.tables.get_mut(&index).filter(|_| tables.contains(&index)) else {
                pair.only = [Some("false".into()), Some("false".into())];
                continue;
            };
            table.sample.get_or_insert(table.looked_at);
            for column in table.changed.keys() {
                if let Some(column) = pair.columns.get_mut(*column) {
                    column.read = ["NULL::text", "NULL::text"].map(str::to_owned);
                }
            }
        }
        narrow
    }

    /// Takes the records of the same blocks from both sides, as [`super::rows_sql`] made them answer.
    pub fn compare<'a>(
        &mut self,
        pairs: &[Pair],
        before: impl Iterator<Item = &'a str>,
        after: impl Iterator<Item = &'a str>,
    ) -> Result<(), NotARow> {
        let (before, after) = (read(before)?, read(after)?);
        let pair_of = |row: &Row| pairs.get(row.0);
        let mut now: BTreeMap<(usize, i64, Option<&str>), &Row> = after
            .iter()
            .filter_map(|row| Some((row.key(pair_of(row)?), row)))
            .collect();
        for old in &before {
            let Some(pair) = pair_of(old) else { continue };
            let table = self.tables.entry(old.0).or_default();
            match now.remove(&old.key(pair)) {
                Some(new) => table.compare(pair, old, new, (self.shipped.as_ref(), self.far), &mut self.doings),
                None if self.doings.removed(pair, old) => {
                    if !pair.is_link() {
                        self.gone.insert((pair.model.clone(), old.1));
                    }
                }
                None if pair.is_link() => {
                    let other = old.5.first().and_then(Option::as_deref).and_then(|id| id.parse().ok());
                    let gone = |model: &str, id: i64| self.gone.contains(&(model.to_owned(), id));
                    let with_record = gone(&pair.model, old.1)
                        || other.is_some_and(|id| gone(pair.relation.as_deref().unwrap_or_default(), id));
                    let by_data = self
                        .shipped
                        .as_ref()
                        .is_some_and(|shipped| linked(pair, old).is_some_and(|link| shipped.unlinks(&link)));
                    if !with_record && !by_data {
                        table.lost.push(old.clone());
                    }
                }
                None => {
                    self.gone.insert((pair.model.clone(), old.1));
                    if table.gone.0.len() < KEPT {
                        table.gone.0.push(Gone::of(pair, old));
                    } else {
                        table.gone.1 += 1;
                    }
                }
            }
        }
        for new in now.into_values() {
            let pair = pairs.get(new.0);
            if pair.is_some_and(|pair| pair.grows || self.doings.made(pair, new)) {
                continue;
            }
            let with_record = pair.is_some_and(|pair| self.came_with(pair, new));
            if let Some(pair) = pair.filter(|pair| !pair.is_link()) {
                self.came.insert((pair.model.clone(), new.1));
            }
            let table = self.tables.entry(new.0).or_default();
            let by_data = self
                .shipped
                .as_ref()
                .zip(pairs.get(new.0))
                .is_some_and(|(shipped, pair)| {
                    linked(pair, new).is_some_and(|link| shipped.links(&link) || self.implied.contains(&link))
                });
            if with_record || new.3.is_some() || by_data || self.fresh.contains(&(new.0, new.1)) {
                if let Some(pair) = pairs.get(new.0).filter(|pair| !pair.is_link()) {
                    self.born.insert((pair.model.clone(), new.1));
                }
                table.of_modules += 1;
            } else {
                table.added.push(new.clone());
            }
        }
        Ok(())
    }

    /// Says whether a link came with a record that was not there; who may do what is asked after nevertheless.
    fn came_with(&self, pair: &Pair, link: &Row) -> bool {
        let opens = |model: &str| matches!(model, "ir.rule" | "res.groups" | "res.users");
        let Some(relation) = pair.relation.as_deref() else {
            return false;
        };
        let came = |model: &str, id: i64| self.came.contains(&(model.to_owned(), id));
        let other = link.5.first().and_then(Option::as_deref).and_then(|id| id.parse().ok());
        !(opens(&pair.model) && opens(relation))
            && (came(&pair.model, link.1) || other.is_some_and(|id| came(relation, id)))
    }
}

impl TableDifference {
    fn compare(
        &mut self,
        pair: &Pair,
        old: &Row,
        new: &Row,
        (shipped, far): (Option<&Shipped>, bool),
        doings: &mut Doings,
    ) {
        self.looked_at += 1;
        for (index, _) in old
            .5
            .iter()
            .zip(&new.5)
            .enumerate()
            .filter(|(_, (was, is))| was.is_some() && was == is)
        {
            *self.kept.entry(index).or_default() += 1;
        }
        if old.5 == new.5 {
            return;
        }
        let taken = |(column, (was, is)): (&super::pair::Column, (&Option<String>, &Option<String>))| {
            was != is && super::known::is_taken(&pair.model, &column.name, was.as_deref())
        };
        if pair.columns.iter().zip(old.5.iter().zip(&new.5)).any(taken) {
            self.rewritten += 1;
            return;
        }
        // What a module brought, its update may write again; whoever changes it behind Odoo's back leaves the date.
        let own = old.3.as_deref().is_none_or(super::known::is_of_chart);
        let rewritten = !own && old.4 != new.4 && super::known::updates_may_write(&pair.model);
        let of_code = super::known::is_of_code(&pair.model);
        let mut counted = false;
        for (index, (before, after)) in old.5.iter().zip(&new.5).enumerate() {
            if before == after || grew(before.as_deref(), after.as_deref()) {
                continue;
            }
            // Where its module can be asked, that decides; what contradicts it is told as such.
            let column = pair.columns.get(index);
            let column_of = column.map_or("", |column| &column.name);
            let (after, given) = match column.filter(|column| column.given) {
                Some(_) => super::converted::unmarked(after.as_deref()),
                None => (after.as_deref(), false),
            };
            if (given && before.is_none()) || before.as_deref() == after {
                continue;
            }
            let after = &after.map(str::to_owned);
            if doings.set(pair, new, column_of, after.as_deref()) {
                continue;
            }
            let scripted = |xmlid: &str| super::known::is_scripted(xmlid, column_of);
            let scripted = old.3.as_deref().is_some_and(scripted);
            let by_update = match shipped.and_then(|shipped| shipped.word(&pair.model, old.1, column_of)) {
                Some(Word::Theirs | Word::Another) => true,
                Some(Word::Nothing) => scripted || (far && rewritten),
                // Whatever no data file names, no update wrote; some views and actions are made by code.
                None => {
                    scripted || (rewritten && (far || of_code || shipped.is_none_or(|shipped| !shipped.is_whole())))
                }
            };
            if by_update && !lost_a_language(before.as_deref(), after.as_deref()) {
                counted = true;
                continue;
            }
            let change = Change {
                id: old.1,
                label: new.2.clone().or_else(|| old.2.clone()),
                before: before.clone(),
                after: after.clone(),
            };
            // Whether what it pointed at is gone is known at the end.
            match Lapsed::of(pair, index, own, &change).filter(|_| self.lapsed.len() < KEPT) {
                Some(lapsed) => self.lapsed.push(lapsed),
                None => self.change(index, own, change),
            }
        }
        self.rewritten += u64::from(counted);
    }

    /// Takes a changed value; `own`: the record is of no module.
    pub(super) fn change(&mut self, index: usize, own: bool, change: Change) {
        let column = self.changed.entry(index).or_default();
        column.filled += u64::from(change.before.is_none());
        column.emptied += u64::from(change.after.is_none());
        column.of_modules += u64::from(!own);
        for (values, value) in column.values.iter_mut().zip([&change.before, &change.after]) {
            if let Some(value) = value.as_ref().filter(|_| values.len() < VALUES) {
                values.insert(value.clone());
            }
        }
        column.changes.push(change);
    }
}

/// Returns the blocks that are not the same on both sides, in the order of the pairs.
pub fn differing(before: &[Block], after: &[Block]) -> Vec<(usize, i64)> {
    let mut sums: BTreeMap<(usize, i64), [Option<&Block>; 2]> = BTreeMap::new();
    for (side, blocks) in [before, after].into_iter().enumerate() {
        for block in blocks {
            sums.entry((block.pair, block.number)).or_default()[side] = Some(block);
        }
    }
    sums.into_iter()
        .filter(|(_, [before, after])| before != after)
        .map(|(key, _)| key)
        .collect()
}

/// Returns the link that a row is, where both ends are ids.
fn linked(pair: &Pair, row: &Row) -> Option<Link> {
    pair.relation.as_ref()?;
    let other = row.5.first()?.as_deref()?.parse().ok()?;
    let column = pair.columns.first()?;
    Some(Link::new(&pair.tables[1], (&pair.key[1], row.1), (&column.name, other)))
}

/// Says whether a text in several languages, or a value for several companies, has everything it had and more.
fn grew(before: Option<&str>, after: Option<&str>) -> bool {
    match (object(before), object(after)) {
        (Some(before), Some(after)) => before.iter().all(|(key, value)| after.get(key) == Some(value)),
        _ => false,
    }
}

/// Says whether a text in several languages no longer is in one of them: no update takes translations away.
fn lost_a_language(before: Option<&str>, after: Option<&str>) -> bool {
    let (Some(before), Some(after)) = (object(before), object(after)) else {
        return false;
    };
    let is_language = |key: &str| key.len() >= 5 && key.as_bytes()[2] == b'_';
    let same = before.contains_key("en_US") && before.get("en_US") == after.get("en_US");
    same && before.keys().any(|key| is_language(key) && !after.contains_key(key))
}

/// Reads what a column with a value per language or company holds.
fn object(text: Option<&str>) -> Option<BTreeMap<String, serde_json::Value>> {
    serde_json::from_str(text.filter(|text| text.starts_with('{'))?).ok()
}

pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Row>, NotARow> {
    lines
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).map_err(|source| NotARow { source }))
        .collect()
}
