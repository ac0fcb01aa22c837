//! `hopp index` and what `hopp port` asks it: on the source of the real Odoo 19.0, and on small modules of ours.

mod planted;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use hopp::port::index::{Index, judge, only_lost};
use hopp::port::{Finding, Level, Module, SourceFile};

const IMAGE: &str = "odoo:19.0";

/// Runs hopp with a cache that stays, so that the image is read once for all tests.
fn hopp(args: &[&str]) -> std::process::Output {
    let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("index");
    Command::new(env!("CARGO_BIN_EXE_hopp"))
        .args(args)
        .env("XDG_CACHE_HOME", cache)
        .output()
        .unwrap()
}

/// The index of the image, as the command writes it.
fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("19.index");
        let done = hopp(&["index", IMAGE, "-o", file.to_str().unwrap()]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Index::unpack(&std::fs::read(&file).unwrap()).unwrap()
    })
}

fn module(name: &str, files: &[(&str, &str)]) -> Module {
    let read = |(path, text): &(&str, &str)| SourceFile::read(*path, text.as_bytes().to_vec()).unwrap();
    let mut files: Vec<SourceFile> = files.iter().map(read).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Module {
        name: name.to_owned(),
        files,
    }
}

fn findings(module: Module) -> Vec<Finding> {
    judge(index(), &[module]).remove(0).findings
}

/// A line each: `file:line: rule: message (remedy)`.
fn said(findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| format!("{}:{}: {}: {} ({})", it.path, it.line, it.rule, it.message, it.remedy);
    findings.iter().map(line).collect()
}

#[test]
fn an_image_is_indexed_and_the_file_is_as_good_as_the_image() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.index");
    let file = file.to_str().unwrap();
    let done = hopp(&["index", IMAGE, "-o", file]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let shown = hopp(&["index", file]);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(text.starts_with("Odoo 19.0\n"), "{text}");
    let numbers: BTreeMap<&str, usize> = (text.lines().skip(1))
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(number, what)| (what, number.parse().unwrap()))
        .collect();
    for (what, least) in [
        ("modules", 600),
        ("models", 900),
        ("fields", 9000),
        ("XML ids", 30_000),
        ("scripts", 3000),
    ] {
        assert!(numbers[what] > least, "{what}: {text}");
    }
    let index = index();
    let partner = &index.addons["base"].models;
    let partner = partner.iter().find(|part| part.name == "res.partner").unwrap();
    assert_eq!(partner.fields["parent_id"].to.as_deref(), Some("res.partner"));
    assert!(partner.fields["type"].values.contains(&"invoice".to_owned()));
    assert_eq!(partner.methods["address_get"], "self, adr_pref?");
    let nowhere = hopp(&["index", folder.path().to_str().unwrap()]);
    assert_eq!(nowhere.status.code(), Some(2));
    std::fs::write(file, "something else").unwrap();
    assert_eq!(hopp(&["index", file]).status.code(), Some(2));
}

/// Mistakes in Odoo's own 19.0, each looked at: (file, what the message says).
const OF_ODOO: [(&str, &str); 14] = [
    // The buttons are in a template of their own since.
    (
        "hr_skills/static/src/fields/form_view_one2many/form_view_one2many.xml",
        "o_form_button_save",
    ),
    (
        "hr_skills/static/src/fields/form_view_one2many/form_view_one2many.xml",
        "o_form_button_save_new",
    ),
    // Asked for by one, and no package of Debian's image.
    ("cloud_storage_google/__manifest__.py", "`google-auth`"),
    // Its model has no thread.
    ("gamification/models/gamification_goal.py", "`message_notify`"),
    // Runs on the box, and is not installable elsewhere.
    ("iot_drivers/", "has no Python package"),
    // Called and defined nowhere.
    ("l10n_cl/models/account_move.py", "`_l10n_cl_normalize_currency_name`"),
    ("point_of_sale/models/pos_order.py", "`_add_mail_attachment`"),
    (
        "pos_online_payment_self_order/models/pos_config.py",
        "`_get_self_ordering_payment_methods_data`",
    ),
    // Searched in the public employee, which has no versions.
    ("hr_skills/views/hr_views.xml", "`version_ids`"),
    // Imported and not used.
    (
        "stock/static/src/views/picking_form/stock_move_product_label.js",
        "`many2OneField`",
    ),
    (
        "stock_account/static/src/stock_valuation/line/toggle_line.xml",
        "hasclass('wrapper')",
    ),
    ("survey/static/src/interactions/survey_form.js", "`default`"),
    // Read as `website-translation-plugins`.
    (
        "website/static/src/builder/plugins/translation_tab/customize_translation_tab_plugin.js",
        "`translation-plugins`",
    ),
    ("website_mail/__manifest__.py", "follow.edit.js"),
];

