//! Starts PostgreSQL: on a unix socket in a volume, and on nothing else.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Workshop;
use super::database::Database;
use super::names::{DATA_DIR, READER, ROLE, SOCKET_DIR};
use crate::container::{ContainerSpec, Exec, Mount};
use crate::engine::{Done, StepContext, Stop};

/// How long PostgreSQL may take to start, which includes making a new cluster or recovering from a crash.
const START_WITHIN: Duration = Duration::from_mins(3);

/// Stands in the volume once its cluster was made and answered.
const MADE: &str = "/var/lib/postgresql/data/.hopp-made";

/// Starts the image's own entrypoint. A container that was killed while it made a cluster leaves half of one, which the
/// entrypoint takes for whole; it is made anew. A server that was killed leaves its process number, beside its data and
/// beside its socket, which another process of the new container may have by chance; nobody else can use the volumes, so
/// the number says nothing.
const START: &str = r#"[ -e "$HOPP_MADE" ] || rm -rf "$PGDATA"
rm -f "$PGDATA/postmaster.pid" /var/run/postgresql/.s.PGSQL.*
exec docker-entrypoint.sh "$@""#;

/// Settings of a cluster that is thrown away: everything that trades safety against a power cut for speed.
const THROW_AWAY: [&str; 4] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
];

/// Settings of every cluster of ours (FACTS §9).
const ALWAYS: [&str; 8] = [
    "listen_addresses=",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "max_locks_per_transaction=512",
    "max_connections=60",
    "random_page_cost=1.1",
    "jit=off",
];

/// Starts PostgreSQL, and removes from its volume what is no checkpoint.
pub(super) async fn run(workshop: &Workshop, context: &StepContext) -> Result<Done, Stop> {
    let (database, version) = start(workshop, context).await?;
    super::sweep::volumes(workshop, &database, context).await?;
    super::archive::bring(workshop, &database, context).await?;
    Ok(Done::with(
        json!({ "postgresql": version.trim(), "durable": workshop.plan.durable }),
    ))
}

/// Starts PostgreSQL, waits until it answers, and returns it with its version.
pub(super) async fn start(workshop: &Workshop, context: &StepContext) -> Result<(Database, String), Stop> {
    let names = &workshop.names;
    let labels = names.labels("volume", None);
    for volume in [names.postgres_volume(), names.data_volume(), names.socket_volume()] {
        workshop.runtime.ensure_volume(&volume, &labels).await?;
    }
    let mut spec = postgres_spec(workshop, "postgres");
    spec.labels = workshop.labels("postgres", context);
    let container = workshop.runtime.create(&spec).await?;
    let database = Database::new(workshop.runtime.clone(), container.clone());
    // Remembered before it runs, so that it is removed whatever happens next.
    workshop.provisioned(database.clone());
    workshop.runtime.start(&container).await?;
    let version = match ready(workshop, &database, &context.cancel).await {
        Ok(version) => version,
        Err(stop) => {
            if context.cancel.is_cancelled() {
                // While a cluster is made nothing listens to a stop signal, and half a cluster is made anew anyway.
                workshop.runtime.remove(&container).await?;
            }
            return Err(stop);
        }
    };
    context.log.line(&format!("PostgreSQL {version} is ready"));
    Ok((database, version))
}

