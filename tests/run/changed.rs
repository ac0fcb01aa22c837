//! A run costs what changed since the last one.

use crate::harness::Customer;

/// Steps that bring things into place; done whenever something else is.
const READY: [&str; 5] = [
    "preflight",
    "checkout/code@19.0",
    "image/postgres",
    "image/19.0",
    "provision",
];

/// Returns the steps that the last run did, apart from those that bring things into place.
fn done(customer: &Customer) -> Vec<String> {
    let mut steps = customer.steps("step-started");
    steps.retain(|step| !READY.contains(&step.as_str()));
    steps
}

/// Names another folder to deliver to: that is delivered again, and nothing else is done.
pub(super) fn only_where_it_delivers_to(customer: &Customer) {
    customer.plan("deliver: { to: elsewhere }");
    customer.run(&[], 0);
    assert_eq!(done(customer), ["deliver"]);
    for folder in ["elsewhere", "delivered/kill-calm-19.0"] {
        assert!(customer.path(folder).join("kill-calm-19.0.zip").is_file(), "{folder}");
    }
    assert_eq!(customer.report()["verdict"], "verified");
}

/// Adds a script after the hop, which fails, and corrects it: the hop itself is not done again.
pub(super) fn only_a_script_that_fails_at_first(customer: &Customer) {
    customer.write(
        "broken.py",
        "partner = env['res.partner'].search([], limit=1)\npartner.no_such_method()\n",
    );
    customer.plan("deliver: { to: elsewhere }\nhops: { \"19.0\": { after: [{ python: broken.py }] } }");
    let ended = customer.run(&[], 20);
    assert!(ended.out.contains("broken.py failed"), "{}", ended.out);
    assert!(
        ended.out.contains("AttributeError") && ended.out.contains("no_such_method"),
        "{}",
        ended.out
    );
    assert_eq!(done(customer), ["19.0/after/1-python"]);
    assert!(customer.things().containers.is_empty());
    assert_eq!(customer.report()["verdict"], "failed");

    customer.write("broken.py", "env['res.partner'].search([], limit=1).comment = 'seen'\n");
    customer.run(&[], 0);
    let from_there_on = [
        "19.0/after/1-python",
        "19.0/neutralize",
        "19.0/check",
        "19.0/compare",
        "verify",
        "deliver",
    ];
    assert_eq!(done(customer), from_there_on);
    assert_eq!(customer.report()["verdict"], "verified");
}
