//! What an Odoo image offers: asked once, in a container of the image, and cached by the image's content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Workshop;
use super::stop::last_lines;
use crate::container::{ContainerSpec, Image, Stream};
use crate::engine::{StepContext, Stop};
use crate::ident::Hasher;

/// The program that asks.
pub(super) const PROGRAM: &str = include_str!("probe.py");

/// What an Odoo image offers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Probe {
    /// The series of its Odoo.
    pub(super) series: Option<String>,
    /// The version of its Python (`3.13`).
    pub(super) python: String,
    /// The user id its containers run as.
    pub(super) uid: u32,
    /// The group id its containers run as.
    pub(super) gid: u32,
    /// Folders with modules, in the order in which Odoo must see them.
    pub(super) addons_paths: Vec<String>,
    /// The modules in these folders.
    pub(super) modules: BTreeMap<String, ProbedModule>,
    /// Versions of `odoo`, `openupgradelib`, `framework` and `scripts`, where they are installed.
    pub(super) versions: BTreeMap<String, String>,
    /// The text of OpenUpgrade's table of renames, where OpenUpgrade is installed.
    pub(super) apriori: Option<String>,
    /// Modules that OpenUpgrade has a folder for.
    pub(super) covered: Vec<String>,
    /// The text of OpenUpgrade's log of modules that Odoo dropped; empty where OpenUpgrade is not installed.
    pub(super) gone: String,
    /// Modules whose scripts in OpenUpgrade are of a later version than their code here, with that version: Odoo does not
    /// run them.
    #[serde(default)]
    pub(super) late: BTreeMap<String, String>,
}

/// A module that an image offers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ProbedModule {
    /// Its version as the manifest has it.
    pub(super) version: String,
    /// The modules it depends on.
    pub(super) depends: Vec<String>,
    /// The modules that make it install itself, when it does.
    pub(super) auto_install: Option<Vec<String>>,
    /// Whether it may be installed.
    pub(super) installable: bool,
    /// Python packages it wants and the image lacks.
    pub(super) missing: Vec<String>,
}

/// Asks an image what it offers, unless that is known already.
pub(super) async fn ask(workshop: &Workshop, context: &StepContext, name: &str, image: &Image) -> Result<Probe, Stop> {
    let mut key = Hasher::default();
    key.field("image", &image.id.0);
    key.field("program", PROGRAM);
    let path = workshop
        .settings
        .cache
        .join("probes")
        .join(format!("{}.json", key.finish()));
    if let Some(probe) = fs_err::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
    {
        return Ok(probe);
    }
    context.progress("asking the image what it offers", None);
    let role = format!("probe-{}", &image.id.0.trim_start_matches("sha256:")[..8]);
    let mut spec = ContainerSpec::new(workshop.names.container(&role), name);
    spec.entrypoint = vec!["python3".into()];
    spec.command = vec!["-c".into(), PROGRAM.into()];
    spec.labels = workshop.labels("probe", context);
    let container = workshop.runtime.create(&spec).await?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let ended = async {
        workshop.runtime.start(&container).await?;
        workshop
            .runtime
            .follow(
                &container,
                &mut |stream, bytes| match stream {
                    Stream::Out => out.extend_from_slice(bytes),
                    Stream::Err => err.extend_from_slice(bytes),
                },
                &context.cancel,
            )
            .await
    }
    .await;
    workshop.runtime.remove(&container).await?;
    let exit = ended?;
    let probe: Option<Probe> = serde_json::from_slice(&out).ok();
    let Some(probe) = probe.filter(|_| exit.success()) else {
        return Err(
            Stop::environment(format!("image {name} does not look like an Odoo image"))
                .hint("it must have `python3` and Odoo's Python package, as the official images do")
                .excerpt(last_lines(&String::from_utf8_lossy(&err), 8)),
        );
    };
    workshop.state.write_json(&path, &probe).map_err(super::stop::file)?;
    Ok(probe)
}
