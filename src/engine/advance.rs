//! How far a step is.

/// What a running step says about itself. May be dropped without changing a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advance {
    /// What it does just now, for people.
    pub doing: String,
    /// How far it is with that, where there is a measure.
    pub measure: Option<Measure>,
    /// How much of the whole step is done, from 0 to 1, where it can tell. Parts of equal share take about equally long.
    pub share: Option<f64>,
}

/// A measure of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// How much is done.
    pub done: u64,
    /// Of how much.
    pub of: u64,
    /// Of what.
    pub unit: Unit,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things that are counted.
    Count,
    /// Bytes.
    Bytes,
}

impl Advance {
    /// Returns the advance of a step that can only say what it does.
    pub fn doing(what: impl Into<String>) -> Advance {
        Advance {
            doing: what.into(),
            ..Advance::default()
        }
    }

    /// Adds that so many of so many things are done.
    #[must_use]
    pub fn count(mut self, done: u64, of: u64) -> Advance {
        self.measure = Some(Measure {
            done,
            of,
            unit: Unit::Count,
        });
        self
    }

    /// Adds that so many of so many bytes are done.
    #[must_use]
    pub fn bytes(mut self, done: u64, of: u64) -> Advance {
        self.measure = Some(Measure {
            done,
            of,
            unit: Unit::Bytes,
        });
        self
    }

    /// Adds how much of the whole step is done, from 0 to 1.
    #[must_use]
    pub fn share(mut self, share: f64) -> Advance {
        self.share = Some(share.clamp(0.0, 1.0));
        self
    }
}
