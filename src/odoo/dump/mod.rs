//! A plain dump read as it streams by: each table's rows counted, the wanted columns of wanted tables handed over.
//!
//! [`DumpScan`] is fed pieces of any size and never holds more than one row of a wanted table, so that memory does not
//! grow with the dump. Rows of other tables are only counted: nothing of them is split or unescaped.

mod row;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use row::Row;
pub use scan::DumpScan;

/// Who wants to know something of a dump's tables.
pub trait Reader {
    /// Returns the columns that are wanted of a table; none when its rows need only be counted.
    ///
    /// Tables of the schema `public` have their bare name, others their schema's in front.
    fn wants(&mut self, table: &str) -> &'static [&'static str];

    /// Is told once for every wanted table which of the wanted columns it has, before its rows come.
    fn begins(&mut self, _table: &str, _has: &[bool]) {}

    /// Takes a row of a wanted table.
    fn row(&mut self, table: &str, row: &Row<'_>);
}

/// How much a dump holds of one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Rows.
    pub rows: u64,
    /// Bytes of its rows in the dump, line breaks included. Indexes and free space of the database come on top.
    pub bytes: u64,
}

/// What a dump is, besides its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// Version of the server it came from.
    pub pg_version: Option<String>,
    /// The database's name, where the dump creates it.
    pub database: Option<String>,
    /// How much of each table it holds.
    pub tables: BTreeMap<String, Extent>,
    /// Whether it creates Odoo's table of modules.
    pub has_modules: bool,
    /// Whether it ends with the line that `pg_dump` ends with.
    pub ended: bool,
    /// The line it ends at, when that is inside a table's data.
    pub cut_in: Option<String>,
    /// Whether tables are written as `INSERT` statements, of which nothing is read.
    pub inserts: bool,
}
