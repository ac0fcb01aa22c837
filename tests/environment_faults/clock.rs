//! A clock that was set back.

use super::{Sketch, said};

#[test]
fn a_clock_that_was_set_back_changes_neither_the_order_of_runs_nor_what_they_tell() {
    let sketch = Sketch::new("env-clock");
    let customer = &sketch.customer;
    let until = ["run", "plan.yaml", "--until", "preflight"];
    said(&customer.hopp(&until), 0, &[]);
    // As if that run had begun when the clock was years ahead, and the clock had been corrected in its middle.
    let runs = customer.state().join("runs");
    let ahead = runs.join("2199-01-01T00-00-00Z");
    fs_err::rename(&customer.runs()[0], &ahead).unwrap();
    let journal = ahead.join("journal.jsonl");
    let text = fs_err::read_to_string(&journal).unwrap();
    fs_err::write(&journal, text.replacen("\"at\":\"20", "\"at\":\"21", 1)).unwrap();

    said(&customer.hopp(&until), 0, &[]);
    let runs = customer.runs();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0], ahead, "the new run comes after: {runs:?}");
    let name = runs[1].file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(name, "2199-01-01T00-00-00Z-001");
    // The last run is the last one, by every command; the old one can still be told.
    assert_eq!(customer.report()["run"], name);
    said(&customer.hopp(&["status", "plan.yaml"]), 0, &[&name]);
    for run in ["2199-01-01T00-00-00Z", &name] {
        let told = customer.hopp(&["report", "plan.yaml", "--run", run, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        let elapsed = report["elapsed_ms"].as_u64().unwrap();
        assert!(elapsed < 600_000, "a duration is not a difference of clocks: {elapsed}");
    }
}
