//! What plans and playbooks ask of a database: SQL and Python that only read.

use super::Workshop;
use super::database::Database;
use super::odoo_container::{self, OdooRun, WORK};
use super::stop::last_lines;
use crate::engine::{StepContext, Stop};
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::spec::{Ask, Expected, Verb};

/// Lines of evidence that a finding carries; the rest is counted.
const NAMED: usize = 10;

/// Runs what the plan says with `env` and an empty list `findings`, keeps nothing, and writes the list down.
const DRIVER: &str = r"import json, sys, traceback
findings = []
try:
    exec(compile(open(SCRIPT, encoding='utf-8').read(), NAME, 'exec'))
    with open(RESULT, 'w', encoding='utf-8') as result:
        json.dump([str(finding) for finding in findings], result)
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
finally:
    env.cr.rollback()

";

/// The databases that are asked.
pub(super) struct Asked<'a> {
    /// The series of the one after.
    pub(super) series: Series,
    /// The one before the first hop, at the end of a run.
    pub(super) before: Option<(&'a Database, &'a str)>,
    /// The one that is asked.
    pub(super) after: (&'a Database, &'a str),
}

/// Asks one question and returns what is wrong with the answer. What is no question has no answer.
pub(super) async fn ask(
    workshop: &Workshop,
    context: &StepContext,
    place: &Asked<'_>,
    verb: &Verb,
) -> Result<Vec<Finding>, Stop> {
    match verb {
        Verb::Check { file, text } if verb.needs_odoo() => {
            let file = file.display().to_string();
            let lines = python(workshop, context, place, &file, text).await?;
            Ok(rows(&file, lines))
        }
        Verb::Check { file, text } => {
            let file = file.display().to_string();
            let lines = answer(place.after, text, &file, context).await?;
            Ok(rows(&file, lines))
        }
        Verb::Ask(question) => sql(question, place, context).await,
        _ => Ok(Vec::new()),
    }
}

/// Runs SQL that only reads and returns its rows.
async fn answer(
    (database, name): (&Database, &str),
    text: &str,
    what: &str,
    context: &StepContext,
) -> Result<Vec<String>, Stop> {
    let script = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n{text}\n;ROLLBACK;\n");
    let printed = database.sql(name, &script, what, &context.cancel).await?;
    Ok(printed
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect())
}

async fn sql(question: &Ask, place: &Asked<'_>, context: &StepContext) -> Result<Vec<Finding>, Stop> {
    let now = answer(place.after, &question.sql, &question.title, context).await?;
    let (message, evidence) = match (&question.expect, place.before) {
        (Expected::Empty, _) => {
            let rows = crate::words::count(now.len(), "row");
            (format!("the answer has {rows}, and should have none"), now)
        }
        (Expected::Value(value), _) => {
            let said = now.join(" ");
            let evidence = if said == *value {
                Vec::new()
            } else {
                vec![format!("`{value}` expected, `{said}` found")]
            };
            ("the answer is another".to_owned(), evidence)
        }
        (Expected::Same, Some(before)) => {
            let was = answer(before, &question.sql, &question.title, context).await?;
            let gone = was
                .iter()
                .filter(|row| !now.contains(row))
                .map(|row| format!("before only: {row}"));
            let new = now
                .iter()
                .filter(|row| !was.contains(row))
                .map(|row| format!("after only: {row}"));
            ("the answer is not what it was".to_owned(), gone.chain(new).collect())
        }
        (Expected::Same, None) => return Err(Stop::step(format!("{}: there is no database before", question.title))),
    };
    Ok(found(question.severity, &question.title, message, evidence))
}

/// Every row is a fault.
fn rows(file: &str, lines: Vec<String>) -> Vec<Finding> {
    let rows = crate::words::count(lines.len(), "row");
    found(
        Severity::Error,
        file,
        format!("the check returned {rows}, and should return none"),
        lines,
    )
}

fn found(severity: Severity, subject: &str, message: String, mut evidence: Vec<String>) -> Vec<Finding> {
    if evidence.is_empty() {
        return Vec::new();
    }
    if evidence.len() > NAMED {
        let more = evidence.len() - NAMED;
        evidence.truncate(NAMED);
        evidence.push(format!("… and {more} more"));
    }
    vec![Finding {
        severity,
        code: "check-failed".into(),
        area: "checks".into(),
        subject: subject.into(),
        message,
        remedy: "look at the rows below; correct the data in a `before` or `after` step, or the check".into(),
        evidence,
    }]
}

async fn python(
    workshop: &Workshop,
    context: &StepContext,
    place: &Asked<'_>,
    file: &str,
    text: &str,
) -> Result<Vec<String>, Stop> {
    let (database, name) = place.after;
    let (path, start, result) = (
        format!("{WORK}/check.py"),
        format!("{WORK}/driver.py"),
        format!("{WORK}/findings.json"),
    );
    // What JSON quotes, Python reads as the same text.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let driver = format!(
        "SCRIPT, NAME, RESULT = {}, {}, {}\n{DRIVER}",
        quoted(&path),
        quoted(file),
        quoted(&result)
    );
    let run = OdooRun {
        role: "check",
        series: place.series,
        database: name,
        command: odoo_container::shell_command(name, &start),
        files: vec![(path, text.as_bytes().to_vec()), (start.clone(), driver.into_bytes())],
    };
    let mut tail = String::new();
    let ended = odoo_container::run(workshop, database, context, run, &mut |_, bytes| {
        tail.push_str(&String::from_utf8_lossy(bytes));
        if tail.len() > 64 << 10 {
            tail = last_lines(&tail, 60).join("\n");
        }
    })
    .await?;
    let read = ended.read(workshop, &result).await;
    ended.remove(workshop).await?;
    let lines = read?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    lines.ok_or_else(|| Stop::step(format!("the check {file} did not come to its end")).excerpt(last_lines(&tail, 15)))
}
