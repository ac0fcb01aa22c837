//! An assessment for people at a terminal.

use std::fmt::Write as _;

use crate::assess::{Assessment, Basis, Effort, HopLine, Span, Work, needs_attention};
use crate::event::{Finding, Severity};
use crate::odoo::backup::BackupKind;
use crate::odoo::fates::{Fate, Way};
use crate::odoo::openupgrade::Grade;
use crate::report::bill::reason;
use crate::spec::Language;
use crate::ui::table::table;
use crate::words;

/// Returns what a backup is, in words.
pub(super) fn kind(kind: &BackupKind) -> &'static str {
    match kind {
        BackupKind::OdooZip => "Odoo zip",
        BackupKind::ZipWithDump { .. } => "zip with a dump",
        BackupKind::PgCustom => "custom dump",
        BackupKind::PgDirectory => "directory dump",
        BackupKind::PlainSql(_) => "plain dump",
    }
}

/// Returns the assessment as lines and tables.
pub(super) fn render(assessment: &Assessment) -> String {
    let mut text = format!(
        "{}: {}, {}\n\n",
        assessment.backup.path,
        assessment.backup.kind,
        words::bytes(assessment.backup.bytes)
    );
    for (name, value) in facts(assessment) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<12} {value}");
    }
    text.push_str("\nthe largest tables\n");
    let rows: Vec<Vec<String>> = assessment
        .database
        .largest
        .iter()
        .map(|table| vec![table.name.clone(), table.rows.to_string(), words::bytes(table.bytes)])
        .collect();
    indented(
        &mut text,
        &table(&["table", "rows", "bytes of dump"], &rows, 0, &[1, 2]),
    );
    for hop in &assessment.hops {
        text.push('\n');
        text.push_str(&hop_lines(hop));
    }
    let rows: Vec<Vec<String>> = assessment
        .modules
        .iter()
        .filter(|way| needs_attention(way))
        .map(row)
        .collect();
    if !rows.is_empty() {
        text.push_str("\nmodules to know about; all others are Odoo's own and stay\n");
        let header = ["module", "version", "of", "fate", "code", "why"];
        indented(&mut text, &table(&header, &rows, 5, &[]));
    }
    if !assessment.work.modules.is_empty() {
        text.push_str("\nporting, in hours\n");
        let rows: Vec<Vec<String>> = assessment.work.modules.iter().map(effort_row).collect();
        indented(&mut text, &table(&EFFORT, &rows, 7, &[1, 2, 3, 4]));
        for line in work_lines(&assessment.work) {
            let _ = writeln!(text, "  {line}");
        }
    }
    if !assessment.findings.is_empty() {
        let _ = writeln!(text, "\n{}", words::count(assessment.findings.len(), "finding"));
        for finding in &assessment.findings {
            text.push_str(&told(finding));
        }
    }
    text
}

