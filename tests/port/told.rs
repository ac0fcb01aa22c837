//! What `hopp port` prints: for people, programs and code hosts.

use serde_json::Value;

use super::desk::Desk;

/// A folder with two modules; one has something that no rule can do.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.module("addons/books");
    desk.module("addons/other");
    desk.write("addons/books/broken, 100%.py", "x = 1\n\ny = )\n");
    desk
}

#[test]
fn check_changes_nothing_and_says_what_would_change() {
    let desk = desk();
    let before = desk.files("addons");
    let ended = desk.port(&["addons", "--to", "19.0", "--check"]);
    assert_eq!((ended.code, ended.err.as_str()), (21, ""), "{}", ended.out);
    assert_eq!(desk.files("addons"), before);
    for line in [
        "module  series       changes  files  errors  warnings  notes",
        "other   18.0 → 19.0        4      3       –         –      –",
        "19.6  auto_join → bypass_search_access",
        "error [unparsed]",
        "    addons/books/broken, 100%.py:3",
        "2 modules to 19.0: 2 would change (8 changes in 6 files), 1 error and 0 warnings need a human",
    ] {
        assert!(ended.out.contains(line), "no `{line}` in\n{}", ended.out);
    }
    // With nothing left to do it is content.
    std::fs::remove_file(desk.path("addons/books/broken, 100%.py")).unwrap();
    assert_eq!(desk.port(&["addons", "--to", "19.0"]).code, 0);
    let ended = desk.port(&["addons", "--to", "19.0", "--check"]);
    assert_eq!(ended.code, 0, "{}", ended.out);
}

