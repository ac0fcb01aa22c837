//! Says whether a run of Odoo went well, and when it did not, why: from its exit code, its log, and what the database says.

use serde_json::json;

use super::Workshop;
use super::database::Database;
use super::odoo_container::{self, OdooRun};
use super::stop::Tail;
use super::watch::Watch;
use super::{fitting_build, postmortem};
use crate::container::{Exit, Stream};
use crate::engine::{StepContext, Stop};
use crate::event::FailureKind;
use crate::ident::Series;
use crate::odoo::accelerate::{self, Accelerated};
use crate::odoo::log::{Blame, HopLogSummary, ModuleProgress};
use crate::spec::Verb;
use crate::words;

/// How many lines of proof a person is shown; with the message and the hints around them they fill half a screen.
const LINES: usize = 12;
/// How many of the last lines of a log tell where it ended.
const LAST: usize = 5;

/// What a run of Odoo left behind.
struct Left {
    /// How its process ended.
    exit: Exit,
    /// What its log says.
    summary: HopLogSummary,
    /// Where it was last.
    at: Option<ModuleProgress>,
    /// The last lines of its log.
    tail: Vec<String>,
}

/// Runs Odoo until it has loaded its modules, and returns what its log says and which patches applied, or why that did
/// not go well.
pub(super) async fn run(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    run: OdooRun<'_>,
) -> Result<(HopLogSummary, Accelerated), Stop> {
    let series = run.series;
    let mut patches = accelerate::Listener::default();
    let mut watch = Watch::new(workshop, context);
    let mut tail = Tail::default();
    let ended = odoo_container::run(workshop, database, context, run, &mut |stream, bytes| {
        if stream == Stream::Out {
            patches.feed(bytes);
        }
        tail.feed(bytes);
        watch.hear(bytes);
    })
    .await;
    let at = watch.at();
    let tail = tail.lines(LAST);
    let ended = ended.map_err(|mut stop| {
        // Told to stop: a person wants to know in what.
        stop.failure
            .hints
            .extend(at.as_ref().map(|at| format!("odoo was {}", whereabouts(at))));
        stop.excerpt(tail.clone())
    })?;
    let left = Left {
        exit: ended.remove(workshop).await?,
        summary: watch.finish(workshop),
        at,
        tail,
    };
    let log = Box::new(json!({ "log": left.summary }));
    judge(workshop, database, context, series, left)
        .await
        .map(|summary| (summary, patches.finish()))
        .map_err(|mut stop| {
            stop.result = log;
            stop
        })
}

/// Returns what the log of a run that went well says, or why it did not.
async fn judge(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    series: Series,
    left: Left,
) -> Result<HopLogSummary, Stop> {
    let Left {
        exit,
        summary,
        at,
        tail,
    } = left;
    if exit.success() && summary.modules_loaded && summary.errors.is_empty() {
        return Ok(summary);
    }
    let place = at
        .as_ref()
        .map_or_else(String::new, |at| format!("{}: ", whereabouts(at)));
    if exit.out_of_memory {
        let limit = workshop.plan.limits.memory.map(words::bytes);
        let limit = limit.map_or_else(String::new, |limit| {
            format!(": more than `limits.memory` allows, {limit}")
        });
        return Err(
            Stop::environment(format!("{place}Odoo's container ran out of memory{limit}"))
                .hint("raise `limits.memory` in the plan, or remove it; then run again")
                .excerpt(tail),
        );
    }
    let what = match &summary.cause {
        Some(cause) => cause.clone(),
        None if !exit.success() => format!("Odoo ended with exit code {}", exit.code),
        None if !summary.modules_loaded => "Odoo never said `Modules loaded.`".to_owned(),
        None => format!(
            "Odoo ended with exit code 0 and had logged {}",
            words::count(summary.errors.len(), "error")
        ),
    };
    let kind = match summary.blame {
        Blame::Killed | Blame::Postgres => FailureKind::Environment,
        Blame::Code | Blame::StatementTimeout | Blame::Deadlock | Blame::OpenUpgrade => FailureKind::Step,
    };
    let mut stop = Stop::new(kind, format!("{place}{what}")).excerpt(proof(&summary, tail));
    match summary.blame {
        Blame::StatementTimeout => stop = stop.hint(timeout_set_by(workshop, database, context).await),
        Blame::Deadlock => locked_out(workshop, database, context, &mut stop).await,
        Blame::OpenUpgrade => stop = stop.hint(fitting_build::hint(workshop, context, series).await),
        Blame::Code => {
            if let Some(passed_over) = at.as_ref().and_then(|at| passed_over(workshop, series, &at.module)) {
                stop = stop.hint(passed_over);
                stop = stop.hint(fitting_build::hint(workshop, context, series).await);
                // What else the log suggests is to correct code that nobody here wrote.
                return Err(stop);
            }
        }
        Blame::Postgres | Blame::Killed => {}
    }
    for hint in summary.hints {
        stop = stop.hint(hint);
    }
    Err(stop)
}

