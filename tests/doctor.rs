//! `hopp doctor`: what it sees, on the scripted engine, on real Docker and on none.

mod registry;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hopp::runtime::docker::{Docker, DockerSettings};
use hopp::runtime::fake::Fake;
use hopp::runtime::{Runtime, RuntimeErrorKind};
use hopp::spec::Secrets;
use hopp::steps::{BuildEnvironment, Check, Level, Settings, Surroundings, examine};
use serde_json::Value;

use crate::backup::samples;
use crate::git::origin::Origin;
use crate::lab::{Customer, docker, needs_images};
use registry::{Silent, registry};

/// Writes a plan with a small backup into a folder, and returns what is to be examined.
fn around(folder: &Path, runtime: Arc<dyn Runtime>, rest: &str, variables: &[(&str, &str)]) -> Surroundings {
    let manifest = samples::manifest("18.0.1.3");
    let dump = samples::dump("18.0.1.3");
    let members = [("manifest.json", manifest.as_slice()), ("dump.sql", dump.as_bytes())];
    samples::zip_of(folder, &members);
    let path = folder.join("plan.yaml");
    let text = format!("customer: acme\nsource: {{ backup: made.zip }}\ntarget: \"19.0\"\n{rest}\n");
    fs_err::write(&path, text).unwrap();
    let plan = hopp::spec::load(&path).unwrap_or_else(|problems| panic!("{problems}"));
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Surroundings {
        runtime: Ok(runtime),
        settings: Settings {
            cache: folder.join("cache"),
            build: BuildEnvironment::default(),
            secrets: Secrets::new(variables.collect::<BTreeMap<_, _>>()),
        },
        locale: Some("sv_SE.UTF-8".into()),
        plan: Some(plan),
        limit: Duration::from_mins(1),
    }
}

/// Returns the level, and what is seen and advised, of the only check of an area whose subject begins like this.
#[track_caller]
fn seen(checks: &[Check], area: &str, subject: &str) -> (Level, String) {
    let mut found = checks
        .iter()
        .filter(|check| check.area == area && check.subject.starts_with(subject));
    let (Some(check), None) = (found.next(), found.next()) else {
        panic!("not one check of {area} {subject} in {checks:#?}")
    };
    let advised = check.remedy.clone().unwrap_or_default();
    assert_eq!(check.level == Level::Pass, advised.is_empty(), "{check:?}");
    (check.level, format!("{} {advised}", check.message))
}

