//! The layers of `src/lib.rs`, and what else must stay in its place.

mod source;

use std::collections::BTreeSet;
use std::path::Path;

use source::{Source, every_source};

/// Words that every layer may use.
const VOCABULARY: [&str; 6] = ["ident", "event", "container", "words", "amount", "parallel"];

/// Each layer and what it may use besides the vocabulary, top first: a layer may only name what stands below it here.
const LAYERS: [(&str, &[&str]); 15] = [
    (
        "cli",
        &[
            "ui",
            "assess",
            "report",
            "steps",
            "engine",
            "verify",
            "plan",
            "spec",
            "journal",
            "runtime",
            "world",
            "agreement",
            "port",
            "odoo",
        ],
    ),
    // Shows a plan's problems and a run's signals; decides nothing.
    ("ui", &["engine", "spec"]),
    // What is known before anything runs; the reading is done by others.
    ("assess", &["spec", "agreement", "odoo"]),
    // A fold over the journal's events: the same journal, the same bytes.
    // A bill is told in the plan's language.
    ("report", &["spec", "journal", "agreement"]),
    (
        "steps",
        &[
            "engine", "verify", "plan", "spec", "journal", "runtime", "world", "odoo",
        ],
    ),
    // Knows no verb.
    ("engine", &["plan", "journal"]),
    ("verify", &["odoo"]),
    ("plan", &["spec", "odoo"]),
    ("spec", &["agreement", "odoo"]),
    // Text in, edits out.
    ("port", &["odoo"]),
    // A run is remembered without its plan.
    ("journal", &[]),
    // Peers that do not know each other: containers, and everything else outside.
    ("runtime", &[]),
    ("world", &["odoo"]),
    // The contract: what is included and what it costs, from plain values.
    ("agreement", &[]),
    ("odoo", &[]),
];

/// Words and the only place that may say them.
const ONLY_IN: [(&str, &[&str]); 9] = [
    ("bollard", &["src/runtime/docker/"]),
    ("git2", &["src/world/git/"]),
    ("serde_yaml", &["src/spec/yaml.rs"]),
    ("indicatif", &["src/ui/"]),
    ("clap", &["src/cli/"]),
    ("env::var", &["src/cli/"]),
    ("env::vars", &["src/cli/"]),
    ("env::var_os", &["src/cli/"]),
    ("env::vars_os", &["src/cli/"]),
];

/// What reads the clock, and the layers that are told the time instead.
const CLOCKS: [&str; 4] = ["Timestamp::now", "Zoned::now", "Instant::now", "SystemTime"];
const TIMELESS: [&str; 8] = [
    "agreement",
    "assess",
    "odoo",
    "plan",
    "port",
    "report",
    "verify",
    "spec",
];

/// What prints. Only `ui` does.
const PRINTING: [&str; 6] = ["println!", "eprintln!", "print!", "eprint!", "stdout()", "stderr()"];

/// Lines of a file without its tests: to look hard at, and too many.
const LONG: usize = 400;
const TOO_LONG: usize = 600;

/// Returns what a source file does that it may not.
fn faults(source: &Source) -> Vec<String> {
    let path = source.path();
    let mut faults = Vec::new();
    if let Some(layer) = source.layer() {
        let known = |name: &str| LAYERS.iter().find(|(known, _)| *known == name);
        match known(layer) {
            Some((_, may_use)) => {
                let used = source.layers_used();
                faults.extend(
                    used.iter()
                        .filter(|used| *used != layer && known(used).is_some() && !may_use.contains(&used.as_str()))
                        .map(|used| format!("{path}: `{layer}` uses `{used}`, which is not below it")),
                );
            }
            None if VOCABULARY.contains(&layer) => faults.extend(
                (source.layers_used().iter())
                    .filter(|used| !VOCABULARY.contains(&used.as_str()))
                    .map(|used| format!("{path}: the vocabulary uses `{used}`")),
            ),
            None => faults.push(format!(
                "{path}: `{layer}` is in no layer; give it a place in tests/architecture.rs"
            )),
        }
        if TIMELESS.contains(&layer) {
            let clocks = CLOCKS.iter().filter(|clock| source.says(clock));
            faults
                .extend(clocks.map(|clock| format!("{path}: reads the clock (`{clock}`); `{layer}` is told the time")));
        }
        if layer != "ui" {
            let printing = PRINTING.iter().filter(|word| source.says(word));
            faults.extend(printing.map(|word| format!("{path}: prints (`{word}`); only `ui` does")));
        }
    }
    for (word, places) in ONLY_IN {
        if source.says(word) && !places.iter().any(|place| path.starts_with(place)) {
            faults.push(format!(
                "{path}: says `{word}`, which belongs in {}",
                places.join(" or ")
            ));
        }
    }
    let lines = source.lines_without_tests();
    if lines > TOO_LONG {
        faults.push(format!(
            "{path}: {lines} lines without its tests, {TOO_LONG} are the limit"
        ));
    }
    faults
}

