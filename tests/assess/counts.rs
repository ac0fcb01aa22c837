//! What an assessment counts is what SQL counts in the restored database.

use serde_json::{Value, json};

use super::assessed;
use crate::harness::sample;
use crate::verify_sql::Postgres;

/// What SQL says about everything that an assessment counts, in its form.
const SQL: &str = "SELECT jsonb_build_object(
  'modules', (SELECT jsonb_object_agg(name, latest_version) FROM ir_module_module
              WHERE state IN ('installed', 'to upgrade', 'to remove')),
  'languages', (SELECT jsonb_agg(code ORDER BY code) FROM res_lang WHERE active),
  'companies', (SELECT jsonb_agg(jsonb_build_array(c.name, k.code) ORDER BY c.id) FROM res_company c
                JOIN res_partner p ON p.id = c.partner_id LEFT JOIN res_country k ON k.id = p.country_id),
  'users', (SELECT jsonb_build_object('internal', count(*) FILTER (WHERE active AND NOT share),
                'portal', count(*) FILTER (WHERE active AND share), 'inactive', count(*) FILTER (WHERE NOT active))
            FROM res_users),
  'attachments', (SELECT jsonb_build_array(count(*), count(store_fname)) FROM ir_attachment),
  'models', (SELECT coalesce(jsonb_agg(model ORDER BY model COLLATE \"C\"), '[]') FROM ir_model WHERE state = 'manual'),
  'fields', (SELECT coalesce(jsonb_agg(f ORDER BY f COLLATE \"C\"), '[]')
             FROM (SELECT model || '.' || name AS f FROM ir_model_fields WHERE state = 'manual') AS manual),
  'server_actions', (SELECT coalesce(jsonb_agg(a.id ORDER BY a.id), '[]') FROM ir_act_server a WHERE a.state = 'code'
      AND NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.actions.server' AND d.res_id = a.id
                      AND d.module NOT IN ('__export__', '__import__', 'studio_customization'))),
  'views', (SELECT coalesce(jsonb_agg(v.id ORDER BY v.id), '[]') FROM ir_ui_view v
      WHERE NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.ui.view' AND d.res_id = v.id
                        AND d.module NOT IN ('__export__', '__import__', 'studio_customization'))),
  'live', jsonb_strip_nulls(jsonb_build_object(
      'outgoing mail server', (SELECT nullif(count(*), 0) FROM ir_mail_server WHERE active),
      'incoming mail server', (SELECT nullif(count(*), 0) FROM fetchmail_server WHERE active),
      'scheduled action', (SELECT nullif(count(*), 0) FROM ir_cron WHERE active),
      'queued mail', (SELECT nullif(count(*), 0) FROM mail_mail WHERE state = 'outgoing'),
      'account for in-app purchases', (SELECT nullif(count(*), 0) FROM iap_account)))
)";

/// Every table and its rows, as SQL counts them.
const ROWS: &str = "SELECT jsonb_object_agg(table_name,
    (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM ONLY public.%I', table_name), false, true, '')))[1]::text::bigint)
  FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";

/// Brings an assessment into the form of the SQL.
fn told(assessment: &Value) -> Value {
    let database = &assessment["database"];
    let own = &database["customised"];
    let ids = |records: &Value| -> Vec<Value> {
        let records = records.as_array().unwrap().iter();
        records.map(|record| record["id"].clone()).collect()
    };
    let companies: Vec<Value> = database["companies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|company| json!([company["name"], company["country"]]))
        .collect();
    let modules: serde_json::Map<String, Value> = assessment["modules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| (way["module"].as_str().unwrap().to_owned(), way["version"].clone()))
        .collect();
    json!({
        "modules": modules,
        "languages": database["languages"],
        "companies": companies,
        "users": database["users"],
        "attachments": [database["attachments"]["rows"], database["attachments"]["stored"]],
        "models": own["models"],
        "fields": own["fields"],
        "server_actions": ids(&own["server_actions"]),
        "views": ids(&own["views"]),
        "live": database["live"],
    })
}

fn counts_are_those_of_sql(test: &str, customer: &str) {
    let Some(folder) = sample(test, customer) else { return };
    let Some(postgres) = Postgres::with(test, customer) else {
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let backup = folder.join(format!("{customer}-18.0.zip"));
    let assessment = assessed(scratch.path(), backup.to_str().unwrap());
    let said: Value = serde_json::from_str(&postgres.psql_on("odoo", SQL)).unwrap();
    assert_eq!(told(&assessment), said);

    let rows: Value = serde_json::from_str(&postgres.psql_on("odoo", ROWS)).unwrap();
    let rows = rows.as_object().unwrap();
    assert_eq!(assessment["database"]["tables"], rows.len());
    let sum: u64 = rows.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(assessment["database"]["size"]["rows"], sum);
    for table in assessment["database"]["largest"].as_array().unwrap() {
        assert_eq!(table["rows"], rows[table["name"].as_str().unwrap()], "{table}");
    }
    assert_eq!(assessment["database"]["attachments"]["missing"], 0);
}

#[test]
fn an_assessment_of_acme_counts_what_sql_counts() {
    counts_are_those_of_sql("an_assessment_of_acme_counts_what_sql_counts", "acme");
}

#[test]
fn an_assessment_of_bryggan_counts_what_sql_counts() {
    counts_are_those_of_sql("an_assessment_of_bryggan_counts_what_sql_counts", "bryggan");
}

#[test]
fn a_custom_dump_says_what_the_zip_of_the_same_database_says() {
    let test = "a_custom_dump_says_what_the_zip_of_the_same_database_says";
    let Some(acme) = sample(test, "acme") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let of = |name: &str| {
        let mut assessment = assessed(scratch.path(), acme.join(name).to_str().unwrap());
        assessment.as_object_mut().unwrap().remove("backup");
        // The filestore is only in the zip.
        assessment["database"].as_object_mut().unwrap().remove("attachments");
        assessment
    };
    assert_eq!(of("acme-18.0.dump"), of("acme-18.0.zip"));
}
