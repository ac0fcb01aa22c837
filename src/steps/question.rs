//! What plans and playbooks ask of a database: SQL and Python that only read.

use std::collections::HashMap;
use std::path::Path;

use super::Workshop;
use super::database::Database;
use super::odoo_container::{self, OdooRun, WORK};
use super::snapshot::Snapshot;
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
except BaseException as error:
    traceback.print_exc()
    sys.stderr.flush()
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME]
    line = lines[-1] if lines else getattr(error, 'lineno', None)
    with open(RESULT, 'w', encoding='utf-8') as result:
        json.dump({'line': line, 'error': type(error).__name__ + ': ' + str(error)}, result)
finally:
    env.cr.rollback()

";

/// What the driver writes down.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Ended {
    /// What the check found.
    Well(Vec<String>),
    /// Where in the check what was raised, and what.
    Badly { line: Option<u32>, error: String },
}

/// The databases that SQL asks.
pub(super) struct Asked<'a> {
    /// The one before the first hop, at the end of a run.
    pub(super) before: Option<&'a Snapshot>,
    /// The one that is asked.
    pub(super) after: &'a Snapshot,
}

/// Asks one question in SQL and returns what is wrong with the answer. What is no such question has no answer.
pub(super) async fn ask(
    workshop: &Workshop,
    context: &StepContext,
    place: &Asked<'_>,
    verb: &Verb,
) -> Result<Vec<Finding>, Stop> {
    match verb {
        Verb::Check { file, text } if !verb.needs_odoo() => {
            let file = told(workshop, file);
            let lines = answer(place.after, text, &file, context).await?;
            Ok(rows(&file, lines))
        }
        Verb::Ask(question) => sql(question, place, context).await,
        _ => Ok(Vec::new()),
    }
}

/// Asks one question in Python, in a database that is a copy: whatever it does there is gone with it. What is no such
/// question has no answer.
pub(super) async fn ask_odoo(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    (series, copy): (Series, &str),
    verb: &Verb,
) -> Result<Vec<Finding>, Stop> {
    let Verb::Check { file, text } = verb else {
        return Ok(Vec::new());
    };
    let file = told(workshop, file);
    let lines = python(workshop, database, context, (series, copy), (&file, text)).await?;
    Ok(rows(&file, lines))
}

/// Runs SQL that only reads and returns its rows.
async fn answer(moment: &Snapshot, text: &str, what: &str, context: &StepContext) -> Result<Vec<String>, Stop> {
    let mut rows = Vec::new();
    let mut take = |line: &str| {
        if !line.trim().is_empty() {
            rows.push(line.to_owned());
        }
    };
    moment.lines(text, what, context, &mut take).await?;
    Ok(rows)
}

async fn sql(question: &Ask, place: &Asked<'_>, context: &StepContext) -> Result<Vec<Finding>, Stop> {
    if !has_tables(place.after, question, context).await? {
        return Ok(Vec::new());
    }
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
            let was = if has_tables(before, question, context).await? {
                answer(before, &question.sql, &question.title, context).await?
            } else {
                Vec::new()
            };
            let differences = differences(&was, &now);
            let rows = crate::words::count(differences.len(), "row");
            (format!("the answer is not what it was: {rows} differ"), differences)
        }
        (Expected::Same, None) => return Err(Stop::step(format!("{}: there is no database before", question.title))),
    };
    let mut found = found(question.severity, &question.title, message, evidence);
    if let Some(remedy) = &question.remedy {
        for finding in &mut found {
            finding.remedy.clone_from(remedy);
        }
    }
    Ok(found)
}

/// Says whether the database has what a question is about.
async fn has_tables(moment: &Snapshot, question: &Ask, context: &StepContext) -> Result<bool, Stop> {
    if question.needs.is_empty() {
        return Ok(true);
    }
    let tables: Vec<String> = question.needs.iter().map(|table| table.replace('\'', "''")).collect();
    let sql = format!(
        "SELECT bool_and(to_regclass(quote_ident(name)) IS NOT NULL) FROM unnest(ARRAY['{}']) AS name",
        tables.join("', '")
    );
    let said = moment.sql(&sql, &question.title, context).await?;
    Ok(said.trim() == "t")
}

/// Returns the rows that one answer has more often than the other.
fn differences(was: &[String], now: &[String]) -> Vec<String> {
    let mut balance: HashMap<&str, i64> = HashMap::new();
    for row in was {
        *balance.entry(row).or_default() += 1;
    }
    for row in now {
        *balance.entry(row).or_default() -= 1;
    }
    let mut take = |rows: &[String], sign: i64, word: &str| -> Vec<String> {
        let mut taken = Vec::new();
        for row in rows {
            if let Some(left) = balance.get_mut(row.as_str()).filter(|left| **left * sign > 0) {
                *left -= sign;
                taken.push(format!("{word}: {row}"));
            }
        }
        taken
    };
    let mut all = take(was, 1, "before only");
    all.extend(take(now, -1, "after only"));
    all
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
        since: None,
    }]
}

async fn python(
    workshop: &Workshop,
    database: &Database,
    context: &StepContext,
    (series, name): (Series, &str),
    (file, text): (&str, &str),
) -> Result<Vec<String>, Stop> {
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
        series,
        database: name,
        command: odoo_container::shell_command(name, &start),
        accelerated: false,
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
    let message = match read?.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(Ended::Well(lines)) => return Ok(lines),
        Some(Ended::Badly {
            line: Some(line),
            error,
        }) => format!("the check {file} broke at line {line}: {error}"),
        Some(Ended::Badly { line: None, error }) => format!("the check {file} broke: {error}"),
        None => format!("the check {file} did not come to its end"),
    };
    Err(Stop::step(message).excerpt(last_lines(&tail, 15)))
}

/// Returns a file as the plan names it.
fn told(workshop: &Workshop, file: &Path) -> String {
    let file = file.strip_prefix(&workshop.plan.folder).unwrap_or(file);
    file.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_there_once_less_differs_once() {
        let rows = |rows: &[&str]| -> Vec<String> { rows.iter().map(ToString::to_string).collect() };
        let was = rows(&["a", "a", "b"]);
        assert_eq!(differences(&was, &was), Vec::<String>::new());
        assert_eq!(
            differences(&was, &rows(&["b", "a", "c"])),
            ["before only: a", "after only: c"]
        );
    }
}
