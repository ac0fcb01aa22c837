//! Odoo of an instance.

use std::path::PathBuf;
use std::time::Duration;

use super::{DOOR, FORWARD, InstanceKind, code};
use crate::container::{ContainerId, ContainerSpec, Exec};
use crate::engine::{StepContext, Stop};
use crate::ident::Series;
use crate::steps::Workshop;
use crate::steps::names::{DATA_DIR, SOCKET_DIR};
use crate::steps::odoo_container::{self, CONFIG};
use crate::steps::provision::volume;
use crate::steps::stop::last_lines;
use crate::steps::workshop::ReadyImage;

/// How long Odoo may take until it answers.
const UP_WITHIN: Duration = Duration::from_mins(3);

/// Starts Odoo and waits until it answers. Returns the folder with a developer's code, where that is mounted.
pub(super) async fn start(
    workshop: &Workshop,
    context: &StepContext,
    kind: InstanceKind,
    series: Series,
    image: &ReadyImage,
) -> Result<Option<PathBuf>, Stop> {
    context.progress("starting Odoo", None);
    let names = &workshop.names;
    let name = names.database();
    let mut spec = ContainerSpec::new(names.container(&kind.role("odoo")), &image.name);
    spec.labels = names.labels(&kind.role("odoo"), None);
    spec.entrypoint = vec!["sh".into(), "-c".into()];
    let dev = if kind == InstanceKind::Dev { " --dev=all" } else { "" };
    // In brackets, so that it is no child of Odoo, which waits for its children when it ends.
    spec.command = vec![format!(
        "(python3 /opt/hopp/forward.py unix:{DOOR}/http.sock tcp:127.0.0.1:8069 &); \
         exec odoo -c {CONFIG} -d {name} --db-filter='^{name}$' --no-database-list --http-interface=127.0.0.1 --max-cron-threads=0{dev}"
    )];
    spec.env = odoo_container::environment(workshop);
    spec.mounts = vec![
        volume(names.container(&kind.role("socket")), SOCKET_DIR),
        volume(names.container(&kind.role("data")), DATA_DIR),
        volume(names.container(&kind.role("http")), DOOR),
    ];
    spec.memory = workshop.plan.limits.memory;
    spec.milli_cpus = workshop.plan.limits.milli_cpus;
    spec.restart = true;
    let bound = kind == InstanceKind::Dev && workshop.runtime.engine().await?.local;
    if bound {
        spec.mounts.extend(code::mounts(workshop, series)?);
    }
    let container = workshop.runtime.create(&spec).await?;
    if !bound {
        odoo_container::send_code(workshop, &container, series).await?;
    }
    let config = odoo_container::config(workshop, image, series);
    let files = vec![
        (CONFIG.to_owned(), config.into_bytes()),
        ("/opt/hopp/forward.py".to_owned(), FORWARD.as_bytes().to_vec()),
    ];
    odoo_container::send(workshop, &container, files).await?;
    workshop.runtime.start(&container).await?;
    answers(workshop, context, &container).await?;
    Ok(bound.then(|| code::folder(workshop, series)))
}

/// Waits until Odoo answers a request for its login page.
pub(super) async fn answers(workshop: &Workshop, context: &StepContext, odoo: &ContainerId) -> Result<(), Stop> {
    let script = "import urllib.request as r; r.urlopen('http://127.0.0.1:8069/web/login', timeout=60).read(1)";
    let exec = Exec::new(["python3", "-c", script]);
    let deadline = tokio::time::Instant::now() + UP_WITHIN;
    loop {
        let state = workshop.runtime.state(&odoo.0).await?;
        let running = state.is_some_and(|state| state.running);
        if running {
            let exit = workshop
                .runtime
                .exec(odoo, &exec, &mut |_, _| {}, &context.cancel)
                .await?;
            if exit.success() {
                return Ok(());
            }
        }
        if !running || tokio::time::Instant::now() > deadline {
            let mut text = String::new();
            let mut keep = |_, bytes: &[u8]| text.push_str(&String::from_utf8_lossy(bytes));
            let follow = workshop.runtime.follow(odoo, &mut keep, &context.cancel);
            tokio::time::timeout(Duration::from_secs(2), follow).await.ok();
            return Err(Stop::step("Odoo does not answer").excerpt(last_lines(&text, 15)));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
