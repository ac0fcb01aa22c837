//! What all steps of a run share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::archive::Archived;
use super::database::Database;
use super::names::Names;
use super::probe::Probe;
use crate::container::{LABEL_STEP, Labels};
use crate::engine::{StepContext, Stop};
use crate::ident::{Fingerprint, RunId, Series, StepId};
use crate::journal::{History, StateFolder};
use crate::odoo::log::HopLogSummary;
use crate::plan::{Facts, Graph, Identities, fingerprints};
use crate::runtime::Runtime;
use crate::spec::{Lock, Plan, Secrets};
use crate::world::git::Mirrors;

/// What of this machine's environment image builds are given.
#[derive(Clone, Debug, Default)]
pub struct BuildEnvironment {
    /// Variables for builds: proxies, pip's settings. May hold credentials; never kept in an image.
    pub variables: Vec<(String, String)>,
    /// The certificates of this machine's authorities, when a variable names them.
    pub ca_bundle: Option<PathBuf>,
}

/// Settings of this machine and user.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The user's cache folder for hopp: git mirrors, image probes.
    pub cache: PathBuf,
    /// What image builds are given.
    pub build: BuildEnvironment,
    /// Where secrets are looked up.
    pub secrets: Secrets,
}

impl BuildEnvironment {
    /// Says whether a proxy listens on this machine's own loopback, where a container on a bridge does not reach it.
    pub(super) fn proxy_is_local(&self) -> bool {
        self.variables.iter().any(|(name, value)| {
            name.to_ascii_lowercase().ends_with("_proxy")
                && !name.eq_ignore_ascii_case("no_proxy")
                && ["localhost", "127.0.0.1", "[::1]"]
                    .iter()
                    .any(|host| value.contains(host))
        })
    }
}

/// An Odoo image that is ready to run.
#[derive(Clone, Debug)]
pub(super) struct ReadyImage {
    /// Name to run it by.
    pub(super) name: String,
    /// What is in it.
    pub(super) probe: Arc<Probe>,
}

/// What all steps of a run share.
pub struct Workshop {
    /// The plan.
    pub plan: Plan,
    /// What was observed.
    pub facts: Facts,
    /// The graph that is walked.
    pub graph: Graph,
    /// Containers.
    pub runtime: Arc<dyn Runtime>,
    /// The customer's state folder.
    pub state: StateFolder,
    /// This run.
    pub run: RunId,
    /// Settings of this machine.
    pub settings: Settings,
    /// Bare mirrors of all repositories.
    pub mirrors: Mirrors,
    /// Names on the engine.
    pub names: Names,
    /// What earlier runs did.
    pub history: History,
    /// Whether what names stand for is written beside the plan.
    writes_pins: bool,
    /// Checkpoints that this run goes on from and only an archive holds.
    imports: BTreeSet<Fingerprint>,
    /// Held by the step that starts PostgreSQL again.
    pub(super) reviving: tokio::sync::Mutex<()>,
    /// Held while a checkpoint is read, and by who copies one: PostgreSQL copies no database that somebody is in.
    pub(super) reading: tokio::sync::RwLock<()>,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    lock: Lock,
    database: Option<Database>,
    images: BTreeMap<Series, ReadyImage>,
    working: Option<Fingerprint>,
    newest_hop: Option<HopLogSummary>,
    identities: Identities,
}

impl Workshop {
    /// Brings everything together.
    #[expect(clippy::too_many_arguments, reason = "each is one thing the steps share")]
    pub fn new(
        plan: Plan,
        facts: Facts,
        graph: Graph,
        runtime: Arc<dyn Runtime>,
        state: StateFolder,
        run: RunId,
        settings: Settings,
        history: History,
        lock: Lock,
        identities: Identities,
    ) -> Workshop {
        Workshop {
            names: Names::new(&plan.customer, &state),
            mirrors: Mirrors::new(settings.cache.join("git")),
            plan,
            facts,
            graph,
            runtime,
            state,
            run,
            settings,
            history,
            writes_pins: true,
            imports: BTreeSet::new(),
            reviving: tokio::sync::Mutex::new(()),
            reading: tokio::sync::RwLock::default(),
            shared: Mutex::new(Shared {
                lock,
                identities,
                ..Shared::default()
            }),
        }
    }

    /// Leaves the lock file as it is: what is not pinned there is looked up for this run alone.
    #[must_use]
    pub fn leaving_pins(mut self) -> Workshop {
        self.writes_pins = false;
        self
    }

    /// Says whether this run leaves what lies beside the plan as it is: a dry run does.
    pub(super) fn leaves_all_as_it_is(&self) -> bool {
        !self.writes_pins
    }