/// Returns what a database is: pairs of a word and what there is to say.
pub(super) fn facts(assessment: &Assessment) -> Vec<(&'static str, String)> {
    let database = &assessment.database;
    let edition = if database.enterprise { "Enterprise" } else { "Community" };
    let mut facts = Vec::new();
    let name = database
        .name
        .as_ref()
        .map(|name| format!("{name}, "))
        .unwrap_or_default();
    let postgresql = database.postgresql.as_ref();
    let postgresql = postgresql
        .map(|version| format!(", PostgreSQL {version}"))
        .unwrap_or_default();
    facts.push((
        "database",
        format!(
            "{name}Odoo {} {edition} (base {}){postgresql}",
            database.series, database.version
        ),
    ));
    let companies = database.companies.iter().map(|company| {
        let about: Vec<String> = [
            company.country.clone(),
            company.chart.as_ref().map(|chart| format!("chart {chart}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        match about.as_slice() {
            [] => company.name.clone(),
            about => format!("{} ({})", company.name, about.join(", ")),
        }
    });
    facts.push(("companies", companies.collect::<Vec<_>>().join("; ")));
    facts.push(("languages", database.languages.join(", ")));
    let users = database.users;
    facts.push((
        "users",
        format!(
            "{} internal, {} portal, {} archived",
            users.internal, users.portal, users.inactive
        ),
    ));
    facts.push((
        "dump",
        format!(
            "{} of rows: {} in {}",
            words::bytes(database.size.bytes),
            words::count(usize::try_from(database.size.rows).unwrap_or(usize::MAX), "row"),
            words::count(database.tables, "table"),
        ),
    ));
    facts.push(("filestore", filestore(assessment)));
    let own = &database.customised;
    let made = counts(&[
        (own.models.len() as u64, "manual model"),
        (own.fields.len() as u64, "manual field"),
        (own.server_actions.len() as u64, "server action"),
        (own.views.len() as u64, "view"),
        (own.website_copies, "website copy of a view"),
        (own.automations, "automated action"),
        (own.studio, "record of Studio"),
    ]);
    facts.push((
        "own",
        if made.is_empty() {
            "nothing made in the database".into()
        } else {
            made
        },
    ));
    let lines: u64 = assessment.code.iter().map(|module| module.lines).sum();
    let errors: usize = assessment.code.iter().map(|module| module.errors).sum();
    let alone = assessment.code.iter().filter(|module| module.repository.is_none());
    let alone: u64 = alone.map(|module| module.lines).sum();
    let mut code = format!("{lines} lines by `odoo cloc`, {alone} of them in the database alone");
    if errors > 0 {
        let _ = write!(code, "; {} could not be counted", words::count(errors, "piece"));
    }
    facts.push(("code", if lines == 0 && errors == 0 { String::new() } else { code }));
    let live: Vec<(u64, &str)> = database
        .live
        .iter()
        .map(|(what, count)| (*count, what.as_str()))
        .collect();
    facts.push(("neutralised", counts(&live)));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn counts(all: &[(u64, &str)]) -> String {
    let some = all.iter().filter(|(count, _)| *count > 0);
    let words = some.map(|(count, noun)| match (*noun, *count) {
        (noun, 1) => format!("1 {noun}"),
        ("website copy of a view", count) => format!("{count} website copies of views"),
        ("record of Studio", count) => format!("{count} records of Studio"),
        ("webhook of a server action", count) => format!("{count} webhooks of server actions"),
        ("account for in-app purchases", count) => format!("{count} accounts for in-app purchases"),
        (noun, count) => format!("{count} {noun}s"),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn filestore(assessment: &Assessment) -> String {
    let files = &assessment.database.attachments;
    match files.filestore {
        None => format!(
            "not in the backup; {} attachments have their content there",
            files.stored
        ),
        Some(found) => {
            let missing = match files.missing {
                0 => "no attachment is without its file".to_owned(),
                missing => format!("{missing} of {} attachments are without their file", files.stored),
            };
            let count = words::count(usize::try_from(found.files).unwrap_or(usize::MAX), "file");
            format!("{count}, {}; {missing}", words::bytes(found.bytes))
        }
    }
}

fn hop_lines(hop: &HopLine) -> String {
    let by = match (&hop.unknown, &hop.openupgrade) {
        (Some(why), _) => format!("unknown: {why}"),
        (None, Some(version)) => format!("OpenUpgrade {version}"),
        (None, None) => "no version of OpenUpgrade named".to_owned(),
    };
    let mut text = format!("{} → {}  {by}\n  time: {}\n", hop.from, hop.to, span(&hop.duration));
    let join = |counts: &std::collections::BTreeMap<&'static str, usize>| {
        let all: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        all.join(" · ")
    };
    let _ = writeln!(text, "  fates: {}", join(&hop.fates));
    if !hop.coverage.is_empty() {
        let _ = writeln!(text, "  coverage: {}", join(&hop.coverage));
    }
    text
}

/// Returns an interval as people say it, with what it is told from.
pub(super) fn span(span: &Span) -> String {
    let basis = match span.basis {
        Basis::RuleOfThumb => "by a rule of thumb: no run of this hop is known here".to_owned(),
        Basis::EarlierRuns(count) => format!("from {}", words::count(count, "earlier run")),
    };
    let time = |seconds: u64| words::duration(seconds * 1000);
    format!("{} to {}, {basis}", time(span.from_s), time(span.to_s))
}

/// Returns a module as a row: module, version, origin, fate, code, why.
pub(super) fn row(way: &Way) -> Vec<String> {
    let hops = way.hops.iter().filter(|hop| hop.fate != Fate::Stays);
    let fates: Vec<String> = hops
        .map(|hop| match way.hops.len() {
            1 => hop.fate.to_string(),
            _ => format!("{}: {}", hop.to, hop.fate),
        })
        .collect();
    let fate = if fates.is_empty() {
        "stays".to_owned()
    } else {
        fates.join(", ")
    };
    let turning = way.turning_point();
    let code = turning.and_then(|hop| hop.code.as_ref());
    let code = code.map(|place| {
        let doubt = if place.found { "" } else { "? " };
        format!("{doubt}{} {}", place.repository, place.reference)
    });
    let uncovered: Vec<String> = way
        .hops
        .iter()
        .filter(|hop| hop.grade == Some(Grade::NotCovered))
        .map(|hop| hop.to.to_string())
        .collect();
    let mut why: Vec<String> = turning.and_then(|hop| hop.note.clone()).into_iter().collect();
    if !uncovered.is_empty() {
        why.push(format!("not covered in {}", uncovered.join(", ")));
    }
    if way.covered {
        why.push("covered by the agreement".to_owned());
    }
    vec![
        way.module.clone(),
        way.version.clone(),
        way.origin.word().to_owned(),
        fate,
        code.unwrap_or_default(),
        why.join("; "),
    ]
}

/// The heads of [`effort_row`].
pub(super) const EFFORT: [&str; 8] = [
    "module",
    "Python",
    "scripts",
    "views",
    "rows",
    "tests",
    "hours",
    "needs, not covered",
];

/// Returns the estimate of a module as a row.
pub(super) fn effort_row(effort: &Effort) -> Vec<String> {
    let known = |number: Option<u64>| number.map_or("?".to_owned(), |number| number.to_string());
    vec![
        effort.module.clone(),
        known(effort.python),
        known(effort.script),
        effort.views.to_string(),
        effort.rows.to_string(),
        match effort.tests {
            None => "?",
            Some(true) => "yes",
            Some(false) => "no",
        }
        .to_owned(),
        effort
            .hours
            .map_or("unknown".to_owned(), |hours| format!("{} to {}", hours.from, hours.to)),
        effort.uncovered.join(", "),
    ]
}

/// Says what the porting comes to, and what it costs.
pub(super) fn work_lines(work: &Work) -> Vec<String> {
    let mut lines = Vec::new();
    if work.unknown < work.modules.len() {
        lines.push(format!("{} to {} hours together", work.hours.from, work.hours.to));
    }
    if work.unknown > 0 {
        lines.push(format!(
            "{} without an estimate: no repository of a plan has the code of {}",
            words::count(work.unknown, "module"),
            if work.unknown == 1 { "it" } else { "them" }
        ));
    }
    if let Some(quote) = &work.quote {
        let verdict = reason(&quote.verdict, Language::En);
        let fee = quote
            .fee
            .map(|fee| format!("; the fee of an upgrade is {} {fee}", quote.currency))
            .unwrap_or_default();
        lines.push(if quote.verdict.included {
            format!("the agreement includes an upgrade that starts today{fee}. {verdict}")
        } else {
            format!(
                "{} {} to {} without VAT, for an upgrade that starts today{fee}. {verdict}",
                quote.currency, quote.from, quote.to
            )
        });
    }
    lines
}

fn told(finding: &Finding) -> String {
    let style = match finding.severity {
        Severity::Error => console::Style::new().red(),
        Severity::Warning => console::Style::new().yellow(),
        Severity::Info | Severity::Accepted => console::Style::new().dim(),
    };
    let word = style.apply_to(severity(finding.severity));
    let mut text = format!("  {word}: {}: {}\n", finding.subject, finding.message);
    if !finding.evidence.is_empty() {
        let _ = writeln!(text, "    {}", finding.evidence.join(", "));
    }
    let _ = writeln!(text, "    → {}", finding.remedy);
    text
}

/// Returns how bad a finding is, in a word.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
        Severity::Accepted => "accepted",
    }
}

fn indented(text: &mut String, block: &str) {
    for line in block.lines() {
        let _ = writeln!(text, "  {line}");
    }
}
