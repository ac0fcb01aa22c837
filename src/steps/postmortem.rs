//! What PostgreSQL's own state and log say, when a step failed because of it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Workshop;
use super::database::Database;
use crate::container::ContainerState;
use crate::engine::Stop;
use crate::event::FailureKind;
use crate::words;

/// What programs say when PostgreSQL failed them.
const SYMPTOMS: [&str; 8] = [
    "No space left on device",
    "could not extend file",
    "could not write to file",
    "the disk is full",
    "PostgreSQL went away",
    "server closed the connection",
    "in recovery mode",
    "connection to server on socket",
];

/// What PostgreSQL says in its log about its own end.
const LAST_WORDS: [&str; 7] = [
    "PANIC:",
    "FATAL:  ",
    "No space left on device",
    "was terminated by signal",
    "out of memory",
    "shutdown request",
    "all server processes terminated",
];

/// How many of its lines are shown.
const LINES: usize = 6;

/// Why PostgreSQL failed a step.
#[derive(Debug, PartialEq, Eq)]
struct Death {
    message: String,
    hint: String,
}

/// Returns a failure as it is, or, when PostgreSQL is to blame for it, with the reason that PostgreSQL itself gives.
pub(super) async fn examine(workshop: &Workshop, stop: Stop) -> Stop {
    let Ok(database) = workshop.database() else {
        return stop;
    };
    if matches!(stop.failure.kind, FailureKind::Interrupted | FailureKind::Internal) {
        return stop;
    }
    let Ok(state) = workshop.runtime.state(&database.container().0).await else {
        return stop;
    };
    let running = state.as_ref().is_some_and(|state| state.running);
    let said = std::iter::once(&stop.failure.message).chain(&stop.failure.excerpt);
    let symptomatic = said
        .flat_map(|text| SYMPTOMS.iter().filter(|words| text.contains(**words)))
        .next();
    if running && symptomatic.is_none() {
        return stop;
    }
    let log = log_of(workshop, &database).await;
    let Some(death) = cause_of_death(state.as_ref(), &log, workshop.plan.limits.memory) else {
        return stop;
    };
    let mut explained = Stop::environment(death.message)
        .hint(death.hint)
        .excerpt(last_words(&log))
        .excerpt([stop.failure.message.clone()])
        .excerpt(stop.failure.excerpt.iter().take(LINES).cloned());
    explained.transient = stop.transient;
    explained.findings = stop.findings;
    explained.lost_checkpoint = stop.lost_checkpoint;
    explained
}

/// Returns what PostgreSQL has printed so far.
pub(super) async fn log_of(workshop: &Workshop, database: &Database) -> String {
    let mut text = String::new();
    let never = CancellationToken::new();
    let mut keep = |_, bytes: &[u8]| text.push_str(&String::from_utf8_lossy(bytes));
    let follow = workshop.runtime.follow(database.container(), &mut keep, &never);
    // The log of a server that runs has no end.
    tokio::time::timeout(Duration::from_secs(2), follow).await.ok();
    text
}

/// Returns the lines in which PostgreSQL speaks of its end.
pub(super) fn last_words(log: &str) -> Vec<String> {
    // A new cluster is made by a server of its own, which is stopped in peace.
    let up = log.rfind("ready to accept connections").unwrap_or_default();
    let stopped = log.rfind("shutdown request").is_some_and(|stopped| stopped > up);
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| LAST_WORDS.iter().any(|words| line.contains(words)))
        .filter(|line| stopped || !line.contains("shutdown request"))
        // What it says to everybody who knocks while it recovers.
        .filter(|line| {
            !["recovery mode", "not yet accepting", "starting up"]
                .iter()
                .any(|words| line.contains(words))
        })
        .collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| format!("PostgreSQL: {line}")).collect()
}

/// Says why PostgreSQL failed somebody, from the state of its container and its log; `None` when they do not tell.
fn cause_of_death(state: Option<&ContainerState>, log: &str, limit: Option<u64>) -> Option<Death> {
    let death = |message: String, hint: &str| {
        Some(Death {
            message,
            hint: hint.into(),
        })
    };
    let exit = state.and_then(|state| state.exit);
    let memory = "raise `limits.memory` in the plan, or remove it: it holds for PostgreSQL's container too";
    if log.contains("No space left on device") {
        return death(
            "PostgreSQL's disk is full".into(),
            "free disk space where Docker keeps its volumes; `hopp clean --list` shows what hopp keeps there",
        );
    }
    let Some(state) = state else {
        return death(
            "PostgreSQL's container is gone: somebody removed it".into(),
            "leave the containers of a run alone while it goes on",
        );
    };
    let Some(exit) = exit.filter(|_| !state.running) else {
        // Its main process lives on and starts the others anew when one of them is killed.
        let killed = log.lines().find(|line| line.contains("was terminated by signal"))?;
        let signal = killed.split_once("signal ").map_or("", |(_, rest)| rest);
        return death(
            format!("a process of PostgreSQL was killed with signal {signal}"),
            memory,
        );
    };
    if exit.out_of_memory {
        let limit = limit.map_or_else(String::new, |limit| {
            format!(": more than `limits.memory` allows, {}", words::bytes(limit))
        });
        return death(format!("PostgreSQL's container ran out of memory{limit}"), memory);
    }
    match exit.code {
        137 => death(
            "PostgreSQL's container was killed with signal 9".into(),
            "somebody did that (`docker kill`), or the machine was out of memory: `dmesg` tells",
        ),
        0 | 143 => death(
            "PostgreSQL's container was stopped".into(),
            "somebody stopped it, or Docker itself was restarted; leave it alone while a run goes on",
        ),
        code => death(
            format!("PostgreSQL's container ended with exit code {code}"),
            "its last words are below; `hopp clean PLAN` starts afresh when it does not come back",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{ContainerId, Exit, ImageId, Labels};

    fn state(running: bool, code: i64, out_of_memory: bool) -> ContainerState {
        ContainerState {
            id: ContainerId("x".into()),
            running,
            exit: (!running).then_some(Exit { code, out_of_memory }),
            image: ImageId("x".into()),
            ports: vec![],
            labels: Labels::new(),
        }
    }

    fn said(state: Option<&ContainerState>, log: &str) -> Option<String> {
        cause_of_death(state, log, Some(1 << 30)).map(|death| death.message)
    }

    #[test]
    fn a_full_disk_is_told_apart_from_a_kill() {
        let full = "PANIC:  could not write to file \"pg_wal/xlogtemp.44\": No space left on device";
        assert_eq!(
            said(Some(&state(false, 1, false)), full).unwrap(),
            "PostgreSQL's disk is full"
        );
        assert_eq!(
            said(Some(&state(false, 137, false)), "").unwrap(),
            "PostgreSQL's container was killed with signal 9"
        );
        assert_eq!(
            said(Some(&state(false, 137, true)), "").unwrap(),
            "PostgreSQL's container ran out of memory: more than `limits.memory` allows, 1.00 GiB"
        );
        let backend = "LOG:  server process (PID 71) was terminated by signal 9: Killed";
        assert_eq!(
            said(Some(&state(true, 0, false)), backend).unwrap(),
            "a process of PostgreSQL was killed with signal 9: Killed"
        );
        assert_eq!(
            said(None, "").unwrap(),
            "PostgreSQL's container is gone: somebody removed it"
        );
    }

    #[test]
    fn a_server_that_is_well_is_not_blamed() {
        assert_eq!(said(Some(&state(true, 0, false)), "LOG:  checkpoint starting"), None);
    }
}
