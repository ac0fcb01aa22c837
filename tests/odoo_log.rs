//! Reads real logs of upgrades 18.0 → 19.0, one for each way an upgrade ends.

use std::io::Read;
use std::path::{Path, PathBuf};

use hopp::odoo::log::{HopLog, HopLogSummary, ModuleProgress, Phase};

#[expect(
    clippy::disallowed_methods,
    reason = "where the sample data is, is said in the environment"
)]
fn fixtures() -> PathBuf {
    std::env::var("HOPP_FIXTURES").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    )
}

/// Reads one of the sample logs in chunks of a size that tears lines; `None`, said aloud, where there are none.
#[expect(clippy::print_stderr, reason = "a test that was not run says so itself")]
fn read(test: &str, name: &str) -> Option<(HopLogSummary, Vec<ModuleProgress>)> {
    let path = fixtures().join("logs").join(format!("{name}.log.gz"));
    let Ok(file) = fs_err::File::open(&path) else {
        eprintln!("{test}: not run, {} is not there", path.display());
        return None;
    };
    let mut log_text = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut log_text)
        .expect("a sample log is a gzip file");
    let mut log = HopLog::default();
    let progress = log_text.chunks(997).filter_map(|chunk| log.feed(chunk)).collect();
    Some((log.finish(), progress))
}

#[test]
fn a_clean_log_has_no_errors_and_its_warnings_are_known() {
    let Some((summary, progress)) = read(
        "a_clean_log_has_no_errors_and_its_warnings_are_known",
        "acme-18-19-clean",
    ) else {
        return;
    };
    assert!(summary.modules_loaded && summary.shut_down);
    assert_eq!(summary.errors, []);
    assert_eq!(summary.cause, None);
    assert_eq!(summary.lines, 7386);
    assert_eq!(summary.noise["view-not-rendered-yet"], 269);
    assert_eq!(summary.noise["column-kept"], 512);
    assert_eq!(summary.noise.values().sum::<usize>(), summary.warnings);
    assert_eq!(summary.filters_disabled.len(), 1);
    assert_eq!(summary.groups, []);
    assert!(progress.windows(2).all(|two| two[0] != two[1]));
    assert!(
        progress
            .windows(2)
            .all(|two| two[0].total == 1 || two[0].index <= two[1].index)
    );
    let last = progress.last().unwrap();
    assert_eq!((last.index, last.total), (99, 99));
    assert_eq!(last.phase, Phase::Finishing);
    assert!(progress.iter().any(|at| at.phase == Phase::CleaningUp));
}

/// From the log of a hop 14.0 → 15.0, shortened: OpenUpgrade of 15.0 and 16.0 keeps Odoo from saying what it deletes, and a
/// module that Odoo dropped waits for ever.
const TO_15: &str = "\
2026-11-23 13:46:15,170 7 INFO varv odoo.modules.loading: loading 105 modules... \n\
2026-11-23 13:46:30,927 7 INFO varv odoo.models: Storing computed values of calendar.alarm.mail_template_id \n\
2026-11-23 13:48:19,545 7 INFO varv odoo.modules.loading: Loading module account (56/105) \n\
2026-11-23 13:48:48,901 7 INFO varv odoo.modules.loading: Module account loaded in 29.36s, 6190 queries \n\
2026-11-23 13:54:47,533 7 INFO varv odoo.modules.loading: 105 modules loaded in 512.34s, 80453 queries (+0 extra) \n\
2026-11-23 13:54:47,536 7 WARNING varv odoo.modules.graph: module odoo_referral: not installable, skipped \n\
2026-11-23 13:54:50,113 7 INFO varv odoo.modules.migration: module base: Running migration [$15.0.1.3] end-migration \n\
2026-11-23 13:54:52,304 7 WARNING varv OpenUpgrade: Module Unknown: Not dropping the column of field __last_update of model project.task.create.sale.order \n\
2026-11-23 13:54:52,349 7 WARNING varv OpenUpgrade: Module Unknown: Not dropping the column of field display_name of model project.task.create.sale.order \n\
2026-11-23 13:55:36,330 7 ERROR varv odoo.modules.loading: Some modules have inconsistent states, some dependencies may be missing: ['odoo_referral'] \n\
2026-11-23 13:55:36,333 7 INFO varv odoo.modules.loading: Modules loaded. \n\
2026-11-23 13:55:38,052 7 INFO varv odoo.modules.registry: Registry loaded in 578.030s \n\
2026-11-23 13:55:38,052 7 INFO varv odoo.service.server: Initiating shutdown \n";

#[test]
fn a_log_of_15_tells_of_the_clean_up_though_odoo_keeps_quiet_about_it() {
    let mut log = HopLog::default();
    let progress: Vec<ModuleProgress> = TO_15
        .as_bytes()
        .chunks(97)
        .filter_map(|chunk| log.feed(chunk))
        .collect();
    assert!(progress.iter().any(|at| at.phase == Phase::CleaningUp));
    let summary = log.finish();
    assert_eq!(summary.deleted, 2);
    assert!(
        summary.phases.iter().any(|phase| phase.phase == "clean-up"),
        "{:?}",
        summary.phases
    );
    assert_eq!(summary.inconsistent, ["odoo_referral"]);
    assert_eq!(
        summary.cause.as_deref(),
        Some("the modules odoo_referral are left between two states")
    );
}

