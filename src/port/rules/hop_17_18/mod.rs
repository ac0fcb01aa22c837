//! 17.0 → 18.0.

mod access;
mod fields;
mod list;
mod names;
mod told;
mod views;

use super::{Deed, Look, Rule};

/// The rules, in their order.
pub(super) const RULES: &[&[Rule]] = &[MADE, fields::RULES, told::RULES];

const MADE: &[Rule] = &[
    Rule {
        id: "18.1",
        title: "tree → list",
        why: "18.0 knows no view of the type tree: the module does not install",
        source: "odoo/upgrade_code/17.5-01-tree-to-list.py, 18.0",
        deed: Deed::Mechanical,
        words: &["tree"],
        looks: &[
            Look::Xml(list::xml),
            Look::Python(list::python),
            Look::Script(list::script),
        ],
    },
    Rule {
        id: "18.2",
        title: "<div class=\"oe_chatter\"> → <chatter/>",
        why: "the old element is drawn as it stands, and Odoo's own views have the new one: places in it are gone",
        source: "addons/mail/static/src/chatter/web/form_compiler.js, 17.0 and 18.0",
        deed: Deed::Mechanical,
        words: &["oe_chatter", "message_ids", "message_follower_ids", "activity_ids"],
        looks: &[Look::Xml(views::chatter)],
    },
    Rule {
        id: "18.4",
        title: "user_has_groups → has_group of the user",
        why: "the method is gone: an error when it is called",
        source: "odoo/addons/base/models/res_users.py, 18.0",
        deed: Deed::Mechanical,
        words: &["user_has_groups"],
        looks: &[Look::Python(access::user_has_groups)],
    },
    Rule {
        id: "18.5",
        title: "group_operator → aggregator",
        why: "the parameter of fields has another name; the old one is deprecated",
        source: "odoo/fields.py, 18.0",
        deed: Deed::Mechanical,
        words: &["group_operator"],
        looks: &[Look::Python(names::aggregator)],
    },
    Rule {
        id: "18.6",
        title: "fields without unaccent",
        why: "fields have no such parameter: it is unknown and warned about",
        source: "odoo/fields.py, 17.0 and 18.0",
        deed: Deed::Mechanical,
        words: &["unaccent"],
        looks: &[Look::Python(names::unaccent)],
    },
    Rule {
        id: "18.7",
        title: "ustr → str",
        why: "deprecated; Python's own texts need no such help",
        source: "odoo/tools/misc.py, 18.0",
        deed: Deed::Mechanical,
        words: &["ustr"],
        looks: &[Look::Python(names::ustr)],
    },
    Rule {
        id: "18.8",
        title: "_check_recursion → not _has_cycle",
        why: "deprecated; the new method says the opposite",
        source: "odoo/models.py, 18.0",
        deed: Deed::Mechanical,
        words: &["_check_recursion", "_check_m2m_recursion"],
        looks: &[Look::Python(access::recursion)],
    },
    Rule {
        id: "18.9",
        title: "check_access_rights, check_access_rule → check_access, has_access",
        why: "deprecated, and overrides of them are not called",
        source: "odoo/models.py, 18.0",
        deed: Deed::Mechanical,
        words: &["check_access_rights", "check_access_rule"],
        looks: &[Look::Python(access::check_access)],
    },
    Rule {
        id: "18.10",
        title: "_filter_access_rules → _filtered_access",
        why: "deprecated",
        source: "odoo/models.py, 18.0",
        deed: Deed::Mechanical,
        words: &["_filter_access_rules"],
        looks: &[Look::Python(access::filtered)],
    },
    Rule {
        id: "18.11",
        title: "odoo.registry → Registry",
        why: "deprecated",
        source: "odoo/__init__.py, 18.0",
        deed: Deed::Mechanical,
        words: &["registry"],
        looks: &[Look::Python(names::registry)],
    },
    Rule {
        id: "18.12",
        title: "scheduled actions without numbercall and doall",
        why: "the fields are gone: the record does not load",
        source: "odoo/addons/base/models/ir_cron.py, 17.0 and 18.0",
        deed: Deed::Mechanical,
        words: &["numbercall", "doall"],
        looks: &[Look::Xml(views::cron)],
    },
    Rule {
        id: "18.13",
        title: "scripts without @odoo-module",
        why: "every script of static/src is a module; the comment says nothing",
        source: "odoo/tools/js_transpiler.py, 18.0",
        deed: Deed::Mechanical,
        words: &["@odoo-module"],
        looks: &[Look::Script(views::pragma)],
    },
    Rule {
        id: "18.14",
        title: "values inside _()",
        why: "a translation with a wrong placeholder falls back to the source text instead of an error",
        source: "odoo/tools/translate.py, 18.0",
        deed: Deed::Mechanical,
        words: &["_("],
        looks: &[Look::Python(names::translated)],
    },
    Rule {
        id: "18.17",
        title: "_search without access_rights_uid",
        why: "the parameter is gone: an error when it is handed on",
        source: "odoo/models.py, 17.0 and 18.0",
        deed: Deed::Mechanical,
        words: &["access_rights_uid"],
        looks: &[Look::Python(names::rights_uid)],
    },
    Rule {
        id: "18.19",
        title: "setUpClass without chart_template_ref",
        why: "account's own setUpClass takes no argument: every test of the class fails",
        source: "addons/account/tests/common.py, 17.0 and 18.0",
        deed: Deed::Mechanical,
        words: &["chart_template_ref"],
        looks: &[Look::Python(names::chart_template)],
    },
];
