//! The ready workflow files of `fixtures/ci`: valid, and with commands and files that hopp really has.

use std::collections::BTreeSet;
use std::process::Command;

use hopp::report::Format;
use serde_yaml::Value;

fn workflow(name: &str) -> (String, Value) {
    let text = fs_err::read_to_string(format!("fixtures/ci/{name}")).unwrap();
    let value = serde_yaml::from_str(&text).unwrap();
    (text, value)
}

fn keys(value: &Value) -> BTreeSet<&str> {
    let mapping = value.as_mapping().unwrap_or_else(|| panic!("{value:?} is no mapping"));
    mapping.keys().map(|key| key.as_str().unwrap()).collect()
}

fn assert_only(value: &Value, known: &[&str]) {
    let strange: Vec<&str> = keys(value).into_iter().filter(|key| !known.contains(key)).collect();
    assert!(strange.is_empty(), "{strange:?} is not among {known:?}");
}

/// Returns the words of every command line of hopp in a script, as a shell reads them.
fn commands(script: &str) -> Vec<Vec<String>> {
    let lines = script.lines().map(str::trim).filter(|line| line.starts_with("hopp "));
    lines
        .map(|line| {
            let words = line.split_whitespace().skip(1);
            words
                .map(|word| word.replace('"', "").replace("$CUSTOMER", "acme"))
                .collect()
        })
        .collect()
}

/// Has hopp read a command line. It must get as far as looking for Docker or the plan.
fn assert_understood(command: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hopp"))
        .args(command)
        .current_dir(folder.path())
        .env("DOCKER_HOST", "unix:///nonexistent")
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = if command[0] == "check" { 10 } else { 11 };
    assert_eq!(
        output.status.code(),
        Some(expected),
        "hopp {}: {said}",
        command.join(" ")
    );
}

#[test]
fn the_workflow_of_github_actions_is_one() {
    let (text, workflow) = workflow("github-actions.yml");
    assert_only(&workflow, &["name", "on", "permissions", "concurrency", "jobs"]);
    assert_only(&workflow["on"], &["pull_request", "schedule", "workflow_dispatch"]);
    assert_eq!(workflow["permissions"]["contents"], "read");
    let mut understood = Vec::new();
    for (_, job) in workflow["jobs"].as_mapping().unwrap() {
        assert_only(
            job,
            &["needs", "runs-on", "timeout-minutes", "strategy", "env", "steps"],
        );
        assert!(job["runs-on"].is_sequence() && job["timeout-minutes"].is_u64());
        if let Some(needed) = job["needs"].as_str() {
            assert!(!workflow["jobs"][needed].is_null(), "there is no job {needed}");
        }
        let mut ids = BTreeSet::new();
        for step in job["steps"].as_sequence().unwrap() {
            assert_only(step, &["name", "id", "if", "uses", "with", "env", "run"]);
            assert!(
                step["uses"].is_string() != step["run"].is_string(),
                "{step:?} does one thing"
            );
            if let Some(action) = step["uses"].as_str() {
                let (_, version) = action
                    .split_once("@v")
                    .unwrap_or_else(|| panic!("{action} has no version"));
                assert!(version.parse::<u8>().is_ok(), "{action}");
            }
            ids.extend(step["id"].as_str());
            let condition = serde_yaml::to_string(step).unwrap();
            if let Some((_, rest)) = condition.split_once("steps.") {
                let (id, rest) = rest.split_once('.').unwrap();
                assert!(ids.contains(id), "no step before this one is called {id}");
                assert!(rest.starts_with("outputs.key"), "hopp sets no other output: {rest}");
            }
            let script = step["run"].as_str().unwrap_or_default();
            assert!(
                !script.contains("${{"),
                "what others write is no part of a script: {script}"
            );
            understood.extend(commands(script));
        }
    }
    assert_eq!(understood.len(), 2, "{understood:?}");
    for command in &understood {
        assert_understood(command);
    }
    let kept = ".hopp-ci\n            ~/.cache/hopp\n";
    assert_eq!(text.matches(kept).count(), 2, "what is brought back is what is kept");
    assert!(understood[1].windows(2).any(|words| words == ["--state", ".hopp-ci"]));
}

#[test]
fn the_pipeline_of_gitlab_is_one() {
    let (_, pipeline) = workflow("gitlab-ci.yml");
    assert_only(&pipeline, &["stages", "default", "workflow", "check", "dry-run"]);
    assert_only(&pipeline["default"], &["tags", "interruptible"]);
    for rule in pipeline["workflow"]["rules"].as_sequence().unwrap() {
        assert_only(rule, &["if"]);
    }
    let stages = pipeline["stages"].as_sequence().unwrap();
    let mut understood = Vec::new();
    for name in ["check", "dry-run"] {
        let job = &pipeline[name];
        let known = "stage timeout parallel variables retry before_script script cache artifacts";
        assert_only(job, &known.split(' ').collect::<Vec<_>>());
        assert!(stages.contains(&job["stage"]), "{name} has no stage");
        for line in job["script"].as_sequence().unwrap() {
            understood.extend(commands(line.as_str().unwrap()));
        }
    }
    assert_eq!(understood.len(), 2, "{understood:?}");
    for command in &understood {
        assert_understood(command);
    }
    let job = &pipeline["dry-run"];
    assert_only(&job["cache"], &["key", "paths", "when"]);
    assert_only(&job["artifacts"], &["name", "when", "expire_in", "paths", "reports"]);
    assert_only(&job["retry"], &["max", "exit_codes"]);
    assert_eq!(job["retry"]["exit_codes"][0], 11, "the environment's code");
    for (kind, format) in [("junit", Format::Junit), ("codequality", Format::Gitlab)] {
        assert_eq!(
            job["artifacts"]["reports"][kind].as_str().unwrap(),
            format!("hopp-report/{}", format.file())
        );
    }
    let option = |name: &str| {
        let place = understood[1].iter().position(|word| word == name).unwrap();
        understood[1][place + 1].as_str()
    };
    assert_eq!(job["cache"]["paths"][0], option("--state"));
    assert_eq!(job["artifacts"]["paths"][0], option("--report-dir"));
}
