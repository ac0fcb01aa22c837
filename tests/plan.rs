//! What a plan compiles to, what its steps' fingerprints follow, and what is left to do of it.

mod decide;
mod fingerprints;

use hopp::plan::{Graph, Kind, Nature, compile};

use crate::sample::{facts, graph, id, plan, series};

/// Returns the ids of a graph's steps, in order.
fn ids(graph: &Graph) -> Vec<&str> {
    graph.nodes().iter().map(|node| node.id.as_str()).collect()
}

#[test]
fn a_plan_of_one_hop_has_these_steps_in_this_order() {
    let folder = tempfile::tempdir().unwrap();
    let rest = "repositories: [{ name: addons, url: \"https://git.example.com/addons.git\" }]\n\
                modules: { old_report: { fate: uninstall, why: replaced } }\n\
                hops: { \"19.0\": { before: [{ sql: a.sql }], after: [{ install: [mail] }, { check: c.sql }] } }";
    let plan = plan(
        folder.path(),
        18,
        19,
        rest,
        &[("a.sql", "SELECT 1"), ("c.sql", "SELECT 2")],
    );
    assert_eq!(
        ids(&graph(&plan, 18)),
        [
            "preflight",
            "checkout/addons@19.0",
            "image/postgres",
            "image/19.0",
            "provision",
            "modules",
            "restore",
            "neutralize",
            "measure",
            "uninstall",
            "19.0/before/1-sql",
            "19.0/upgrade",
            "19.0/after/1-install",
            "19.0/after/2-check",
            "19.0/neutralize",
            "19.0/check",
            "19.0/compare",
            "verify",
            "deliver",
        ]
    );
}

#[test]
fn every_hop_from_the_oldest_series_to_the_newest_has_its_own_image_code_and_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let rest = "repositories: [{ name: addons, url: \"https://git.example.com/addons.git\" }]";
    let plan = plan(folder.path(), 14, 19, rest, &[]);
    let graph = graph(&plan, 14);
    for major in 15..=19 {
        for (step, is_saved) in [("upgrade", true), ("neutralize", false), ("check", true)] {
            let node = graph.get(&id(&format!("{major}.0/{step}"))).unwrap();
            assert_eq!(
                (node.hop, node.checkpoint),
                (Some(series(major)), is_saved),
                "{}",
                node.id
            );
        }
        let upgrade = graph.get(&id(&format!("{major}.0/upgrade"))).unwrap();
        for place in [format!("image/{major}.0"), format!("checkout/addons@{major}.0")] {
            assert!(upgrade.after.contains(&id(&place)), "{} waits for {place}", upgrade.id);
        }
    }
    assert!(
        graph.get(&id("image/14.0")).is_none(),
        "no step runs Odoo of the source"
    );
    assert!(graph.get(&id("checkout/addons@14.0")).is_none());
}

#[test]
fn a_python_step_before_a_hop_brings_the_image_and_the_code_of_the_series_before() {
    let folder = tempfile::tempdir().unwrap();
    let rest = "repositories: [{ name: addons, url: \"https://git.example.com/addons.git\" }]\n\
                images: { odoo: { \"17.0\": { name: \"odoo:17.0\" } } }\n\
                hops: { \"18.0\": { before: [{ python: fix.py }] } }";
    let plan = plan(folder.path(), 17, 19, rest, &[("fix.py", "pass")]);
    let graph = graph(&plan, 17);
    let step = graph.get(&id("18.0/before/1-python")).unwrap();
    assert!(step.after.contains(&id("image/17.0")));
    assert!(step.after.contains(&id("checkout/addons@17.0")));
    assert!(matches!(step.kind, Kind::Script { series: at, hop, .. } if at == series(17) && hop == series(18)));
}

#[test]
fn a_patch_is_one_hop_from_a_series_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), 19, 19, "engine: update", &[]);
    let graph = graph(&plan, 19);
    let upgrades: Vec<&Kind> = graph
        .nodes()
        .iter()
        .map(|node| &node.kind)
        .filter(|kind| matches!(kind, Kind::Upgrade { .. }))
        .collect();
    assert_eq!(upgrades.len(), 1);
    assert!(matches!(upgrades[0], Kind::Upgrade { from, to, .. } if from == to && *to == series(19)));
}

#[test]
fn steps_of_a_playbook_stand_before_the_plan_s_own() {
    let folder = tempfile::tempdir().unwrap();
    let rest = "playbooks: [l10n_se]\nhops: { \"19.0\": { after: [{ install: [mail] }] } }";
    let plan = plan(folder.path(), 18, 19, rest, &[]);
    let graph = graph(&plan, 18);
    let origins: Vec<&str> = graph
        .nodes()
        .iter()
        .filter_map(|node| match &node.kind {
            Kind::Script { script, .. } => Some(script.origin.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(origins.last(), Some(&"plan"));
    assert!(origins.len() > 1 && origins[..origins.len() - 1].iter().all(|origin| *origin == "l10n_se"));
}

#[test]
fn steps_that_change_the_database_form_one_chain_from_the_backup_on() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), 14, 19, "", &[]);
    let graph = compile(&plan, &facts(&plan, 14));
    let mut before = None;
    for node in graph.nodes().iter().filter(|node| node.kind.nature() == Nature::Chain) {
        assert_eq!(node.database, before, "{} goes on from its predecessor", node.id);
        before = Some(node.id.clone());
    }
    assert_eq!(graph.last_of_chain().map(|node| node.id.clone()), before);
    assert_eq!(graph.get(&id("verify")).unwrap().database, before);
    assert_eq!(graph.get(&id("deliver")).unwrap().database, before);
}

#[test]
fn verification_has_the_image_of_every_hop_for_the_renames_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), 16, 19, "", &[]);
    let graph = graph(&plan, 16);
    let verify = graph.get(&id("verify")).unwrap();
    for series in ["17.0", "18.0", "19.0"] {
        assert!(verify.after.contains(&id(&format!("image/{series}"))), "{series}");
    }
}
