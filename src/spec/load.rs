//! From a path to a checked plan.

use std::path::{Path, PathBuf};

use fs_err as fs;

pub use super::resolved::{
    Accepted, Ask, Coefficients, Expected, HopSteps, Image, Images, Language, Limits, Plan, Port, Repository, Script,
    Verb,
};
pub use super::review::SourceFacts;

use super::document::Document;
use super::plan_file::PlanFile;
use super::problem::{Problems, Severity};
use super::review::{is_customer, review};
use super::text_file;

/// Reads a plan, its playbooks and the scripts both name.
///
/// Every problem in any of these files is in the error, not only the first.
pub fn load(path: &Path) -> Result<Plan, Problems> {
    let mut problems = Problems::new();
    let plan = read(path, &mut problems);
    problems.sort(path);
    match plan {
        Some(plan) if !problems.has_errors() => Ok(plan),
        _ => Err(problems),
    }
}

/// Reads a plan for its contract. A backup or filestore that is not there any more is no problem: months are billed when
/// both have long been thrown away.
pub fn load_contract(path: &Path) -> Result<Plan, Problems> {
    let mut problems = Problems::new();
    let plan = read(path, &mut problems);
    let only_data_is_missing = (problems.iter())
        .filter(|problem| problem.severity == Severity::Error)
        .all(|problem| matches!(problem.code, "backup-missing" | "filestore-missing"));
    problems.sort(path);
    match plan {
        Some(plan) if only_data_is_missing => Ok(plan),
        _ => Err(problems),
    }
}

/// Reads whose plan it is: the folder it is in, and the customer's short name.
///
/// Whatever else is wrong with the plan is no problem here: who looks at an old run, or takes something away, does not
/// need its scripts and repositories.
pub fn whose(path: &Path) -> Result<(PathBuf, String), Problems> {
    let read = |file: text_file::TextFile| Document::read::<PlanFile>(path, &file.text, &mut Problems::new());
    match text_file::read(path).ok().and_then(read) {
        Some((_, written)) if is_customer(&written.customer) => Ok((folder_of(path), written.customer)),
        // It says what is wrong.
        _ => load(path).map(|plan| (plan.folder, plan.customer)),
    }
}

/// Says whether a plan, or a script or playbook of it, reads differently by now.
pub fn has_changed(plan: &Plan) -> bool {
    load(&plan.path).map_or(true, |now| {
        (now.sha256, now.hops, now.checks, now.playbooks)
            != (
                plan.sha256.clone(),
                plan.hops.clone(),
                plan.checks.clone(),
                plan.playbooks.clone(),
            )
    })
}

fn read(path: &Path, problems: &mut Problems) -> Option<Plan> {
    let file = match text_file::read(path) {
        Ok(file) => file,
        Err(error) => {
            problems.push(error.problem(path));
            return None;
        }
    };
    let (document, written) = Document::read::<PlanFile>(path, &file.text, problems)?;
    review(
        path.to_owned(),
        folder_of(path),
        file.sha256,
        document,
        written,
        problems,
    )
}

