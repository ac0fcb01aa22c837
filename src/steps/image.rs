//! Brings images: local, else pulled, else built; for Odoo, ours is derived from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::derive::{self, Recipe};
use super::workshop::ReadyImage;
use super::{Names, Settings, Workshop};
use super::{credentials, probe, recipe};
use crate::container::{Image, RegistryLogin};
use crate::engine::{Done, StepContext, Stop};
use crate::ident::{Fingerprint, Hasher, Series};
use crate::journal::StateFolder;
use crate::plan::{self, Facts};
use crate::runtime::{Progress, Runtime, RuntimeError};
use crate::spec::{Engine, Lock, LockedImage, LockedOpenUpgrade, Plan};

/// What is remembered of a derived image, so that an unchanged plan knows its identity without asking anything.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    /// Everything the derivation was made from.
    inputs: Fingerprint,
    /// The identity that went into fingerprints.
    identity: Fingerprint,
    /// Content id of the base image.
    base: String,
    /// Name of the derived image.
    name: String,
    /// What OpenUpgrade's table in the image renames modules to.
    #[serde(default)]
    renames: BTreeSet<String>,
}

/// Brings the PostgreSQL image.
pub(super) async fn postgres(workshop: &Workshop, context: &StepContext) -> Result<Done, Stop> {
    let name = workshop.plan.images.postgres_name();
    let build = workshop.plan.images.postgres.folder();
    let image = bring(workshop, context, "postgres", &name, build).await?;
    pin_image(workshop, context, "postgres", &name, &image)?;
    Ok(Done::with(json!({ "image": name, "id": image.id, "size": image.size })))
}

/// Brings the Odoo image of a series: the base, and what hopp adds to it.
pub(super) async fn odoo(workshop: &Workshop, context: &StepContext, series: Series) -> Result<Done, Stop> {
    let name = workshop.plan.images.odoo_name(series);
    let build = workshop.plan.images.odoo(series);
    let key = series.to_string();
    let base = bring(workshop, context, &key, &name, build.folder()).await?;
    let probe = probe::ask(workshop, context, &base.id.0, &base).await?;
    if let Some(found) = &probe.series
        && *found != series.to_string()
    {
        return Err(
            Stop::environment(format!("image {name} holds Odoo {found}, not {series}"))
                .hint(format!("name another image under `images.odoo.\"{series}\"`")),
        );
    }
    pin_image(workshop, context, &key, &name, &base)?;
    let recipe = recipe::recipe(workshop, series, &probe)?;
    context.log.line(&recipe.describe());
    let (ready, image, identity, recipe) = derive::bring(workshop, context, series, &base, recipe).await?;
    let probe = probe::ask(workshop, context, &ready, &image).await?;
    if let Some(pins) = &recipe.openupgrade {
        let pins = LockedOpenUpgrade {
            scripts: pins.scripts.clone(),
            framework: pins.framework.clone(),
            openupgradelib: pins.openupgradelib.clone(),
        };
        workshop.pin(|lock| {
            lock.openupgrade.insert(series, pins);
        })?;
    }
    let probe = Arc::new(probe);
    let brought = ReadyImage {
        name: ready.clone(),
        probe: probe.clone(),
    };
    workshop.brought(series, brought);
    let known = super::renames::known(workshop, series)?.apriori;
    let tables = [known.renamed_modules, known.merged_modules];
    let renames: BTreeSet<String> = tables.into_iter().flat_map(BTreeMap::into_values).collect();
    let inputs = derivation_inputs(&workshop.plan, &workshop.facts, &workshop.lock(), series, &renames);
    let identity = with_renames(identity, &workshop.plan, &workshop.facts, series, &renames);
    let known = Known {
        inputs,
        identity: identity.clone(),
        base: base.id.0.clone(),
        name: ready.clone(),
        renames,
    };
    remember(workshop, series, known)?;
    let result = json!({
        "image": ready,
        "base": name,
        "base_id": base.id,
        "size": image.size,
        "python": probe.python,
        "versions": probe.versions,
        "added": recipe.lines(),
    });
    workshop.identified(context.step.clone(), identity.clone());
    Ok(Done {
        result,
        identity: Some(identity),
        ..Done::default()
    })
}

