//! The second round, once the backup was read: does the plan fit the database?

use std::collections::{BTreeMap, BTreeSet};

use crate::ident::Series;
use crate::spec::document::Place;
use crate::spec::plan_file::{Engine, Fate, Step};
use crate::spec::problem::{Problem, Problems};
use crate::spec::resolved::{Plan, Verb};
use crate::spec::suggest::closest;

use super::Review;

/// What the backup says about the database.
#[derive(Clone, Copy, Debug)]
pub struct SourceFacts<'a> {
    /// Its series.
    pub series: Series,
    /// Its installed modules and their versions.
    pub modules: &'a BTreeMap<String, String>,
    /// Whether it is an Enterprise database.
    pub enterprise: bool,
}

impl Plan {
    /// Returns what in the plan does not fit the database it is for.
    ///
    /// Modules that are not installed are errors where a decision about them would come to nothing, and warnings
    /// where an earlier hop may have renamed or added them.
    pub fn check_backup(&self, backup: &SourceFacts<'_>) -> Problems {
        let mut review = Review::new(&self.document, &self.folder);
        review.ends_meet(self, backup);
        review.engines(self, backup);
        review.modules_exist(self, backup);
        let mut problems = Problems::new();
        problems.keep_source(&self.document.file, self.document.masked().to_owned());
        problems.extend(review.found);
        problems.sort(&self.document.file);
        problems
    }
}

impl Review<'_> {
    fn ends_meet(&mut self, plan: &Plan, backup: &SourceFacts<'_>) {
        let from = backup.series;
        if let Some(said) = plan.source_series.filter(|said| *said != from) {
            let place = self.root().key("source").key("series");
            let message = format!("the plan says the backup is {said}, but it is {from}");
            let problem = place.error("series-differs", message, format!("the database says {from}"));
            self.report(problem.help("remove `series`, or name the right backup"));
        }
        if plan.target < from {
            let target = self.root().key("target");
            let message = format!("the target {} is older than the backup, {from}", plan.target);
            let problem = target.error("target-older", message, "older than the database");
            self.report(problem.help("Odoo databases cannot go back"));
            return;
        }
        let route = plan.route(from);
        let hops = self.root().key("hops");
        for key in plan.file.hops.keys() {
            let Ok(series) = key.parse::<Series>() else { continue };
            if !route.contains(&series) {
                let stops: Vec<String> = route.iter().map(Series::to_string).collect();
                let problem = hops.key(key).at_key().error(
                    "hop-not-on-route",
                    format!("no hop ends at {series} on the way from {from} to {}", plan.target),
                    "never reached",
                );
                self.report(problem.help(format!("the hops end at {}", stops.join(", "))));
            }
        }
    }

    fn engines(&mut self, plan: &Plan, backup: &SourceFacts<'_>) {
        for hop in plan.route(backup.series) {
            let place = self.engine_place(hop);
            let patch = hop == backup.series;
            let problem = match (plan.engine_of(hop), patch) {
                (Engine::Openupgrade | Engine::OdooService, true) => place
                    .error(
                        "engine-patch",
                        format!("the backup is {hop} already, and this engine changes the series"),
                        "nothing to do for it",
                    )
                    .help("write `engine: update` to update modules within the series"),
                (Engine::Update, false) => place
                    .error(
                        "engine-update",
                        format!("`update` cannot take a database to {hop}"),
                        "stays within one series",
                    )
                    .help("write `engine: openupgrade`, or `odoo-service` for Enterprise"),
                (Engine::Openupgrade, false) if backup.enterprise => place
                    .error(
                        "engine-enterprise",
                        "OpenUpgrade cannot take an Enterprise database over a hop",
                        "for Community only",
                    )
                    .help("write `engine: odoo-service`"),
                (Engine::Update, true) | (Engine::Openupgrade | Engine::OdooService, false) => continue,
            };
            self.report(problem);
        }
    }

    /// Where the engine of a hop is written; the target, where it is not.
    fn engine_place(&self, hop: Series) -> Place<'_> {
        let root = self.document.root();
        let own = root.key("hops").key(&hop.to_string()).key("engine");
        let general = root.key("engine");
        [own, general]
            .into_iter()
            .find(Place::is_there)
            .unwrap_or_else(|| root.key("target"))
    }

    fn modules_exist(&mut self, plan: &Plan, backup: &SourceFacts<'_>) {
        let root = self.document.root();
        for (name, rule) in &plan.file.modules {
            let place = root.key("modules").key(name).at_key();
            let problem = not_installed(&place, name, backup);
            self.found.extend(problem.map(|problem| match rule.fate {
                Fate::Uninstall => problem,
                Fate::Keep => problem.warning(),
            }));
        }
        // What an earlier step installs is there for later ones.
        let scripts = plan
            .hops
            .values()
            .flat_map(|steps| steps.before.iter().chain(&steps.after));
        let installed: BTreeSet<&String> = scripts
            .filter_map(|script| match &script.verb {
                Verb::Install(modules) => Some(modules),
                _ => None,
            })
            .flatten()
            .collect();
        let first_hop = plan.route(backup.series).first().copied();
        for (key, hop) in &plan.file.hops {
            let place = root.key("hops").key(key);
            // Before the first hop nothing can have renamed a module.
            let certain = key.parse().ok() == first_hop;
            self.named_modules(&place.key("before"), &hop.before, backup, &installed, certain);
            self.named_modules(&place.key("after"), &hop.after, backup, &installed, false);
        }
    }

    /// Reports modules that steps name and that are not installed; `certain` tells whether that must be wrong.
    fn named_modules(
        &mut self,
        list: &Place<'_>,
        steps: &[Step],
        backup: &SourceFacts<'_>,
        installed: &BTreeSet<&String>,
        certain: bool,
    ) {
        for (index, step) in steps.iter().enumerate() {
            let (word, modules) = match step {
                Step::Uninstall(modules) => ("uninstall", modules),
                Step::Update(modules) => ("update", modules),
                _ => continue,
            };
            let place = list.item(index).key(word);
            for (index, module) in modules
                .iter()
                .enumerate()
                .filter(|(_, module)| !installed.contains(module))
            {
                let problem = not_installed(&place.item(index), module, backup);
                self.found
                    .extend(problem.map(|problem| if certain { problem } else { problem.warning() }));
            }
        }
    }
}

