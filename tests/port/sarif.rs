//! SARIF as its schema, version 2.1.0, wants it: the parts that a port uses. Objects there take no key that the schema does
//! not name.

use serde_json::Value;

use super::desk::Desk;

/// What an object may have; a star marks what it must have.
fn has(value: &Value, what: &str, keys: &[&str]) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("{what} is no object: {value}"));
    let names: Vec<&str> = keys.iter().map(|key| key.trim_start_matches('*')).collect();
    for key in object.keys() {
        assert!(names.contains(&key.as_str()), "{what} has `{key}`");
    }
    for key in keys.iter().filter_map(|key| key.strip_prefix('*')) {
        assert!(object.contains_key(key), "{what} lacks `{key}`: {value}");
    }
}

fn text(value: &Value, what: &str) {
    has(value, what, &["*text", "markdown", "id", "arguments"]);
    assert!(
        value["text"].as_str().is_some_and(|text| !text.is_empty()),
        "{what}: {value}"
    );
}

fn number(value: &Value, least: u64, what: &str) {
    assert!(value.as_u64().is_some_and(|number| number >= least), "{what}: {value}");
}

/// A URI or a relative reference, of the characters that one may have.
fn uri(value: &Value) {
    let uri = value.as_str().unwrap();
    let may = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    assert!(!uri.is_empty() && uri.chars().all(may), "{uri}");
    for escape in uri.split('%').skip(1) {
        assert!(
            escape.len() > 1 && escape[..2].chars().all(|c| c.is_ascii_hexdigit()),
            "{uri}"
        );
    }
    assert!(
        !uri.starts_with('/'),
        "a path from the root is no relative reference: {uri}"
    );
}

/// Fails unless one result is as it must be.
fn result(result: &Value, rules: &[Value]) {
    let keys = [
        "ruleId",
        "ruleIndex",
        "kind",
        "level",
        "*message",
        "locations",
        "fingerprints",
        "properties",
    ];
    has(result, "a result", &keys);
    text(&result["message"], "a message");
    assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    for location in result["locations"].as_array().unwrap() {
        has(
            location,
            "a location",
            &["id", "physicalLocation", "logicalLocations", "message", "properties"],
        );
        let place = &location["physicalLocation"];
        has(
            place,
            "a place",
            &["address", "*artifactLocation", "region", "contextRegion", "properties"],
        );
        has(
            &place["artifactLocation"],
            "a file",
            &["uri", "uriBaseId", "index", "description", "properties"],
        );
        uri(&place["artifactLocation"]["uri"]);
        if let Some(region) = place.get("region") {
            has(
                region,
                "a region",
                &[
                    "startLine",
                    "startColumn",
                    "endLine",
                    "endColumn",
                    "snippet",
                    "properties",
                ],
            );
            number(&region["startLine"], 1, "a line");
            number(&region["startColumn"], 1, "a column");
        }
    }
}

/// Fails unless a log is SARIF 2.1.0, and returns its results.
fn results(log: &Value) -> Vec<Value> {
    has(
        log,
        "the log",
        &["$schema", "*version", "*runs", "inlineExternalProperties", "properties"],
    );
    uri(&log["$schema"]);
    assert_eq!(log["version"], "2.1.0");
    let [run] = log["runs"].as_array().unwrap().as_slice() else {
        panic!("one run, not {}", log["runs"]);
    };
    has(
        run,
        "a run",
        &[
            "*tool",
            "results",
            "columnKind",
            "artifacts",
            "invocations",
            "properties",
        ],
    );
    assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&run["columnKind"].as_str().unwrap()));
    has(&run["tool"], "the tool", &["*driver", "extensions", "properties"]);
    let driver = &run["tool"]["driver"];
    has(
        driver,
        "the driver",
        &[
            "*name",
            "version",
            "semanticVersion",
            "informationUri",
            "rules",
            "properties",
        ],
    );
    let rules = driver["rules"].as_array().unwrap();
    let mut ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    for rule in rules {
        has(
            rule,
            "a rule",
            &[
                "*id",
                "name",
                "shortDescription",
                "fullDescription",
                "help",
                "helpUri",
                "properties",
            ],
        );
        for key in ["shortDescription", "fullDescription", "help"] {
            if !rule[key].is_null() {
                has(&rule[key], key, &["*text", "markdown", "properties"]);
            }
        }
    }
    let results = run["results"].as_array().unwrap();
    for it in results {
        result(it, rules);
    }
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "a rule is described once");
    results.clone()
}

#[test]
fn sarif_has_what_its_schema_wants_and_nothing_that_it_does_not_know() {
    let desk = Desk::new();
    desk.module("addons/a b");
    desk.write("addons/a b/half.py", "def half(:\n");
    desk.write(
        "addons/a b/old.py",
        "from odoo.osv import expression\n\nx = expression.is_leaf\n",
    );
    desk.write("addons/a b/lost.py", "from odoo.tools import nothing_of_this_name\n");
    desk.write("source/odoo/addons/base/__manifest__.py", "{'name': 'Base'}\n");
    desk.write("source/odoo/addons/base/__init__.py", "");
    desk.write("source/odoo/tools/__init__.py", "def ustr(it):\n    return it\n");
    let told = |folder: &str, more: &[&str]| {
        let args = [&[folder, "--to", "19.0", "--check", "--format", "sarif"], more].concat();
        let ended = desk.port(&args);
        assert_eq!(ended.code, 21, "{}", ended.err);
        results(&serde_json::from_str(&ended.out).unwrap())
    };
    let rule = |result: &Value| result["ruleId"].as_str().unwrap().to_owned();
    let here: Vec<String> = told("addons", &["--index", "source"]).iter().map(rule).collect();
    for id in ["unparsed", "19.6", "ref.import"] {
        assert!(here.iter().any(|known| known == id), "{id} is not in {here:?}");
    }
    // From anywhere, and of one check alone.
    let whole = desk.path("addons").display().to_string();
    let all = told(&whole, &["--index", "source", "--rules", "ref.import"]);
    let ids: Vec<String> = all.iter().map(rule).filter(|id| id != "unparsed").collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| id == "ref.import"), "{ids:?}");
    let place = &all[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert!(place.as_str().unwrap().starts_with("file:///"), "{place}");
    let ended = desk.port(&["addons", "--rules", "ref.nothing"]);
    assert_eq!(ended.code, 2, "{}", ended.out);
}
