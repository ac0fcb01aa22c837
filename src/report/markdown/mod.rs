//! The report as Markdown, in the order of the page.

mod escape;

use std::fmt::Write as _;

use serde_json::Value;

use super::figures::{change, grouped};
use super::results::{accelerated, cuts, fates, logs};
use super::text::Text;
use super::views::{first_line, seconds};
use super::{Report, Slow};
use crate::event::{Finding, Severity};
use crate::words;
pub use escape::prose;
use escape::{block, code};

/// Returns a report as Markdown.
pub(super) fn markdown(report: &Report, text: &Text) -> String {
    let mut out = String::new();
    verdict(&mut out, report, text);
    failures(&mut out, report, text);
    hops(&mut out, report, text);
    steps(&mut out, report, text);
    findings(&mut out, report, text);
    figures(&mut out, report, text);
    explained(&mut out, report, text);
    modules(&mut out, report, text);
    log(&mut out, report, text);
    slowest(&mut out, report, text);
    neutralised(&mut out, report, text);
    deliveries(&mut out, report, text);
    pins(&mut out, report, text);
    out
}

fn verdict(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    line(
        out,
        &format!("# {}: {} → {}\n", prose(&report.customer), report.from, report.to),
    );
    line(
        out,
        &format!("**{}.** {}\n", (text.verdict)(report), prose(&(text.headline)(report))),
    );
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<String> = errors
        .map(|finding| format!("- {}: {}", prose(&finding.subject), prose(&finding.message)))
        .collect();
    if !errors.is_empty() {
        line(out, &format!("{}\n", errors.join("\n")));
    }
    line(
        out,
        &format!("**{}.** {}\n", label.what_to_do, prose(&(text.next)(report))),
    );
    let started = report
        .started
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let (ended, when) = report.ended(text);
    let facts = [
        (label.run, code(&report.run)),
        (label.plan, code(&report.plan)),
        (label.started, started.unwrap_or_else(|| "–".into())),
        (ended, when),
        (label.hopp, prose(&report.hopp)),
    ];
    let facts: Vec<String> = facts.into_iter().map(|(name, fact)| format!("{name} {fact}")).collect();
    line(out, &facts.join(" · "));
}

fn failures(out: &mut String, report: &Report, text: &Text) {
    let failed = report.steps.iter().filter(|step| step.status == "failed");
    let failed: Vec<_> = failed.filter_map(|step| Some((step, step.failure.as_ref()?))).collect();
    if failed.is_empty() {
        return;
    }
    heading(out, text.heading.failure);
    for (step, failure) in failed {
        line(
            out,
            &format!(
                "- **{}** {}: {}",
                (text.status)(&step.status),
                code(&step.id),
                prose(&failure.message)
            ),
        );
        for hint in &failure.hints {
            line(out, &format!("  \n  *{}:* {}", text.label.what_to_do, prose(hint)));
        }
        if !failure.excerpt.is_empty() {
            line(out, &block(&failure.excerpt, "  "));
        }
    }
}

fn hops(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    heading(out, text.heading.hops);
    let rows = report.hops.iter().map(|hop| {
        let status = (text.status)(&hop.status).to_owned();
        vec![
            format!("{} → {}", prose(&hop.from), prose(&hop.to)),
            status,
            words::duration(hop.elapsed_ms),
        ]
    });
    table(
        out,
        &[(label.hop, false), (label.status, false), (label.time, true)],
        rows,
    );
}

fn steps(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    heading(out, text.heading.steps);
    let rows = report.steps.iter().map(|step| {
        vec![
            code(&step.id),
            prose(&step.told(text)),
            (text.status)(&step.status).to_owned(),
            report.began(step),
            step.elapsed_ms.map(words::duration).unwrap_or_default(),
        ]
    });
    let columns = [
        (label.step, false),
        (label.what, false),
        (label.status, false),
        (label.began, true),
        (label.time, true),
    ];
    table(out, &columns, rows);
    if let Some(sentence) = report.reused(text) {
        line(out, &format!("\n{}", prose(&sentence)));
    }
}

fn findings(out: &mut String, report: &Report, text: &Text) {
    heading(out, text.heading.findings);
    if report.findings.is_empty() {
        line(out, text.sentence.no_findings);
    }
    for finding in &report.findings {
        one(out, finding, text);
    }
}

