//! The engine: gone before a run, restarted in the middle of one, gone in the middle of one.

use std::time::Duration;

use hopp::container::{ContainerSpec, Network};
use hopp::runtime::docker::{Docker, DockerSettings};
use hopp::runtime::{Runtime as _, RuntimeErrorKind};
use tokio_util::sync::CancellationToken;

use super::{Sketch, said};
use crate::harness::{Customer, PrivateEngine, sample};

#[test]
fn an_engine_that_is_not_there_is_told_with_its_address_and_the_remedy() {
    let sketch = Sketch::new("env-no-engine");
    let mut command = sketch.customer.command(&["run", "plan.yaml"]);
    let output = command
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .output()
        .unwrap();
    let screen = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(11), "{screen}");
    for words in [
        "nothing listens at unix:///nowhere/docker.sock",
        "start Docker",
        "hint: ",
    ] {
        assert!(screen.contains(words), "{screen}");
    }
    assert!(!sketch.customer.state().join("runs").exists(), "no run began");
}

#[test]
fn a_run_goes_on_after_its_engine_was_restarted_and_gives_up_an_engine_that_stays_away() {
    let test = "a_run_goes_on_after_its_engine_was_restarted_and_gives_up_an_engine_that_stays_away";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let mut engine = PrivateEngine::start(&["postgres:15"]);
    let customer = Customer::bryggan("env-restart", &bryggan).on(&engine);
    restarted(&mut engine, &customer);
    killed_under_a_container(&mut engine);
    gone(&engine, &Customer::bryggan("env-gone", &bryggan).on(&engine));
}

/// Restarts the engine while the backup is restored.
fn restarted(engine: &mut PrivateEngine, customer: &Customer) {
    let until = ["--until", "measure"];
    let mut running = customer.start(&until);
    running.wait_for("step-started", "restore");
    engine.stop();
    engine.up();
    let ended = running.end();
    assert_eq!(ended.code, 0, "{}\n{}", ended.err, ended.out);
    let retried = customer.steps("step-retried");
    assert!(
        !retried.is_empty() && retried.iter().all(|step| step == "restore"),
        "{retried:?}"
    );
    let failed = customer.steps("step-failed");
    assert!(failed.is_empty(), "{failed:?}");
    assert!(customer.things().containers.is_empty(), "{:?}", customer.things());
}

/// Kills the engine while a container is followed: that the container ended then is not the container's fault.
fn killed_under_a_container(engine: &mut PrivateEngine) {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let settings = DockerSettings {
        host: Some(engine.host()),
        ..DockerSettings::default()
    };
    let docker = Docker::connect(settings).unwrap();
    let mut spec = ContainerSpec::new("hopp-env-followed", "postgres:15");
    spec.entrypoint = vec!["sleep".into()];
    spec.command = vec!["600".into()];
    spec.network = Network::None;
    let id = tokio.block_on(docker.create(&spec)).unwrap();
    tokio.block_on(docker.start(&id)).unwrap();
    let (follower, theirs) = (docker.clone(), id.clone());
    let following = tokio.spawn(async move {
        follower
            .follow(&theirs, &mut |_, _| (), &CancellationToken::new())
            .await
    });
    std::thread::sleep(Duration::from_secs(1));
    engine.kill();
    std::thread::sleep(Duration::from_secs(1));
    engine.up();
    let error = tokio.block_on(following).unwrap().unwrap_err();
    assert_eq!(error.kind, RuntimeErrorKind::Unreachable, "{error}");
    assert!(
        error.is_transient() && error.message.contains("the container had ended"),
        "{error}"
    );
    tokio.block_on(docker.remove(&id)).unwrap();
    assert_eq!(
        engine.docker(&["ps", "--all", "--quiet"]),
        "",
        "nothing is left of either"
    );
}

/// Takes the socket away in the middle of a run, and puts it back after the run has given up.
fn gone(engine: &PrivateEngine, customer: &Customer) {
    let until = ["--until", "measure"];
    let mut running = customer.start(&until);
    running.wait_for("step-started", "restore");
    let away = engine.socket().with_extension("away");
    fs_err::rename(engine.socket(), &away).unwrap();
    let ended = running.end();
    fs_err::rename(&away, engine.socket()).unwrap();
    assert_eq!(ended.code, 11, "{}\n{}", ended.err, ended.out);
    let report = customer.report();
    let failure = crate::harness::step(&report, "restore")["failure"].to_string();
    assert!(
        failure.contains("nothing listens at") && failure.contains("docker.sock"),
        "{failure}"
    );
    assert!(failure.contains("is Docker running"), "{failure}");
    assert_eq!(customer.steps("step-retried").len(), 5, "{failure}");
    assert!(
        ended.err.contains("containers may be left, the next run removes them"),
        "{}",
        ended.err
    );
    assert!(!customer.things().containers.is_empty(), "nobody could remove them");

    let ended = customer.hopp(&["run", "plan.yaml", "--until", "measure"]);
    said(&ended, 0, &["which a killed run had left"]);
    assert!(customer.things().containers.is_empty());
}
