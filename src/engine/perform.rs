//! Performing one step: as often as it is worth it, no longer than allowed, and never to the ruin of the run.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::FutureExt as _;

use super::{Done, StepContext, Stop};
use crate::event::{Event, FailureKind};
use crate::plan::Node;

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
}

/// Performs a step; a transient failure is tried again.
pub(super) async fn perform(
    perform: &Perform,
    node: &Node,
    context: &StepContext,
    patience: Patience,
) -> Result<Done, Stop> {
    let mut pause = patience.back_off;
    let mut context = context.clone();
    while context.attempt < patience.attempts {
        match once(perform, node, &context, patience.timeout).await {
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
    once(perform, node, &context, patience.timeout).await
}

/// Performs a step until it ends; when its time is up it is told to stop, and has the time it needs to do so.
async fn once(perform: &Perform, node: &Node, context: &StepContext, timeout: Duration) -> Result<Done, Stop> {
    let performing = async { perform(node.clone(), context.clone()).await };
    // What a panicking step leaves behind is its own database state, which is thrown away like any failed step's.
    let mut performing = pin!(AssertUnwindSafe(performing).catch_unwind());
    let ended = tokio::select! {
        ended = &mut performing => return ended.unwrap_or_else(|panic| Err(panicked(&*panic))),
        () = tokio::time::sleep(timeout) => {
            context.cancel.cancel();
            performing.await
        }
    };
    match ended {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(stop)) => Err(timed_out(timeout, stop)),
        Err(panic) => Err(panicked(&*panic)),
    }
}

fn timed_out(timeout: Duration, stop: Stop) -> Stop {
    let minutes = timeout.as_secs().div_ceil(60);
    let mut timed_out = Stop::new(
        FailureKind::Timeout,
        format!("it took longer than `limits.step_timeout` allows ({minutes} min)"),
    )
    .hint("raise `limits.step_timeout` in the plan, or look in the step's log for what it was doing")
    .excerpt(stop.failure.excerpt);
    timed_out.findings = stop.findings;
    timed_out
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