fn not_installed(place: &Place<'_>, module: &str, backup: &SourceFacts<'_>) -> Option<Problem> {
    if backup.modules.contains_key(module) {
        return None;
    }
    let problem = place.error(
        "module-not-installed",
        format!("the module `{module}` is not installed"),
        "not in the backup",
    );
    let meant = closest(module, backup.modules.keys().map(String::as_str));
    Some(match meant {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help("remove it from the plan, or correct its name"),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fs_err as fs;

    use super::*;
    use crate::event::Severity;
    use crate::spec::load::load;

    /// Codes and severities of what does not fit a database of a series with `sale` and `acme_report` installed.
    fn check(rest: &str, from: u8, enterprise: bool) -> Vec<(&'static str, Severity)> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("backup"), "x").unwrap();
        let path = folder.path().join("plan.yaml");
        fs::write(&path, format!("customer: a\ntarget: 18.0\n{rest}")).unwrap();
        let modules = ["sale", "acme_report"].map(|name| (name.to_owned(), "1.0".to_owned()));
        let facts = SourceFacts {
            series: Series::from_major(from).unwrap(),
            modules: &modules.into(),
            enterprise,
        };
        let problems = load(Path::new(&path)).unwrap().check_backup(&facts);
        problems
            .iter()
            .map(|problem| (problem.code, problem.severity))
            .collect()
    }

    const SOURCE: &str = "source: { backup: backup }\n";

    #[test]
    fn a_plan_that_fits_has_no_problems() {
        let hops = "hops: { \"18.0\": { before: [{ uninstall: [acme_report] }], after: [{ update: [sale] }] } }\n";
        assert_eq!(check(&format!("{SOURCE}{hops}"), 16, false), []);
        assert_eq!(check(&format!("{SOURCE}engine: update\n"), 18, true), []);
    }

    #[test]
    fn the_series_of_the_backup_decides_the_way() {
        let error = |code| (code, Severity::Error);
        assert_eq!(check(SOURCE, 19, false), [error("target-older")]);
        assert_eq!(check(SOURCE, 18, false), [error("engine-patch")]);
        assert_eq!(
            check("source: { backup: backup, series: 16.0 }\n", 17, false),
            [error("series-differs")]
        );
        let hops = "hops: { \"17.0\": {} }\n";
        assert_eq!(
            check(&format!("{SOURCE}{hops}"), 17, false),
            [error("hop-not-on-route")]
        );
        assert_eq!(check(&format!("{SOURCE}{hops}"), 16, false), []);
    }

    #[test]
    fn an_engine_must_fit_every_hop() {
        let error = |code| (code, Severity::Error);
        assert_eq!(check(SOURCE, 17, true), [error("engine-enterprise")]);
        assert_eq!(check(&format!("{SOURCE}engine: odoo-service\n"), 17, true), []);
        assert_eq!(
            check(&format!("{SOURCE}engine: update\n"), 17, false),
            [error("engine-update")]
        );
        let hop = "engine: update\nhops: { \"18.0\": { engine: openupgrade } }\n";
        assert_eq!(check(&format!("{SOURCE}{hop}"), 17, false), []);
    }

    #[test]
    fn a_module_that_is_not_installed_is_an_error_only_where_that_is_certain() {
        let found = |severity| ("module-not-installed", severity);
        let rules = "modules: { acme_repport: { fate: uninstall }, other: { fate: keep } }\n";
        let expected = [found(Severity::Error), found(Severity::Warning)];
        assert_eq!(check(&format!("{SOURCE}{rules}"), 17, false), expected);
        let hops = "hops: { \"18.0\": { before: [{ uninstall: [gone] }], after: [{ install: [new] }, { update: [new, old] }] } }\n";
        assert_eq!(check(&format!("{SOURCE}{hops}"), 17, false), expected);
        assert_eq!(
            check(&format!("{SOURCE}{hops}"), 16, false),
            [found(Severity::Warning), found(Severity::Warning)]
        );
    }
}
