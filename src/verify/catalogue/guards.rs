//! What PostgreSQL itself watches over or does: constraints, indexes, triggers, views of people's own.

use super::{Expect, Invariant};
use crate::event::Severity::Warning;

const UPDATE: &str = "update the module that owns the table: Odoo makes them again";

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "constraints",
        area: "structure",
        title: "constraints that modules declare and PostgreSQL does not have",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: UPDATE,
        explained: &[],
        query: |ground| {
            ground.has("ir_model_constraint", &["name", "type", "module"]).then(|| {
                "SELECT c.name, concat('constraint ', c.name, ' of ', m.name), 'not there' FROM ir_model_constraint c
                 JOIN ir_module_module m ON m.id = c.module
                 JOIN ir_model k ON k.id = c.model AND k.transient IS NOT TRUE
                 JOIN pg_class t ON t.relname = replace(k.model, '.', '_') AND t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
                 WHERE c.type = 'u' AND m.state = 'installed' AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.conname = left(c.name, 63))
                   AND NOT EXISTS (SELECT FROM pg_class i WHERE i.relkind = 'i' AND i.relname = left(c.name, 63))"
                    .into()
            })
        },
    },
    Invariant {
        id: "indexes",
        area: "structure",
        title: "fields that should have an index and have none",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: UPDATE,
        explained: &[],
        query: |ground| {
            ground.has("ir_model_fields", &["index", "store", "model", "name"]).then(|| {
                format!(
                    "SELECT concat(f.model, ' ', f.name), concat('field ', f.name, ' of ', f.model), 'no index' FROM {COLUMN}
                     WHERE f.index AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND (i.indkey[0] = a.attnum
                         OR (i.indkey[0] = 0 AND pg_get_indexdef(i.indexrelid) ~ ('\\m' || f.name || '\\M'))))"
                )
            })
        },
    },
    Invariant {
        id: "required",
        area: "structure",
        title: "required fields whose column may be empty",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: UPDATE,
        explained: &[],
        query: |ground| {
            ground.has("ir_model_fields", &["required", "store", "model", "name"]).then(|| {
                format!(
                    "SELECT concat(f.model, ' ', f.name), concat('field ', f.name, ' of ', f.model), 'may be empty' FROM {COLUMN}
                     WHERE f.required AND NOT a.attnotnull"
                )
            })
        },
    },
    Invariant {
        id: "triggers",
        area: "structure",
        title: "triggers and functions in the database that nobody had there",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: "drop them, unless somebody made them on purpose: they change what is written, behind Odoo's back",
        explained: &[],
        query: |ground| ground.has("ir_model", &["model"]).then(|| ROUTINES.into()),
    },
    Invariant {
        id: "own-routines",
        area: "structure",
        title: "triggers, functions and views in the database that people made",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "make them again from the backup's dump",
        explained: &[],
        query: |ground| {
            ground.has("ir_model", &["model"]).then(|| {
                format!(
                    "{ROUTINES} UNION ALL SELECT concat('view ', c.relname), concat('view ', c.relname), 'there' FROM pg_class c
                     WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM ir_model m WHERE replace(m.model, '.', '_') = c.relname)
                       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
                )
            })
        },
    },
];

/// Stored fields with the column they are kept in.
const COLUMN: &str = "ir_model_fields f JOIN ir_model m ON m.id = f.model_id AND m.transient IS NOT TRUE
     JOIN pg_class r ON r.relname = replace(f.model, '.', '_') AND r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace
     JOIN pg_attribute a ON f.store AND a.attrelid = r.oid AND a.attname = f.name AND NOT a.attisdropped";

/// Triggers and functions that are neither PostgreSQL's own nor an extension's.
const ROUTINES: &str =
    "SELECT concat('trigger ', t.tgname, ' ', c.relname), concat('trigger ', t.tgname, ' on ', c.relname), 'there'
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
     UNION ALL SELECT concat('function ', p.proname), concat('function ', p.proname), 'there' FROM pg_proc p
     WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')";