#[test]
fn only_the_rules_that_were_named_are_applied() {
    let desk = desk();
    let ended = desk.port(&[
        "addons", "--to", "19.0", "--rules", "A4,19.6", "--module", "other", "--format", "json",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let said: Value = serde_json::from_str(&ended.out).unwrap();
    let modules = said["parts"][0]["modules"].as_array().unwrap();
    assert_eq!(modules.len(), 1);
    let applied = modules[0]["applied"].as_array().unwrap();
    let mut rules: Vec<&str> = applied.iter().map(|it| it["rule"].as_str().unwrap()).collect();
    rules.sort_unstable();
    assert_eq!(rules, ["19.6", "A4"]);
    for (args, said) in [
        (vec!["addons", "--rules", "19.999"], "there is no rule `19.999`"),
        (vec!["addons", "--module", "boks"], "did you mean `books`?"),
        (vec!["addons", "--from", "12.0"], "expected `13.0` to `19.0`"),
        (vec!["addons/books/models.py"], "is no folder"),
        (vec!["nothing"], "is no folder"),
    ] {
        let ended = desk.port(&args);
        assert_eq!(ended.code, 2, "{args:?}");
        assert!(ended.err.contains(said), "{args:?}: {}", ended.err);
    }
}

#[test]
fn several_hops_are_taken_in_their_order_and_each_module_from_where_it_stands() {
    let desk = desk();
    let manifest = desk.read("addons/books/__manifest__.py");
    desk.write(
        "addons/books/__manifest__.py",
        manifest.replace("18.0.1.2.3", "13.0.1.2.3"),
    );
    let ended = desk.port(&["addons", "--to", "19.0", "--format", "json"]);
    let said: Value = serde_json::from_str(&ended.out).unwrap();
    let modules = said["parts"][0]["modules"].as_array().unwrap();
    let hops = |module: &Value| -> Vec<String> {
        let applied = module["applied"].as_array().unwrap().iter();
        applied
            .filter(|it| it["rule"] == "A1")
            .map(|it| it["to"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(hops(&modules[0]), ["14.0", "15.0", "16.0", "17.0", "18.0", "19.0"]);
    assert_eq!(hops(&modules[1]), ["19.0"]);
    assert!(desk.read("addons/books/__manifest__.py").contains("19.0.1.0.0"));

    // A manifest that does not say is asked for.
    desk.write("plain/__manifest__.py", "{'name': 'plain', 'version': '1.0'}\n");
    let ended = desk.port(&["plain", "--to", "19.0"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.err.contains("`plain` does not say") && ended.err.contains("--from"),
        "{}",
        ended.err
    );
    assert_eq!(desk.port(&["plain", "--to", "19.0", "--from", "13.0"]).code, 0);
}

#[test]
fn a_patch_can_be_applied_by_git() {
    let desk = desk();
    desk.repository("addons", "main");
    desk.git("addons", &["config", "core.autocrlf", "false"]);
    desk.write(
        "addons/books/last.py",
        "from odoo import fields\r\na = fields.Many2one('a', auto_join=True)",
    );
    let ended = desk.port(&["addons", "--to", "19.0", "--check", "--diff"]);
    assert_eq!(ended.code, 21);
    assert!(ended.err.contains("2 would change"), "{}", ended.err);
    desk.write("all.patch", &ended.out);
    desk.git(".", &["apply", "--check", "all.patch"]);
    desk.git(".", &["apply", "all.patch"]);
    let patched = desk.files("addons");
    let again = desk.port(&["addons", "--to", "19.0", "--no-commit"]);
    assert!(again.out.contains("0 changed"), "{}", again.out);
    assert_eq!(desk.files("addons"), patched);
    assert!(
        desk.read("addons/books/last.py")
            .ends_with("\r\na = fields.Many2one('a', bypass_search_access=True)")
    );
}

#[test]
fn sarif_and_annotations_name_the_line_of_the_file() {
    let desk = desk();
    let ended = desk.port(&["addons", "--to", "19.0", "--check", "--format", "sarif"]);
    assert_eq!(ended.code, 21);
    let log: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 4, "{results:#?}");
    for result in results {
        assert!(result["message"]["text"].is_string());
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .starts_with("addons/")
        );
    }
    let broken = results.iter().find(|result| result["ruleId"] == "unparsed").unwrap();
    let place = &broken["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "addons/books/broken%2C%20100%25.py");
    assert_eq!(place["region"]["startLine"], 3);

    let ended = desk.port(&["addons", "--to", "19.0", "--check", "--format", "github"]);
    let line = ended.out.lines().find(|line| line.starts_with("::error ")).unwrap();
    assert!(
        line.starts_with("::error file=addons/books/broken%2C 100%25.py,line=3,title=hopp port%3A unparsed::"),
        "{line}"
    );
    assert_eq!(
        ended.out.lines().filter(|line| line.starts_with("::notice ")).count(),
        2
    );
}

#[test]
fn rules_are_listed_by_hop_with_why_and_from_where() {
    let desk = Desk::new();
    let hopp = |args: &[&str]| crate::harness::Ended::of(desk.command().arg("rules").args(args));
    let all: Value = serde_json::from_str(&hopp(&["--format", "json"]).out).unwrap();
    let rules = all["rules"].as_array().unwrap();
    assert_eq!(rules.len(), hopp::port::rules::all().count());
    assert!(rules.iter().all(|rule| {
        ["id", "title", "why", "source"]
            .iter()
            .all(|key| !rule[key].as_str().unwrap().is_empty())
    }));
    let checks = all["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["id"] == "ref.anchor"), "{checks:?}");
    assert!(
        hopp(&[])
            .out
            .contains("  ref.anchor    detect places in inherited views")
    );
    let hop = hopp(&["--hop", "18.0-19.0"]).out;
    assert!(
        hop.contains("18.0 → 19.0\n") && hop.contains("  19.6    mechanical  auto_join → bypass_search_access\n"),
        "{hop}"
    );
    assert!(!hop.contains("17.0 → 18.0"), "{hop}");
    for hop in ["18.0-18.0", "17.0-19.0", "19.0", "12.0-13.0"] {
        assert_eq!(hopp(&["--hop", hop]).code, 2, "{hop}");
    }
}
