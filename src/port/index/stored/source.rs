//! A database as a source: what it knows of models, fields, XML ids and views, whoever brought them.

use std::collections::BTreeMap;

use super::super::{Addon, Field, Index, Judged, ModelPart, View};
use crate::odoo::stored::{self, Stored};

/// The file that a database's views are said to be in.
const FILE: &str = "database";
/// What a database can tell of a module's references. Of methods, Python and scripts it knows nothing.
const TOLD: [&str; 5] = ["ref.anchor", "ref.field", "ref.model", "ref.view", "ref.xmlid"];

/// Returns what a database knows, as an index. `like` is one of any series: what every model has is taken from it.
pub fn index_of(stored: &Stored, like: &Index) -> Index {
    let mut addons: BTreeMap<String, Addon> = BTreeMap::new();
    for (name, depends) in &stored.modules {
        let addon = addons.entry(name.clone()).or_default();
        addon.depends.clone_from(depends);
        addon.data.push(FILE.to_owned());
    }
    for (name, model) in &stored.models {
        for (at, module) in model.modules.iter().enumerate() {
            let fields = (model.fields.iter())
                .filter(|(_, field)| field.modules.contains(module))
                .map(|(name, it)| (name.clone(), field(it)));
            let part = ModelPart {
                name: name.clone(),
                defines: at == 0,
                fields: fields.collect(),
                ..ModelPart::default()
            };
            addons.entry(module.clone()).or_default().models.push(part);
        }
    }
    for (id, model) in &stored.ids {
        let module = id.split_once('.').map_or("", |(module, _)| module);
        if let Some(addon) = addons.get_mut(module) {
            addon.ids.insert(id.clone(), model.clone());
        }
    }
    for view in &stored.views {
        if let Some((id, addon)) = view.xmlid.as_ref().and_then(|id| {
            let module = id.split_once('.')?.0;
            Some((id, addons.get_mut(module)?))
        }) {
            addon.views.push(View {
                id: id.clone(),
                model: view.model.clone(),
                inherit: view.inherit.clone(),
                primary: view.primary,
                priority: i64::try_from(view.priority).unwrap_or(16),
                active: view.active,
                template: view.model.is_none(),
                path: FILE.to_owned(),
                at: 0,
                arch: view.arch.clone(),
            });
        }
    }
    Index {
        series: String::new(),
        addons,
        library: like.library.clone(),
        base: like.base.clone(),
        packages: None,
        installed: stored.modules.keys().cloned().collect(),
    }
}

/// Leaves of what a database said of modules only what it can know.
pub fn only_told(judged: &mut [Judged]) {
    for module in judged {
        module.findings.retain(|finding| TOLD.contains(&finding.rule));
        module.doubtful.clear();
    }
}

fn field(field: &stored::Field) -> Field {
    let kind = match field.kind.as_str() {
        "many2one" => "Many2one",
        "one2many" => "One2many",
        "many2many" => "Many2many",
        other => other,
    };
    Field {
        kind: kind.to_owned(),
        to: field.to.clone(),
        ..Field::default()
    }
}
