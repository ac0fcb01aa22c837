//! Reading a container's output to its end.
//!
//! The connection that carries it may break while the container runs on: a proxy's patience, a restarted engine. Then the
//! log is asked for again *from its beginning*, and as many bytes as were seen are passed over. That is exact, where
//! asking for lines since a time is not (the two outputs are stamped separately, and the engine takes whole seconds), and
//! it works because the log is never rotated (`spec.rs`).

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{ContainerState as DockerState, ContainerStateStatusEnum};
use bollard::query_parameters::{LogsOptionsBuilder, WaitContainerOptionsBuilder};
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Docker, containers};
use crate::container::{ContainerId, Exit, Stream};
use crate::runtime::{Output, RuntimeError, RuntimeErrorKind};

/// How long a log may be silent before the container is looked at: a dead connection is silent for ever.
const SILENCE: Duration = Duration::from_mins(1);
/// How long a container may take to end after its output did.
const LAST_BREATH: Duration = Duration::from_secs(2);
/// How often in a row the log may break without a new byte before we give up; with the pauses about half a minute.
const PATIENCE: u32 = 10;

/// Follows a container's output, and says how its process ended.
pub(super) async fn follow(
    docker: &Docker,
    container: &ContainerId,
    output: Output<'_>,
    cancel: &CancellationToken,
) -> Result<Exit, RuntimeError> {
    let action = format!("follow container {}", container.0);
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(RuntimeError::cancelled(action)),
        exit = attend(docker, &action, &container.0, output) => exit,
    }
}

async fn attend(docker: &Docker, action: &str, container: &str, output: Output<'_>) -> Result<Exit, RuntimeError> {
    let mut seen = Seen::default();
    let mut failures = 0;
    let mut was_away = None;
    loop {
        let before = seen.total();
        match attempt(docker, action, container, &mut seen, output).await {
            Ok(Some(exit)) => return ended(exit, was_away),
            Ok(None) => (failures, was_away) = (0, None),
            Err(error) => {
                let news = seen.total() > before;
                failures = if news { 1 } else { failures + 1 };
                if failures > PATIENCE || !(news || is_passing(error.kind)) {
                    return Err(error);
                }
                if error.kind == RuntimeErrorKind::Unreachable {
                    was_away = Some(error);
                }
            }
        }
        sleep(Duration::from_millis(100 << failures.min(5))).await;
    }
}

/// Decides who ended a container that is found ended after its engine was away: an engine that is restarted ends all.
fn ended(exit: Exit, was_away: Option<RuntimeError>) -> Result<Exit, RuntimeError> {
    match was_away {
        Some(mut error) if !exit.success() => {
            error.message = format!("{}; when it was back, the container had ended", error.message);
            Err(error)
        }
        _ => Ok(exit),
    }
}

/// Says whether waiting may help.
fn is_passing(kind: RuntimeErrorKind) -> bool {
    matches!(kind, RuntimeErrorKind::Unreachable | RuntimeErrorKind::Other)
}

/// Reads the log once, and returns the exit when everything was read after the process ended.
async fn attempt(
    docker: &Docker,
    action: &str,
    container: &str,
    seen: &mut Seen,
    output: Output<'_>,
) -> Result<Option<Exit>, RuntimeError> {
    let state = state(docker, container).await?;
    if state.status == Some(ContainerStateStatusEnum::CREATED) {
        let message = "it was never started";
        return Err(RuntimeError::new(action, RuntimeErrorKind::Conflict, message));
    }
    let running = state.running.unwrap_or_default();
    read(docker, action, container, running, seen, output).await?;
    if running {
        // Its output ended, so it should end too; the next attempt reads what came between.
        let options = WaitContainerOptionsBuilder::new().condition("not-running").build();
        let mut end = docker.patient.wait_container(container, Some(options)).boxed();
        timeout(LAST_BREATH, end.next()).await.ok();
        return Ok(None);
    }
    Ok(containers::read_exit(&state))
}

async fn state(docker: &Docker, container: &str) -> Result<DockerState, RuntimeError> {
    Ok(containers::inspect(docker, container).await?.state.unwrap_or_default())
}

