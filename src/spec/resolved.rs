//! A plan that was checked: series are series, paths are absolute, scripts are read, playbooks are mixed in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use jiff::civil::Date;

use crate::agreement::Terms;
use crate::event::Severity;
use crate::ident::{Fingerprint, Series};

use super::document::Document;
use super::placeholder::{self, Values};
use super::plan_file::{Auth, Engine, Fate, ModuleRule, OpenUpgrade, PlanFile, PortErrors, Registry, Role};

/// A checked plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The plan's file, as the user named it.
    pub path: PathBuf,
    /// The folder it is in, absolute; relative paths start here.
    pub folder: PathBuf,
    /// SHA-256 of the file's bytes.
    pub sha256: Fingerprint,
    /// The customer's short name: a lower-case letter, then up to 31 of `a-z0-9_-`.
    pub customer: String,
    /// The backup, absolute; it exists.
    pub backup: PathBuf,
    /// The filestore, absolute, when the backup does not hold it; it exists.
    pub filestore: Option<PathBuf>,
    /// The backup's series, when the plan says it.
    pub source_series: Option<Series>,
    /// The series to end at.
    pub target: Series,
    /// What takes the database over a hop that does not say otherwise.
    pub engine: Engine,
    /// Steps of hops, by the series they end at, playbooks' included. A hop without an entry has no steps.
    pub hops: IndexMap<Series, HopSteps>,
    /// Checks at the end, playbooks' first.
    pub checks: Vec<Script>,
    /// Findings that are known and accepted, playbooks' first.
    pub accept: Vec<Accepted>,
    /// The repositories, in the plan's order.
    pub repositories: Vec<Repository>,
    /// Decisions about single modules.
    pub modules: IndexMap<String, ModuleRule>,
    /// Container images.
    pub images: Images,
    /// OpenUpgrade, by the series the hop ends at.
    pub openupgrade: BTreeMap<Series, OpenUpgrade>,
    /// How much of the machine a run may use.
    pub limits: Limits,
    /// Whether PostgreSQL keeps its promises about power cuts during the run.
    pub durable: bool,
    /// Whether work that changes nothing is taken out of Odoo's upgrade.
    pub accelerate: bool,
    /// Where results go, absolute. `${source}` is still in it where the plan does not say the backup's series:
    /// see [`Plan::deliver_folder`].
    pub deliver_to: PathBuf,
    /// The playbooks in use and the fingerprint of their YAML and scripts.
    pub playbooks: Vec<(String, Fingerprint)>,
    /// What porting takes.
    pub estimate: Box<Coefficients>,
    /// The contract with the customer; of the kind `none` where the plan says nothing.
    pub terms: Terms,
    /// The language of reports.
    pub language: Language,
    /// The plan as it is written.
    pub file: PlanFile,
    pub(super) document: Arc<Document>,
}

/// What porting takes, in hours at best and at worst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficients {
    /// A module, whatever is in it.
    pub module: (f64, f64),
    /// A hundred lines of Python.
    pub python_100: (f64, f64),
    /// A hundred lines of scripts and styles.
    pub script_100: (f64, f64),
    /// A view.
    pub view: (f64, f64),
    /// A module that it needs and that OpenUpgrade has not looked at.
    pub uncovered: (f64, f64),
    /// A million rows in its own tables.
    pub million_rows: (f64, f64),
    /// What a module with tests takes of all that, as a factor.
    pub with_tests: f64,
    /// What each hop after the first takes of what the first takes.
    pub further_hop: f64,
}

impl Default for Coefficients {
    fn default() -> Self {
        Coefficients {
            module: (1.0, 3.0),
            python_100: (0.3, 1.0),
            script_100: (0.5, 3.0),
            view: (0.05, 0.25),
            uncovered: (0.5, 4.0),
            million_rows: (0.5, 4.0),
            with_tests: 0.8,
            further_hop: 0.5,
        }
    }
}

/// What happens around one hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HopSteps {
    /// What takes the database over it.
    pub engine: Engine,
    /// Steps before Odoo of the target series touches the database; playbooks' first.
    pub before: Vec<Script>,
    /// Steps on the upgraded database; playbooks' first.
    pub after: Vec<Script>,
}

/// One step of a plan or playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What to do.
    pub verb: Verb,
    /// Who wants it: `plan`, or a playbook's name.
    pub origin: String,
    /// What it does, for people: `sql fixes/before-19.sql`.
    pub title: String,
}

