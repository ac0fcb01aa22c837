//! What a person should look at before the first rehearsal.

use std::collections::{BTreeMap, BTreeSet};

use super::Database;
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::odoo::fates::{self, AtHop, Fate, Known, Lacking, Origin, Way};
use crate::odoo::openupgrade::Grade;
use crate::odoo::survey::Own;

/// How many records are named as evidence.
const NAMED: usize = 10;

/// Returns everything worth a person's time, worst first.
pub(super) fn of(database: &Database, ways: &[Way], known: &Known<'_>) -> Vec<Finding> {
    let mut all: Vec<Finding> = ways.iter().filter_map(|way| of_way(way, known)).collect();
    all.extend(fates::lacking(known).iter().map(of_lacking));
    all.extend(database.transient.iter().map(|(module, state)| {
        finding(
            Severity::Error,
            "module-unfinished",
            "modules",
            module,
            format!("its state is `{state}`: something was begun with it and not finished"),
            "finish or cancel it in the source, and make a new backup".into(),
        )
    }));
    if database.enterprise {
        all.push(finding(
            Severity::Warning,
            "enterprise",
            "modules",
            "web_enterprise",
            "the database is of Odoo Enterprise, which OpenUpgrade does not cover".into(),
            "Odoo's own upgrade service takes it over: `engine: odoo-service`".into(),
        ));
    }
    all.extend(unknown(ways));
    all.extend(uncovered(ways));
    all.extend(customised(database));
    all.extend(attachments(database));
    sort(&mut all);
    all
}

/// Puts the worst first, and what is of one area beside each other.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (std::cmp::Reverse(finding.severity as u8), finding.area.clone());
        key(a).cmp(&key(b))
    });
}

fn finding(severity: Severity, code: &str, area: &str, subject: &str, message: String, remedy: String) -> Finding {
    Finding {
        severity,
        code: code.into(),
        area: area.into(),
        subject: subject.into(),
        message,
        remedy,
        evidence: Vec::new(),
        since: None,
    }
}

fn of_way(way: &Way, known: &Known<'_>) -> Option<Finding> {
    let hop = way.turning_point()?;
    let module = |severity, code: &str, message: String, remedy: String| {
        Some(finding(severity, code, "modules", &way.module, message, remedy))
    };
    let why = hop.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    match &hop.fate {
        Fate::ToPort => module(
            Severity::Error,
            "module-to-port",
            format!("it needs code for {}{why}", hop.to),
            remedy(way, hop),
        ),
        Fate::Missing => module(
            Severity::Error,
            "module-missing",
            format!("there is no code of it for {}{why}", hop.to),
            remedy(way, hop),
        ),
        Fate::Removed => module(
            Severity::Warning,
            "module-removed",
            format!(
                "Odoo {} has no such module; its data stays behind, and nothing shows it",
                hop.to
            ),
            "see whether its users need something in its place; uninstall it in the source if not".into(),
        ),
        // Told together: one table that is not at hand leaves all of them unknown.
        Fate::Unknown => None,
        Fate::Stays | Fate::Renamed(_) | Fate::Merged(_) | Fate::Uninstalled => {
            let keeps_code = way.origin == Origin::Imported && !known.hops.is_empty();
            keeps_code.then(|| {
                finding(
                    Severity::Info,
                    "module-imported",
                    "modules",
                    &way.module,
                    "it was uploaded as data and has no code: its views are upgraded with nobody's help".into(),
                    "look at it after the rehearsal, or upload its author's release for the target".into(),
                )
            })
        }
    }
}

/// Returns a finding for each reason why what becomes of modules is not known.
fn unknown(ways: &[Way]) -> impl Iterator<Item = Finding> {
    let mut modules: BTreeMap<(Series, String), Vec<String>> = BTreeMap::new();
    for way in ways.iter().filter(|way| way.origin != Origin::Enterprise) {
        if let Some(hop) = way.turning_point().filter(|hop| hop.fate == Fate::Unknown) {
            let why = hop.note.as_deref().unwrap_or("nothing tells");
            modules
                .entry((hop.to, why.to_owned()))
                .or_default()
                .push(way.module.clone());
        }
    }
    modules.into_iter().map(|((to, why), modules)| {
        let message = format!(
            "what becomes of {} is unknown: {why}",
            crate::words::count(modules.len(), "module")
        );
        let remedy = "name a release with `--openupgrade`, or assess where the package index answers";
        let subject = to.to_string();
        let told = finding(
            Severity::Warning,
            "fate-unknown",
            "modules",
            &subject,
            message,
            remedy.into(),
        );
        Finding {
            evidence: modules,
            ..told
        }
    })
}