/// Reads the log from its beginning, and hands on what was not seen before.
///
/// Returns when the log ends, or when it has been silent and the container does not run any more.
async fn read(
    docker: &Docker,
    action: &str,
    container: &str,
    running: bool,
    seen: &mut Seen,
    output: Output<'_>,
) -> Result<(), RuntimeError> {
    let options = LogsOptionsBuilder::new()
        .follow(running)
        .stdout(true)
        .stderr(true)
        .build();
    let mut log = docker.quick.logs(container, Some(options)).boxed();
    let mut again = seen.replay();
    loop {
        let Ok(piece) = timeout(SILENCE, log.next()).await else {
            if state(docker, container).await?.running == Some(true) {
                continue;
            }
            return Ok(());
        };
        match piece {
            None => return Ok(()),
            Some(Ok(LogOutput::StdOut { message })) => {
                again.news(Stream::Out, &message, |bytes| output(Stream::Out, bytes));
            }
            Some(Ok(LogOutput::StdErr { message })) => {
                again.news(Stream::Err, &message, |bytes| output(Stream::Err, bytes));
            }
            // The engine's own complaint about the log ("Error grabbing logs: …") comes as a stream of a third kind,
            // which bollard takes for a terminal's and leaves the frame's eight bytes on.
            Some(Ok(LogOutput::Console { message } | LogOutput::StdIn { message })) => {
                let words = String::from_utf8_lossy(message.get(8..).unwrap_or_default());
                let error = Error::DockerStreamError {
                    error: words.trim().to_owned(),
                };
                return Err(docker.failed(action)(error));
            }
            Some(Err(error)) => return Err(docker.failed(action)(error)),
        }
    }
}

/// How many bytes of each output were handed on.
#[derive(Debug, Default)]
struct Seen {
    out: u64,
    err: u64,
}

impl Seen {
    fn total(&self) -> u64 {
        self.out + self.err
    }

    /// Begins to read the log from its beginning once more.
    fn replay(&mut self) -> Replay<'_> {
        Replay {
            pass_over: Seen {
                out: self.out,
                err: self.err,
            },
            seen: self,
        }
    }

    fn of(&mut self, stream: Stream) -> &mut u64 {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}

/// One reading of the log.
struct Replay<'a> {
    pass_over: Seen,
    seen: &'a mut Seen,
}

impl Replay<'_> {
    /// Hands on the part of `bytes` that no earlier reading did.
    fn news(&mut self, stream: Stream, bytes: &[u8], hand_on: impl FnOnce(&[u8])) {
        let pass_over = self.pass_over.of(stream);
        let old = usize::try_from(*pass_over).unwrap_or(usize::MAX).min(bytes.len());
        *pass_over -= old as u64;
        let news = &bytes[old..];
        if !news.is_empty() {
            *self.seen.of(stream) += news.len() as u64;
            hand_on(news);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_log_read_in_any_number_of_broken_attempts_is_handed_on_once(
            log in prop::collection::vec((any::<bool>(), "[a-z\n]{1,9}"), 0..30),
            cuts in prop::collection::vec((0_usize..30, 1_usize..5), 0..6),
        ) {
            let mut seen = Seen::default();
            let (mut out, mut err) = (String::new(), String::new());
            let whole = (log.len(), 3);
            for (length, width) in cuts.into_iter().chain([whole]) {
                let mut replay = seen.replay();
                // The engine may cut the same bytes differently each time.
                for (is_out, text) in log.iter().take(length) {
                    for bytes in text.as_bytes().chunks(width) {
                        let (stream, to) =
                            if *is_out { (Stream::Out, &mut out) } else { (Stream::Err, &mut err) };
                        replay.news(stream, bytes, |news| to.push_str(&String::from_utf8_lossy(news)));
                    }
                }
            }
            let of = |wanted| -> String {
                log.iter().filter(|(is_out, _)| *is_out == wanted).map(|(_, text)| text.as_str()).collect()
            };
            prop_assert_eq!(out, of(true));
            prop_assert_eq!(err, of(false));
        }
    }
}