#[tokio::test]
async fn images_refs_secrets_and_limits_are_judged_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let own = Origin::new();
    let commit = own.commit("refs/heads/19.0", &[("a/__manifest__.py", "{}")], "a");
    let rest = format!(
        "repositories:\n  - {{ name: own, url: \"{url}\", deployed: production, merge: {{ \"19.0\": [\"19.0\"] }} }}\n  \
         - {{ name: unported, url: \"{url}\", branches: {{ \"19.0\": nowhere }} }}\n  \
         - {{ name: away, url: \"http://127.0.0.1:1/away.git\" }}\n  \
         - {{ name: locked, url: \"{url}\", auth: {{ token: {{ env: UNSET }} }} }}\n\
         images:\n  postgres: {{ name: \"reg.example.com/pg:1\" }}\n  odoo: {{ \"19.0\": {{ name: \"own/odoo:19\" }} }}\n  \
         registries: {{ reg.example.com: {{ username: me, password: {{ env: TOKEN }} }} }}\n\
         limits: {{ memory: 64GiB, cpus: 2.5 }}",
        url = own.url()
    );
    let fake = Fake::new().with_remote_image("reg.example.com/pg:1", true);
    let mut around = around(folder.path(), Arc::new(fake), &rest, &[("TOKEN", "hemligt")]);
    around.locale = None;
    let checks = examine(&around).await;
    for (area, subject, level, said) in [
        ("engine", "Docker", Level::Warn, "update Docker"),
        ("clock", "", Level::Pass, "they agree"),
        (
            "memory",
            "",
            Level::Fail,
            "asks for 64.00 GiB and the engine has 8.00 GiB",
        ),
        (
            "processor",
            "",
            Level::Fail,
            "2 cores; `limits.cpus` gives each container 2.5",
        ),
        ("disk", "Docker's data", Level::Pass, "6 copies"),
        ("backup", "made.zip", Level::Pass, "Odoo 18.0"),
        ("images", "reg.example.com/pg:1", Level::Pass, "its registry has it"),
        ("images", "own/odoo:19", Level::Fail, "correct its name"),
        (
            "code",
            "unported",
            Level::Warn,
            "it has no `nowhere`: not ported to 19.0 yet",
        ),
        ("code", "away", Level::Fail, "cannot be reached"),
        ("code", "locked", Level::Warn, "not asked: "),
        ("leftovers", "of this customer", Level::Pass, "none"),
        (
            "secrets",
            "password of reg.example.com",
            Level::Pass,
            "in the variable TOKEN",
        ),
        ("secrets", "token of locked", Level::Fail, "set UNSET before"),
        ("machine", "locale", Level::Warn, "LANG=C.UTF-8"),
        ("machine", "hopp's cache", Level::Pass, "is writable"),
        ("machine", "the state folder", Level::Pass, "is writable"),
    ] {
        let (found, text) = seen(&checks, area, subject);
        assert!(
            found == level && text.contains(said),
            "{area} {subject}: {found:?} {text}"
        );
    }
    let of_own: Vec<_> = checks.iter().filter(|check| check.subject == "own").collect();
    let expected = format!("19.0 at {short}; merge into 19.0 at {short}", short = &commit[..10]);
    assert_eq!(of_own[0].message, expected);
    assert_eq!(of_own[1].message, "deployed: it has no `production`");
    assert_eq!(of_own[1].level, Level::Fail);
    assert!(!format!("{checks:?}").contains("hemligt"));
    let order: Vec<&str> = checks.iter().map(|check| check.area).collect();
    let again: Vec<&str> = examine(&around).await.iter().map(|check| check.area).collect();
    assert_eq!(order, again);
}

#[tokio::test]
async fn a_remote_that_is_away_is_a_warning_where_the_pins_are_here() {
    let folder = tempfile::tempdir().unwrap();
    let own = Origin::new();
    own.commit("refs/heads/19.0", &[("a/__manifest__.py", "{}")], "a");
    let moved = tempfile::tempdir().unwrap();
    let rest = format!("repositories: [{{ name: own, url: \"{}\" }}]", own.url());
    let around = around(folder.path(), Arc::new(Fake::new()), &rest, &[]);
    let mirrors = hopp::world::git::Mirrors::new(folder.path().join("cache/git"));
    let mirror = mirrors
        .fetch(&own.url(), &hopp::world::git::Credentials::default(), &|_| {}, &|| {
            false
        })
        .unwrap();
    let lock = format!(
        "repositories:\n  own:\n    '19.0': {{ url: \"{}\", reference: '19.0', commit: {} }}\n",
        own.url(),
        mirror.resolve("19.0").unwrap()
    );
    fs_err::write(folder.path().join("acme.lock.yaml"), lock).unwrap();
    fs_err::rename(own.path().join("HEAD"), moved.path().join("HEAD")).unwrap();
    let (level, text) = seen(&examine(&around).await, "code", "own");
    assert_eq!(level, Level::Warn, "{text}");
    assert!(text.contains("what is pinned is here"), "{text}");
}

#[tokio::test]
async fn whoever_does_not_answer_holds_up_nobody_else() {
    needs_images(&["postgres:15"]);
    let folder = tempfile::tempdir().unwrap();
    let (silent, good) = (Silent::new(), registry());
    let rest = format!(
        "repositories: [{{ name: quiet, url: \"http://{silent}/a.git\" }}]\n\
         images: {{ postgres: {{ name: \"{silent}/pg:1\" }}, odoo: {{ \"19.0\": {{ name: \"{good}/there:1\" }} }} }}",
        silent = silent.host
    );
    let engine = Docker::connect(DockerSettings::default()).unwrap();
    let mut around = around(folder.path(), Arc::new(engine), &rest, &[]);
    around.limit = Duration::from_secs(8);
    let checks = examine(&around).await;
    drop(silent);
    for (area, subject) in [("images", "127.0.0.1"), ("code", "quiet")] {
        let quiet: Vec<_> = checks
            .iter()
            .filter(|check| check.area == area && check.subject.starts_with(subject) && check.level == Level::Fail)
            .collect();
        assert_eq!(quiet.len(), 1, "{checks:#?}");
        assert_eq!(quiet[0].message, "no answer within 8.0 s");
    }
    let (level, text) = seen(&checks, "images", &format!("{good}/there:1"));
    assert_eq!(level, Level::Pass, "{text}");
}

