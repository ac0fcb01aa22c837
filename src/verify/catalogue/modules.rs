//! Modules: what is left of those that are gone. Their states are [`crate::verify::modules`]'s to judge.

use super::{Expect, Invariant};
use crate::event::Severity::Warning;

/// What tells of `noupdate`; the modules' data files decide what an update may have made of it.
pub(super) const UPDATED: &str = "updated-or-not";

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
        id: "names-moved",
        area: "modules",
        title: "which record each external id is of",
        severity: Warning,
        expect: Expect::Kept,
        remedy: "point it at its record again, by the backup's ir_model_data: the next update writes to, and code asks for, another record",
        explained: &[],
        query: |ground| {
            // A record that a module no longer brings and brings again is another one, and so is the row with its name.
            // What the other side calls otherwise was renamed.
            let models = ground.shape.models.iter().filter(|(name, model)| {
                // Which views an action has is part of the action: a module may make the list anew.
                let of_code = ["ir.model.", "ir.module.", "ir.actions.act_window.view"]
                    .iter()
                    .any(|start| name.starts_with(start));
                !of_code && ground.other.models.contains_key(*name) && ground.has(&model.table, &["id"])
            });
            let all: Vec<String> = models
                .map(|(name, model)| {
                    format!(
                        "SELECT d.id, d.module, d.name, d.model, d.res_id FROM ir_model_data d JOIN \"{}\" t ON t.id = d.res_id WHERE d.model = '{name}'",
                        model.table
                    )
                })
                .collect();
            (!all.is_empty() && ground.has("ir_model_data", &["module", "name", "model", "res_id"])).then(|| {
                format!(
                    "SELECT concat_ws(' ', x.id, concat_ws('.', x.module, x.name)), concat_ws('.', x.module, x.name), concat_ws(' ', x.model, x.res_id) FROM ({}) x",
                    all.join(" UNION ALL ")
                )
            })
        },
    },
    Invariant {
        id: UPDATED,
        area: "modules",
        title: "which records updates of modules leave alone (`noupdate`)",
        severity: Warning,
        expect: Expect::Kept,
        remedy: "set the mark to what it was: without it the next update overwrites what was changed, with it updates pass the record by",
        explained: &[],
        query: |ground| {
            ground.has("ir_model_data", &["module", "name", "model", "noupdate"]).then(|| {
                "SELECT concat_ws('.', module, name), concat(module, '.', name, ' (', model, ')'), CASE WHEN noupdate THEN 'left alone' ELSE 'updated' END
                 FROM ir_model_data WHERE model NOT LIKE 'ir.model%' AND model NOT LIKE 'ir.module%'"
                    .into()
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
