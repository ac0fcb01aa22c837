//! What the user writes.
//!
//! - [`plan_file::PlanFile`] and [`playbook_file::PlaybookFile`] are the YAML as it is written.
//! - [`load::load`] reads a plan, its playbooks and scripts into a [`load::Plan`], where series are series and paths
//!   are absolute, or returns all [`problem::Problems`] at once.
//! - [`load::Plan::check_backup`] is the second round, once the database is known.
//!
//! On the way a text becomes a tree with the place of every key and value ([`spans`]); the tree is walked against
//! the shape of the types ([`shape`], [`fit`]), which finds everything that does not fit; the rest is read by serde
//! ([`yaml`]) and looked at for its meaning (`review`).

pub mod catalog;
pub mod document;
pub mod fit;
pub mod lists;
pub mod load;
pub mod lockfile;
pub mod placeholder;
pub mod plan_file;
pub mod playbook_file;
pub mod problem;
pub mod quantity;
pub mod schema;
pub mod secret;
pub mod secrets;
pub mod shape;
pub mod spans;
pub mod suggest;
pub mod yaml;

mod resolved;
mod review;
mod text_file;

pub use load::{
    Accepted, Ask, Coefficients, Expected, HopSteps, Image, Images, Language, Limits, Plan, Port, Repository, Script,
    SourceFacts, Verb, has_changed, load, load_contract, whose,
};
pub use lockfile::{Lock, LockedImage, LockedMerge, LockedOpenUpgrade, LockedRef};
pub use plan_file::{Engine, Fate, PortErrors, Role, Secret};
pub use problem::{Problem, Problems};
pub use secret::{NoSecret, Secrets};
