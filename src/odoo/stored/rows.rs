//! From rows of a dump to what people put into the database.

use std::collections::{BTreeMap, BTreeSet};

use super::{Field, Model, Record, Stored, Text, View, Written};
use crate::odoo::dump::{Reader, Row};

/// Modules of external ids that are no modules.
const PSEUDO: [&str; 5] = [
    "__export__",
    "__import__",
    "__upgrade__",
    "__cloc_exclude__",
    "studio_customization",
];
/// Models of which it is asked which records modules brought.
const OWNED: [&str; 9] = [
    "ir.model",
    "ir.model.fields",
    "ir.actions.server",
    "ir.actions.act_window",
    "base.automation",
    "ir.filters",
    "ir.rule",
    "mail.template",
    "ir.ui.view",
];

/// A record before it is known what it is about.
struct Raw {
    record: Record,
    /// The id of the model it is about, where its name is not at hand.
    about: Option<u64>,
    /// The server action that says which model it is about.
    action: Option<u64>,
    /// Whether a person changed it last.
    touched: bool,
}

/// An external id of a module.
struct Owner {
    module: String,
    name: String,
    keeps: bool,
}

/// Reads the rows of a dump.
#[derive(Default)]
pub struct Collector {
    modules: BTreeMap<u64, (String, bool)>,
    depends: Vec<(u64, String)>,
    models: BTreeMap<u64, String>,
    fields: Vec<(u64, String, String, Field)>,
    owners: BTreeMap<(&'static str, u64), Vec<Owner>>,
    ids: BTreeMap<String, String>,
    records: Vec<Raw>,
    views: Vec<(View, Option<u64>)>,
}

impl Reader for Collector {
    fn wants(&mut self, table: &str) -> &'static [&'static str] {
        match table {
            "ir_module_module" => &["id", "name", "state"],
            "ir_module_module_dependency" => &["module_id", "name"],
            "ir_model" => &["id", "model"],
            "ir_model_fields" => &[
                "id",
                "model",
                "name",
                "ttype",
                "relation",
                "state",
                "related",
                "compute",
                "depends",
                "write_uid",
            ],
            "ir_model_data" => &["module", "name", "model", "res_id", "noupdate"],
            "ir_act_server" => &["id", "name", "model_id", "write_uid", "state", "code", "update_path"],
            "base_automation" => &[
                "id",
                "name",
                "model_id",
                "write_uid",
                "active",
                "filter_domain",
                "filter_pre_domain",
                "action_server_id",
            ],
            "ir_filters" => &[
                "id",
                "name",
                "model_id",
                "write_uid",
                "active",
                "domain",
                "context",
                "sort",
            ],
            "ir_rule" => &["id", "name", "model_id", "write_uid", "active", "domain_force"],
            "ir_act_window" => &["id", "name", "res_model", "write_uid", "domain", "context"],
            "mail_template" => &[
                "id",
                "name",
                "model",
                "write_uid",
                "active",
                "subject",
                "body_html",
                "email_from",
                "email_to",
                "partner_to",
                "email_cc",
                "reply_to",
                "lang",
            ],
            "ir_ui_view" => &[
                "id",
                "name",
                "model",
                "type",
                "inherit_id",
                "mode",
                "active",
                "priority",
                "arch_db",
                "website_id",
            ],
            _ => &[],
        }
    }

