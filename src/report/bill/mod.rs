//! A month's bill: for people as a page of tables, for programs as JSON and CSV.

mod english;
mod numbers;
mod page;
mod swedish;
mod words;

use std::fmt::Write as _;

use schemars::schema_for;

pub use page::{Page, Section, Table, page};
pub use words::{category, reason, upgrade};

use super::markdown::prose;
use crate::agreement::{Bill, ItemKind};
use crate::amount::Amount;

/// Returns a page as Markdown.
pub fn markdown(page: &Page) -> String {
    let mut out = format!("# {}\n", prose(&page.title));
    for line in &page.lead {
        write!(out, "\n{}\n", prose(line)).ok();
    }
    for section in &page.sections {
        write!(out, "\n## {}\n", prose(&section.heading)).ok();
        if let Some(table) = &section.table {
            out.push('\n');
            row(
                &mut out,
                &table.header.iter().map(|cell| prose(cell)).collect::<Vec<_>>(),
            );
            let rule = |column| if table.right.contains(&column) { "--:" } else { "---" };
            let rules: Vec<String> = (0..table.header.len()).map(|column| rule(column).to_owned()).collect();
            row(&mut out, &rules);
            for cells in &table.rows {
                row(&mut out, &cells.iter().map(|cell| prose(cell)).collect::<Vec<_>>());
            }
        }
        if !section.notes.is_empty() {
            out.push('\n');
        }
        for note in &section.notes {
            writeln!(out, "- {}", prose(note)).ok();
        }
    }
    out
}

fn row(out: &mut String, cells: &[String]) {
    writeln!(out, "| {} |", cells.join(" | ")).ok();
}

/// Returns a bill as JSON, with a line break at its end. [`schema`] describes it.
pub fn json(bill: &Bill) -> String {
    serde_json::to_string_pretty(bill).unwrap_or_default() + "\n"
}

/// Returns the JSON Schema of [`json`], with a line break at its end.
pub fn schema() -> String {
    format!("{:#}\n", schema_for!(Bill).as_value())
}

/// Returns what is billed as comma-separated values (RFC 4180), a line per item; the last three are the sums.
pub fn csv(bill: &Bill) -> String {
    let mut out =
        String::from("customer,month,item,date,entry,category,text,quantity,unit,price,discount,amount,currency\r\n");
    let (month, currency) = (bill.month.to_string(), bill.currency.code());
    for item in &bill.items {
        let (name, date, entry, category, text) = match &item.kind {
            ItemKind::Lines { from, .. } => ("lines", from.to_string(), String::new(), "", ""),
            ItemKind::Patches { from, .. } => ("patches", from.to_string(), String::new(), "", ""),
            ItemKind::Upgrade { started } => ("upgrade", started.to_string(), String::new(), "", ""),
            ItemKind::Work(work) => {
                let (date, entry) = (work.date.to_string(), work.entry.to_string());
                ("work", date, entry, work.category.name(), work.text.as_str())
            }
        };
        let unit = serde_json::to_value(item.unit).unwrap_or_default();
        let numbers = [item.quantity.to_string(), item.price.to_string()];
        let sums = [item.discount.to_string(), item.amount.to_string()];
        let cells = [
            &bill.customer,
            &month,
            name,
            &date,
            &entry,
            category,
            text,
            &numbers[0],
            unit.as_str().unwrap_or_default(),
            &numbers[1],
            &sums[0],
            &sums[1],
            currency,
        ];
        record(&mut out, &cells);
    }
    let percent = bill.vat_percent.to_string();
    let sums = [
        ("net", bill.net, ""),
        ("vat", bill.vat, percent.as_str()),
        ("total", bill.total, ""),
    ];
    for (name, sum, quantity) in sums {
        let sum = sum.to_string();
        let unit = if quantity.is_empty() { "" } else { "percent" };
        record(
            &mut out,
            &[
                &bill.customer,
                &month,
                name,
                "",
                "",
                "",
                "",
                quantity,
                unit,
                "",
                "",
                &sum,
                currency,
            ],
        );
    }
    out
}

fn record(out: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| field(cell)).collect();
    write!(out, "{}\r\n", cells.join(",")).ok();
}

/// Quotes a field where it must be, and keeps a spreadsheet from taking text for a formula.
fn field(text: &str) -> String {
    let is_number = text.parse::<Amount>().is_ok();
    let text = match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if !is_number => format!("'{text}"),
        _ => text.to_owned(),
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_never_a_formula() {
        let cases = [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("\"x\"\ny", "\"\"\"x\"\"\ny\""),
            ("=1+1", "'=1+1"),
            ("-1.50", "-1.50"),
            ("-x", "'-x"),
        ];
        for (text, expected) in cases {
            assert_eq!(field(text), expected);
        }
    }
}
