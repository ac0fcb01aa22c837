//! Fetching a repository with patience: what may pass is tried again, visibly.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::event::{Failure, FailureKind};
use crate::ui::Activity;
use crate::words;
use crate::world::git::{Credentials, GitError, Mirror, Mirrors};

/// How often a fetch is tried.
const ATTEMPTS: u32 = 4;
/// The first pause; each is twice the one before.
const BACK_OFF: Duration = Duration::from_secs(1);
/// How often a pause looks whether a person has stopped it.
const LOOK: Duration = Duration::from_millis(50);

/// An attempt that failed and was followed by another.
pub(super) struct Retried {
    /// Why it failed.
    pub failure: Failure,
    /// How long the next one waited, in milliseconds.
    pub wait_ms: u64,
}

/// Fetches a repository; also returns the attempts that failed before. Blocks.
pub(super) fn fetch(
    mirrors: &Mirrors,
    (name, url): (&str, &str),
    credentials: &Credentials,
    activity: &Activity,
    cancel: &CancellationToken,
) -> Result<(Mirror, Vec<Retried>), GitError> {
    let mut retried = Vec::new();
    let mut pause = BACK_OFF;
    for attempt in 1.. {
        let fetched = mirrors.fetch(url, credentials, &|line| activity.tell(line), &|| cancel.is_cancelled());
        let error = match fetched {
            Err(error) if error.is_transient() && attempt < ATTEMPTS => error,
            ended => return ended.map(|mirror| (mirror, retried)),
        };
        let wait_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        activity.warn(&format!(
            "! fetch {name}: {error}; again in {}",
            words::duration(wait_ms)
        ));
        retried.push(Retried {
            failure: Failure {
                kind: FailureKind::Environment,
                message: error.to_string(),
                hints: error.remedy().map(str::to_owned).into_iter().collect(),
                excerpt: Vec::new(),
            },
            wait_ms,
        });
        let end = Instant::now() + pause;
        while Instant::now() < end && !cancel.is_cancelled() {
            std::thread::sleep(LOOK);
        }
        pause *= 2;
    }
    unreachable!("the last attempt returns")
}
