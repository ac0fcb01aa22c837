//! What lives in the database alone, asked in the source of the target.

use tokio_util::sync::CancellationToken;

use super::look::{Looked, blocking};
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::gather::stopped;
use crate::cli::source;
use crate::event::{Finding, Severity};
use crate::port::Hop;
use crate::port::index::{Gone, judge_stored};
use crate::world::survey::stored;

/// Reads the backup once more, for what people put into the database, and asks the target about it.
pub(super) async fn findings(
    looked: &Looked,
    what: &str,
    environment: &Environment,
    cancel: &CancellationToken,
) -> Result<Vec<Finding>, Failure> {
    let index = source::index(what, environment).await?;
    let target = looked.hops.last().map_or(looked.surveyed.series, |hop| hop.to);
    if !index.series.is_empty() && index.series != target.to_string() {
        let message = format!("`{what}` is Odoo {}, and the database goes to {target}", index.series);
        return Err(Failure::new(exit::USAGE, message).hint("name the target's, or another series with `--to`"));
    }
    let (path, token) = (looked.surveyed.path.clone(), cancel.clone());
    let read = blocking(move || stored(&path, &|| token.is_cancelled())).await?;
    let stored = read.map_err(|error| stopped(cancel).unwrap_or_else(|| Failure::from(error)))?;
    let hops: Vec<Hop> = (looked.hops.iter())
        .map(|hop| {
            let release = hop.release.clone().unwrap_or_default();
            Hop {
                to: hop.to.major(),
                renames: release.apriori,
                changes: release.changes,
            }
        })
        .collect();
    let gone = blocking(move || judge_stored(&index, &stored, &hops)).await?;
    Ok(gone.into_iter().map(finding).collect())
}

fn finding(gone: Gone) -> Finding {
    let name = if gone.name.is_empty() {
        String::new()
    } else {
        format!(" ({})", gone.name)
    };
    // A view that cannot be put together takes its form with it.
    let severity = match (gone.model.as_str(), gone.active) {
        ("ir.ui.view", true) => Severity::Error,
        (_, true) => Severity::Warning,
        (_, false) => Severity::Info,
    };
    Finding {
        severity,
        code: format!("stored-{}-gone", gone.what),
        area: "code".into(),
        subject: format!("{} {}{name}", gone.model, gone.id),
        message: format!("{}, line {}: {}", gone.field, gone.line, gone.message),
        remedy: gone.remedy,
        evidence: Vec::new(),
        since: None,
    }
}