fn one(out: &mut String, finding: &Finding, text: &Text) {
    let since = finding
        .since
        .map_or_else(String::new, |hop| format!(" ({})", (text.since)(hop)));
    line(
        out,
        &format!(
            "- **{}** {} {}: {}{since}",
            (text.severity)(finding.severity),
            code(&finding.code),
            prose(&finding.subject),
            prose(&finding.message),
        ),
    );
    if !finding.remedy.is_empty() {
        line(
            out,
            &format!("  \n  *{}:* {}", text.label.what_to_do, prose(&finding.remedy)),
        );
    }
    if !finding.evidence.is_empty() {
        line(out, &block(&finding.evidence, "  "));
    }
}

fn figures(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    let rows = report.figures();
    if rows.is_empty() {
        return;
    }
    heading(out, text.heading.figures);
    let rows = rows.iter().map(|figure| {
        let shown = |value: &Option<String>| value.as_deref().map(|value| prose(&grouped(value))).unwrap_or_default();
        let difference = match report.baseline_after {
            Value::Object(_) => prose(&(text.change)(&change(
                figure.before.as_deref(),
                figure.after.as_deref(),
            ))),
            _ => String::new(),
        };
        vec![
            prose(figure.name),
            shown(&figure.before),
            shown(&figure.after),
            difference,
        ]
    });
    let columns = [
        (label.figure, false),
        (label.before, true),
        (label.after, true),
        (label.difference, true),
    ];
    table(out, &columns, rows);
    if !report.comparisons.is_empty() {
        let hold = report.comparisons.iter().filter(|line| line.status == "holds").count();
        line(
            out,
            &format!("\n{}", (text.comparisons_hold)(hold, report.comparisons.len())),
        );
    }
}

fn explained(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    let lines: Vec<_> = report
        .comparisons
        .iter()
        .filter(|line| line.status == "explained")
        .collect();
    if lines.is_empty() {
        return;
    }
    heading(out, text.heading.explained);
    line(out, &format!("{}\n", text.sentence.explained));
    let rows = lines.iter().map(|line| {
        let why = line.explained.as_deref().unwrap_or_default();
        vec![
            prose(&line.title),
            prose(&grouped(&line.before)),
            prose(&grouped(&line.after)),
            prose(why),
        ]
    });
    table(
        out,
        &[
            (label.what, false),
            (label.before, true),
            (label.after, true),
            (label.why, false),
        ],
        rows,
    );
}

/// Lists the modules for which anything but staying was decided, and counts the rest.
fn modules(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    let (stay, change): (Vec<_>, Vec<_>) = fates(report).partition(|module| module.word == "stays");
    if stay.is_empty() && change.is_empty() {
        return;
    }
    heading(out, text.heading.modules);
    line(out, &(text.modules_stay)(stay.len(), stay.len() + change.len()));
    if change.is_empty() {
        return;
    }
    line(out, "");
    let rows = change.iter().map(|module| {
        let becomes = if module.becomes == module.module {
            ""
        } else {
            module.becomes
        };
        let fate = prose((text.fate)(module.word));
        vec![
            code(module.module),
            fate,
            code(becomes),
            prose(module.hop),
            prose(module.note),
        ]
    });
    let columns = [
        (label.module, false),
        (label.fate, false),
        (label.becomes, false),
        (label.at, false),
        (label.note, false),
    ];
    table(out, &columns, rows);
}

