//! Modules: what is left of those that are gone. Their states are [`crate::verify::modules`]'s to judge.

use super::{Expect, Invariant};
use crate::event::Severity::Warning;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "names-of-nothing",
        area: "modules",
        title: "external ids of records that are not there",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: "find the records in the backup by their ids: what Odoo deletes itself takes its external id along",
        explained: &[],
        query: |ground| {
            // Defaults of fields that a series drops are deleted by plain SQL.
            let dropped = ["ir.default", "ir.property"];
            let models = ground
                .shape
                .models
                .iter()
                .filter(|(name, model)| !dropped.contains(&name.as_str()) && ground.has(&model.table, &["id"]));
            let all: Vec<String> = models
                .map(|(name, model)| {
                    format!(
                        "SELECT d.module, d.name, d.model, d.res_id FROM ir_model_data d LEFT JOIN \"{}\" t ON t.id = d.res_id
                         WHERE d.model = '{name}' AND d.res_id IS NOT NULL AND t.id IS NULL",
                        model.table
                    )
                })
                .collect();
            (!all.is_empty()).then(|| {
                format!(
                    "SELECT concat_ws('.', x.module, x.name), concat_ws('.', x.module, x.name), concat_ws(' ', x.model, x.res_id, 'is not there') FROM ({}) x",
                    all.join(" UNION ALL ")
                )
            })
        },
    },
    Invariant {
        id: "records-of-no-module",
        area: "modules",
        title: "modules that own records and are not installed",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: "uninstall the module properly, or install it: its records are there and its code is not",
        explained: &[],
        query: |ground| {
            ground.has("ir_module_module", &["name", "state"]).then(|| {
                "SELECT d.module, d.module, concat(count(*), ' records') FROM ir_model_data d
                 JOIN ir_module_module m ON m.name = d.module WHERE m.state = 'uninstalled'
                   AND d.model NOT LIKE 'ir.model%' AND d.model NOT LIKE 'ir.module%' GROUP BY d.module"
                    .into()
            })
        },
    },
];
