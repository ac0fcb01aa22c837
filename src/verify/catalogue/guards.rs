//! What PostgreSQL itself watches over or does: constraints, indexes, triggers, views of people's own.

use super::{Expect, Ground, Invariant};
use crate::event::Severity::{Error, Info, Warning};

const UPDATE: &str = "update the module that owns the table: Odoo makes them again";

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "constraints",
        area: "structure",
        title: "constraints and indexes that modules declare and PostgreSQL does not have",
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
                 WHERE c.type IN ('u', 'i') AND m.state = 'installed' AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.conname = left(c.name, 63))
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
        query: |ground| may_be_empty(ground, "NOT"),
    },
    Invariant {
        id: "required-unfilled",
        area: "structure",
        title: "required fields that records lack",
        severity: Info,
        expect: Expect::NoneNew,
        remedy: "fill them when the records are next changed, or in an `after` step: the series asks for what the one before did not",
        explained: &[],
        query: |ground| may_be_empty(ground, ""),
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
    Invariant {
        id: "primary-keys",
        area: "structure",
        title: "tables of records without a primary key",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "make it again (`ALTER TABLE … ADD PRIMARY KEY (id)`): nothing else keeps two records from one id",
        explained: &[],
        query: |ground| {
            ground.has("ir_model", &["model", "transient"]).then(|| {
                format!(
                    "SELECT r.relname, concat('table ', r.relname), 'no primary key' FROM {TABLE}
                     WHERE NOT EXISTS (SELECT FROM pg_constraint p WHERE p.conrelid = r.oid AND p.contype = 'p')"
                )
            })
        },
    },
    Invariant {
        id: "id-defaults",
        area: "structure",
        title: "tables that give new records no id",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "set the default again (`ALTER TABLE … ALTER id SET DEFAULT nextval('…_id_seq')`): nothing new can be saved",
        explained: &[],
        query: |ground| {
            ground.has("ir_model", &["model", "transient"]).then(|| {
                format!(
                    "SELECT r.relname, concat('table ', r.relname), 'no default' FROM {TABLE}
                     WHERE NOT i.atthasdef AND i.attidentity = ''"
                )
            })
        },
    },
    Invariant {
        id: "key-rules",
        area: "structure",
        title: "foreign keys that do something else than their field says when a record is deleted",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: UPDATE,
        explained: &[],
        query: |ground| {
            ground
                .has("ir_model_fields", &["on_delete", "store", "model", "name"])
                .then(|| {
                    format!(
                        "SELECT concat(f.model, ' ', f.name), concat('field ', f.name, ' of ', f.model),
                            concat(CASE k.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'r' THEN 'restrict' ELSE 'nothing' END, ' instead of ', f.on_delete)
                         FROM {COLUMN} JOIN pg_constraint k ON k.contype = 'f' AND k.conrelid = r.oid AND k.conkey = ARRAY[a.attnum]
                         -- Odoo makes the table of devices itself (`init` of `auth_totp.device`), with a rule of its own.
                         WHERE f.ttype = 'many2one' AND f.on_delete <> '' AND f.model <> 'auth_totp.device'
                           AND k.confdeltype <> CASE f.on_delete WHEN 'cascade' THEN 'c' WHEN 'set null' THEN 'n' ELSE 'r' END"
                    )
                })
        },
    },
    Invariant {
        id: "column-kinds",
        area: "structure",
        title: "columns of another kind than their field",
        severity: Warning,
        expect: Expect::NoneNew,
        remedy: UPDATE,
        explained: &[],
        query: |ground| {
            ground.has("ir_model_fields", &["ttype", "store", "model", "name"]).then(|| {
                format!(
                    "SELECT concat(f.model, ' ', f.name), concat('field ', f.name, ' of ', f.model), concat(f.ttype, ' kept as ', t.typname)
                     FROM {COLUMN} JOIN pg_type t ON t.oid = a.atttypid
                     -- A value for each company or language is kept as JSON.
                     WHERE t.typname <> 'jsonb' AND t.typname <> ALL (CASE f.ttype
                        WHEN 'boolean' THEN ARRAY['bool'] WHEN 'integer' THEN ARRAY['int4', 'int8']
                        WHEN 'many2one' THEN ARRAY['int4'] WHEN 'monetary' THEN ARRAY['numeric']
                        WHEN 'float' THEN ARRAY['numeric', 'float8'] WHEN 'date' THEN ARRAY['date']
                        WHEN 'datetime' THEN ARRAY['timestamp'] WHEN 'char' THEN ARRAY['varchar', 'text']
                        WHEN 'selection' THEN ARRAY['varchar', 'text'] WHEN 'text' THEN ARRAY['text', 'varchar']
                        WHEN 'html' THEN ARRAY['text', 'varchar'] ELSE ARRAY[t.typname::text] END)"
                )
            })
        },
    },
    Invariant {
        id: "guards-off",
        area: "structure",
        title: "triggers of PostgreSQL's own that are off, tables that forget, rules and policies",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "undo it (`ALTER TABLE … ENABLE TRIGGER ALL`, `… SET LOGGED`), unless somebody did that on purpose",
        explained: &[],
        query: |ground| ground.has("ir_model", &["model"]).then(|| OFF.into()),
    },
];

/// Asks for required fields whose column may be empty: those that records lack, or `NOT` those.
///
/// A field that the series requires and records lack stays so: Odoo cannot make the column required, and goes on.
fn may_be_empty(ground: &Ground, not: &str) -> Option<String> {
    ground
        .has("ir_model_fields", &["required", "store", "model", "name"])
        .then(|| {
            format!(
                "SELECT concat(f.model, ' ', f.name), concat('field ', f.name, ' of ', f.model), 'may be empty' FROM {COLUMN}
                 WHERE f.required AND NOT a.attnotnull AND {not} (query_to_xml(format('SELECT 1 AS x FROM %I WHERE %I IS NULL LIMIT 1',
                    r.relname, a.attname), false, false, '')::text ~ '<row')"
            )
        })
}

/// Tables in which models keep their records, with the column of their ids.
const TABLE: &str = "ir_model m JOIN pg_class r ON r.relname = replace(m.model, '.', '_') AND r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace
     JOIN pg_attribute i ON i.attrelid = r.oid AND i.attname = 'id' AND NOT i.attisdropped AND m.transient IS NOT TRUE";

/// What keeps PostgreSQL from watching over tables, or from keeping them.
const OFF: &str = "SELECT concat('trigger ', c.relname), concat('table ', c.relname), concat(count(*), ' triggers are off')
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgenabled = 'D' GROUP BY c.relname
     UNION ALL SELECT concat('unlogged ', c.relname), concat('table ', c.relname), 'not written to the log: empty after a crash'
     FROM pg_class c WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND c.relnamespace = 'public'::regnamespace
     UNION ALL SELECT concat('policy ', c.relname), concat('table ', c.relname), 'hides rows from some roles'
     FROM pg_class c WHERE c.relrowsecurity AND c.relnamespace = 'public'::regnamespace
     UNION ALL SELECT concat('rule ', r.tablename, ' ', r.rulename), concat('rule ', r.rulename, ' on ', r.tablename), 'rewrites what is asked'
     FROM pg_rules r WHERE r.schemaname = 'public'";

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
