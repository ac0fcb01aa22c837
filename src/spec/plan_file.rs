//! The customer's plan, as it is written in YAML.

use std::path::PathBuf;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::agreement::{Category, Kind, LineRounding};
use crate::event::Severity;

/// A customer's plan: where from, where to, which code, which agreement.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The customer's short name; names the state folder, the containers and the delivered files.
    pub customer: String,
    /// Where the database comes from.
    pub source: Source,
    /// The series to end at, such as `"19.0"`. Hops are derived from it.
    pub target: String,
    /// What takes the database over each hop, unless the hop says otherwise.
    #[serde(default)]
    pub engine: Engine,
    /// Playbooks to apply: names of the catalogue, or paths of YAML files.
    #[serde(default)]
    pub playbooks: Vec<String>,
    /// The customer's and third parties' code.
    #[serde(default)]
    pub repositories: Vec<Repository>,
    /// What becomes of single modules.
    #[serde(default)]
    pub modules: IndexMap<String, ModuleRule>,
    /// What to add to single hops, by the series the hop ends at.
    #[serde(default)]
    pub hops: IndexMap<String, Hop>,
    /// Checks at the end, besides hopp's own.
    #[serde(default)]
    pub checks: Vec<Step>,
    /// Findings that somebody knows and accepts.
    #[serde(default)]
    pub accept: Vec<Accept>,
    /// Which container images to use.
    #[serde(default)]
    pub images: Images,
    /// Which OpenUpgrade to use, by the series the hop ends at.
    #[serde(default)]
    pub openupgrade: IndexMap<String, OpenUpgrade>,
    /// How much of the machine a run may use.
    #[serde(default)]
    pub limits: Limits,
    /// Keeps PostgreSQL's promises about power cuts during the run. Slower; the run's copy is thrown away anyway.
    #[serde(default)]
    pub durable: bool,
    /// Takes work out of Odoo's upgrade that changes nothing in the database. `false` runs Odoo as it comes.
    #[serde(default = "yes")]
    pub accelerate: bool,
    /// Where results go.
    #[serde(default)]
    pub deliver: Deliver,
    /// What `hopp assess` estimates the porting of modules from.
    #[serde(default)]
    pub estimate: Box<Estimate>,
    /// The contract with the customer.
    #[serde(default)]
    pub agreement: Option<Agreement>,
    /// How reports are written.
    #[serde(default)]
    pub report: Report,
}

fn yes() -> bool {
    true
}

/// Where the database comes from.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The backup: an Odoo zip, or `pg_dump` in custom, directory or plain format (`.gz`, `.zst`).
    pub backup: PathBuf,
    /// The filestore, when the backup does not hold it: a folder, a tar or a zip.
    #[serde(default)]
    pub filestore: Option<PathBuf>,
    /// The series of the backup, where the backup cannot tell.
    #[serde(default)]
    pub series: Option<String>,
}

/// What takes a database over a hop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// OCA's OpenUpgrade, for Community databases.
    #[default]
    Openupgrade,
    /// Odoo's own update of modules, within one series.
    Update,
    /// Odoo's upgrade service, for Enterprise databases.
    OdooService,
}

/// A git repository with modules.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// A short name, unique in the plan.
    pub name: String,
    /// Where git finds it: https, ssh, `file://` or a path.
    pub url: String,
    /// Whose code it is.
    #[serde(default)]
    pub role: Role,
    /// The branch, tag or commit of each series; a series that is not named uses its own name.
    #[serde(default)]
    pub branches: IndexMap<String, String>,
    /// Further refs to merge on top, by series.
    #[serde(default)]
    pub merge: IndexMap<String, Vec<String>>,
    /// The branch, tag or commit that production runs: with the engine `update`, only what differs from it is updated.
    #[serde(default)]
    pub deployed: Option<String>,
    /// Whether hopp ports the modules by itself where the repository has no branch of a series yet, and how.
    #[serde(default)]
    pub port: Option<Port>,
    /// The folder inside the repository that holds the modules.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Credentials, where the user's ssh agent and git's credential helpers do not have them.
    #[serde(default)]
    pub auth: Option<Auth>,
}

/// Whose code a repository holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Written for this customer.
    #[default]
    Custom,
    /// Written by others: OCA, bought modules.
    ThirdParty,
}

/// Whether hopp ports a repository's modules by itself, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Port {
    /// Whether it does.
    Whether(bool),
    /// It does, like this.
    How(Porting),
}

/// How hopp ports a repository's modules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Porting {
    /// The series whose code is ported; the newest older one that the repository has when not said.
    #[serde(default)]
    pub from: Option<String>,
    /// Rules that are left out (`hopp rules` lists them).
    #[serde(default)]
    pub without: Vec<String>,
    /// What becomes of the run when something is left that a person must see to.
    #[serde(default)]
    pub errors: PortErrors,
    /// Also where the series has a branch: installed modules that it lacks, or has as they were, are ported on top of it.
    #[serde(default)]
    pub complete: bool,
}

