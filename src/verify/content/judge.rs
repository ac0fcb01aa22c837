//! What differs and is explained by no rule becomes a finding: one per column, one per kind of loss.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::follows::Losses;
use super::grade;
use super::net::{ColumnDifference, Examples, Net, Row, TableDifference};
use super::pair::{Column, Pair};
use super::value::display;
use crate::event::{Finding, Severity};
use crate::verify::compare::{Comparison, Way};

/// From how many records on a column that is empty in all that had a value has lost everything, and is not one record's.
const EMPTIED: u64 = 10;

/// How many records that are gone are named; the rest is counted.
pub(super) const NAMED: usize = 10;

/// How many records a remedy lists.
const LISTED: usize = 100;

/// What came of the comparison.
pub struct Judged {
    /// The comparison as a whole.
    pub comparison: Comparison,
    /// What no rule explains.
    pub findings: Vec<Finding>,
    /// What is told of records that are gone.
    pub(super) losses: Losses,
}

impl Judged {
    /// Says whether it is told that a record is gone.
    pub fn tells(&self, model: &str, id: i64) -> bool {
        self.losses.tells(model, id)
    }

    /// Makes what is told of the loss of records of a model as bad as this, if it is less.
    pub(super) fn weigh(&mut self, model: &str, severity: Severity) {
        let causes = self.losses.causes(model);
        for finding in &mut self.findings {
            if finding.code == "record-lost" && causes.contains(finding.subject.as_str()) {
                finding.severity = finding.severity.max(severity);
            }
        }
    }
}

/// Makes findings of a net. `dangling` are external ids whose record is gone, as (model, id): what Odoo removes
/// itself takes its external id along.
pub fn judge(mut net: Net, pairs: &[Pair], dangling: &BTreeSet<(String, i64)>, way: &Way) -> Judged {
    let losses = Losses::settle(&mut net, pairs, dangling, way);
    let mut findings = Vec::new();
    let (mut rewritten, mut of_modules) = (0, 0);
    if let Some(shipped) = &net.shipped {
        // What an earlier hop brought, and updates leave alone, is what that series said of it.
        let born = if way.is_far() { &BTreeSet::new() } else { &net.born };
        findings.extend(super::data::contradicted(shipped, born));
    }
    findings.extend(net.doings.findings());
    for (index, table) in &net.tables {
        let Some(pair) = pairs.get(*index) else { continue };
        rewritten += table.rewritten;
        of_modules += table.of_modules;
        if pair.is_link() {
            findings.extend(links(pair, table, way));
            continue;
        }
        findings.extend(lost(pair, table, &losses));
        findings.extend(added(pair, table, way));
        for (index, difference) in &table.changed {
            if let Some(column) = pair.columns.get(*index) {
                let records = table.sample.unwrap_or(table.records_before);
                let kept = table.kept.get(index).copied().unwrap_or_default();
                findings.push(changed(pair, column, difference, (records, kept)));
            }
        }
    }
    findings.extend(losses.of_models_gone(pairs, way));
    let columns: usize = pairs.iter().map(|pair| pair.columns.len()).sum();
    let differing = findings.iter().filter(|finding| finding.area != "checks").count();
    let mut comparison = Comparison::new(
        "records",
        "every record of every model, column by column",
        format!("{} records, {} tables, {columns} columns", net.records, pairs.len()),
        if differing == 0 {
            "the same".to_owned()
        } else {
            format!("{differing} kinds of difference")
        },
    );
    if rewritten + of_modules > 0 {
        comparison = comparison.explained(format!(
            "updates of modules wrote {rewritten} of their own records again and brought {of_modules}"
        ));
    }
    Judged {
        comparison,
        findings,
        losses,
    }
}

fn names(model: &str, examples: &Examples<Row>) -> Vec<String> {
    let some = examples.some.iter().map(|row| name(model, row.1, row.2.as_deref()));
    with_rest(some.collect(), examples.count)
}

pub(super) fn name(model: &str, id: i64, label: Option<&str>) -> String {
    match label {
        Some(label) => format!("{model} {id} ({})", label.replace(['\n', '\r'], " ")),
        None => format!("{model} {id}"),
    }
}

pub(super) fn with_rest(mut lines: Vec<String>, count: u64) -> Vec<String> {
    let more = count - lines.len() as u64;
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    lines
}

fn finding(
    severity: Severity,
    code: &str,
    pair: &Pair,
    (subject, message, remedy): (String, String, String),
    evidence: Vec<String>,
) -> Finding {
    Finding {
        severity,
        code: code.into(),
        area: grade::area(&pair.model).into(),
        subject,
        message,
        remedy,
        evidence,
        since: None,
    }
}

