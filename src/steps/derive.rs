//! Derives our Odoo image: the base, OpenUpgrade, and the packages that modules want.
//!
//! Not a Dockerfile: packages are installed in a running container which is then saved. So credentials, proxies and
//! certificates reach pip through the environment of one command, and no layer or setting of the image holds them.

use std::collections::{BTreeMap, BTreeSet};

use super::probe;
use super::stop::last_lines;
use super::{Names, Workshop};
use crate::container::{ContainerId, ContainerSpec, Exec, Image, Network};
use crate::engine::{StepContext, Stop};
use crate::ident::{Fingerprint, Series};
use crate::odoo::openupgrade::package as addon;

/// Where OpenUpgrade's addons lie in a derived image.
pub(super) const OPENUPGRADE: &str = "/opt/openupgrade";
/// Where the certificates of this machine's authorities lie while packages are installed.
const CERTIFICATES: &str = "/tmp/hopp-certificates.pem";

/// Which OpenUpgrade; `None` means the newest.
#[derive(Clone, Debug, Default)]
pub(super) struct Pins {
    pub(super) scripts: Option<String>,
    pub(super) framework: Option<String>,
    pub(super) openupgradelib: Option<String>,
    /// A repository of the plan that holds scripts and framework.
    pub(super) from_repository: Option<String>,
}

impl Pins {
    /// Says whether every version is pinned.
    pub(super) fn are_complete(&self) -> bool {
        self.openupgradelib.is_some()
            && (self.from_repository.is_some() || (self.scripts.is_some() && self.framework.is_some()))
    }
}

/// What to add to a base image.
#[derive(Clone, Debug, Default)]
pub(super) struct Recipe {
    pub(super) openupgrade: Option<Pins>,
    pub(super) apt: Vec<String>,
    pub(super) pip: Vec<String>,
    /// The text of each repository's `requirements.txt`.
    pub(super) requirements: Vec<(String, String)>,
    /// Which modules want a package.
    pub(super) wanted_by: BTreeMap<String, BTreeSet<String>>,
}

impl Recipe {
    /// Says whether there is nothing to add.
    fn is_empty(&self) -> bool {
        self.lines().is_empty()
    }

    /// Says whether every version of OpenUpgrade is pinned.
    fn is_pinned(&self) -> bool {
        self.openupgrade.as_ref().is_none_or(Pins::are_complete)
    }

    /// Returns the recipe as lines: what the image is addressed by, and what a report says was added.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(pins) = &self.openupgrade {
            let or_newest = |version: &Option<String>| version.clone().unwrap_or_else(|| "newest".into());
            lines.push(format!("openupgradelib {}", or_newest(&pins.openupgradelib)));
            if let Some(repository) = &pins.from_repository {
                lines.push(format!("openupgrade from {repository}"));
            } else {
                lines.push(format!("openupgrade_framework {}", or_newest(&pins.framework)));
                lines.push(format!("openupgrade_scripts {}", or_newest(&pins.scripts)));
            }
        }
        lines.extend(self.apt.iter().map(|name| format!("apt {name}")));
        lines.extend(self.pip.iter().map(|name| format!("pip {name}")));
        lines.extend(
            self.requirements
                .iter()
                .map(|(repository, text)| format!("requirements of {repository} {}", Fingerprint::of(text).short())),
        );
        lines
    }

    /// Returns the recipe for the log.
    pub(super) fn describe(&self) -> String {
        if self.is_empty() {
            "nothing is added to the image".into()
        } else {
            format!("added to the image: {}", self.lines().join(", "))
        }
    }
}

/// Brings the derived image: found when the same recipe was followed before, else made.
///
/// Returns its name, the image, the identity for fingerprints, and the recipe with every version filled in.
pub(super) async fn bring(
    workshop: &Workshop,
    context: &StepContext,
    series: Series,
    base: &Image,
    recipe: Recipe,
) -> Result<(String, Image, Fingerprint, Recipe), Stop> {
    if recipe.is_empty() {
        let identity = Names::image_identity(base, &recipe);
        return Ok((base.id.0.clone(), base.clone(), identity, recipe));
    }
    if recipe.is_pinned() {
        let identity = Names::image_identity(base, &recipe);
        let tag = Names::derived_image(series, &identity);
        if let Some(image) = workshop.runtime.image(&tag).await? {
            return Ok((tag, image, identity, recipe));
        }
    }
    let container = start(workshop, context, series, &base.id.0).await?;
    let made = make(workshop, context, &container, series, base, recipe).await;
    let removed = workshop.runtime.remove(&container).await;
    let made = made?;
    removed?;
    Ok(made)
}

