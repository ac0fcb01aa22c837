//! Images that were removed, and registries that cannot give them back.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::Sketch;
use super::server::{answer, answering};
use crate::harness::{docker, step};

/// An image of a test's own, from a registry that does not have it. Goes when dropped.
struct OwnImage {
    name: String,
}

impl OwnImage {
    /// Makes one that works like `postgres:15` and has an id of its own.
    fn of_postgres(name: String) -> OwnImage {
        let mut build = Command::new("docker")
            .args(["build", "--tag", &name, "-"])
            .env("DOCKER_BUILDKIT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let file = format!("FROM postgres:15\nLABEL hopp.test=\"{name}\"\n");
        build.stdin.take().unwrap().write_all(file.as_bytes()).unwrap();
        assert!(build.wait().unwrap().success());
        OwnImage { name }
    }
}

impl Drop for OwnImage {
    fn drop(&mut self) {
        let remove = Command::new("docker").args(["rmi", "--force", &self.name]).output();
        assert!(remove.is_ok());
    }
}

#[test]
fn an_image_that_was_removed_is_asked_for_again_and_its_pin_and_the_remedy_are_told() {
    let sketch = Sketch::new("env-image");
    let customer = &sketch.customer;
    let recovered = Arc::new(AtomicBool::new(false));
    let has_recovered = recovered.clone();
    let place = answering(move |request| {
        let unknown = r#"{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}"#;
        match (request.contains("/manifests/"), has_recovered.load(Ordering::SeqCst)) {
            (false, _) => answer("200 OK", "application/json", "{}"),
            (true, false) => answer("503 Service Unavailable", "text/plain", ""),
            (true, true) => answer("404 Not Found", "application/json", unknown),
        }
    });
    let name = format!("{place}/hopp-test/postgres:15");
    let image = OwnImage::of_postgres(name.clone());
    customer.plan(&format!("images: {{ postgres: {{ name: \"{name}\" }} }}"));
    let until = ["--until", "image/postgres"];
    customer.run(&until, 0);
    let id = docker(&["image", "inspect", "--format", "{{.Id}}", &name]);
    drop(image);

    let mut running = customer.start(&until);
    running.wait_for("step-retried", "image/postgres");
    recovered.store(true, Ordering::SeqCst);
    let ended = running.end();
    assert_eq!(ended.code, 11, "{}", ended.err);
    let report = customer.report();
    let failure = step(&report, "image/postgres")["failure"].to_string();
    let pinned = format!("is pinned to {}", id.trim());
    for words in [&name, "manifest unknown", &pinned, "name another under `images`"] {
        assert!(failure.contains(words), "`{words}` is not in\n{failure}");
    }
    let retried = customer
        .journal()
        .into_iter()
        .find_map(|mut event| event.get_mut("step-retried").map(Value::take));
    assert!(retried.unwrap()["failure"]["message"].as_str().unwrap().contains("503"));
}
