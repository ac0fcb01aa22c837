//! What holds for every rule, on code that nobody wrote for it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use hopp::port::{Hop, Module, Options, Ported, SourceFile, apply, port};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{examples, module};

/// Modules of Odoo's own with much code of every kind.
const MODULES: [&str; 5] = ["base", "account", "mrp", "point_of_sale", "sale"];
/// Files that are longer are left out: a debug build takes its time.
const LONGEST: u64 = 200_000;

/// Reads modules of Odoo out of an image.
fn odoo(image: &str) -> Vec<Module> {
    let folder = "/usr/lib/python3/dist-packages/odoo/addons";
    let mut tar = Command::new("docker")
        .args([
            "run",
            "--rm",
            "--network",
            "none",
            "--entrypoint",
            "tar",
            image,
            "-C",
            folder,
        ])
        .args([
            "--exclude=*.po",
            "--exclude=*.pot",
            "--exclude=*.png",
            "--exclude=*.svg",
            "--exclude=*/lib/*",
            "-cf",
            "-",
        ])
        .args(MODULES)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut modules: BTreeMap<String, Vec<SourceFile>> = BTreeMap::new();
    let mut archive = tar::Archive::new(tar.stdout.take().unwrap());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let Some((name, inside)) = path.split_once('/') else {
            continue;
        };
        let mut bytes = Vec::new();
        if entry.header().entry_type().is_file()
            && entry.size() < LONGEST
            && hopp::port::Kind::of(inside) != hopp::port::Kind::Other
        {
            entry.read_to_end(&mut bytes).unwrap();
            if let Ok(file) = SourceFile::read(inside, bytes) {
                modules.entry(name.to_owned()).or_default().push(file);
            }
        }
    }
    assert!(tar.wait().unwrap().success());
    assert_eq!(modules.len(), MODULES.len());
    modules
        .into_iter()
        .map(|(name, files)| Module { name, files })
        .collect()
}

fn hops(first: u8, to: u8) -> Vec<Hop> {
    let hop = |to| Hop { to, ..Hop::default() };
    (first..=to).map(hop).collect()
}

/// Returns what breaks a law. `before` is what was ported.
fn broken(before: &[Module], ported: Vec<Ported>, hops: &[Hop]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut again = Vec::new();
    for (before, after) in before.iter().zip(ported) {
        let name = &after.name;
        for finding in &after.findings {
            if finding.message.contains("would not parse") || finding.message.contains("rule failed") {
                wrong.push(format!(
                    "{name}/{}:{}: {} {}",
                    finding.path, finding.line, finding.rule, finding.message
                ));
            }
        }
        // Files that do not parse are those that did not before: none became so.
        for unparsed in &after.unparsed {
            let file = before.files.iter().find(|file| file.path == unparsed.path);
            let now = after.files.iter().find(|file| file.path == unparsed.path);
            if file.map(|file| &file.text) != now.map(|file| &file.text) {
                wrong.push(format!(
                    "{name}/{}: was changed and does not parse: {}",
                    unparsed.path, unparsed.message
                ));
            }
        }
        wrong.extend(not_derived(before, &after));
        again.push(Module {
            name: after.name,
            files: after.files,
        });
    }
    for twice in port(again, hops, &Options::default()) {
        for applied in &twice.applied {
            let files: Vec<&String> = applied.files.keys().take(3).collect();
            wrong.push(format!(
                "{}: {} changes {files:?} a second time",
                twice.name, applied.rule.id
            ));
        }
    }
    wrong
}

