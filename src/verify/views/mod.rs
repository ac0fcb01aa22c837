//! Every view of the upgraded database, rendered and validated by Odoo itself.
//!
//! An upgrade ends with exit code 0 and without an ERROR line although a form is dead for every user (a view without
//! external id that reaches for a field the new series does not have). Only asking for every view tells.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::event::{Finding, Severity};
use crate::ident::Series;

/// Where the script leaves its answer, inside the container.
pub const RESULT_PATH: &str = "/tmp/hopp/result.json";

const CHECK: &str = include_str!("check.py");

/// What the script found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewCheck {
    /// Active views, each of which was validated.
    pub views: u64,
    /// Views of their own that were rendered by the superuser.
    pub rendered: u64,
    /// Of these, how many an ordinary user could render as well.
    pub rendered_as_user: u64,
    /// Of these, how many an ordinary user is not allowed to see.
    pub not_allowed: u64,
    /// The ordinary user, when there is one.
    pub user: Option<String>,
    /// How long it took.
    pub seconds: f64,
    /// The views at the root of every failure.
    pub broken: Vec<BrokenView>,
}

/// A view at the root of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenView {
    /// Its id.
    pub id: i64,
    /// Its external id, when it has one.
    pub xmlid: Option<String>,
    /// Its name.
    pub name: String,
    /// Its model.
    pub model: Option<String>,
    /// Its type: `form`, `list` …
    #[serde(rename = "type")]
    pub kind: String,
    /// The view it extends.
    pub parent: Option<String>,
    /// How many views extend it.
    pub children: u64,
    /// Whether its text in the database was edited by hand.
    pub edited: bool,
    /// Whether updates of its module leave it alone.
    pub noupdate: bool,
    /// How it was found: `check`, `render`, `render as an ordinary user`, `model`.
    pub how: String,
    /// What Odoo says.
    pub error: String,
    /// Views that Odoo blames but that are well without this one.
    pub blamed: Vec<String>,
    /// Fields it speaks of that its model does not have.
    #[serde(default)]
    pub gone: Vec<String>,
}

/// An answer that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what became of the views: {source}")]
pub struct NotAViewCheck {
    source: serde_json::Error,
}

/// Returns a script for the standard input of `odoo shell` in a container of this series, the database's own.
///
/// It changes nothing and writes its answer to [`RESULT_PATH`]. About 15 seconds for 1 700 views.
/// `openupgrade_framework` must not be loaded: it keeps Odoo from saying that a view is broken.
pub fn python_script(series: Series) -> String {
    format!("SERIES = {}\nRESULT = \"{RESULT_PATH}\"\n{CHECK}", series.major())
}

/// Reads the answer of the script.
pub fn parse(json: &str) -> Result<ViewCheck, NotAViewCheck> {
    serde_json::from_str(json.trim()).map_err(|source| NotAViewCheck { source })
}

/// Returns one finding for each view at the root of a failure.
pub fn findings(check: &ViewCheck) -> Vec<Finding> {
    check.broken.iter().map(BrokenView::finding).collect()
}

