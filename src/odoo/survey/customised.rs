//! What was made in the database itself: nobody's code, and nobody's port.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::odoo::dump::Row;

/// Modules of external ids that are no modules.
const PSEUDO: [&str; 4] = ["__export__", "__import__", "__upgrade__", "__cloc_exclude__"];
/// What Studio names its own.
const STUDIO: &str = "studio_customization";

/// A record that somebody made in the database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Own {
    /// Its id in the database.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// What was made in the database and belongs to no module's code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customised {
    /// Names of models.
    pub models: Vec<String>,
    /// Fields, as `model.field`.
    pub fields: Vec<String>,
    /// Server actions with code that come from no module.
    pub server_actions: Vec<Own>,
    /// Views that come from no module, and are no website's copy.
    pub views: Vec<Own>,
    /// Views that a website has its own copy of.
    pub website_copies: u64,
    /// Automated actions that are active.
    pub automations: u64,
    /// Records that Studio made.
    pub studio: u64,
}

/// What a module has in the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// How many views.
    pub views: u64,
    /// The tables of the models that are its own: no other module extends them.
    pub tables: Vec<String>,
}

/// What is seen of them before the dump ends.
#[derive(Debug, Default)]
pub(super) struct Made {
    models: BTreeSet<String>,
    fields: BTreeSet<String>,
    actions: BTreeMap<u64, String>,
    views: BTreeMap<u64, String>,
    /// Ids that modules know, of server actions and of views.
    known_actions: BTreeSet<u64>,
    known_views: BTreeSet<u64>,
    website_copies: u64,
    automations: u64,
    studio: u64,
    parts: BTreeMap<String, Parts>,
    /// The tables of models, and the modules that know each.
    tables: BTreeMap<u64, String>,
    makers: BTreeMap<u64, Vec<String>>,
}

impl Made {
    pub(super) fn model(&mut self, row: &Row<'_>) {
        if row.raw(1) == Some(b"manual") {
            self.models.extend(row.owned(0));
        }
        if let (Some(model), Some(id)) = (row.text(0), row.number(2)) {
            self.tables.insert(id, model.replace('.', "_"));
        }
    }

    pub(super) fn field(&mut self, row: &Row<'_>) {
        if row.raw(2) == Some(b"manual")
            && let (Some(model), Some(name)) = (row.text(0), row.text(1))
        {
            self.fields.insert(format!("{model}.{name}"));
        }
    }

    pub(super) fn action(&mut self, row: &Row<'_>) {
        if row.raw(2) == Some(b"code")
            && let Some(id) = row.number(0)
        {
            self.actions.insert(id, row.translated(1).unwrap_or_default());
        }
    }

    pub(super) fn view(&mut self, row: &Row<'_>) {
        if row.raw(2).is_some() {
            self.website_copies += 1;
        } else if let Some(id) = row.number(0) {
            self.views.insert(id, row.translated(1).unwrap_or_default());
        }
    }

    pub(super) fn automation(&mut self, row: &Row<'_>) {
        self.automations += u64::from(row.is_true(0));
    }

    /// Takes an external id.
    pub(super) fn external_id(&mut self, row: &Row<'_>) {
        let module = row.raw(2).unwrap_or_default();
        self.studio += u64::from(module == STUDIO.as_bytes());
        match (row.raw(0), row.number(1), row.owned(2)) {
            (Some(b"ir.ui.view"), _, Some(module)) => self.parts.entry(module).or_default().views += 1,
            (Some(b"ir.model"), Some(id), Some(module)) => self.makers.entry(id).or_default().push(module),
            _ => {}
        }
        let known = match row.raw(0) {
            Some(b"ir.actions.server") => &mut self.known_actions,
            Some(b"ir.ui.view") => &mut self.known_views,
            _ => return,
        };
        let is_real = module != STUDIO.as_bytes() && !PSEUDO.iter().any(|name| name.as_bytes() == module);
        if let Some(id) = row.number(1).filter(|_| is_real) {
            known.insert(id);
        }
    }

    /// Returns what each module has in the database.
    pub(super) fn take_parts(&mut self) -> BTreeMap<String, Parts> {
        for (id, makers) in std::mem::take(&mut self.makers) {
            if let ([only], Some(table)) = (makers.as_slice(), self.tables.get(&id)) {
                self.parts.entry(only.clone()).or_default().tables.push(table.clone());
            }
        }
        std::mem::take(&mut self.parts)
    }

    pub(super) fn finish(self) -> Customised {
        let own = |all: BTreeMap<u64, String>, known: &BTreeSet<u64>| {
            let own = all.into_iter().filter(|(id, _)| !known.contains(id));
            own.map(|(id, name)| Own { id, name }).collect()
        };
        Customised {
            models: self.models.into_iter().collect(),
            fields: self.fields.into_iter().collect(),
            server_actions: own(self.actions, &self.known_actions),
            views: own(self.views, &self.known_views),
            website_copies: self.website_copies,
            automations: self.automations,
            studio: self.studio,
        }
    }
}
