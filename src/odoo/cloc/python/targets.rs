//! What an expression may be used for besides its value.

/// An expression that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expression {
    /// The line it begins on, its parentheses included.
    pub line: u32,
    /// What it is.
    pub shape: Shape,
    /// Whether it stands in parentheses of its own.
    pub grouped: bool,
}

/// What an expression is, as far as it matters for assigning to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A name.
    Name,
    /// An attribute or an item.
    Place,
    /// A tuple or a list: whether it may be assigned to, and deleted.
    Sequence { assigned: bool, deleted: bool },
    /// `*x`, and whether `x` may be assigned to.
    Starred { assigned: bool },
    /// Anything else.
    Value,
}

impl Shape {
    /// A tuple or list without items.
    pub(super) const EMPTY: Shape = Shape::Sequence {
        assigned: true,
        deleted: true,
    };
}

impl Expression {
    pub(super) fn new(line: u32, shape: Shape) -> Expression {
        Expression {
            line,
            shape,
            grouped: false,
        }
    }

    pub(super) fn value(line: u32) -> Expression {
        Expression::new(line, Shape::Value)
    }

    /// Says whether it may stand left of `=`, or after `for`.
    pub(super) fn can_be_assigned(&self) -> bool {
        match self.shape {
            Shape::Name | Shape::Place => true,
            Shape::Sequence { assigned, .. } | Shape::Starred { assigned } => assigned,
            Shape::Value => false,
        }
    }

    /// Says whether it may stand after `del`.
    pub(super) fn can_be_deleted(&self) -> bool {
        match self.shape {
            Shape::Name | Shape::Place => true,
            Shape::Sequence { deleted, .. } => deleted,
            Shape::Starred { .. } | Shape::Value => false,
        }
    }

    /// Says whether it is one place: it may have a type, or stand left of `+=`.
    pub(super) fn is_one_place(&self) -> bool {
        matches!(self.shape, Shape::Name | Shape::Place)
    }

    pub(super) fn is_starred(&self) -> bool {
        matches!(self.shape, Shape::Starred { .. })
    }

    /// Says whether it is a name without parentheses.
    pub(super) fn is_bare_name(&self) -> bool {
        self.shape == Shape::Name && !self.grouped
    }

    /// Returns the shape of a sequence with this item added.
    pub(super) fn joins(&self, sequence: Shape) -> Shape {
        match sequence {
            Shape::Sequence { assigned, deleted } => Shape::Sequence {
                assigned: assigned && self.can_be_assigned(),
                deleted: deleted && self.can_be_deleted(),
            },
            other => other,
        }
    }
}