/// Reads the modules of the image.
fn modules_of_odoo() -> Vec<Module> {
    let docker = |args: &[&str]| String::from_utf8(Command::new("docker").args(args).output().unwrap().stdout).unwrap();
    let container = docker(&["create", IMAGE]);
    let mut copy = Command::new("docker")
        .args([
            "cp",
            &format!("{}:/usr/lib/python3/dist-packages/odoo/addons", container.trim()),
            "-",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut modules: BTreeMap<String, Vec<SourceFile>> = BTreeMap::new();
    let mut archive = tar::Archive::new(copy.stdout.take().unwrap());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let Some((name, inside)) = path.strip_prefix("addons/").and_then(|path| path.split_once('/')) else {
            continue;
        };
        // Countries are many and much alike; they stay in the index, and others are asked about.
        let judged = !name.starts_with("l10n_") && !name.starts_with("test_");
        if judged && Index::wants(inside) && !inside.starts_with("tests/") && !inside.starts_with("static/tests/") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            if let Ok(file) = SourceFile::read(inside, bytes) {
                modules.entry(name.to_owned()).or_default().push(file);
            }
        }
    }
    assert!(copy.wait().unwrap().success());
    docker(&["rm", "-v", container.trim()]);
    modules
        .into_iter()
        .map(|(name, files)| Module { name, files })
        .collect()
}

