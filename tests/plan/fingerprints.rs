//! What a fingerprint follows, and what it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use hopp::ident::{Fingerprint, Series, StepId};
use hopp::odoo::manifest::Manifest;
use hopp::plan::{Deployed, Facts, Graph, compile, fingerprints, let_in};
use hopp::spec::{Plan, Verb};
use proptest::prelude::*;

use crate::sample::{facts, id, identities, plan};

const REPOSITORIES: &str = "repositories: [{ name: addons, url: \"https://git.example.com/addons.git\" }]";

fn all(graph: &Graph) -> BTreeMap<StepId, Fingerprint> {
    fingerprints(graph, &identities(graph))
}

fn of(plan: &Plan, facts: &Facts) -> BTreeMap<StepId, Fingerprint> {
    all(&compile(plan, facts))
}

/// Returns the steps whose fingerprints differ.
fn changed(before: &BTreeMap<StepId, Fingerprint>, after: &BTreeMap<StepId, Fingerprint>) -> BTreeSet<StepId> {
    assert!(before.keys().eq(after.keys()), "the steps themselves are the same");
    let differing = before.iter().filter(|(step, print)| after[*step] != **print);
    differing.map(|(step, _)| step.clone()).collect()
}

/// Returns a step and everything that starts from what it leaves, or reads it.
fn downstream(graph: &Graph, first: &str) -> BTreeSet<StepId> {
    let mut found = BTreeSet::from([id(first)]);
    for node in graph.nodes() {
        if node.database.as_ref().is_some_and(|database| found.contains(database)) {
            found.insert(node.id.clone());
        }
    }
    found
}