fn lost(pair: &Pair, table: &TableDifference, losses: &Losses) -> Option<Finding> {
    let model = &pair.model;
    let (own, more) = losses.own.get(model)?;
    let count = own.len() as u64 + more;
    let some = own
        .iter()
        .take(NAMED)
        .map(|gone| name(model, gone.id, gone.label.as_deref()));
    let dropped = own.iter().map(|gone| gone.id);
    let dropped = dropped
        .filter(|id| losses.dropped.contains(&(model.clone(), *id)))
        .collect();
    Some(finding(
        losses.severity(model),
        "record-lost",
        pair,
        (
            model.clone(),
            format!(
                "{count} of {} records of {model} are gone{}",
                table.records_before,
                losses.with(model)
            ),
            kept_by(pair, &dropped, &losses.left_behind(model)),
        ),
        with_rest(some.collect(), count),
    ))
}

/// Returns what to do about lost records: `dropped` are those that a `before` step can keep.
fn kept_by(pair: &Pair, dropped: &BTreeSet<i64>, left: &BTreeMap<&str, BTreeSet<i64>>) -> String {
    let mut remedy = format!(
        "find them by id in the table {} of the backup; the hop's log names what was deleted",
        pair.tables[0]
    );
    // Writing to a String cannot fail.
    if !dropped.is_empty() {
        let _ = write!(
            remedy,
            ". Odoo removed {} because no module brings them any more: to keep them, add to `before` of the hop the `sql` step {}",
            dropped.len(),
            keep(&pair.model, dropped)
        );
    }
    for (model, ids) in left
        .iter()
        .filter(|(_, ids)| pair.model == "mail.message" && ids.len() <= LISTED)
    {
        let _ = write!(
            remedy,
            ". What they were about is still there: Odoo takes the messages of a record that no module brings any more before PostgreSQL \
             refuses to delete it, as something points at it. Where that is so, {} in `before` keeps them",
            keep(model, ids)
        );
    }
    remedy
}

/// Returns the SQL that keeps records which no module brings any more.
fn keep(model: &str, ids: &BTreeSet<i64>) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    let ids = ids.join(", ");
    format!("`UPDATE ir_model_data SET noupdate = true WHERE model = '{model}' AND res_id IN ({ids});`")
}

fn added(pair: &Pair, table: &TableDifference, way: &Way) -> Option<Finding> {
    let model = &pair.model;
    let count = table.added.count;
    if count == 0 {
        return None;
    }
    let why = pair.more.map(str::to_owned).or_else(|| {
        way.is_merge_target(model)
            .then(|| format!("records of another model were merged into {model}"))
    });
    let (severity, remedy) = match why {
        Some(why) => (Severity::Info, format!("nothing: {why}")),
        None => match grade::added(model) {
            Severity::Info => (
                Severity::Info,
                "nothing: the upgrade itself makes settings and notes".to_owned(),
            ),
            other => (other, "look at them: what made them?".to_owned()),
        },
    };
    Some(finding(
        severity,
        "record-added",
        pair,
        (
            model.clone(),
            format!("there are {count} records of {model} that were not there and that no module brought"),
            remedy,
        ),
        names(model, &table.added),
    ))
}

/// `kept` of the `records` looked at still hold what they held.
fn changed(pair: &Pair, column: &Column, difference: &ColumnDifference, (records, kept): (u64, u64)) -> Finding {
    let (model, name_of) = (&pair.model, &column.name);
    let count = difference.changes.count;
    let lines = difference.changes.some.iter().map(|change| {
        format!(
            "{}: {} before, {} after",
            name(model, change.id, change.label.as_deref()),
            display(change.before.as_deref()),
            display(change.after.as_deref())
        )
    });
    let evidence = with_rest(lines.collect(), count);
    let conversion = is_conversion(column, difference, records);
    let (severity, code, remedy) = if conversion {
        (
            Severity::Info,
            "column-converted",
            "nothing, if the examples look right: so many records at once are a conversion of the upgrade".to_owned(),
        )
    } else {
        // Whatever all of them held is gone.
        let whole = difference.emptied == count && count >= EMPTIED && kept == 0;
        // A text that somebody wrote and that is gone is a document lost.
        let wiped = difference.emptied > 0 && model == "mail.message" && name_of == "body";
        // A module's view that showed, and that nothing in the hop switched off: what it shows is gone for everybody.
        let off = difference.emptied > 0 && difference.of_modules > 0 && model == "ir.ui.view" && name_of == "active";
        let severity = grade::changed(model, name_of, &column.ttype, difference.filled == count);
        let severity = if wiped || off || whole {
            Severity::Error
        } else {
            severity
        };
        let remedy = if severity == Severity::Info {
            "nothing: it decides how a record looks, or Odoo works it out from others".to_owned()
        } else {
            format!(
                "compare the column {name_of} of {} in both databases; correct it in an `after` step, or accept it in the plan",
                pair.tables[1]
            )
        };
        (severity, "record-changed", remedy)
    };
    let how = match (difference.filled == count, difference.emptied == count) {
        (true, _) => "was empty and no longer is",
        (_, true) => "is empty now",
        _ => "is another",
    };
    finding(
        severity,
        code,
        pair,
        (
            format!("{model}: {name_of}"),
            format!("`{name_of}` {how} in {count} of {records} records of {model}"),
            remedy,
        ),
        evidence,
    )
}

