//! `hopp port --try`: what a real Odoo says of modules.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use hopp::engine;
use hopp::ident::{Series, StepId};
use hopp::journal::StateFolder;
use hopp::port::{Hop, Options, port};
use hopp::runtime::docker::{Docker, DockerSettings};
use hopp::spec::Secrets;
use hopp::steps::{self, BuildEnvironment, Names, Settings, TrialModule, TrialOrder};
use hopp::verify::trial::{Problem, Trial, Verdict};
use tokio_util::sync::CancellationToken;

use crate::port::module;

/// Ports one of our small modules with these rules; all of them where none is named.
fn ported(name: &str, rules: &[&str]) -> TrialModule {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/trial").join(name);
    let hop = Hop {
        to: 19,
        ..Hop::default()
    };
    let options = Options {
        only: rules.iter().map(ToString::to_string).collect(),
        ..Options::default()
    };
    let ported = port(vec![module(&folder)], &[hop], &options).remove(0);
    let files = ported.files.iter();
    TrialModule {
        name: name.to_owned(),
        folder,
        changed: files
            .map(|file| (file.path.clone(), Some(file.bytes_of(&file.text))))
            .collect(),
        tried: true,
    }
}

struct Bench {
    folder: tempfile::TempDir,
    docker: Arc<Docker>,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            folder: tempfile::tempdir().unwrap(),
            docker: Arc::new(Docker::connect(DockerSettings::default()).unwrap()),
        }
    }

    fn state(&self) -> std::path::PathBuf {
        steps::trial_state(self.folder.path(), Series::NEWEST)
    }

    async fn try_modules(&self, modules: Vec<TrialModule>, tests: bool) -> Vec<Trial> {
        let settings = Settings {
            cache: self.folder.path().to_owned(),
            build: BuildEnvironment::default(),
            secrets: Secrets::new(BTreeMap::new()),
        };
        let context = engine::alone(
            StepId::new("trial"),
            &self.folder.path().join("logs"),
            CancellationToken::new(),
            drop,
        );
        let order = TrialOrder {
            series: Series::NEWEST,
            modules,
            tests,
            plan: None,
            state: self.state(),
        };
        steps::try_modules(self.docker.clone(), &settings, &context, order)
            .await
            .unwrap()
    }

    async fn tidy(&self) {
        let names = Names::new(steps::TRIAL_CUSTOMER, &StateFolder::at(&self.state()));
        steps::forget(self.docker.as_ref(), &names).await.unwrap();
    }
}

fn place(problem: &Problem) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    format!(
        "{}/{}:{}",
        part(&problem.module),
        part(&problem.path),
        problem.line.unwrap_or_default()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_a_real_odoo_makes_of_modules_before_and_after_a_port() {
    let bench = Bench::new();
    // Only its version is written anew: then the search view does not load.
    let bumped = bench.try_modules(vec![ported("shelf", &["A1"])], false).await;
    let names = ["shelf", "shelf_bare", "shelf_lost", "shelf_on_lost"];
    let trials = bench
        .try_modules(names.map(|name| ported(name, &[])).into(), true)
        .await;
    bench.tidy().await;
    let [trial] = bumped.as_slice() else {
        panic!("{bumped:#?}")
    };
    assert_eq!(trial.verdict, Verdict::Fails, "{trial:#?}");
    assert_eq!(place(&trial.problems[0]), "shelf/views/shelf_book.xml:20", "{trial:#?}");

    let verdicts: Vec<(&str, Verdict)> = trials
        .iter()
        .map(|trial| (trial.module.as_str(), trial.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [
            // Installed, and one of its two tests fails.
            ("shelf", Verdict::Fails),
            ("shelf_bare", Verdict::Warnings),
            ("shelf_lost", Verdict::Fails),
            ("shelf_on_lost", Verdict::NotTried),
        ],
        "{trials:#?}"
    );
    let [shelf, bare, lost, on_lost] = trials.as_slice() else {
        unreachable!()
    };
    let tests = shelf.tests.unwrap();
    assert_eq!((tests.run, tests.failed, shelf.views), (2, 1, 2), "{shelf:#?}");
    assert_eq!(place(&shelf.problems[0]), "shelf/tests/test_book.py:11", "{shelf:#?}");
    assert!(bare.warnings[0].message.contains("have no access rules"), "{bare:#?}");
    assert_eq!(place(&bare.warnings[0]), "shelf_bare/__init__.py:5", "{bare:#?}");
    assert_eq!(
        place(&lost.problems[0]),
        "shelf_lost/views/res_partner.xml:11",
        "{lost:#?}"
    );
    assert!(lost.problems[0].message.contains("cannot be located"), "{lost:#?}");
    assert_eq!(
        on_lost.problems[0].message, "depends on `shelf_lost`, which does not install",
        "{on_lost:#?}"
    );
    fs::remove_dir_all(bench.state()).unwrap();
}
