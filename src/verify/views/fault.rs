//! Something other than a view that is broken, and what kinds there are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Severity;

/// Something that is broken: a record, and what it names that is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fault {
    /// What it is.
    pub kind: Kind,
    /// The table that holds it.
    pub table: String,
    /// The model of the record itself.
    pub record: String,
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its external id, when it has one.
    pub xmlid: Option<String>,
    /// The model it works on.
    pub of: Option<String>,
    /// What it names that is not there: `model:name`, `model.field`, `method:model.name`, `xmlid:module.name`, `action:id`.
    pub names: Vec<String>,
    /// The columns that say so, as they are.
    pub texts: BTreeMap<String, Value>,
    /// What Odoo says.
    pub error: Option<String>,
    /// The line of code.
    pub place: Option<String>,
    /// Whether people meet it in their daily work: a menu leads there, or it is a standard document.
    pub grave: bool,
}

/// What is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A window action names something that is gone.
    Action,
    /// A window cannot be opened.
    Window,
    /// A menu leads nowhere.
    Menu,
    /// A report cannot be rendered.
    Report,
    /// A mail template cannot be rendered.
    Mail,
    /// A mail template has the syntax of 14.0.
    MailSyntax,
    /// A server action.
    Server,
    /// A scheduled action.
    Cron,
    /// An automation rule.
    Automation,
    /// A computed or related field that people made.
    Field,
    /// A record rule.
    Rule,
    /// A saved filter.
    Filter,
    /// A line of an export template.
    Export,
    /// A default of a field.
    Default,
    /// A person's dashboard.
    Dashboard,
    /// The definition of a property.
    Property,
    /// A mail alias.
    Alias,
    /// A part of the look itself failed.
    #[default]
    Unseen,
}

impl Kind {
    /// Returns the stable name of its findings.
    pub(super) fn code(self) -> &'static str {
        match self {
            Kind::Action => "action-broken",
            Kind::Window => "window-broken",
            Kind::Menu => "menu-dead",
            Kind::Report => "report-broken",
            Kind::Mail => "mail-template-broken",
            Kind::MailSyntax => "mail-template-old",
            Kind::Server => "server-action-broken",
            Kind::Cron => "cron-broken",
            Kind::Automation => "automation-broken",
            Kind::Field => "manual-field-broken",
            Kind::Rule => "record-rule-broken",
            Kind::Filter => "filter-broken",
            Kind::Export => "export-broken",
            Kind::Default => "default-broken",
            Kind::Dashboard => "dashboard-broken",
            Kind::Property => "property-broken",
            Kind::Alias => "alias-broken",
            Kind::Unseen => "views-unseen",
        }
    }

    /// Returns what people call it.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Kind::Action | Kind::Window => "window action",
            Kind::Menu => "menu",
            Kind::Report => "report",
            Kind::Mail | Kind::MailSyntax => "mail template",
            Kind::Server => "server action",
            Kind::Cron => "scheduled action",
            Kind::Automation => "automation rule",
            Kind::Field => "manual field",
            Kind::Rule => "record rule",
            Kind::Filter => "saved filter",
            Kind::Export => "line of an export template",
            Kind::Default => "default",
            Kind::Dashboard => "dashboard",
            Kind::Property => "property",
            Kind::Alias => "mail alias",
            Kind::Unseen => "part of the look",
        }
    }

    /// Returns how bad it is; `grave`: people meet it in their daily work.
    pub(super) fn severity(self, grave: bool) -> Severity {
        match self {
            Kind::Menu | Kind::Server | Kind::Cron | Kind::Automation | Kind::Field | Kind::Rule | Kind::Alias => {
                Severity::Error
            }
            Kind::Action | Kind::Window | Kind::Report | Kind::Mail | Kind::MailSyntax if grave => Severity::Error,
            _ => Severity::Warning,
        }
    }

    /// Returns what to do about records of a table with these ids.
    pub(super) fn remedy(self, table: &str, ids: &str) -> String {
        match self {
            Kind::Action | Kind::Window => format!(
                "correct the action (Settings, Technical, Window Actions), or the code of the module that brings it; where nobody needs it: `DELETE FROM {table} WHERE id IN ({ids});`"
            ),
            Kind::Menu => format!(
                "give the menu another action, or remove it in an `after` step: `DELETE FROM {table} WHERE id IN ({ids});`"
            ),
            Kind::Report => "correct the report's template in the code of its module for the new series, or in the database where people made it".into(),
            Kind::Mail | Kind::MailSyntax => format!(
                "write it anew, or bring the module's own text back with a `python` step after the hop: `env['mail.template'].browse([{ids}]).reset_template()` (16.0 and later)"
            ),
            Kind::Server | Kind::Cron => format!(
                "correct its model or its code in an `after` step: `UPDATE {table} SET code = … WHERE id IN ({ids});` (what a module brought once, the upgrade leaves alone)"
            ),
            Kind::Automation => format!("correct its domains and fields, or archive it: `UPDATE {table} SET active = false WHERE id IN ({ids});`"),
            Kind::Field => "correct its code or its path in an `after` step (ir_model_fields: compute, depends, related), or delete the field".into(),
            Kind::Rule => format!("correct its domain in an `after` step: `UPDATE {table} SET domain_force = … WHERE id IN ({ids});`; until then nobody whom it rules sees these records"),
            Kind::Filter | Kind::Export => format!(
                "correct it in an `after` step, or remove it: `DELETE FROM {table} WHERE id IN ({ids});`"
            ),
            Kind::Default => format!("remove it, or set the default of the field that came instead: `DELETE FROM {table} WHERE id IN ({ids});`"),
            Kind::Dashboard => format!("the person adds the window anew; or begin with an empty dashboard: `DELETE FROM {table} WHERE id IN ({ids});`"),
            Kind::Property => "correct the property where it is defined".into(),
            Kind::Alias => format!("correct its default values: `UPDATE {table} SET alias_defaults = … WHERE id IN ({ids});`; until then mail to it makes no record"),
            Kind::Unseen => "read the log of `verify`; what this part would have found is not known".into(),
        }
    }
}