/// What a step does, with the text of its script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Runs SQL in one transaction.
    Sql {
        /// Where the text was read; below `playbooks/` for the catalogue's.
        file: PathBuf,
        /// The SQL.
        text: String,
    },
    /// Runs Python in `odoo shell`, committed when it ends well.
    Python {
        /// Where the text was read.
        file: PathBuf,
        /// The Python.
        text: String,
    },
    /// Uninstalls modules. Those that are not installed are passed over.
    Uninstall(Vec<String>),
    /// Installs modules.
    Install(Vec<String>),
    /// Updates modules.
    Update(Vec<String>),
    /// Runs a program in the hop's Odoo container. See [`Plan::fill`] for its placeholders.
    Command(Vec<String>),
    /// Runs SQL that only reads; every row is a finding.
    Check {
        /// Where the text was read.
        file: PathBuf,
        /// The SQL.
        text: String,
    },
    /// Asks the database something that only reads.
    Ask(Ask),
}

/// A question to the database, and what its answer must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What must be true, for people.
    pub title: String,
    /// The SQL.
    pub sql: String,
    /// What the answer must be.
    pub expect: Expected,
    /// Tables without which nothing is asked.
    pub needs: Vec<String>,
    /// How bad another answer is.
    pub severity: Severity,
    /// What to do about another answer, where somebody said so.
    pub remedy: Option<String>,
}

/// What the answer to a question must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// No rows.
    Empty,
    /// The rows that the database before the first hop answers with.
    Same,
    /// This text, as `psql` prints it.
    Value(String),
}

/// A finding that somebody knows and accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The finding's code, or its code and subject with a slash between.
    pub id: String,
    /// Why it is right.
    pub why: String,
    /// The last day on which it is accepted.
    pub until: Date,
}

/// A repository of the plan.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its name, unique in the plan; letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// Where git finds it; paths are absolute. Holds no password.
    pub url: String,
    /// The URL as the plan writes it, for the lock file.
    pub written_url: String,
    /// Whose code it is.
    pub role: Role,
    /// The folder inside it that holds the modules.
    pub folder: Option<PathBuf>,
    /// The branch, tag or commit that production runs, where the plan says.
    pub deployed: Option<String>,
    /// How its modules are ported by hopp itself; `None` where they are not.
    pub port: Option<Port>,
    /// Credentials, their paths absolute.
    pub auth: Option<Auth>,
    /// For every series hopp knows; a series the plan does not name has its own name.
    pub(super) references: BTreeMap<Series, String>,
    pub(super) merges: BTreeMap<Series, Vec<String>>,
    pub(super) customer: String,
}

/// How hopp ports a repository's modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The series whose code is ported; the newest older one that the repository has when `None`.
    pub from: Option<Series>,
    /// Rules that are left out.
    pub without: Vec<String>,
    /// What becomes of the run when something is left that a person must see to.
    pub errors: PortErrors,
    /// Whether a series' own branch is completed where it lacks installed modules.
    pub complete: bool,
}

impl Repository {
    /// Returns the branch, tag or commit of a series.
    pub fn reference(&self, series: Series) -> &str {
        self.references.get(&series).map_or("", String::as_str)
    }

    /// Returns the branch on which the customer's modules are ported to a series.
    pub fn ported_branch(&self, series: Series) -> String {
        format!("{series}-mig-{}", self.customer)
    }

    /// Says whether a series' branch is only the ground on which modules are ported.
    pub fn is_completed(&self) -> bool {
        self.port.as_ref().is_some_and(|port| port.complete)
    }

    /// Returns the refs to merge on top for a series.
    pub fn merges(&self, series: Series) -> &[String] {
        self.merges.get(&series).map_or(&[], Vec::as_slice)
    }
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// Found here under this name, or pulled.
    Named(String),
    /// Built from this folder, absolute, by its `Dockerfile`.
    Built(PathBuf),
}

/// Container images.
#[derive(Clone, Debug)]
pub struct Images {
    /// PostgreSQL.
    pub postgres: Image,
    /// Odoo, where the plan says something; see [`Images::odoo`].
    pub odoo: BTreeMap<Series, Image>,
    /// Debian packages to add, by series.
    pub apt: BTreeMap<Series, Vec<String>>,
    /// Python packages to add, by series.
    pub pip: BTreeMap<Series, Vec<String>>,
    /// Logins, by registry host.
    pub registries: IndexMap<String, Registry>,
}

impl Images {
    /// Returns the Odoo image of a series: the plan's, or `odoo:<series>`.
    pub fn odoo(&self, series: Series) -> Image {
        let named = || Image::Named(format!("odoo:{series}"));
        self.odoo.get(&series).cloned().unwrap_or_else(named)
    }
}

