//! JSON Schema of the files users write, for their editors.

use schemars::{JsonSchema, schema_for};

use super::plan_file::PlanFile;
use super::playbook_file::PlaybookFile;

/// Returns the JSON Schema of a plan, with a line break at its end.
pub fn plan_schema() -> String {
    schema_of::<PlanFile>()
}

/// Returns the JSON Schema of a playbook, with a line break at its end.
pub fn playbook_schema() -> String {
    schema_of::<PlaybookFile>()
}

fn schema_of<T: JsonSchema>() -> String {
    format!("{:#}\n", schema_for!(T).as_value())
}
