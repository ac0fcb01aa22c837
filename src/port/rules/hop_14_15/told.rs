//! What 15.0 changed and no rule can rewrite.

use ruff_python_ast::Expr;

use crate::port::rules::code::{say_attributes, say_calls, say_models, say_strings, say_texts};
use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Class, Level, Python, range};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "15.7",
        title: "odoo.define",
        why: "scripts are ES modules; odoo.define still works in 15.0 and 16.0, and has nothing to require in 17.0",
        source: "odoo/tools/js_transpiler.py, 15.0",
        deed: Deed::Detect,
        words: &["odoo.define"],
        looks: &[Look::Script(|script, found| {
            let remedy =
                "/** @odoo-module alias=… **/, imports instead of require, and export default instead of return";
            say_texts(
                script,
                found,
                &["odoo.define("],
                Level::Note,
                "`{}` is the module format of before",
                remedy,
            );
        })],
    },
    Rule {
        id: "15.9",
        title: "reading ir.model",
        why: "users without technical rights may not read models and fields",
        source: "odoo/addons/base/security/ir.model.access.csv, 14.0 and 15.0",
        deed: Deed::Detect,
        words: &["ir.model"],
        looks: &[Look::Python(|python, found| {
            for call in &python.nodes.calls {
                let Expr::Attribute(attribute) = &*call.func else {
                    continue;
                };
                let Expr::Subscript(model) = &*attribute.value else {
                    continue;
                };
                let name = Python::string(&model.slice).unwrap_or_default();
                let read = matches!(
                    attribute.attr.id.as_str(),
                    "search" | "search_read" | "search_count" | "browse" | "read"
                );
                if read && matches!(name, "ir.model" | "ir.model.fields" | "ir.model.fields.selection") {
                    found.say(
                        range(&attribute.attr).start,
                        Level::Warning,
                        format!("normal users may not read {name} in 15.0"),
                        "sudo(), or _get and _get_id of ir.model",
                    );
                }
            }
        })],
    },
    Rule {
        id: "15.10",
        title: "payment acquirers",
        why: "the flows of payment are written anew: methods of before are not called",
        source: "addons/payment/models, 14.0 and 15.0",
        deed: Deed::Detect,
        words: &["payment.acquirer", "payment.transaction"],
        looks: &[Look::Python(|python, found| {
            for class in python.nodes.classes.iter().map(|class| Class::of(class)) {
                let payment = class
                    .inherits()
                    .iter()
                    .any(|it| matches!(*it, "payment.acquirer" | "payment.transaction"));
                for method in class.methods().filter(|_| payment) {
                    let name = method.name.id.as_str();
                    let old = [
                        "_form_",
                        "_s2s_",
                        "form_generate_values",
                        "form_feedback",
                        "_get_feature_support",
                    ]
                    .iter()
                    .any(|part| name.contains(part));
                    if old {
                        found.say(
                            range(&method.name).start,
                            Level::Error,
                            format!("`{name}` is not called in 15.0"),
                            "_get_specific_rendering_values, _get_tx_from_feedback_data, _process_feedback_data, _send_payment_request",
                        );
                    }
                }
            }
        })],
    },
    Rule {
        id: "15.11",
        title: "stock.inventory",
        why: "inventories are quants with a counted quantity",
        source: "addons/stock/models/stock_quant.py, 15.0",
        deed: Deed::Detect,
        words: &["stock.inventory", "stock_inventory"],
        looks: &[
            Look::Python(|python, found| say_strings(python, found, COUNTS, Level::Error, COUNT, COUNTED)),
            Look::Xml(|xml, found| say_models(xml, found, COUNTS, Level::Error, COUNT, COUNTED)),
        ],
    },
    Rule {
        id: "15.12",
        title: "moderation and mailing lists",
        why: "mailing lists are mail.group; mail.moderation is mail.group.moderation",
        source: "OpenUpgrade 15.0, apriori.py",
        deed: Deed::Detect,
        words: &["mail.moderation", "mail_moderation", "moderation"],
        looks: &[
            Look::Python(|python, found| {
                say_strings(
                    python,
                    found,
                    &["mail.moderation"],
                    Level::Error,
                    "the model {} is gone in 15.0",
                    GROUP,
                );
                let fields = &[
                    "moderation",
                    "moderator_ids",
                    "moderation_notify",
                    "moderation_guidelines",
                ];
                say_attributes(
                    python,
                    found,
                    fields,
                    Level::Warning,
                    "channels have no `{}` in 15.0",
                    GROUP,
                );
            }),
            Look::Xml(|xml, found| {
                say_models(
                    xml,
                    found,
                    &["mail.moderation"],
                    Level::Error,
                    "the model {} is gone in 15.0",
                    GROUP,
                );
            }),
        ],
    },
    Rule {
        id: "15.13",
        title: "the old ways of Query and expression",
        why: "deprecated, and gone in 16.0",
        source: "odoo/osv/query.py, odoo/osv/expression.py, 15.0",
        deed: Deed::Detect,
        words: &["add_join", "to_sql", "get_tables", ".tables"],
        looks: &[Look::Python(|python, found| {
            let message = "`{}` is deprecated in 15.0";
            say_calls(
                python,
                found,
                &["add_join"],
                Level::Warning,
                message,
                "query.join or query.left_join",
            );
            say_calls(
                python,
                found,
                &["get_tables"],
                Level::Warning,
                message,
                "query.get_sql()",
            );
            for attribute in &python.nodes.attributes {
                let of = Python::dotted(&attribute.value).unwrap_or_default();
                if attribute.attr.id.as_str() == "tables" && of.ends_with("query") {
                    found.say(
                        range(&attribute.attr).start,
                        Level::Warning,
                        message.replace("{}", "tables"),
                        "query.get_sql()",
                    );
                }
            }
            let call = python.nodes.calls.iter().filter(|call| {
                Python::called(call) == Some("to_sql")
                    && matches!(&*call.func, Expr::Attribute(it) if python.at(&*it.value).contains("expression"))
            });
            for call in call {
                found.say(
                    range(*call).start,
                    Level::Warning,
                    message.replace("{}", "to_sql"),
                    "expression.expression(…).query",
                );
            }
        })],
    },
    Rule {
        id: "15.14",
        title: "cr.after",
        why: "deprecated, and gone in 16.0",
        source: "odoo/sql_db.py, 15.0",
        deed: Deed::Detect,
        words: &[".after("],
        looks: &[Look::Python(|python, found| {
            for call in &python.nodes.calls {
                let name = Python::dotted(&call.func).unwrap_or_default();
                if name.ends_with("cr.after") {
                    found.say(
                        range(*call).start,
                        Level::Warning,
                        "`cr.after` is deprecated in 15.0 and gone in 16.0",
                        "cr.postcommit.add(function), cr.postrollback.add(function)",
                    );
                }
            }
        })],
    },
    Rule {
        id: "15.15",
        title: "domain_get of rules",
        why: "deprecated",
        source: "odoo/addons/base/models/ir_rule.py, 15.0",
        deed: Deed::Detect,
        words: &["domain_get"],
        looks: &[Look::Python(|python, found| {
            let remedy = "_compute_domain(model_name, mode), which returns a domain";
            say_calls(
                python,
                found,
                &["domain_get"],
                Level::Warning,
                "`{}` of ir.rule is deprecated in 15.0",
                remedy,
            );
        })],
    },
    Rule {
        id: "15.16",
        title: "the frame of the web client",
        why: "menus, systray, actions and dialogs of the web client are OWL: what changed the old ones is not loaded",
        source: "addons/web/static/src/webclient, 15.0",
        deed: Deed::Detect,
        words: &["web."],
        looks: &[Look::Script(|script, found| {
            let remedy = "an OWL component or service in the registry: systray, user_menuitems, actions, services";
            say_texts(script, found, FRAME, Level::Warning, "`{}` is gone in 15.0", remedy);
        })],
    },
    Rule {
        id: "15.18",
        title: "deprecated and column_format of fields",
        why: "fields know neither any more",
        source: "odoo/fields.py, 15.0 and 16.0",
        deed: Deed::Detect,
        words: &["deprecated", "column_format", "_sequence"],
        looks: &[Look::Python(|python, found| {
            for class in python.nodes.classes.iter().map(|class| Class::of(class)) {
                for (_, _, call) in class.fields() {
                    if let Some(keyword) = call.arguments.find_keyword("deprecated") {
                        found.say(
                            range(keyword).start,
                            Level::Note,
                            "`deprecated` of fields does nothing after 15.0",
                            "drop it",
                        );
                    }
                }
                let sequence = class.model().and_then(|_| class.assigned("_sequence"));
                if let Some(sequence) = sequence {
                    found.say(
                        range(sequence).start,
                        Level::Warning,
                        "models have no `_sequence` after 15.0",
                        "drop it: ids come from the column's own sequence",
                    );
                }
            }
            say_attributes(
                python,
                found,
                &["column_format"],
                Level::Warning,
                "`{}` of fields is gone after 15.0",
                "%s",
            );
        })],
    },
];

const COUNTS: &[&str] = &["stock.inventory", "stock.inventory.line"];
const COUNT: &str = "the model {} is gone in 15.0";
const COUNTED: &str = "stock.quant with inventory_quantity and action_apply_inventory";
const GROUP: &str = "mailing lists are mail.group, with moderation";
const FRAME: &[&str] = &[
    "require('web.WebClient')",
    "require('web.UserMenu')",
    "require('web.Menu')",
    "require('web.AppsMenu')",
    "require('web.SystrayMenu')",
    "require('web.ActionManager')",
    "require('web.AbstractWebClient')",
];
