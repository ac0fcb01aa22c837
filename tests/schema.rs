//! The committed JSON Schemas are those of the types, and the readme explains every key of a plan.

use std::collections::BTreeSet;

use fs_err as fs;
use hopp::spec::schema;
use serde_json::Value;

/// Compares a committed schema with the types' own; `HOPP_BLESS=1` rewrites it.
fn assert_current(name: &str, current: &str) {
    let path = format!("fixtures/schemas/{name}.schema.json");
    if std::env::var_os("HOPP_BLESS").is_some() {
        fs::write(&path, current).expect("the schema can be written");
    }
    let committed = fs::read_to_string(&path).expect("the schema is committed");
    assert!(
        committed == current,
        "{path} is not the schema of the types: HOPP_BLESS=1 cargo test rewrites it"
    );
}

#[test]
fn the_committed_schema_of_plans_is_current() {
    assert_current("plan", &schema::plan_schema());
}

#[test]
fn the_committed_schema_of_playbooks_is_current() {
    assert_current("playbook", &schema::playbook_schema());
}

#[test]
fn the_committed_schema_of_reports_is_current() {
    assert_current("report", &hopp::report::schema());
}

#[test]
fn the_committed_schema_of_bills_is_current() {
    assert_current("bill", &hopp::report::bill::schema());
}

#[test]
fn the_readme_names_every_key_of_a_plan() {
    let readme = fs::read_to_string("README.md").expect("the readme is there");
    let reference = readme
        .split("## The plan, key by key")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("the readme explains the plan key by key");
    let is_part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: BTreeSet<&str> = reference.split(|c| !is_part_of_word(c)).collect();
    let schema = serde_json::from_str(&schema::plan_schema()).expect("a schema is JSON");
    let mut keys = BTreeSet::new();
    collect_keys(&schema, &mut keys);
    assert!(keys.len() > 40, "only {keys:?} are keys of a plan");
    let missing: Vec<&String> = keys.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(missing.is_empty(), "the readme does not explain {missing:?}");
}

/// Collects every property that a schema knows.
fn collect_keys(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| collect_keys(value, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_keys(value, keys)),
        _ => {}
    }
}
