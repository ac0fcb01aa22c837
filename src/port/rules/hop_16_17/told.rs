//! What 17.0 changed and no rule can rewrite.

use crate::port::rules::code::{
    say_attributes, say_calls, say_imports, say_methods, say_models, say_strings, say_tables, say_texts,
};
use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Level, Python, range};

use super::shown;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "17.20",
        title: "a button that opens the record of an editable list",
        why: "lists have open_form_view for it",
        source: "addons/web/static/src/views/list/list_arch_parser.js, 17.0",
        deed: Deed::Detect,
        words: &["get_formview_action", "get_formview_id", "open_form"],
        looks: &[Look::Xml(|xml, found| {
            let lists = xml.elements("tree").filter(|tree| tree.has_attribute("editable"));
            for button in lists.flat_map(|tree| tree.descendants().filter(|node| node.has_tag_name("button"))) {
                let name = button.attribute("name").unwrap_or_default();
                if matches!(name, "get_formview_action" | "get_formview_id") || name.contains("open_form") {
                    found.say(
                        button.range().start,
                        Level::Note,
                        "this button opens the record in its form; a list of 17.0 does it by itself",
                        "drop the button, and write open_form_view=\"True\" at the list",
                    );
                }
            }
        })],
    },
    Rule {
        id: "17.21",
        title: "the bundle web.assets_common",
        why: "the bundle is gone: what it was given is not loaded",
        source: "addons/web/__manifest__.py, 16.0 and 17.0",
        deed: Deed::Detect,
        words: &["web.assets_common"],
        looks: &[
            Look::Manifest(|manifest, found| {
                say_strings(
                    &manifest.python,
                    found,
                    &["web.assets_common"],
                    Level::Error,
                    BUNDLE,
                    BUNDLES,
                );
            }),
            Look::Xml(|xml, found| {
                for node in xml.doc.descendants() {
                    for attribute in node.attributes().filter(|it| it.value() == "web.assets_common") {
                        found.say(attribute.range().start, Level::Error, BUNDLE, BUNDLES);
                    }
                }
            }),
        ],
    },
    Rule {
        id: "17.22",
        title: "chart templates",
        why: "the models of chart templates are gone; a chart is Python and CSV",
        source: "addons/account/models/chart_template.py, 17.0",
        deed: Deed::Detect,
        words: &["template"],
        looks: &[
            Look::Python(|python, found| {
                say_strings(python, found, TEMPLATES, Level::Error, TEMPLATE, TEMPLATED);
            }),
            Look::Xml(|xml, found| say_models(xml, found, TEMPLATES, Level::Error, TEMPLATE, TEMPLATED)),
            Look::Module(|whole, deeds| say_tables(whole, deeds, TEMPLATES, Level::Error, TEMPLATE, TEMPLATED)),
        ],
    },
    Rule {
        id: "17.24",
        title: "mail.channel",
        why: "the models are discuss.channel, discuss.channel.member and discuss.channel.rtc.session",
        source: "OpenUpgrade 17.0, apriori.py",
        deed: Deed::Detect,
        words: &["mail.channel", "mail_channel"],
        looks: &[
            Look::Python(|python, found| {
                say_strings(
                    python,
                    found,
                    CHANNELS,
                    Level::Error,
                    "the model {} is gone in 17.0",
                    CHANNEL,
                );
            }),
            Look::Xml(|xml, found| {
                say_models(
                    xml,
                    found,
                    CHANNELS,
                    Level::Error,
                    "the model {} is gone in 17.0",
                    CHANNEL,
                );
            }),
        ],
    },
    Rule {
        id: "17.25",
        title: "repair.line",
        why: "parts of a repair are stock moves; repair.fee is gone",
        source: "addons/repair/models/stock_move.py, 17.0",
        deed: Deed::Detect,
        words: &["repair.line", "repair.fee", "repair_line", "repair_fee"],
        looks: &[
            Look::Python(|python, found| {
                say_strings(
                    python,
                    found,
                    REPAIRS,
                    Level::Error,
                    "the model {} is gone in 17.0",
                    REPAIR,
                );
            }),
            Look::Xml(|xml, found| {
                say_models(
                    xml,
                    found,
                    REPAIRS,
                    Level::Error,
                    "the model {} is gone in 17.0",
                    REPAIR,
                );
            }),
        ],
    },
    Rule {
        id: "17.26",
        title: "SQL that the framework makes",
        why: "the order and the joins of a search are SQL objects: overrides are not called",
        source: "odoo/models.py, 17.0",
        deed: Deed::Detect,
        words: &["_generate_order_by", "_inherits_join_calc", "_generate_m2o_order_by"],
        looks: &[Look::Python(|python, found| {
            let message = "`{}` is deprecated in 17.0, and an override of it is not called";
            let remedy = "_order_to_sql, _order_field_to_sql and _field_to_sql, which return odoo.tools.SQL";
            say_methods(python, found, ORDERS, Level::Warning, message, remedy);
            say_calls(python, found, ORDERS, Level::Warning, message, remedy);
        })],
    },
    Rule {
        id: "17.27",
        title: "norecompute",
        why: "it does nothing any more",
        source: "odoo/api.py, 17.0",
        deed: Deed::Detect,
        words: &["norecompute"],
        looks: &[Look::Python(|python, found| {
            let message = "`norecompute` is deprecated in 17.0 and does nothing";
            say_calls(
                python,
                found,
                &["norecompute"],
                Level::Warning,
                message,
                "drop the `with`",
            );
        })],
    },
    Rule {
        id: "17.28",
        title: "the JavaScript of before OWL",
        why: "widgets, views and dialogs of before OWL are gone: the script stops the whole web client",
        source: "addons/web/static/src/legacy, 16.0 and 17.0",
        deed: Deed::Detect,
        words: &["odoo.define", "web."],
        looks: &[Look::Script(|script, found| {
            let message = "`{}` is gone in 17.0 with the web client of before OWL";
            let remedy = "write an OWL component, or patch the one that took its place, from @web/…";
            say_texts(script, found, LEGACY, Level::Error, message, remedy);
        })],
    },
    Rule {
        id: "17.30",
        title: "fields that expressions read",
        why: "a view whose expressions read a field it does not show is refused",
        source: "odoo/addons/base/models/ir_ui_view.py, 17.0",
        deed: Deed::Detect,
        words: &["invisible=", "readonly=", "required="],
        looks: &[Look::Xml(shown::shown)],
    },
    Rule {
        id: "17.31",
        title: "website_sale_delivery",
        why: "the module is part of website_sale, and what delivery did with stock is stock_delivery",
        source: "OpenUpgrade 17.0, apriori.py",
        deed: Deed::Detect,
        words: &["delivery"],
        looks: &[Look::Manifest(|manifest, found| {
            for literal in manifest.literals("depends") {
                let (message, remedy) = match literal.value.to_str() {
                    "website_sale_delivery" => (
                        "website_sale_delivery is part of website_sale in 17.0",
                        "depend on website_sale",
                    ),
                    "delivery" => (
                        "delivery knows no stock in 17.0: pickings and packages with carriers are in stock_delivery",
                        "depend on stock_delivery if the module uses them",
                    ),
                    _ => continue,
                };
                let level = if message.starts_with("delivery") {
                    Level::Note
                } else {
                    Level::Error
                };
                found.say(range(literal).start, level, message, remedy);
            }
        })],
    },
    Rule {
        id: "17.32",
        title: "quantity_done and reserved_availability",
        why: "a stock move has one quantity, and says by `picked` whether it was done",
        source: "addons/stock/models/stock_move.py, 16.0 and 17.0",
        deed: Deed::Detect,
        words: &["quantity_done", "reserved_availability", "reserved_uom_qty", "qty_done"],
        looks: &[
            Look::Python(|python, found| {
                say_attributes(python, found, QUANTITIES, Level::Error, QUANTITY, QUANTIFIED);
                say_strings(python, found, QUANTITIES, Level::Error, QUANTITY, QUANTIFIED);
            }),
            Look::Xml(|xml, found| {
                for field in xml.elements("field") {
                    if let Some(name) = field.attribute("name").filter(|name| QUANTITIES.contains(name)) {
                        found.say(
                            field.range().start,
                            Level::Error,
                            QUANTITY.replace("{}", name),
                            QUANTIFIED,
                        );
                    }
                }
            }),
        ],
    },
    Rule {
        id: "17.33",
        title: "odoo.osv.osv",
        why: "its names are deprecated",
        source: "odoo/osv/osv.py, 17.0",
        deed: Deed::Detect,
        words: &["osv"],
        looks: &[Look::Python(|python, found| {
            let remedy = "models.Model, models.TransientModel, models.AbstractModel, odoo.exceptions";
            say_imports(
                python,
                found,
                &["odoo.osv.osv", "odoo.osv.orm"],
                Level::Warning,
                "`{}` is deprecated",
                remedy,
            );
        })],
    },
    Rule {
        id: "17.34",
        title: "kanban_image",
        why: "cards of 17.0 understand it only in t-att-src, those of 18.0 not at all",
        source: "addons/web/static/src/views/kanban/kanban_arch_parser.js, 17.0 and 18.0",
        deed: Deed::Detect,
        words: &["kanban_image"],
        looks: &[Look::Xml(|xml, found| {
            for node in xml.doc.descendants() {
                for attribute in node.attributes().filter(|it| it.value().contains("kanban_image(")) {
                    found.say(
                        attribute.range().start,
                        Level::Note,
                        "kanban_image is understood for the last time",
                        "<field name=\"…\" widget=\"image\"/>",
                    );
                }
            }
        })],
    },
    Rule {
        id: "17.35",
        title: "odoo.http.send_file",
        why: "deprecated, and gone in 18.0",
        source: "odoo/http.py, 17.0 and 18.0",
        deed: Deed::Detect,
        words: &["send_file"],
        looks: &[Look::Python(|python, found| {
            let remedy = "odoo.http.Stream.from_path(path).get_response()";
            say_imports(
                python,
                found,
                &["odoo.http.send_file"],
                Level::Warning,
                "`{}` is gone in 18.0",
                remedy,
            );
            let calls = python
                .nodes
                .calls
                .iter()
                .filter(|call| Python::dotted(&call.func).as_deref() == Some("http.send_file"));
            for call in calls {
                found.say(
                    range(*call).start,
                    Level::Warning,
                    "`http.send_file` is gone in 18.0",
                    remedy,
                );
            }
        })],
    },
];

