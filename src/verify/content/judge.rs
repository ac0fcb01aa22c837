//! What differs and is explained by no rule becomes a finding: one per column, one per kind of loss.

use std::collections::BTreeSet;

use super::grade;
use super::net::{ColumnDifference, Examples, Net, Row, TableDifference};
use super::pair::{Column, Pair};
use super::value::display;
use crate::event::{Finding, Severity};
use crate::verify::compare::{Comparison, Way};
use crate::verify::shipped::Shipped;

/// From how many records on a column that is empty in all that had a value has lost everything, and is not one record's.
const EMPTIED: u64 = 10;

/// What came of the comparison.
pub struct Judged {
    /// The comparison as a whole.
    pub comparison: Comparison,
    /// What no rule explains.
    pub findings: Vec<Finding>,
}

/// Makes findings of a net. `dangling` are external ids whose record is gone, as (model, id): what Odoo removes
/// itself takes its external id along.
pub fn judge(net: &Net, pairs: &[Pair], dangling: &BTreeSet<(String, i64)>, way: &Way) -> Judged {
    let mut findings = Vec::new();
    let (mut rewritten, mut of_modules) = (0, 0);
    if let Some(shipped) = &net.shipped {
        // What an earlier hop brought, and updates leave alone, is what that series said of it.
        let born = if way.is_far() { &BTreeSet::new() } else { &net.born };
        findings.extend(super::data::contradicted(shipped, born));
    }
    findings.extend(net.doings.findings());
    let removed = removed(net, pairs, dangling);
    for (index, table) in &net.tables {
        let Some(pair) = pairs.get(*index) else { continue };
        rewritten += table.rewritten;
        of_modules += table.of_modules;
        if pair.is_link() {
            findings.extend(links(pair, table, way));
            continue;
        }
        findings.extend(lost(pair, table, (dangling, &removed), net.shipped.as_ref()));
        findings.extend(added(pair, table, way));
        for (index, difference) in &table.changed {
            if let Some(column) = pair.columns.get(*index) {
                let records = table.sample.unwrap_or(table.records_before);
                let kept = table.kept.get(index).copied().unwrap_or_default();
                findings.push(changed(pair, column, difference, (records, kept)));
            }
        }
    }
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
    Judged { comparison, findings }
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

/// Records by model and id.
type Records = BTreeSet<(String, i64)>;

/// Returns the records that updates removed, as no data file brings them any more: nobody is told of them, nor of what
/// goes with them.
fn removed(net: &Net, pairs: &[Pair], dangling: &Records) -> Records {
    let mut removed = Records::new();
    for (index, table) in &net.tables {
        let Some(pair) = pairs
            .get(*index)
            .filter(|pair| super::known::updates_may_write(&pair.model))
        else {
            continue;
        };
        let of = |row: &Row| (pair.model.clone(), row.1);
        let rows = table
            .lost_of_modules
            .iter()
            .filter(|row| !still_brought(row, net.shipped.as_ref()));
        removed.extend(rows.map(of).filter(|record| !dangling.contains(record)));
    }
    removed
}

/// Says whether data files still bring a record that is gone: then no update deleted it.
fn still_brought(row: &Row, shipped: Option<&Shipped>) -> bool {
    let still = |xmlid: &str| shipped.is_some_and(|shipped| shipped.still_brings(xmlid));
    row.3.as_deref().is_some_and(still)
}

/// Says whether a record went with one that an update removed: it belonged to it, or told of it.
fn went_with(pair: &Pair, row: &Row, removed: &Records) -> bool {
    let id = |value: &Option<String>| -> Option<i64> { value.as_deref()?.split('.').next()?.parse().ok() };
    let values = || pair.columns.iter().zip(&row.5);
    let value = |names: &[&str]| values().find(|(column, _)| names.contains(&column.name.as_str()));
    let told = value(&["model", "res_model"]).zip(value(&["res_id"]));
    let about = told.and_then(|((_, model), (_, of))| Some((model.clone()?, id(of)?)));
    let owners = values().filter_map(|(column, value)| Some((column.to.clone()?, id(value)?)));
    about.into_iter().chain(owners).any(|record| removed.contains(&record))
}

fn lost(
    pair: &Pair,
    table: &TableDifference,
    (dangling, removed): (&Records, &Records),
    shipped: Option<&Shipped>,
) -> Option<Finding> {
    let model = &pair.model;
    let mut lost = table.lost.clone();
    // Of so few it can be told which went with others; of more than are kept in mind it cannot.
    let whole = lost.count == lost.some.len() as u64;
    if whole || lost.some.iter().all(|row| went_with(pair, row, removed)) {
        lost.some.retain(|row| !went_with(pair, row, removed));
        lost.count = lost.some.len() as u64;
    }
    // Those that Odoo itself removed, as no data file brings them any more.
    let mut dropped = BTreeSet::new();
    for row in &table.lost_of_modules {
        let still = still_brought(row, shipped);
        if still || !super::known::updates_may_write(model) || dangling.contains(&(model.clone(), row.1)) {
            lost.push(row.clone());
            if !still && !dangling.contains(&(model.clone(), row.1)) {
                dropped.insert(row.1);
            }
        }
    }
    (lost.count > 0).then(|| {
        finding(
            grade::lost(model),
            "record-lost",
            pair,
            (
                model.clone(),
                format!("{} of {} records of {model} are gone", lost.count, table.records_before),
                kept_by(pair, &dropped),
            ),
            names(model, &lost),
        )
    })
}

/// Returns what to do about lost records: `dropped` are those that a `before` step can keep.
fn kept_by(pair: &Pair, dropped: &BTreeSet<i64>) -> String {
    let find = format!(
        "find them by id in the table {} of the backup; the hop's log names what was deleted",
        pair.tables[0]
    );
    if dropped.is_empty() {
        return find;
    }
    let ids: Vec<String> = dropped.iter().map(i64::to_string).collect();
    format!(
        "{find}. Odoo removed {} because no module brings them any more: to keep them, add to `before` of the hop the \
         `sql` step `UPDATE ir_model_data SET noupdate = true WHERE model = '{}' AND res_id IN ({});`",
        dropped.len(),
        pair.model,
        ids.join(", ")
    )
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
            to: None,
            choices: choices.map(|choices| choices.split(' ').map(str::to_owned).collect()),
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
