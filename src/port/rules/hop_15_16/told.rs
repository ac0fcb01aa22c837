//! What 16.0 changed and no rule can rewrite.

use crate::port::rules::code::{methods, say_imports, say_methods, say_models, say_strings, say_tables, say_texts};
use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Level, Xml, range};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "16.17",
        title: "name_search over several fields",
        why: "a model names the fields its names are searched in by _rec_names_search",
        source: "odoo/models.py, 16.0",
        deed: Deed::Detect,
        words: &["name_search"],
        looks: &[Look::Python(|python, found| {
            let message = "an override of `{}` that only adds fields is not needed in 16.0";
            let remedy = "_rec_names_search = [\"name\", \"code\"]";
            say_methods(
                python,
                found,
                &["_name_search", "name_search"],
                Level::Note,
                message,
                remedy,
            );
        })],
    },
    Rule {
        id: "16.18",
        title: "inherited views with groups",
        why: "an inherited view cannot be for some groups any more: it is refused",
        source: "odoo/addons/base/models/ir_ui_view.py, _check_groups, 16.0",
        deed: Deed::Detect,
        words: &["groups_id"],
        looks: &[Look::Xml(|xml, found| {
            for record in xml.records("ir.ui.view") {
                if Xml::field(record, "inherit_id").is_some()
                    && let Some(groups) = Xml::field(record, "groups_id")
                {
                    found.say(
                        groups.range().start,
                        Level::Error,
                        "an inherited view cannot be for some groups in 16.0",
                        "write groups=\"…\" at its elements",
                    );
                }
            }
        })],
    },
    Rule {
        id: "16.19",
        title: "fields of some groups in conditions",
        why: "a condition of a view may not read a field that not everybody sees who sees the condition",
        source: "odoo/addons/base/models/ir_ui_view.py, 16.0",
        deed: Deed::Detect,
        words: &["groups="],
        looks: &[Look::Xml(|xml, found| {
            for arch in xml.archs() {
                let fields = arch
                    .descendants()
                    .filter(|node| node.has_tag_name("field") && node.has_attribute("groups"));
                for field in fields {
                    let name = field.attribute("name").unwrap_or_default();
                    let quoted = [format!("('{name}',"), format!("(\"{name}\",")];
                    let reads = arch.descendants().any(|node| {
                        let conditions = ["attrs", "domain"].into_iter().filter_map(|it| node.attribute(it));
                        let other = node.attribute("groups") != field.attribute("groups");
                        other
                            && conditions
                                .into_iter()
                                .any(|it| quoted.iter().any(|name| it.replace(' ', "").contains(name)))
                    });
                    let shown = arch.descendants().any(|node| {
                        node.has_tag_name("field")
                            && node.attribute("name") == Some(name)
                            && !node.has_attribute("groups")
                    });
                    if reads && !shown {
                        found.say(
                            field.range().start,
                            Level::Error,
                            format!("{name} is for some groups, and a condition of this view reads it"),
                            "show it once more, invisible and for everybody",
                        );
                    }
                }
            }
        })],
    },
    Rule {
        id: "16.20",
        title: "translations in JSON",
        why: "a translated field is a JSON column, and the table ir_translation is gone",
        source: "odoo/fields.py, 16.0",
        deed: Deed::Detect,
        words: &["ir_translation", "ir.translation"],
        looks: &[
            Look::Python(|python, found| {
                say_strings(
                    python,
                    found,
                    &["ir.translation"],
                    Level::Error,
                    "the model {} is gone in 16.0",
                    TRANSLATION,
                );
                for literal in &python.nodes.strings {
                    if literal.value.to_str().contains("ir_translation") {
                        found.say(
                            range(*literal).start,
                            Level::Error,
                            "the table ir_translation is gone in 16.0",
                            TRANSLATION,
                        );
                    }
                }
            }),
            Look::Xml(|xml, found| {
                say_models(
                    xml,
                    found,
                    &["ir.translation"],
                    Level::Error,
                    "the model {} is gone in 16.0",
                    TRANSLATION,
                );
            }),
            Look::Module(|whole, deeds| {
                say_tables(
                    whole,
                    deeds,
                    &["ir.translation"],
                    Level::Error,
                    "the model {} is gone in 16.0",
                    TRANSLATION,
                );
            }),
        ],
    },
    Rule {
        id: "16.21",
        title: "odoo.addons.web.controllers.main",
        why: "the controllers are in modules of their own; what is left here warns",
        source: "addons/web/controllers, 15.0 and 16.0",
        deed: Deed::Detect,
        words: &["web.controllers"],
        looks: &[Look::Python(|python, found| {
            let remedy = "odoo.addons.web.controllers.home, session, database, binary, report, view, action, dataset, export or utils";
            let message = "`{}` is split in 16.0";
            say_imports(
                python,
                found,
                &["odoo.addons.web.controllers.main"],
                Level::Warning,
                message,
                remedy,
            );
        })],
    },
    Rule {
        id: "16.22",
        title: "tax reports and account types",
        why: "tax reports are account.report, and the type of an account is a selection: the models are gone",
        source: "OpenUpgrade 16.0, apriori.py",
        deed: Deed::Detect,
        words: &[
            "account.tax.report",
            "account_tax_report",
            "account.account.type",
            "data_account_type",
        ],
        looks: &[
            Look::Python(|python, found| say_strings(python, found, ACCOUNTS, Level::Error, ACCOUNT, ACCOUNTED)),
            Look::Xml(|xml, found| say_models(xml, found, ACCOUNTS, Level::Error, ACCOUNT, ACCOUNTED)),
            Look::Module(|whole, deeds| say_tables(whole, deeds, ACCOUNTS, Level::Error, ACCOUNT, ACCOUNTED)),
        ],
    },
    Rule {
        id: "16.23",
        title: "coupons and gift cards",
        why: "coupon, sale_coupon and gift_card are loyalty and sale_loyalty",
        source: "OpenUpgrade 16.0, apriori.py",
        deed: Deed::Detect,
        words: &["coupon", "gift"],
        looks: &[
            Look::Python(|python, found| {
                say_strings(
                    python,
                    found,
                    COUPONS,
                    Level::Error,
                    "the model {} is gone in 16.0",
                    COUPON,
                );
            }),
            Look::Xml(|xml, found| {
                say_models(
                    xml,
                    found,
                    COUPONS,
                    Level::Error,
                    "the model {} is gone in 16.0",
                    COUPON,
                );
            }),
        ],
    },
    Rule {
        id: "16.25",
        title: "views and fields written for the old web client",
        why: "the web client of 16.0 is OWL: views and field widgets of before are not found",
        source: "addons/web/static/src, 15.0 and 16.0",
        deed: Deed::Detect,
        words: &["odoo.define"],
        looks: &[Look::Script(|script, found| {
            let remedy = "an OWL component, registered in \"views\", \"fields\" or \"view_widgets\"";
            say_texts(
                script,
                found,
                OLD_VIEWS,
                Level::Warning,
                "`{}` belongs to the web client of before",
                remedy,
            );
        })],
    },
    Rule {
        id: "16.26",
        title: "/web/dataset/call and /web/dataset/load",
        why: "deprecated, and gone in 17.0",
        source: "addons/web/controllers/dataset.py, 16.0",
        deed: Deed::Detect,
        words: &["/web/dataset/"],
        looks: &[
            Look::Python(|python, found| {
                let routes = &["/web/dataset/call", "/web/dataset/load"];
                say_strings(
                    python,
                    found,
                    routes,
                    Level::Warning,
                    "the route {} is gone in 17.0",
                    "/web/dataset/call_kw",
                );
            }),
            Look::Script(|script, found| {
                let routes = &[
                    "/web/dataset/call'",
                    "/web/dataset/call\"",
                    "/web/dataset/load'",
                    "/web/dataset/load\"",
                ];
                say_texts(
                    script,
                    found,
                    routes,
                    Level::Warning,
                    "the route {} is gone in 17.0",
                    "/web/dataset/call_kw",
                );
            }),
        ],
    },
    Rule {
        id: "16.27",
        title: "search_count with a limit",
        why: "search_count takes a limit: an override that does not fails when one is given",
        source: "odoo/models.py, 16.0",
        deed: Deed::Detect,
        words: &["def search_count"],
        looks: &[Look::Python(|python, found| {
            for function in methods(python, &["search_count"]) {
                let limit = function.parameters.iter().any(|it| it.name().id.as_str() == "limit");
                if !limit && function.parameters.kwarg.is_none() {
                    found.say(
                        range(&function.name).start,
                        Level::Error,
                        "search_count takes `limit` in 16.0",
                        "def search_count(self, domain, limit=None)",
                    );
                }
            }
        })],
    },
    Rule {
        id: "16.29",
        title: "fetchmail",
        why: "fetchmail is part of mail, fetchmail_gmail and fetchmail_outlook of google_gmail and microsoft_outlook",
        source: "OpenUpgrade 16.0, apriori.py",
        deed: Deed::Detect,
        words: &["fetchmail"],
        looks: &[Look::Manifest(|manifest, found| {
            for literal in manifest.literals("depends") {
                let into = match literal.value.to_str() {
                    "fetchmail" => "mail",
                    "fetchmail_gmail" => "google_gmail",
                    "fetchmail_outlook" => "microsoft_outlook",
                    _ => continue,
                };
                let message = format!("the module {} is part of {into} in 16.0", literal.value.to_str());
                found.say(range(literal).start, Level::Error, message, format!("depend on {into}"));
            }
        })],
    },
];

const TRANSLATION: &str = "update_field_translations of the records; in SQL column ->> 'en_US'";
const ACCOUNTS: &[&str] = &[
    "account.tax.report",
    "account.tax.report.line",
    "account.tax.carryover.line",
    "account.account.type",
];
const ACCOUNT: &str = "the model {} is gone in 16.0";
const ACCOUNTED: &str = "account.report with its lines and expressions; account_type of account.account";
const COUPONS: &[&str] = &[
    "coupon.program",
    "coupon.coupon",
    "coupon.rule",
    "coupon.reward",
    "gift.card",
];
const COUPON: &str = "loyalty.program, loyalty.rule, loyalty.reward, loyalty.card";
const OLD_VIEWS: &[&str] = &[
    "require('web.FormView')",
    "require('web.FormController')",
    "require('web.FormRenderer')",
    "require('web.ListView')",
    "require('web.ListController')",
    "require('web.ListRenderer')",
    "require('web.KanbanView')",
    "require('web.KanbanController')",
    "require('web.KanbanRecord')",
    "require('web.AbstractField')",
    "require('web.basic_fields')",
    "require('web.relational_fields')",
    "require('web.field_registry')",
    "require('web.view_registry')",
];
