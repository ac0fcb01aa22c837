//! A view that Odoo refuses, and the finding that tells it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::before::Before;
use crate::event::{Finding, Severity};

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
    /// Its key, by which a website's copy is known.
    #[serde(default)]
    pub key: Option<String>,
    /// The website whose copy it is.
    #[serde(default)]
    pub website: Option<String>,
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
    /// The MD5 of its text in the database.
    #[serde(default)]
    pub digest: Option<String>,
    /// How it was found: `check`, `render`, `model`.
    pub how: String,
    /// What Odoo says.
    pub error: String,
    /// Views that Odoo blames but that are well without this one.
    pub blamed: Vec<String>,
    /// Fields it speaks of that its model does not have.
    #[serde(default)]
    pub gone: Vec<String>,
}

impl BrokenView {
    pub(super) fn finding(&self, before: &Before) -> Finding {
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
        let was_so = self.was_so(before);
        for field in &self.gone {
            let any_more = if was_so { "" } else { " any more" };
            // Writing to a String cannot fail.
            let _ = write!(message, "; {model} has no field `{field}`{any_more}");
        }
        if let Some(website) = &self.website {
            let _ = write!(message, "; it is the copy of the website {website}");
        }
        if was_so {
            message.push_str("; it was so before the upgrade");
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
            severity: if was_so { Severity::Info } else { Severity::Error },
            code: "view-broken".into(),
            area: "views".into(),
            subject,
            message,
            remedy: self.remedy(),
            evidence,
            since: None,
        }
    }

    /// Returns what the view names that is not there, as [`Before`] knows things.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let model = self.model.as_deref().unwrap_or_default();
        self.gone.iter().map(move |field| format!("{model}.{field}"))
    }

    /// Says whether the same text named the same fields before, where they were not either.
    fn was_so(&self, before: &Before) -> bool {
        let mut names = self.names().peekable();
        names.peek().is_some()
            && names.all(|name| before.never_had(&name))
            && before.has_same_view(self.id, self.digest.as_deref())
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
        if let (Some(website), None) = (&self.website, &self.xmlid) {
            return format!(
                "the website {website} shows this copy instead of the module's view {}: correct it there, or remove it with a `sql` step, and the module's shows again: `{off}`",
                self.key.as_deref().unwrap_or_default()
            );
        }
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
            key: None,
            website: None,
            kind: "form".into(),
            parent: Some("base.view_partner_form".into()),
            children: 0,
            edited: false,
            noupdate: false,
            digest: None,
            how: "check".into(),
            error: "Error while parsing or validating view:\n\nElement '<xpath expr=\"//field[@name=&#39;mobile&#39;]\">' cannot be located in parent view".into(),
            blamed: vec!["base.view_partner_form".into()],
            gone: vec!["mobile".into()],
        }
    }

    #[test]
    fn a_view_nobody_owns_comes_with_the_statement_that_removes_it() {
        let finding = broken().finding(&Before::default());
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
}
