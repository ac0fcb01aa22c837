//! 13.0 → 14.0.

mod access;
mod fields;

use ruff_python_ast::Expr;

use super::code::{rename_calls, say_calls, say_extensions, say_imports, say_strings};
use super::{Deed, Look, Rule, tags};
use crate::port::{Edit, Level, Python, Xml, range};

/// The rules, in their order.
pub(super) const RULES: &[&[Rule]] = &[fields::RULES, OTHERS];

const OTHERS: &[Rule] = &[
    Rule {
        id: "14.1",
        title: "<act_window> → <record>",
        why: "the tag is deprecated, and gone in 17.0",
        source: "odoo/tools/convert.py, 14.0 to 17.0",
        deed: Deed::Mechanical,
        words: &["<act_window"],
        looks: &[Look::Xml(tags::act_window)],
    },
    Rule {
        id: "14.2",
        title: "<report> → <record>",
        why: "the tag is deprecated, and gone in 17.0",
        source: "odoo/tools/convert.py, 14.0 to 17.0",
        deed: Deed::Mechanical,
        words: &["<report"],
        looks: &[Look::Xml(tags::report)],
    },
    Rule {
        id: "14.3",
        title: "steps of tours",
        why: "the ready steps are functions of stepUtils: the tour stops",
        source: "addons/web_tour/static/src/js/tour_step_utils.js, 14.0",
        deed: Deed::Mechanical,
        words: &["STEPS."],
        looks: &[Look::Script(|script, found| {
            for (old, new) in [
                ("tour.STEPS.SHOW_APPS_MENU_ITEM", "tour.stepUtils.showAppsMenuItem()"),
                ("tour.STEPS.TOGGLE_HOME_MENU", "tour.stepUtils.toggleHomeMenu()"),
            ] {
                for (at, _) in script.text.match_indices(old) {
                    found.replace(at..at + old.len(), new);
                }
            }
        })],
    },
    Rule {
        id: "14.4",
        title: "phantom_js → browser_js",
        why: "tests in the browser run in Chrome: the old method is gone",
        source: "odoo/tests/common.py, 14.0",
        deed: Deed::Mechanical,
        words: &["phantom_js"],
        looks: &[Look::Python(|python, found| {
            rename_calls(python, found, &[("phantom_js", "browser_js")]);
        })],
    },
    Rule {
        id: "14.8",
        title: "access rights of every model",
        why: "wizards need access rights too: without a row nobody but the administrator can use them",
        source: "odoo/addons/base/models/ir_model.py, 14.0",
        deed: Deed::Detect,
        words: &[],
        looks: &[Look::Module(access::rights)],
    },
    Rule {
        id: "14.9",
        title: "user_signature of mail templates",
        why: "the field is gone: the record does not load",
        source: "addons/mail/models/mail_template.py, 14.0",
        deed: Deed::Mechanical,
        words: &["user_signature"],
        looks: &[Look::Xml(|xml, found| {
            for record in xml.records("mail.template") {
                if let Some(field) = Xml::field(record, "user_signature") {
                    found.remove(xml.with_lines(field.range()));
                }
            }
        })],
    },
    Rule {
        id: "14.10",
        title: "numbers of journal entries",
        why: "entries are numbered by what was numbered before, not by an ir.sequence of the journal",
        source: "addons/account/models/sequence_mixin.py, 14.0",
        deed: Deed::Detect,
        words: &["sequence_id", "_get_sequence", "_create_sequence"],
        looks: &[Look::Python(|python, found| {
            for attribute in &python.nodes.attributes {
                let of = Python::dotted(&attribute.value).unwrap_or_default();
                let name = attribute.attr.id.as_str();
                let journal = of.ends_with("journal_id") || of.ends_with("journal") || of.ends_with("journals");
                if journal && matches!(name, "sequence_id" | "refund_sequence_id") {
                    found.say(
                        range(&attribute.attr).start,
                        Level::Error,
                        format!("`{name}` of journals is gone in 14.0"),
                        "override _get_starting_sequence and the regular expressions of sequence.mixin",
                    );
                }
            }
        })],
    },
    Rule {
        id: "14.11",
        title: "create with one record",
        why: "create gets a list more and more often; an override for one is called for each",
        source: "odoo/api.py, 14.0",
        deed: Deed::Detect,
        words: &["def create("],
        looks: &[Look::Python(|python, found| {
            for function in super::code::methods(python, &["create"]) {
                let decorators: Vec<&str> = function
                    .decorator_list
                    .iter()
                    .map(|it| python.at(&it.expression))
                    .collect();
                if !decorators.contains(&"api.model_create_multi") {
                    found.say(
                        range(&function.name).start,
                        Level::Note,
                        "this create takes the values of one record",
                        "@api.model_create_multi with a list of values",
                    );
                }
            }
        })],
    },
    Rule {
        id: "14.12",
        title: "payments are journal entries",
        why: "account.payment inherits account.move, and the accounts of payments in between belong to the journal",
        source: "addons/account/models/account_payment.py, 14.0",
        deed: Deed::Detect,
        words: &["account.payment"],
        looks: &[Look::Python(|python, found| {
            say_extensions(
                python,
                found,
                "account.payment",
                Level::Warning,
                "account.payment is an account.move in 14.0: state, name, date and journal are those of the entry",
                "_prepare_move_line_default_vals for its lines; action_post instead of post",
            );
        })],
    },
    Rule {
        id: "14.13",
        title: "force_company → with_company",
        why: "the key of the context is ignored: values of another company are read",
        source: "odoo/models.py, 13.0 and 14.0",
        deed: Deed::Mechanical,
        words: &["force_company"],
        looks: &[Look::Python(|python, found| {
            let mut done = Vec::new();
            for call in &python.nodes.calls {
                let Expr::Attribute(attribute) = &*call.func else {
                    continue;
                };
                let [keyword] = &call.arguments.keywords[..] else {
                    continue;
                };
                let named = keyword.arg.as_ref().is_some_and(|it| it.id.as_str() == "force_company");
                if attribute.attr.id.as_str() == "with_context" && named && call.arguments.args.is_empty() {
                    done.push(range(*call));
                    found.change(vec![
                        Edit::replace(range(&attribute.attr), "with_company"),
                        Edit::remove(range(keyword).start..range(&keyword.value).start),
                    ]);
                }
            }
            for call in &python.nodes.calls {
                if let Some(keyword) = call
                    .arguments
                    .find_keyword("force_company")
                    .filter(|_| !done.contains(&range(*call)))
                {
                    found.say(
                        range(keyword).start,
                        Level::Error,
                        COMPANY,
                        "records.with_company(company)",
                    );
                }
            }
            say_strings(
                python,
                found,
                &["force_company"],
                Level::Error,
                COMPANY,
                "records.with_company(company)",
            );
        })],
    },
    Rule {
        id: "14.14",
        title: "except_orm, Warning, openerp",
        why: "names of before are deprecated, and gone in later series",
        source: "odoo/exceptions.py, 14.0",
        deed: Deed::Detect,
        words: &["openerp", "except_orm", "Warning"],
        looks: &[Look::Python(|python, found| {
            let names = &["odoo.exceptions.except_orm", "odoo.exceptions.Warning", "openerp"];
            let remedy = "UserError, and odoo for openerp";
            say_imports(
                python,
                found,
                names,
                Level::Warning,
                "`{}` is deprecated in 14.0 and gone later",
                remedy,
            );
            say_calls(
                python,
                found,
                &["except_orm"],
                Level::Warning,
                "`{}` is deprecated in 14.0 and gone later",
                remedy,
            );
        })],
    },
];

const COMPANY: &str = "force_company is ignored in 14.0";
