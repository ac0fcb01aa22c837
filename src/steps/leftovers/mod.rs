//! What crashes left behind: found here, listed and removed by `hopp clean`.
//!
//! A leftover is of no use to anybody: a container of a run that is dead, an instance that was not made whole, a volume
//! whose state folder is gone, an image that lost its name, a file that was not finished. What a run keeps on purpose
//! (volumes with checkpoints, derived images, instances) is none. hopp makes no networks, and the lock of a process that
//! died is free by itself. Databases are not looked at: they lie in a volume, and the next run that opens it removes
//! what is not a checkpoint.

mod engine;
mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::container::{LABEL_CUSTOMER, LABEL_STATE, Labels, Resource, ResourceKind};
use crate::journal::{LockError, RunLock, StateFolder};
use crate::runtime::{Runtime, RuntimeError, RuntimeErrorKind};

/// Something that a crash left and that nobody needs.
#[derive(Clone, Debug)]
pub struct Leftover {
    /// What it is.
    pub kind: LeftoverKind,
    /// Its name on the engine, or its path.
    pub name: String,
    /// Whose it is.
    pub customer: String,
    /// Why nobody needs it, for people.
    pub why: String,
    /// The state folder, where there is one.
    state: Option<PathBuf>,
    thing: Thing,
}

/// The kinds of thing that are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftoverKind {
    /// A container.
    Container,
    /// A volume.
    Volume,
    /// An image without a name.
    Image,
    /// A file or folder of this machine.
    File,
}

/// What has to be done about it.
#[derive(Clone, Debug)]
enum Thing {
    Engine(Resource),
    Path(PathBuf),
    /// A delivery that was moved aside for a new one which never came: it is put back.
    Aside {
        from: PathBuf,
        to: PathBuf,
    },
}

/// A leftover that could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum LeftoverError {
    /// The engine said no.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The file system said no.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl LeftoverKind {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            LeftoverKind::Container => "container",
            LeftoverKind::Volume => "volume",
            LeftoverKind::Image => "image",
            LeftoverKind::File => "file",
        }
    }
}

impl Leftover {
    /// Says whether it is this thing of the engine.
    pub fn is(&self, resource: &Resource) -> bool {
        matches!(&self.thing, Thing::Engine(own) if own.kind == resource.kind && own.id == resource.id)
    }

    /// Returns the state folder and name of its customer, whose lock is to be taken before it is removed.
    pub fn owner(&self) -> Option<(PathBuf, String)> {
        Some((self.state.clone()?, self.customer.clone()))
    }

    /// Removes it, and says whether it was there and is gone; an image that somebody still uses stays.
    pub async fn remove(&self, runtime: &dyn Runtime) -> Result<bool, LeftoverError> {
        match &self.thing {
            Thing::Engine(resource) => match runtime.delete(resource).await {
                Err(error) if resource.kind == ResourceKind::Image && error.kind == RuntimeErrorKind::Conflict => {
                    Ok(false)
                }
                other => Ok(other.map(|()| true)?),
            },
            Thing::Path(path) => Ok(files::remove(path)?),
            Thing::Aside { from, to } => Ok(fs_err::rename(from, to).map(|()| true)?),
        }
    }
}

/// Finds what crashes left: of one customer, or of all customers of this engine.
///
/// What belongs to a customer whose run is going on is never a leftover. To remove some, take the customer's lock first.
pub async fn leftovers(runtime: &dyn Runtime, state: Option<&StateFolder>) -> Result<Vec<Leftover>, RuntimeError> {
    let mut labels = Labels::from([(LABEL_CUSTOMER.to_owned(), String::new())]);
    if let Some(state) = state {
        labels.insert(LABEL_STATE.into(), state.root().to_string_lossy().into_owned());
    }
    let mut images = Vec::new();
    let mut by_folder: BTreeMap<PathBuf, Vec<Resource>> = BTreeMap::new();
    if let Some(state) = state {
        by_folder.insert(state.root().into(), Vec::new());
    }
    for resource in runtime.list(&labels).await? {
        match (resource.kind, resource.labels.get(LABEL_STATE)) {
            (ResourceKind::Image, _) => images.push(resource),
            (_, Some(folder)) => by_folder.entry(folder.into()).or_default().push(resource),
            (_, None) => {}
        }
    }
    let mut found = Vec::new();
    if state.is_none() {
        found.extend(images.into_iter().filter_map(engine::nameless));
    }
    let local = runtime.engine().await?.local;
    for (folder, resources) in by_folder {
        if folder.is_dir() {
            if is_free(&folder) {
                found.extend(engine::of_no_run(&folder, resources));
                found.extend(files::of(&StateFolder::at(&folder)));
            }
        } else if local {
            found.extend(engine::of_no_folder(resources));
        }
    }
    // Containers first: a volume in use cannot be removed.
    found.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    Ok(found)
}

/// Finds the files of a customer that were not finished. Its lock must be held: nobody may be about to finish them.
pub(super) fn files(state: &StateFolder) -> Vec<Leftover> {
    files::of(state)
}

