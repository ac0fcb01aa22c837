//! The verbs, one file each.
//!
//! [`Workshop`] holds what they share; [`perform`] hands a step to its verb.

mod accept;
mod archive;
mod attachments;
mod changed;
mod check;
mod checkout;
mod checkpoint;
mod compare;
mod credentials;
mod database;
mod deeds;
mod deliver;
mod derive;
mod doctor;
mod errand;
mod fitting_build;
mod image;
mod inspect;
mod instance;
mod judge;
mod leftovers;
mod live;
mod measure;
mod modules;
mod names;
mod neutralize;
mod odoo_container;
mod port;
mod postmortem;
mod preflight;
mod probe;
mod proof;
mod provision;
mod question;
mod recipe;
mod records;
mod recover;
mod renames;
mod restore;
mod running;
mod script;
mod shipped;
mod snapshot;
mod stop;
mod sweep;
mod trial;
mod upgrade;
mod verify;
mod verify_alone;
mod watch;
mod workshop;

use std::sync::Arc;

pub use archive::{Archived, is_archived};
pub use credentials::of_repository as git_credentials;
pub use database::Database;
pub use doctor::{Check, LIMIT as CHECK_LIMIT, Level, Surroundings, examine};
pub use image::{known_identity, openupgrade_is_pinned, pinned, refresh};
pub use instance::{Instance, InstanceKind, down, make as make_instance, standing as standing_instance};
pub use leftovers::{Leftover, LeftoverError, LeftoverKind, leftovers};
pub use names::{Names, state_labels};
pub use port::clone as ported_clone;
pub use sweep::sweep;
pub use trial::{CUSTOMER as TRIAL_CUSTOMER, TrialModule, TrialOrder, trial_state, try_modules};
pub use verify_alone::{forget, verify_again, verify_backups};
pub use workshop::{BuildEnvironment, Settings, Workshop};

use crate::engine::{Done, Performing, StepContext, Stop};
use crate::ident::Series;
use crate::plan::{Kind, Node, Texts};
use crate::verify::area::Areas;
use crate::verify::{baseline, catalogue, modules as verify_modules, running as verify_running, views};

/// Performs a step.
pub fn perform(workshop: Arc<Workshop>, node: Node, context: StepContext) -> Performing {
    Box::pin(async move {
        match attempt(&workshop, &node, &context).await {
            Ok(done) => Ok(done),
            Err(stop) if context.cancel.is_cancelled() => Err(stop::interrupted(stop)),
            Err(stop) => Err(postmortem::examine(&workshop, stop).await),
        }
    })
}

async fn attempt(workshop: &Workshop, node: &Node, context: &StepContext) -> Result<Done, Stop> {
    recover::before(workshop, node, context).await?;
    dispatch(workshop, node, context).await
}

async fn dispatch(workshop: &Workshop, node: &Node, context: &StepContext) -> Result<Done, Stop> {
    match &node.kind {
        Kind::Preflight => preflight::run(workshop, context).await,
        Kind::Port { repository, series } => port::run(workshop, context, repository, *series).await,
        Kind::Checkout { repository, series } => checkout::run(workshop, context, repository, *series).await,
        Kind::PostgresImage => image::postgres(workshop, context).await,
        Kind::OdooImage { series } => image::odoo(workshop, context, *series).await,
        Kind::Modules => modules::run(workshop, context).await,
        Kind::Provision => provision::run(workshop, context).await,
        Kind::Measure { series } => measure::run(workshop, context, *series).await,
        Kind::Compare { series } => compare::run(workshop, context, *series).await,
        Kind::Verify { series } => verify::run(workshop, context, *series, &Areas::default()).await,
        Kind::Deliver { series } => deliver::run(workshop, context, *series).await,
        Kind::Restore
        | Kind::Neutralize { .. }
        | Kind::Uninstall { .. }
        | Kind::Script { .. }
        | Kind::Upgrade { .. }
        | Kind::Check { .. } => change(workshop, node, context).await,
    }
}

/// Performs a step that changes the database: on the state its parent left, and saved afterwards where that is worth it.
async fn change(workshop: &Workshop, node: &Node, context: &StepContext) -> Result<Done, Stop> {
    let database = workshop.database()?;
    checkpoint::bring(workshop, &database, context, node).await?;
    let done = match &node.kind {
        Kind::Restore => restore::run(workshop, &database, context).await?,
        Kind::Neutralize { series } => {
            neutralize::run(workshop, &database, context, *series, node.hop.is_some()).await?
        }
        Kind::Uninstall { modules } => modules::uninstall(workshop, &database, context, modules).await?,
        Kind::Script {
            series, place, script, ..
        } => script::run(workshop, &database, context, (*series, *place), script).await?,
        Kind::Upgrade { to, engine, .. } => upgrade::run(workshop, &database, context, *to, *engine).await?,
        Kind::Check { series } => check::run(workshop, &database, context, *series).await?,
        Kind::Preflight
        | Kind::Port { .. }
        | Kind::Checkout { .. }
        | Kind::PostgresImage
        | Kind::OdooImage { .. }
        | Kind::Modules
        | Kind::Provision
        | Kind::Measure { .. }
        | Kind::Compare { .. }
        | Kind::Verify { .. }
        | Kind::Deliver { .. } => Done::default(),
    };
    checkpoint::reached(workshop, &database, context, node).await?;
    Ok(done)
}

/// Returns what decides the results of measuring and checking a database that goes from one series to another.
pub fn texts(from: Series, to: Series) -> Texts {
    let measuring = |series| {
        let nothing = baseline::Probe::default();
        format!(
            "{}\n{}\n{}",
            baseline::REVISION,
            baseline::probe_sql(),
            baseline::baseline_sql(series, &nothing, 1).concat()
        )
    };
    Texts {
        measure: measuring(from),
        check: verify_modules::state_sql(),
        compare: measuring(to),
        verify: [
            measuring(to),
            views::python_script(to),
            verify_running::python_script(to, "", verify_running::Places::default()),
            catalogue::revision(),
            env!("CARGO_PKG_VERSION").to_owned(),
        ]
        .join("\n"),
    }
}
