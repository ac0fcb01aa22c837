//! What is known of an upgrade before anything runs: what the backup is, what becomes of every module, what stands in
//! the way, and how long it may take. Everything here is put together from what others read.

mod draft;
mod duration;
mod effort;
mod findings;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::Finding;
use crate::ident::Series;
use crate::odoo::cloc::{ModuleTally, Tally};
use crate::odoo::dump::Extent;
use crate::odoo::fates::{self, Fate, Known, Origin, Way};
use crate::odoo::openupgrade::Grade;
use crate::odoo::survey::{Attachments, Company, Customised, Survey, Users};
use crate::spec::Coefficients;

pub use draft::{customer_of, draft};
pub use duration::{Basis, Past, Span};
pub use effort::{Contract, Effort, Hours, Quote, Work};

/// How many of the largest tables are listed.
const LARGEST: usize = 10;

/// What is known of a customer's upgrade.
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    /// The backup.
    pub backup: Source,
    /// The database in it.
    pub database: Database,
    /// The hops to the target, in order.
    pub hops: Vec<HopLine>,
    /// The fate of every installed module.
    pub modules: Vec<Way>,
    /// The porting before the upgrade, module by module, and what it costs.
    pub work: Work,
    /// The customer's code, as Odoo counts it: of the plan's repositories, and what lives in the database alone.
    pub code: Vec<Lines>,
    /// What a person should look at before the first rehearsal, worst first.
    pub findings: Vec<Finding>,
}

impl Assessment {
    /// Adds findings of somebody who looked further, each where its weight puts it.
    pub fn add(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
        findings::sort(&mut self.findings);
    }
}

/// The backup, as it lies there.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Its path, as it was named.
    pub path: String,
    /// What it is: `Odoo zip`, `custom dump` …
    pub kind: String,
    /// Its size on disk.
    pub bytes: u64,
}

/// The database in a backup.
#[derive(Clone, Debug, Serialize)]
pub struct Database {
    /// Its name, where the backup says.
    pub name: Option<String>,
    /// Its series.
    pub series: Series,
    /// Version of the module `base`.
    pub version: String,
    /// Whether Odoo Enterprise is installed.
    pub enterprise: bool,
    /// Version of the PostgreSQL server it came from.
    pub postgresql: Option<String>,
    /// Codes of the active languages.
    pub languages: Vec<String>,
    /// Companies.
    pub companies: Vec<Company>,
    /// Users.
    pub users: Users,
    /// Rows and bytes of the dump, over all tables.
    pub size: Extent,
    /// How many tables there are.
    pub tables: usize,
    /// The largest tables, largest first.
    pub largest: Vec<Table>,
    /// Attachments, and whether their files are there.
    pub attachments: Attachments,
    /// What was made in the database and belongs to no module's code.
    pub customised: Customised,
    /// What neutralising will touch, and how much of it there is.
    pub live: BTreeMap<String, u64>,
    /// Modules with which something was begun and not finished, and their states.
    pub transient: BTreeMap<String, String>,
}

/// The code of a module, as `odoo cloc` counts it.
#[derive(Clone, Debug, Serialize)]
pub struct Lines {
    /// The module; `odoo/studio` for what lives in the database and comes from none.
    pub module: String,
    /// The repository of the plan it is in; absent for what lives in the database alone.
    pub repository: Option<String>,
    /// Lines of code.
    pub lines: u64,
    /// What could not be counted, and lowers the count.
    pub errors: usize,
}

/// A table and how much the dump holds of it.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Bytes of its rows in the dump.
    pub bytes: u64,
}

/// A hop.
#[derive(Clone, Debug, Serialize)]
pub struct HopLine {
    /// The series it begins at.
    pub from: Series,
    /// The series it ends at.
    pub to: Series,
    /// Version of OpenUpgrade's scripts that fates were told from; a checkout has none.
    pub openupgrade: Option<String>,
    /// Why fates of this hop are not known, where they are not.
    pub unknown: Option<String>,
    /// How many modules have which fate.
    pub fates: BTreeMap<&'static str, usize>,
    /// How many of Odoo's modules are covered how well.
    pub coverage: BTreeMap<&'static str, usize>,
    /// How long Odoo will work at it.
    pub duration: Span,
}

