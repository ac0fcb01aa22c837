use super::*;
use crate::odoo::openupgrade::parse_release;

fn series(major: u8) -> Series {
    Series::from_major(major).unwrap()
}

fn module(author: &str) -> Module {
    Module {
        state: "installed".into(),
        version: "16.0.1.0".into(),
        author: author.into(),
        license: "LGPL-3".into(),
        ..Module::default()
    }
}

fn release(files: &[(&str, &str)]) -> Result<Release, String> {
    parse_release(files.iter().copied()).map_err(|error| error.to_string())
}

/// A hop to 17.0 that renames `note` and a hop to 18.0 that merges what it became.
fn hops() -> Vec<Hop> {
    let hop = |to, release| Hop {
        to: series(to),
        release,
        code: Vec::new(),
    };
    vec![
        hop(
            17,
            release(&[
                (
                    "apriori.py",
                    "renamed_modules = {'note': 'project_todo', 'board_x': 'board_x_oca'}",
                ),
                ("scripts/project_todo/17.0.1.0/upgrade_analysis.txt", "x / y / z : NEW"),
                ("scripts/sale/17.0.1.0/post-migration.py", ""),
            ]),
        ),
        hop(
            18,
            release(&[
                (
                    "apriori.py",
                    "renamed_modules = {}\nmerged_modules = {'project_todo': 'project'}",
                ),
                ("scripts/project/18.0.1.0/pre-migration.py", ""),
                (
                    "scripts/base/18.0.1.3/upgrade_general_log.txt",
                    "---Probably obsolete module pos_six---\n",
                ),
            ]),
        ),
    ]
}

fn known(modules: &BTreeMap<String, Module>) -> Known<'_> {
    Known {
        modules,
        enterprise: false,
        hops: hops(),
        has_plan: false,
        uninstalled: BTreeSet::new(),
        kept: BTreeSet::new(),
        covered: modules
            .keys()
            .filter(|name| name.starts_with("acme_"))
            .cloned()
            .collect(),
    }
}

fn database(modules: &[(&str, Module)]) -> BTreeMap<String, Module> {
    modules
        .iter()
        .map(|(name, module)| ((*name).to_owned(), module.clone()))
        .collect()
}

fn fates(way: &Way) -> Vec<String> {
    way.hops.iter().map(|hop| hop.fate.to_string()).collect()
}

fn code(reference: &str, modules: &[(&str, &str)]) -> Code {
    Code {
        repository: "addons".into(),
        is_custom: true,
        reference: reference.into(),
        exists: true,
        modules: modules
            .iter()
            .map(|(name, manifest)| ((*name).to_owned(), Manifest::parse(manifest).unwrap()))
            .collect(),
    }
}

#[test]
fn a_module_is_followed_through_renames_and_merges() {
    let database = database(&[
        ("note", module("Odoo S.A.")),
        ("pos_six", module("Odoo S.A.")),
        ("sale", module("Odoo S.A.")),
        ("board_x", module("Odoo S.A.")),
    ]);
    let ways = follow(&known(&database));
    let of = |name: &str| ways.iter().find(|way| way.module == name).unwrap();
    assert_eq!(fates(of("note")), ["renamed to project_todo", "merged into project"]);
    assert_eq!(of("note").name, "project");
    assert_eq!(of("note").hops[0].grade, Some(Grade::NotCovered));
    assert_eq!(of("note").hops[1].grade, Some(Grade::Done));
    assert_eq!(fates(of("pos_six")), ["stays", "removed by Odoo"]);
    assert_eq!(fates(of("sale")), ["stays", "stays"]);
    assert_eq!(*of("board_x").verdict(), Fate::Missing, "nothing has board_x_oca");
}

#[test]
fn a_module_merged_into_odoos_own_is_odoos_from_then_on() {
    let database = database(&[("project_extra", module("Odoo Community Association (OCA)"))]);
    let mut known = known(&database);
    known.hops[0].release = release(&[
        (
            "apriori.py",
            "renamed_modules = {}\nmerged_modules = {'project_extra': 'project_todo'}",
        ),
        ("scripts/project_todo/17.0.1.0/upgrade_analysis.txt", "x / y / z : NEW"),
    ]);
    let ways = follow(&known);
    assert_eq!(fates(&ways[0]), ["merged into project_todo", "merged into project"]);
    assert_eq!(ways[0].origin, Origin::Oca);
}