/// Says that the scripts for a module did not run, where OpenUpgrade is ahead of the image's Odoo.
fn passed_over(workshop: &Workshop, series: Series, module: &str) -> Option<String> {
    let image = workshop.image(series).ok()?;
    let scripts = image.probe.late.get(module)?;
    Some(format!(
        "OpenUpgrade is newer than this Odoo: its scripts for `{module}` are of {scripts}, which this Odoo has not reached, so they did not run"
    ))
}

/// Says where Odoo was.
fn whereabouts(at: &ModuleProgress) -> String {
    if at.module.is_empty() {
        "cleaning up".into()
    } else {
        format!("at module {} ({} of {})", at.module, at.index, at.total)
    }
}

fn proof(summary: &HopLogSummary, tail: Vec<String>) -> Vec<String> {
    if !summary.excerpt.is_empty() {
        return summary.excerpt.clone();
    }
    if summary.errors.is_empty() {
        return tail;
    }
    let errors = summary.errors.iter().take(3);
    let lines = errors.flat_map(|record| record.message.lines().take(LINES).map(str::to_owned));
    lines.take(LINES).collect()
}

/// Says who set a time limit for queries.
async fn timeout_set_by(workshop: &Workshop, database: &Database, context: &StepContext) -> String {
    let scripts = workshop
        .plan
        .hops
        .values()
        .flat_map(|hop| hop.before.iter().chain(&hop.after));
    let setting = scripts.filter_map(|script| match &script.verb {
        Verb::Sql { file, text } | Verb::Python { file, text } if text.contains("statement_timeout") => {
            let file = file.strip_prefix(&workshop.plan.folder).unwrap_or(file);
            Some(format!("`{}`", file.display()))
        }
        _ => None,
    });
    let setting: Vec<String> = setting.collect();
    if !setting.is_empty() {
        return format!(
            "the plan's own step {} sets that limit: remove it there",
            setting.join(", ")
        );
    }
    let sql = "SELECT coalesce(json_agg(format('ALTER %s RESET statement_timeout;', \
                 CASE WHEN setdatabase = 0 THEN format('ROLE %I', rolname) \
                      WHEN setrole = 0 THEN format('DATABASE %I', datname) \
                      ELSE format('ROLE %I IN DATABASE %I', rolname, datname) END)), '[]') \
               FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase LEFT JOIN pg_roles r ON r.oid = setrole \
               WHERE EXISTS (SELECT FROM unnest(setconfig) AS one WHERE one LIKE 'statement_timeout=%')";
    let found: Result<Vec<String>, Stop> = database
        .json("postgres", sql, "ask who set the statement timeout", &context.cancel)
        .await;
    match found.as_deref() {
        Ok([]) => {
            "neither role nor database has such a limit: the PostgreSQL image or the script itself sets it".into()
        }
        Ok(resets) => format!(
            "the limit is set in the database: `{}` in a `sql` step undoes that",
            resets.join(" ")
        ),
        Err(_) => "look for `statement_timeout` in the database, the role and the PostgreSQL image".into(),
    }
}

/// Names the tables that a deadlock was about, and what both sides wanted.
async fn locked_out(workshop: &Workshop, database: &Database, context: &StepContext, stop: &mut Stop) {
    let numbers: Vec<String> = stop.failure.excerpt.iter().flat_map(|line| relations(line)).collect();
    if !numbers.is_empty() {
        let sql = format!(
            "SELECT coalesce(json_agg(oid::regclass::text ORDER BY oid), '[]') FROM pg_class WHERE oid IN ({})",
            numbers.join(", ")
        );
        let name = workshop.names.database();
        let tables: Result<Vec<String>, Stop> = database
            .json(&name, &sql, "ask for the tables of the deadlock", &context.cancel)
            .await;
        if let Ok(tables) = tables.as_deref()
            && !tables.is_empty()
        {
            let message = &mut stop.failure.message;
            *message = format!("{message} (tables {})", tables.join(", "));
        }
    }
    let log = postmortem::log_of(workshop, database).await;
    let statements = log.lines().filter(|line| {
        let line = line.trim_start();
        line.strip_prefix("Process ")
            .and_then(|rest| rest.split_once(": "))
            .is_some_and(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let statements: Vec<String> = statements.map(|line| line.trim().to_owned()).collect();
    let last = statements.len().saturating_sub(2);
    stop.failure.excerpt.extend(statements.into_iter().skip(last));
}

/// Reads the numbers of relations that a line names.
fn relations(line: &str) -> Vec<String> {
    let parts = line.split(" on relation ").skip(1);
    let number = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
    parts.map(number).filter(|number| !number.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_a_deadlock_are_read_from_its_detail() {
        let line = "DETAIL:  Process 91 waits for AccessExclusiveLock on relation 16432 of database 16384; blocked by process 99.";
        assert_eq!(relations(line), ["16432"]);
        assert!(relations("Process 99 waits for ShareLock on transaction 812").is_empty());
    }
}
