//! OpenUpgrade: its table of renames, and the command line and configuration of a hop.

mod apriori;
mod command;
mod renames;

pub use apriori::{Apriori, NotApriori, parse_apriori};
pub use command::{HopEngine, hop_args, odoo_conf};
pub use renames::Renames;
