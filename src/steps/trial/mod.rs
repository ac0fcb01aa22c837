//! Modules tried one by one in an Odoo of their series: on databases with what each depends on, and nothing else.
//!
//! The databases with Odoo's own modules stay, in a volume of their own, for the next trial.

mod bench;
mod code;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

use super::database::Database;
use super::names::DATA_DIR;
use super::odoo_container::{self, CODE, CONFIG, OdooRun, WORK};
use super::stop::Tail;
use super::{Settings, Workshop, image, provision};
use crate::container::Stream;
use crate::engine::{StepContext, Stop};
use crate::ident::Series;
use crate::runtime::Runtime;
use crate::spec::Plan;
use crate::verify::trial::{self, Given, Jobs, Places, Trial};

pub use bench::{CUSTOMER, state as trial_state};
use code::Code;
pub use code::TrialModule;

/// The repository that the tried modules are in, as far as Odoo's container can tell.
const REPOSITORY: &str = "trial";
/// The folder below `filestore` that all databases of a trial share.
const FILESTORE: &str = "trial";
/// Templates that are kept; the oldest go.
const TEMPLATES_KEPT: usize = 60;

/// What is tried, and where.
pub struct TrialOrder<'a> {
    /// The series of the modules.
    pub series: Series,
    /// The modules: those to try, and others that they may need.
    pub modules: Vec<TrialModule>,
    /// Whether their tests are run as well.
    pub tests: bool,
    /// The plan whose images and limits are used; the official ones without.
    pub plan: Option<&'a Plan>,
    /// The folder with what belongs to trials of this series: see [`trial_state`].
    pub state: PathBuf,
}

/// Tries modules, and says what came of each. A module that Odoo refuses is a verdict; a stop means that Odoo could not
/// be asked.
pub async fn try_modules(
    runtime: std::sync::Arc<dyn Runtime>,
    settings: &Settings,
    context: &StepContext,
    order: TrialOrder<'_>,
) -> Result<Vec<Trial>, Stop> {
    let (series, tests) = (order.series, order.tests);
    context.progress("reading the modules", None);
    let modules = order.modules;
    let code = super::stop::blocking(move || Code::read(modules).map_err(super::stop::file)).await?;
    let workshop = bench::set_up(&runtime, settings, &order.state, order.plan, series, &code)?;
    let workshop = match images(&workshop, context, series).await {
        Ok(()) => workshop,
        Err(stop) if context.cancel.is_cancelled() || !code.wants_packages() => return Err(stop),
        Err(stop) => {
            // A package that cannot be had stops only the module that wants it.
            context.log.line(&format!(
                "without the packages that modules want: {}",
                stop.failure.message
            ));
            context.progress(
                "the packages that modules want cannot be installed; going on without",
                None,
            );
            let plain = bench::set_up(
                &runtime,
                settings,
                &order.state,
                order.plan,
                series,
                &code.without_packages(),
            )?;
            images(&plain, context, series).await?;
            plain
        }
    };
    let tried = on_databases(&workshop, context, series, &code, tests).await;
    workshop.close().await;
    tried
}

async fn images(workshop: &Workshop, context: &StepContext, series: Series) -> Result<(), Stop> {
    image::postgres(workshop, context).await?;
    image::odoo(workshop, context, series).await.map(drop)
}

async fn on_databases(
    workshop: &Workshop,
    context: &StepContext,
    series: Series,
    code: &Code,
    tests: bool,
) -> Result<Vec<Trial>, Stop> {
    context.progress("PostgreSQL", None);
    let (database, _) = provision::start(workshop, context).await?;
    let templates = templates(&database, context, series).await?;
    let ready = workshop.image(series)?;
    let core: BTreeMap<String, Vec<String>> = (ready.probe.modules.iter())
        .filter(|(_, module)| module.installable)
        .map(|(name, module)| (name.clone(), module.depends.clone()))
        .collect();
    let jobs = Jobs::plan(Given {
        series,
        image: &ready.name,
        core: &core,
        own: &code.depends,
        tried: &code.tried,
        templates: &templates,
        tests,
    });
    let answers = if jobs.jobs.is_empty() {
        BTreeMap::new()
    } else {
        ask(workshop, &database, context, (series, &jobs, code)).await?
    };
    forget_templates(&database, context, series).await?;
    let mut trials = trial::trials(&jobs, &answers, &code.sources);
    trials.extend(code.unreadable.iter().cloned());
    trials.sort_by(|a, b| a.module.cmp(&b.module));
    Ok(trials)
}

