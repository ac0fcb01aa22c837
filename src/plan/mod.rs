//! What will happen.
//!
//! Compiling is pure: [`compile`] turns a plan and observed [`Facts`] into a [`Graph`] of typed steps,
//! [`fingerprints`] gives each its fingerprint, and [`decide`] says which of them are left to do.
//!
//! Steps come in three natures. *Ready* steps bring code, images and containers into place and are done whenever
//! something that runs needs them. *Chain* steps change the database, one after the other; their results are
//! checkpoints. *Result* steps read a checkpoint and produce something: a baseline, a verdict, files.

mod build;
mod facts;
mod fingerprint;
mod graph;
mod kind;
mod relevant;
mod remaining;

pub use build::{checkout_id, compile, odoo_series, port_id};
pub use facts::{Code, Deployed, Facts, Ported, Texts};
pub use fingerprint::{Identities, fingerprints};
pub use graph::{Graph, Node};
pub use kind::{Kind, Nature, Place};
pub use relevant::{Relevant, let_in, relevant};
pub use remaining::{Decisions, decide};
