//! The structure that holds everything: keys, orphans, counters, languages, what people built themselves.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Expect, Ground, Invariant};
use crate::event::Severity::{Error, Warning};
use crate::verify::content::{ForeignKey, Shape};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "orphans",
        area: "structure",
        title: "records that point at records which are not there",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "find what the column pointed at in the backup: the record is gone, or the pointer is wrong",
        explained: &[],
        query: orphans,
    },
    Invariant {
        id: "foreign-keys",
        area: "structure",
        title: "foreign keys that PostgreSQL watches over",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "update the module that owns the table: Odoo makes its foreign keys again",
        explained: &[],
        query: |ground| {
            // Those of fields that the other side lacks went with them, or came.
            let pointing = |key: &&ForeignKey| {
                let of_table = |shape: &Shape| {
                    let mut models = shape.models.values().filter(|model| model.table == key.table);
                    models.any(|model| model.fields.get(&key.column).is_some_and(|ttype| ttype == "many2one"))
                };
                of_table(ground.shape) && of_table(ground.other)
            };
            let keys: Vec<String> = ground
                .shape
                .keys
                .iter()
                .filter(pointing)
                .map(|key| format!("('{0} {1}', '{0}.{1}', 'there')", key.table, key.column))
                .collect();
            (!keys.is_empty()).then(|| format!("SELECT * FROM (VALUES {}) k (key, name, value)", keys.join(", ")))
        },
    },
    Invariant {
        id: "id-sequences",
        area: "structure",
        title: "tables whose counter of ids is behind",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "set the counter to the highest id (`SELECT setval('TABLE_id_seq', max(id)) FROM TABLE`): new records would be refused",
        explained: &[],
        query: |ground| {
            let tables = ground
                .shape
                .models
                .values()
                .filter(|model| ground.has(&model.table, &["id"]));
            let all: Vec<String> = tables
                .map(|model| {
                    format!(
                        "SELECT '{0}' AS name, (SELECT max(id) FROM \"{0}\") AS highest",
                        model.table
                    )
                })
                .collect();
            (!all.is_empty()).then(|| {
                format!(
                    "SELECT t.name, t.name, concat('the highest id is ', t.highest, ', the counter is at ', coalesce(s.last_value, 0))
                     FROM ({}) t JOIN pg_sequences s ON s.schemaname = 'public' AND s.sequencename = t.name || '_id_seq'
                     WHERE t.highest > coalesce(s.last_value, 0)",
                    all.join(" UNION ALL ")
                )
            })
        },
    },
    Invariant {
        id: "languages",
        area: "structure",
        title: "languages in use",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "switch the language on again in the settings; its translations may have to be loaded again",
        explained: &[],
        query: |ground| {
            ground
                .has("res_lang", &["code", "active"])
                .then(|| "SELECT code, code, 'in use' FROM res_lang WHERE active".into())
        },
    },
    Invariant {
        id: "own-models",
        area: "structure",
        title: "models and fields that people made",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "find why the hop deleted them (a related field on a model that is gone?) and make them again",
        explained: &[],
        query: |ground| {
            ground.has("ir_model_fields", &["state", "ttype", "model", "name"]).then(|| {
                "SELECT concat_ws(' ', 'field', model, name), concat('field ', name, ' of ', model), ttype FROM ir_model_fields WHERE state = 'manual'
                 UNION ALL SELECT concat_ws(' ', 'model', model), concat('model ', model), 'model' FROM ir_model WHERE state = 'manual'".into()
            })
        },
    },
    Invariant {
        id: "own-columns",
        area: "structure",
        title: "columns of stored fields that are not in their table, and tables of links that are not there",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "update the module that owns the field, and fill the column from the backup",
        explained: &[],
        query: |ground| {
            ground.has("ir_model_fields", &["store", "ttype", "model", "name", "relation_table"]).then(|| {
                "SELECT concat_ws(' ', f.model, f.name), concat('field ', f.name, ' of ', f.model), 'no column'
                 FROM ir_model_fields f JOIN ir_model m ON m.id = f.model_id
                 JOIN pg_class r ON r.relname = replace(f.model, '.', '_') AND r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace
                 WHERE f.store AND m.transient IS NOT TRUE AND f.ttype NOT IN ('one2many', 'many2many', 'binary')
                   AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attname = f.name AND NOT a.attisdropped)
                 UNION ALL SELECT concat_ws(' ', f.model, f.name), concat('field ', f.name, ' of ', f.model), 'no table'
                 FROM ir_model_fields f JOIN ir_model m ON m.id = f.model_id
                 JOIN pg_class r ON r.relname = replace(f.model, '.', '_') AND r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace
                 WHERE f.store AND m.transient IS NOT TRUE AND f.ttype = 'many2many' AND f.relation_table <> ''
                   AND NOT EXISTS (SELECT FROM pg_class l WHERE l.relname = f.relation_table AND l.relnamespace = 'public'::regnamespace)".into()
            })
        },
    },
    Invariant {
        id: "own-actions",
        area: "structure",
        title: "server actions that people made, and their code",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's ir_act_server, by id",
        explained: &[],
        query: |ground| {
            ground.has("ir_act_server", &["state", "code"]).then(|| {
                let name = ground.shape.text("s", "ir_act_server", "name");
                format!(
                    "SELECT s.id, concat('server action ', s.id, ' (', {name}, ')'), concat_ws(' ', s.state, 'md5', md5(coalesce(s.code, '')))
                     FROM ir_act_server s
                     WHERE NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.actions.server' AND d.res_id = s.id)"
                )
            })
        },
    },
    Invariant {
        id: "own-views",
        area: "structure",
        title: "views that people made, and their text",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "take them from the backup's ir_ui_view, by id",
        explained: &[],
        query: |ground| {
            ground.has("ir_ui_view", &["name", "active", "model", "arch_db"]).then(|| {
                let text = ground.shape.text("v", "ir_ui_view", "arch_db");
                // 18.0 calls a tree a list.
                format!(
                    "SELECT v.id, concat('view ', v.id, ' (', v.name, ') of ', v.model),
                        concat_ws(' ', CASE WHEN v.active THEN 'active' ELSE 'off' END, 'text', left(md5(replace({text}, 'tree', 'list')), 8))
                     FROM ir_ui_view v WHERE NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.ui.view' AND d.res_id = v.id)"
                )
            })
        },
    },
    Invariant {
        id: "crons-on",
        area: "running",
        title: "scheduled actions that were off",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "switch them off, unless they should run: in a copy they act on the world",
        explained: &[],
        query: |ground| {
            ground.has("ir_cron", &["active"]).then(|| {
                let name = if ground.has("ir_cron", &["cron_name"]) { "c.cron_name" } else { "NULL" };
                format!(
                    "SELECT coalesce(min(d.module || '.' || d.name), 'cron ' || c.id), concat('scheduled action ', c.id, ' (', {name}, ')'), 'on'
                     FROM ir_cron c LEFT JOIN ir_model_data d ON d.model = 'ir.cron' AND d.res_id = c.id
                     WHERE c.active GROUP BY c.id"
                )
            })
        },
    },
];

