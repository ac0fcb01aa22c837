//! The engine: restarted in the middle of a run, gone before it, gone in its middle.

use crate::harness::PrivateEngine;

#[test]
fn a_private_engine_survives_its_orders() {
    let mut engine = PrivateEngine::start(&["postgres:15"]);
    let args = [
        "run",
        "--detach",
        "--name",
        "sleeper",
        "--network",
        "none",
        "postgres:15",
        "sleep",
        "1000",
    ];
    engine.docker(&args);
    engine.kill();
    engine.up();
    engine.docker(&["start", "sleeper"]);
    engine.stop();
    engine.up();
    assert!(engine.docker(&["ps", "--all"]).contains("Exited"));
}
