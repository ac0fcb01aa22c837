//! From rows to a survey.

use std::collections::BTreeMap;

use super::customised::Made;
use super::files::Names;
use super::people::Companies;
use super::{Attachments, Module, Survey, Users, columns};
use crate::odoo::cloc::Own;
use crate::odoo::dump::{Dump, Reader, Row};

/// Reads the rows of a dump.
#[derive(Debug, Default)]
pub struct Surveyor {
    modules: BTreeMap<String, Module>,
    names: BTreeMap<u64, String>,
    depends: Vec<(u64, String)>,
    languages: Vec<String>,
    companies: Companies,
    users: Users,
    attachments: Attachments,
    filestore: Option<Names>,
    made: Made,
    own: Own,
    live: BTreeMap<&'static str, u64>,
}

impl Surveyor {
    /// Says that there is a filestore, so that attachments without a file are noticed.
    pub fn with_filestore(&mut self) {
        self.filestore.get_or_insert_default();
    }

    /// Takes a file of the filestore, by its name `ab/abcdef…` and its size. All come before the dump.
    pub fn file(&mut self, name: &str, bytes: u64) {
        self.filestore.get_or_insert_default().add(name, bytes);
    }

    /// Takes the code that lives in the database alone, out of what was seen.
    pub fn take_own(&mut self) -> Own {
        std::mem::take(&mut self.own)
    }

    /// Joins what was seen. `dump` is what the scan says of the whole.
    pub fn finish(mut self, dump: &Dump) -> Survey {
        for (id, needed) in self.depends {
            let module = self.names.get(&id).and_then(|name| self.modules.get_mut(name));
            if let Some(module) = module {
                module.depends.push(needed);
            }
        }
        for module in self.modules.values_mut() {
            module.depends.sort();
        }
        self.languages.sort();
        self.attachments.filestore = self.filestore.as_ref().map(Names::sum);
        Survey {
            modules: self.modules,
            languages: self.languages,
            companies: self.companies.finish(),
            users: self.users,
            attachments: self.attachments,
            parts: self.made.take_parts(),
            customised: self.made.finish(),
            live: self
                .live
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(what, count)| (what.to_owned(), count))
                .collect(),
            tables: dump.tables.clone(),
        }
    }

    fn module(&mut self, row: &Row<'_>) {
        let (Some(id), Some(name)) = (row.number(0), row.owned(1)) else {
            return;
        };
        let text = |column| row.owned(column).unwrap_or_default();
        let module = Module {
            state: text(2),
            version: text(3),
            author: text(4),
            website: text(5),
            license: text(6),
            imported: row.is_true(7),
            depends: Vec::new(),
        };
        self.own.module(&name, module.state == "installed", module.imported);
        self.names.insert(id, name.clone());
        self.modules.insert(name, module);
    }

    fn live(&mut self, what: &'static str, is_it: bool) {
        *self.live.entry(what).or_default() += u64::from(is_it);
    }
}

impl Reader for Surveyor {
    fn wants(&mut self, table: &str) -> &'static [&'static str] {
        columns::of(table)
    }

    fn begins(&mut self, table: &str, has: &[bool]) {
        if table == "ir_module_module" {
            self.own.knows_imported(has.last() == Some(&true));
        }
    }

    fn row(&mut self, table: &str, row: &Row<'_>) {
        let state = || row.raw(0).unwrap_or_default();
        match table {
            "ir_model_data" => {
                self.made.external_id(row);
                if let (Some(model), Some(id), Some(module)) = (row.text(0), row.number(1), row.text(2)) {
                    self.own.external_id(&module, &model, id);
                }
            }
            "res_partner" => self.companies.partner(row),
            "ir_attachment" => {
                self.attachments.add(row, self.filestore.as_ref());
                if let Some(id) = row.number(3) {
                    self.own.attachment(id, row, [1, 4, 0, 5, 6]);
                }
            }
            "ir_model_fields" => {
                self.made.field(row);
                if let (Some(id), Some(code)) = (row.number(3), row.owned(4)) {
                    let name = row.owned(1).unwrap_or_default();
                    self.own.field(id, name, code, row.raw(2) == Some(b"manual"));
                }
            }
            "ir_model" => self.made.model(row),
            "ir_ui_view" => {
                self.made.view(row);
                if let Some(id) = row.number(0).filter(|_| row.raw(3) == Some(b"qweb")) {
                    let name = || row.owned(1).unwrap_or_default();
                    self.own.view(id, name, || row.translated(4));
                }
            }
            "ir_act_server" => {
                self.made.action(row);
                if let Some(id) = row.number(0).filter(|_| row.raw(2) == Some(b"code")) {
                    self.own.action(id, row.translated(1).unwrap_or_default(), row.owned(3));
                }
                self.live("webhook of a server action", row.raw(2) == Some(b"webhook"));
            }
            "ir_module_module" => self.module(row),
            "ir_module_module_dependency" => {
                if let (Some(id), Some(name)) = (row.number(0), row.owned(1)) {
                    self.depends.push((id, name));
                }
            }
            "res_users" => self.users.add(row),
            "res_company" => self.companies.company(row),
            "res_country" => self.companies.country(row),
            "res_lang" => self.languages.extend(row.owned(0).filter(|_| row.is_true(1))),
            "base_automation" => self.made.automation(row),
            "ir_mail_server" => self.live("outgoing mail server", row.is_true(0)),
            "fetchmail_server" => self.live("incoming mail server", row.is_true(0)),
            "ir_cron" => self.live("scheduled action", row.is_true(0)),
            "payment_provider" | "payment_acquirer" => {
                self.live(
                    "payment provider",
                    !matches!(state(), b"disabled" | b"disable" | b"test" | b""),
                );
            }
            "mail_mail" => self.live("queued mail", state() == b"outgoing"),
            "sms_sms" => self.live("queued text message", state() == b"outgoing"),
            "iap_account" => self.live("account for in-app purchases", true),
            _ => {}
        }
    }
}
