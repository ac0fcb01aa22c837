//! Warnings that an upgrade without fault is full of, recognised by rule.

use super::record::{Head, Level, Record};

/// A kind of warning that is normal for an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoiseRule {
    /// Its stable name.
    pub id: &'static str,
    /// The words that its records have in common.
    pub pattern: &'static str,
    /// Why it is no trouble.
    pub why: &'static str,
}

/// Columns of fields that were deleted.
pub(super) const COLUMN_KEPT: &str = "column-kept";
/// Views that were not rendered at some moment of the upgrade.
pub(super) const VIEW_NOT_RENDERED_YET: &str = "view-not-rendered-yet";
/// Saved filters that OpenUpgrade switched off.
pub(super) const FILTER_DISABLED: &str = "filter-disabled";

/// The rules, the commonest first.
const RULES: [NoiseRule; 16] = [
    NoiseRule {
        id: COLUMN_KEPT,
        pattern: "Not dropping the column",
        why: "OpenUpgrade keeps the columns of fields that are gone; their data is not lost, and nothing reads them",
    },
    NoiseRule {
        id: VIEW_NOT_RENDERED_YET,
        pattern: "Can't render custom view",
        why: "a view was met before everything it needs was there; what is still broken at the end is found by the check of the views",
    },
    NoiseRule {
        id: "table-kept",
        pattern: "Not dropping the table or view",
        why: "OpenUpgrade keeps the tables of models that are gone",
    },
    NoiseRule {
        id: "relation-kept",
        pattern: "Not dropping the relation",
        why: "OpenUpgrade keeps the tables that linked two models",
    },
    NoiseRule {
        id: "obsolete-record-kept",
        pattern: "Could not delete obsolete record",
        why: "a record of the old series is still in use, and is kept",
    },
    NoiseRule {
        id: "mapped-in-place",
        pattern: "map_values is called with the same value",
        why: "a script of OpenUpgrade maps a column onto itself: the new values are right, the old ones are not kept beside them",
    },
    NoiseRule {
        id: "no-chart-of-accounts",
        pattern: "chart template False unknown",
        why: "a company has no chart of accounts, so OpenUpgrade has none to bring up to date",
    },
    NoiseRule {
        id: "field-defined-already",
        pattern: "There's already an entry for",
        why: "two scripts of OpenUpgrade prepare the same field",
    },
    NoiseRule {
        id: FILTER_DISABLED,
        pattern: "FILTER DISABLED: ",
        why: "a saved filter uses a field that is gone; it was switched off and is listed by name",
    },
    NoiseRule {
        id: "model-without-access",
        pattern: "have no access rules",
        why: "a model of a module's own has no access rules; it had none before",
    },
    NoiseRule {
        id: "model-without-access",
        pattern: "has no access rules",
        why: "a model of a module's own has no access rules; it had none before",
    },
    NoiseRule {
        id: "option-not-boolean",
        pattern: "isn't a boolean option, skip",
        why: "a setting that Odoo reads in another way",
    },
    NoiseRule {
        id: "rpc-deprecated",
        pattern: "endpoint is deprecated and scheduled for removal",
        why: "a remark about the future of a protocol",
    },
    NoiseRule {
        id: "two-fields-one-label",
        pattern: " have the same label: ",
        why: "two fields of a model look the same in a list; it was so before",
    },
    NoiseRule {
        id: "states-reset",
        pattern: "Transient module states were reset",
        why: "follows from the failure that is told beside it",
    },
    NoiseRule {
        id: "translation-of-unknown",
        pattern: "no translation information for ",
        why: "a language for which a module has no words",
    },
];

/// Returns the rules that tell normal warnings from trouble.
pub fn noise_rules() -> &'static [NoiseRule] {
    &RULES
}

/// What OpenUpgrade calls an error and goes on after, with the upgrade as whole as it was.
const REMARKS: [&str; 2] = [
    "map_values is called with the same value",
    "unknown (not yet migrated?)",
];

/// Returns how loud a record really is: what OpenUpgrade remarks about itself stops nothing.
pub(super) fn level(head: &Head<'_>) -> Level {
    let remark = head.logger == "OpenUpgrade" && REMARKS.iter().any(|words| head.message.contains(words));
    if remark {
        head.level.min(Level::Warning)
    } else {
        head.level
    }
}

/// Says whether an error is explained by the record right after it: Odoo tries to delete what nothing defines any more,
/// PostgreSQL refuses because something still points there, and the record stays.
pub(super) fn is_taken_back(error: &Record, next: &Head<'_>) -> bool {
    error.level == Level::Error
        && error.message.starts_with("bad query: b'DELETE FROM")
        && next.level == Level::Warning
        && next.message.contains("Could not delete obsolete record")
}

/// Returns the rule that a record keeps to, `None` when it is worth a look. Errors are never noise.
pub(super) fn noise(head: &Head<'_>) -> Option<&'static NoiseRule> {
    (head.level == Level::Warning)
        .then(|| RULES.iter().find(|rule| head.message.contains(rule.pattern)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_noise_as_a_warning_and_trouble_as_an_error() {
        let words = "OpenUpgrade: Module Unknown: Not dropping the column of field a of model b";
        let warning = format!("2026-11-22 18:32:40,447 8 WARNING acme {words}");
        let error = format!("2026-11-22 18:32:40,447 8 ERROR acme {words}");
        assert_eq!(noise(&Head::parse(&warning).unwrap()).unwrap().id, "column-kept");
        assert_eq!(noise(&Head::parse(&error).unwrap()), None);
    }

    #[test]
    fn what_openupgrade_remarks_about_itself_stops_nothing() {
        let says = |logger: &str, words: &str| format!("2026-11-22 18:32:40,447 8 ERROR acme {logger}: {words}");
        let level_of = |line: &str| level(&Head::parse(line).unwrap());
        let words = "chart template False unknown (not yet migrated?)";
        assert_eq!(level_of(&says("OpenUpgrade", words)), Level::Warning);
        assert_eq!(level_of(&says("odoo.addons.own", words)), Level::Error);
        assert_eq!(
            level_of(&says("OpenUpgrade", "sale: error in migration script")),
            Level::Error
        );
    }

    #[test]
    fn every_rule_says_why() {
        for rule in noise_rules() {
            assert!(!rule.why.is_empty() && !rule.pattern.is_empty(), "{}", rule.id);
        }
    }
}
