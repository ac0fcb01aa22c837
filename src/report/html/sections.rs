//! The sections of the page below its head, in order.

use serde_json::Value;

use super::findings::findings;
use super::table::{Cell, table};
use super::timeline::timeline;
use super::writer::Html;
use crate::report::Report;
use crate::report::figures::{Change, change, grouped};
use crate::report::results::{accelerated, cuts, fates, logs};
use crate::report::text::Text;
use crate::report::views::{first_line, seconds};
use crate::words;

/// A section: where a link leads, its heading, whether there is anything to say, and saying it.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) heading: fn(&Text) -> &'static str,
    pub(super) is_there: fn(&Report) -> bool,
    write: fn(&mut Html, &Report, &Text),
}

/// Every section.
pub(super) const SECTIONS: [Section; 11] = [
    Section {
        id: "timeline",
        heading: |text| text.heading.timeline,
        is_there: |_| true,
        write: timeline,
    },
    Section {
        id: "steps",
        heading: |text| text.heading.steps,
        is_there: |_| true,
        write: steps,
    },
    Section {
        id: "findings",
        heading: |text| text.heading.findings,
        is_there: |_| true,
        write: findings,
    },
    Section {
        id: "figures",
        heading: |text| text.heading.figures,
        is_there: |report| report.baseline_before.is_object(),
        write: figures,
    },
    Section {
        id: "explained",
        heading: |text| text.heading.explained,
        is_there: |report| report.comparisons.iter().any(|line| line.status == "explained"),
        write: explained,
    },
    Section {
        id: "modules",
        heading: |text| text.heading.modules,
        is_there: |report| fates(report).next().is_some(),
        write: modules,
    },
    Section {
        id: "log",
        heading: |text| text.heading.log,
        is_there: |report| !logs(report).is_empty(),
        write: log,
    },
    Section {
        id: "slowest",
        heading: |text| text.heading.slowest,
        is_there: |report| !report.slowest.is_empty() || !accelerated(report).is_empty(),
        write: slowest,
    },
    Section {
        id: "neutralised",
        heading: |text| text.heading.neutralised,
        is_there: |report| cuts(report).next().is_some(),
        write: neutralised,
    },
    Section {
        id: "delivered",
        heading: |text| text.heading.delivered,
        is_there: |_| true,
        write: delivered,
    },
    Section {
        id: "pins",
        heading: |text| text.heading.pins,
        is_there: |_| true,
        write: pins,
    },
];

/// Writes every section that has something to say.
pub(super) fn all(html: &mut Html, report: &Report, text: &Text) {
    for section in SECTIONS.iter().filter(|section| (section.is_there)(report)) {
        let head = format!("{}-head", section.id);
        html.element("section", &[("id", section.id), ("aria-labelledby", &head)], |html| {
            html.say("h2", &[("id", &head)], (section.heading)(text));
            html.element("div", &[("class", "content")], |html| {
                (section.write)(html, report, text);
            });
        });
    }
}

fn steps(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    let rows: Vec<_> = (report.steps.iter())
        .map(|step| {
            let time = step.elapsed_ms.map(words::duration).unwrap_or_default();
            (step, report.began(step), time, step.told(text))
        })
        .collect();
    let rows: Vec<Vec<Cell<'_>>> = rows
        .iter()
        .map(|(step, began, time, what)| {
            vec![
                Cell::Code(&step.id),
                Cell::Prose(what),
                Cell::Marked(class(&step.status), (text.status)(&step.status)),
                Cell::Prose(began),
                Cell::Marked(if step.status == "reused" { "quiet" } else { "" }, time),
            ]
        })
        .collect();
    let columns = [
        (label.step, false),
        (label.what, false),
        (label.status, false),
        (label.began, true),
        (label.time, true),
    ];
    table(html, text.heading.steps, &columns, &rows);
    if let Some(sentence) = report.reused(text) {
        html.element("p", &[("class", "quiet")], |html| html.prose(&sentence));
    }
}

fn class(status: &str) -> &'static str {
    match status {
        "done" => "done",
        "failed" => "failed",
        "stopped" | "running" => "stopped",
        _ => "quiet",
    }
}

fn figures(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    let rows: Vec<_> = (report.figures().into_iter())
        .map(|figure| {
            let change = change(figure.before.as_deref(), figure.after.as_deref());
            let difference = match report.baseline_after {
                Value::Object(_) => (text.change)(&change),
                _ => String::new(),
            };
            let shown = |value: &Option<String>| value.as_deref().map(grouped).unwrap_or_default();
            (
                figure.name,
                shown(&figure.before),
                shown(&figure.after),
                difference,
                change,
            )
        })
        .collect();
    let rows: Vec<Vec<Cell<'_>>> = rows
        .iter()
        .map(|(name, before, after, difference, change)| {
            let class = if *change == Change::Same { "quiet" } else { "differs" };
            vec![
                Cell::Prose(name),
                Cell::Prose(before),
                Cell::Prose(after),
                Cell::Marked(class, difference),
            ]
        })
        .collect();
    let columns = [
        (label.figure, false),
        (label.before, true),
        (label.after, true),
        (label.difference, true),
    ];
    table(html, text.heading.figures, &columns, &rows);
    if !report.comparisons.is_empty() {
        let hold = report.comparisons.iter().filter(|line| line.status == "holds").count();
        let sentence = (text.comparisons_hold)(hold, report.comparisons.len());
        html.say("p", &[("class", "quiet")], &sentence);
    }
}

