//! The verbs' data: what each kind of step needs to know.

use crate::ident::Series;
use crate::spec::{Engine, Script};

/// What a step does. A closed set: every `match` over it is exhaustive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Looks at engine, disk and secrets before anything else happens.
    Preflight,
    /// Tells what porting a repository's code to a series left to people, and puts it where they can go on with it.
    Port {
        /// The repository's name in the plan.
        repository: String,
        /// To which series.
        series: Series,
    },
    /// Puts a repository's code for a series in place.
    Checkout {
        /// The repository's name in the plan.
        repository: String,
        /// For which series.
        series: Series,
    },
    /// Finds, pulls or builds the PostgreSQL image.
    PostgresImage,
    /// Finds, pulls or builds the Odoo image of a series, and derives ours from it.
    OdooImage {
        /// The series.
        series: Series,
    },
    /// Decides the fate of every installed module over all hops.
    Modules,
    /// Starts PostgreSQL on its volumes.
    Provision,
    /// Restores the customer's backup.
    Restore,
    /// Cuts the database's ties to the world.
    Neutralize {
        /// The series the database is in.
        series: Series,
    },
    /// Measures what must still be true afterwards.
    Measure {
        /// The series the database is in.
        series: Series,
    },
    /// Marks modules for uninstallation, as the plan's `modules` say.
    Uninstall {
        /// The modules.
        modules: Vec<String>,
    },
    /// A step the plan or a playbook adds to a hop.
    Script {
        /// The hop, by the series it ends at.
        hop: Series,
        /// Before or after the upgrade.
        place: Place,
        /// The series the database is in when the step runs.
        series: Series,
        /// What to run.
        script: Script,
    },
    /// Takes the database over a hop.
    Upgrade {
        /// From this series.
        from: Series,
        /// To this one.
        to: Series,
        /// With this.
        engine: Engine,
    },
    /// Looks whether a hop left the modules in order.
    Check {
        /// The hop, by the series it ends at.
        series: Series,
    },
    /// Holds what a hop left against what was measured before the first.
    Compare {
        /// The hop, by the series it ends at.
        series: Series,
    },
    /// Proves that nothing was lost.
    Verify {
        /// The series the database ended in.
        series: Series,
    },
    /// Puts the upgraded backup where the user wants it.
    Deliver {
        /// The series the database ended in.
        series: Series,
    },
}

/// Where in a hop a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before Odoo of the target series touches the database.
    Before,
    /// On the upgraded database.
    After,
}

/// What doing a step means for the steps after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Brings something into place; done whenever something that runs needs it.
    Ready,
    /// Changes the database.
    Chain,
    /// Reads a checkpoint and produces something that is remembered.
    Result,
}

impl Kind {
    /// Returns the step's nature.
    pub fn nature(&self) -> Nature {
        match self {
            Kind::Preflight
            | Kind::Checkout { .. }
            | Kind::PostgresImage
            | Kind::OdooImage { .. }
            | Kind::Provision => Nature::Ready,
            Kind::Restore
            | Kind::Neutralize { .. }
            | Kind::Uninstall { .. }
            | Kind::Script { .. }
            | Kind::Upgrade { .. }
            | Kind::Check { .. } => Nature::Chain,
            Kind::Port { .. }
            | Kind::Modules
            | Kind::Measure { .. }
            | Kind::Compare { .. }
            | Kind::Verify { .. }
            | Kind::Deliver { .. } => Nature::Result,
        }
    }
}