impl BrokenView {
    fn finding(&self) -> Finding {
        let subject = self
            .xmlid
            .clone()
            .unwrap_or_else(|| format!("view {} (no xmlid)", self.id));
        let mut message = format!(
            "the {} `{}` of {} is broken: {}",
            self.kind,
            self.name,
            self.model.as_deref().unwrap_or("no model"),
            self.reason()
        );
        let model = self.model.as_deref().unwrap_or_default();
        for field in &self.gone {
            // Writing to a String cannot fail.
            let _ = write!(message, "; {model} has no field `{field}` any more");
        }
        if !self.blamed.is_empty() {
            let _ = write!(
                message,
                "; {} other view{} cannot be shown because of it",
                self.blamed.len(),
                if self.blamed.len() == 1 { "" } else { "s" }
            );
        }
        let mut evidence: Vec<String> = plain(&self.error)
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.trim().is_empty())
            .map(String::from)
            .collect();
        if let Some(parent) = &self.parent {
            evidence.push(format!("it extends {parent}"));
        }
        if !self.blamed.is_empty() {
            let some: Vec<&str> = self.blamed.iter().take(5).map(String::as_str).collect();
            evidence.push(format!("odoo blames {}", some.join(", ")));
        }
        Finding {
            severity: Severity::Error,
            code: "view-broken".into(),
            area: "views".into(),
            subject,
            message,
            remedy: self.remedy(),
            evidence,
            since: None,
        }
    }

    /// Odoo puts the place first and the reason last.
    fn reason(&self) -> String {
        let text = plain(&self.error);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut said = lines.filter(|line| {
            !["View name:", "Error context:", "view:", "xmlid:", "view.", "File:"]
                .iter()
                .any(|context| line.starts_with(context))
        });
        said.next_back().unwrap_or("odoo gives no reason").to_owned()
    }

    fn remedy(&self) -> String {
        let id = self.id;
        let off = if self.children == 0 {
            format!("DELETE FROM ir_ui_view WHERE id = {id};")
        } else {
            format!("UPDATE ir_ui_view SET active = false WHERE id = {id};")
        };
        let by_hand = ["__export__.", "__custom__.", "studio_customization."];
        match &self.xmlid {
            Some(xmlid) if !by_hand.iter().any(|start| xmlid.starts_with(start)) => {
                let module = xmlid.split_once('.').map_or(xmlid.as_str(), |(module, _)| module);
                if self.edited || self.noupdate {
                    format!(
                        "the text of this view in the database is not that of the module {module}: reset it to the module's, or switch it off with `{off}`"
                    )
                } else {
                    format!("correct the view in the code of the module {module} for the new series")
                }
            }
            _ => format!(
                "no module owns this view: correct it in the upgraded database, or remove it with a `sql` step before the hop: `{off}`"
            ),
        }
    }
}

/// Odoo quotes elements of XML as XML.
fn plain(text: &str) -> String {
    text.replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> BrokenView {
        BrokenView {
            id: 1634,
            xmlid: None,
            name: "studio: res.partner kundnummer".into(),
            model: Some("res.partner".into()),
            kind: "form".into(),
            parent: Some("base.view_partner_form".into()),
            children: 0,
            edited: false,
            noupdate: false,
            how: "check".into(),
            error: "Error while parsing or validating view:\n\nElement '<xpath expr=\"//field[@name=&#39;mobile&#39;]\">' cannot be located in parent view".into(),
            blamed: vec!["base.view_partner_form".into()],
            gone: vec!["mobile".into()],
        }
    }

    #[test]
    fn a_view_nobody_owns_comes_with_the_statement_that_removes_it() {
        let finding = broken().finding();
        assert_eq!(finding.subject, "view 1634 (no xmlid)");
        assert!(
            finding.message.contains("//field[@name='mobile']"),
            "{}",
            finding.message
        );
        assert!(
            finding
                .message
                .contains("; res.partner has no field `mobile` any more; 1 other view"),
            "{}",
            finding.message
        );
        assert!(finding.remedy.contains("DELETE FROM ir_ui_view WHERE id = 1634;"));
    }

    #[test]
    fn a_view_that_others_extend_is_switched_off_instead() {
        let view = BrokenView {
            children: 2,
            ..broken()
        };
        assert!(view.remedy().contains("SET active = false WHERE id = 1634;"));
    }

    #[test]
    fn a_view_of_a_module_is_corrected_in_its_code() {
        let view = BrokenView {
            xmlid: Some("acme_loyalty.view".into()),
            ..broken()
        };
        assert!(view.remedy().contains("module acme_loyalty"));
    }

    #[test]
    fn the_script_knows_its_series() {
        let script = python_script(Series::OLDEST);
        assert!(script.starts_with("SERIES = 14\nRESULT = \"/tmp/hopp/result.json\"\n"));
    }
}
