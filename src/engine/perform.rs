//! Performing one step: as often as it is worth it, no longer than allowed, and never to the ruin of the run.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinError;

use super::{Done, StepContext, Stop};
use crate::event::{Event, FailureKind};
use crate::plan::Node;
use crate::words;

/// A step being performed.
pub type Performing = Pin<Box<dyn Future<Output = Result<Done, Stop>> + Send>>;

/// What performs steps.
pub type Perform = dyn Fn(Node, StepContext) -> Performing + Send + Sync;

/// How much patience a step is met with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How often it is tried while its failures are transient.
    pub(super) attempts: u32,
    /// How long to wait before the second attempt; doubles with each.
    pub(super) back_off: Duration,
    /// The longest an attempt may take.
    pub(super) timeout: Duration,
    /// How long an attempt that was told to stop may take for that.
    pub(super) grace: Duration,
}

/// Performs a step; a transient failure is tried again.
pub(super) async fn perform(
    perform: &Arc<Perform>,
    node: &Node,
    context: &StepContext,
    patience: Patience,
) -> Result<Done, Stop> {
    let mut pause = patience.back_off;
    let mut context = context.clone();
    while context.attempt < patience.attempts {
        match once(perform, node, &context, patience).await {
            Err(stop) if stop.transient => {
                context.emit(Event::StepRetried {
                    step: context.step.clone(),
                    failure: (*stop.failure).clone(),
                    wait_ms: super::millis(pause),
                });
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = context.cancel.cancelled() => {
                        let message = format!("stopped before it was tried again: {}", stop.failure.message);
                        return Err(Stop::new(FailureKind::Interrupted, message));
                    }
                }
                pause *= 2;
                context.attempt += 1;
            }
            ended => return ended,
        }
    }
    once(perform, node, &context, patience).await
}

/// Performs a step until it ends. When its time is up or the run is stopped it is told so, and given some time to clean up;
/// after that nobody waits for it any more.
async fn once(perform: &Arc<Perform>, node: &Node, context: &StepContext, patience: Patience) -> Result<Done, Stop> {
    let (performer, its_node, its_context) = (perform.clone(), node.clone(), context.clone());
    // A task of its own: one that panics or blocks its thread takes nobody with it.
    let mut performing = tokio::spawn(async move { performer(its_node, its_context).await });
    let late = tokio::select! {
        ended = &mut performing => return ended.unwrap_or_else(|error| Err(died(error))),
        () = tokio::time::sleep(patience.timeout) => true,
        () = context.cancel.cancelled() => false,
    };
    context.cancel.cancel();
    let ended = tokio::time::timeout(patience.grace, &mut performing).await;
    let ended = if let Ok(ended) = ended {
        ended.unwrap_or_else(|error| Err(died(error)))
    } else {
        performing.abort();
        Err(abandoned(patience.grace))
    };
    match ended {
        Err(stop) if late && stop.failure.kind != FailureKind::Internal => Err(timed_out(patience.timeout, stop)),
        ended => ended,
    }
}

fn abandoned(grace: Duration) -> Stop {
    Stop::new(
        FailureKind::Interrupted,
        format!(
            "it was told to stop, did not within {}, and was abandoned",
            words::duration(super::millis(grace))
        ),
    )
    .hint("its containers are removed; run again to go on from the last checkpoint")
}

fn timed_out(timeout: Duration, stop: Stop) -> Stop {
    let limit = words::duration(super::millis(timeout));
    let mut timed_out = Stop::new(
        FailureKind::Timeout,
        format!("it took longer than `limits.step_timeout` allows ({limit})"),
    )
    .excerpt(stop.failure.excerpt);
    timed_out.failure.hints = stop.failure.hints;
    timed_out.findings = stop.findings;
    timed_out.hint("raise `limits.step_timeout` in the plan, or look in the step's log for what it was doing")
}

/// Tells what a task died of: a panic, as nobody else ends one before its time.
fn died(error: JoinError) -> Stop {
    match error.try_into_panic() {
        Ok(panic) => panicked(&*panic),
        Err(error) => Stop::new(FailureKind::Internal, format!("hopp itself is broken: {error}")),
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Stop {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it did not say why");
    Stop::new(FailureKind::Internal, format!("hopp itself is broken: {message}"))
        .hint("this is a mistake in hopp, not in the plan: report it with this run's journal")
}
