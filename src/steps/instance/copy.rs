//! The database of an instance: a copy of a checkpoint, in a PostgreSQL of its own.

use tokio_util::sync::CancellationToken;

use super::{DOOR, InstanceKind};
use crate::engine::{StepContext, Stop};
use crate::ident::Fingerprint;
use crate::steps::database::Database;
use crate::steps::names::{DATA_DIR, ROLE, SOCKET_DIR};
use crate::steps::provision::{postgres_spec, ready, server_command, volume};
use crate::steps::sweep;
use crate::steps::workshop::ReadyImage;
use crate::steps::{Workshop, odoo_container};

/// Where the instance's volume appears in the run's PostgreSQL while the database is handed over.
const HANDOVER: &str = "/var/lib/instance";

/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Dumps the checkpoint into the instance's data volume and copies the filestore there.
pub(super) async fn hand_over(
    workshop: &Workshop,
    context: &StepContext,
    kind: InstanceKind,
    state: &Fingerprint,
) -> Result<(), Stop> {
    context.progress("copying the upgraded database", None);
    // Two PostgreSQL on one volume would destroy it, and a run that was killed leaves its own behind.
    sweep(workshop.runtime.as_ref(), &workshop.plan.customer, &workshop.state).await?;
    let names = &workshop.names;
    let mut spec = postgres_spec(workshop, "handover");
    spec.labels = names.labels("handover", None);
    spec.mounts.push(volume(names.container(&kind.role("data")), HANDOVER));
    let container = workshop.runtime.create(&spec).await?;
    let database = Database::new(workshop.runtime.clone(), container.clone());
    let copied = async {
        workshop.runtime.start(&container).await?;
        ready(workshop, &database, &context.cancel).await?;
        let (from, to) = (names.checkpoint(state), names.database());
        let script = format!(
            "rm -rf {HANDOVER}/filestore; mkdir -p {HANDOVER}/filestore; \
             pg_dump -U {ROLE} --no-owner -Fc -Z1 -d {from} -f {HANDOVER}/.handover; chmod 644 {HANDOVER}/.handover; \
             if [ -d {DATA_DIR}/filestore/{from} ]; then cp -a {DATA_DIR}/filestore/{from} {HANDOVER}/filestore/{to}; fi"
        );
        database
            .shell("root", &script, "copy the upgraded database", Some(&context.log), &context.cancel)
            .await
    }
    .await;
    database.close().await;
    copied.map(drop)
}

/// Starts the instance's PostgreSQL and restores what was handed over.
pub(super) async fn restore(
    workshop: &Workshop,
    context: &StepContext,
    kind: InstanceKind,
    image: &ReadyImage,
) -> Result<Database, Stop> {
    context.progress("restoring the copy", None);
    let database = start_postgres(workshop, context, kind).await?;
    let name = workshop.names.database();
    let jobs = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let script = format!(
        "createdb -U {ROLE} -T template0 -E UTF8 --lc-collate=C {name}; \
         pg_restore -U {ROLE} --no-owner --no-acl --exit-on-error -j {jobs} -d {name} {DATA_DIR}/.handover; \
         psql -X -q -U {ROLE} -d {name} -c ANALYZE"
    );
    let (log, cancel) = (Some(&context.log), &context.cancel);
    let what = "restore the instance's database";
    database.shell("postgres", &script, what, log, cancel).await?;
    // Odoo's own container starts as Odoo's user and cannot take the folder of the socket for itself.
    let (uid, gid) = (image.probe.uid, image.probe.gid);
    let tidy = format!("rm -f {DATA_DIR}/.handover; chown {uid}:{gid} {DOOR}");
    let what = "give the instance's folders to Odoo's user";
    database.shell("root", &tidy, what, log, cancel).await?;
    odoo_container::own_filestore(&database, context, image, &name).await?;
    Ok(database)
}

async fn start_postgres(workshop: &Workshop, context: &StepContext, kind: InstanceKind) -> Result<Database, Stop> {
    let names = &workshop.names;
    let mut spec = postgres_spec(workshop, &kind.role("postgres"));
    spec.labels = names.labels(&kind.role("postgres"), None);
    spec.restart = true;
    // People work here for weeks: nothing of the run's throw-away settings.
    spec.command = server_command(["listen_addresses=".to_owned()]);
    spec.mounts = vec![
        volume(names.container(&kind.role("pg")), "/var/lib/postgresql/data"),
        volume(names.container(&kind.role("data")), DATA_DIR),
        volume(names.container(&kind.role("socket")), SOCKET_DIR),
        volume(names.container(&kind.role("http")), DOOR),
    ];
    let container = workshop.runtime.create(&spec).await?;
    workshop.runtime.start(&container).await?;
    let database = Database::new(workshop.runtime.clone(), container);
    ready(workshop, &database, &context.cancel).await?;
    Ok(database)
}

/// Sets the instance's own address and gives it an administrator whose password nobody else has.
pub(super) async fn prepare(
    database: &Database,
    name: &str,
    url: &str,
    cancel: &CancellationToken,
) -> Result<(String, String), Stop> {
    let password = new_password().map_err(crate::steps::stop::file)?;
    // The published port is not there inside, where Odoo makes PDFs from pages of its own. A second factor is with
    // somebody else's telephone.
    let sql = format!(
        "UPDATE ir_config_parameter SET value = '{url}' WHERE key = 'web.base.url';\n\
         INSERT INTO ir_config_parameter (key, value) VALUES ('report.url', 'http://127.0.0.1:8069')\n\
           ON CONFLICT (key) DO UPDATE SET value = excluded.value;\n\
         DO $$ BEGIN IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'public'\n\
             AND table_name = 'res_users' AND column_name = 'totp_secret')\n\
           THEN UPDATE res_users SET totp_secret = NULL WHERE totp_secret IS NOT NULL; END IF; END $$;\n\
         WITH chosen AS (\n\
           SELECT u.id FROM res_users u JOIN res_groups_users_rel r ON r.uid = u.id\n\
           JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = r.gid\n\
             AND d.module = 'base' AND d.name = 'group_system'\n\
           WHERE u.active AND u.id > 1 ORDER BY u.login <> 'admin', u.id LIMIT 1)\n\
         UPDATE res_users SET password = '{password}' WHERE id IN (SELECT id FROM chosen) RETURNING login;\n"
    );
    let printed = database.sql(name, &sql, "prepare the instance", cancel).await?;
    let login = printed
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if login.is_empty() {
        return Err(Stop::step("no active user has administrator rights in this database"));
    }
    Ok((login.to_owned(), password))
}

/// Returns sixteen random letters and digits.
fn new_password() -> std::io::Result<String> {
    use std::io::Read as _;
    let mut bytes = [0_u8; 16];
    fs_err::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect())
}
