//! The net below the named invariants: every record of every model, column by column, before against after.
//!
//! [`shape_sql`] asks each side what it has; [`pair`] decides which columns can be compared, and how, so that a type
//! that changed is no difference. The records travel in two rounds: [`digest_sql`] asks for a sum per block of
//! [`BLOCK`] ids, and [`rows_sql`] for the values of the blocks whose sums differ. [`Net`] holds the answers against
//! each other and [`judge`] makes findings of what no rule explains.

mod converted;
mod data;
mod deeds;
mod digest;
mod follows;
mod fresh;
mod grade;
mod judge;
mod known;
mod net;
mod pair;
mod shape;
mod value;

pub use deeds::Deeds;
pub use digest::{BLOCK, Block, dangling_sql, digest_sql, parse_digest, rows_sql, shares};
pub use follows::told_once;
pub use fresh::{fresh_sql, parse_fresh};
pub use judge::{Judged, judge};
pub use net::{Net, NotARow, differing};
pub use pair::{Column, Pair, Side, pair};
#[cfg(test)]
pub(crate) use shape::Model;
pub use shape::{ForeignKey, Shape, shape_sql};
