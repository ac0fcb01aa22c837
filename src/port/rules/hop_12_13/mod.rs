//! 12.0 → 13.0: for old code that is still lying around. Its rules belong to the hop to 14.0.

mod old;

use super::code::{rename_calls, say_attributes, say_calls, say_models, say_strings};
use super::{Deed, Look, Rule};
use crate::port::{Level, Python, range};

/// The rules, in their order.
pub(super) const RULES: &[&[Rule]] = &[&[
    Rule {
        id: "13.1",
        title: "no @api.one, @api.multi",
        why: "the decorators are gone: the module does not load",
        source: "odoo/api.py, 12.0 and 13.0",
        deed: Deed::Mechanical,
        words: &["api."],
        looks: &[Look::Python(old::decorators)],
    },
    Rule {
        id: "13.2",
        title: "sudo(user) → with_user(user)",
        why: "sudo takes a flag: any user given is taken for true",
        source: "odoo/models.py, 13.0",
        deed: Deed::Mechanical,
        words: &["sudo("],
        looks: &[Look::Python(old::sudo)],
    },
    Rule {
        id: "13.3",
        title: "suspend_security → sudo",
        why: "sudo does what the module base_suspend_security did",
        source: "odoo/models.py, 13.0",
        deed: Deed::Mechanical,
        words: &["suspend_security"],
        looks: &[Look::Python(|python, found| {
            rename_calls(python, found, &[("suspend_security", "sudo")]);
        })],
    },
    Rule {
        id: "13.4",
        title: "track_visibility → tracking",
        why: "the parameter has another name: changes are not tracked",
        source: "addons/mail/models/mail_thread.py, 13.0",
        deed: Deed::Mechanical,
        words: &["track_visibility"],
        looks: &[Look::Python(old::tracking)],
    },
    Rule {
        id: "13.5",
        title: "_find_partner_from_emails → _mail_find_partner_from_emails",
        why: "the methods have other names: an error when they are called",
        source: "addons/mail/models/mail_thread.py, 13.0",
        deed: Deed::Mechanical,
        words: &["_find_partner_from_emails", "_search_on_"],
        looks: &[Look::Python(|python, found| {
            let names = [
                ("_find_partner_from_emails", "_mail_find_partner_from_emails"),
                ("_search_on_partner", "_mail_search_on_partner"),
                ("_search_on_user", "_mail_search_on_user"),
            ];
            rename_calls(python, found, &names);
        })],
    },
    Rule {
        id: "13.6",
        title: "actions without view_type",
        why: "the field is gone: the record does not load",
        source: "odoo/addons/base/models/ir_actions.py, 13.0",
        deed: Deed::Mechanical,
        words: &["view_type"],
        looks: &[Look::Xml(old::view_type), Look::Python(old::view_type_key)],
    },
    Rule {
        id: "13.7",
        title: "src_model → binding_model",
        why: "the attribute of <act_window> has another name",
        source: "odoo/tools/convert.py, 13.0",
        deed: Deed::Mechanical,
        words: &["src_model"],
        looks: &[Look::Xml(|xml, found| {
            for attribute in xml
                .elements("act_window")
                .filter_map(|node| node.attribute_node("src_model"))
            {
                found.replace(attribute.range_qname(), "binding_model");
            }
        })],
    },
    Rule {
        id: "13.8",
        title: "digits without get_precision",
        why: "fields take the name of a precision; odoo.addons.decimal_precision is deprecated",
        source: "odoo/fields.py, 13.0",
        deed: Deed::Mechanical,
        words: &["get_precision"],
        looks: &[Look::Python(old::precision)],
    },
    Rule {
        id: "13.9",
        title: "the button that archives",
        why: "archiving is a web_ribbon and the action menu",
        source: "addons/web/static/src/xml/base.xml, 13.0",
        deed: Deed::Detect,
        words: &["toggle_active"],
        looks: &[Look::Xml(|xml, found| {
            for button in xml
                .elements("button")
                .filter(|it| it.attribute("name") == Some("toggle_active"))
            {
                found.say(
                    button.range().start,
                    Level::Warning,
                    "a button calls toggle_active; Odoo archives from the action menu",
                    "<widget name=\"web_ribbon\" title=\"Archived\" bg_color=\"bg-danger\" …/> with the field active",
                );
            }
        })],
    },
    Rule {
        id: "13.10",
        title: "decorators that are gone",
        why: "api.cr, api.model_cr and their like are gone: the module does not load",
        source: "odoo/api.py, 12.0 and 13.0",
        deed: Deed::Detect,
        words: &["api."],
        looks: &[Look::Python(|python, found| {
            for function in &python.nodes.functions {
                for decorator in &function.decorator_list {
                    let name = Python::dotted(&decorator.expression).unwrap_or_default();
                    if matches!(
                        name.as_str(),
                        "api.cr" | "api.cr_context" | "api.model_cr" | "api.model_cr_context" | "api.v7" | "api.v8"
                    ) {
                        found.say(
                            range(decorator).start,
                            Level::Error,
                            format!("@{name} is gone"),
                            "drop it; a method that needs no records is @api.model",
                        );
                    }
                }
            }
        })],
    },
    Rule {
        id: "13.11",
        title: "web_settings_dashboard",
        why: "the module is gone",
        source: "addons, 12.0 and 13.0",
        deed: Deed::Detect,
        words: &["web_settings_dashboard"],
        looks: &[Look::Manifest(|manifest, found| {
            let remedy = "drop it: base_setup shows the settings";
            let gone = &["web_settings_dashboard"];
            say_strings(
                &manifest.python,
                found,
                gone,
                Level::Error,
                "the module {} is gone",
                remedy,
            );
        })],
    },
    Rule {
        id: "13.12",
        title: "_company_default_get",
        why: "the company of the user is env.company",
        source: "odoo/addons/base/models/res_company.py, 13.0",
        deed: Deed::Detect,
        words: &["_company_default_get"],
        looks: &[Look::Python(|python, found| {
            let message = "`{}` is deprecated, and gone in later series";
            say_calls(
                python,
                found,
                &["_company_default_get"],
                Level::Warning,
                message,
                "self.env.company",
            );
        })],
    },
    Rule {
        id: "13.13",
        title: "account.invoice",
        why: "invoices are account.move: other fields, other states, lines in one model with the journal items",
        source: "addons/account/models/account_move.py, 13.0",
        deed: Deed::Detect,
        words: &["account.invoice", "account_invoice"],
        looks: &[
            Look::Python(|python, found| say_strings(python, found, INVOICES, Level::Error, INVOICE, INVOICED)),
            Look::Xml(|xml, found| say_models(xml, found, INVOICES, Level::Error, INVOICE, INVOICED)),
        ],
    },
    Rule {
        id: "13.14",
        title: "sequence_number_next",
        why: "journals have no next number: numbers follow the entries there are",
        source: "addons/account/models/account_journal.py, 13.0 and 14.0",
        deed: Deed::Detect,
        words: &["sequence_number_next"],
        looks: &[
            Look::Python(|python, found| {
                say_attributes(python, found, NUMBERS, Level::Error, "`{}` of journals is gone", NUMBER);
            }),
            Look::Xml(|xml, found| {
                for field in xml
                    .elements("field")
                    .filter(|it| it.attribute("name").is_some_and(|name| NUMBERS.contains(&name)))
                {
                    found.say(
                        field.range().start,
                        Level::Error,
                        "the next number of journals is gone",
                        NUMBER,
                    );
                }
            }),
        ],
    },
]];

const INVOICES: &[&str] = &[
    "account.invoice",
    "account.invoice.line",
    "account.invoice.tax",
    "account.invoice.refund",
];
const INVOICE: &str = "the model {} is gone: invoices are account.move";
const INVOICED: &str =
    "account.move with move_type, invoice_line_ids, invoice_date, amount_residual, payment_state, state posted";
const NUMBERS: &[&str] = &["sequence_number_next", "refund_sequence_number_next"];
const NUMBER: &str = "set the name of the first entry; the next ones follow it";
