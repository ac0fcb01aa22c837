//! Looking at everything that an assessment is made from: the backup, OpenUpgrade's releases, the plan's code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::agreement::{self, Project};
use crate::assess::Past;
use crate::cli::bill::projects;
use crate::cli::cloc;
use crate::cli::code;
use crate::cli::environment::Environment;
use crate::cli::failure::{Failure, exit};
use crate::cli::gather::{Pins, read_plan, stopped};
use crate::ident::{Series, StepId};
use crate::journal::{History, Remembered, StateFolder};
use crate::odoo::cloc::{Python, Rules, Tally};
use crate::odoo::fates::{Code, Hop, Known};
use crate::odoo::log::{ModuleTime, Slowest};
use crate::odoo::openupgrade::{Release, package};
use crate::plan::odoo_series;
use crate::spec::{Engine, Fate, Lock, Plan, Role};
use crate::steps::Settings;
use crate::world::backup::BackupError;
use crate::world::openupgrade::{Releases, named};
use crate::world::survey::{Surveyed, survey};

/// What is to be looked at.
pub(in crate::cli) struct Wanted<'a> {
    /// A backup or a plan.
    pub what: &'a Path,
    /// The series to go to, where somebody said so.
    pub to: Option<Series>,
    /// The filestore apart from the backup.
    pub filestore: Option<&'a Path>,
    /// Releases of OpenUpgrade that somebody named.
    pub openupgrade: &'a [PathBuf],
}

/// What was seen.
pub(in crate::cli) struct Looked {
    /// The backup and what is in it.
    pub surveyed: Surveyed,
    /// The plan, when one was named.
    pub plan: Option<Plan>,
    /// The hops to the target, with what is known of each.
    pub hops: Vec<Hop>,
    /// Earlier runs, of this customer and of those beside it, by the series that the hop ended at.
    pub past: BTreeMap<Series, Vec<Past>>,
    /// The customer's code of the series the database comes from: what lives in it, and what the plan's repositories have.
    pub code: Tally,
    /// Upgrades that are known of the plan's customer.
    pub projects: Vec<Project>,
}

impl Looked {
    /// Returns what fates are told from.
    pub(in crate::cli) fn known(&self) -> Known<'_> {
        let rules = |wanted: Fate| -> BTreeSet<String> {
            let plan = self.plan.iter();
            let rules = plan.flat_map(|plan| plan.modules.iter());
            rules
                .filter(|(_, rule)| rule.fate == wanted)
                .map(|(name, _)| name.clone())
                .collect()
        };
        let mut uninstalled = rules(Fate::Uninstall);
        if let (Some(plan), Some(first)) = (&self.plan, self.hops.first()) {
            uninstalled.extend(plan.uninstalled_before(first.to).into_iter().map(str::to_owned));
        }
        // A plan without a contract has terms too: they are of no kind, and cover nothing.
        let terms = self.plan.as_ref().map(|plan| &plan.terms);
        let terms = terms.filter(|terms| terms.kind != agreement::Kind::None);
        Known {
            modules: &self.surveyed.survey.modules,
            enterprise: self.surveyed.enterprise,
            hops: self.hops.clone(),
            has_plan: self.plan.is_some(),
            uninstalled,
            kept: rules(Fate::Keep),
            covered: match terms {
                Some(terms) => {
                    let modules = self.surveyed.survey.modules.keys();
                    let covered = modules.filter(|name| agreement::is_covered(&terms.covers, name));
                    covered.cloned().collect()
                }
                None => BTreeSet::new(),
            },
        }
    }
}

/// Says whether a path is a plan's: plans are YAML, and no backup is.
fn is_plan(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml"))
}

/// Looks at a backup or a plan.
pub(in crate::cli) async fn look(
    wanted: &Wanted<'_>,
    environment: &Environment,
    cancel: &CancellationToken,
) -> Result<Looked, Failure> {
    let plan = if is_plan(wanted.what) {
        Some(read_plan(wanted.what)?)
    } else {
        None
    };
    let settings = environment.settings();
    let (backup, filestore) = match &plan {
        Some(plan) => (plan.backup.clone(), plan.filestore.clone()),
        None => (wanted.what.to_owned(), None),
    };
    let filestore = wanted.filestore.map(Path::to_owned).or(filestore);
    let image = plan.as_ref().map(|plan| plan.images.postgres_name());
    let surveyed = surveyed(&backup, filestore.as_deref(), image, environment, cancel).await?;
    let from = surveyed.series;
    let to = wanted
        .to
        .or(plan.as_ref().map(|plan| plan.target))
        .unwrap_or(Series::NEWEST);
    if to < from {
        return Err(Failure::new(
            exit::USAGE,
            format!("the database is of {from} already: it does not go back to {to}"),
        ));
    }
    let hops = hops(wanted, plan.as_ref(), from, to, &settings, cancel).await?;
    let code = if let Some(plan) = &plan {
        let wanted = cloc::Wanted {
            series: None,
            python: Python::default(),
            all: false,
        };
        let counted = cloc::count_surveyed(plan, &surveyed, &wanted, environment, cancel);
        counted.await?.tally
    } else {
        let rules = Rules::of(from);
        Tally::new(rules, surveyed.own.tally(rules))
    };
    let projects = plan.as_ref().map(projects).transpose()?.unwrap_or_default();
    let folder = plan.as_ref().map_or(PathBuf::from("."), |plan| plan.folder.clone());
    let route: Vec<Series> = hops.iter().map(|hop| hop.to).collect();
    let past = blocking(move || past(&folder, &route)).await?;
    Ok(Looked {
        surveyed,
        plan,
        hops,
        past,
        code,
        projects,
    })
}

