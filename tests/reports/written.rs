//! Reports that a run leaves in its folder, however it ends.

use fs_err as fs;
use hopp::report::Format;

use crate::harness::{Customer, sample};

#[test]
fn a_run_leaves_its_reports_however_it_ends_and_report_tells_the_same_later() {
    let test = "a_run_leaves_its_reports_however_it_ends_and_report_tells_the_same_later";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let customer = Customer::bryggan("reports", &bryggan);
    let mut run = customer.start(&[]);
    // Before that PostgreSQL may still be creating its cluster, and does not hear that it is to stop.
    run.wait_for("step-started", "restore");
    run.signal("INT");
    assert_eq!(run.end().code, 130);
    assert_eq!(reports_of_last_run(&customer), "interrupted");
    let ended = customer.run(&["--until", "preflight"], 0);
    assert_eq!(reports_of_last_run(&customer), "partial");
    let page = ended
        .out
        .lines()
        .find_map(|line| line.strip_prefix("report:  "))
        .unwrap();
    assert!(customer.path(page).is_file(), "{}", ended.out);
}

/// Compares the files with what `hopp report` says, and returns the verdict.
fn reports_of_last_run(customer: &Customer) -> String {
    let folder = customer.runs().pop().unwrap();
    for format in Format::ALL {
        let written = fs::read_to_string(folder.join(format.file())).unwrap();
        let told = customer.hopp(&["report", "plan.yaml", "--format", format.name()]);
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(
            written == told.out,
            "{} says\n{written}\nand hopp\n{}",
            format.file(),
            told.out
        );
    }
    customer.report()["verdict"].as_str().unwrap().to_owned()
}
