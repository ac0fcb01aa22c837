//! OpenUpgrade: its table of renames, what a release covers, and the command line and configuration of a hop.

mod apriori;
mod changes;
mod command;
mod release;
mod renames;

pub use apriori::{Apriori, NotApriori, parse_apriori};
pub use changes::Changes;
pub use command::{HopEngine, hop_args, odoo_conf};
pub use release::{Grade, Release, gone_in, is_read, package, parse_release};
pub use renames::Renames;