/// Returns the spec of a PostgreSQL container on the customer's volumes.
pub(super) fn postgres_spec(workshop: &Workshop, role: &str) -> ContainerSpec {
    let names = &workshop.names;
    let mut spec = ContainerSpec::new(names.container(role), workshop.postgres_image());
    let mut settings: Vec<String> = ALWAYS.iter().map(ToString::to_string).collect();
    settings.extend(memory_settings(workshop.plan.limits.memory));
    if workshop.plan.durable {
        settings.push("wal_level=replica".into());
    } else {
        settings.extend(THROW_AWAY.iter().map(ToString::to_string));
    }
    spec.entrypoint = vec!["sh".into(), "-c".into(), START.into()];
    spec.command = server_command(settings);
    spec.env = [
        ("POSTGRES_USER", ROLE),
        ("POSTGRES_DB", "postgres"),
        // Nobody reaches the socket but containers that share its volume.
        ("POSTGRES_HOST_AUTH_METHOD", "trust"),
        ("PGDATA", "/var/lib/postgresql/data/pgdata"),
        ("HOPP_MADE", MADE),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    spec.mounts = vec![
        volume(names.postgres_volume(), "/var/lib/postgresql/data"),
        volume(names.data_volume(), DATA_DIR),
        volume(names.socket_volume(), SOCKET_DIR),
    ];
    spec.memory = workshop.plan.limits.memory;
    spec.milli_cpus = workshop.plan.limits.milli_cpus;
    spec.shm_size = Some(1 << 30);
    spec
}

/// Returns the arguments of [`START`] for a server with these settings.
pub(super) fn server_command(settings: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut command = vec!["start".to_owned(), "postgres".to_owned()];
    for setting in settings {
        command.extend(["-c".to_owned(), setting]);
    }
    command
}

/// Returns the SQL that makes the role that only reads. Before 14 PostgreSQL has no such thing; there its sessions are
/// all that keeps it from writing.
fn reader_sql() -> String {
    format!(
        "DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
    IF current_setting('server_version_num')::int >= 140000 THEN
      CREATE ROLE {READER} LOGIN BYPASSRLS IN ROLE pg_read_all_data;
    ELSE
      CREATE ROLE {READER} LOGIN SUPERUSER;
    END IF;
  END IF;
END $$;"
    )
}

/// Returns how much memory PostgreSQL takes: a quarter of its limit for what is shared, up to what a hop profits from.
fn memory_settings(limit: Option<u64>) -> [String; 3] {
    let mib = limit.map_or(u64::MAX, |limit| limit >> 20);
    [
        format!("shared_buffers={}MB", (mib / 4).clamp(32, 512)),
        format!("maintenance_work_mem={}MB", (mib / 8).clamp(32, 512)),
        format!("work_mem={}MB", (mib / 32).clamp(4, 64)),
    ]
}

pub(super) fn volume(name: String, target: &str) -> Mount {
    Mount::Volume {
        name,
        target: target.into(),
        read_only: false,
    }
}

/// Waits until the server proper answers, prepares its roles and returns its version. While a new cluster is made a
/// temporary server answers on the same socket; the image's entrypoint is still a process of its own then.
pub(super) async fn ready(
    workshop: &Workshop,
    database: &Database,
    cancel: &CancellationToken,
) -> Result<String, Stop> {
    // What a script set for the role would outlive the checkpoint that the next run goes back to.
    let sql = format!("ALTER ROLE {ROLE} RESET ALL;\n{}\nSHOW server_version;", reader_sql());
    let script = format!(
        "for _ in $(seq 40); do
if ! grep -qs '^docker-entrypoi' /proc/[0-9]*/comm &&
psql -X -q -A -t -v ON_ERROR_STOP=1 -U {ROLE} -d postgres <<'END-OF-SQL'
{sql}
END-OF-SQL
then touch {MADE}; exit 0; fi; sleep 0.1; done; exit 1"
    );
    let exec = Exec::new(["sh", "-c", &script]).user("root");
    let deadline = tokio::time::Instant::now() + START_WITHIN;
    loop {
        let state = workshop.runtime.state(&database.container().0).await?;
        if !state.is_some_and(|state| state.running) {
            return Err(never_started(workshop, database).await);
        }
        let printed = database.exec(&exec, None, cancel).await?;
        if printed.exit.success() {
            return Ok(printed.out.trim().to_owned());
        }
        if tokio::time::Instant::now() > deadline {
            return Err(never_started(workshop, database).await);
        }
        // A container that is about to end refuses an `exec` at once.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn never_started(workshop: &Workshop, database: &Database) -> Stop {
    let text = super::postmortem::log_of(workshop, database).await;
    let excerpt = super::stop::last_lines(&text, 10);
    let stop = Stop::environment("PostgreSQL does not start").excerpt(excerpt);
    if text.contains("No space left on device") {
        stop.hint("free disk space for Docker; `hopp clean --list` shows what hopp keeps there")
    } else if text.contains("database files are incompatible") {
        stop.hint("the volume was made by another PostgreSQL; `hopp clean PLAN` starts afresh")
    } else {
        stop.hint("`hopp clean PLAN` throws the copy away; the next run restores the backup again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_container_gets_a_small_postgresql() {
        assert_eq!(memory_settings(None)[0], "shared_buffers=512MB");
        assert_eq!(memory_settings(Some(1 << 30))[0], "shared_buffers=256MB");
        assert_eq!(memory_settings(Some(64 << 20))[0], "shared_buffers=32MB");
    }
}