#[test]
fn on_the_code_of_odoo_itself_only_its_own_mistakes_are_told() {
    let modules = modules_of_odoo();
    assert!(modules.len() > 300, "{}", modules.len());
    let judged = judge(index(), &modules);
    let wrong: Vec<String> = (judged.iter())
        .flat_map(|module| {
            said(&module.findings)
                .into_iter()
                .map(|line| format!("{}/{line}", module.name))
        })
        .filter(|line| {
            !OF_ODOO
                .iter()
                .any(|(file, what)| line.starts_with(file) && line.contains(what))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const MANIFEST: &str = "{'name': 'x', 'version': '19.0.1.0.0', 'depends': ['sale'], 'data': ['views.xml']}";

#[test]
fn what_python_and_data_refer_to_is_told_with_its_line_and_the_likeliest_name() {
    let python = r#"from odoo import api, fields, models, tools
from odoo.tools import gone_tool, float_compare
from odoo.addons.sale.models.sale_order import SaleOrder, SALE_ORDER_STATE, GONE
from odoo.addons.sale.models.gone import x

try:
    from odoo.tools import gone_but_guarded
except ImportError:
    gone_but_guarded = None


class SaleOrder(models.Model):
    _inherit = "sale.order"

    group = fields.Many2one("procurement.group")
    mobile = fields.Char(related="order_line.gone_field")
    phone = fields.Char(related="partner_id.phone")

    @api.depends("order_line.product_uom", "order_line.price_unit")
    def _compute_group(self):
        self.env["uom.category"].search([])
        self.env.ref("base.res_partner_title_mister")
        self.env.ref("base.gone", raise_if_not_found=False)
        tools.gone_tool(fields.Date.today())

    def gone_action(self):
        return super().gone_action()

    def action_confirm(self):
        return super().action_confirm()

    group_label = fields.Char(compute="_compute_group")
"#;
    let xml = r#"<odoo>
  <record id="group" model="res.groups">
    <field name="category_id" ref="base.module_category_sales_sales"/>
    <field name="users" eval="[(4, ref('base.user_root')), (4, ref('base.user_gone'))]"/>
  </record>
  <record id="form" model="ir.ui.view">
    <field name="model">sale.order</field>
    <field name="inherit_id" ref="sale.view_order_form"/>
    <field name="arch" type="xml">
      <field name="partner_id" position="after">
        <field name="mobile" groups="base.group_gone"/>
        <field name="gone_field" invisible="state == 'draft'"/>
        <button name="action_gone" type="object"/>
        <field name="order_line"><list><field name="product_uom"/><field name="product_uom_id"/></list></field>
      </field>
    </field>
  </record>
  <menuitem id="menu" parent="sale.sale_gone_menu" action="sale.action_orders"/>
</odoo>
"#;
    let found = findings(module(
        "x",
        &[("__manifest__.py", MANIFEST), ("models.py", python), ("views.xml", xml)],
    ));
    let lines: Vec<String> = found
        .iter()
        .map(|it| format!("{}:{} {} {}", it.path, it.line, it.rule, it.message))
        .collect();
    let expected = [
        "models.py:2 ref.import `odoo.tools` has no name `gone_tool`",
        "models.py:3 ref.import `odoo.addons.sale.models.sale_order` has no name `GONE`",
        "models.py:4 ref.import there is no Python module `odoo.addons.sale.models.gone`",
        "models.py:15 ref.model there is no model `procurement.group`",
        "models.py:16 ref.field `sale.order.line` has no field `gone_field`",
        "models.py:19 ref.field `sale.order.line` has no field `product_uom`",
        "models.py:21 ref.model there is no model `uom.category`",
        "models.py:22 ref.xmlid there is no XML id `base.res_partner_title_mister`",
        "models.py:24 ref.import `odoo.tools` has no name `gone_tool`",
        "views.xml:3 ref.field `res.groups` has no field `category_id`",
        "views.xml:4 ref.field `res.groups` has no field `users`",
        "views.xml:4 ref.xmlid there is no XML id `base.user_gone`",
        "views.xml:11 ref.xmlid there is no XML id `base.group_gone`",
        "views.xml:12 ref.field `sale.order` has no field `gone_field`",
        "views.xml:13 ref.method `sale.order` has no method `action_gone`",
        "views.xml:14 ref.field `sale.order.line` has no field `product_uom`",
        "views.xml:18 ref.xmlid there is no XML id `sale.sale_gone_menu`",
    ];
    assert_eq!(lines, expected, "{}", said(&found).join("\n"));
    let uom = found.iter().find(|it| it.line == 14).unwrap();
    assert_eq!(uom.remedy, "perhaps `product_uom_id` is meant");
}

#[test]
fn a_module_whose_dependency_is_nowhere_is_judged_only_on_what_that_could_not_bring() {
    let manifest = "{'name': 'x', 'depends': ['sale', 'nowhere_to_be_found'], 'data': ['views.xml']}";
    let xml = r#"<odoo>
  <record id="form" model="ir.ui.view">
    <field name="model">sale.order</field>
    <field name="inherit_id" ref="sale.view_order_form"/>
    <field name="arch" type="xml"><field name="of_the_other" position="after"><field name="of_the_other_too"/></field></field>
  </record>
  <menuitem id="menu" parent="nowhere_to_be_found.menu" action="sale.action_gone"/>
</odoo>
"#;
    let found = findings(module("x", &[("__manifest__.py", manifest), ("views.xml", xml)]));
    let lines: Vec<String> = found.iter().map(|it| it.message.clone()).collect();
    let expected = [
        "there is no module `nowhere_to_be_found`",
        "there is no XML id `sale.action_gone`",
    ];
    assert_eq!(lines, expected, "{}", said(&found).join("\n"));
    assert_eq!(found[0].level, Level::Error);
}

#[test]
fn arguments_and_values_that_the_target_does_not_take_are_told() {
    let python = "from odoo import models\n\n\nclass SaleOrder(models.Model):\n    _inherit = 'sale.order'\n\n    \
                  def _get_invoiceable_lines(self, final=False, more=None):\n        \
                  return super()._get_invoiceable_lines(final, more)\n\n    \
                  def _create_invoices(self, grouped=False):\n        \
                  return super()._create_invoices(grouped=grouped)\n\n    \
                  def _create_account_invoices(self, invoice_vals_list):\n        \
                  return super()._create_account_invoices(invoice_vals_list, True)\n";
    let xml = "<odoo>\n<record id=\"a\" model=\"ir.cron\"><field name=\"interval_type\">hourz</field></record>\n\
               <record id=\"b\" model=\"ir.cron\"><field name=\"interval_type\">days</field></record>\n</odoo>\n";
    let files = [("__manifest__.py", MANIFEST), ("models.py", python), ("views.xml", xml)];
    let modules = [module("x", &files)];
    let mut judged = judge(index(), &modules);
    let expected = [
        "models.py:8: ref.arguments: `sale.order._get_invoiceable_lines` takes (final=…), and not what is passed on here \
         (pass on what it takes now)",
        "models.py:10: ref.signature: `sale` passes `final` to `sale.order._create_invoices`, which this override does not take \
         (take `final`, and pass it on to `super()`)",
        "views.xml:2: ref.value: `ir.cron.interval_type` cannot be `hourz` (perhaps `hours` is meant)",
    ];
    assert_eq!(said(&judged[0].findings), expected);
    // An override that takes less is told where it was otherwise in the source.
    let doubtful = said(&judged[0].doubtful);
    assert!(
        doubtful.len() == 1 && doubtful[0].contains("ref.signature: `sale.order._create_account_invoices`"),
        "{doubtful:?}"
    );
    let same = judge(index(), &modules);
    only_lost(&mut judged, &same);
    assert!(judged[0].findings.is_empty(), "{:?}", said(&judged[0].findings));
    let mut older = index().clone();
    for addon in older.addons.values_mut() {
        for part in addon.models.iter_mut().filter(|part| part.name == "sale.order") {
            if let Some(method) = part.methods.get_mut("_create_account_invoices") {
                *method = "self, invoice_vals_list".to_owned();
            }
        }
    }
    let mut judged = judge(index(), &modules);
    only_lost(&mut judged, &judge(&older, &modules));
    let left: Vec<&str> = judged[0].findings.iter().map(|it| it.rule).collect();
    assert_eq!(left, ["ref.signature"]);
}

#[test]
fn what_led_nowhere_before_is_not_told_as_lost() {
    let python = "from odoo import models\nfrom odoo.tools import gone_tool, never_there\n\nclass SaleOrder(models.Model):\n    \
                  _inherit = 'sale.order'\n\n    def of_old(self):\n        return super().of_old()\n\n    def never(self):\n        \
                  return super().never()\n";
    let modules = [module("x", &[("__manifest__.py", MANIFEST), ("models.py", python)])];
    let mut older = index().clone();
    older
        .library
        .get_mut("odoo.tools")
        .unwrap()
        .names
        .insert("gone_tool".to_owned());
    let sale = &mut older.addons.get_mut("sale").unwrap().models;
    let order = sale.iter_mut().find(|part| part.name == "sale.order").unwrap();
    order.methods.insert("of_old".to_owned(), "self".to_owned());
    let mut judged = judge(index(), &modules);
    assert_eq!(judged[0].doubtful.len(), 2);
    assert_eq!(
        judged[0].findings.iter().filter(|it| it.rule == "ref.import").count(),
        2
    );
    only_lost(&mut judged, &judge(&older, &modules));
    let left: Vec<&str> = judged[0].findings.iter().map(|it| it.message.as_str()).collect();
    let lost = [
        "`odoo.tools` has no name `gone_tool`",
        "`sale.order` has no method `of_old` to override",
    ];
    assert_eq!(left, lost);
}

#[test]
fn a_port_asks_the_index_and_names_the_lines_of_the_files_as_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("shelf");
    std::fs::create_dir(&module).unwrap();
    let manifest = "{'name': 'Shelf', 'version': '18.0.1.0.0', 'depends': ['sale'], 'data': ['views.xml']}\n";
    std::fs::write(module.join("__manifest__.py"), manifest).unwrap();
    let xml = "<odoo>\n  <record id=\"a\" model=\"ir.ui.view\">\n    <field name=\"model\">sale.order</field>\n    \
               <field name=\"inherit_id\" ref=\"sale.view_order_form\"/>\n    <field name=\"arch\" type=\"xml\">\n      \
               <xpath expr=\"//group[@name='no_such_group']\" position=\"inside\"/>\n    </field>\n  </record>\n</odoo>\n";
    std::fs::write(module.join("views.xml"), xml).unwrap();
    let path = module.to_str().unwrap();
    let anchors = |more: &[&str]| {
        let args = ["port", path, "--to", "19.0", "--check", "--format", "json"];
        let done = hopp(&[&args, more].concat());
        let text = String::from_utf8(done.stdout).unwrap();
        assert_eq!(done.status.code(), Some(21), "{text}");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut all = vec![&value];
        let mut found = Vec::new();
        while let Some(value) = all.pop() {
            match value {
                serde_json::Value::Object(map) if map.get("rule").is_some_and(|rule| rule == "ref.anchor") => {
                    found.push((map["line"].clone(), map["message"].as_str().unwrap().to_owned()));
                }
                serde_json::Value::Object(map) => all.extend(map.values()),
                serde_json::Value::Array(list) => all.extend(list),
                _ => {}
            }
        }
        found
    };
    let message = "`sale.view_order_form` has no `//group[@name='no_such_group']`".to_owned();
    let found = [(6.into(), message)];
    assert_eq!(anchors(&["--offline", "--index", IMAGE]), found);
    assert_eq!(anchors(&[]), found, "the target's image is asked where it is");
    assert_eq!(anchors(&["--no-index"]), []);
    assert_eq!(anchors(&["--offline"]), []);
    assert_eq!(anchors(&["--rules", "A1"]), []);
}

#[test]
fn what_stops_an_installation_without_being_a_reference_of_its_own_is_told_as_well() {
    let manifest = "{'name': 'x', 'version': '19.0.1.0.0', 'depends': ['sale_stock'], 'data': ['views.xml']}";
    let python = r#"from odoo import api, fields, models
from odoo.addons.product.models.product_product import ProductProduct

before = ProductProduct._run_fifo_gone
there = ProductProduct.create


class Line(models.Model):
    _inherit = "sale.order.line"

    route_id = fields.Many2one(readonly=False)
    product_id = fields.Many2one(tracking=True)
    shade = fields.Selection(selection_add=[("red", "Red")])

    @api.depends("gone_dependency")
    def _compute_display_name(self):
        return super()._compute_display_name()


class Delegate(models.Model):
    _name = "x.delegate"
    _inherits = {"gone.model": "gone_id"}

    def _later(self, vals):
        if self.env["account.move"].search([("state", "=", "sent")]):
            vals["gone_field"] = 1


class Report(models.Model):
    _name = "x.report"
    _auto = False

    def _select(self):
        return "SELECT l.id, l.gone_column, o.name, t.gone_too"

    def _from(self):
        return "FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id JOIN (SELECT 1) AS t ON true"
"#;
    let hooks = r#"def post_init_hook(env):
    env["res.users"].search([("groups_id", "!=", False)]).write({"gone_field": 1})
    moves = env["account.move"].search([("state", "in", ("sent", "posted"))])
    if "asked_field" in env["account.move"]._fields:
        moves.mapped("asked_field")
    moves.write({"state": "finished"})
"#;
    let xml = r#"<odoo>
  <record id="rule" model="ir.rule">
    <field name="name">Own</field>
    <field name="model_id" ref="sale.model_sale_order"/>
    <field name="domain_force">[('gone_id', '=', user.id), ('user_id', '=', user.id)]</field>
  </record>
  <record id="filter" model="ir.filters">
    <field name="name">Orders</field>
    <field name="model_id">gone.model</field>
  </record>
  <record id="action" model="ir.actions.server">
    <field name="name">Do</field>
    <field name="model_id" search="[('gone', '=', 'sale.order'), ('model', '=', 'sale.order')]"/>
  </record>
  <record id="form" model="ir.ui.view">
    <field name="model">sale.order</field>
    <field name="inherit_id" ref="sale.view_order_form"/>
    <field name="arch" type="xml">
      <field name="partner_id" position="after">
        <label for="gone_place"/>
        <label for="partner_id"/>
      </field>
    </field>
  </record>
</odoo>
"#;
    let files = [
        ("__manifest__.py", manifest),
        ("hooks.py", hooks),
        ("models.py", python),
        ("views.xml", xml),
    ];
    let judged = judge(index(), &[module("x", &files)]).remove(0);
    let lines = |found: &[Finding]| -> Vec<String> {
        let line = |it: &Finding| format!("{}:{} {} {}", it.path, it.line, it.rule, it.message);
        found.iter().map(line).collect()
    };
    assert_eq!(
        lines(&judged.findings),
        [
            "hooks.py:2 ref.field `res.users` has no field `groups_id`",
            "hooks.py:2 ref.field `res.users` has no field `gone_field`",
            "hooks.py:3 ref.value `account.move.state` cannot be `sent`",
            "hooks.py:6 ref.value `account.move.state` cannot be `finished`",
            "models.py:4 ref.import `ProductProduct` (`product.product`) has no `_run_fifo_gone`",
            "models.py:11 ref.field `sale.order.line` has no field `route_id` to extend",
            "models.py:13 ref.field `sale.order.line` has no field `shade` to extend",
            "models.py:15 ref.field `sale.order.line` has no field `gone_dependency`",
            "models.py:22 ref.model there is no model `gone.model`",
            "models.py:34 ref.field the table of `sale.order.line` has no column `gone_column`",
            "views.xml:5 ref.field `sale.order` has no field `gone_id`",
            "views.xml:9 ref.model there is no model `gone.model`",
            "views.xml:13 ref.field `ir.model` has no field `gone`",
            "views.xml:20 ref.anchor the view has no `gone_place`, which a label is for",
        ]
    );
    // What runs later may mean something else: it is told where it was otherwise in the source.
    assert_eq!(
        lines(&judged.doubtful),
        ["models.py:25 ref.value `account.move.state` cannot be `sent`"]
    );
}

#[test]
fn a_field_s_domain_and_paths_that_a_class_lists_are_told_and_what_may_be_of_another_model_is_not() {
    let manifest = "{'name': 'x', 'version': '19.0.1.0.0', 'depends': ['sale']}";
    let python = r#"from odoo import fields, models


class Line(models.Model):
    _inherit = "sale.order.line"

    filter_id = fields.Many2one("ir.filters", domain="[('user_ids', '=', uid), "
                                "('user_id', '=', False)]")
    group_id = fields.Many2one("res.groups", domain=[("users", "=", False), ("user_ids", "=", False)])

    def _followed(self):
        return ["group_id", "group_id.user_ids", "group_id.users", "sale.order", "gone.path"]

    def _of_others(self):
        self.search([]).mapped(["group_id.users"])
        return [("group_id.users", "=", 1)]
"#;
    let said = findings(module("x", &[("__manifest__.py", manifest), ("models.py", python)]));
    let lines: Vec<String> = said.iter().map(|it| format!("{} {}", it.line, it.message)).collect();
    assert_eq!(
        lines,
        [
            "7 `ir.filters` has no field `user_id`",
            "9 `res.groups` has no field `users`",
            "12 `res.groups` has no field `users`",
        ]
    );
}

#[test]
fn of_very_many_modules_no_image_is_asked_that_nobody_named() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..101 {
        let module = folder.path().join(format!("shelf_{number}"));
        std::fs::create_dir(&module).unwrap();
        let manifest = "{'name': 'Shelf', 'version': '18.0.1.0.0', 'depends': ['gone']}\n";
        std::fs::write(module.join("__manifest__.py"), manifest).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let remarks = |more: &[&str]| {
        let done = hopp(&[&["port", path, "--to", "19.0", "--check", "--format", "json"], more].concat());
        let value: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        value["remarks"].to_string()
    };
    let many = "101 modules are many (`--index odoo:19.0` asks)";
    assert!(remarks(&[]).contains(many));
    assert!(!remarks(&["--module", "shelf_7"]).contains("asked"));
}

#[test]
fn methods_columns_and_packages_that_are_not_there_are_told() {
    let manifest = "{'name': 'x', 'version': '19.0.1.0.0', 'depends': ['hr_attendance', 'sale'], 'data': [],\n \
                    'external_dependencies': {'python': ['lxml', 'nowhere_a']}}";
    let python = "import lxml\nimport nowhere_b.c\nfrom odoo import api, fields, models\n\ntry:\n    import nowhere_c\n\
                  except ImportError:\n    nowhere_c = None\n\n\n\
                  class Report(models.Model):\n    _name = 'x.report'\n    _auto = False\n\n    \
                  def _from(self):\n        return 'hr_attendance AS a LEFT JOIN hr_employee AS e ON a.employee_id = e.id'\n\n    \
                  def _select(self):\n        return 'e.department_id AS department_id, e.company_id AS company_id'\n\n\n\
                  class SaleOrder(models.Model):\n    _inherit = 'sale.order'\n\n    \
                  def _register_hook(self):\n        self._patch_method('copy', self._own)\n        \
                  self.env['res.partner']._nowhere()\n        return super()._register_hook()\n\n    \
                  def _own(self):\n        if hasattr(self, '_maybe'):\n            self._maybe()\n        \
                  self.env(user=1)\n        self.env['res.partner']._nowhere_else()\n        return self._search([]).is_empty()\n\n\n\
                  class SaleOrderLine(models.Model):\n    _inherit = 'sale.order.line'\n\n    \
                  route_id = fields.Many2one(compute='_compute_route_id')\n\n    \
                  def _compute_route_id(self):\n        self.route_id = False\n\n    \
                  def _prepare_procurement_values(self, group_id=False):\n        \
                  return super()._prepare_procurement_values(group_id)\n\n\n\
                  class Partner(models.Model):\n    _inherit = 'res.partner'\n\n    \
                  contract_ids = fields.One2many('sale.order', 'partner_id')\n    \
                  total = fields.Float(compute='_compute_total')\n\n    \
                  @api.depends('contract_ids.amount_total')\n    def _compute_total(self):\n        self.total = 0\n";
    let manifest = manifest.replace("'data': []", "'data': ['res.partner.category.csv']");
    let csv = "id,name,parent_id:id\na,A,0\n";
    let files = [
        ("__manifest__.py", manifest.as_str()),
        ("models.py", python),
        ("res.partner.category.csv", csv),
    ];
    let judged = judge(index(), &[module("x", &files)]);
    let said = said(&judged[0].findings);
    let expected = [
        "__manifest__.py:2: ref.depends: the image has no Python package `nowhere_a`",
        "models.py:19: ref.field: the table of `hr.employee` has no column `department_id`",
        "models.py:26: ref.method: `sale.order` has no method `_patch_method`",
        "models.py:27: ref.method: `res.partner` has no method `_nowhere`",
        "models.py:41: ref.field: `sale.order.line` has no field `route_id` to extend",
        "models.py:47: ref.arguments: `sale.order.line._prepare_procurement_values` takes ()",
    ];
    assert_eq!(said.len(), expected.len(), "{}", said.join("\n"));
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}\n{expected}");
    }
    // What is called on other records is doubtful, where it does not run at the installation.
    assert!(
        judged[0]
            .doubtful
            .iter()
            .any(|it| it.message.contains("`_nowhere_else`"))
    );
    // A distribution that is missing may bring what is imported; without one the import is told.
    let manifest = manifest
        .replace(", 'nowhere_a'", "")
        .replace("'res.partner.category.csv'", "");
    let files = [
        ("__manifest__.py", manifest.as_str()),
        ("__init__.py", "from . import models\n"),
        ("models.py", "import lxml\nfrom nowhere_b import c\n"),
        // Nobody imports it.
        ("script/by_hand.py", "import nowhere_d\n"),
    ];
    let judged = judge(index(), &[module("x", &files)]);
    let told: Vec<&str> = judged[0].findings.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["Odoo's image has no Python package `nowhere_b`"]);
}