/// A plan over several hops with one SQL step before each of them.
fn with_scripts(folder: &Path, from: u8, to: u8, texts: &[String]) -> Plan {
    let mut rest = format!("{REPOSITORIES}\nhops:");
    let mut scripts = Vec::new();
    for (major, text) in (from + 1..=to).zip(texts) {
        write!(rest, "\n  \"{major}.0\": {{ before: [{{ sql: {major}.sql }}] }}").unwrap();
        scripts.push((format!("{major}.sql"), text.as_str()));
    }
    let scripts: Vec<(&str, &str)> = scripts.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    plan(folder, from, to, &rest, &scripts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_graph_is_in_an_order_in_which_it_can_be_done(from in 14_u8..=19, hops in 0_u8..=5, scripts: [bool; 5]) {
        let to = (from + hops).min(19);
        let folder = tempfile::tempdir().unwrap();
        let mut rest = REPOSITORIES.to_owned();
        if from == to {
            rest += "\nengine: update";
        } else {
            write!(rest, "\nimages: {{ odoo: {{ \"{from}.0\": {{ name: odoo }} }} }}\nhops:").unwrap();
        }
        for (major, script) in (from + 1..=to).zip(scripts) {
            let before = if script && major == from + 1 { "before: [{ update: [sale] }]" } else { "after: [{ install: [mail] }]" };
            write!(rest, "\n  \"{major}.0\": {{ {before} }}").unwrap();
        }
        let plan = plan(folder.path(), from, to, &rest, &[]);
        let graph = compile(&plan, &facts(&plan, from));
        let mut seen = BTreeSet::new();
        for node in graph.nodes() {
            for needed in node.after.iter().chain(&node.database) {
                prop_assert!(seen.contains(needed), "{} comes before {needed}", node.id);
            }
            prop_assert!(seen.insert(node.id.clone()), "{} is there once", node.id);
        }
    }

    #[test]
    fn a_changed_script_changes_its_step_and_what_follows_and_nothing_else(
        texts in proptest::collection::vec("SELECT [a-z]{1,8}", 5),
        hop in 0_usize..5,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let plan = with_scripts(folder.path(), 14, 19, &texts);
        let mut others = texts.clone();
        others[hop].push('!');
        let other = with_scripts(folder.path(), 14, 19, &others);
        let graph = compile(&plan, &facts(&plan, 14));
        let before = all(&graph);
        prop_assert_eq!(&before, &of(&with_scripts(folder.path(), 14, 19, &texts), &facts(&plan, 14)), "the same gives the same");
        let expected = downstream(&graph, &format!("{}.0/before/1-sql", 15 + hop));
        prop_assert_eq!(changed(&before, &of(&other, &facts(&other, 14))), expected);
    }
}

#[test]
fn code_of_a_later_series_leaves_earlier_hops_alone() {
    let folder = tempfile::tempdir().unwrap();
    let plan = with_scripts(folder.path(), 17, 19, &[]);
    let mut facts = facts(&plan, 17);
    let graph = compile(&plan, &facts);
    let before = of(&plan, &facts);
    let code = facts.code.iter_mut().find(|code| code.series.major() == 19).unwrap();
    code.tree = "another tree".into();
    let found = changed(&before, &of(&plan, &facts));
    let mut expected = downstream(&graph, "19.0/upgrade");
    // A module's fate depends on the code of every hop.
    expected.extend([id("modules"), id("checkout/addons@19.0")]);
    assert_eq!(found, expected);
}

/// Returns the manifest of a module.
fn manifest(text: &str) -> Manifest {
    Manifest::parse(text).unwrap()
}

#[test]
fn code_that_no_installed_module_needs_may_change_at_will() {
    let folder = tempfile::tempdir().unwrap();
    let rest =
        format!("{REPOSITORIES}\nhops: {{ \"19.0\": {{ after: [{{ install: [stool] }}, {{ python: a.py }}] }} }}");
    let scripts = [("a.py", "env.ref('base.module_chair').button_immediate_install()")];
    let plan = plan(folder.path(), 18, 19, &rest, &scripts);
    let mut facts = facts(&plan, 18);
    for installed in ["base", "shelf", "old_name"] {
        facts.backup.modules.insert(installed.into(), "18.0.1.0".into());
    }
    let modules = [
        ("shelf", "{'depends': ['base', 'lamp']}"),
        ("lamp", "{}"),
        ("stool", "{'depends': ['cushion']}"),
        ("cushion", "{}"),
        ("chair", "{}"),
        ("glue", "{'depends': ['base', 'shelf'], 'auto_install': True}"),
        (
            "glue_new",
            "{'depends': ['shelf', 'html_editor'], 'auto_install': True}",
        ),
        ("glue_cellar", "{'depends': ['shelf', 'cellar'], 'auto_install': True}"),
        ("cellar", "{}"),
        ("new_name", "{}"),
    ];
    let code = &mut facts.code[0];
    code.modules = modules.map(|(name, text)| (name.to_owned(), manifest(text))).into();
    code.contents = modules.map(|(name, _)| (name.to_owned(), Fingerprint::of(name))).into();
    let graph = compile(&plan, &facts);
    let before = all(&graph);
    let nineteen = Series::NEWEST;
    let none = BTreeSet::new();
    for (name, _) in modules {
        let mut other = facts.clone();
        other.code[0].contents.insert(name.into(), Fingerprint::of("changed"));
        other.code[0].tree = "another tree".into();
        let found = changed(&before, &of(&plan, &other));
        let idle = BTreeSet::from([id("checkout/addons@19.0")]);
        let at_will = ["glue_cellar", "cellar", "new_name"].contains(&name);
        assert_eq!(found == idle, at_will, "{name}: {found:?}");
    }
    // What a table of renames leads to is known once the image is there.
    let renamed = BTreeSet::from(["new_name".to_owned()]);
    let named = let_in(&plan, &facts, nineteen, &renamed);
    assert!(named.is_some() && let_in(&plan, &facts, nineteen, &none).is_none());
    facts.code[0]
        .contents
        .insert("cellar".into(), Fingerprint::of("changed"));
    assert_eq!(let_in(&plan, &facts, nineteen, &renamed), named);
    facts.code[0]
        .contents
        .insert("new_name".into(), Fingerprint::of("changed"));
    assert_ne!(let_in(&plan, &facts, nineteen, &renamed), named);
}

#[test]
fn what_production_runs_decides_an_update_and_not_a_hop() {
    let upgrade = |from: u8, rest: &str, content: &str| {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(folder.path(), from, 19, &format!("{REPOSITORIES}\n{rest}"), &[]);
        let mut facts = facts(&plan, from);
        facts.backup.modules.insert("shelf".into(), "1.0".into());
        let contents = [("shelf", content), ("cellar", "whatever")];
        facts.deployed = vec![Deployed {
            repository: "addons".into(),
            contents: contents
                .map(|(name, content)| (name.to_owned(), Fingerprint::of(content)))
                .into(),
        }];
        of(&plan, &facts).remove(&id("19.0/upgrade")).unwrap()
    };
    assert_ne!(upgrade(19, "engine: update", "a"), upgrade(19, "engine: update", "b"));
    assert_eq!(upgrade(18, "", "a"), upgrade(18, "", "b"));
}

#[test]
fn an_image_s_content_counts_and_not_only_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let plan = with_scripts(folder.path(), 17, 19, &[]);
    let graph = compile(&plan, &facts(&plan, 17));
    let mut known = identities(&graph);
    let before = fingerprints(&graph, &known);
    known.insert(id("image/19.0"), Fingerprint::of("rebuilt"));
    let found = changed(&before, &fingerprints(&graph, &known));
    let mut expected = downstream(&graph, "19.0/upgrade");
    expected.extend([id("image/19.0"), id("modules")]);
    assert_eq!(found, expected);
}

