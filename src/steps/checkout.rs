//! Puts a repository's code for a series in place.

use serde_json::json;

use super::Workshop;
use super::stop::blocking;
use crate::engine::{Done, StepContext, Stop};
use crate::ident::Series;
use crate::world::git::GitError;

/// Checks out the pinned commit from the mirror, which was fetched when the plan was read.
pub(super) async fn run(
    workshop: &Workshop,
    context: &StepContext,
    repository: &str,
    series: Series,
) -> Result<Done, Stop> {
    let code = workshop
        .facts
        .code_for(series)
        .find(|code| code.repository == repository)
        .ok_or_else(|| Stop::step(format!("repository `{repository}` has no entry for {series}")))?;
    let Some(commit) = code.commit.clone() else {
        context
            .log
            .line(&format!("{repository} has no `{}`: not ported yet", code.reference));
        return Ok(Done::with(json!({ "reference": code.reference, "ported": false })));
    };
    let spec = workshop
        .plan
        .repositories
        .iter()
        .find(|candidate| candidate.name == repository)
        .ok_or_else(|| Stop::step(format!("repository `{repository}` is not in the plan")))?;
    let target = workshop.state.checkout(repository, &series.to_string());
    let (url, folder) = (spec.url.clone(), spec.folder.clone());
    let mirrors = workshop.mirrors.clone();
    let wanted = commit.clone();
    let place = target.clone();
    blocking(move || -> Result<(), Stop> {
        let mirror = mirrors.open(&url)?.ok_or_else(|| {
            Stop::environment(format!("the mirror of {url} is gone")).hint("run again: it is fetched anew")
        })?;
        Ok(mirror.checkout(&wanted, &place, folder.as_deref())?)
    })
    .await?;
    context.log.line(&format!(
        "{repository} {} at {commit}, {} modules",
        code.reference,
        code.modules.len()
    ));
    Ok(Done::with(json!({
        "reference": code.reference,
        "commit": commit,
        "ported": true,
        "modules": code.modules.keys().collect::<Vec<_>>(),
    })))
}

impl From<GitError> for Stop {
    fn from(error: GitError) -> Stop {
        let stop = Stop::environment(error.to_string()).transient(error.is_transient());
        match error.remedy() {
            Some(remedy) => stop.hint(remedy),
            None => stop,
        }
    }
}
