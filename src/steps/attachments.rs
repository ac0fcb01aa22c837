//! Looks whether every attachment has its file.

use super::database::Database;
use super::names::DATA_DIR;
use crate::container::Exec;
use crate::engine::{StepContext, Stop};
use crate::verify::attachments::{self, Files};

/// Compares the attachments of a database with the files of its filestore.
pub(super) async fn check(database: &Database, context: &StepContext, name: &str) -> Result<Files, Stop> {
    let expected = database
        .sql(
            name,
            &attachments::expected_sql(),
            "list the attachments",
            &context.cancel,
        )
        .await?;
    let exec = Exec::new(attachments::listing_command(&format!("{DATA_DIR}/filestore/{name}"))).user("root");
    let found = database.exec(&exec, None, &context.cancel).await?;
    attachments::compare(&expected, &found.out).map_err(|error| Stop::step(error.to_string()))
}
