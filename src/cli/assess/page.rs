//! An assessment as a page of Markdown, for a ticket or a customer.

use std::fmt::Write as _;

use super::screen;
use crate::assess::{Assessment, needs_attention};
use crate::report::prose;
use crate::words;

/// Returns the assessment as Markdown.
pub(super) fn render(assessment: &Assessment) -> String {
    let last = assessment.hops.last().map(|hop| hop.to);
    let route = match last {
        Some(to) => format!("{} → {to}", assessment.database.series),
        None => assessment.database.series.to_string(),
    };
    let mut text = format!("# {}, {route}\n\n", prose(&assessment.backup.path));
    let mut facts = screen::facts(assessment);
    let backup = format!("{}, {}", assessment.backup.kind, words::bytes(assessment.backup.bytes));
    facts.insert(0, ("backup", backup));
    table(
        &mut text,
        &["what", ""],
        facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]),
    );
    text.push_str("\n## Hops\n\n");
    let hops = assessment.hops.iter().map(|hop| {
        let counts = |counts: &std::collections::BTreeMap<&'static str, usize>| {
            let all: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
            all.join(", ")
        };
        let by = hop.unknown.as_ref().map(|why| format!("unknown: {why}"));
        vec![
            format!("{} → {}", hop.from, hop.to),
            by.or(hop.openupgrade.clone()).unwrap_or_default(),
            screen::span(&hop.duration),
            counts(&hop.fates),
            counts(&hop.coverage),
        ]
    });
    table(&mut text, &["hop", "OpenUpgrade", "time", "fates", "coverage"], hops);
    let rows: Vec<Vec<String>> = assessment
        .modules
        .iter()
        .filter(|way| needs_attention(way))
        .map(screen::row)
        .collect();
    if !rows.is_empty() {
        text.push_str("\n## Modules to know about\n\nAll others are Odoo's own and stay.\n\n");
        table(
            &mut text,
            &["module", "version", "of", "fate", "code", "why"],
            rows.into_iter(),
        );
    }
    if !assessment.work.modules.is_empty() {
        text.push_str("\n## Porting, in hours\n\n");
        table(
            &mut text,
            &screen::EFFORT,
            assessment.work.modules.iter().map(screen::effort_row),
        );
        for line in screen::work_lines(&assessment.work) {
            let _ = writeln!(text, "\n{}", prose(&line));
        }
    }
    if !assessment.findings.is_empty() {
        text.push_str("\n## Findings\n\n");
        for finding in &assessment.findings {
            let _ = writeln!(
                text,
                "- **{}** {}: {}  \n  {}",
                screen::severity(finding.severity),
                prose(&finding.subject),
                prose(&finding.message),
                prose(&finding.remedy)
            );
        }
    }
    text.push_str("\n## The largest tables\n\n");
    let tables = assessment.database.largest.iter();
    let tables = tables.map(|table| vec![table.name.clone(), table.rows.to_string(), words::bytes(table.bytes)]);
    table(&mut text, &["table", "rows", "bytes of dump"], tables);
    text
}

fn table(text: &mut String, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(text, "| {} |\n|{}", header.join(" | "), "---|".repeat(header.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| prose(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}