/// What becomes of a run when a port left errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PortErrors {
    /// It stops before any hop.
    #[default]
    Stop,
    /// It goes on, and they are warnings.
    Warn,
}

/// Credentials of a git remote.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// User name; `git` or `x-access-token` are usual with tokens.
    #[serde(default)]
    pub username: Option<String>,
    /// Password or token, for https.
    #[serde(default)]
    pub token: Option<Secret>,
    /// Private key file, for ssh.
    #[serde(default)]
    pub ssh_key: Option<PathBuf>,
}

/// Where a secret is found. The plan never holds the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Secret {
    /// In this environment variable.
    Env(String),
    /// In this file; a trailing line break is dropped.
    File(PathBuf),
}

/// What becomes of a module.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModuleRule {
    /// The decision.
    pub fate: Fate,
    /// Why; it goes into the report.
    #[serde(default)]
    pub why: Option<String>,
}

/// A decision about a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Uninstall it before the first hop.
    Uninstall,
    /// It stays, although hopp may not find its code (it comes with the image).
    Keep,
}

/// What a plan adds to one hop.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hop {
    /// What takes the database over this hop.
    #[serde(default)]
    pub engine: Option<Engine>,
    /// Steps on the database before Odoo of the target series touches it.
    #[serde(default)]
    pub before: Vec<Step>,
    /// Steps on the upgraded database.
    #[serde(default)]
    pub after: Vec<Step>,
}

/// One step: a map with one key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Step {
    /// Runs a SQL file in one transaction.
    Sql(PathBuf),
    /// Runs a Python file in `odoo shell`, where `env` is the environment; committed when it ends well.
    Python(PathBuf),
    /// Uninstalls modules.
    Uninstall(Vec<String>),
    /// Installs modules.
    Install(Vec<String>),
    /// Updates modules.
    Update(Vec<String>),
    /// Runs a program in an Odoo container of the hop, where `psql` finds the database without being told.
    Command(Vec<String>),
    /// Asks the database something that only reads: a SQL file whose every row is a finding, or a question.
    Check(Check),
}

/// A check: a file, or a question with what its answer must be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Check {
    /// A SQL file; every row it returns is a finding.
    File(PathBuf),
    /// A question.
    Question(Question),
}

/// A question to the database, and what its answer must be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What must be true, in a few words; it goes into the report.
    pub title: String,
    /// The SQL that asks; it can only read.
    #[serde(default)]
    pub sql: Option<String>,
    /// The file that the SQL is in, instead of `sql`.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// Tables without which nothing is asked: a database without bookkeeping has no trial balance.
    #[serde(default)]
    pub needs: Vec<String>,
    /// `empty` (no rows; when not said), `same` (the rows that the database before the first hop answers with), or the
    /// value that the answer must be.
    #[serde(default)]
    pub expect: Option<String>,
    /// How bad it is when the answer is another; `error` when not said.
    #[serde(default)]
    pub severity: Option<Gravity>,
    /// What another answer means, and what to do about it.
    #[serde(default)]
    pub remedy: Option<String>,
}

/// How bad it is when a question is answered otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Severity")]
pub enum Gravity {
    /// Worth knowing.
    Info,
    /// A person must look at it; the upgrade stands.
    Warning,
    /// The upgrade is not good as it is.
    Error,
}

impl From<Gravity> for Severity {
    fn from(gravity: Gravity) -> Severity {
        match gravity {
            Gravity::Info => Severity::Info,
            Gravity::Warning => Severity::Warning,
            Gravity::Error => Severity::Error,
        }
    }
}

/// A difference that somebody knows and accepts: it is shown, and does not count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The finding: its name (`vat-differs`), or its name and where (`record-changed/res.partner: phone`).
    pub id: String,
    /// Why it is right; it goes into the report.
    pub why: String,
    /// The last day on which it is accepted (`2027-06-30`); afterwards it counts again.
    pub until: String,
}

/// Which container images to use.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Images {
    /// PostgreSQL; `postgres:15` when not said.
    #[serde(default)]
    pub postgres: Option<Image>,
    /// Odoo, by series; `odoo:<series>` when not said.
    #[serde(default)]
    pub odoo: IndexMap<String, Image>,
    /// Debian packages to add to the Odoo images, by series.
    #[serde(default)]
    pub apt: IndexMap<String, Vec<String>>,
    /// Python packages to add to the Odoo images, by series, as pip names them.
    #[serde(default)]
    pub pip: IndexMap<String, Vec<String>>,
    /// Logins, by registry host.
    #[serde(default)]
    pub registries: IndexMap<String, Registry>,
}

/// An image: a name to find or pull, or a folder to build.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Its name, such as `odoo:19.0`.
    #[serde(default)]
    pub name: Option<String>,
    /// A folder with a `Dockerfile` to build it from.
    #[serde(default)]
    pub build: Option<PathBuf>,
}

