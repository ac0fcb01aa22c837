//! What work can be, in the words of the contract.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a piece of work is. An agreement may include the first five; it never includes those after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The upgrade to a newer series.
    Upgrade,
    /// Correcting what deviates from its specification.
    BugFix,
    /// Answering questions.
    Support,
    /// Bringing in the patches of a series.
    Patch,
    /// A correction outside the ordinary patches, because it cannot wait.
    HotFix,
    /// Training in new versions, and testing them.
    TrainingAndTesting,
    /// Support while a new version is taken into use.
    GoLive,
    /// Delivering resources and infrastructure.
    Infrastructure,
    /// Importing and exporting data.
    ImportExport,
    /// Cleaning and validating production data.
    DataCleaning,
    /// New functions.
    NewFunction,
    /// Transactional services: SMS, e-invoices, credit checks.
    TransactionalService,
    /// External applications.
    ExternalApplication,
    /// Restoring backups.
    BackupRestore,
    /// Licences.
    Licence,
    /// Corrections of data in the database.
    DatabaseCorrection,
    /// New instances beyond test and development.
    NewInstance,
    /// Configuration outside the virtual machine.
    OutsideVm,
    /// Anything else.
    Other,
}

impl Category {
    /// Every category, those that an agreement may include first.
    pub const ALL: [Category; 19] = [
        Category::Upgrade,
        Category::BugFix,
        Category::Support,
        Category::Patch,
        Category::HotFix,
        Category::TrainingAndTesting,
        Category::GoLive,
        Category::Infrastructure,
        Category::ImportExport,
        Category::DataCleaning,
        Category::NewFunction,
        Category::TransactionalService,
        Category::ExternalApplication,
        Category::BackupRestore,
        Category::Licence,
        Category::DatabaseCorrection,
        Category::NewInstance,
        Category::OutsideVm,
        Category::Other,
    ];

    /// Returns its name in plans, logs and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Category::Upgrade => "upgrade",
            Category::BugFix => "bug-fix",
            Category::Support => "support",
            Category::Patch => "patch",
            Category::HotFix => "hot-fix",
            Category::TrainingAndTesting => "training-and-testing",
            Category::GoLive => "go-live",
            Category::Infrastructure => "infrastructure",
            Category::ImportExport => "import-export",
            Category::DataCleaning => "data-cleaning",
            Category::NewFunction => "new-function",
            Category::TransactionalService => "transactional-service",
            Category::ExternalApplication => "external-application",
            Category::BackupRestore => "backup-restore",
            Category::Licence => "licence",
            Category::DatabaseCorrection => "database-correction",
            Category::NewInstance => "new-instance",
            Category::OutsideVm => "outside-vm",
            Category::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_is_written_as_it_is_named() {
        for category in Category::ALL {
            assert_eq!(serde_json::to_value(category).unwrap(), category.name());
        }
        let schema = schemars::schema_for!(Category);
        assert_eq!(
            schema.as_value()["oneOf"].as_array().unwrap().len(),
            Category::ALL.len()
        );
    }
}