    /// Goes on from checkpoints that only an archive holds.
    #[must_use]
    pub fn importing(mut self, checkpoints: BTreeSet<Fingerprint>) -> Workshop {
        self.imports = checkpoints;
        self
    }

    /// Returns the checkpoints that this run goes on from and only an archive holds.
    pub(super) fn imports(&self) -> &BTreeSet<Fingerprint> {
        &self.imports
    }

    fn with<T>(&self, act: impl FnOnce(&mut Shared) -> T) -> T {
        act(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the labels of a container that a step makes for itself.
    pub(super) fn labels(&self, role: &str, context: &StepContext) -> Labels {
        let mut labels = self.names.labels(role, Some(&self.run));
        labels.insert(LABEL_STEP.into(), context.step.to_string());
        labels
    }

    /// Remembers what a hop's log said.
    pub(super) fn hop_seen(&self, summary: &HopLogSummary) {
        self.with(|shared| shared.newest_hop = Some(summary.clone()));
    }

    /// Returns what the log of the newest hop of this run said.
    pub(super) fn newest_hop(&self) -> Option<HopLogSummary> {
        self.with(|shared| shared.newest_hop.clone())
    }

    /// Returns PostgreSQL, once it is provisioned.
    pub(super) fn database(&self) -> Result<Database, Stop> {
        self.with(|shared| shared.database.clone())
            .ok_or_else(|| Stop::step("PostgreSQL was not started"))
    }

    /// Remembers PostgreSQL.
    pub(super) fn provisioned(&self, database: Database) {
        self.with(|shared| shared.database = Some(database));
    }

    /// Returns the Odoo image of a series, once it was brought.
    pub(super) fn image(&self, series: Series) -> Result<ReadyImage, Stop> {
        self.with(|shared| shared.images.get(&series).cloned())
            .ok_or_else(|| Stop::step(format!("the Odoo {series} image was not brought")))
    }

    /// Remembers the Odoo image of a series.
    pub(super) fn brought(&self, series: Series, image: ReadyImage) {
        self.with(|shared| shared.images.insert(series, image));
    }

    /// Returns the identities that steps gave themselves.
    pub fn identities(&self) -> Identities {
        self.with(|shared| shared.identities.clone())
    }

    /// Remembers the identity of a step.
    pub(super) fn identified(&self, step: StepId, identity: Fingerprint) {
        self.with(|shared| shared.identities.insert(step, identity));
    }

    /// Returns whose state the working database is in, when it is in one.
    pub(super) fn working(&self) -> Option<Fingerprint> {
        self.with(|shared| shared.working.clone())
    }

    /// Says whose state the working database is in; `None` while it changes.
    pub(super) fn set_working(&self, state: Option<Fingerprint>) {
        self.with(|shared| shared.working = state);
    }

    /// Returns the PostgreSQL image as it is pinned.
    pub(super) fn postgres_image(&self) -> String {
        let name = self.plan.images.postgres_name();
        self.with(|shared| {
            let pin = shared.lock.images.get("postgres").filter(|pin| pin.name == name);
            pin.map(|pin| pin.id.clone())
        })
        .unwrap_or(name)
    }

    /// Returns the pins.
    pub fn lock(&self) -> Lock {
        self.with(|shared| shared.lock.clone())
    }

    /// Changes the pins and writes them beside the plan, where this run may.
    pub(super) fn pin(&self, change: impl FnOnce(&mut Lock)) -> Result<(), Stop> {
        let path = Lock::path_for(&self.plan);
        self.with(|shared| {
            change(&mut shared.lock);
            if self.writes_pins {
                shared.lock.write(&path)
            } else {
                Ok(())
            }
        })
        .map_err(super::stop::file)
    }

    /// Removes checkpoints that the plan would not produce any more, when PostgreSQL runs anyway. What was asked for is
    /// done by then, so a failure only leaves them for the next time.
    pub async fn prune(&self, context: &StepContext) {
        let Ok(database) = self.database() else {
            return;
        };
        let keep = fingerprints(&self.graph, &self.identities()).into_values().collect();
        match super::checkpoint::prune(self, &database, context, &keep).await {
            Ok(count) => tracing::info!(count, "stale checkpoints removed"),
            Err(stop) => tracing::warn!(error = stop.failure.message, "stale checkpoints stay"),
        }
    }

    /// Archives what each hop made, when PostgreSQL runs anyway. A failure only costs the next run time.
    pub async fn archive(&self, context: &StepContext) -> Result<Vec<Archived>, Stop> {
        match self.database() {
            Ok(database) => super::archive::save(self, &database, context).await,
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Stops and removes PostgreSQL, when this run started it. Volumes and checkpoints stay.
    pub async fn close(&self) {
        if let Some(database) = self.with(|shared| shared.database.take()) {
            database.close().await;
        }
    }
}
