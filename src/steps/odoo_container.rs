//! Odoo in a container of its own: the right code, the database's socket, and no network at all.

use std::io::Read;

use super::Workshop;
use super::database::Database;
use super::derive::OPENUPGRADE;
use super::names::{DATA_DIR, ROLE, SOCKET_DIR};
use super::provision::volume;
use super::workshop::ReadyImage;
use crate::container::{ContainerId, ContainerSpec, Exit, Stream};
use crate::engine::{StepContext, Stop};
use crate::ident::Series;
use crate::odoo::{accelerate, openupgrade};
use crate::plan::Code;
use crate::runtime::RuntimeErrorKind;

/// Where repositories' modules lie in every Odoo container of ours.
pub(super) const CODE: &str = "/mnt/hopp";
/// Odoo's settings in every Odoo container of ours.
pub(super) const CONFIG: &str = "/etc/odoo/odoo.conf";
/// Where scripts and their results lie.
pub(super) const WORK: &str = "/tmp/hopp";

/// What to run.
pub(super) struct OdooRun<'a> {
    /// The part the container plays, for its name and label.
    pub(super) role: &'a str,
    /// Which series' image and code.
    pub(super) series: Series,
    /// The database whose filestore it may write.
    pub(super) database: &'a str,
    /// Program and arguments.
    pub(super) command: Vec<String>,
    /// Whether the accelerator's patches go into the process.
    pub(super) accelerated: bool,
    /// Files to put beside code and settings: absolute path, content.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

/// An Odoo container that has ended and is still there to be read from.
pub(super) struct Ended {
    pub(super) exit: Exit,
    container: ContainerId,
}

/// Runs Odoo until it ends; what it prints goes to the step's log and to `output`.
pub(super) async fn run(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    run: OdooRun<'_>,
    output: &mut (dyn FnMut(Stream, &[u8]) + Send),
) -> Result<Ended, Stop> {
    let image = workshop.image(run.series)?;
    let mut spec = spec(workshop, &image, &run);
    spec.labels = workshop.labels(run.role, context);
    let container = workshop.runtime.create(&spec).await?;
    let ended = async {
        let mut files = run.files;
        if run.accelerated {
            files.extend(accelerate::files());
        }
        files.push((CONFIG.into(), config(workshop, &image, run.series).into_bytes()));
        futures_util::future::try_join(own_filestore(database, context, &image, run.database), async {
            send_code(workshop, &container, run.series).await?;
            send(workshop, &container, files).await
        })
        .await?;
        workshop.runtime.start(&container).await?;
        let log = context.log.clone();
        let mut both = |stream: Stream, bytes: &[u8]| {
            log.write(bytes);
            output(stream, bytes);
        };
        let exit = workshop.runtime.follow(&container, &mut both, &context.cancel).await?;
        Ok::<Exit, Stop>(exit)
    }
    .await;
    match ended {
        Ok(exit) => Ok(Ended { exit, container }),
        Err(stop) => {
            workshop.runtime.stop(&container, 5).await.ok();
            if let Err(error) = workshop.runtime.remove(&container).await {
                tracing::warn!(%error, "the container stays until the next attempt or run");
            }
            Err(stop)
        }
    }
}