/// Looks behind every foreign key of a field.
fn orphans(ground: &Ground) -> Option<String> {
    let mut sql = String::new();
    for model in ground.shape.models.values() {
        let Some(columns) = ground.shape.tables.get(&model.table) else {
            continue;
        };
        // A key that was dropped watches no longer: then the other side's tells what should point where.
        let all: BTreeSet<&ForeignKey> = ground.shape.keys.iter().chain(&ground.other.keys).collect();
        let keys = all
            .into_iter()
            .filter(|key| key.table == model.table && key.column != "id");
        let stored = |key: &ForeignKey| model.fields.contains_key(&key.column);
        for key in
            keys.filter(|key| stored(key) && columns.contains_key(&key.column) && ground.has(&key.target, &["id"]))
        {
            let union = if sql.is_empty() { "" } else { " UNION ALL " };
            // Writing to a String cannot fail.
            let _ = write!(
                sql,
                "{union}SELECT '{table} {column}', '{table}.{column}', count(*) || ' point at nothing, such as ' || min(t.id) || ' at ' || min(t.\"{column}\")
                 FROM \"{table}\" t LEFT JOIN \"{target}\" o ON o.id = t.\"{column}\" WHERE t.\"{column}\" IS NOT NULL AND o.id IS NULL HAVING count(*) > 0",
                table = model.table,
                column = key.column,
                target = key.target
            );
        }
    }
    (!sql.is_empty()).then_some(sql)
}
