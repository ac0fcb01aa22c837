//! How errors of the layers below become a [`Stop`].

use crate::engine::Stop;
use crate::event::FailureKind;
use crate::runtime::{RuntimeError, RuntimeErrorKind};
use crate::world::remedy::of_disk;

impl From<RuntimeError> for Stop {
    fn from(error: RuntimeError) -> Stop {
        let kind = match error.kind {
            RuntimeErrorKind::Cancelled => FailureKind::Interrupted,
            _ => FailureKind::Environment,
        };
        let stop = Stop::new(kind, error.to_string()).transient(error.is_transient());
        match error.kind {
            RuntimeErrorKind::Unreachable => {
                stop.hint("is Docker running, and may this user use it? `docker info` must answer")
            }
            RuntimeErrorKind::NoSpace => {
                stop.hint("free disk space for Docker; `hopp clean --list` shows what hopp keeps there")
            }
            RuntimeErrorKind::Network => {
                stop.hint("check the engine's network, its proxy settings and the registry's name")
            }
            RuntimeErrorKind::Unauthorized => {
                stop.hint("name a login under `images.registries` in the plan, by reference to a variable or file")
            }
            RuntimeErrorKind::NotFound
            | RuntimeErrorKind::Conflict
            | RuntimeErrorKind::Cancelled
            | RuntimeErrorKind::Other => stop,
        }
    }
}

/// Returns the stop of a step that was told to stop: by a person, or because its time was up.
pub(super) fn interrupted(earlier: Stop) -> Stop {
    // A failure of its own that came first is worth more than the interruption it caused.
    if earlier.failure.kind != FailureKind::Interrupted && !earlier.failure.excerpt.is_empty() {
        return earlier;
    }
    let mut stop = earlier;
    stop.failure.kind = FailureKind::Interrupted;
    stop.failure.message = "interrupted".into();
    stop
}

/// Makes a file system error a stop of the environment.
pub(super) fn file(error: impl std::error::Error + 'static) -> Stop {
    let stop = Stop::environment(error.to_string());
    match of_disk(&error) {
        Some(remedy) => stop.hint(remedy),
        None => stop,
    }
}

/// Runs blocking work on a thread of its own.
pub(super) async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, Stop>
where
    T: Send + 'static,
    E: Into<Stop> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(error) => Err(Stop::new(
            FailureKind::Internal,
            format!("a worker thread died: {error}"),
        )),
    }
}

/// Returns the last lines of a text, for an excerpt.
pub(super) fn last_lines(text: &str, count: usize) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

/// Keeps the end of what a process prints.
#[derive(Default)]
pub(super) struct Tail {
    text: Vec<u8>,
}

impl Tail {
    /// How much is kept at least, in bytes.
    const KEPT: usize = 32 << 10;

    /// Takes the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
        if self.text.len() > 4 * Tail::KEPT {
            self.text.drain(..self.text.len() - Tail::KEPT);
        }
    }

    /// Returns its last lines.
    pub(super) fn lines(&self, count: usize) -> Vec<String> {
        last_lines(&String::from_utf8_lossy(&self.text), count)
    }
}
