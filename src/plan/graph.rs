//! The graph of steps: acyclic by construction, in an order in which it can be done.

use crate::ident::{Series, StepId};

use super::Kind;
use super::fingerprint::Input;

/// One step of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: StepId,
    /// What it does, for people.
    pub title: String,
    /// The hop it belongs to, by the series the hop ends at.
    pub hop: Option<Series>,
    /// What it does, for the program.
    pub kind: Kind,
    /// Steps that must be done before it.
    pub after: Vec<StepId>,
    /// The chain step whose database it starts from or reads.
    pub database: Option<StepId>,
    /// Whether database and filestore are saved after it.
    pub checkpoint: bool,
    /// What its fingerprint is made of.
    pub(super) inputs: Vec<Input>,
}

/// All steps of a plan. A step comes after everything it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// The series the database comes in.
    pub from: Series,
    /// The series it ends at.
    pub to: Series,
    nodes: Vec<Node>,
}

impl Graph {
    /// Returns an empty graph between two series.
    pub(super) fn new(from: Series, to: Series) -> Graph {
        Graph {
            from,
            to,
            nodes: Vec::new(),
        }
    }

    /// Adds a step. Everything it names must be there already, which is why a graph has no cycle.
    pub(super) fn add(&mut self, node: Node) -> StepId {
        debug_assert!(node.after.iter().chain(&node.database).all(|id| self.get(id).is_some()));
        debug_assert!(self.get(&node.id).is_none());
        let id = node.id.clone();
        self.nodes.push(node);
        id
    }

    /// Returns every step, in an order in which they can be done.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns the step of this id.
    pub fn get(&self, id: &StepId) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == *id)
    }

    /// Returns the last step that changes the database.
    pub fn last_of_chain(&self) -> Option<&Node> {
        self.nodes
            .iter()
            .rev()
            .find(|node| node.kind.nature() == super::Nature::Chain)
    }
}
