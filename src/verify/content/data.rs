//! Records of modules that are not what their own data files say, or are not there.

use std::collections::{BTreeMap, BTreeSet};

use super::grade;
use super::value::display;
use crate::event::{Finding, Severity};
use crate::verify::shipped::Shipped;

/// How many lines of evidence name what differs; the rest is counted.
const NAMED: usize = 10;

/// Returns what contradicts the data files: one finding per column, table of links, and model with records missing.
pub(super) fn contradicted(shipped: &Shipped, born: &BTreeSet<(String, i64)>) -> Vec<Finding> {
    let mut columns: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    let mut links: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    // What is to be done once after a module's installation is done, and was not to be done again.
    let lasting = shipped.contradicted(born).into_iter();
    for said in lasting.filter(|said| said.model != "ir.actions.todo") {
        let record = format!("{} {} ({}, {})", said.model, said.id, said.name, said.xmlid);
        for (column, [theirs, has]) in &said.other {
            let line = format!("{record}: {} by its module, {} here", shown(theirs), shown(has));
            columns.entry((&said.model, column)).or_default().push(line);
        }
        if said.off && born.contains(&(said.model.clone(), said.id)) {
            let line = format!("{record}: it is archived, and its module does not say so");
            columns.entry((&said.model, "active")).or_default().push(line);
        }
        for found in &said.links {
            let key = (said.model.as_str(), found.relation.as_str(), found.table.as_str());
            let missing = found
                .missing
                .iter()
                .map(|id| format!("{record} – {} {id}", found.relation));
            links.entry(key).or_default().extend(missing);
        }
    }
    let mut absent: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (xmlid, model) in shipped.absent() {
        absent.entry(model).or_default().push(format!("{model} {xmlid}"));
    }
    let columns = columns.into_iter().map(|((model, column), lines)| {
        let count = lines.len();
        finding(
            grade::of_module(model, column),
            "data-differs",
            model,
            format!("{model}: {column}"),
            format!("`{column}` of {count} records of {model} is not what their modules say"),
            lines,
        )
    });
    let links = links.into_iter().filter(|(_, lines)| !lines.is_empty());
    let links = links.map(|((model, relation, table), lines)| {
        let count = lines.len();
        finding(
            grade::unlinked(model, relation),
            "data-unlinked",
            model,
            table.to_owned(),
            format!("{count} pairs of {model} and {relation} are not linked as their modules say"),
            lines,
        )
    });
    let absent = absent.into_iter().map(|(model, lines)| {
        let count = lines.len();
        finding(
            grade::lost(model),
            "data-absent",
            model,
            model.to_owned(),
            format!("{count} records of {model} that modules bring are not there"),
            lines,
        )
    });
    columns.chain(links).chain(absent).collect()
}

fn shown(text: &str) -> String {
    match text {
        "None" | "" => display(None),
        text => display(Some(text)),
    }
}

fn finding(
    severity: Severity,
    code: &str,
    model: &str,
    subject: String,
    message: String,
    mut evidence: Vec<String>,
) -> Finding {
    let more = evidence.len().saturating_sub(NAMED);
    evidence.truncate(NAMED);
    if more > 0 {
        evidence.push(format!("… and {more} more"));
    }
    Finding {
        severity,
        code: code.into(),
        area: grade::area(model).into(),
        subject,
        message,
        remedy: "something changed them after the hop loaded the module: update the module that brings them, or accept it in the plan"
            .into(),
        evidence,
        since: None,
    }
}