/// Says whether the OpenUpgrade that a hop uses is pinned, by the plan or by the lock.
pub fn openupgrade_is_pinned(plan: &Plan, lock: &Lock, series: Series) -> bool {
    recipe::pins(plan, lock, series).are_complete()
}

/// Returns the identity that the image of a series had last time, when nothing it was made from has changed.
///
/// The images themselves need not be here: what is pinned is brought and made again when something needs it.
pub async fn known_identity(
    runtime: &dyn Runtime,
    state: &StateFolder,
    plan: &Plan,
    facts: &Facts,
    lock: &Lock,
    series: Series,
) -> Option<Fingerprint> {
    let known = read_known(state).remove(&series)?;
    if known.inputs != derivation_inputs(plan, facts, lock, series, &known.renames) {
        return None;
    }
    let (key, name) = (series.to_string(), plan.images.odoo_name(series));
    let base = match pinned(runtime, lock, &key, &name).await.ok()? {
        Some(image) => image.id.0,
        None => lock.images.get(&key).filter(|pin| pin.name == name)?.id.clone(),
    };
    let made_alike = plan.engine_of(series) != Engine::Openupgrade || openupgrade_is_pinned(plan, lock, series);
    let stands = made_alike || runtime.image(&known.name).await.ok()?.is_some();
    (base == known.base && stands).then_some(known.identity)
}

fn remember(workshop: &Workshop, series: Series, known: Known) -> Result<(), Stop> {
    let mut all = read_known(&workshop.state);
    all.insert(series, known);
    let path = workshop.state.root().join("images.json");
    workshop.state.write_json(&path, &all).map_err(super::stop::file)
}

/// Returns the identity of an image together with the code that its table of renames lets into the database.
///
/// Which modules those are is known no sooner than the image is there.
fn with_renames(
    image: Fingerprint,
    plan: &Plan,
    facts: &Facts,
    series: Series,
    renames: &BTreeSet<String>,
) -> Fingerprint {
    let Some(code) = plan::let_in(plan, facts, series, renames) else {
        return image;
    };
    let mut hasher = Hasher::default();
    hasher.field("image", image.as_str());
    hasher.field("code", code.as_str());
    hasher.finish()
}