/// Says whether a column changed the way an upgrade changes one: in most records at once, not to nothing, and to values
/// that none had before. Figures of money, what people wrote and what is on or off are never converted that way.
fn is_conversion(column: &Column, difference: &ColumnDifference, records: u64) -> bool {
    let count = difference.changes.count;
    let filled = difference.filled == count && column.ttype != "boolean";
    let most = count >= 3 && count * 2 > records;
    let choice = matches!(
        column.ttype.as_str(),
        "selection" | "many2one" | "integer" | "datetime" | "date"
    );
    let [was, is] = &difference.values;
    if let Some(choices) = &column.choices {
        // A value that the series no longer knows has to become another.
        let unknown = |value: &String| words(value).iter().all(|word| !choices.contains(word));
        return difference.emptied == 0 && difference.filled == 0 && was.iter().all(unknown);
    }
    most && difference.emptied == 0 && (filled || (choice && was.is_disjoint(is))) && column.ttype != "monetary"
}

/// Returns what a choice holds: of one that differs by company each company's.
fn words(value: &str) -> Vec<String> {
    match serde_json::from_str(value) {
        Ok(serde_json::Value::Object(of)) => {
            let chosen = of.values().filter_map(serde_json::Value::as_str);
            chosen.map(str::to_owned).collect()
        }
        _ => vec![value.to_owned()],
    }
}

fn links(pair: &Pair, table: &TableDifference, way: &Way) -> Vec<Finding> {
    let (model, relation) = (&pair.model, pair.relation.as_deref().unwrap_or_default());
    let lines = |examples: &Examples<Row>| {
        let some = examples.some.iter().map(|row| {
            let other = row.5.first().and_then(Option::as_deref).unwrap_or("nothing");
            format!("{} – {relation} {other}", name(model, row.1, row.2.as_deref()))
        });
        with_rest(some.collect(), examples.count)
    };
    let mut found = Vec::new();
    for (examples, code, severity, what) in [
        (
            &table.lost,
            "link-lost",
            grade::unlinked(model, relation),
            "are no longer linked",
        ),
        (
            &table.added,
            "link-added",
            grade::linked(model, relation),
            "are linked that were not",
        ),
    ] {
        if examples.count > 0 {
            let mut finding = finding(
                severity,
                code,
                pair,
                (
                    pair.tables[1].clone(),
                    format!("{} pairs of {model} and {relation} {what}", examples.count),
                    format!("compare the table {} in both databases", pair.tables[1]),
                ),
                lines(examples),
            );
            // Charts of accounts are of the code as well.
            let tagged = (model.as_str(), relation) == ("account.account", "account.account.tag");
            if way.is_far() && code == "link-added" && (tagged || super::known::is_of_code(model)) {
                finding.severity = Severity::Info;
                finding.remedy =
                    "nothing, as it seems: a series on the way linked them, and no later one took the link away".into();
            }
            // Which tax is on a record, and where it is reported, is a matter of tax.
            if relation.starts_with("account.tax") || relation == "account.account.tag" {
                finding.area = "tax".into();
            }
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(ttype: &str, changes: &[(&str, &str)], choices: Option<&str>) -> bool {
        let column = Column {
            name: "x".into(),
            ttype: ttype.into(),
            read: [String::new(), String::new()],
            secret: false,
            given: false,
            choices: choices.map(|choices| choices.split(' ').map(str::to_owned).collect()),
            points: None,
        };
        let mut difference = ColumnDifference::default();
        for (was, is) in changes {
            difference.changes.count += 1;
            difference.filled += u64::from(was.is_empty());
            difference.emptied += u64::from(is.is_empty());
            for (values, value) in difference.values.iter_mut().zip([was, is]) {
                if !value.is_empty() {
                    values.insert((*value).to_owned());
                }
            }
        }
        is_conversion(&column, &difference, changes.len() as u64)
    }

    #[test]
    fn new_words_for_old_are_a_conversion_and_one_word_for_all_is_none() {
        assert!(converted("integer", &[("a", "x"), ("b", "y"), ("a", "x")], None));
        assert!(!converted("integer", &[("a", "b"), ("b", "c"), ("a", "b")], None));
        assert!(!converted("boolean", &[("", "true"), ("", "true"), ("", "true")], None));
        assert!(!converted("monetary", &[("1", "2"), ("3", "4"), ("5", "6")], None));
        assert!(converted("integer", &[("", "1"), ("", "2"), ("", "3")], None));
        assert!(!converted("date", &[("a", ""), ("b", ""), ("c", "")], None));
    }

    #[test]
    fn a_choice_is_converted_when_the_series_no_longer_has_it() {
        assert!(converted("selection", &[("inline", "current")], Some("current new")));
        let all = [
            ("opportunity", "lead"),
            ("opportunity", "lead"),
            ("opportunity", "lead"),
        ];
        assert!(!converted("selection", &all, Some("lead opportunity")));
        let of_company = [(r#"{"1": "fifo"}"#, r#"{"1": "standard"}"#)];
        assert!(!converted("selection", &of_company, Some("fifo standard")));
        assert!(converted("selection", &of_company, Some("standard average")));
    }
}
