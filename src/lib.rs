//! `hopp` walks a customer's Odoo from one series to the next, hop by hop, in containers, on a copy, and proves what it did.
//!
//! The layers, top first; each may use what is below it, never the reverse (`tests/architecture.rs` enforces it):
//!
//! ```text
//! cli        argv, exit codes, one file per command          ui      the terminal: bars, lines, tables, diagnostics
//! assess     what is known of an upgrade before it begins: fates, time, findings, what stands in the way (pure)
//! report     journal → json, markdown; bills
//! engine     order, time, failure, cancel; knows no verb     steps   the verbs, one file each
//! verify     invariants and findings
//! plan       spec + facts → graph, fingerprints (pure)       spec    what the user writes; diagnostics with spans
//! journal    append, lock, fold                              port    code upgrade: files in, edits and findings out (pure)
//! runtime    the one port trait; docker/ names bollard       world   git/ names git2; files, archives, processes
//! agreement  the contract: entitlement, bill (pure)          odoo    what Odoo is: series, manifests, logs, backups (pure)
//! ident, event, container, words, amount                     vocabulary; depends on nothing of ours
//! ```

pub mod agreement;
pub mod amount;
pub mod assess;
pub mod cli;
pub mod container;
pub mod engine;
pub mod event;
pub mod ident;
pub mod journal;
pub mod odoo;
pub mod plan;
pub mod port;
pub mod report;
pub mod runtime;
pub mod spec;
pub mod steps;
pub mod ui;
pub mod verify;
pub mod words;
pub mod world;
