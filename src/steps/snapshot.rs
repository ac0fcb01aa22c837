//! One moment of a database, read over several connections that cannot write.
//!
//! One `psql` holds a transaction open and exports what it sees; every question is asked in a transaction of its own
//! that is given the same sight. The holder reads its standard input to the end, so it goes when hopp does, even when
//! that is killed. The connections are of a role that may read everything and write nothing, in sessions that only
//! read: whatever is asked, the database stays what it was.

use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::database::{Database, PATIENT, psql, refused};
use super::names::READER;
use crate::container::{Exec, Stream};
use crate::engine::{StepContext, Stop};

/// How many questions are asked of one database at a time.
pub(super) const CONNECTIONS: usize = 3;

/// What begins every transaction: nothing is written, all of them see one moment, and values read the same everywhere.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n";
/// What the holder's complaints are about.
const HOLD: &str = "hold on to the state of the database";
const ALIKE: &str = "SET LOCAL TIME ZONE 'UTC';\nSET LOCAL datestyle = 'ISO';\nSET LOCAL bytea_output = 'hex';\n";

/// One moment of a database.
pub(super) struct Snapshot {
    database: Database,
    name: String,
    id: String,
    connections: Semaphore,
    let_go: CancellationToken,
    holder: Option<JoinHandle<()>>,
}

impl Snapshot {
    /// Takes hold of this moment.
    pub(super) async fn open(database: &Database, name: &str, context: &StepContext) -> Result<Snapshot, Stop> {
        let sql = format!("{BEGIN}SELECT pg_export_snapshot();\n");
        let exec = ask(name, &sql).stays();
        let let_go = context.cancel.child_token();
        let (sender, receiver) = oneshot::channel();
        let (owned, token) = (database.clone(), let_go.clone());
        let holder = tokio::spawn(async move { hold(&owned, &exec, &token, sender).await });
        let id = match receiver.await {
            Ok(Ok(id)) => id,
            Ok(Err(stop)) => return Err(stop),
            Err(_) => return Err(Stop::step(format!("{HOLD}: the connection ended at once"))),
        };
        Ok(Snapshot {
            database: database.clone(),
            name: name.to_owned(),
            id,
            connections: Semaphore::new(CONNECTIONS),
            let_go,
            holder: Some(holder),
        })
    }

    /// Returns the server.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Returns the database's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Asks, and returns what is printed. `what` names the question in an error.
    pub(super) async fn sql(&self, sql: &str, what: &str, context: &StepContext) -> Result<String, Stop> {
        let mut text = Vec::new();
        self.read(sql, what, context, &mut |bytes| text.extend_from_slice(bytes))
            .await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Asks for one JSON value.
    pub(super) async fn json<T: serde::de::DeserializeOwned>(
        &self,
        sql: &str,
        what: &str,
        context: &StepContext,
    ) -> Result<T, Stop> {
        let text = self.sql(sql, what, context).await?;
        serde_json::from_str(text.trim())
            .map_err(|error| Stop::step(format!("{what}: the answer is not what was asked for: {error}")))
    }

    /// Asks, and hands over each line as it comes: no more than a line is kept.
    pub(super) async fn lines(
        &self,
        sql: &str,
        what: &str,
        context: &StepContext,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), Stop> {
        let mut rest = Vec::new();
        self.read(sql, what, context, &mut |bytes| {
            for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
                rest.extend_from_slice(piece);
                if rest.last() == Some(&b'\n') {
                    each(String::from_utf8_lossy(&rest).trim_end_matches('\n'));
                    rest.clear();
                }
            }
        })
        .await
    }

    async fn read(
        &self,
        sql: &str,
        what: &str,
        context: &StepContext,
        each: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<(), Stop> {
        let script = format!(
            "{BEGIN}SET TRANSACTION SNAPSHOT '{}';\n{ALIKE}{sql}\n;ROLLBACK;\n",
            self.id
        );
        // Never closed.
        let _turn = self.connections.acquire().await;
        let mut err = Vec::new();
        let exit = self
            .database
            .watch(
                &ask(&self.name, &script),
                &mut |stream, bytes| match stream {
                    Stream::Out => each(bytes),
                    Stream::Err => err.extend_from_slice(bytes),
                },
                &context.cancel,
            )
            .await?;
        if exit.success() {
            return Ok(());
        }
        Err(refused(what, &String::from_utf8_lossy(&err), exit))
    }

    /// Lets go of the moment: the database may be copied or dropped afterwards.
    pub(super) async fn close(mut self) {
        self.let_go.cancel();
        if let Some(holder) = self.holder.take() {
            holder.await.ok();
        }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.let_go.cancel();
    }
}

/// Returns the `psql` that can only read.
fn ask(name: &str, sql: &str) -> Exec {
    let options = format!("{PATIENT} -c default_transaction_read_only=on");
    psql(READER, name, &options, sql)
}

/// Holds the transaction until told to let go, and says how it is called.
async fn hold(
    database: &Database,
    exec: &Exec,
    let_go: &CancellationToken,
    sender: oneshot::Sender<Result<String, Stop>>,
) {
    let mut sender = Some(sender);
    let mut tell = |said: Result<String, Stop>| {
        if let Some(sender) = sender.take() {
            sender.send(said).ok();
        }
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let ended = database
        .watch(
            exec,
            &mut |stream, bytes| match stream {
                Stream::Out => {
                    out.extend_from_slice(bytes);
                    if out.ends_with(b"\n") {
                        tell(Ok(String::from_utf8_lossy(&out).trim().to_owned()));
                    }
                }
                Stream::Err => err.extend_from_slice(bytes),
            },
            let_go,
        )
        .await;
    tell(ended.and_then(|exit| Err(refused(HOLD, &String::from_utf8_lossy(&err), exit))));
}
