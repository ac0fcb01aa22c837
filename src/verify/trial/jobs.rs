//! Which databases are made from which, so that every module meets an Odoo with only what it depends on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ident::{Hasher, Series};

/// What the jobs follow from. Modules are given with those they depend on.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The series.
    pub series: Series,
    /// Identifies the image: templates of another are not used.
    pub image: &'a str,
    /// The modules that the image has.
    pub core: &'a BTreeMap<String, Vec<String>>,
    /// The modules whose code is at hand.
    pub own: &'a BTreeMap<String, Vec<String>>,
    /// The modules to try.
    pub tried: &'a BTreeSet<String>,
    /// The templates that are there already, and what is installed in each.
    pub templates: &'a BTreeMap<String, BTreeSet<String>>,
    /// Whether the tests of each module are run.
    pub tests: bool,
}

/// A database to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its name.
    pub database: String,
    /// The database it begins as a copy of; an empty one where there is none.
    pub from: Option<String>,
    /// What is installed.
    pub install: Vec<String>,
    /// The modules at hand that Odoo may see.
    pub code: BTreeSet<String>,
    /// The module that is tried.
    pub judged: Option<String>,
    /// Whether its tests are run.
    pub tests: bool,
    /// Whether it stays, as a template.
    pub keep: bool,
    /// The databases that must have come out well before.
    pub needs: BTreeSet<String>,
    /// What is installed in it afterwards, as far as somebody depends on it.
    pub holds: BTreeSet<String>,
}

/// All that is to be done, in an order that can be followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jobs {
    /// The databases.
    pub jobs: Vec<Job>,
    /// Modules that cannot be tried, with the modules they need and nobody has.
    pub missing: BTreeMap<String, Vec<String>>,
}

impl Jobs {
    /// Plans the databases.
    pub fn plan(given: Given<'_>) -> Jobs {
        let mut jobs = Jobs::default();
        let mut tried: Vec<(BTreeSet<String>, &String)> = Vec::new();
        for module in given.tried {
            let (holds, missing) = given.closure(module);
            if missing.is_empty() {
                tried.push((holds, module));
            } else {
                jobs.missing.insert(module.clone(), missing.into_iter().collect());
            }
        }
        // What a module depends on is a part of what it holds, so it comes first; and small templates serve large ones.
        tried.sort_by(|a, b| (a.0.len(), a.1).cmp(&(b.0.len(), b.1)));
        for (holds, module) in tried {
            jobs.add(given, module, holds);
        }
        jobs
    }

    /// Returns the job of a database.
    pub fn job(&self, database: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.database == database)
    }

    fn add(&mut self, given: Given<'_>, module: &str, holds: BTreeSet<String>) {
        let mut before = holds.clone();
        before.remove(module);
        let (own, core): (BTreeSet<String>, BTreeSet<String>) =
            before.iter().cloned().partition(|name| given.own.contains_key(name));
        let mut needs: BTreeSet<String> = (self.jobs.iter())
            .filter(|job| job.judged.as_ref().is_some_and(|judged| own.contains(judged)))
            .map(|job| job.database.clone())
            .collect();
        let template = self.template(given, &core);
        let from = match self.jobs.iter().find(|job| job.holds == before) {
            _ if own.is_empty() => template,
            Some(same) => same.database.clone(),
            None => self.prepare(given, &before, template, &needs),
        };
        needs.insert(from.clone());
        self.jobs.push(Job {
            database: format!("try_{}_{}", self.jobs.len(), shortened(module)),
            from: Some(from),
            install: vec![module.to_owned()],
            code: holds
                .iter()
                .filter(|name| given.own.contains_key(*name))
                .cloned()
                .collect(),
            judged: Some(module.to_owned()),
            tests: given.tests,
            keep: false,
            needs,
            holds,
        });
    }

    /// Returns the template in which these modules of Odoo's own are installed; adds it where there is none yet.
    fn template(&mut self, given: Given<'_>, core: &BTreeSet<String>) -> String {
        let database = given.name(core);
        if self.job(&database).is_some() {
            return database;
        }
        let base = BTreeSet::from(["base".to_owned()]);
        if *core != base {
            self.template(given, &base);
        }
        let templates = (self.jobs.iter().filter(|job| job.keep)).map(|job| (&job.database, &job.holds));
        let largest = (given.templates.iter().chain(templates))
            .filter(|(name, holds)| **name != database && holds.is_subset(core))
            .max_by_key(|(name, holds)| (holds.len(), std::cmp::Reverse(*name)));
        let from = largest.map(|(name, _)| name.clone());
        let there = largest.map(|(_, holds)| holds.clone()).unwrap_or_default();
        self.jobs.push(Job {
            database: database.clone(),
            needs: from.iter().cloned().collect(),
            from,
            install: given.tops(core.difference(&there)),
            code: BTreeSet::new(),
            judged: None,
            tests: false,
            keep: true,
            holds: core.clone(),
        });
        database
    }

    /// Adds a database with everything that a module depends on, modules at hand included.
    fn prepare(
        &mut self,
        given: Given<'_>,
        before: &BTreeSet<String>,
        template: String,
        needs: &BTreeSet<String>,
    ) -> String {
        let largest = (self.jobs.iter())
            .filter(|job| job.holds.is_subset(before))
            .max_by_key(|job| job.holds.len());
        let (from, there) = match largest {
            Some(job) => (job.database.clone(), job.holds.clone()),
            None => (template, BTreeSet::new()),
        };
        let database = format!("pre_{}", self.jobs.len());
        self.jobs.push(Job {
            database: database.clone(),
            needs: needs.iter().chain([&from]).cloned().collect(),
            from: Some(from),
            install: given.tops(before.difference(&there)),
            code: before
                .iter()
                .filter(|name| given.own.contains_key(*name))
                .cloned()
                .collect(),
            judged: None,
            tests: false,
            keep: false,
            holds: before.clone(),
        });
        database
    }
}