/// Starts a container of an image that may reach package indexes, and does nothing yet.
pub(super) async fn start(
    workshop: &Workshop,
    context: &StepContext,
    series: Series,
    base: &str,
) -> Result<ContainerId, Stop> {
    let mut spec = ContainerSpec::new(workshop.names.container(&format!("build-{series}")), base);
    spec.entrypoint = vec!["sleep".into()];
    spec.command = vec!["infinity".into()];
    spec.user = Some("root".into());
    spec.labels = workshop.labels("build", context);
    spec.network = if workshop.settings.build.proxy_is_local() {
        Network::Host
    } else {
        Network::Bridge
    };
    let container = workshop.runtime.create(&spec).await?;
    if let Err(error) = workshop.runtime.start(&container).await {
        workshop.runtime.remove(&container).await?;
        return Err(error.into());
    }
    Ok(container)
}

async fn make(
    workshop: &Workshop,
    context: &StepContext,
    container: &ContainerId,
    series: Series,
    base: &Image,
    mut recipe: Recipe,
) -> Result<(String, Image, Fingerprint, Recipe), Stop> {
    send_files(workshop, container, &recipe).await?;
    for (what, script) in commands(series, &recipe) {
        context.progress(what.clone(), None);
        install(workshop, context, container, &what, &script, &recipe).await?;
    }
    fill_in(workshop, context, container, &mut recipe).await?;
    let clean = format!(
        "rm -rf {CERTIFICATES} /tmp/hopp /tmp/hopp-requirements /root/.cache /var/lib/apt/lists/* /var/cache/apt/*.bin"
    );
    install(workshop, context, container, "clean up", &clean, &recipe).await?;
    let identity = Names::image_identity(base, &recipe);
    let tag = Names::derived_image(series, &identity);
    context.progress("saving the image", None);
    let image = workshop
        .runtime
        .commit(container, &tag, base, &workshop.names.labels("image", None))
        .await?;
    Ok((tag, image, identity, recipe))
}

async fn send_files(workshop: &Workshop, container: &ContainerId, recipe: &Recipe) -> Result<(), Stop> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    if let Some(path) = &workshop.settings.build.ca_bundle {
        let bytes = fs_err::read(path).map_err(super::stop::file)?;
        files.push((CERTIFICATES.trim_start_matches('/').into(), bytes));
    }
    for (index, (_, text)) in recipe.requirements.iter().enumerate() {
        files.push((format!("tmp/hopp-requirements/{index}.txt"), text.clone().into_bytes()));
    }
    super::odoo_container::send(workshop, container, files).await
}

/// Returns the commands of a recipe, each with what it does.
fn commands(series: Series, recipe: &Recipe) -> Vec<(String, String)> {
    let mut commands = Vec::new();
    if !recipe.apt.is_empty() {
        commands.push((
            format!("apt: {}", recipe.apt.join(" ")),
            format!(
                "export DEBIAN_FRONTEND=noninteractive; apt-get update -q && apt-get install -q -y --no-install-recommends {}",
                quoted(&recipe.apt)
            ),
        ));
    }
    if let Some(pins) = &recipe.openupgrade {
        let exactly = |name: &str, version: &Option<String>| match version {
            Some(version) => format!("{name}=={version}"),
            None => name.to_owned(),
        };
        commands.push((
            "pip: openupgradelib".into(),
            pip(&[exactly("openupgradelib", &pins.openupgradelib), "cssselect".into()]),
        ));
        if pins.from_repository.is_none() {
            let of_series = |name: &str, version: &Option<String>| match version {
                Some(version) => format!("{}=={version}", addon(series, name)),
                None => format!("{}=={series}.*", addon(series, name)),
            };
            let packages = [
                of_series("openupgrade-framework", &pins.framework),
                of_series("openupgrade-scripts", &pins.scripts),
            ];
            // The wheels name `odoo` itself as a dependency, and their place must not depend on Python's version.
            let script = format!(
                "python3 -m pip install -q --pre --no-deps --ignore-requires-python --target {OPENUPGRADE} {}",
                quoted(&packages)
            );
            commands.push(("pip: OpenUpgrade".into(), script));
        }
    }
    if !recipe.pip.is_empty() {
        commands.push((format!("pip: {}", recipe.pip.join(" ")), pip(&recipe.pip)));
    }
    for (index, (repository, _)) in recipe.requirements.iter().enumerate() {
        commands.push((
            format!("pip: requirements of {repository}"),
            format!("python3 -m pip install -q -r /tmp/hopp-requirements/{index}.txt"),
        ));
    }
    commands
}