/// A login of an image registry.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// User name.
    pub username: String,
    /// Password or token.
    pub password: Secret,
}

/// Which OpenUpgrade to use for a hop.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenUpgrade {
    /// Version of `openupgrade_scripts`, such as `19.0.1.0.0.407`; the newest when not said.
    #[serde(default)]
    pub scripts: Option<String>,
    /// Version of `openupgrade_framework`.
    #[serde(default)]
    pub framework: Option<String>,
    /// Version of `openupgradelib`.
    #[serde(default)]
    pub openupgradelib: Option<String>,
    /// A repository of the plan (its `name`) to take scripts and framework from instead of PyPI.
    #[serde(default)]
    pub repository: Option<String>,
}

/// How much of the machine a run may use.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Memory of each container, such as `6GiB`.
    #[serde(default)]
    pub memory: Option<String>,
    /// Cores of each container.
    #[serde(default)]
    pub cpus: Option<f64>,
    /// The longest a step may take, such as `4h` or `90m`.
    #[serde(default)]
    pub step_timeout: Option<String>,
}

/// Where results go.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Deliver {
    /// The folder, from the plan's.
    pub to: PathBuf,
}

impl Default for Deliver {
    fn default() -> Self {
        Deliver {
            to: PathBuf::from("delivered/${customer}-${target}"),
        }
    }
}

/// What porting a module takes: hours, at best and at worst, written `0.5-2`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// A module, whatever is in it; `1-3` when not said.
    #[serde(default)]
    pub module: Option<String>,
    /// A hundred lines of Python; `0.3-1` when not said.
    #[serde(default)]
    pub python_100: Option<String>,
    /// A hundred lines of scripts and styles; `0.5-3` when not said.
    #[serde(default)]
    pub script_100: Option<String>,
    /// A view; `0.05-0.25` when not said.
    #[serde(default)]
    pub view: Option<String>,
    /// A module that it needs and that OpenUpgrade has not looked at; `0.5-4` when not said.
    #[serde(default)]
    pub uncovered: Option<String>,
    /// A million rows in its own tables; `0.5-4` when not said.
    #[serde(default)]
    pub million_rows: Option<String>,
    /// What a module with tests takes of all that, as a factor; `0.8` when not said.
    #[serde(default)]
    pub with_tests: Option<f64>,
    /// What each hop after the first takes of what the first takes; `0.5` when not said.
    #[serde(default)]
    pub further_hop: Option<f64>,
}

/// The contract with the customer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// What kind of contract it is.
    pub kind: Kind,
    /// Its first day (`2025-03-01`); every kind but `none` has one.
    #[serde(default)]
    pub since: Option<String>,
    /// Its last day, once notice was given. The first twelve months are billed anyway.
    #[serde(default)]
    pub until: Option<String>,
    /// When the last upgrade was delivered. The next one is included twelve months later.
    #[serde(default)]
    pub last_upgrade: Option<String>,
    /// Whether the customer has a patch agreement besides. Hot-fixes need one, and so does maintenance.
    #[serde(default)]
    pub patch_agreement: bool,
    /// What things cost.
    #[serde(default)]
    pub price: Option<Price>,
    /// Modules that the agreement covers and that are billed, with `*` as a wildcard; all of them when not said.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Steps of the plan that are work of a category which the contract treats by itself: `sql fixes/clean.sql`:
    /// `data-cleaning`.
    #[serde(default)]
    pub steps: IndexMap<String, Category>,
}

/// What things cost, without VAT.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// ISO code of the currency.
    pub currency: String,
    /// A hundred lines of code for a month, such as `180`.
    #[serde(default)]
    #[schemars(schema_with = "amount")]
    pub per_100_lines_month: Option<String>,
    /// What becomes of lines that are not a whole hundred, once all modules are added up.
    #[serde(default)]
    pub lines: LineRounding,
    /// The patch agreement for a month.
    #[serde(default)]
    #[schemars(schema_with = "amount")]
    pub patches_month: Option<String>,
    /// Once for each upgrade, when it starts, for its test and development instances; 9900 when not said, with an
    /// agreement in SEK.
    #[serde(default)]
    #[schemars(schema_with = "amount")]
    pub upgrade_fee: Option<String>,
    /// An hour of work that is not included.
    #[serde(default)]
    #[schemars(schema_with = "amount")]
    pub hour: Option<String>,
    /// Discount on the hour for holders of an agreement, such as `10%`.
    #[serde(default)]
    pub hour_discount: Option<String>,
    /// VAT; `25%` when not said.
    #[serde(default)]
    pub vat: Option<String>,
}

/// A number that stays exactly as it is written.
fn amount(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "number", "null"] })
}

/// How reports are written.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `en` or `sv`.
    #[serde(default)]
    pub language: Option<String>,
}