/// The folder a file is in, absolute and free of links, so that one plan has one folder however it is named.
fn folder_of(path: &Path) -> PathBuf {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Series;
    use crate::spec::plan_file::Engine;

    fn fixture(name: &str) -> Plan {
        load(&Path::new("fixtures/plans/valid").join(name)).unwrap()
    }

    fn series(major: u8) -> Series {
        Series::from_major(major).unwrap()
    }

    #[test]
    fn whose_plan_it_is_can_be_read_whatever_else_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.yaml");
        fs::write(
            &path,
            "customer: acme\nsource: { backup: gone.zip }\ntarget: \"12.0\"\nhopps: []\n",
        )
        .unwrap();
        assert!(load(&path).is_err());
        let here = fs::canonicalize(folder.path()).unwrap();
        assert_eq!(whose(&path).unwrap(), (here, "acme".to_owned()));
        for nobody in ["target: \"19.0\"\n", "customer: ../acme\n", "customer: [\n"] {
            fs::write(&path, nobody).unwrap();
            assert!(whose(&path).unwrap_err().has_errors(), "{nobody}");
        }
        fs::remove_file(&path).unwrap();
        assert!(whose(&path).is_err());
    }

    #[test]
    fn a_short_plan_has_the_defaults() {
        let plan = fixture("minimal.yaml");
        assert_eq!(
            (plan.customer.as_str(), plan.target, plan.engine),
            ("acme", series(19), Engine::Openupgrade)
        );
        assert_eq!(plan.images.postgres, Image::Named("postgres:15".into()));
        assert_eq!(plan.images.odoo(series(19)), Image::Named("odoo:19.0".into()));
        assert_eq!(plan.limits.step_timeout.as_secs(), 8 * 3600);
        assert_eq!(plan.deliver_to, plan.folder.join("delivered/acme-19.0"));
        assert!(plan.backup.is_absolute() && plan.backup.is_file());
        assert_eq!(
            (plan.language, plan.durable, plan.accelerate, plan.source_series),
            (Language::En, false, true, None)
        );
    }

    #[test]
    fn an_unquoted_series_is_the_same_as_a_quoted_one() {
        let plan = fixture("unquoted.yaml");
        assert_eq!(plan.target, series(19));
        assert!(plan.hops[&series(19)].before.is_empty());
    }

    #[test]
    fn playbooks_come_before_the_plan_s_own_steps_and_bring_no_hop_beyond_the_target() {
        let plan = fixture("everything.yaml");
        let origins = |steps: &[Script]| steps.iter().map(|step| step.origin.clone()).collect::<Vec<_>>();
        let hop = &plan.hops[&series(19)];
        assert_eq!(
            origins(&hop.before),
            ["community_known_issues", "acme_habits", "plan", "plan", "plan"]
        );
        assert_eq!(
            origins(&hop.after)[..7],
            [
                "l10n_se",
                "l10n_se",
                "community_known_issues",
                "community_known_issues",
                "community_known_issues",
                "acme_habits",
                "plan"
            ]
        );
        let checks = origins(&plan.checks);
        let (of_playbook, others) = checks.split_at(5);
        assert!(of_playbook.iter().all(|origin| origin == "l10n_se"), "{checks:?}");
        assert_eq!(others, ["acme_habits", "plan", "plan"]);
        assert_eq!(hop.before[2].title, "sql ../files/scripts/fix.sql");
        let Verb::Sql { file, text } = &hop.after[0].verb else {
            panic!("{:?}", hop.after[0])
        };
        assert_eq!(file, Path::new("playbooks/l10n_se/19-after-tax-tags.sql"));
        assert!(text.contains("hopp_signed_tag"));
        let names: Vec<&str> = plan.playbooks.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["l10n_se", "community_known_issues", "acme_habits"]);
    }

    #[test]
    fn placeholders_are_filled_in() {
        let plan = fixture("everything.yaml");
        assert_eq!(plan.deliver_to, plan.folder.join("delivered/acme-18.0-19.0"));
        let commands = plan.hops[&series(19)].after.iter().filter_map(|step| match &step.verb {
            Verb::Command(words) => Some(words.clone()),
            _ => None,
        });
        assert_eq!(commands.collect::<Vec<_>>(), [["echo", "acme", "from 18.0 to 19.0"]]);
    }

    #[test]
    fn a_repository_has_a_reference_for_every_series() {
        let plan = fixture("everything.yaml");
        let (own, web) = (&plan.repositories[0], &plan.repositories[1]);
        assert_eq!(
            (own.reference(series(18)), own.reference(series(17))),
            ("main-18", "17.0")
        );
        assert_eq!(own.url, plan.folder.join("repos/acme-addons").to_string_lossy());
        assert_eq!(own.written_url, "repos/acme-addons");
        assert_eq!(web.merges(series(19)), ["refs/pull/3000/head"]);
        assert!(web.merges(series(18)).is_empty());
        assert_eq!(plan.repositories[2].url, "git@git.example.com:acme/bank.git");
        assert_eq!(plan.limits.milli_cpus, Some(1500));
    }

    #[test]
    fn a_route_ends_at_the_target() {
        let plan = fixture("minimal.yaml");
        assert_eq!(plan.route(series(17)), [series(18), series(19)]);
        assert_eq!(plan.route(series(19)), [series(19)]);
    }

    #[test]
    fn a_target_older_than_the_backup_has_no_route() {
        let plan = Plan {
            target: series(18),
            ..fixture("minimal.yaml")
        };
        assert!(plan.route(series(19)).is_empty());
    }

    #[test]
    fn every_playbook_of_the_catalogue_fits_every_target() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("backup"), "x").unwrap();
        for name in crate::spec::catalog::names() {
            for target in Series::all() {
                let plan = folder.path().join("plan.yaml");
                let text =
                    format!("customer: a\nsource: {{ backup: backup }}\ntarget: {target}\nplaybooks: [{name}]\n");
                fs::write(&plan, text).unwrap();
                let loaded = load(&plan).unwrap_or_else(|problems| panic!("{name} at {target}:\n{problems}"));
                assert!(loaded.hops.keys().all(|hop| *hop <= target), "{name} at {target}");
            }
        }
    }

    #[test]
    fn a_byte_order_mark_and_dos_line_ends_do_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("backup"), "x").unwrap();
        let plan = folder.path().join("plan.yaml");
        fs::write(
            &plan,
            "\u{feff}customer: a\r\nsource: { backup: backup }\r\ntarget: 19.0\r\n",
        )
        .unwrap();
        assert_eq!(load(&plan).unwrap().customer, "a");
    }
}