fn sources() -> Vec<Source> {
    every_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn every_source_file_keeps_to_its_layer() {
    let sources = sources();
    let layers: BTreeSet<&str> = sources.iter().filter_map(Source::layer).collect();
    assert!(layers.len() >= LAYERS.len(), "only the layers {layers:?} were found");
    let faults: Vec<String> = sources.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[expect(clippy::print_stderr, reason = "long files are worth a look, and no fault")]
fn files_worth_a_hard_look_are_few() {
    let sources = sources();
    let long: Vec<String> = (sources.iter())
        .filter(|source| source.lines_without_tests() > LONG)
        .map(|source| format!("{}: {} lines", source.path(), source.lines_without_tests()))
        .collect();
    if !long.is_empty() {
        eprintln!("look hard at\n  {}", long.join("\n  "));
    }
    assert!(
        long.len() * 30 <= sources.len(),
        "more than one file in thirty is long:\n{}",
        long.join("\n")
    );
}

#[test]
fn a_layer_may_use_only_what_the_table_lists_below_it() {
    for (index, (layer, may_use)) in LAYERS.iter().enumerate() {
        for used in *may_use {
            let below = LAYERS.iter().position(|(other, _)| other == used);
            assert!(
                below.is_some_and(|below| below > index),
                "`{used}` is not below `{layer}`"
            );
        }
    }
}

#[test]
fn the_map_in_the_crates_documentation_names_every_layer() {
    let map =
        fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs is there");
    let map: Vec<&str> = map.lines().filter(|line| line.starts_with("//!")).collect();
    let layers = LAYERS.iter().map(|(layer, _)| layer).chain(&VOCABULARY);
    for layer in layers {
        let named = |line: &&str| line.split([' ', ',']).any(|word| word == *layer);
        assert!(map.iter().any(named), "the map in src/lib.rs does not name `{layer}`");
    }
}

#[test]
fn violations_are_found_however_they_are_written() {
    let cases = [
        ("src/engine/x.rs", "use crate::steps::perform;", "`engine` uses `steps`"),
        (
            "src/engine/x.rs",
            "use crate::{\n    event::Event,\n    steps::{self, perform},\n};",
            "`engine` uses `steps`",
        ),
        (
            "src/engine/x.rs",
            "use crate::{event::{Entry, Event}, steps};",
            "`engine` uses `steps`",
        ),
        (
            "src/journal/x.rs",
            "fn f() { crate::spec::load(); }",
            "`journal` uses `spec`",
        ),
        (
            "src/journal/x.rs",
            "use super::super::plan::Graph;",
            "`journal` uses `plan`",
        ),
        (
            "src/runtime/docker/x.rs",
            "pub use crate :: spec::Plan;",
            "`runtime` uses `spec`",
        ),
        ("src/odoo/x.rs", "use crate::world;", "`odoo` uses `world`"),
        (
            "src/event.rs",
            "use crate::journal::Writer;",
            "the vocabulary uses `journal`",
        ),
        ("src/fleet/x.rs", "", "`fleet` is in no layer"),
        ("src/steps/x.rs", "use bollard::Docker;", "says `bollard`"),
        ("src/world/x.rs", "fn f() -> git2::Oid {}", "says `git2`"),
        ("src/spec/x.rs", "use serde_yaml as yaml;", "says `serde_yaml`"),
        (
            "src/world/x.rs",
            "let home = std::env::var(\"HOME\");",
            "says `env::var`",
        ),
        ("src/plan/x.rs", "let now = Timestamp::now();", "reads the clock"),
        ("src/cli/x.rs", "println!(\"{x}\");", "prints (`println!`)"),
    ];
    for (path, text, expected) in cases {
        let found = faults(&Source::new(path, text));
        assert!(
            found.iter().any(|fault| fault.contains(expected)),
            "{path}: {text}: {found:?}"
        );
    }
    let long = faults(&Source::new("src/plan/x.rs", &"fn f() {}\n".repeat(TOO_LONG + 1)));
    assert!(long.iter().any(|fault| fault.contains("601 lines")), "{long:?}");
}

#[test]
fn comments_strings_and_longer_words_are_no_violations() {
    let cases = [
        (
            "src/engine/x.rs",
            "// crate::steps does it\n/* crate::steps /* too */ bollard */ fn f() {}",
        ),
        (
            "src/engine/x.rs",
            "const A: &str = \"crate::steps \\\" bollard\"; const B: &str = r#\"git2 \" git2\"#;",
        ),
        ("src/engine/x.rs", "fn f<'a>(x: &'a str) -> char { '\"' } // bollard"),
        (
            "src/engine/x.rs",
            "use crate::engine::log; use super::log::StepLog; let eprintln = 1;",
        ),
        (
            "src/spec/x.rs",
            "let home = my_env::variable(); let x = crate::spec::load;",
        ),
        (
            "src/odoo/a/b.rs",
            "#[cfg(test)]\nmod tests { use super::super::Thing; }",
        ),
        ("src/ui/table.rs", "println!(\"{}\", crate::words::count(1, \"step\"));"),
    ];
    for (path, text) in cases {
        let found = faults(&Source::new(path, text));
        assert!(found.is_empty(), "{text}: {found:?}");
    }
    let tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(TOO_LONG));
    assert_eq!(Source::new("src/plan/x.rs", &tests).lines_without_tests(), 1);
}