impl Given<'_> {
    /// Returns a module with everything it depends on, and the names among them that nobody has.
    fn closure(&self, module: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut holds = BTreeSet::new();
        let mut missing = BTreeSet::new();
        let mut rest = vec![module.to_owned(), "base".to_owned()];
        while let Some(name) = rest.pop() {
            let Some(depends) = self.depends(&name) else {
                missing.insert(name);
                continue;
            };
            if holds.insert(name) {
                rest.extend(depends.iter().cloned());
            }
        }
        (holds, missing)
    }

    fn depends(&self, name: &str) -> Option<&Vec<String>> {
        self.own.get(name).or_else(|| self.core.get(name))
    }

    /// Returns those of these modules that none of the others depends on: installing them installs all.
    fn tops<'a>(&self, modules: impl Iterator<Item = &'a String>) -> Vec<String> {
        let modules: BTreeSet<&String> = modules.collect();
        let below: BTreeSet<&String> = (modules.iter())
            .flat_map(|name| self.depends(name).into_iter().flatten())
            .collect();
        let tops = modules.iter().filter(|name| !below.contains(**name));
        tops.map(|name| (*name).clone()).collect()
    }

    /// Returns the name of the template of these modules, of this image alone.
    fn name(&self, core: &BTreeSet<String>) -> String {
        let mut hasher = Hasher::default();
        hasher.field("image", self.image);
        for module in core {
            hasher.field("module", module);
        }
        format!("t{}_{}", self.series.major(), hasher.finish().short())
    }
}

/// Returns as much of a module's name as the name of a database bears.
fn shortened(module: &str) -> &str {
    &module[..module.floor_char_boundary(48)]
}

#[cfg(test)]
mod tests {
    use super::*;

    type Modules = BTreeMap<String, Vec<String>>;

    fn modules(text: &str) -> Modules {
        (text.split_whitespace())
            .map(|word| {
                let (name, depends) = word.split_once(':').unwrap_or((word, ""));
                let depends = depends.split(',').filter(|name| !name.is_empty());
                (name.to_owned(), depends.map(str::to_owned).collect())
            })
            .collect()
    }

    fn plan(own: &str, tried: &[&str], templates: &BTreeMap<String, BTreeSet<String>>) -> Jobs {
        let core = modules("base web:base mail:web sale:mail stock:mail");
        let own = modules(own);
        Jobs::plan(Given {
            series: Series::NEWEST,
            image: "sha256:1",
            core: &core,
            own: &own,
            tried: &tried.iter().map(ToString::to_string).collect(),
            templates,
            tests: false,
        })
    }

    /// Every job as `from + install`, databases by what they hold.
    fn told(jobs: &Jobs) -> Vec<String> {
        let held = |name: &String| {
            let job = jobs.job(name).map(|job| &job.holds);
            job.into_iter().flatten().cloned().collect::<Vec<_>>().join(",")
        };
        (jobs.jobs.iter())
            .map(|job| {
                let from = job.from.as_ref().map(held).unwrap_or_default();
                let code: Vec<&str> = job.code.iter().map(String::as_str).collect();
                let judged = if job.judged.is_some() { "!" } else { "" };
                format!("{from} + {}{judged} [{}]", job.install.join(","), code.join(","))
            })
            .collect()
    }

    #[test]
    fn a_module_is_tried_where_only_what_it_depends_on_is_installed() {
        let jobs = plan("shop:sale glue:sale,stock", &["shop", "glue"], &BTreeMap::new());
        assert_eq!(
            told(&jobs),
            [
                " + base []",
                "base + sale []",
                "base,mail,sale,web + shop! [shop]",
                "base,mail,sale,web + stock []",
                "base,mail,sale,stock,web + glue! [glue]",
            ]
        );
    }

    #[test]
    fn a_module_that_needs_another_begins_where_that_one_was_installed() {
        let jobs = plan("a:mail b:a c:a,extra extra:base", &["a", "b", "c"], &BTreeMap::new());
        assert_eq!(
            told(&jobs),
            [
                " + base []",
                "base + mail []",
                "base,mail,web + a! [a]",
                "a,base,mail,web + b! [a,b]",
                "a,base,mail,web + extra [a,extra]",
                "a,base,extra,mail,web + c! [a,c,extra]",
            ]
        );
        let c = jobs.jobs.last().unwrap();
        assert!(
            c.needs.contains("try_2_a") && c.needs.contains("pre_4"),
            "{:?}",
            c.needs
        );
    }

    #[test]
    fn what_nobody_has_is_named() {
        let jobs = plan("a:mail b:a,gone", &["a", "b"], &BTreeMap::new());
        assert_eq!(
            jobs.missing,
            BTreeMap::from([("b".to_owned(), vec!["gone".to_owned()])])
        );
        assert_eq!(jobs.jobs.len(), 3);
    }

    #[test]
    fn a_template_that_is_there_serves_a_larger_one() {
        let there: BTreeSet<String> = ["base", "web", "mail", "sale"].map(str::to_owned).into();
        let jobs = plan(
            "glue:sale,stock",
            &["glue"],
            &BTreeMap::from([("t19_there".to_owned(), there)]),
        );
        assert_eq!(jobs.jobs[1].from.as_deref(), Some("t19_there"));
        assert_eq!(jobs.jobs[1].install, ["stock"]);
    }
}
