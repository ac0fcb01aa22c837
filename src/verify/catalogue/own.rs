//! What people made or set themselves: menus, actions, scheduled actions, groups, defaults, names of imports.

use super::{Expect, Ground, Invariant};
use crate::event::Severity::Warning;
use crate::verify::content::Shape;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "own-groups",
        area: "people",
        title: "groups that people made",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's res_groups, by id, with their users and rules",
        explained: &[],
        query: |ground| {
            ground.has("res_groups", &["name"]).then(|| {
                let name = ground.shape.text("t", "res_groups", "name");
                made_by_hand("res_groups", "res.groups", "group", &name, "'there'")
            })
        },
    },
    Invariant {
        id: "own-menus",
        area: "structure",
        title: "menus that people made",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's ir_ui_menu, by id",
        explained: &[],
        query: |ground| {
            ground.has("ir_ui_menu", &["name", "action", "active"]).then(|| {
                let name = ground.shape.text("t", "ir_ui_menu", "name");
                let value = "concat_ws(' ', t.action, CASE WHEN t.active THEN 'shown' ELSE 'hidden' END)";
                made_by_hand("ir_ui_menu", "ir.ui.menu", "menu", &name, value)
            })
        },
    },
    Invariant {
        id: "own-windows",
        area: "structure",
        title: "window actions that people made, and what they list",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's ir_act_window, by id",
        explained: &[],
        query: |ground| {
            ground.has("ir_act_window", &["name", "domain", "context"]).then(|| {
                let name = ground.shape.text("t", "ir_act_window", "name");
                let value =
                    "concat_ws(' with ', coalesce(nullif(t.domain, ''), '[]'), coalesce(nullif(t.context, ''), '{}'))";
                made_by_hand("ir_act_window", "ir.actions.act_window", "action", &name, value)
            })
        },
    },
    Invariant {
        id: "own-fields",
        area: "structure",
        title: "fields that people made: their label, what they are computed from, whether they must be filled",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take these from the backup's ir_model_fields, by model and name",
        explained: &[],
        query: |ground| {
            let columns = [
                "state",
                "field_description",
                "compute",
                "related",
                "required",
                "model",
                "name",
            ];
            ground.has("ir_model_fields", &columns).then(|| {
                let label = ground.shape.text("f", "ir_model_fields", "field_description");
                format!(
                    "SELECT concat_ws(' ', f.model, f.name), concat('field ', f.name, ' of ', f.model),
                        concat_ws(', ', {label}, CASE WHEN f.required THEN 'required' END, f.related, 'computed ' || left(md5(nullif(f.compute, '')), 8))
                     FROM ir_model_fields f WHERE f.state = 'manual'"
                )
            })
        },
    },
    Invariant {
        id: "own-crons",
        area: "running",
        title: "scheduled actions that people made, and how often they run",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's ir_cron, by id",
        explained: &[],
        query: |ground| {
            ground
                .has("ir_cron", &["cron_name", "interval_number", "interval_type"])
                .then(|| {
                    let value = "concat_ws(' ', 'every', t.interval_number, t.interval_type)";
                    made_by_hand("ir_cron", "ir.cron", "scheduled action", "t.cron_name", value)
                })
        },
    },
    Invariant {
        id: "mail-servers",
        area: "documents",
        title: "outgoing mail servers",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "enter them again; the backup's ir_mail_server names them",
        explained: &[],
        query: |ground| {
            ground
                .has("ir_mail_server", &["name"])
                .then(|| "SELECT id, concat('mail server ', id, ' (', name, ')'), 'there' FROM ir_mail_server".into())
        },
    },
    Invariant {
        id: "decimals",
        area: "structure",
        title: "how many decimals figures have",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "set the decimal accuracy to what it was: amounts are rounded by it",
        explained: &[],
        query: |ground| {
            ground
                .has("decimal_precision", &["name", "digits"])
                .then(|| "SELECT id, concat('decimals ', id, ' (', name, ')'), digits FROM decimal_precision".into())
        },
    },
    Invariant {
        id: "defaults",
        area: "structure",
        title: "defaults of fields, such as the accounts of partners and products",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "set them again; the backup's ir_default has them",
        explained: &[],
        query: defaults,
    },
    Invariant {
        id: "own-names",
        area: "modules",
        title: "external ids that people gave by import or export",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's ir_model_data: the next import would make these records again",
        explained: &[],
        query: |ground| {
            let models: Vec<String> = ground.other.models.keys().map(|model| format!("'{model}'")).collect();
            (ground.has("ir_model_data", &["module", "name", "model", "res_id"]) && !models.is_empty()).then(|| {
                format!(
                    "SELECT concat(module, '.', name), concat(module, '.', name), concat_ws(' ', model, res_id) FROM ir_model_data
                     WHERE module IN ('__import__', '__export__') AND model NOT LIKE 'ir.%' AND model IN ({})",
                    models.join(", ")
                )
            })
        },
    },
];

/// Returns the query for the records `t` of a model that no module brought.
fn made_by_hand(table: &str, model: &str, what: &str, name: &str, value: &str) -> String {
    format!(
        "SELECT t.id, concat('{what} ', t.id, ' (', {name}, ')'), {value} FROM {table} t
         WHERE NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = '{model}' AND d.res_id = t.id)"
    )
}

/// Asks for the defaults of fields that both databases have.
fn defaults(ground: &Ground) -> Option<String> {
    if !ground.has(
        "ir_default",
        &["field_id", "json_value", "user_id", "company_id", "condition"],
    ) {
        return None;
    }
    let mut dropped = vec!["''".to_owned()];
    for (name, model) in &ground.shape.models {
        let other = ground.other.models.get(name);
        let there = |field: &&String| other.is_some_and(|other| other.fields.contains_key(*field));
        let gone = model.fields.keys().filter(|field| !there(field));
        dropped.extend(gone.map(|field| format!("'{name}.{field}'")));
    }
    // 19.0 values stock in another way: its accounts are the company's, and valuation by hand has another name.
    let layers = |shape: &Shape| shape.models.contains_key("stock.valuation.layer");
    if !(layers(ground.shape) && layers(ground.other)) {
        let moved = ["property_stock_journal", "property_stock_valuation_account_id"];
        dropped.extend(moved.map(|field| format!("'product.category.{field}'")));
    }
    Some(format!(
        "SELECT concat_ws(' ', f.model, f.name, d.user_id, 'of', d.company_id, d.condition),
            concat_ws(', ', concat('default of ', f.name, ' of ', f.model), 'company ' || d.company_id, 'user ' || d.user_id),
            replace(d.json_value, 'manual_periodic', 'periodic')
         FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id
         WHERE concat(f.model, '.', f.name) NOT IN ({})",
        dropped.join(", ")
    ))
}