/// Makes every edit again from the texts at the beginning: the result must be the texts at the end.
fn not_derived(before: &Module, after: &Ported) -> Vec<String> {
    let mut texts: BTreeMap<&str, String> = (before.files.iter())
        .map(|file| (file.path.as_str(), file.text.clone()))
        .collect();
    let mut wrong = Vec::new();
    for applied in &after.applied {
        for (path, text) in &applied.files {
            match (text, applied.edits.get(path), texts.get(path.as_str())) {
                (Some(text), Some(edits), Some(old)) => {
                    let one_by_one: Vec<_> = edits.iter().map(|edit| vec![edit.clone()]).collect();
                    if apply(old, &one_by_one, &[]).text != *text {
                        wrong.push(format!(
                            "{}/{path}: {} does more than its edits",
                            after.name, applied.rule.id
                        ));
                    }
                }
                (Some(_), None, Some(_)) => wrong.push(format!("{}/{path}: written without edits", after.name)),
                _ => {}
            }
            match text {
                Some(text) => texts.insert(path, text.clone()),
                None => texts.remove(path.as_str()),
            };
        }
    }
    let now: BTreeMap<&str, String> = (after.files.iter())
        .map(|file| (file.path.as_str(), file.text.clone()))
        .collect();
    if texts != now {
        let differ = now.iter().find(|(path, text)| texts.get(*path) != Some(text));
        wrong.push(format!(
            "{}: {:?} is not what the rules made",
            after.name,
            differ.map(|(path, _)| path)
        ));
    }
    wrong
}

#[test]
fn on_odoo_s_own_code_nothing_breaks_and_a_second_time_changes_nothing() {
    for (image, first) in [("odoo:14.0", 15), ("odoo:19.0", 19)] {
        let modules = odoo(image);
        let hops = hops(first, 19);
        let ported = port(modules.clone(), &hops, &Options::default());
        assert!(
            ported.iter().any(|module| !module.applied.is_empty()),
            "{image}: nothing was changed"
        );
        let wrong = broken(&modules, ported, &hops);
        assert!(wrong.is_empty(), "{image}:\n{}", wrong.join("\n"));
    }
}

/// Every file of the examples, by its ending.
fn seeds() -> BTreeMap<String, Vec<String>> {
    let mut seeds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut rules: Vec<_> = std::fs::read_dir(examples())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    rules.sort();
    for rule in rules.iter().filter(|rule| rule.join("before").is_dir()) {
        for file in module(&rule.join("before")).files {
            let ending = Path::new(&file.path)
                .extension()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            seeds.entry(ending).or_default().push(file.text);
        }
    }
    seeds
}

/// Puts a piece of one text into another, at borders of characters.
fn spliced(into: &str, at: usize, from: &str, start: usize, length: usize) -> String {
    let at = into.floor_char_boundary(at % (into.len() + 1));
    let start = from.floor_char_boundary(start % (from.len() + 1));
    let end = from.floor_char_boundary((start + length).min(from.len()));
    format!("{}{}{}", &into[..at], &from[start..end], &into[at..])
}

#[test]
fn on_code_that_nobody_would_write_the_laws_hold_too() {
    let seeds = seeds();
    // The same cases every time: what fails here fails for everybody.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let pick = (
        0..10_000_usize,
        0..10_000_usize,
        0..10_000_usize,
        0..10_000_usize,
        0..80_usize,
    );
    let strategy = (prop::sample::select(vec!["py", "xml", "csv"]), pick, 15..=19_u8);
    let outcome = runner.run(&strategy, |(ending, (one, other, at, start, length), to)| {
        let Some(texts) = seeds.get(ending) else { return Ok(()) };
        let text = spliced(
            &texts[one % texts.len()],
            at,
            &texts[other % texts.len()],
            start,
            length,
        );
        let path = if ending == "csv" {
            "data/res.partner.csv".to_owned()
        } else {
            format!("models/a.{ending}")
        };
        let manifest = SourceFile::read(
            "__manifest__.py",
            b"{'name': 'a', 'depends': ['sale', 'account'], 'data': []}".to_vec(),
        );
        let files = vec![
            manifest.unwrap(),
            SourceFile::read(path, text.clone().into_bytes()).unwrap(),
        ];
        let modules = vec![Module {
            name: "a".to_owned(),
            files,
        }];
        let hops = hops(to, to);
        let wrong = broken(&modules, port(modules.clone(), &hops, &Options::default()), &hops);
        prop_assert!(wrong.is_empty(), "to {to}: {}\n{text}", wrong.join("\n"));
        Ok(())
    });
    outcome.unwrap();
}