#[tokio::test]
async fn docker_asks_a_registry_without_taking_anything() {
    let docker = Docker::connect(DockerSettings::default()).unwrap();
    let host = registry();
    let there = format!("{host}/there:1");
    docker.in_registry(&there, None).await.unwrap();
    assert_eq!(docker.image(&there).await.unwrap(), None);
    for (name, kind) in [
        ("private:1", RuntimeErrorKind::Unauthorized),
        ("nothing:1", RuntimeErrorKind::NotFound),
    ] {
        let error = docker.in_registry(&format!("{host}/{name}"), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
    }
    let error = docker.in_registry("127.0.0.1:1/nothing:1", None).await.unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::Network, "{error}");
}

#[test]
fn doctor_tells_people_and_programs_and_preflight_stops_where_it_fails() {
    needs_images(&["odoo:19.0", "postgres:15"]);
    let customer = Customer::new(
        "doctor",
        "source: { backup: made.zip }\ntarget: \"19.0\"\nlimits: { cpus: 4000 }\n",
    );
    let (manifest, dump) = (samples::manifest("18.0.1.3"), samples::dump("18.0.1.3"));
    let members = [("manifest.json", manifest.as_slice()), ("dump.sql", dump.as_bytes())];
    samples::zip_of(customer.folder.path(), &members);

    let general = customer.hopp(&["doctor", "--format", "json"]).ended(0);
    let general: Value = serde_json::from_str(&general.out).unwrap();
    let checks = general["checks"].as_array().unwrap();
    assert_eq!(checks[0]["area"], "engine");
    assert!(
        checks
            .iter()
            .all(|check| check["area"] != "images" && check["level"] != "fail")
    );

    let said = customer.hopp(&["doctor", "plan.yaml"]).ended(11);
    assert!(said.out.contains("FAIL  processor"), "{}", said.out);
    assert!(said.out.contains("→ lower `limits.cpus` in the plan"), "{}", said.out);
    assert!(said.err.trim_end().ends_with("1 failure"), "{}", said.err);
    let stopped = customer.hopp(&["run", "plan.yaml"]).ended(11);
    assert!(
        stopped.out.contains("`limits.cpus` gives each container 4000"),
        "{}",
        stopped.out
    );

    let plan = customer.folder.path().join("plan.yaml");
    let text = fs_err::read_to_string(&plan)
        .unwrap()
        .replace("limits: { cpus: 4000 }\n", "");
    fs_err::write(&plan, text).unwrap();
    let state = customer.state("").canonicalize().unwrap();
    let name = format!("{}-left", customer.name);
    docker(&[
        "create",
        "--name",
        &name,
        "--label",
        &format!("org.hopp.customer={}", customer.name),
        "--label",
        &format!("org.hopp.state={}", state.display()),
        "--label",
        "org.hopp.run=2026-01-01T00-00-00Z",
        "postgres:15",
    ]);
    let said = customer.hopp(&["doctor", "plan.yaml"]).ended(0);
    assert!(said.out.contains(&format!("container {name}")), "{}", said.out);
    assert!(said.out.contains("`hopp clean --leftovers plan.yaml`"), "{}", said.out);
    customer.hopp(&["clean", "--leftovers", "plan.yaml"]).ended(0);
    let said = customer.hopp(&["doctor", "plan.yaml"]).ended(0);
    assert!(said.out.contains("of this customer: none"), "{}", said.out);
}