fn explained(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    html.say("p", &[("class", "lead")], text.sentence.explained);
    let lines = report.comparisons.iter().filter(|line| line.status == "explained");
    let rows: Vec<_> = lines
        .map(|line| (line, grouped(&line.before), grouped(&line.after)))
        .collect();
    let rows: Vec<Vec<Cell<'_>>> = rows
        .iter()
        .map(|(line, before, after)| {
            let why = line.explained.as_deref().unwrap_or_default();
            vec![
                Cell::Prose(&line.title),
                Cell::Prose(before),
                Cell::Prose(after),
                Cell::Prose(why),
            ]
        })
        .collect();
    let columns = [
        (label.what, false),
        (label.before, true),
        (label.after, true),
        (label.why, false),
    ];
    table(html, text.heading.explained, &columns, &rows);
}

fn modules(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    let (stay, change): (Vec<_>, Vec<_>) = fates(report).partition(|module| module.word == "stays");
    let sentence = (text.modules_stay)(stay.len(), stay.len() + change.len());
    html.say("p", &[("class", "lead")], &sentence);
    if change.is_empty() {
        return;
    }
    let rows: Vec<Vec<Cell<'_>>> = change
        .iter()
        .map(|module| {
            let becomes = if module.becomes == module.module {
                ""
            } else {
                module.becomes
            };
            vec![
                Cell::Code(module.module),
                Cell::Prose((text.fate)(module.word)),
                Cell::Code(becomes),
                Cell::Prose(module.hop),
                Cell::Prose(module.note),
            ]
        })
        .collect();
    let columns = [
        (label.module, false),
        (label.fate, false),
        (label.becomes, false),
        (label.at, false),
        (label.note, false),
    ];
    table(html, text.heading.modules, &columns, &rows);
}

/// Says per hop what Odoo's log complains of; what is normal for an upgrade is only counted.
fn log(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    for said in logs(report) {
        html.say("h3", &[], said.hop);
        html.say("p", &[("class", "lead")], &(text.log_said)(&said));
        let rows: Vec<_> = (said.groups.iter())
            .map(|group| (group.times.to_string(), first_line(group), group))
            .collect();
        let rows: Vec<Vec<Cell<'_>>> = (rows.iter())
            .map(|(times, first, group)| {
                let loud = group.level != "WARNING";
                vec![
                    Cell::Prose(first),
                    Cell::Code(group.module),
                    Cell::Marked(if loud { "failed" } else { "" }, &group.level),
                    Cell::Prose(times),
                ]
            })
            .collect();
        let columns = [
            (label.what, false),
            (label.module, false),
            (label.level, false),
            (label.times, true),
        ];
        if !rows.is_empty() {
            table(html, said.hop, &columns, &rows);
        }
    }
}

fn slowest(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    for said in accelerated(report) {
        html.element("p", &[("class", "lead")], |html| html.prose(&(text.accelerated)(&said)));
    }
    for (kind, slow) in report.slowest_by_kind() {
        let name = (text.slow)(kind);
        html.say("h3", &[], name);
        let rows: Vec<_> = slow.iter().map(|slow| (slow, seconds(slow.seconds))).collect();
        let rows: Vec<Vec<Cell<'_>>> = rows
            .iter()
            .map(|(slow, time)| vec![Cell::Code(&slow.name), Cell::Prose(&slow.hop), Cell::Prose(time)])
            .collect();
        let columns = [(label.name, false), (label.hop, false), (label.time, true)];
        table(html, name, &columns, &rows);
    }
}

fn neutralised(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    html.say("p", &[("class", "lead")], text.sentence.neutralised);
    let rows: Vec<_> = cuts(report).map(|cut| (cut.rows.to_string(), cut)).collect();
    let rows: Vec<Vec<Cell<'_>>> = (rows.iter())
        .map(|(rows, cut)| {
            vec![
                Cell::Prose(cut.what),
                Cell::Prose((text.area)(cut.area)),
                Cell::Prose(cut.at),
                Cell::Prose(rows),
            ]
        })
        .collect();
    let columns = [
        (label.what, false),
        (label.area, false),
        (label.at, false),
        (label.rows, true),
    ];
    table(html, text.heading.neutralised, &columns, &rows);
}

fn delivered(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    if report.deliveries.is_empty() {
        return html.say("p", &[("class", "quiet")], text.sentence.nothing_delivered);
    }
    let rows: Vec<_> = report
        .deliveries
        .iter()
        .map(|file| (file, words::bytes(file.bytes)))
        .collect();
    let rows: Vec<Vec<Cell<'_>>> = rows
        .iter()
        .map(|(file, size)| vec![Cell::Code(&file.path), Cell::Prose(size), Cell::Code(&file.sha256)])
        .collect();
    table(
        html,
        text.heading.delivered,
        &[(label.file, false), (label.size, true), ("SHA-256", false)],
        &rows,
    );
    html.say("p", &[("class", "lead")], text.sentence.not_for_production);
}

fn pins(html: &mut Html, report: &Report, text: &Text) {
    let label = &text.label;
    html.say("p", &[("class", "lead")], text.sentence.pins);
    let mut rows: Vec<Vec<Cell<'_>>> = vec![vec![
        Cell::Code(&report.plan),
        Cell::Prose(label.plan),
        Cell::Prose(""),
        Cell::Code(&report.plan_sha256),
    ]];
    rows.extend(report.pins.iter().map(|pin| {
        vec![
            Cell::Code(&pin.name),
            Cell::Prose((text.pin)(&pin.kind)),
            Cell::Prose(&pin.version),
            Cell::Code(pin.id.as_deref().unwrap_or_default()),
        ]
    }));
    let columns = [
        (label.name, false),
        (label.what, false),
        (label.version, false),
        (label.identity, false),
    ];
    table(html, text.heading.pins, &columns, &rows);
}
