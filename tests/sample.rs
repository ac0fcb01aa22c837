//! A plan and the facts it is compiled with, made up.

use std::collections::BTreeMap;
use std::path::Path;

use hopp::ident::{Fingerprint, Series, StepId};
use hopp::odoo::backup::{Backup, BackupKind};
use hopp::plan::{Code, Facts, Graph, Identities, Texts, compile};
use hopp::spec::Plan;
use hopp::ui::diagnostic::render;

/// Returns the series with this major version.
pub(crate) fn series(major: u8) -> Series {
    Series::from_major(major).unwrap()
}

/// Returns a step's id.
pub(crate) fn id(text: &str) -> StepId {
    StepId::new(text)
}

/// Writes a plan with its scripts into a folder and loads it. `rest` goes on where `source` and `target` end.
pub(crate) fn plan(folder: &Path, from: u8, target: u8, rest: &str, scripts: &[(&str, &str)]) -> Plan {
    fs_err::write(folder.join("backup.dump"), "PGDMP").unwrap();
    for (name, text) in scripts {
        fs_err::write(folder.join(name), text).unwrap();
    }
    let text = format!(
        "customer: acme\nsource: {{ backup: backup.dump, series: \"{from}.0\" }}\ntarget: \"{target}.0\"\n{rest}\n"
    );
    let path = folder.join("acme.yaml");
    fs_err::write(&path, text).unwrap();
    hopp::spec::load(&path).unwrap_or_else(|problems| panic!("{}", render(&problems, false)))
}

/// Returns facts about a backup, with each repository of the plan at a tree of its own in each series that needs it.
pub(crate) fn facts(plan: &Plan, from: u8) -> Facts {
    let from = series(from);
    let code = plan
        .repositories
        .iter()
        .flat_map(|repository| {
            hopp::plan::odoo_series(plan, from).into_iter().map(|series| Code {
                repository: repository.name.clone(),
                series,
                reference: series.to_string(),
                commit: Some("c0ffee".into()),
                tree: format!("tree of {} {series}", repository.name),
                modules: BTreeMap::new(),
                contents: BTreeMap::new(),
                requirements: None,
                addons_folders: vec![".".into()],
                ported: None,
            })
        })
        .collect();
    Facts {
        backup: Backup {
            path: "backup.dump".into(),
            kind: BackupKind::PgCustom,
            series: Some(from),
            version: Some(format!("{from}.1.3")),
            enterprise: false,
            modules: BTreeMap::new(),
            pg_version: None,
            database: None,
            has_filestore: false,
            bytes: 5,
            sha256: Fingerprint::of("backup"),
        },
        from,
        filestore: None,
        code,
        deployed: vec![],
        today: jiff::civil::date(2026, 11, 22),
        texts: Texts {
            measure: "measure".into(),
            check: "check".into(),
            compare: "compare".into(),
            verify: "verify".into(),
        },
    }
}

/// Returns the graph of a plan, with facts of its own.
pub(crate) fn graph(plan: &Plan, from: u8) -> Graph {
    compile(plan, &facts(plan, from))
}

/// Returns an identity for every image of a graph.
pub(crate) fn identities(graph: &Graph) -> Identities {
    let images = graph
        .nodes()
        .iter()
        .filter(|node| node.id.as_str().starts_with("image/"));
    images
        .map(|node| (node.id.clone(), Fingerprint::of(node.id.as_str())))
        .collect()
}