/// What a survey found, and where.
#[derive(Clone, Debug)]
pub struct Surveyed<'a> {
    /// The backup.
    pub source: Source,
    /// The database's name.
    pub name: Option<String>,
    /// Its series.
    pub series: Series,
    /// Version of the module `base`.
    pub version: String,
    /// Version of the PostgreSQL server it came from.
    pub postgresql: Option<String>,
    /// What is in it.
    pub survey: &'a Survey,
}

/// What the porting is estimated from.
#[derive(Clone, Copy, Debug)]
pub struct Basics<'a> {
    /// The customer's code of the series the database comes from.
    pub code: &'a Tally,
    /// What porting takes.
    pub coefficients: &'a Coefficients,
    /// The contract, where there is a plan.
    pub contract: Option<Contract<'a>>,
}

/// Puts together what is known. `past` are earlier runs by the series that the hop ended at.
pub fn assess(
    surveyed: Surveyed<'_>,
    known: &Known<'_>,
    past: &BTreeMap<Series, Vec<Past>>,
    basics: Basics<'_>,
) -> Assessment {
    let survey = surveyed.survey;
    let modules = fates::follow(known);
    let Basics {
        code,
        coefficients,
        contract,
    } = basics;
    let work = effort::work(&modules, survey, code, coefficients, contract);
    let mut from = surveyed.series;
    let hops = known
        .hops
        .iter()
        .enumerate()
        .map(|(index, hop)| {
            let line = HopLine {
                from,
                to: hop.to,
                openupgrade: hop.release.as_ref().ok().and_then(|release| release.version.clone()),
                unknown: hop.release.as_ref().err().cloned(),
                fates: count(&modules, index, |hop| Some(hop.fate.word())),
                coverage: count(&modules, index, |hop| hop.grade.map(grade_word)),
                duration: duration::of_hop(hop.to, &modules, survey, past),
            };
            from = hop.to;
            line
        })
        .collect();
    let database = Database {
        name: surveyed.name,
        series: surveyed.series,
        version: surveyed.version,
        enterprise: known.enterprise,
        postgresql: surveyed.postgresql,
        languages: survey.languages.clone(),
        companies: survey.companies.clone(),
        users: survey.users,
        size: survey.total(),
        tables: survey.tables.len(),
        largest: largest(survey),
        attachments: survey.attachments.clone(),
        customised: survey.customised.clone(),
        live: survey.live.clone(),
        transient: survey
            .transient()
            .map(|(name, state)| (name.to_owned(), state.to_owned()))
            .collect(),
    };
    let findings = findings::of(&database, &modules, known);
    Assessment {
        backup: surveyed.source,
        database,
        hops,
        modules,
        work,
        code: code.modules.iter().map(lines).collect(),
        findings,
    }
}

fn lines(tally: &ModuleTally) -> Lines {
    Lines {
        module: tally.name.clone(),
        repository: tally.repository.clone(),
        lines: tally.count().code,
        errors: tally.errors.len(),
    }
}

fn largest(survey: &Survey) -> Vec<Table> {
    let table = |(name, extent): (&str, Extent)| Table {
        name: name.to_owned(),
        rows: extent.rows,
        bytes: extent.bytes,
    };
    survey.largest(LARGEST).into_iter().map(table).collect()
}

/// Counts the modules of a hop by a word for each.
fn count(
    ways: &[Way],
    hop: usize,
    word: impl Fn(&fates::AtHop) -> Option<&'static str>,
) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for word in ways.iter().filter_map(|way| word(way.hops.get(hop)?)) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// Returns how well a module is covered, in words.
pub fn grade_word(grade: Grade) -> &'static str {
    match grade {
        Grade::Done => "done",
        Grade::NothingToDo => "analysed, nothing to do",
        Grade::LowRisk => "low risk",
        Grade::NotCovered => "not covered",
    }
}

/// Says whether a person has something to decide or to do about a module.
pub fn needs_attention(way: &Way) -> bool {
    let uncovered = way.hops.iter().any(|hop| hop.grade == Some(Grade::NotCovered));
    !matches!(way.verdict(), Fate::Stays) || uncovered || way.origin != Origin::Core
}