impl Ended {
    /// Reads a file the container wrote, when it did.
    pub(super) async fn read(&self, workshop: &Workshop, path: &str) -> Result<Option<Vec<u8>>, Stop> {
        let bytes = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let sink = bytes.clone();
        let read = workshop
            .runtime
            .download(
                &self.container,
                path,
                Box::new(move |reader| {
                    let mut archive = tar::Archive::new(reader);
                    for entry in archive.entries()? {
                        let mut content = Vec::new();
                        entry?.read_to_end(&mut content)?;
                        *sink.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = content;
                    }
                    Ok(())
                }),
            )
            .await;
        match read {
            Ok(()) => {
                let bytes = std::mem::take(&mut *bytes.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
                Ok(Some(bytes))
            }
            Err(error) if error.kind == RuntimeErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the container.
    pub(super) async fn remove(self, workshop: &Workshop) -> Result<Exit, Stop> {
        workshop.runtime.remove(&self.container).await?;
        Ok(self.exit)
    }
}

fn spec(workshop: &Workshop, image: &ReadyImage, run: &OdooRun<'_>) -> ContainerSpec {
    let names = &workshop.names;
    let mut spec = ContainerSpec::new(names.container(run.role), &image.name);
    let command = if run.accelerated {
        accelerate::command(run.command.clone())
    } else {
        run.command.clone()
    };
    let mut words = command.into_iter();
    spec.entrypoint = words.by_ref().take(1).collect();
    spec.command = words.collect();
    spec.env = environment(workshop);
    // A program that a plan runs finds the database as `psql` does.
    spec.env.insert("PGDATABASE".into(), run.database.into());
    spec.env.insert("PGUSER".into(), ROLE.into());
    spec.mounts = vec![
        volume(names.socket_volume(), SOCKET_DIR),
        volume(names.data_volume(), DATA_DIR),
    ];
    spec.memory = workshop.plan.limits.memory;
    spec.milli_cpus = workshop.plan.limits.milli_cpus;
    spec
}

/// Returns the environment of Odoo processes.
pub(super) fn environment(workshop: &Workshop) -> std::collections::BTreeMap<String, String> {
    [
        ("PGHOST", SOCKET_DIR.to_owned()),
        ("HOME", DATA_DIR.to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("OPENUPGRADE_TARGET_VERSION", workshop.plan.target.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Returns the folders with modules in the order in which Odoo must see them: the customer's first.
pub(super) fn addons_paths(workshop: &Workshop, image: &ReadyImage, series: Series) -> Vec<String> {
    workshop
        .facts
        .code_for(series)
        .filter(|code| !code.modules.is_empty())
        .flat_map(|code| {
            let root = format!("{CODE}/{}", code.repository);
            let below = |folder: &String| match folder.as_str() {
                "" => root.clone(),
                folder => format!("{root}/{folder}"),
            };
            match code.addons_folders.as_slice() {
                [] => vec![root.clone()],
                folders => folders.iter().map(below).collect::<Vec<_>>(),
            }
        })
        .chain(image.probe.addons_paths.iter().cloned())
        .collect()
}

/// Returns the settings of Odoo in a container.
pub(super) fn config(workshop: &Workshop, image: &ReadyImage, series: Series) -> String {
    let paths = addons_paths(workshop, image, series);
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    openupgrade::odoo_conf(&paths, DATA_DIR, ROLE)
}

/// Returns the folder with OpenUpgrade's scripts.
pub(super) fn openupgrade_scripts(workshop: &Workshop, series: Series) -> String {
    match workshop
        .plan
        .openupgrade
        .get(&series)
        .and_then(|pins| pins.repository.as_ref())
    {
        Some(repository) => format!("{CODE}/{repository}/openupgrade_scripts/scripts"),
        None => format!("{OPENUPGRADE}/odoo/addons/openupgrade_scripts/scripts"),
    }
}

/// Gives the filestore to the user that Odoo runs as in this image; the number differs from image to image.
pub(super) async fn own_filestore(
    database: &Database,
    context: &StepContext,
    image: &ReadyImage,
    name: &str,
) -> Result<(), Stop> {
    let (uid, gid) = (image.probe.uid, image.probe.gid);
    let script = format!(
        "mkdir -p {DATA_DIR}/filestore/{name}; chown {uid}:{gid} {DATA_DIR} {DATA_DIR}/filestore; \
         chown -R {uid}:{gid} {DATA_DIR}/filestore/{name}"
    );
    database
        .shell(
            "root",
            &script,
            "give the filestore to Odoo's user",
            Some(&context.log),
            &context.cancel,
        )
        .await?;
    Ok(())
}

/// Sends the checkouts of a series into a container.
pub(super) async fn send_code(workshop: &Workshop, container: &ContainerId, series: Series) -> Result<(), Stop> {
    let folders: Vec<(String, std::path::PathBuf)> = workshop
        .facts
        .code_for(series)
        .filter(|code| code.commit.is_some())
        .map(|code| {
            let root = format!("{}/{}", CODE.trim_start_matches('/'), code.repository);
            (
                place_of(code, root),
                workshop.state.checkout(&code.repository, &series.to_string()),
            )
        })
        .collect();
    if folders.is_empty() {
        return Ok(());
    }
    workshop
        .runtime
        .upload(
            container,
            "/",
            Box::new(move |archive| {
                archive.follow_symlinks(false);
                // Odoo's user reads it, whatever the umask of the user who checked it out.
                archive.mode(tar::HeaderMode::Deterministic);
                for (place, folder) in folders {
                    archive.append_dir_all(&place, &folder)?;
                }
                Ok(())
            }),
        )
        .await?;
    Ok(())
}

/// Returns where a checkout goes: a repository that is itself a module needs a folder of the module's name.
pub(super) fn place_of(code: &Code, root: String) -> String {
    match code.modules.keys().next() {
        Some(module) if code.addons_folders.is_empty() => format!("{root}/{module}"),
        _ => root,
    }
}

/// Sends files into a container: absolute path (with or without the leading slash), content. Everybody may read them.
pub(super) async fn send(
    workshop: &Workshop,
    container: &ContainerId,
    files: Vec<(String, Vec<u8>)>,
) -> Result<(), Stop> {
    if files.is_empty() {
        return Ok(());
    }
    workshop
        .runtime
        .upload(
            container,
            "/",
            Box::new(move |archive| {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(tar::EntryType::Directory);
                header.set_mode(0o1777);
                header.set_size(0);
                archive.append_data(&mut header, WORK.trim_start_matches('/'), std::io::empty())?;
                for (path, content) in files {
                    let mut header = tar::Header::new_gnu();
                    header.set_mode(0o644);
                    header.set_size(content.len() as u64);
                    archive.append_data(&mut header, path.trim_start_matches('/'), content.as_slice())?;
                }
                Ok(())
            }),
        )
        .await?;
    Ok(())
}

/// Returns the command that runs a script in `odoo shell` on a database.
pub(super) fn shell_command(database: &str, script: &str) -> Vec<String> {
    vec![
        "sh".into(),
        "-c".into(),
        format!("exec odoo shell -c {CONFIG} -d {database} --no-http --max-cron-threads=0 < {script}"),
    ]
}
