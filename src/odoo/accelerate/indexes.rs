//! Indexes that PostgreSQL has only while a hop runs.
//!
//! At the end of a hop Odoo deletes records of fields, views, actions and rights that the new code does not have any more,
//! one by one. For each PostgreSQL looks through every table that refers to them; most of these references have no index.

/// How the indexes begin; nothing of Odoo's does.
const PREFIX: &str = "hopp_for_the_hop_";

/// The tables that the clean-up deletes from.
const CLEANED: [&str; 9] = [
    "ir_model_fields",
    "ir_model",
    "ir_model_fields_selection",
    "ir_model_constraint",
    "ir_ui_view",
    "ir_ui_menu",
    "ir_act_window",
    "ir_act_server",
    "res_groups",
];

/// Returns SQL for `psql` that makes an index for each reference to these tables that has none.
pub fn create_sql() -> String {
    let tables = CLEANED.map(|table| format!("'{table}'")).join(", ");
    format!(
        "SELECT format('CREATE INDEX %I ON %s (%I)', '{PREFIX}' || c.oid, c.conrelid::regclass, a.attname)
FROM pg_constraint c
JOIN pg_class target ON target.oid = c.confrelid AND target.relname IN ({tables})
JOIN pg_class source ON source.oid = c.conrelid AND source.relkind = 'r'
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND array_length(c.conkey, 1) = 1
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL)
ORDER BY c.oid \\gexec
"
    )
}

/// Returns SQL for `psql` that removes the indexes.
pub fn drop_sql() -> String {
    format!(
        "SELECT format('DROP INDEX IF EXISTS %s', oid::regclass) FROM pg_class \
         WHERE relkind = 'i' AND starts_with(relname, '{PREFIX}') \\gexec\n"
    )
}