    fn row(&mut self, table: &str, row: &Row<'_>) {
        match table {
            "ir_module_module" => {
                if let (Some(id), Some(name)) = (row.number(0), row.owned(1)) {
                    let state = row.raw(2).unwrap_or_default();
                    self.modules
                        .insert(id, (name, matches!(state, b"installed" | b"to upgrade")));
                }
            }
            "ir_module_module_dependency" => {
                if let (Some(id), Some(name)) = (row.number(0), row.owned(1)) {
                    self.depends.push((id, name));
                }
            }
            "ir_model" => {
                if let (Some(id), Some(model)) = (row.number(0), row.owned(1)) {
                    self.models.insert(id, model);
                }
            }
            "ir_model_fields" => self.field(row),
            "ir_model_data" => self.id(row),
            "ir_ui_view" => self.view(row),
            "ir_act_server" => {
                let code = row.raw(4) == Some(b"code");
                let texts = [
                    text("code", Written::Code, row.owned(5).filter(|_| code)),
                    text("update_path", Written::Paths, row.owned(6)),
                ];
                self.record("ir.actions.server", row, true, None, texts);
            }
            "base_automation" => {
                let texts = [
                    text("filter_domain", Written::Domain, row.owned(5)),
                    text("filter_pre_domain", Written::Domain, row.owned(6)),
                ];
                self.record("base.automation", row, row.is_true(4), row.number(7), texts);
            }
            "ir_filters" => {
                let texts = [
                    text("domain", Written::Domain, row.owned(5)),
                    text("context", Written::Context, row.owned(6)),
                    text("sort", Written::Sort, row.owned(7)),
                ];
                self.record("ir.filters", row, row.is_true(4), None, texts);
            }
            "ir_rule" => {
                let texts = [text("domain_force", Written::Domain, row.owned(5))];
                self.record("ir.rule", row, row.is_true(4), None, texts);
            }
            "ir_act_window" => {
                let texts = [
                    text("domain", Written::Domain, row.owned(4)),
                    text("context", Written::Context, row.owned(5)),
                ];
                self.record("ir.actions.act_window", row, true, None, texts);
            }
            "mail_template" => {
                const FIELDS: [&str; 8] = [
                    "subject",
                    "body_html",
                    "email_from",
                    "email_to",
                    "partner_to",
                    "email_cc",
                    "reply_to",
                    "lang",
                ];
                let texts = (FIELDS.into_iter().enumerate())
                    .map(|(at, field)| text(field, Written::Template, row.translated(5 + at)));
                self.record("mail.template", row, row.is_true(4), None, texts);
            }
            _ => {}
        }
    }
}

fn text(field: &'static str, written: Written, text: Option<String>) -> Option<Text> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    Some(Text { field, written, text })
}

/// Says whether a person changed a record last: the user 1 is Odoo itself.
fn touched(row: &Row<'_>, column: usize) -> bool {
    row.number(column).is_some_and(|user| user > 1)
}

impl Collector {
    /// Takes a record whose first columns are its id, its name, its model and who changed it last.
    fn record(
        &mut self,
        model: &'static str,
        row: &Row<'_>,
        active: bool,
        action: Option<u64>,
        texts: impl IntoIterator<Item = Option<Text>>,
    ) {
        let Some(id) = row.number(0) else { return };
        let texts: Vec<Text> = texts.into_iter().flatten().collect();
        if texts.is_empty() {
            return;
        }
        let about = row.number(2);
        self.records.push(Raw {
            record: Record {
                model: model.to_owned(),
                id,
                name: row.translated(1).unwrap_or_default(),
                about: row.owned(2).filter(|_| about.is_none()).unwrap_or_default(),
                active,
                texts,
            },
            about,
            action,
            touched: touched(row, 3),
        });
    }

    fn field(&mut self, row: &Row<'_>) {
        let (Some(id), Some(model), Some(name)) = (row.number(0), row.owned(1), row.owned(2)) else {
            return;
        };
        if row.raw(5) == Some(b"manual") {
            let texts = [
                text("related", Written::Paths, row.owned(6)),
                text("compute", Written::Code, row.owned(7)),
                text("depends", Written::Paths, row.owned(8)),
            ];
            let texts: Vec<Text> = texts.into_iter().flatten().collect();
            if !texts.is_empty() {
                self.records.push(Raw {
                    record: Record {
                        model: "ir.model.fields".to_owned(),
                        id,
                        name: format!("{model}.{name}"),
                        about: model.clone(),
                        active: true,
                        texts,
                    },
                    about: None,
                    action: None,
                    touched: true,
                });
            }
        }
        let field = Field {
            kind: row.owned(3).unwrap_or_default(),
            to: row.owned(4).filter(|to| !to.is_empty()),
            modules: BTreeSet::new(),
        };
        self.fields.push((id, model, name, field));
    }