#[test]
fn what_a_module_uses_must_be_of_what_it_depends_on_unless_it_is_installed_anyway() {
    let python = "from odoo import fields, models\n\n\nclass SaleOrder(models.Model):\n    _inherit = 'sale.order'\n\n    \
                  first = fields.Char(related='picking_ids.name')\n    own = fields.Boolean(related='locked')\n";
    let view = "<odoo>\n<record id=\"a\" model=\"ir.ui.menu\"><field name=\"parent_id\" ref=\"stock.menu_stock_root\"/></record>\n</odoo>\n";
    let files = [
        ("__manifest__.py", MANIFEST),
        ("models.py", python),
        ("views.xml", view),
    ];
    let modules = [module("x", &files)];
    let alone = said(&judge(index(), &modules)[0].findings);
    assert_eq!(
        alone,
        [
            "models.py:7: ref.field: `sale.order` has no field `picking_ids` (find what took its place, or leave it out)",
            "views.xml:2: ref.xmlid: `stock.menu_stock_root` is of `stock`, which nothing here depends on \
             (depend on that module, or leave it out)",
        ]
    );
    let mut index = index().clone();
    index.installed = ["sale_stock", "stock", "nowhere"].map(str::to_owned).into();
    assert!(judge(&index, &modules)[0].findings.is_empty());
}
