//! The engine goes down in the middle of a run, in an orderly way or not, and comes up again.

use super::{Patient, Small};
use crate::harness::{Customer, PrivateEngine};

#[test]
fn when_docker_is_restarted_the_next_run_goes_on() {
    let small = Small::new();
    let mut engine = PrivateEngine::start(&["postgres:15"]);
    let calm = small.customer("kill-docker-calm");
    calm.customer.run(&["--until", "measure"], 0);
    let patient = Patient::new(Customer::new("kill-docker", &small.backup, &[]).on(&engine));
    let customer = &patient.customer;
    for (step, orderly) in [("restore", true), ("restore", false), ("neutralize", false)] {
        // The run before may have gone on to its end: there must be something to do again.
        assert_eq!(customer.hopp(&["clean", "plan.yaml"]).code, 0);
        fs_err::remove_dir_all(customer.state()).ok();
        let mut running = customer.start(&["--until", "measure"]);
        running.wait_for("step-started", step);
        if orderly {
            engine.stop();
        } else {
            engine.kill();
        }
        engine.up();
        // It may have waited for the engine and gone on.
        let ended = running.end();
        assert!([0, 11].contains(&ended.code), "{step}: {} {}", ended.code, ended.err);
    }
    customer.run(&["--until", "measure"], 0);
    assert!(customer.things().containers.is_empty(), "{:?}", customer.things());
    let figures = |customer: &Customer| customer.report()["baseline_before"].clone();
    assert_eq!(figures(customer), figures(&calm.customer));
    assert!(
        figures(&calm.customer)
            .as_object()
            .is_some_and(|figures| figures.len() > 5)
    );
}
