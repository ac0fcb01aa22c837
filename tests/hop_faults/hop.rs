//! A hop from 18.0 to 19.0 that is refused for what can be told beforehand, fails for what cannot, and ends well.

use super::Screen;
use crate::harness::{Customer, Ended, sample, step};
use crate::lab::{Said, docker};

/// A view that nobody's module owns, on a field that 19.0 does not have any more.
const DRAWN_BY_HAND: &str = "INSERT INTO ir_ui_view (name, model, type, mode, inherit_id, priority, active, arch_db)\n\
    SELECT 'studio: mobil', 'res.partner', 'form', 'extension', res_id, 99, true, jsonb_build_object('en_US',\n\
    '<data><xpath expr=\"//field[@name=''mobile'']\" position=\"after\"><field name=\"comment\"/></xpath></data>')\n\
    FROM ir_model_data WHERE module = 'base' AND name = 'view_partner_form';\n\
    UPDATE ir_module_module SET state = 'installed', latest_version = '18.0.1.0' WHERE name = 'membership';\n";

/// An Odoo 19.0 of an earlier day: it does not have a record yet that OpenUpgrade's scripts name.
const OLDER: &str = "FROM odoo:19.0\nUSER root\n\
    RUN grep -rl res_groups_privilege_canned_response /usr/lib/python3/dist-packages/odoo/addons/mail --include=*.xml \\\n\
    \u{20}   | xargs sed -i s/res_groups_privilege_canned_response/res_groups_privilege_answers/\nUSER odoo\n";

#[test]
fn a_hop_is_refused_for_what_can_be_told_beforehand_and_its_other_faults_are_named() {
    let test = "a_hop_is_refused_for_what_can_be_told_beforehand_and_its_other_faults_are_named";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let hop = Hop {
        customer: Customer::bryggan("fault-hop", &bryggan),
        addons: bryggan.join("addons/19.0/club_member"),
    };
    refused(&hop);
    newer_openupgrade(&hop);
    broken_views(&hop);
    mended(&hop);
}

struct Hop {
    customer: Customer,
    addons: std::path::PathBuf,
}

impl Hop {
    /// Commits the module for 19.0 with changes: file, what is replaced in it, by what.
    fn code(&self, changes: &[(&str, &str, &str)]) {
        for file in [
            "__manifest__.py",
            "models/club_member.py",
            "views/club_member_views.xml",
            "views/res_partner_views.xml",
        ] {
            let mut text = fs_err::read_to_string(self.addons.join(file)).unwrap();
            for (_, from, to) in changes.iter().filter(|(path, ..)| *path == file) {
                assert!(text.contains(from), "{file} has no {from}");
                text = text.replace(from, to);
            }
            let path = format!("club_member/{file}");
            self.customer
                .code
                .commit("refs/heads/19.0", &[(&path, &text)], "another try");
        }
        assert_eq!(self.customer.hopp(&["update", "plan.yaml"]).code, 0);
    }

    fn run(&self, code: i32) -> Screen {
        let Ended { code: ended, out, err } = self.customer.hopp(&["run", "plan.yaml"]);
        Screen::of(Said { code: ended, out, err }, code)
    }
}

/// Nothing of this costs more than the image and the start of PostgreSQL.
fn refused(hop: &Hop) {
    let manifest = "__manifest__.py";
    hop.code(&[(manifest, "\"19.0.1.0.0\"", "\"18.0.1.0.0\"")]);
    hop.run(20).says(&[
        "error [module-to-port] club_member: code `19.0` still has version 18.0",
        "what to do: port `club_member` to 19.0, or set `fate: uninstall`",
    ]);
    hop.code(&[(manifest, "\"installable\": True", "\"installable\": False")]);
    hop.run(20)
        .says(&["error [module-to-port] club_member: code has it with `installable: False`"]);
    hop.code(&[(
        manifest,
        "\"depends\": [\"contacts\"]",
        "\"depends\": [\"contacts\", \"club_base\"]",
    )]);
    hop.run(20)
        .says(&["club_member: it depends on `club_base`, which is not in Odoo 19.0, nor in any repository"]);
    hop.code(&[
        (
            "models/club_member.py",
            "from odoo import",
            "import club_cards\nfrom odoo import",
        ),
        ("views/res_partner_views.xml", "</odoo>", ""),
        (manifest, "\"data\": [", "\"data\": [\"data/gone.xml\", "),
    ]);
    hop.run(20).says(&[
        "club_member: club_member/models/club_member.py, line 1, imports `club_cards`, which the Odoo 19.0 image does not have",
        "what to do: add the package that holds `club_cards` to the plan: `images: { pip: { \"19.0\": [club_cards] } }`",
        "club_member: club_member/__manifest__.py names `data/gone.xml`, which is not there",
        "club_member: club_member/views/res_partner_views.xml, line ",
        "failed: modules: the code of club_member cannot be loaded: the hop would stop half-way",
    ]);
    assert!(!hop.customer.steps("step-started").contains(&"19.0/upgrade".to_owned()));
}

fn newer_openupgrade(hop: &Hop) {
    hop.code(&[]);
    fs_err::create_dir(hop.customer.path("older")).unwrap();
    hop.customer.write("older/Dockerfile", OLDER);
    hop.customer.plan("images: { odoo: { \"19.0\": { build: older } } }");
    hop.run(20).says(&[
        "OpenUpgrade is newer than this Odoo: mail/19.0.1.19/post-migration.py, line ",
        "wants `mail.res_groups_privilege_canned_response`, which this Odoo does not have",
        "hint: the image's Odoo is of 20",
        "`openupgrade: { \"19.0\": { scripts: ",
    ]);
    let report = hop.customer.report();
    let result = &step(&report, "image/19.0")["result"];
    for image in ["image", "base"] {
        docker(&["rmi", result[image].as_str().unwrap()]);
    }
}

fn broken_views(hop: &Hop) {
    // And a module that Odoo dropped: it would stay `to upgrade`, and the hop fail, did it not go with the hop.
    hop.customer.write("drawn.sql", DRAWN_BY_HAND);
    hop.customer
        .plan("hops: { \"19.0\": { before: [{ sql: drawn.sql }] } }");
    hop.code(&[
        ("views/club_member_views.xml", "<list>", "<tree>"),
        ("views/club_member_views.xml", "</list>", "</tree>"),
        (
            "views/res_partner_views.xml",
            "<field name=\"club_newsletter\"/>",
            "<field name=\"mobile\"/>",
        ),
    ]);
    hop.run(21).says(&[
        "(no xmlid): the form `studio: mobil` of res.partner is broken",
        "cannot be located in parent view; res.partner has no field `mobile` any more",
        "what to do: no module owns this view",
        "error [view-broken] club_member.view_partner_form_club: ",
        "Field \"mobile\" does not exist in model \"res.partner\"; res.partner has no field `mobile` any more",
        "error [view-broken] club_member.club_member_view_list: ",
        "a <list>, not a <tree>",
        "VERIFICATION FAILED",
    ]);
    let log = hop.customer.hopp(&["logs", "plan.yaml", "19.0/upgrade"]).out;
    assert!(log.contains("Odoo 19.0 does not have membership any more"), "{log}");
}

fn mended(hop: &Hop) {
    hop.code(&[]);
    hop.customer.plan("");
    let ended = hop.customer.run(&[], 0);
    assert!(
        ended.err.contains("= neutralize ") && ended.err.contains("✓ 19.0/upgrade "),
        "{}",
        ended.err
    );
    assert!(hop.customer.things().containers.is_empty());
}