/// How much of the machine a run may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of each container, in bytes.
    pub memory: Option<u64>,
    /// Processor time of each container, in thousandths of a core.
    pub milli_cpus: Option<u64>,
    /// The longest a step may take.
    pub step_timeout: Duration,
}

/// The language of reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Swedish.
    Sv,
}

impl Plan {
    /// Returns the series that hops end at, in order, for a database of a series.
    ///
    /// A patch, from a series to itself, is one hop. A target older than `from` gives none; [`Plan::check_backup`]
    /// says so.
    pub fn route(&self, from: Series) -> Vec<Series> {
        if from == self.target {
            return vec![self.target];
        }
        Series::all()
            .filter(|series| *series > from && *series <= self.target)
            .collect()
    }

    /// Returns what takes the database over the hop that ends at a series.
    pub fn engine_of(&self, hop: Series) -> Engine {
        self.hops.get(&hop).map_or(self.engine, |steps| steps.engine)
    }

    /// Returns a text with its placeholders replaced, for a database that came from a series.
    pub fn fill(&self, text: &str, from: Series) -> String {
        let values = Values {
            customer: &self.customer,
            target: Some(self.target),
            source: Some(from),
        };
        // Placeholders were checked when the plan was read.
        placeholder::fill(text, &values).unwrap_or_else(|_| text.to_owned())
    }

    /// Returns where results of a database that came from a series go, absolute.
    pub fn deliver_folder(&self, from: Series) -> PathBuf {
        PathBuf::from(self.fill(&self.deliver_to.to_string_lossy(), from))
    }
}

impl HopSteps {
    /// Returns a hop to which nothing is added.
    pub fn none(engine: Engine) -> HopSteps {
        HopSteps {
            engine,
            before: Vec::new(),
            after: Vec::new(),
        }
    }
}

impl Verb {
    /// Returns the verb as a plan writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Verb::Sql { .. } => "sql",
            Verb::Python { .. } => "python",
            Verb::Uninstall(_) => "uninstall",
            Verb::Install(_) => "install",
            Verb::Update(_) => "update",
            Verb::Command(_) => "command",
            Verb::Check { .. } | Verb::Ask(_) => "check",
        }
    }

    /// Says whether the step runs Odoo of the series the database is in at that moment.
    pub fn needs_odoo(&self) -> bool {
        match self {
            Verb::Python { .. } | Verb::Install(_) | Verb::Update(_) | Verb::Command(_) => true,
            // A check in Python is asked of Odoo.
            Verb::Check { file, .. } => file.extension().is_some_and(|extension| extension == "py"),
            Verb::Sql { .. } | Verb::Uninstall(_) | Verb::Ask(_) => false,
        }
    }
}

impl Image {
    /// Returns the name the image has, or gets when it is built.
    fn tag(&self, what: &str) -> String {
        match self {
            Image::Named(name) => name.clone(),
            Image::Built(folder) => {
                let place = Fingerprint::of(folder.to_string_lossy().as_bytes());
                format!("hopp/built-{what}:{}", place.short())
            }
        }
    }

    /// Returns the folder the image is built from, when it is.
    pub fn folder(&self) -> Option<&std::path::Path> {
        match self {
            Image::Named(_) => None,
            Image::Built(folder) => Some(folder),
        }
    }
}

impl Images {
    /// Returns the name of the PostgreSQL image.
    pub fn postgres_name(&self) -> String {
        self.postgres.tag("postgres")
    }

    /// Returns the name of the Odoo image of a series.
    pub fn odoo_name(&self, series: Series) -> String {
        self.odoo(series).tag(&format!("odoo-{series}"))
    }
}

impl Plan {
    /// Returns what the plan says about a module.
    pub fn rule(&self, module: &str) -> Option<Fate> {
        self.modules.get(module).map(|rule| rule.fate)
    }

    /// Returns the modules that the plan uninstalls before the first hop.
    pub fn uninstalled(&self) -> impl Iterator<Item = &str> {
        self.modules
            .iter()
            .filter(|(_, rule)| rule.fate == Fate::Uninstall)
            .map(|(name, _)| name.as_str())
    }

    /// Returns the modules that steps of a hop uninstall before its upgrade.
    pub fn uninstalled_before(&self, hop: Series) -> Vec<&str> {
        let before = self
            .hops
            .get(&hop)
            .map(|steps| steps.before.as_slice())
            .unwrap_or_default();
        before
            .iter()
            .filter_map(|script| match &script.verb {
                Verb::Uninstall(modules) => Some(modules.iter().map(String::as_str)),
                _ => None,
            })
            .flatten()
            .collect()
    }
}