fn pip(packages: &[String]) -> String {
    format!("python3 -m pip install -q {}", quoted(packages))
}

fn quoted(words: &[String]) -> String {
    let quoted: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
        .collect();
    quoted.join(" ")
}

async fn install(
    workshop: &Workshop,
    context: &StepContext,
    container: &ContainerId,
    what: &str,
    script: &str,
    recipe: &Recipe,
) -> Result<(), Stop> {
    let exec = with_environment(workshop, Exec::new(["sh", "-ec", script]));
    context.log.line(&format!("$ {script}"));
    let mut text = String::new();
    let log = context.log.clone();
    let exit = workshop
        .runtime
        .exec(
            container,
            &exec,
            &mut |_, bytes| {
                log.write(bytes);
                text.push_str(&String::from_utf8_lossy(bytes));
            },
            &context.cancel,
        )
        .await?;
    if exit.success() {
        return Ok(());
    }
    let mut stop =
        Stop::environment(format!("the image cannot be made: `{what}` failed")).excerpt(last_lines(&text, 10));
    stop.transient = text.contains("Temporary failure") || text.contains("timed out") || text.contains("Connection");
    if text.contains("CERTIFICATE_VERIFY_FAILED") {
        stop = stop.hint("a proxy with a certificate of its own? name the authorities' bundle in SSL_CERT_FILE");
    }
    if text.contains("No matching distribution") {
        stop = stop
            .hint("the package index does not have this version; correct `openupgrade` or `images.pip` in the plan");
    }
    for (package, modules) in &recipe.wanted_by {
        if text.contains(package.as_str()) {
            let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
            stop = stop.hint(format!("`{package}` is wanted by {}", modules.join(", ")));
        }
    }
    Err(stop)
}

/// Returns a command for a container of [`start`] that reaches package indexes the way this machine does.
pub(super) async fn online<const N: usize>(
    workshop: &Workshop,
    container: &ContainerId,
    command: [&str; N],
) -> Result<Exec, Stop> {
    send_files(workshop, container, &Recipe::default()).await?;
    Ok(with_environment(workshop, Exec::new(command)))
}

fn with_environment(workshop: &Workshop, exec: Exec) -> Exec {
    let build = &workshop.settings.build;
    let mut exec = exec.user("root");
    exec.env.clone_from(&build.variables);
    for (name, value) in [
        ("PIP_BREAK_SYSTEM_PACKAGES", "1"),
        ("PIP_ROOT_USER_ACTION", "ignore"),
        ("PIP_NO_CACHE_DIR", "1"),
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ] {
        exec.env.push((name.into(), value.into()));
    }
    if build.ca_bundle.is_some() {
        for name in ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            exec.env.push((name.into(), CERTIFICATES.into()));
        }
    }
    exec
}

/// Fills in which versions pip chose where nothing was pinned.
async fn fill_in(
    workshop: &Workshop,
    context: &StepContext,
    container: &ContainerId,
    recipe: &mut Recipe,
) -> Result<(), Stop> {
    let Some(pins) = &mut recipe.openupgrade else {
        return Ok(());
    };
    let mut out = Vec::new();
    let exec = Exec::new(["python3", "-c", probe::PROGRAM]);
    let exit = workshop
        .runtime
        .exec(
            container,
            &exec,
            &mut |_, bytes| out.extend_from_slice(bytes),
            &context.cancel,
        )
        .await?;
    let probe: probe::Probe = serde_json::from_slice(&out)
        .map_err(|error| Stop::environment(format!("the image cannot be asked (exit code {}): {error}", exit.code)))?;
    let version = |name: &str| probe.versions.get(name).cloned();
    pins.openupgradelib = version("openupgradelib").or(pins.openupgradelib.take());
    if pins.from_repository.is_none() {
        pins.framework = version("framework").or(pins.framework.take());
        pins.scripts = version("scripts").or(pins.scripts.take());
    }
    Ok(())
}