/// Says whether no process works on a customer.
fn is_free(folder: &Path) -> bool {
    !matches!(RunLock::probe(&folder.join("lock")), Err(LockError::Held { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{ContainerSpec, LABEL_ROLE, LABEL_RUN};
    use crate::runtime::fake::Fake;

    fn labels(customer: &str, state: &StateFolder, role: &str, run: Option<&str>) -> Labels {
        let root = state.root().to_string_lossy().into_owned();
        let mut labels = crate::steps::state_labels(customer, &root);
        labels.insert(LABEL_ROLE.into(), role.into());
        labels.extend(run.map(|run| (LABEL_RUN.to_owned(), run.to_owned())));
        labels
    }

    async fn container(fake: &Fake, name: &str, labels: Labels) {
        let mut spec = ContainerSpec::new(name, "postgres:15");
        spec.command = vec!["postgres".into()];
        spec.labels = labels;
        fake.create(&spec).await.unwrap();
    }

    async fn found(fake: &Fake, state: Option<&StateFolder>) -> Vec<(String, String)> {
        let left = leftovers(fake, state).await.unwrap();
        left.into_iter().map(|left| (left.name, left.why)).collect()
    }

    #[tokio::test]
    async fn what_a_dead_run_and_a_half_made_instance_left_is_found_and_what_is_kept_on_purpose_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::beside(folder.path(), "acme");
        fs_err::create_dir_all(state.root().join("instances")).unwrap();
        fs_err::write(state.root().join("instances/dev.json"), "{}").unwrap();
        let fake = Fake::new().with_image("postgres:15");
        let of = |role, run| labels("acme", &state, role, run);
        container(&fake, "orphan", of("postgres", Some("2026"))).await;
        container(&fake, "handover", of("handover", None)).await;
        container(&fake, "half", of("instance-test-postgres", None)).await;
        for part in ["instance-dev-postgres", "instance-dev-odoo", "instance-dev-door"] {
            container(&fake, part, of(part, None)).await;
        }
        fake.ensure_volume("pg", &of("volume", None)).await.unwrap();
        fake.ensure_volume("half-pg", &of("instance-test-pg", None))
            .await
            .unwrap();
        fake.ensure_volume("dev-pg", &of("instance-dev-pg", None))
            .await
            .unwrap();
        let expected = [
            ("half", "an instance that was not made whole"),
            ("handover", "the command that made it was killed"),
            ("orphan", "run 2026 was killed"),
            ("half-pg", "an instance that was not made whole"),
        ]
        .map(|(name, why)| (name.to_owned(), why.to_owned()));
        assert_eq!(found(&fake, Some(&state)).await, expected);
        assert_eq!(found(&fake, None).await, expected);

        let lock = RunLock::take(&state.lock(), "a run").unwrap();
        assert_eq!(
            found(&fake, None).await,
            [],
            "while a run is going on nothing is left over"
        );
        drop(lock);

        for left in leftovers(&fake, Some(&state)).await.unwrap() {
            assert!(left.remove(&fake).await.unwrap());
        }
        assert_eq!(found(&fake, None).await, []);
        assert_eq!(fake.list(&of("volume", None)).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_belongs_to_a_folder_that_is_gone_is_left_over_unless_something_of_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let [gone, away] = ["gone", "away"].map(|customer| StateFolder::beside(folder.path(), customer));
        let fake = Fake::new().with_image("postgres:15");
        fake.rule(crate::runtime::fake::Rule::when("postgres").serves());
        for (customer, state) in [("gone", &gone), ("away", &away)] {
            let volume = labels(customer, state, "volume", None);
            fake.ensure_volume(&format!("{customer}-pg"), &volume).await.unwrap();
            container(&fake, customer, labels(customer, state, "postgres", Some("1"))).await;
        }
        let running = fake.state("away").await.unwrap().unwrap().id;
        fake.start(&running).await.unwrap();
        let names: Vec<String> = found(&fake, None).await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["gone", "gone-pg"]);
    }

    #[tokio::test]
    async fn files_that_were_not_finished_are_found_and_an_earlier_delivery_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::beside(folder.path(), "acme");
        let delivered = folder.path().join("delivered/acme-19.0");
        state.write_json(&state.delivering(), &delivered).unwrap();
        let half = [
            ".hopp/acme/.tmpAbCdEf",
            ".hopp/acme/results/.tmpAbCdEf",
            ".hopp/acme/repos/own/.19.0.new-AbCdEf/file",
            ".hopp/acme/dev/19.0/own.partial/file",
            ".lock-AbCdEf",
            "delivered/.acme-19.0.partial/acme-19.0.zip",
            "delivered/.acme-19.0.old/acme-19.0.zip",
        ];
        let whole = [
            ".hopp/acme/hashes.json",
            ".hopp/acme/dev/19.0/own/file",
            ".lock-stock",
            "plan.yaml",
        ];
        for path in half.iter().chain(&whole) {
            let path = folder.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "").unwrap();
        }
        let fake = Fake::new();
        let left = leftovers(&fake, Some(&state)).await.unwrap();
        assert_eq!(left.len(), half.len(), "{left:#?}");
        assert!(
            left.iter()
                .all(|left| left.kind == LeftoverKind::File && left.customer == "acme")
        );
        for left in left {
            assert!(left.remove(&fake).await.unwrap());
        }
        assert_eq!(found(&fake, Some(&state)).await, []);
        assert!(whole.iter().all(|path| folder.path().join(path).is_file()));
        assert!(
            delivered.join("acme-19.0.zip").is_file(),
            "the earlier delivery is back"
        );
    }
}
