//! What lives in the database alone, asked in the target's source.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::hopp;
use crate::harness::sample;

/// A database of 18.0 with code of its own, and a custom module.
const STORED: &str = "\
COPY public.ir_module_module_dependency (id, name, module_id) FROM stdin;
1\tbase\t2
2\tbase\t3
\\.
COPY public.ir_model (id, model) FROM stdin;
7\tres.partner
8\tres.old
\\.
COPY public.ir_model_fields (id, model, name, ttype, relation, state, related, compute, depends) FROM stdin;
70\tres.partner\tmobile\tchar\t\\N\tbase\t\\N\t\\N\t\\N
76\tres.partner\tfax\tchar\t\\N\tbase\t\\N\t\\N\t\\N
71\tres.partner\tparent_id\tmany2one\tres.partner\tbase\t\\N\t\\N\t\\N
72\tres.partner\tclub_no\tchar\t\\N\tbase\t\\N\t\\N\t\\N
73\tres.partner\tx_mobile\tchar\t\\N\tmanual\tparent_id.mobile\t\\N\t\\N
74\tres.partner\tx_shout\tchar\t\\N\tmanual\t\\N\tfor record in self:\\n    record['x_shout'] = record.mobile\tmobile
77\tres.partner\textra_fee\tchar\t\\N\tbase\t\\N\t\\N\t\\N
75\tres.partner\tphone\tchar\t\\N\tbase\t\\N\t\\N\t\\N
\\.
COPY public.ir_model_data (id, module, name, model, res_id, noupdate) FROM stdin;
1\tbase\tfield_res_partner__mobile\tir.model.fields\t70\tf
96\tbase\tfield_res_partner__fax\tir.model.fields\t76\tf
2\tbase\tfield_res_partner__parent_id\tir.model.fields\t71\tf
3\tclub\tfield_res_partner__club_no\tir.model.fields\t72\tf
10\textra\tfield_res_partner__extra_fee\tir.model.fields\t77\tf
4\tbase\tfield_res_partner__phone\tir.model.fields\t75\tf
5\tbase\tmodel_res_partner\tir.model\t7\tf
11\textra\tmodel_res_partner\tir.model\t7\tf
6\tbase\tmodel_res_old\tir.model\t8\tf
7\tbase\tview_partner_form\tir.ui.view\t11\tf
8\tbase\tgroup_old\tres.groups\t1\tf
9\tclub\tview_club\tir.ui.view\t12\tf
\\.
COPY public.ir_act_server (id, name, model_id, write_uid, state, code) FROM stdin;
9\t{\"en_US\": \"Call\"}\t7\t2\tcode\tif record.phone:\\n    env['res.old'].search([])\\n    record.write({'mobile': record.parent_id.mobile, 'club_no': 1})\\nenv.ref('base.group_old')
\\.
COPY public.ir_filters (id, name, model_id, write_uid, active, domain, context, sort) FROM stdin;
3\tMobile\tres.partner\t2\tf\t[('parent_id.mobile', '!=', False)]\t{'group_by': ['mobile']}\t[\"mobile desc\"]
\\.
COPY public.mail_template (id, name, model, write_uid, active, subject, body_html) FROM stdin;
5\tGreet\tres.partner\t2\tt\t{\"en_US\": \"Hej {{ object.mobile }}\"}\t{\"en_US\": \"<p t-out=\\\\\"object.phone\\\\\"/>\"}
\\.
COPY public.ir_ui_view (id, name, model, type, inherit_id, mode, active, priority, arch_db) FROM stdin;
11\tform\tres.partner\tform\t\\N\tprimary\tt\t16\t{\"en_US\": \"<form><page name='loans'/><field name='phone'/></form>\"}
12\tclub\tres.partner\tform\t11\textension\tt\t16\t{\"en_US\": \"<field name='phone' position='after'><field name='club_no'/></field>\"}
13\tours\tres.partner\tform\t11\textension\tt\t99\t{\"en_US\": \"<data>\\\\n<xpath expr=\\\\\"//page[@name='loans']\\\\\" position='inside'><field name='mobile'/></xpath>\\\\n<field name='club_no' position='after'><field name='phone'/></field></data>\"}
14\tidle\tres.partner\tform\t11\textension\tf\t99\t{\"en_US\": \"<field name='gone' position='after'/>\"}
\\.
";

/// The target: Odoo 19.0 as far as this needs it.
const TARGET: [(&str, &str); 4] = [
    ("odoo/release.py", "\nversion_info = (19, 0, 0, 'final', 0, '')\n"),
    (
        "odoo/addons/base/__manifest__.py",
        "{'name': 'Base', 'data': ['views.xml']}\n",
    ),
    (
        "odoo/addons/base/models.py",
        "from odoo import fields, models\n\n\nclass Partner(models.Model):\n    _name = 'res.partner'\n    phone = fields.Char()\n    \
         parent_id = fields.Many2one('res.partner')\n",
    ),
    (
        "odoo/addons/base/views.xml",
        "<odoo><record id=\"view_partner_form\" model=\"ir.ui.view\"><field name=\"model\">res.partner</field>\
         <field name=\"arch\" type=\"xml\"><form><field name=\"phone\"/></form></field></record></odoo>\n",
    ),
];

fn found(folder: &Path, backup: &str, more: &[&str]) -> Vec<Value> {
    let args = [&["assess", backup, "--to", "19.0", "--format", "json"], more].concat();
    let ended = hopp(folder, &args);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let all: Value = serde_json::from_str(&ended.out).unwrap();
    let findings = all["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["area"] == "code").cloned().collect()
}

fn told(findings: &[Value]) -> Vec<String> {
    let line = |it: &Value| {
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        [text("severity"), text("subject"), text("message")].join(" | ")
    };
    findings.iter().map(line).collect()
}

/// Writes the database and the target's source.
fn written(folder: &Path) {
    let head = "--\n-- PostgreSQL database dump\n--\n\n\
                COPY public.ir_module_module (id, name, state, latest_version) FROM stdin;\n\
                1\tbase\tinstalled\t18.0.1.3\n2\tclub\tinstalled\t18.0.1.0.0\n\
                3\textra\tinstalled\t18.0.1.0.0\n\\.\n";
    let end = "\n--\n-- PostgreSQL database dump complete\n--\n\n";
    fs::write(folder.join("made.sql"), [head, STORED, end].concat()).unwrap();
    for (path, text) in TARGET {
        let path = folder.join("target").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn what_lives_in_the_database_alone_is_told_when_the_target_has_no_more_what_it_names() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let findings = found(folder.path(), "made.sql", &["--index", "target"]);
    let mobile = "`res.partner` has no field `mobile` any more";
    assert_eq!(
        told(&findings),
        [
            "error | ir.ui.view 13 (ours) | arch_db, line 2: `base.view_partner_form` has no `//page[@name='loans']`"
                .to_owned(),
            format!("error | ir.ui.view 13 (ours) | arch_db, line 2: {mobile}"),
            "warning | ir.actions.server 9 (Call) | code, line 2: there is no model `res.old` any more".to_owned(),
            format!("warning | ir.actions.server 9 (Call) | code, line 3: {mobile}"),
            "warning | ir.actions.server 9 (Call) | code, line 4: there is no `base.group_old` any more".to_owned(),
            format!("warning | ir.model.fields 73 (res.partner.x_mobile) | related, line 1: {mobile}"),
            format!("warning | ir.model.fields 74 (res.partner.x_shout) | compute, line 2: {mobile}"),
            format!("warning | mail.template 5 (Greet) | subject, line 1: {mobile}"),
            format!("info | ir.filters 3 (Mobile) | context, line 1: {mobile}"),
        ]
    );
    // Nobody asks where no source is named, and a source of another series is none of the target's.
    assert!(
        found(folder.path(), "made.sql", &[])
            .iter()
            .all(|it| !it["code"].as_str().unwrap().starts_with("stored-"))
    );
    let ended = hopp(
        folder.path(),
        &["assess", "made.sql", "--to", "18.0", "--index", "target"],
    );
    assert_eq!(ended.code, 2, "{}", ended.out);
    assert!(
        ended.err.contains("is Odoo 19.0, and the database goes to 18.0"),
        "{}",
        ended.err
    );
}

#[test]
fn a_port_asks_a_backup_what_was_there_before() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let module = folder.path().join("addons/club");
    fs::create_dir_all(&module).unwrap();
    fs::write(
        module.join("__manifest__.py"),
        "{'name': 'Club', 'version': '18.0.1.0.0', 'depends': ['base']}\n",
    )
    .unwrap();
    fs::write(
        module.join("models.py"),
        "from odoo import fields, models\n\n\nclass Partner(models.Model):\n    _inherit = 'res.partner'\n    \
         club_no = fields.Char()\n    a = fields.Char(related='parent_id.fax')\n    \
         b = fields.Char(related='parent_id.never')\n",
    )
    .unwrap();
    // It depends on less than it uses, as code that was only ever installed with the other may.
    let guest = folder.path().join("addons/guest");
    fs::create_dir_all(&guest).unwrap();
    fs::copy(module.join("__manifest__.py"), guest.join("__manifest__.py")).unwrap();
    fs::write(
        guest.join("models.py"),
        "from odoo import fields, models\n\n\nclass Partner(models.Model):\n    _inherit = 'res.partner'\n    \
         c = fields.Char(related='parent_id.club_no')\n    d = fields.Char(related='parent_id.extra_fee')\n",
    )
    .unwrap();
    let told = |more: &[&str]| -> Vec<String> {
        let mut args = vec![
            "port",
            "addons",
            "--check",
            "--offline",
            "--format",
            "json",
            "--index",
            "target",
        ];
        args.extend(more);
        let ended = hopp(folder.path(), &args);
        let all: Value = serde_json::from_str(&ended.out).unwrap();
        let modules = all["parts"][0]["modules"].as_array().unwrap().iter();
        let findings = modules.flat_map(|module| module["findings"].as_array().unwrap());
        let fields = findings.filter(|it| it["rule"] == "ref.field");
        fields.map(|it| it["message"].as_str().unwrap().to_owned()).collect()
    };
    // No rule knows of it: what a rule tells or mends, the index does not tell again.
    let [fax, never, club_no, extra_fee] =
        ["fax", "never", "club_no", "extra_fee"].map(|name| format!("`res.partner` has no field `{name}`"));
    assert_eq!(told(&[]), [fax.clone(), never, club_no, extra_fee.clone()]);
    // What the database has installed stands beside a module there and in the target.
    assert_eq!(told(&["--index-from", "made.sql"]), [fax, extra_fee]);
}

/// The sample's own view holds on to what 19.0 removes; nothing else of it does.
#[test]
fn of_the_sample_what_breaks_in_the_upgrade_is_told_before() {
    let Some(acme) = sample("of_the_sample_what_breaks_in_the_upgrade_is_told_before", "acme") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let backup = acme.join("acme-18.0.zip").display().to_string();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hopp"));
    command
        .args([
            "assess",
            &backup,
            "--to",
            "19.0",
            "--format",
            "json",
            "--index",
            "odoo:19.0",
        ])
        .current_dir(folder.path())
        .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    let ended = crate::harness::Ended::of(&mut command);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let all: Value = serde_json::from_str(&ended.out).unwrap();
    let findings = all["findings"].as_array().unwrap().iter();
    let stored: Vec<Value> = findings.filter(|it| it["area"] == "code").cloned().collect();
    let told = told(&stored);
    assert!(
        !told.is_empty() && told.iter().all(|line| line.contains("res.partner")),
        "{told:#?}"
    );
}
