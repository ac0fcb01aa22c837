//! The backup: whether it is one, and of what.

use std::time::Duration;

use super::{Check, silent};
use crate::journal::StateFolder;
use crate::odoo::backup::Backup;
use crate::spec::Plan;
use crate::words;
use crate::world::backup::read;
use crate::world::hash::HashCache;

/// Reads the plan's backup, the first time as a whole.
pub(super) async fn examine(plan: &Plan, limit: Duration) -> (Vec<Check>, Option<Backup>) {
    let cache = HashCache::new(StateFolder::beside(&plan.folder, &plan.customer).hashes());
    let name = plan
        .backup
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let path = plan.backup.clone();
    let work = tokio::task::spawn_blocking(move || read(&path, &cache, &|| false));
    let check = |message: String| Check::pass("backup", name.clone(), message);
    let bad = "get a good one: Odoo's database manager or `pg_dump` makes it";
    match tokio::time::timeout(limit, work).await {
        Err(_) => (vec![silent("backup", name, limit)], None),
        Ok(Err(error)) => (vec![check(format!("it cannot be read: {error}")).fail(bad)], None),
        Ok(Ok(Err(error))) => (vec![check(error.to_string()).fail(bad)], None),
        Ok(Ok(Ok(backup))) => {
            let size = words::bytes(backup.bytes);
            let seen = match backup.series {
                Some(series) => check(format!(
                    "Odoo {series}, {}, {size}",
                    words::count(backup.modules.len(), "module")
                )),
                None if plan.source_series.is_some() => {
                    check(format!("{size}; it cannot tell its series, the plan does"))
                }
                None => check(format!("{size}; its series cannot be read without restoring it"))
                    .fail("add `series` under `source` in the plan, or install `pg_restore`"),
            };
            (vec![seen], Some(backup))
        }
    }
}
