//! Going on after the engine was away: a restarted one has ended every container, and answered nobody meanwhile.

use super::Workshop;
use super::provision::ready;
use crate::container::{LABEL_RUN, LABEL_STEP, ResourceKind};
use crate::engine::{StepContext, Stop};
use crate::plan::{Nature, Node};

/// Makes an attempt at a step possible: nothing of an earlier attempt is left, and PostgreSQL runs where the step needs
/// it.
pub(super) async fn before(workshop: &Workshop, node: &Node, context: &StepContext) -> Result<(), Stop> {
    if context.attempt > 1 {
        remove_leftovers(workshop, context).await?;
    }
    if node.kind.nature() == Nature::Ready {
        return Ok(());
    }
    revive(workshop, context).await
}

/// Removes what an earlier attempt of the step could not: an Odoo of it may even run on.
async fn remove_leftovers(workshop: &Workshop, context: &StepContext) -> Result<(), Stop> {
    let mut labels = workshop.names.own();
    labels.insert(LABEL_RUN.into(), workshop.run.to_string());
    labels.insert(LABEL_STEP.into(), context.step.to_string());
    for left in workshop.runtime.list(&labels).await? {
        if left.kind == ResourceKind::Container {
            context
                .log
                .line(&format!("removing {}, which the last attempt left", left.name));
            workshop.runtime.delete(&left).await?;
        }
    }
    Ok(())
}

/// Starts PostgreSQL again when it does not run any more.
///
/// Checkpoints were written to the disk. The working database may not have been, when it was the machine that ended, so
/// it is brought back from a checkpoint.
async fn revive(workshop: &Workshop, context: &StepContext) -> Result<(), Stop> {
    let _one_at_a_time = workshop.reviving.lock().await;
    let Ok(database) = workshop.database() else {
        return Ok(());
    };
    let state = workshop.runtime.state(&database.container().0).await?;
    let Some(state) = state.filter(|state| !state.running) else {
        return Ok(());
    };
    context.progress("starting PostgreSQL again", None);
    context.log.line("PostgreSQL had ended; it is started again");
    workshop.set_working(None);
    workshop.runtime.start(&state.id).await?;
    ready(workshop, &database, &context.cancel).await?;
    Ok(())
}