/// Surveys a backup; an archive that this machine cannot read is read in a container of PostgreSQL's image.
pub(in crate::cli) async fn surveyed(
    backup: &Path,
    filestore: Option<&Path>,
    image: Option<String>,
    environment: &Environment,
    cancel: &CancellationToken,
) -> Result<Surveyed, Failure> {
    let here = {
        let (backup, filestore, token) = (backup.to_owned(), filestore.map(Path::to_owned), cancel.clone());
        blocking(move || survey(&backup, filestore.as_deref(), &|| token.is_cancelled())).await?
    };
    let surveyed = match here {
        Err(error @ BackupError::NoPgRestore { .. }) => {
            super::in_container::survey(backup, filestore, image, environment, cancel)
                .await
                .ok_or(error)?
        }
        other => other,
    };
    surveyed.map_err(|error| stopped(cancel).unwrap_or_else(|| Failure::from(error)))
}

/// Returns what the customers of a folder have been through, as their journals tell.
fn past(folder: &Path, route: &[Series]) -> BTreeMap<Series, Vec<Past>> {
    let mut past: BTreeMap<Series, Vec<Past>> = BTreeMap::new();
    let customers = fs_err::read_dir(folder.join(".hopp")).into_iter().flatten().flatten();
    let mut names: Vec<String> = customers
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names {
        let history = History::load(&StateFolder::beside(folder, &name));
        for series in route {
            let newest = history.newest(&StepId::new(format!("{series}/upgrade")));
            past.entry(*series).or_default().extend(newest.and_then(of_run));
        }
    }
    past
}

/// Reads off a finished hop how long it took, and of what.
fn of_run(hop: &Remembered) -> Option<Past> {
    let modules = hop.result.get("log")?.get("modules")?;
    let modules: Slowest<ModuleTime> = serde_json::from_value(modules.clone()).ok()?;
    Some(Past {
        seconds: std::time::Duration::from_millis(hop.elapsed_ms).as_secs_f64(),
        loaded: modules.count,
        loading: modules.seconds,
        slowest: modules
            .top
            .into_iter()
            .map(|module| (module.module, module.seconds))
            .collect(),
    })
}

/// Returns the hops with what is known of each.
async fn hops(
    wanted: &Wanted<'_>,
    plan: Option<&Plan>,
    from: Series,
    to: Series,
    settings: &Settings,
    cancel: &CancellationToken,
) -> Result<Vec<Hop>, Failure> {
    let route: Vec<Series> = Series::all().filter(|series| *series > from && *series <= to).collect();
    let lock = match plan {
        Some(plan) => {
            Lock::read(&Lock::path_for(plan)).map_err(|error| Failure::new(exit::INVALID, error.to_string()))?
        }
        None => Lock::default(),
    };
    let mut work = Vec::new();
    for series in &route {
        let engine = plan.map_or(Engine::Openupgrade, |plan| plan.engine_of(*series));
        let pins = plan.and_then(|plan| plan.openupgrade.get(series));
        let version = pins
            .and_then(|pins| pins.scripts.clone())
            .or_else(|| lock.openupgrade.get(series).and_then(|lock| lock.scripts.clone()));
        // A branch of the plan's own has been checked out where a run was made before.
        let checkout = plan.zip(pins).and_then(|(plan, pins)| {
            let state = StateFolder::beside(&plan.folder, &plan.customer);
            let folder = state.checkout(pins.repository.as_ref()?, &series.to_string());
            folder.is_dir().then_some(folder)
        });
        let search = Look {
            series: *series,
            engine,
            version,
            named: wanted.openupgrade.iter().cloned().chain(checkout).collect(),
            releases: Releases::new(settings.cache.join("openupgrade")),
        };
        work.push(tokio::task::spawn_blocking(move || search.release()));
    }
    let found = match plan {
        Some(plan) if !plan.repositories.is_empty() => {
            let mut lock = lock.clone();
            code::code(plan, &odoo_series(plan, from), settings, &mut lock, Pins::Look, cancel)
                .await?
                .code
        }
        _ => Vec::new(),
    };
    let mut hops = Vec::new();
    for (series, release) in route.iter().zip(work) {
        let release = release
            .await
            .map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))?;
        let of_series = found.iter().filter(|code| code.series == *series);
        let code = of_series.map(|code| Code {
            repository: code.repository.clone(),
            is_custom: plan.is_some_and(|plan| {
                let mut repositories = plan.repositories.iter();
                repositories.any(|known| known.name == code.repository && known.role == Role::Custom)
            }),
            reference: code.reference.clone(),
            exists: code.commit.is_some(),
            modules: code.modules.clone(),
        });
        hops.push(Hop {
            to: *series,
            release,
            code: code.collect(),
        });
    }
    Ok(hops)
}

/// A look for the release of one hop.
struct Look {
    series: Series,
    engine: Engine,
    version: Option<String>,
    named: Vec<PathBuf>,
    releases: Releases,
}

impl Look {
    /// Returns the release, or why nothing is known.
    fn release(&self) -> Result<Release, String> {
        match self.engine {
            Engine::Openupgrade => {}
            Engine::Update => return Ok(Release::default()),
            Engine::OdooService => return Err("Odoo's own service upgrades this database".to_owned()),
        }
        for path in &self.named {
            match named(path, self.series) {
                Ok(Some(release)) => return Ok(release),
                Ok(None) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        let package = package(self.series, "openupgrade-scripts");
        self.releases
            .get(self.series, &package, self.version.as_deref())
            .map_err(|error| error.to_string())
    }
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::new(exit::INTERNAL, format!("a worker thread died: {error}")))
}