    fn id(&mut self, row: &Row<'_>) {
        let (Some(module), Some(name), Some(model)) = (row.text(0), row.text(1), row.text(2)) else {
            return;
        };
        if PSEUDO.contains(&module.as_ref()) {
            return;
        }
        if let (Some(known), Some(id)) = (OWNED.iter().find(|known| **known == model), row.number(3)) {
            let owner = Owner {
                module: module.to_string(),
                name: name.to_string(),
                keeps: row.is_true(4),
            };
            self.owners.entry((*known, id)).or_default().push(owner);
        }
        // Fields have ids that follow from their names.
        if !matches!(
            model.as_ref(),
            "ir.model.fields" | "ir.model.fields.selection" | "ir.model.constraint"
        ) {
            self.ids.insert(format!("{module}.{name}"), model.into_owned());
        }
    }

    fn view(&mut self, row: &Row<'_>) {
        // A website's copy follows the view that it was made of.
        let (Some(id), None) = (row.number(0), row.raw(9)) else {
            return;
        };
        let view = View {
            id,
            xmlid: None,
            name: row.translated(1).unwrap_or_default(),
            model: row.owned(2).filter(|_| row.raw(3) != Some(b"qweb")),
            inherit: None,
            primary: row.raw(5) == Some(b"primary"),
            active: row.is_true(6),
            priority: row.number(7).unwrap_or(16),
            arch: row.translated(8).unwrap_or_default(),
        };
        self.views.push((view, row.number(4)));
    }

    fn owner(&self, model: &'static str, id: u64) -> Option<&Owner> {
        self.owners.get(&(model, id))?.first()
    }

    fn makers(&self, model: &'static str, id: u64) -> BTreeSet<String> {
        let owners = self.owners.get(&(model, id)).into_iter().flatten();
        owners.map(|owner| owner.module.clone()).collect()
    }

    /// Joins what was read.
    pub fn finish(mut self) -> Stored {
        let mut stored = Stored {
            ids: std::mem::take(&mut self.ids),
            ..Stored::default()
        };
        for (id, (name, installed)) in &self.modules {
            if *installed {
                let needs = self.depends.iter().filter(|(of, _)| of == id);
                stored
                    .modules
                    .insert(name.clone(), needs.map(|(_, needed)| needed.clone()).collect());
            }
        }
        for (id, name) in &self.models {
            let modules = self.makers("ir.model", *id);
            stored.models.entry(name.clone()).or_insert_with(|| Model {
                modules,
                fields: BTreeMap::new(),
            });
        }
        for (id, model, name, mut field) in std::mem::take(&mut self.fields) {
            field.modules = self.makers("ir.model.fields", id);
            stored.models.entry(model).or_default().fields.insert(name, field);
        }
        stored.records = self.records();
        stored.views = self.views_named();
        stored
    }

    /// Returns the records that an upgrade leaves as they are: those of no module, and those that a person changed and no
    /// module writes again.
    fn records(&mut self) -> Vec<Record> {
        let raw = std::mem::take(&mut self.records);
        let by_action: BTreeMap<u64, u64> = (raw.iter())
            .filter(|raw| raw.record.model == "ir.actions.server")
            .filter_map(|raw| Some((raw.record.id, raw.about?)))
            .collect();
        let mut records = Vec::new();
        for mut raw in raw {
            let known = OWNED.iter().find(|known| **known == raw.record.model);
            let owner = known.and_then(|model| self.owner(model, raw.record.id));
            if owner.is_some_and(|owner| !(owner.keeps && raw.touched)) {
                continue;
            }
            let about = raw.about.or_else(|| by_action.get(&raw.action?).copied());
            if let Some(name) = about.and_then(|id| self.models.get(&id)) {
                raw.record.about.clone_from(name);
            }
            if !raw.record.about.is_empty() {
                records.push(raw.record);
            }
        }
        records.sort_by(|a, b| (&a.model, a.id).cmp(&(&b.model, b.id)));
        records
    }

