//! Instances: the upgraded database, up and running for people, with no way out.
//!
//! An instance is three containers. PostgreSQL and Odoo have no network but loopback and meet on a unix socket. The
//! *door* is the only one with a network: it passes connections from the host's `127.0.0.1` to a socket in a volume,
//! and holds nothing of the customer's.

mod code;
mod copy;
mod door;
mod record;
mod serve;

use std::path::{Path, PathBuf};

use super::{Names, Workshop};
use crate::container::{LABEL_ROLE, Resource, ResourceKind};
use crate::engine::{StepContext, Stop};
use crate::ident::{Fingerprint, Series};
use crate::runtime::Runtime;
use record::Record;

/// Where the socket between Odoo and the door lies.
const DOOR: &str = "/run/hopp";
/// Passes connections on, in the door and beside Odoo.
const FORWARD: &str = include_str!("forward.py");
/// The containers of an instance, in the order in which they start.
const PARTS: [&str; 3] = ["postgres", "odoo", "door"];

/// What an instance is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceKind {
    /// For the customer to try things.
    Test,
    /// For developers: their own checkouts, reloaded as they change.
    Dev,
}

impl InstanceKind {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            InstanceKind::Test => "test",
            InstanceKind::Dev => "dev",
        }
    }

    fn role(self, part: &str) -> String {
        format!("instance-{}-{part}", self.name())
    }
}

/// An instance that is up.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Where a browser on the engine's machine finds it.
    pub url: String,
    /// A login with all rights.
    pub login: String,
    /// Its password, of this instance alone.
    pub password: String,
    /// Where a developer edits the code, where that is mounted.
    pub code: Option<PathBuf>,
    /// The state of the database it was made from.
    pub state: Fingerprint,
}

/// Returns the instance that was made before, wherever its containers are still there; starts those that are stopped.
pub async fn standing(
    workshop: &Workshop,
    context: &StepContext,
    kind: InstanceKind,
) -> Result<Option<Instance>, Stop> {
    let Some(record) = Record::read(workshop, kind) else {
        return Ok(None);
    };
    let mut stopped = Vec::new();
    for part in PARTS {
        let name = workshop.names.container(&kind.role(part));
        match workshop.runtime.state(&name).await? {
            None => return Ok(None),
            Some(state) if state.running => {}
            Some(state) => stopped.push(state.id),
        }
    }
    for container in &stopped {
        workshop.runtime.start(container).await?;
    }
    let odoo = workshop.names.container(&kind.role("odoo"));
    if let Some(odoo) = workshop.runtime.state(&odoo).await? {
        serve::answers(workshop, context, &odoo.id).await?;
    }
    Ok(Some(record.instance()))
}

/// Makes an instance on a copy of the state with this fingerprint, in place of whatever was left of an earlier one.
///
/// `port` is the one on the host's loopback; 0 means any.
pub async fn make(
    workshop: &Workshop,
    context: &StepContext,
    kind: InstanceKind,
    series: Series,
    state: &Fingerprint,
    port: u16,
) -> Result<Instance, Stop> {
    let names = &workshop.names;
    down(workshop.runtime.as_ref(), names, kind).await?;
    // What was written down about an earlier one must not be taken for a description of this one, should it stay half.
    Record::forget(workshop, kind)?;
    bring(workshop, context, series).await?;
    let made = build(workshop, context, kind, series, state, port).await;
    if made.is_err() {
        // Half an instance is of no use to anybody.
        down(workshop.runtime.as_ref(), names, kind).await?;
    }
    made
}

/// Takes an instance down: its containers and its volumes. A developer's code stays.
pub async fn down(runtime: &dyn Runtime, names: &Names, kind: InstanceKind) -> Result<usize, Stop> {
    let prefix = kind.role("");
    let mut gone = 0;
    let mut resources = runtime.list(&names.own()).await?;
    // Containers first: a volume in use cannot be removed.
    resources.sort_by_key(|resource| resource.kind);
    for resource in resources {
        let ours = resource
            .labels
            .get(LABEL_ROLE)
            .is_some_and(|role| role.starts_with(&prefix));
        if ours && resource.kind != ResourceKind::Image {
            runtime.delete(&resource).await?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// Returns how the roles of those instances begin that are whole: written down, and with all their containers.
pub(super) fn whole(state: &Path, resources: &[Resource]) -> Vec<String> {
    let has = |role: &str| {
        let mut containers = resources.iter().filter(|one| one.kind == ResourceKind::Container);
        containers.any(|one| one.labels.get(LABEL_ROLE).is_some_and(|own| own == role))
    };
    [InstanceKind::Test, InstanceKind::Dev]
        .into_iter()
        .filter(|kind| record::path(state, *kind).is_file() && PARTS.iter().all(|part| has(&kind.role(part))))
        .map(|kind| kind.role(""))
        .collect()
}

/// Brings what an instance of a series needs besides its database: the image and the code.
async fn bring(workshop: &Workshop, context: &StepContext, series: Series) -> Result<(), Stop> {
    for code in workshop.facts.code_for(series) {
        super::checkout::run(workshop, context, &code.repository, series).await?;
    }
    super::image::postgres(workshop, context).await?;
    super::image::odoo(workshop, context, series).await.map(drop)
}

async fn build(
    workshop: &Workshop,
    context: &StepContext,
    kind: InstanceKind,
    series: Series,
    state: &Fingerprint,
    port: u16,
) -> Result<Instance, Stop> {
    let names = &workshop.names;
    let image = workshop.image(series)?;
    for part in ["pg", "data", "socket", "http"] {
        let labels = names.labels(&kind.role(part), None);
        let volume = names.container(&kind.role(part));
        workshop.runtime.ensure_volume(&volume, &labels).await?;
    }
    copy::hand_over(workshop, context, kind, state).await?;
    let database = copy::restore(workshop, context, kind, &image).await?;
    let url = door::open(workshop, kind, &image, port).await?;
    let (login, password) = copy::prepare(&database, &names.database(), &url, &context.cancel).await?;
    let code = serve::start(workshop, context, kind, series, &image).await?;
    let instance = Instance {
        url,
        login,
        password,
        code,
        state: state.clone(),
    };
    // Written last: an instance that is not complete has no record, and is made anew.
    Record::of(&instance).write(workshop, kind)?;
    Ok(instance)
}