/// Runs the jobs in a container of the series.
async fn ask(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    (series, jobs, code): (Series, &Jobs, &Code),
) -> Result<BTreeMap<String, trial::Answer>, Stop> {
    let work = format!("{WORK}/trial");
    let (script, orders) = (format!("{WORK}/trial.py"), format!("{WORK}/orders.json"));
    let probe = workshop.image(series)?.probe;
    let places = Places {
        config: CONFIG,
        code: &format!("{CODE}/{REPOSITORY}"),
        addons: &probe.addons_paths,
        data: DATA_DIR,
        filestore: FILESTORE,
        work: &work,
    };
    let slots = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 4);
    let text = trial::orders(series, jobs, places, slots).to_string();
    let mut files = vec![
        (script.clone(), trial::SCRIPT.as_bytes().to_vec()),
        (orders.clone(), text.into_bytes()),
    ];
    files.extend(code.files(&format!("{CODE}/{REPOSITORY}")));
    let run = OdooRun {
        role: "trial",
        series,
        database: FILESTORE,
        command: vec!["python3".into(), "-B".into(), script, orders],
        accelerated: false,
        files,
    };
    let mut tail = Tail::default();
    let ended = odoo_container::run(workshop, database, context, run, &mut |stream, bytes| {
        if stream == Stream::Err {
            tail.feed(bytes);
        }
        for said in String::from_utf8_lossy(bytes).lines() {
            if let Ok(step) = serde_json::from_str::<Step>(said) {
                let doing = step.judged.unwrap_or_else(|| "Odoo's own modules".into());
                context.progress(doing, Some((step.done, step.of)));
            }
        }
    })
    .await?;
    let read = ended.read(workshop, &trial::result_path(&work)).await;
    let exit = ended.remove(workshop).await?;
    let Some(bytes) = read? else {
        let mut stop = Stop::step(format!("the trial ended early, with exit code {}", exit.code));
        if exit.out_of_memory {
            stop = stop.hint("its memory ran out: raise `limits.memory` in the plan, or remove it");
        }
        return Err(stop.excerpt(tail.lines(15)));
    };
    trial::parse(&bytes).map_err(|error| Stop::step(error.to_string()))
}

/// How far the script is.
#[derive(Deserialize)]
struct Step {
    done: u64,
    of: u64,
    judged: Option<String>,
}

/// Returns the templates of earlier trials, and what is installed in each.
async fn templates(
    database: &Database,
    context: &StepContext,
    series: Series,
) -> Result<BTreeMap<String, BTreeSet<String>>, Stop> {
    // What was not finished is not of that name yet, or was being tried when a trial was killed.
    let unfinished = "SELECT coalesce(json_agg(datname), '[]') FROM pg_database \
                      WHERE datname LIKE 'try\\_%' OR datname LIKE 'pre\\_%' OR datname LIKE '%\\_new'";
    let cancel = &context.cancel;
    let left: Vec<String> = database.json("postgres", unfinished, "list databases", cancel).await?;
    drop_all(database, context, &left).await?;
    let sql = format!(
        "SELECT coalesce(json_object_agg(datname, shobj_description(oid, 'pg_database')::json), '{{}}') \
         FROM pg_database WHERE datname LIKE 't{}\\_%' AND shobj_description(oid, 'pg_database') IS NOT NULL",
        series.major()
    );
    database.json("postgres", &sql, "list templates", cancel).await
}

/// Removes the oldest templates, where there are too many.
async fn forget_templates(database: &Database, context: &StepContext, series: Series) -> Result<(), Stop> {
    let sql = format!(
        "SELECT coalesce(json_agg(datname), '[]') FROM (SELECT datname FROM pg_database \
         WHERE datname LIKE 't{}\\_%' ORDER BY oid DESC OFFSET {TEMPLATES_KEPT}) AS old",
        series.major()
    );
    let old: Vec<String> = database
        .json("postgres", &sql, "list templates", &context.cancel)
        .await?;
    drop_all(database, context, &old).await
}

async fn drop_all(database: &Database, context: &StepContext, names: &[String]) -> Result<(), Stop> {
    for name in names {
        let sql = format!("DROP DATABASE IF EXISTS {}", super::database::identifier(name));
        database
            .sql("postgres", &sql, "remove a database", &context.cancel)
            .await?;
        let link = format!("rm -rf {DATA_DIR}/filestore/'{name}'");
        database
            .shell("root", &link, "remove a filestore", None, &context.cancel)
            .await?;
    }
    Ok(())
}