    fn views_named(&mut self) -> Vec<View> {
        let views = std::mem::take(&mut self.views);
        let name = |id: u64| match self.owner("ir.ui.view", id) {
            Some(owner) => format!("{}.{}", owner.module, owner.name),
            None => format!("view_{id}"),
        };
        let named = views.into_iter().map(|(mut view, inherit)| {
            view.xmlid = Some(name(view.id)).filter(|name| name.contains('.'));
            view.inherit = inherit.map(name);
            view
        });
        named.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::odoo::dump::DumpScan;

    const DUMP: &str = "\
COPY public.ir_module_module (id, name, state) FROM stdin;
1\tbase\tinstalled
2\tclub\tinstalled
3\tsale\tuninstalled
\\.
COPY public.ir_module_module_dependency (id, name, module_id) FROM stdin;
1\tbase\t2
\\.
COPY public.ir_model (id, model) FROM stdin;
7\tres.partner
\\.
COPY public.ir_model_fields (id, model, name, ttype, relation, state, related, compute, depends, write_uid) FROM stdin;
70\tres.partner\tmobile\tchar\t\\N\tbase\t\\N\t\\N\t\\N\t1
71\tres.partner\tx_line\tchar\t\\N\tmanual\tparent_id.mobile\t\\N\t\\N\t2
\\.
COPY public.ir_model_data (id, module, name, model, res_id, noupdate) FROM stdin;
1\tbase\tfield_res_partner__mobile\tir.model.fields\t70\tf
2\tbase\tmodel_res_partner\tir.model\t7\tf
3\tbase\tview_partner_form\tir.ui.view\t11\tf
4\tclub\tgreet\tmail.template\t5\tt
5\tclub\tremind\tmail.template\t6\tt
\\.
COPY public.ir_act_server (id, name, model_id, write_uid, state, code, update_path) FROM stdin;
9\t{\"en_US\": \"Phone\"}\t7\t2\tcode\trecord.mobile\\nrecord.name\t\\N
\\.
COPY public.mail_template (id, name, model, write_uid, active, subject, body_html) FROM stdin;
5\tGreet\tres.partner\t1\tt\t{\"en_US\": \"{{ object.mobile }}\"}\t\\N
6\tRemind\tres.partner\t2\tt\t{\"en_US\": \"{{ object.mobile }}\"}\t\\N
\\.
COPY public.ir_ui_view (id, name, model, type, inherit_id, mode, active, priority, arch_db) FROM stdin;
11\tform\tres.partner\tform\t\\N\tprimary\tt\t16\t{\"en_US\": \"<form/>\"}
12\tours\tres.partner\tform\t11\textension\tt\t16\t{\"en_US\": \"<data/>\"}
\\.
";

    #[test]
    fn what_people_made_is_told_from_what_a_module_writes_again() {
        let (mut scan, mut collector) = (DumpScan::default(), Collector::default());
        scan.feed(DUMP.as_bytes(), &mut collector);
        let stored = collector.finish();
        let records: Vec<(&str, u64)> = stored.records.iter().map(|it| (it.model.as_str(), it.id)).collect();
        // A template that only Odoo wrote is the module's, whoever keeps it.
        assert_eq!(
            records,
            [("ir.actions.server", 9), ("ir.model.fields", 71), ("mail.template", 6)]
        );
        assert_eq!(stored.records[0].about, "res.partner");
        assert_eq!(stored.records[0].name, "Phone");
        assert_eq!(stored.records[0].texts[0].text, "record.mobile\nrecord.name");
        assert_eq!(stored.modules.keys().collect::<Vec<_>>(), ["base", "club"]);
        assert_eq!(stored.modules["club"], ["base"]);
        let partner = &stored.models["res.partner"];
        assert!(partner.fields["mobile"].modules.contains("base") && partner.fields["x_line"].modules.is_empty());
        assert_eq!(stored.views[1].inherit.as_deref(), Some("base.view_partner_form"));
        assert_eq!(stored.views[1].xmlid, None);
    }
}