/// Says per hop what Odoo's log complains of; what is normal for an upgrade is only counted.
fn log(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    let said = logs(report);
    if !said.is_empty() {
        heading(out, text.heading.log);
    }
    for said in said {
        line(
            out,
            &format!("### {}\n\n{}\n", prose(said.hop), prose(&(text.log_said)(&said))),
        );
        let rows: Vec<Vec<String>> = (said.groups.iter())
            .map(|group| {
                vec![
                    prose(&first_line(group)),
                    code(group.module),
                    group.level.clone(),
                    group.times.to_string(),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let columns = [
                (label.what, false),
                (label.module, false),
                (label.level, false),
                (label.times, true),
            ];
            table(out, &columns, rows);
        }
    }
}

fn slowest(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    let accelerated: Vec<String> = (accelerated(report).iter())
        .map(|said| prose(&(text.accelerated)(said)))
        .collect();
    if report.slowest.is_empty() && accelerated.is_empty() {
        return;
    }
    heading(out, text.heading.slowest);
    if !accelerated.is_empty() {
        line(out, &accelerated.join("\n\n"));
    }
    if report.slowest.is_empty() {
        return;
    }
    if !accelerated.is_empty() {
        line(out, "");
    }
    let by_kind = report.slowest_by_kind().into_iter();
    let rows = by_kind.flat_map(|(kind, slow)| {
        let row = move |slow: &Slow| {
            vec![
                code(&slow.name),
                (text.slow)(kind).to_owned(),
                prose(&slow.hop),
                seconds(slow.seconds),
            ]
        };
        slow.into_iter().map(row)
    });
    table(
        out,
        &[
            (label.name, false),
            (label.what, false),
            (label.hop, false),
            (label.time, true),
        ],
        rows,
    );
}

/// Lists what was cut off so that the copy reaches nobody.
fn neutralised(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    let rows: Vec<Vec<String>> = cuts(report)
        .map(|cut| {
            let rows = cut.rows.to_string();
            vec![prose(cut.what), prose((text.area)(cut.area)), prose(cut.at), rows]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    heading(out, text.heading.neutralised);
    line(out, &format!("{}\n", text.sentence.neutralised));
    table(
        out,
        &[
            (label.what, false),
            (label.area, false),
            (label.at, false),
            (label.rows, true),
        ],
        rows,
    );
}

fn deliveries(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    heading(out, text.heading.delivered);
    if report.deliveries.is_empty() {
        return line(out, text.sentence.nothing_delivered);
    }
    let rows = report
        .deliveries
        .iter()
        .map(|file| vec![code(&file.path), words::bytes(file.bytes), code(&file.sha256)]);
    table(
        out,
        &[(label.file, false), (label.size, true), ("SHA-256", false)],
        rows,
    );
    line(out, &format!("\n{}", text.sentence.not_for_production));
}

fn pins(out: &mut String, report: &Report, text: &Text) {
    let label = &text.label;
    heading(out, text.heading.pins);
    let plan = vec![
        code(&report.plan),
        label.plan.to_owned(),
        String::new(),
        code(&report.plan_sha256),
    ];
    let rows = report.pins.iter().map(|pin| {
        let id = pin.id.as_deref().map(code).unwrap_or_default();
        vec![code(&pin.name), prose((text.pin)(&pin.kind)), prose(&pin.version), id]
    });
    let columns = [
        (label.name, false),
        (label.what, false),
        (label.version, false),
        (label.identity, false),
    ];
    table(out, &columns, std::iter::once(plan).chain(rows));
}

/// Writes a table; of each column the head, and whether it holds numbers. A column in which nothing stands is left out.
fn table(out: &mut String, columns: &[(&str, bool)], rows: impl IntoIterator<Item = Vec<String>>) {
    let rows: Vec<Vec<String>> = rows.into_iter().collect();
    let is_filled = |index: &usize| {
        rows.iter()
            .any(|row| row.get(*index).is_some_and(|cell| !cell.is_empty()))
    };
    let filled: Vec<usize> = (0..columns.len()).filter(is_filled).collect();
    let heads: Vec<&str> = filled.iter().map(|index| columns[*index].0).collect();
    let sides: Vec<&str> = filled
        .iter()
        .map(|index| if columns[*index].1 { "--:" } else { "---" })
        .collect();
    line(out, &format!("| {} |", heads.join(" | ")));
    line(out, &format!("|{}|", sides.join("|")));
    for row in &rows {
        let cells: Vec<&str> = filled
            .iter()
            .filter_map(|index| row.get(*index))
            .map(String::as_str)
            .collect();
        line(out, &format!("| {} |", cells.join(" | ")));
    }
}

fn heading(out: &mut String, text: &str) {
    line(out, &format!("\n## {text}\n"));
}

fn line(out: &mut String, content: &str) {
    writeln!(out, "{content}").ok();
}
