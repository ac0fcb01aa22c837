//! What plans and playbooks add: SQL, Python, modules, commands, checks.

use serde_json::json;

use super::Workshop;
use super::database::Database;
use super::deeds::{self, Watch};
use super::odoo_container::{self, CONFIG, OdooRun, WORK};
use super::question::{self, Asked};
use super::snapshot::Snapshot;
use super::stop::Tail;
use crate::engine::{Done, StepContext, Stop};
use crate::event::Finding;
use crate::ident::Series;
use crate::plan::Place;
use crate::spec::{Script, Verb};

/// Runs a script of a plan or playbook on the working database.
pub(super) async fn run(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    (series, place): (Series, Place),
    script: &Script,
) -> Result<Done, Stop> {
    match &script.verb {
        Verb::Sql { file, text } => {
            let named = (file.display().to_string(), script.title.as_str());
            sql(workshop, database, context, named, text).await
        }
        Verb::Check { .. } | Verb::Ask(_) => {
            let findings = ask(workshop, database, context, series, &script.verb).await?;
            Ok(Done {
                result: json!({ "findings": findings.len() }),
                findings,
                identity: None,
            })
        }
        Verb::Python { file, text } => {
            let watch = Watch::begin(workshop, database, context).await?;
            let wrapped = format!("{text}\nenv.cr.commit()\n");
            let file = file.display().to_string();
            let ran = python(workshop, database, context, series, &file, &wrapped).await;
            if ran.is_err() {
                watch.forget().await;
                return ran;
            }
            watch.end(workshop, None, &script.title, context).await?;
            ran
        }
        Verb::Install(modules) => odoo(workshop, database, context, series, "-i", modules).await,
        Verb::Update(modules) => odoo(workshop, database, context, series, "-u", modules).await,
        Verb::Uninstall(modules) if place == Place::After => {
            uninstall_in_odoo(workshop, database, context, series, modules).await
        }
        Verb::Uninstall(modules) => super::modules::uninstall(workshop, database, context, modules).await,
        Verb::Command(words) => command(workshop, database, context, series, words).await,
    }
}

/// Asks the working database, which stays what it is: Python is let loose on a copy.
async fn ask(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    verb: &Verb,
) -> Result<Vec<Finding>, Stop> {
    let name = workshop.names.database();
    if verb.needs_odoo() {
        let copy = format!("{name}_check");
        super::checkpoint::copied(workshop, database, context, (&name, &copy), async {
            question::ask_odoo(workshop, database, context, (series, &copy), verb).await
        })
        .await
    } else {
        let moment = Snapshot::open(database, &name, context).await?;
        let place = Asked {
            before: None,
            after: &moment,
        };
        let findings = question::ask(workshop, context, &place, verb).await;
        moment.close().await;
        findings
    }
}

async fn sql(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    (file, title): (String, &str),
    text: &str,
) -> Result<Done, Stop> {
    let watch = Watch::begin(workshop, database, context).await?;
    let script = deeds::telling(text);
    let name = workshop.names.database();
    let ran = database.sql(&name, &script, &file, &context.cancel).await;
    let printed = match ran {
        Ok(printed) => printed,
        Err(stop) => {
            watch.forget().await;
            return Err(stop.hint("the transaction was rolled back; correct the script and run again"));
        }
    };
    let (printed, tables) = deeds::tables(&printed);
    if !printed.trim().is_empty() {
        context.log.write(printed.as_bytes());
    }
    let noted = watch.end(workshop, Some(&tables), title, context).await?;
    Ok(Done::with(json!({ "file": file, "noted": noted })))
}

async fn python(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    file: &str,
    text: &str,
) -> Result<Done, Stop> {
    let name = workshop.names.database();
    let path = format!("{WORK}/script.py");
    // `odoo shell` reads its input like an interactive session and goes on after an error; a file does not.
    // What JSON quotes, Python reads as the same text; Rust's own way of quoting it does not know.
    let quoted = serde_json::Value::from(file);
    let driver = format!(
        "import sys, traceback\ntry:\n    exec(compile(open('{path}', encoding='utf-8').read(), {quoted}, 'exec'))\n\
         except BaseException:\n    traceback.print_exc()\n    sys.stderr.flush()\n    import os\n    os._exit(1)\n\n"
    );
    let start = format!("{WORK}/driver.py");
    let run = OdooRun {
        role: "python",
        series,
        database: &name,
        command: odoo_container::shell_command(&name, &start),
        accelerated: false,
        files: vec![(path, text.as_bytes().to_vec()), (start.clone(), driver.into_bytes())],
    };
    finish(workshop, database, context, run, file).await
}

async fn command(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    words: &[String],
) -> Result<Done, Stop> {
    let name = workshop.names.database();
    let from = workshop.facts.from;
    let command: Vec<String> = words.iter().map(|word| workshop.plan.fill(word, from)).collect();
    let what = command.join(" ");
    let run = OdooRun {
        role: "command",
        series,
        database: &name,
        command,
        accelerated: false,
        files: vec![],
    };
    finish(workshop, database, context, run, &what).await
}

async fn finish(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    run: OdooRun<'_>,
    what: &str,
) -> Result<Done, Stop> {
    let mut tail = Tail::default();
    let ended = odoo_container::run(workshop, database, context, run, &mut |_, bytes| tail.feed(bytes)).await?;
    let exit = ended.remove(workshop).await?;
    if exit.success() {
        Ok(Done::with(json!({ "what": what })))
    } else {
        let excerpt = tail
            .lines(15)
            .into_iter()
            .filter(|line| !line.contains(" INFO "))
            .collect::<Vec<_>>();
        Err(Stop::step(format!("{what} failed with exit code {}", exit.code)).excerpt(excerpt))
    }
}

/// Installs or updates modules with Odoo of the hop's series.
async fn odoo(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    flag: &str,
    modules: &[String],
) -> Result<Done, Stop> {
    let name = workshop.names.database();
    let list = modules.join(",");
    let command = [
        "odoo",
        "-c",
        CONFIG,
        "-d",
        &name,
        flag,
        &list,
        "--stop-after-init",
        "--no-http",
        "--max-cron-threads=0",
    ];
    let run = OdooRun {
        role: "modules",
        series,
        database: &name,
        command: command.map(str::to_owned).to_vec(),
        accelerated: false,
        files: vec![],
    };
    super::judge::run(workshop, database, context, run).await?;
    Ok(Done::with(json!({ "modules": modules })))
}

/// Uninstalls modules through the ORM of the upgraded database, also those that are only marked for it.
pub(super) async fn uninstall_in_odoo(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    modules: &[String],
) -> Result<Done, Stop> {
    let text = format!(
        "names = {modules:?}\nstates = ['installed', 'to remove']\n\
         modules = env['ir.module.module'].search([('name', 'in', names), ('state', 'in', states)])\n\
         modules.write({{'state': 'installed'}})\nmodules.button_immediate_uninstall()\nenv.cr.commit()\n"
    );
    let what = format!("uninstall {}", modules.join(", "));
    python(workshop, database, context, series, &what, &text).await
}
