//! Looks whether every attachment has its file.

use super::names::DATA_DIR;
use super::snapshot::Snapshot;
use crate::container::Exec;
use crate::engine::{StepContext, Stop};
use crate::verify::attachments::{self, Files};

/// Compares the attachments of a database with the files of its filestore.
pub(super) async fn check(moment: &Snapshot, context: &StepContext) -> Result<Files, Stop> {
    let expected = moment
        .sql(&attachments::expected_sql(), "list the attachments", context)
        .await?;
    let folder = format!("{DATA_DIR}/filestore/{}", moment.name());
    let exec = Exec::new(attachments::listing_command(&folder)).user("root");
    let found = moment.database().exec(&exec, None, &context.cancel).await?;
    attachments::compare(&expected, &found.out).map_err(|error| Stop::step(error.to_string()))
}