fn read_known(state: &StateFolder) -> BTreeMap<Series, Known> {
    fs_err::read(state.root().join("images.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Everything that decides what is derived, apart from the base image itself.
fn derivation_inputs(
    plan: &Plan,
    facts: &Facts,
    lock: &Lock,
    series: Series,
    renames: &BTreeSet<String>,
) -> Fingerprint {
    let mut hasher = Hasher::default();
    hasher.field("name", plan.images.odoo_name(series));
    hasher.field("engine", format!("{:?}", plan.engine_of(series)));
    for (kind, packages) in [("apt", &plan.images.apt), ("pip", &plan.images.pip)] {
        for word in packages.get(&series).into_iter().flatten() {
            hasher.field(kind, word);
        }
    }
    // It makes no difference who pins.
    hasher.field("openupgrade", format!("{:?}", recipe::pins(plan, lock, series)));
    for module in facts.backup.modules.keys() {
        hasher.field("module", module);
    }
    let relevant = plan::relevant(plan, facts, series, renames);
    for code in facts.code_for(series) {
        hasher.field("requirements", code.requirements.as_deref().unwrap_or_default());
        for (name, manifest) in code.modules.iter().filter(|(name, _)| relevant.contains(name)) {
            let wants = (&manifest.depends, &manifest.external_python);
            hasher.field("wants", format!("{name} {wants:?}"));
        }
    }
    if let Some(code) = plan::let_in(plan, facts, series, renames) {
        hasher.field("renames", code.as_str());
    }
    hasher.finish()
}

/// Returns the image that a name is pinned to, or else what the name stands for now; `None` when neither is here.
pub async fn pinned(runtime: &dyn Runtime, lock: &Lock, key: &str, name: &str) -> Result<Option<Image>, RuntimeError> {
    if let Some(pin) = lock.images.get(key).filter(|pin| pin.name == name) {
        if let Some(image) = runtime.image(&pin.id).await? {
            return Ok(Some(image));
        }
        if pin.digest.is_some() {
            return Ok(None);
        }
    }
    runtime.image(name).await
}

/// Finds an image here, else builds it where the plan says how, else pulls it: as it is pinned, where it is.
async fn bring(
    workshop: &Workshop,
    context: &StepContext,
    key: &str,
    name: &str,
    build: Option<&std::path::Path>,
) -> Result<Image, Stop> {
    let lock = workshop.lock();
    if let Some(image) = pinned(workshop.runtime.as_ref(), &lock, key, name).await? {
        return Ok(image);
    }
    let digest = lock
        .images
        .get(key)
        .filter(|pin| pin.name == name)
        .and_then(|pin| pin.digest.clone());
    let wanted = digest.as_deref().unwrap_or(name);
    if let Some(folder) = build {
        context.progress(format!("building {name}"), None);
        let labels = workshop.names.labels("image", None);
        let log = context.log.clone();
        let image = workshop
            .runtime
            .build(
                folder,
                name,
                &labels,
                &workshop.settings.build.variables,
                &mut |_, bytes| {
                    log.write(bytes);
                },
            )
            .await?;
        return Ok(image);
    }
    context.progress(format!("pulling {name}"), None);
    let login = login(&workshop.plan, name, &workshop.settings)?;
    let progress = context.clone();
    let pulled = workshop
        .runtime
        .pull(wanted, login.as_ref(), &|line| {
            progress.progress(format!("pulling {name}: {line}"), None);
        })
        .await;
    match pulled {
        Ok(image) => Ok(image),
        Err(error) => Err(Stop::from(error)
            .hint(match lock.images.get(key).filter(|pin| pin.name == name) {
                Some(pin) => format!(
                    "image {name} is pinned to {}, which is not on the engine any more, and the registry did not give it",
                    pin.id
                ),
                None => format!("image {name} is not on the engine, and the registry did not give it"),
            })
            .hint("name another under `images` in the plan, log in with `images.registries`, or build it first")),
    }
}

/// Pulls what an image's name stands for now, whatever it is pinned to.
pub async fn refresh(
    runtime: &dyn Runtime,
    plan: &Plan,
    settings: &Settings,
    name: &str,
    progress: Progress<'_>,
) -> Result<LockedImage, Stop> {
    let login = login(plan, name, settings)?;
    let image = runtime.pull(name, login.as_ref(), progress).await?;
    Ok(LockedImage {
        name: name.into(),
        id: image.id.0,
        digest: image.digest,
    })
}

fn login(plan: &Plan, name: &str, settings: &Settings) -> Result<Option<RegistryLogin>, Stop> {
    credentials::of_image(plan, name, settings).map_err(|error| Stop::environment(error.to_string()))
}

fn pin_image(workshop: &Workshop, context: &StepContext, key: &str, name: &str, image: &Image) -> Result<(), Stop> {
    let locked = LockedImage {
        name: name.into(),
        id: image.id.0.clone(),
        digest: image.digest.clone(),
    };
    if let Some(before) = workshop.lock().images.get(key)
        && before.name == locked.name
        && before.id != locked.id
    {
        context.log.line(&format!(
            "{name} was pinned to {}, which is not here any more; it is {} now",
            before.id, locked.id
        ));
    }
    workshop.pin(|lock| {
        lock.images.insert(key.into(), locked);
    })
}

impl Names {
    /// Returns the identity of an image made from a base by a recipe: what fingerprints depend on.
    pub(super) fn image_identity(base: &Image, recipe: &Recipe) -> Fingerprint {
        let mut hasher = Hasher::default();
        hasher.field("base", &base.id.0);
        for line in recipe.lines() {
            hasher.field("line", line);
        }
        hasher.finish()
    }
}
