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

#[test]
fn lists_of_other_tools_become_plans_that_pass_check() {
    let test = "lists_of_other_tools_become_plans_that_pass_check";
    let Some(sample) = sample(test, "bryggan") else { return };
    let backup = sample.join("bryggan-18.0.zip");
    let folder = tempfile::tempdir().unwrap();
    let release = release(folder.path());
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    };
    write(
        "aggregator/repos.yaml",
        "./web:\n  remotes: { oca: \"https://github.com/OCA/web.git\" }\n  merges: [oca 18.0, oca refs/pull/12/head]\n\
         ./club:\n  remotes: { own: \"ssh://git@git.example.com/bryggan/addons.git\" }\n  merges: [own production]\n\
         ./odoo:\n  remotes: { ocb: \"https://github.com/OCA/OCB.git\" }\n  merges: [ocb 18.0]\n",
    );
    write(
        "doodba/repos.yaml",
        "server-tools:\n  remotes: { oca: \"https://github.com/OCA/server-tools.git\" }\n  merges: [oca $ODOO_VERSION]\n",
    );
    write(
        "doodba/addons.yaml",
        "server-tools: [module_auto_update]\nweb: [\"*\"]\n",
    );
    write(
        "wizard/config.yml",
        "project_name: b\npostgres_image_name: postgres:16\nmigration_steps:\n  - { name: 1, version: 18.0 }\n  - { name: 2, version: 19.0 }\n",
    );
    write("wizard/modules.csv", "base,Base\nsale,Sales\n");
    write(
        "wizard/src/env_19.0/repos.yml",
        "./src/web:\n  remotes: { oca: \"https://github.com/OCA/web.git\" }\n  merges: [oca 19.0, oca refs/pull/99/head]\n",
    );
    write("modules.csv", "Name,State\nclub_member,installed\n");
    let cases: [(&[&str], &[&str]); 4] = [
        (
            &["aggregator/repos.yaml"],
            &[
                "merge: { \"18.0\": [\"refs/pull/12/head\"] }",
                "branches: { \"18.0\": \"production\" }",
                "#   ./odoo: https://github.com/OCA/OCB.git comes with the image",
            ],
        ),
        (
            &["doodba/repos.yaml", "doodba/addons.yaml"],
            &[
                "  # module_auto_update\n  - name: \"server-tools\"",
                "url: \"https://github.com/OCA/web.git\"",
            ],
        ),
        (
            &["wizard/config.yml"],
            &[
                "postgres: { name: \"postgres:16\" }",
                "merge: { \"19.0\": [\"refs/pull/99/head\"] }",
                "# Listed and not installed: sale\n",
            ],
        ),
        (&["modules.csv"], &["# Installed and not listed: "]),
    ];
    for (number, (lists, wanted)) in cases.into_iter().enumerate() {
        let plan = format!("plan-{number}.yaml");
        let mut args = vec!["init", backup.to_str().unwrap(), "--openupgrade", &release, "-o", &plan];
        for list in lists {
            args.extend(["--from", list]);
        }
        if lists != ["wizard/config.yml"] {
            args.extend(["--to", "19.0"]);
        }
        let ended = hopp(folder.path(), &args);
        assert_eq!(ended.code, 0, "{lists:?}: {}", ended.err);
        let written = fs_err::read_to_string(folder.path().join(&plan)).unwrap();
        for line in wanted {
            assert!(written.contains(line), "no {line} in\n{written}");
        }
        let checked = hopp(folder.path(), &["check", &plan]);
        assert_eq!(checked.code, 0, "{}\n{written}", checked.err);
    }
    let undecided = hopp(
        folder.path(),
        &["init", backup.to_str().unwrap(), "--from", "modules.csv"],
    );
    assert_eq!(undecided.code, 2, "{}", undecided.err);
    let none = hopp(
        folder.path(),
        &["init", backup.to_str().unwrap(), "--to", "19.0", "--from", &release],
    );
    assert_eq!(none.code, 11, "{}", none.err);
    write("none.yaml", "services: {}\n");
    let none = hopp(
        folder.path(),
        &["init", backup.to_str().unwrap(), "--to", "19.0", "--from", "none.yaml"],
    );
    assert_eq!(none.code, 10, "{}", none.err);
    assert!(none.err.contains("neither a `repos.yaml`"), "{}", none.err);
}
