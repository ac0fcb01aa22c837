//! Fingerprints: what a step's result depends on, and nothing else.

use std::collections::BTreeMap;

use crate::ident::{Fingerprint, Hasher, StepId};

use super::{Graph, Node};

/// One thing a fingerprint is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A value known when the plan is compiled.
    Value(&'static str, String),
    /// The identity that an earlier step gave itself, such as the content of an image.
    Identity(StepId),
    /// The fingerprint of an earlier step.
    Step(StepId),
}

/// Identities that steps gave themselves: known from the lockfile, or once the step is done.
pub type Identities = BTreeMap<StepId, Fingerprint>;

/// Returns the fingerprint of each step for which everything it depends on is known.
pub fn fingerprints(graph: &Graph, identities: &Identities) -> BTreeMap<StepId, Fingerprint> {
    let mut known = BTreeMap::new();
    for node in graph.nodes() {
        if let Some(fingerprint) = fingerprint(node, identities, &known) {
            known.insert(node.id.clone(), fingerprint);
        }
    }
    known
}

fn fingerprint(node: &Node, identities: &Identities, known: &BTreeMap<StepId, Fingerprint>) -> Option<Fingerprint> {
    let mut hasher = Hasher::default();
    // Scripts are numbered in their ids; the number is not what they do.
    hasher.field("kind", kind_name(node));
    if let Some(database) = &node.database {
        hasher.field("database", known.get(database)?.as_str());
    }
    for input in &node.inputs {
        match input {
            Input::Value(name, value) => hasher.field(name, value),
            Input::Identity(step) => hasher.field("identity", identities.get(step)?.as_str()),
            Input::Step(step) => hasher.field("step", known.get(step)?.as_str()),
        }
    }
    Some(hasher.finish())
}

fn kind_name(node: &Node) -> &'static str {
    use super::Kind;
    match node.kind {
        Kind::Preflight => "preflight",
        Kind::Port { .. } => "port",
        Kind::Checkout { .. } => "checkout",
        Kind::PostgresImage => "postgres-image",
        Kind::OdooImage { .. } => "odoo-image",
        Kind::Modules => "modules",
        Kind::Provision => "provision",
        Kind::Restore => "restore",
        Kind::Neutralize { .. } => "neutralize",
        Kind::Measure { .. } => "measure",
        Kind::Uninstall { .. } => "uninstall",
        Kind::Script { .. } => "script",
        Kind::Upgrade { .. } => "upgrade",
        Kind::Check { .. } => "check",
        Kind::Compare { .. } => "compare",
        Kind::Verify { .. } => "verify",
        Kind::Deliver { .. } => "deliver",
    }
}