#[test]
fn code_that_is_not_of_the_series_needs_porting() {
    let database = database(&[
        ("acme_a", module("Acme")),
        ("acme_b", module("Acme")),
        ("acme_c", module("Acme")),
        ("acme_d", module("Acme")),
        ("other", module("Acme")),
        ("sale", module("Odoo S.A.")),
    ]);
    let mut known = known(&database);
    known.has_plan = true;
    known.hops.truncate(1);
    known.uninstalled.insert("other".into());
    known.hops[0].code = vec![code(
        "17.0",
        &[
            ("acme_a", "{'version': '17.0.1.0.0', 'depends': ['sale']}"),
            ("acme_b", "{'version': '16.0.1.0.0'}"),
            ("acme_c", "{'version': '17.0.1.0.0', 'depends': ['web_x']}"),
        ],
    )];
    let ways = follow(&known);
    let verdicts: Vec<String> = ways.iter().map(|way| way.verdict().to_string()).collect();
    assert_eq!(
        verdicts,
        [
            "stays",
            "needs porting",
            "needs porting",
            "missing",
            "uninstall planned",
            "stays"
        ]
    );
    assert!(ways[2].hops[0].note.as_deref().unwrap().contains("`web_x`"));
    assert_eq!(ways[0].hops[0].code.as_ref().unwrap().reference, "17.0");
    assert!(ways[0].covered && !ways[4].covered);
}

#[test]
fn modules_tell_who_made_them() {
    let mut oca = module("Tecnativa, Odoo Community Association (OCA)");
    oca.website = "https://github.com/OCA/server-tools/tree/16.0".into();
    let database = database(&[
        ("auditlog", oca),
        (
            "shop",
            Module {
                license: "OPL-1".into(),
                ..module("Somebody")
            },
        ),
        ("own", module("Acme")),
        (
            "upload",
            Module {
                imported: true,
                ..module("Acme")
            },
        ),
        ("sale", module("26HOUSE")),
    ]);
    let known = known(&database);
    let origins: Vec<Origin> = follow(&known).iter().map(|way| way.origin).collect();
    assert_eq!(
        origins,
        [
            Origin::Oca,
            Origin::Custom,
            Origin::Core,
            Origin::ThirdParty,
            Origin::Imported
        ]
    );
    let ways = follow(&known);
    let place = ways[0].hops[0].code.as_ref().unwrap();
    assert_eq!(
        (place.repository.as_str(), place.reference.as_str()),
        ("OCA/server-tools", "17.0")
    );
    assert_eq!(fates(&ways[4]), ["stays", "stays"], "data has no code to port");
}

#[test]
fn enterprises_modules_are_told_apart_from_those_that_only_carry_its_license() {
    let oeel = || Module {
        license: "OEEL-1".into(),
        ..module("Odoo S.A.")
    };
    let database = database(&[("sale", oeel()), ("web_enterprise", oeel())]);
    let mut known = known(&database);
    known.enterprise = true;
    let origins: Vec<Origin> = follow(&known).iter().map(|way| way.origin).collect();
    assert_eq!(origins, [Origin::Core, Origin::Enterprise]);
    known.enterprise = false;
    assert_eq!(follow(&known)[1].origin, Origin::Core);
}

#[test]
fn without_a_release_it_is_said_that_nothing_is_known() {
    let database = database(&[("sale", module("Odoo S.A.")), ("own", module("Acme"))]);
    let mut known = known(&database);
    known.hops[0].release = Err("no network".into());
    let ways = follow(&known);
    assert_eq!(fates(&ways[1]), ["unknown", "stays"]);
    assert_eq!(ways[1].hops[0].note.as_deref(), Some("no network"));
    assert_eq!(fates(&ways[0]), ["needs porting", "needs porting"]);
}

#[test]
fn a_module_whose_need_is_not_installed_is_found() {
    let mut sale = module("Odoo S.A.");
    sale.depends = vec!["base".into(), "ghost".into(), "idle".into()];
    let idle = Module {
        state: "uninstalled".into(),
        ..module("Odoo S.A.")
    };
    let database = database(&[("sale", sale), ("base", module("Odoo S.A.")), ("idle", idle)]);
    let found: Vec<(String, bool)> = lacking(&known(&database))
        .into_iter()
        .map(|lacking| (lacking.needs, lacking.exists))
        .collect();
    assert_eq!(found, [("ghost".to_owned(), false), ("idle".to_owned(), true)]);
}
