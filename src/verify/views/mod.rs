//! Views, actions, menus, reports, mail templates and the code in the database, looked at by Odoo itself.
//!
//! An upgrade ends with exit code 0 and without an ERROR line although a form is dead for every user (a view without
//! external id that reaches for a field the new series does not have). Only asking for everything tells. The Python in
//! `inside` asks, in `odoo shell` of the target series and on a copy; [`Before`] then tells what was broken before the
//! upgrade from what the upgrade broke: where a record is as it was, and names something that never was there, the
//! upgrade is not to blame, and the finding is of severity info. What Odoo could not render is told whoever broke it: no
//! Odoo of the old series was asked.

mod before;
mod broken;
mod fault;
mod findings;

use serde::{Deserialize, Serialize};

pub use before::{Before, parse_before};
pub use broken::BrokenView;
pub use fault::{Fault, Kind};

use crate::event::Finding;
use crate::ident::Series;
use crate::verify::shipped::Shipped;

/// Where the script leaves its answer, inside the container.
pub const RESULT_PATH: &str = "/tmp/hopp/result.json";

/// The parts of the script, in their order.
const PARTS: [&str; 8] = [
    include_str!("inside/start.py"),
    include_str!("inside/names.py"),
    include_str!("inside/views.py"),
    include_str!("inside/windows.py"),
    include_str!("inside/code.py"),
    include_str!("inside/mails.py"),
    include_str!("inside/reports.py"),
    include_str!("inside/finish.py"),
];

/// What the script found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewCheck {
    /// Active views, each of which was validated.
    pub views: u64,
    /// Views of their own that were rendered by the superuser.
    pub rendered: u64,
    /// Window actions.
    pub actions: u64,
    /// How often a window was opened, by all users together.
    pub windows: u64,
    /// The logins of the users through whose eyes windows were opened.
    pub users: Vec<String>,
    /// Menus that lead somewhere.
    pub menus: u64,
    /// Saved filters.
    pub filters: u64,
    /// Record rules.
    pub rules: u64,
    /// Server actions and scheduled actions.
    pub server_actions: u64,
    /// Fields that people made.
    pub manual_fields: u64,
    /// Mail templates.
    pub mail_templates: u64,
    /// Mail templates of which a record exists.
    pub mails_rendered: u64,
    /// Reports.
    pub reports: u64,
    /// Reports of which a record exists.
    pub reports_rendered: u64,
    /// Reports that were made a PDF; none where the image lacks wkhtmltopdf.
    pub reports_printed: u64,
    /// Why no PDF could be made, where the image should be able to.
    pub not_printed: Option<String>,
    /// Looks that were given up because they took too long.
    pub too_slow: u64,
    /// How long it took.
    pub seconds: f64,
    /// The views at the root of every failure.
    pub broken: Vec<BrokenView>,
    /// Everything else that is broken.
    pub faults: Vec<Fault>,
    /// Views of modules that are switched off.
    pub off: Vec<OffView>,
}

/// A view of a module that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffView {
    /// Its id.
    pub id: i64,
    /// Its external id.
    pub xmlid: String,
    /// Its name.
    pub name: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Whether its module is not Odoo's.
    pub own: bool,
}

/// An answer that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what became of the views: {source}")]
pub struct NotAViewCheck {
    source: serde_json::Error,
}

/// Returns a script for the standard input of `odoo shell` in a container of this series, the database's own.
///
/// It changes nothing that lasts, but must work on a copy: numbers given out are not given back. It writes its answer to
/// [`RESULT_PATH`]. About 45 seconds for 1 700 views and 400 windows. `openupgrade_framework` must not be loaded: it
/// keeps Odoo from saying that a view is broken.
pub fn python_script(series: Series) -> String {
    let head = format!("SERIES = {}\nRESULT = \"{RESULT_PATH}\"\n", series.major());
    head + &PARTS.join("\n\n")
}

/// Reads the answer of the script.
pub fn parse(json: &str) -> Result<ViewCheck, NotAViewCheck> {
    let mut answer: serde_json::Value = serde_json::from_str(json.trim()).map_err(|source| NotAViewCheck { source })?;
    for list in ["broken", "faults", "off"] {
        let records = answer.get_mut(list).and_then(serde_json::Value::as_array_mut);
        for record in records
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_object_mut)
        {
            let texts = record.iter_mut().filter(|(key, _)| !FLAGS.contains(&key.as_str()));
            for (_, value) in texts.filter(|(_, value)| value.as_bool() == Some(false)) {
                *value = "".into();
            }
        }
    }
    serde_json::from_value(answer).map_err(|source| NotAViewCheck { source })
}

/// What of a record is said with yes or no; anywhere else Odoo's `False` is a text that is not there.
const FLAGS: [&str; 4] = ["edited", "grave", "noupdate", "own"];

/// Returns the query, for the database before the first hop, whose answer [`parse_before`] reads.
pub fn before_sql(check: &ViewCheck) -> String {
    before::sql(check)
}

/// Returns one finding for each view at the root of a failure, and one for each cause of other failures.
///
/// `shipped` is what the data files of the modules say, where they could be asked.
pub fn findings(check: &ViewCheck, before: &Before, shipped: Option<&Shipped>) -> Vec<Finding> {
    let mut found: Vec<Finding> = check.broken.iter().map(|view| view.finding(before)).collect();
    found.extend(findings::of_faults(&check.faults, before, shipped));
    found.extend(findings::of_views_off(&check.off, before));
    found.extend(findings::of_the_look(check));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_knows_its_series() {
        let script = python_script(Series::OLDEST);
        assert!(script.starts_with("SERIES = 14\nRESULT = \"/tmp/hopp/result.json\"\n"));
    }

    #[test]
    fn a_text_that_odoo_does_not_have_keeps_nothing_from_being_read() {
        let check = parse(
            r#"{"faults": [{"kind": "report", "table": "ir_act_report_xml", "record": "ir.actions.report", "id": 7, "name": false,
                "of": false, "error": false, "texts": {"report_name": false}, "grave": false}],
                "off": [{"id": 3, "xmlid": "a.b", "name": false, "model": false, "own": false}]}"#,
        )
        .unwrap();
        assert_eq!((check.faults[0].id, check.faults[0].name.as_str()), (7, ""));
        assert_eq!((check.off.len(), check.off[0].own), (1, false));
        assert_eq!(findings(&check, &Before::default(), None).len(), 1);
    }

    #[test]
    fn an_answer_without_faults_has_no_findings() {
        let check =
            parse(r#"{"views": 3, "seconds": 0.5, "broken": [], "faults": [], "parts": {"views": 0.1}}"#).unwrap();
        assert_eq!(findings(&check, &Before::default(), None), []);
    }
}
