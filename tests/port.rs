//! `hopp port`: every rule beside its example, and laws that hold for all of them.

mod desk;
mod git;
mod hostile;
mod in_run;
mod laws;
mod plan;
mod sarif;
mod told;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hopp::odoo::openupgrade::{Release, parse_release};
use hopp::port::{Hop, Level, Module, Options, Ported, SourceFile, port, rules};

/// Reads a small module.
pub(crate) fn module(folder: &Path) -> Module {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(within) = folders.pop() {
        for entry in fs::read_dir(&within).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.push(SourceFile::read(name, fs::read(&path).unwrap()).unwrap());
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Module {
        name: "example".to_owned(),
        files,
    }
}

fn texts(files: &[SourceFile]) -> BTreeMap<&str, &str> {
    files
        .iter()
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect()
}

/// What a rule says, a line each: `file:line: level: message`.
fn said(ported: &Ported) -> String {
    let level = |level| match level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let line = |it: &hopp::port::Finding| format!("{}:{}: {}: {}\n", it.path, it.line, level(it.level), it.message);
    ported.findings.iter().map(line).collect()
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/port")
}

/// The series a rule leads to; a rule of every hop is tried at the last.
fn series(id: &str) -> u8 {
    id.split_once('.')
        .and_then(|(series, _)| series.parse().ok())
        .unwrap_or(19)
}

/// Reads the release of OpenUpgrade that an example brings along; most need none.
fn release(folder: &Path) -> Release {
    if !folder.is_dir() {
        return Release::default();
    }
    let files = module(folder).files;
    parse_release(files.iter().map(|file| (file.path.as_str(), file.text.as_str()))).unwrap()
}

fn run(module: Module, id: &str) -> Ported {
    let release = release(&examples().join(id).join("release"));
    let hop = Hop {
        to: series(id),
        renames: release.apriori,
        changes: release.changes,
    };
    let options = Options {
        only: vec![id.to_owned()],
        ..Options::default()
    };
    port(vec![module], &[hop], &options).remove(0)
}

/// Writes down what a rule does and says; the difference is for reading.
fn bless(folder: &Path, ported: &Ported) {
    let (after, findings) = (folder.join("after"), folder.join("findings.txt"));
    drop(fs::remove_dir_all(&after));
    drop(fs::remove_file(&findings));
    if !ported.applied.is_empty() {
        for file in &ported.files {
            let path = after.join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file.text).unwrap();
        }
    }
    if !ported.findings.is_empty() {
        fs::write(findings, said(ported)).unwrap();
    }
}

#[test]
fn every_rule_does_what_its_example_shows() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        let folder = examples().join(rule.id);
        if !folder.join("before").is_dir() {
            wrong.push(format!("{}: no example in fixtures/port/{}", rule.id, rule.id));
            continue;
        }
        let ported = run(module(&folder.join("before")), rule.id);
        if std::env::var_os("HOPP_BLESS").is_some() {
            bless(&folder, &ported);
        }
        // A rule that only speaks needs no second copy of its module.
        let after = [folder.join("after"), folder.join("before")]
            .into_iter()
            .find(|it| it.is_dir())
            .unwrap();
        let after = module(&after);
        if texts(&ported.files) != texts(&after.files) {
            wrong.push(format!("{}: got {:#?}", rule.id, texts(&ported.files)));
        }
        let expected = fs::read_to_string(folder.join("findings.txt")).unwrap_or_default();
        if said(&ported) != expected {
            wrong.push(format!("{}: said\n{}", rule.id, said(&ported)));
        }
        if !ported.unparsed.is_empty() {
            wrong.push(format!("{}: {:?}", rule.id, ported.unparsed));
        }
        let again = Module {
            name: ported.name.clone(),
            files: ported.files.clone(),
        };
        if !run(again, rule.id).applied.is_empty() {
            wrong.push(format!("{}: a second time changes something", rule.id));
        }
        if ported.applied.is_empty() && ported.findings.is_empty() {
            wrong.push(format!("{}: its example shows nothing", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_example_belongs_to_a_rule() {
    let known: Vec<&str> = rules::all().map(|rule| rule.id).collect();
    for entry in fs::read_dir(examples()).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            assert!(
                known.contains(&name.as_str()),
                "fixtures/port/{name} belongs to no rule"
            );
        }
    }
}