const BUNDLE: &str = "the bundle web.assets_common is gone in 17.0";
const BUNDLES: &str = "put the files into web.assets_backend, web.assets_frontend, or both";
const TEMPLATES: &[&str] = &[
    "account.account.template",
    "account.tax.template",
    "account.tax.repartition.line.template",
    "account.group.template",
    "account.fiscal.position.template",
    "account.fiscal.position.tax.template",
    "account.fiscal.position.account.template",
    "account.reconcile.model.template",
];
const TEMPLATE: &str = "the model {} is gone in 17.0";
const TEMPLATED: &str = "write the chart as @template methods of account.chart.template and CSV files in data/template";
const CHANNELS: &[&str] = &["mail.channel", "mail.channel.member", "mail.channel.rtc.session"];
const CHANNEL: &str = "it is discuss.channel, discuss.channel.member or discuss.channel.rtc.session";
const REPAIRS: &[&str] = &["repair.line", "repair.fee"];
const REPAIR: &str = "parts are stock.move with repair_id and repair_line_type; services are lines of the sale order";
const ORDERS: &[&str] = &["_generate_order_by", "_generate_m2o_order_by", "_inherits_join_calc"];
const LEGACY: &[&str] = &[
    "odoo.define(",
    "require('web.",
    "require(\"web.",
    "@web/legacy/",
    "from 'web.",
    "from \"web.",
];
const QUANTITIES: &[&str] = &["quantity_done", "reserved_availability", "reserved_uom_qty", "qty_done"];
const QUANTITY: &str = "`{}` of stock moves is gone in 17.0";
const QUANTIFIED: &str = "`quantity`, with `picked` where it was done";
