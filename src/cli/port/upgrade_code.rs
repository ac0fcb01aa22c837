//! `--with-odoo-upgrade-code`: the target's own `upgrade_code` works on copies of the modules first.
//!
//! It works in a container without a network, which is gone afterwards, and on nothing but the copies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::chosen::Ready;
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::{gather, run};
use crate::container::{ContainerId, ContainerSpec, Exec, LABEL_CUSTOMER, LABEL_ROLE, Stream};
use crate::port::Module;
use crate::port::rules::{Deed, Rule};
use crate::runtime::{Runtime, RuntimeErrorKind};

/// What its changes are committed under.
pub(super) static RULE: Rule = Rule {
    id: "upgrade_code",
    title: "Odoo's own upgrade_code",
    why: "Odoo brings scripts that rewrite what it changed itself",
    source: "odoo/cli/upgrade_code.py, 19.0",
    deed: Deed::Mechanical,
    words: &[],
    looks: &[],
};

/// The image of the target, when nobody names another.
pub(super) const OF_TARGET: &str = "odoo";
/// Where the copies lie in the container.
const FOLDER: &str = "/tmp/hopp-upgrade-code";
/// Works on one folder: the command takes Odoo's own addons along whatever it is told, for minutes, and ends with 1 where it
/// changed something.
const MIGRATE: &str = "import sys
from odoo.cli import upgrade_code
from odoo.tools import parse_version as version
upgrade_code.migrate([sys.argv[1]], '**/*', version(sys.argv[2]), version(sys.argv[3]))
";
/// How much of what it complains of is shown.
const SHOWN: usize = 400;

/// Modules that stand at one series, by their place among all.
type Standing<'a> = BTreeMap<u8, Vec<(usize, &'a Module)>>;

/// Lets `upgrade_code` of an image work on the modules before the rules do.
pub(super) async fn apply(ready: &mut Ready, image: &str, to: u8, environment: &Environment) -> Result<(), Failure> {
    let image = match image {
        OF_TARGET => format!("odoo:{to}.0"),
        image => image.to_owned(),
    };
    let standing = ready.standing(to);
    if standing.is_empty() {
        return Ok(());
    }
    let runtime = gather::docker(environment)?;
    if runtime.image(&image).await?.is_none() {
        let failure = Failure::environment(format!("there is no image `{image}` to run `upgrade_code` of"));
        return Err(failure.hint(format!(
            "`docker pull {image}` brings it; `--with-odoo-upgrade-code=IMAGE` names another"
        )));
    }
    let mut spec = ContainerSpec::new(format!("hopp-upgrade-code-{}", std::process::id()), &image);
    spec.entrypoint = vec!["sleep".into()];
    spec.command = vec!["infinity".into()];
    spec.user = Some("root".into());
    spec.labels.insert(LABEL_CUSTOMER.into(), "upgrade-code".into());
    spec.labels.insert(LABEL_ROLE.into(), "upgrade-code".into());
    let container = runtime.create(&spec).await?;
    let made = in_container(runtime.as_ref(), &container, &standing, to).await;
    // Whatever happened, nothing stays behind; `hopp clean` finds it by its label if even this fails.
    runtime.remove(&container).await?;
    ready.take(made?);
    Ok(())
}

/// Files: path and bytes.
type Files = Vec<(String, Vec<u8>)>;
/// The text of a file: its module's place among all, its path.
type Texts = BTreeMap<(usize, String), String>;

async fn in_container(
    runtime: &dyn Runtime,
    container: &ContainerId,
    standing: &Standing<'_>,
    to: u8,
) -> Result<Texts, Failure> {
    let cancel = run::interruptible();
    runtime.start(container).await?;
    let mut files = Files::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (from, modules) in standing {
        for (number, module) in modules {
            let folder = format!("{from}/{}", module.name);
            for file in &module.files {
                files.push((format!("{folder}/{}", file.path), file.text.clone().into_bytes()));
            }
            places.insert(folder, *number);
        }
    }
    let write = Box::new(move |builder: &mut tar::Builder<&mut dyn std::io::Write>| {
        for (path, bytes) in &files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, bytes.as_slice())?;
        }
        Ok(())
    });
    let made = Exec::new(["mkdir", "-p", FOLDER]);
    runtime.exec(container, &made, &mut |_, _| {}, &cancel).await?;
    runtime.upload(container, FOLDER, write).await?;
    for from in standing.keys() {
        let folder = format!("{FOLDER}/{from}");
        let (from, to) = (format!("{from}.0"), format!("{to}.0"));
        let command = ["python3", "-c", MIGRATE, &folder, &from, &to];
        let mut said = Vec::new();
        let exit = {
            let mut take = |stream: Stream, bytes: &[u8]| {
                if stream == Stream::Err {
                    said.extend_from_slice(bytes);
                }
            };
            runtime.exec(container, &Exec::new(command), &mut take, &cancel).await?
        };
        if !exit.success() {
            let said = String::from_utf8_lossy(&said).trim_end().to_owned();
            let last: String = said
                .chars()
                .rev()
                .take(SHOWN)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let failure = Failure::new(exit::STEP, format!("Odoo's own `upgrade_code` failed: {last}"));
            return Err(failure.hint("leave out `--with-odoo-upgrade-code`: hopp's rules do without it"));
        }
    }
    download(runtime, container, &places).await
}

/// Brings the copies back.
async fn download(
    runtime: &dyn Runtime,
    container: &ContainerId,
    places: &BTreeMap<String, usize>,
) -> Result<Texts, Failure> {
    let texts: Arc<Mutex<Files>> = Arc::default();
    let sink = texts.clone();
    let reader = move |reader: &mut dyn std::io::Read| {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().into_owned();
            if entry.header().entry_type().is_file() {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut entry, &mut bytes)?;
                sink.lock().unwrap_or_else(PoisonError::into_inner).push((path, bytes));
            }
        }
        Ok(())
    };
    match runtime.download(container, FOLDER, Box::new(reader)).await {
        Ok(()) => {}
        Err(error) if error.kind == RuntimeErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let files = std::mem::take(&mut *texts.lock().unwrap_or_else(PoisonError::into_inner));
    let known: BTreeSet<&String> = places.keys().collect();
    let mut made = Texts::new();
    for (path, bytes) in files {
        // The folder's own name, the series, the module, its file.
        let Some((_, inside)) = path.split_once('/') else {
            continue;
        };
        let Some((at, _)) = inside.match_indices('/').nth(1) else {
            continue;
        };
        let folder = inside[..at].to_owned();
        if let (true, Ok(text)) = (known.contains(&folder), String::from_utf8(bytes)) {
            made.insert((places[&folder], inside[at + 1..].to_owned()), text);
        }
    }
    Ok(made)
}
