//! Planted breaks: places in views that are gone, and what scripts and templates of the web client lost.

use super::{findings, module, said};

/// Places that 19.0 does not have: the view, and the spec.
const LOST: [(&str, &str); 20] = [
    (
        "base.view_partner_form",
        "<xpath expr=\"//field[@name='mobile']\" position=\"after\"/>",
    ),
    ("base.view_partner_form", "<field name=\"title\" position=\"after\"/>"),
    (
        "base.view_partner_form",
        "<xpath expr=\"//field[@id='individual']\" position=\"after\"/>",
    ),
    (
        "base.view_users_form",
        "<xpath expr=\"//field[@name='groups_id']\" position=\"after\"/>",
    ),
    (
        "base.view_partner_tree",
        "<xpath expr=\"//tree\" position=\"attributes\"><attribute name=\"x\">1</attribute></xpath>",
    ),
    (
        "base.view_groups_form",
        "<field name=\"category_id\" position=\"replace\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//field[@name='order_line']/list/field[@name='tax_id']\" position=\"after\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//field[@name='order_line']/tree/field[@name='name']\" position=\"after\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//div[hasclass('oe_chatter')]\" position=\"before\"/>",
    ),
    (
        "sale.view_order_form",
        "<button name=\"action_gone\" position=\"after\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//page[@name='other_information']/group[9]\" position=\"inside\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//field[@name='partner_id']/parent::div[@name='gone']\" position=\"inside\"/>",
    ),
    (
        "sale.view_order_form",
        "<field name=\"partner_id\" position=\"after\"><field name=\"client_order_reff\" position=\"move\"/></field>",
    ),
    (
        "product.product_template_form_view",
        "<field name=\"uom_po_id\" position=\"after\"/>",
    ),
    (
        "product.product_template_form_view",
        "<xpath expr=\"//group[@name='packaging']\" position=\"inside\"/>",
    ),
    (
        "purchase.purchase_order_form",
        "<xpath expr=\"//field[@name='order_line']//field[@name='taxes_id']\" position=\"after\"/>",
    ),
    (
        "stock.view_picking_form",
        "<xpath expr=\"//field[@name='group_id'][hasclass('gone')]\" position=\"after\"/>",
    ),
    (
        "account.view_account_form",
        "<field name=\"deprecated\" position=\"after\"/>",
    ),
    (
        "account.view_move_form",
        "<xpath expr=\"//notebook/page[@id='invoice_tab']//tree\" position=\"inside\"/>",
    ),
    (
        "web.external_layout_standard",
        "<xpath expr=\"//div[hasclass('no_such_class')]\" position=\"inside\"/>",
    ),
];

/// Places that it has.
const THERE: [(&str, &str); 10] = [
    (
        "base.view_partner_form",
        "<xpath expr=\"//sheet//field[@name='phone'][1]\" position=\"after\"/>",
    ),
    (
        "base.view_partner_form",
        "<page name=\"sales_purchases\" position=\"after\"/>",
    ),
    ("base.view_users_form", "<field name=\"name\" position=\"after\"/>"),
    (
        "sale.view_order_form",
        "<xpath expr=\"//field[@name='order_line']/list/field[@name='tax_ids']\" position=\"after\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//button[@name='action_confirm'][last()]\" position=\"before\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//chatter\" position=\"before\"/>",
    ),
    (
        "sale.view_order_form",
        "<xpath expr=\"//field[@name='partner_id']/ancestor::sheet | //form/sheet\" position=\"inside\"/>",
    ),
    (
        "purchase.purchase_order_form",
        "<xpath expr=\"//field[@name='order_line']//field[@name='tax_ids']\" position=\"after\"/>",
    ),
    (
        "account.view_move_form",
        "<xpath expr=\"//notebook/page[@id='invoice_tab']\" position=\"inside\"/>",
    ),
    (
        "web.external_layout_standard",
        "<xpath expr=\"//div[contains(@t-attf-class, 'header')]\" position=\"inside\"/>",
    ),
];

fn model(view: &str) -> &'static str {
    match view {
        "base.view_users_form" => "res.users",
        "base.view_groups_form" => "res.groups",
        "product.product_template_form_view" => "product.template",
        "account.view_account_form" => "account.account",
        "account.view_move_form" => "account.move",
        "stock.view_picking_form" => "stock.picking",
        view if view.starts_with("sale.") => "sale.order",
        view if view.starts_with("purchase.") => "purchase.order",
        _ => "res.partner",
    }
}

/// Writes an inheriting view on one line.
fn view(number: usize, parent: &str, spec: &str) -> String {
    if parent.starts_with("web.") {
        return format!("<template id=\"t{number}\" inherit_id=\"{parent}\">{spec}</template>\n");
    }
    format!(
        "<record id=\"v{number}\" model=\"ir.ui.view\"><field name=\"model\">{}</field><field name=\"inherit_id\" \
         ref=\"{parent}\"/><field name=\"arch\" type=\"xml\">{spec}</field></record>\n",
        model(parent)
    )
}

const MANIFEST: &str = "{'name': 'Planted', 'version': '19.0.1.0.0', 'depends': ['sale', 'purchase', 'stock'], \
                        'data': ['lost.xml', 'there.xml']}";

