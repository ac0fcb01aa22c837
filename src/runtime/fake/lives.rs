//! Waiting for what a scripted container does.

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Fake;
use super::world::Life;
use crate::container::{ContainerId, Exec, Exit};
use crate::runtime::{Output, RuntimeError, RuntimeErrorKind};

/// Follows a container's output, and says how it ended.
pub(super) async fn follow(
    fake: &Fake,
    container: &ContainerId,
    output: Output<'_>,
    cancel: &CancellationToken,
) -> Result<Exit, RuntimeError> {
    let action = format!("follow container {}", container.0);
    let mut seen = 0;
    loop {
        // Asked for before the look, so that a change between the look and the wait is not missed.
        let changed = fake.changed.notified();
        let (news, life) = {
            let mut world = fake.world();
            let found = world.container(&action, container)?;
            (found.log[seen..].to_vec(), found.life())
        };
        seen += news.len();
        for (stream, bytes) in news {
            output(stream, &bytes);
        }
        let end = match life {
            Life::Created => {
                let message = "it was never started";
                return Err(RuntimeError::new(action, RuntimeErrorKind::Conflict, message));
            }
            Life::Ended(exit) => return Ok(exit),
            Life::Running(end) => end.map(|(end, _)| end),
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(RuntimeError::cancelled(action)),
            () = changed => {}
            () = reach(end) => {}
        }
    }
}

/// Runs a command in a running container.
pub(super) async fn exec(
    fake: &Fake,
    container: &ContainerId,
    exec: &Exec,
    output: Output<'_>,
    cancel: &CancellationToken,
) -> Result<Exit, RuntimeError> {
    let program = exec.command.first().map_or("nothing", String::as_str);
    let action = format!("run {program} in container {}", container.0);
    if cancel.is_cancelled() {
        return Err(RuntimeError::cancelled(action));
    }
    let played = {
        let mut world = fake.world();
        if !world.container(&action, container)?.runs() {
            let message = "the container is not running";
            return Err(RuntimeError::new(action, RuntimeErrorKind::Conflict, message));
        }
        let stdin = exec.stdin.clone().unwrap_or_default();
        world.play(container, exec.command.clone(), exec.env.clone(), stdin)?
    };
    for (stream, bytes) in played.printed {
        output(stream, &bytes);
    }
    loop {
        let changed = fake.changed.notified();
        if !fake.world().container(&action, container)?.runs() {
            let message = "the container stopped before the command ended";
            return Err(RuntimeError::new(action, RuntimeErrorKind::Conflict, message));
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(RuntimeError::cancelled(action)),
            () = reach(played.end.map(|(end, _)| end)) => break,
            () = changed => {}
        }
    }
    played
        .end
        .map(|(_, exit)| exit)
        .ok_or_else(|| RuntimeError::cancelled(action))
}

/// Waits for a time, or for ever.
async fn reach(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => std::future::pending().await,
    }
}
