//! Plans that `hopp init` writes.

use super::{hopp, release};
use crate::harness::sample;

#[test]
fn a_plan_that_was_written_passes_check_and_says_what_is_to_be_decided() {
    let test = "a_plan_that_was_written_passes_check_and_says_what_is_to_be_decided";
    for (customer, playbook, undecided) in [("acme", true, "acme_loyalty"), ("bryggan", false, "club_member")] {
        let Some(sample) = sample(test, customer) else { return };
        let folder = tempfile::tempdir().unwrap();
        let release = release(folder.path());
        let backup = sample.join(format!("{customer}-18.0.zip"));
        let args = [
            "init",
            backup.to_str().unwrap(),
            "--to",
            "19.0",
            "--openupgrade",
            &release,
            "-o",
            "plan.yaml",
        ];
        let ended = hopp(folder.path(), &args);
        assert_eq!(ended.code, 0, "{}", ended.err);
        let plan = fs_err::read_to_string(folder.path().join("plan.yaml")).unwrap();
        assert_eq!(plan.contains("- l10n_se # a company"), playbook, "{plan}");
        assert!(plan.contains(&format!("#   {undecided}: {{ fate: uninstall")), "{plan}");
        let checked = hopp(folder.path(), &["check", "plan.yaml"]);
        assert_eq!(checked.code, 0, "{}\n{plan}", checked.err);
        let again = hopp(folder.path(), &args);
        assert_eq!(again.code, 2, "{}", again.err);
        assert!(again.err.contains("exists already"), "{}", again.err);
    }
}