#[test]
fn without_an_image_s_identity_nothing_that_runs_it_has_a_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let plan = with_scripts(folder.path(), 17, 19, &[]);
    let graph = compile(&plan, &facts(&plan, 17));
    let mut known = identities(&graph);
    known.remove(&id("image/18.0"));
    let found = fingerprints(&graph, &known);
    assert!(found.contains_key(&id("neutralize")), "the source needs no image");
    for step in [
        "image/18.0",
        "18.0/upgrade",
        "19.0/check",
        "19.0/compare",
        "modules",
        "verify",
        "deliver",
    ] {
        assert!(!found.contains_key(&id(step)), "{step} depends on it");
    }
}

#[test]
fn the_name_and_the_number_of_a_script_do_not_matter_and_its_words_do() {
    let one = |rest: &str, scripts: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(folder.path(), 18, 19, rest, scripts);
        let graph = compile(&plan, &facts(&plan, 18));
        all(&graph)
    };
    let before = |steps: &str| format!("hops: {{ \"19.0\": {{ before: [{steps}] }} }}");
    let first = one(&before("{ sql: a.sql }"), &[("a.sql", "SELECT 1")]);
    let renamed = one(&before("{ sql: b.sql }"), &[("b.sql", "SELECT 1")]);
    let other = one(&before("{ sql: a.sql }"), &[("a.sql", "SELECT 2")]);
    let step = id("19.0/before/1-sql");
    assert_eq!(first[&step], renamed[&step]);
    assert_ne!(first[&step], other[&step]);
    // The same words before and after the upgrade are two different things to do.
    let after = one(
        "hops: { \"19.0\": { after: [{ sql: a.sql }] } }",
        &[("a.sql", "SELECT 1")],
    );
    assert_ne!(first[&step], after[&id("19.0/after/1-sql")]);
}

#[test]
fn what_a_command_is_told_by_its_placeholders_counts() {
    let folder = tempfile::tempdir().unwrap();
    let rest = "hops: { \"18.0\": { after: [{ command: [echo, \"${source}\"] }] } }";
    let mut plan = plan(folder.path(), 17, 18, rest, &[]);
    let said = of(&plan, &facts(&plan, 17));
    // A plan that leaves it to the backup to say its series means the same.
    plan.source_series = None;
    let Verb::Command(words) = &mut plan.hops[0].after[0].verb else {
        panic!("the step is a command")
    };
    assert_eq!(words[1], "17.0");
    words[1] = "${source}".into();
    assert_eq!(of(&plan, &facts(&plan, 17)), said);
}

#[test]
fn openupgrade_is_told_where_the_plan_ends_so_a_longer_plan_upgrades_again() {
    let upgrade = |target| {
        let folder = tempfile::tempdir().unwrap();
        let plan = with_scripts(folder.path(), 17, target, &[]);
        of(&plan, &facts(&plan, 17)).remove(&id("18.0/upgrade"))
    };
    assert_eq!(upgrade(19), upgrade(19));
    assert_ne!(upgrade(18), upgrade(19));
}
