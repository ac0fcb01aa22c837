//! PostgreSQL as steps use it: SQL through `psql` inside its container.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::names::ROLE;
use super::stop::last_lines;
use crate::container::{ContainerId, Exec, Exit, Stream};
use crate::engine::{StepLog, Stop};
use crate::runtime::{Output, Runtime};

/// Limits that a script may have set for the role or the database are not meant for what hopp itself does.
pub(super) const PATIENT: &str = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0";

/// A running PostgreSQL, which also sees the filestores.
#[derive(Clone)]
pub struct Database {
    runtime: Arc<dyn Runtime>,
    container: ContainerId,
}

/// What a command in the PostgreSQL container printed.
pub(super) struct Printed {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) exit: Exit,
}

impl Database {
    /// Returns the PostgreSQL in this container.
    pub fn new(runtime: Arc<dyn Runtime>, container: ContainerId) -> Database {
        Database { runtime, container }
    }

    /// Returns its container.
    pub(super) fn container(&self) -> &ContainerId {
        &self.container
    }

    /// Runs SQL in a database and returns what it printed: unaligned, tuples only, stopping at the first error.
    ///
    /// `what` names the SQL in an error.
    pub async fn sql(&self, database: &str, sql: &str, what: &str, cancel: &CancellationToken) -> Result<String, Stop> {
        let printed = self.exec(&psql(ROLE, database, PATIENT, sql), None, cancel).await?;
        if printed.exit.success() {
            Ok(printed.out)
        } else {
            Err(refused(what, &printed.err, printed.exit))
        }
    }

    /// Runs SQL that returns one JSON value.
    pub(super) async fn json<T: serde::de::DeserializeOwned>(
        &self,
        database: &str,
        sql: &str,
        what: &str,
        cancel: &CancellationToken,
    ) -> Result<T, Stop> {
        let text = self.sql(database, sql, what, cancel).await?;
        serde_json::from_str(text.trim())
            .map_err(|error| Stop::step(format!("{what}: the answer is not what was asked for: {error}")))
    }

    /// Runs a shell script in the container and returns what it printed; a code other than zero is a stop.
    pub(super) async fn shell(
        &self,
        user: &str,
        script: &str,
        what: &str,
        log: Option<&StepLog>,
        cancel: &CancellationToken,
    ) -> Result<String, Stop> {
        let exec = Exec::new(["sh", "-ec", script]).user(user);
        let printed = self.exec(&exec, log, cancel).await?;
        if printed.exit.success() {
            Ok(printed.out)
        } else {
            Err(refused(what, &printed.err, printed.exit))
        }
    }

    /// Runs a command in the container; its output goes to the log as well.
    pub(super) async fn exec(
        &self,
        exec: &Exec,
        log: Option<&StepLog>,
        cancel: &CancellationToken,
    ) -> Result<Printed, Stop> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = self
            .runtime
            .exec(
                &self.container,
                exec,
                &mut |stream, bytes| {
                    if let Some(log) = log {
                        log.write(bytes);
                    }
                    match stream {
                        Stream::Out => out.extend_from_slice(bytes),
                        Stream::Err => err.extend_from_slice(bytes),
                    }
                },
                cancel,
            )
            .await?;
        Ok(Printed {
            out: String::from_utf8_lossy(&out).into_owned(),
            err: String::from_utf8_lossy(&err).into_owned(),
            exit,
        })
    }

    /// Runs a command in the container and hands over what it prints as it comes.
    pub(super) async fn watch(
        &self,
        exec: &Exec,
        output: Output<'_>,
        cancel: &CancellationToken,
    ) -> Result<Exit, Stop> {
        Ok(self.runtime.exec(&self.container, exec, output, cancel).await?)
    }

    /// Stops PostgreSQL and removes its container.
    pub(super) async fn close(&self) {
        for result in [
            self.runtime.stop(&self.container, 60).await,
            self.runtime.remove(&self.container).await,
        ] {
            if let Err(error) = result {
                tracing::warn!(%error, "PostgreSQL's container stays; `hopp clean` removes it");
            }
        }
    }
}

/// Returns the command that runs SQL with these settings of the server: unaligned, tuples only, stopping at the first
/// error.
pub(super) fn psql(role: &str, database: &str, options: &str, sql: &str) -> Exec {
    let command = [
        "psql",
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        "-v",
        "VERBOSITY=verbose",
        "-U",
        role,
        "-d",
        database,
        "-f",
        "-",
    ];
    let mut exec = Exec::new(command).user("postgres").stdin(sql);
    exec.env = vec![("PGOPTIONS".into(), options.into())];
    exec
}

/// Makes what `psql` complained about a stop.
pub(super) fn refused(what: &str, err: &str, exit: Exit) -> Stop {
    let excerpt = last_lines(err, 12);
    let first = excerpt
        .iter()
        .find(|line| line.contains("ERROR:") || line.contains("FATAL:"))
        .or(excerpt.last())
        .cloned()
        .unwrap_or_else(|| format!("exit code {}", exit.code));
    let first = first.trim_start_matches("psql:<stdin>:").to_owned();
    let full = err.contains("No space left on device");
    let gone = err.contains("server closed the connection")
        || err.contains("No such file or directory\n\tIs the server running");
    if full {
        Stop::environment(format!("{what}: the disk is full: {first}"))
            .hint("free disk space for Docker; `hopp clean --list` shows what hopp keeps there")
            .excerpt(excerpt)
    } else if gone {
        Stop::environment(format!("{what}: PostgreSQL went away: {first}"))
            .hint("was its container killed, or out of memory? run again: it goes on from the last checkpoint")
            .excerpt(excerpt)
    } else {
        Stop::step(format!("{what}: {first}")).excerpt(excerpt)
    }
}

/// Quotes an identifier for SQL.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
