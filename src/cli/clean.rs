//! `hopp clean`: removes what hopp left on the engine. Needs no journal, touches nothing without our labels.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather;
use crate::container::{LABEL_CUSTOMER, LABEL_ROLE, LABEL_STATE, Labels, Resource, ResourceKind};
use crate::journal::{Checkpoints, RunLock};
use crate::steps::{Leftover, LeftoverError, LeftoverKind, leftovers};
use crate::{ui, words};

/// Remove what hopp keeps: containers, volumes with checkpoints, derived images, and what crashes left
///
/// With a plan only what belongs to it; images, which customers may share, only without one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan whose things to remove; everything of hopp's when not said
    plan: Option<PathBuf>,
    /// Only list what would be removed
    #[arg(long)]
    list: bool,
    /// Only what crashes left and nobody needs: checkpoints, images and instances stay
    #[arg(long)]
    leftovers: bool,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let runtime = gather::docker(environment)?;
    let mut labels = Labels::from([(LABEL_CUSTOMER.to_owned(), String::new())]);
    let mut state = None;
    if let Some(path) = &args.plan {
        let (folder, customer) = gather::state_of(path)?;
        labels.insert(LABEL_STATE.into(), folder.root().to_string_lossy().into_owned());
        state = Some((folder, customer));
    }
    let mut resources = runtime.list(&labels).await?;
    let left = leftovers(runtime.as_ref(), state.as_ref().map(|(folder, _)| folder)).await?;
    if state.is_some() {
        resources.retain(|resource| resource.kind != ResourceKind::Image);
    }
    if args.leftovers {
        resources.retain(|resource| left.iter().any(|left| left.is(resource)));
    }
    // Containers first: a volume or image in use cannot be removed.
    resources.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    if args.list {
        ui::out(&listing(&resources, &left));
        return Ok(exit::DONE);
    }
    let mut owners = owners(&resources);
    owners.extend(left.iter().filter_map(Leftover::owner));
    owners.extend(
        state
            .iter()
            .map(|(folder, customer)| (folder.root().to_path_buf(), customer.clone())),
    );
    let locks = locks(&owners)?;
    let mut count = 0;
    for left in &left {
        if left.remove(runtime.as_ref()).await.map_err(unremoved)? {
            ui::say(&format!("removed {} {}: {}", left.kind.name(), left.name, left.why));
            count += 1;
        }
    }
    let rest = resources
        .iter()
        .filter(|resource| !left.iter().any(|left| left.is(resource)));
    for resource in rest {
        runtime.delete(resource).await?;
        ui::say(&format!("removed {} {}", kind(resource), resource.name));
        count += 1;
    }
    if let Some((state, _)) = state.filter(|(state, _)| !args.leftovers && state.root().is_dir()) {
        state.save_checkpoints(&Checkpoints::new())?;
    }
    drop(locks);
    ui::say(&format!("{} removed", words::count(count, "thing")));
    Ok(exit::DONE)
}

fn unremoved(error: LeftoverError) -> Failure {
    match error {
        LeftoverError::Runtime(error) => error.into(),
        LeftoverError::Io(error) => Failure::environment(error.to_string()),
    }
}

/// Returns the state folder and name of every customer that something belongs to.
fn owners(resources: &[Resource]) -> BTreeSet<(PathBuf, String)> {
    let owner = |resource: &Resource| {
        let root = resource.labels.get(LABEL_STATE)?;
        Some((PathBuf::from(root), resource.labels.get(LABEL_CUSTOMER)?.clone()))
    };
    resources.iter().filter_map(owner).collect()
}

/// Takes every owner's lock: what a run works with must not vanish under it.
///
/// A customer whose state folder is gone cannot have a run.
fn locks(owners: &BTreeSet<(PathBuf, String)>) -> Result<Vec<RunLock>, Failure> {
    let mut locks = Vec::new();
    for (root, customer) in owners.iter().filter(|(root, _)| root.is_dir()) {
        let taken = RunLock::take(&root.join("lock"), &super::run::holder());
        locks.push(taken.map_err(|error| {
            let mut failure = Failure::from(error);
            failure.message = format!("{customer}: {}", failure.message);
            failure
        })?);
    }
    Ok(locks)
}

/// Returns a table of things on the engine and of leftovers, those on this machine's disk included.
fn listing(resources: &[Resource], left: &[Leftover]) -> String {
    let label = |resource: &Resource, name: &str| resource.labels.get(name).cloned().unwrap_or_default();
    let why = |resource: &Resource| left.iter().find(|left| left.is(resource)).map(|left| left.why.clone());
    let mut rows: Vec<Vec<String>> = resources
        .iter()
        .map(|resource| {
            vec![
                kind(resource).to_owned(),
                resource.name.clone(),
                label(resource, LABEL_CUSTOMER),
                label(resource, LABEL_ROLE),
                if resource.running { "running" } else { "" }.to_owned(),
                resource.size.map(words::bytes).unwrap_or_default(),
                why(resource).unwrap_or_default(),
            ]
        })
        .collect();
    let files = left.iter().filter(|left| left.kind == LeftoverKind::File);
    rows.extend(files.map(|left| {
        let [kind, none] = [left.kind.name(), ""].map(str::to_owned);
        let (name, customer, why) = (left.name.clone(), left.customer.clone(), left.why.clone());
        vec![kind, name, customer, none.clone(), none.clone(), none, why]
    }));
    if rows.is_empty() {
        return "hopp keeps nothing on this engine".into();
    }
    let head = ["kind", "name", "customer", "role", "", "size", "left over"];
    let wraps = if left.is_empty() { 1 } else { 6 };
    ui::table::table(&head, &rows, wraps, &[5])
}

fn kind(resource: &Resource) -> &'static str {
    match resource.kind {
        ResourceKind::Container => "container",
        ResourceKind::Volume => "volume",
        ResourceKind::Image => "image",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::StateFolder;

    fn volume_of(customer: &str, root: &std::path::Path) -> Resource {
        Resource {
            kind: ResourceKind::Volume,
            id: customer.into(),
            name: customer.into(),
            labels: Labels::from([
                (LABEL_CUSTOMER.to_owned(), customer.to_owned()),
                (LABEL_STATE.to_owned(), root.to_string_lossy().into_owned()),
            ]),
            running: false,
            size: None,
        }
    }

    #[test]
    fn everything_is_left_alone_while_one_customer_has_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let root = |customer: &str| StateFolder::beside(folder.path(), customer).root().to_path_buf();
        let things = ["acme", "bryggan", "gone"].map(|customer| volume_of(customer, &root(customer)));
        fs_err::create_dir_all(root("acme")).unwrap();
        let run = RunLock::take(&root("bryggan").join("lock"), "process 1 on somewhere").unwrap();
        let failure = locks(&owners(&things)).unwrap_err();
        assert_eq!(failure.code, exit::LOCKED);
        assert!(failure.message.starts_with("bryggan: "), "{}", failure.message);
        drop(run);
        assert_eq!(
            locks(&owners(&things)).unwrap().len(),
            2,
            "a folder that is gone has no lock"
        );
        assert!(!root("gone").exists());
    }
}