#[test]
fn a_clean_log_tells_where_the_time_went() {
    let Some((summary, _)) = read("a_clean_log_tells_where_the_time_went", "acme-18-19-clean") else {
        return;
    };
    let phases: Vec<&str> = summary.phases.iter().map(|phase| phase.phase.as_str()).collect();
    assert_eq!(phases, ["start", "base", "modules", "end-scripts", "clean-up", "end"]);
    let sum: f64 = summary.phases.iter().map(|phase| phase.seconds).sum();
    assert!((sum - summary.seconds).abs() < 0.01, "{sum} of {}", summary.seconds);
    assert_eq!(summary.deleted, 1216);

    assert_eq!(summary.modules.count, 99);
    let base = summary.modules.top.first().unwrap();
    assert_eq!((base.module.as_str(), base.queries), ("base", 7110));
    assert!((base.seconds - 8.05).abs() < 1e-9);

    assert_eq!(summary.scripts.count, 53);
    let script = summary.scripts.top.first().unwrap();
    assert_eq!(
        (script.module.as_str(), script.version.as_str(), script.name.as_str()),
        ("account", "19.0.1.4", "post-migration")
    );
    assert!((script.seconds - 1.321).abs() < 1e-9);

    let fields = summary.fields.top.first().unwrap();
    assert_eq!(fields.module, "mail");
    assert_eq!(
        fields.fields,
        [
            "ir.actions.server.followers_type",
            "ir.actions.server.followers_partner_field_name"
        ]
    );
    assert!((fields.seconds - 1.395).abs() < 1e-9);
}

#[test]
fn modules_without_code_are_named_although_the_exit_code_is_zero() {
    for name in ["missing-module", "unported-module"] {
        let Some((summary, _)) = read("modules_without_code_are_named_although_the_exit_code_is_zero", name) else {
            return;
        };
        let both = ["acme_loyalty", "acme_sale_note"];
        assert!(summary.modules_loaded, "{name}");
        assert_eq!(summary.inconsistent, both, "{name}");
        assert_eq!(summary.not_installable, both, "{name}");
        assert_eq!(summary.error_count, 1, "{name}");
        assert_eq!(
            summary.cause.unwrap(),
            "the modules acme_loyalty, acme_sale_note are left between two states"
        );
    }
}

#[test]
fn a_broken_view_is_among_the_views_that_were_not_rendered() {
    let Some((summary, _)) = read("a_broken_view_is_among_the_views_that_were_not_rendered", "broken-view") else {
        return;
    };
    assert_eq!(summary.cause, None);
    let broken = summary
        .cannot_render
        .iter()
        .find(|view| view.reason.contains("<tree>"))
        .unwrap();
    assert!(broken.view.starts_with("acme_loyalty."), "{broken:?}");
}

#[test]
fn what_stopped_an_upgrade_is_said_in_words() {
    for (name, words) in [
        ("disk-full", "PostgreSQL went away in the middle of the upgrade"),
        ("postgres-killed", "PostgreSQL went away in the middle of the upgrade"),
        (
            "statement-timeout",
            "a query took longer than the database's statement timeout",
        ),
        (
            "missing-python-dependency",
            "the module account_peppol cannot do without `phonenumbers`, which the image does not have",
        ),
        (
            "out-of-memory",
            "the log stops at module web (3 of 99): odoo was killed",
        ),
    ] {
        let Some((summary, _)) = read("what_stopped_an_upgrade_is_said_in_words", name) else {
            return;
        };
        assert!(!summary.modules_loaded, "{name}");
        assert_eq!(summary.cause.as_deref(), Some(words), "{name}");
        assert!(!summary.hints.is_empty(), "{name}");
    }
}

#[test]
fn a_missing_dependency_is_named_with_its_module() {
    let Some((summary, _)) = read(
        "a_missing_dependency_is_named_with_its_module",
        "missing-python-dependency",
    ) else {
        return;
    };
    assert_eq!(
        summary.missing_dependency,
        Some(("account_peppol".into(), "phonenumbers".into()))
    );
}

#[test]
fn a_record_that_is_kept_because_something_points_at_it_is_no_error() {
    let refused = "2026-11-23 13:56:17,648 7 ERROR acme odoo.sql_db: bad query: b'DELETE FROM \"res_partner\" WHERE id IN (9)'\n\
        ERROR: update or delete on table \"res_partner\" violates foreign key constraint \"purchase_order_partner_id_fkey\"\n\
        DETAIL:  Key (id)=(9) is still referenced from table \"purchase_order\".\n";
    let kept = "2026-11-23 13:56:17,658 7 WARNING acme odoo.addons.openupgrade_framework.odoo_patch.odoo.orm.models: \
        Could not delete obsolete record with ids [9] of model res.partner: update or delete on table \"res_partner\" violates\n";
    let remark = "2026-11-23 13:56:18,379 7 ERROR acme OpenUpgrade: chart template False unknown (not yet migrated?)\n";
    let read = |text: String| {
        let mut log = HopLog::default();
        log.feed(text.as_bytes());
        log.finish()
    };
    let summary = read(format!("{refused}{kept}{remark}"));
    assert_eq!((summary.errors.len(), summary.error_count), (0, 0));
    let alone = read(refused.to_owned());
    assert_eq!((alone.errors.len(), alone.error_count), (1, 1));
}