#[test]
fn twenty_lost_anchors_are_found_and_those_that_are_there_are_left_alone() {
    let write = |views: &[(&str, &str)]| -> String {
        let views = views.iter().enumerate();
        let views: String = views
            .map(|(number, (parent, spec))| view(number, parent, spec))
            .collect();
        format!("<odoo>\n{views}</odoo>\n")
    };
    let there = write(&THERE).replace("id=\"v", "id=\"w").replace("id=\"t", "id=\"u");
    let files = [
        ("__manifest__.py", MANIFEST),
        ("lost.xml", &write(&LOST)),
        ("there.xml", &there),
    ];
    let found = findings(module("planted", &files));
    let places: Vec<(String, usize)> = found.iter().map(|it| (it.path.clone(), it.line)).collect();
    let expected: Vec<(String, usize)> = (0..LOST.len())
        .map(|number| ("lost.xml".to_owned(), number + 2))
        .collect();
    assert_eq!(places, expected, "{}", said(&found).join("\n"));
    assert!(found.iter().all(|it| it.rule == "ref.anchor"));
    let moved = found
        .iter()
        .find(|it| it.message.contains("client_order_reff"))
        .unwrap();
    assert_eq!(moved.remedy, "perhaps `client_order_ref` is meant");
}

const WEB: &str = r"{'name': 'Web', 'version': '19.0.1.0.0', 'depends': ['web', 'mail'], 'assets': {
    'web.assets_backend': [
        'webbed/static/src/**/*',
        ('after', 'web/static/src/gone/gone.js', 'webbed/static/src/a.js'),
    ],
    'web.assets_qweb': ['webbed/static/src/**/*.xml'],
}}
";

const SCRIPT: &str = r#"import { Dialog } from "@web/core/dialog/dialog";
import { x } from "@web/core/gone";
import { gone } from "@web/core/registry";
import standard from "@web/core/utils/hooks";
import { own } from "./not_here";
import { registry } from "@web/core/registry";
import { Component } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { Chatter } from "@mail/chatter/web_portal/chatter";
import { Old } from "@web_editor/js/common/utils";
const core = require("web.core");

export class Mine extends Component {
    static template = "web.NoSuchTemplate";
    setup() {
        super.setup();
        this.rpc = useService("rpc");
        this.orm = useService("orm");
    }
}

export class Larger extends Dialog {
    setup() {
        super.setup();
        super.noSuchMethod();
    }
}

patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        return super.onClickGone(...arguments);
    },
});

registry.category("no_such_category").add("mine", Mine);
registry.category("fields").add("mine", { component: Mine });
"#;

const TEMPLATES: &str = r#"<templates>
<t t-name="webbed.Mine"><div><t t-call="web.NoSuchPart"/></div></t>
<t t-inherit="web.NoSuchBase" t-inherit-mode="extension"><xpath expr="//div" position="inside"/></t>
<t t-inherit="web.Dialog" t-inherit-mode="extension"><xpath expr="//header[hasclass('no-such-header')]" position="inside"/></t>
<t t-inherit="web.Dialog" t-inherit-mode="extension"><xpath expr="//header" position="inside"><p/></xpath></t>
</templates>
"#;

#[test]
fn sixteen_breaks_of_scripts_and_templates_are_found_without_a_browser() {
    let files = [
        ("__manifest__.py", WEB),
        ("static/src/a.js", SCRIPT),
        ("static/src/a.xml", TEMPLATES),
    ];
    let found = findings(module("webbed", &files));
    let lines: Vec<String> = (found.iter())
        .map(|it| format!("{}:{} {} {}", it.path, it.line, it.rule, it.message))
        .collect();
    let expected = [
        "__manifest__.py:4 ref.asset there is no file `web/static/src/gone/gone.js`",
        "__manifest__.py:6 ref.asset there is no bundle `web.assets_qweb`",
        "static/src/a.js:2 ref.script there is no script `@web/core/gone`",
        "static/src/a.js:3 ref.script `@web/core/registry` exports no `gone`",
        "static/src/a.js:4 ref.script `@web/core/utils/hooks` exports no `default`",
        "static/src/a.js:5 ref.script there is no script `./not_here`",
        "static/src/a.js:11 ref.script there is no script `@web_editor/js/common/utils`",
        "static/src/a.js:12 ref.script there is no script `web.core`",
        "static/src/a.js:15 ref.template there is no template `web.NoSuchTemplate`",
        "static/src/a.js:18 ref.service there is no service `rpc`",
        "static/src/a.js:26 ref.patch `Dialog` has no `noSuchMethod` to build on",
        "static/src/a.js:33 ref.patch `Chatter` has no `onClickGone` to build on",
        "static/src/a.js:37 ref.registry nobody reads the registry `no_such_category`",
        "static/src/a.xml:2 ref.template there is no template `web.NoSuchPart`",
        "static/src/a.xml:3 ref.template there is no template `web.NoSuchBase` to inherit from",
        "static/src/a.xml:4 ref.anchor template `web.Dialog` has no `//header[hasclass('no-such-header')]`",
    ];
    assert_eq!(lines, expected, "{}", said(&found).join("\n"));
}