/// Returns what to do about a module without code.
fn remedy(way: &Way, hop: &AtHop) -> String {
    let uninstall = "uninstall it in the source, or with `modules:` in the plan";
    let place = hop.code.as_ref();
    match (way.origin, place) {
        (_, Some(place)) if place.found => format!(
            "port it on branch {} of {}; or {uninstall}",
            place.reference, place.repository
        ),
        (Origin::Oca, Some(place)) => format!(
            "see whether branch {} of {} has it: then add that repository to the plan; else port it there, or {uninstall}",
            place.reference, place.repository
        ),
        (Origin::Oca, None) => format!("look for it among OCA's repositories for {}; or {uninstall}", hop.to),
        (Origin::ThirdParty, _) => format!("ask its author for a release for {}, or {uninstall}", hop.to),
        (_, Some(place)) => format!(
            "port it to branch {} of {}, or {uninstall}",
            place.reference, place.repository
        ),
        (Origin::Core, None) => format!("add a repository that has it, or {uninstall}"),
        (_, None) => format!(
            "name the repository that has its code in the plan, port it to {}, or {uninstall}",
            hop.to
        ),
    }
}

fn of_lacking(lacking: &Lacking) -> Finding {
    let state = if lacking.exists {
        "which is not installed"
    } else {
        "which the database has never heard of"
    };
    finding(
        Severity::Error,
        "dependency-missing",
        "modules",
        &lacking.module,
        format!("it needs `{}`, {state}: Odoo would not load it", lacking.needs),
        format!(
            "install `{}` in the source, or uninstall `{}` there",
            lacking.needs, lacking.module
        ),
    )
}

/// Returns one finding for each hop with modules that OpenUpgrade has not looked at.
fn uncovered(ways: &[Way]) -> Vec<Finding> {
    // By the name of that series: two that were merged are one.
    let mut by_hop: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for way in ways {
        let mut name = way.module.as_str();
        for hop in &way.hops {
            if let Fate::Renamed(to) | Fate::Merged(to) = &hop.fate {
                name = to;
            }
            if hop.grade == Some(Grade::NotCovered) {
                by_hop.entry(hop.to).or_default().insert(name);
            }
        }
    }
    by_hop
        .into_iter()
        .map(|(to, modules)| {
            let count = crate::words::count(modules.len(), "module");
            Finding {
                evidence: modules.into_iter().map(str::to_owned).collect(),
                ..finding(
                    Severity::Warning,
                    "not-covered",
                    "modules",
                    &to.to_string(),
                    format!("OpenUpgrade has not looked at {count} whose tables change at this hop"),
                    "try these in the rehearsal, and compare their data with the old system".into(),
                )
            }
        })
        .collect()
}

fn customised(database: &Database) -> Vec<Finding> {
    let own = &database.customised;
    let mut all = Vec::new();
    let mut add = |code: &str, subject: &str, count: usize, names: Vec<String>, message: &str, remedy: &str| {
        if count > 0 {
            all.push(Finding {
                evidence: names,
                ..finding(
                    Severity::Info,
                    code,
                    "customisations",
                    subject,
                    format!("{} {message}", crate::words::count(count, subject)),
                    remedy.into(),
                )
            });
        }
    };
    let named = |own: &[Own]| {
        let names = own
            .iter()
            .take(NAMED)
            .map(|own| format!("{} (id {})", own.name, own.id));
        names.collect::<Vec<_>>()
    };
    add(
        "own-actions",
        "server action",
        own.server_actions.len(),
        named(&own.server_actions),
        "with code that no module owns: nobody's upgrade script knows the fields it names",
        "read their code for fields and models that the target no longer has",
    );
    add(
        "own-views",
        "view",
        own.views.len(),
        named(&own.views),
        "that no module owns: one that names a field the target lacks breaks its form",
        "the rehearsal says which are broken; move what must stay into a module",
    );
    let first = |names: &[String]| names.iter().take(NAMED).cloned().collect();
    add(
        "own-models",
        "manual model",
        own.models.len(),
        first(&own.models),
        "made in the database, with nobody's upgrade script",
        "look at its records after the rehearsal",
    );
    add(
        "own-fields",
        "manual field",
        own.fields.len(),
        first(&own.fields),
        "made in the database: they come along, and what computes them is nobody's to port",
        "look at the computed ones after the rehearsal",
    );
    all
}

fn attachments(database: &Database) -> Option<Finding> {
    let files = &database.attachments;
    (files.missing > 0).then(|| Finding {
        evidence: files.examples.clone(),
        ..finding(
            Severity::Warning,
            "attachment-missing",
            "attachments",
            "filestore",
            format!("{} of {} attachments have no file", files.missing, files.stored),
            "if the source has the files, make a new backup with them; else accept that they are lost".into(),
        )
    })
}
