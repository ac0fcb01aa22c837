//! 16.0 → 17.0.

mod domain;
mod fields;
mod hooks;
mod modifiers;
mod name_get;
mod names;
mod shown;
mod states;
mod told;

use super::{Deed, Look, Rule, tags};

/// The rules, in their order.
pub(super) const RULES: &[&[Rule]] = &[MADE, fields::RULES, told::RULES];

const MADE: &[Rule] = &[
    Rule {
        id: "17.19",
        title: "__openerp__.py → __manifest__.py",
        why: "a module is found by its manifest; the old name is deprecated and gone in 18.0",
        source: "odoo/modules/module.py, 17.0",
        deed: Deed::Mechanical,
        words: &[],
        looks: &[Look::Module(names::manifest)],
    },
    Rule {
        id: "17.29",
        title: "<act_window>, <report> → <record>",
        why: "the loader does not know the tags: the module does not install",
        source: "odoo/tools/convert.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["<act_window", "<report"],
        looks: &[Look::Xml(tags::act_window), Look::Xml(tags::report)],
    },
    Rule {
        id: "17.3",
        title: "states of fields → readonly in views",
        why: "fields have no `states` any more: what it made writable stays readonly, or the reverse",
        source: "odoo/fields.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &[],
        looks: &[Look::Module(states::states)],
    },
    Rule {
        id: "17.1",
        title: "attrs → Python expressions",
        why: "17.0 refuses views with attrs; `invisible` of a column is `column_invisible`",
        source: "odoo/addons/base/models/ir_ui_view.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["attrs", "invisible"],
        looks: &[Look::Xml(modifiers::attrs), Look::Python(modifiers::in_python)],
    },
    Rule {
        id: "17.2",
        title: "states → invisible",
        why: "17.0 refuses views with states",
        source: "odoo/addons/base/models/ir_ui_view.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["states"],
        looks: &[Look::Xml(modifiers::states)],
    },
    Rule {
        id: "17.4",
        title: "hooks take an environment",
        why: "pre_init_hook, post_init_hook and uninstall_hook are given `env` alone: the module does not install",
        source: "odoo/modules/loading.py, 17.0",
        deed: Deed::Mechanical,
        words: &[],
        looks: &[Look::Module(hooks::hooks)],
    },
    Rule {
        id: "17.5",
        title: "name_get → _compute_display_name",
        why: "names are the computed field display_name; an override of name_get is not called",
        source: "odoo/models.py, 17.0",
        deed: Deed::Mechanical,
        words: &["name_get"],
        looks: &[Look::Python(name_get::name_get)],
    },
    Rule {
        id: "17.6",
        title: "_read_group with fields → read_group",
        why: "_read_group takes (domain, groupby, aggregates) and returns tuples; read_group still returns dictionaries",
        source: "odoo/models.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["_read_group"],
        looks: &[Look::Python(names::read_group)],
    },
    Rule {
        id: "17.7",
        title: "get_module_resource → file_path",
        why: "both are deprecated in 17.0 and gone in 19.0",
        source: "odoo/modules/module.py, 17.0 and 19.0",
        deed: Deed::Mechanical,
        words: &["get_module_resource", "get_resource_path"],
        looks: &[Look::Python(names::resource)],
    },
    Rule {
        id: "17.8",
        title: "Form from odoo.tests",
        why: "odoo.tests.common offers it only for a while",
        source: "odoo/tests/common.py, 17.0",
        deed: Deed::Mechanical,
        words: &["Form"],
        looks: &[Look::Python(names::form)],
    },
    Rule {
        id: "17.9",
        title: "message_post_with_view → message_post_with_source",
        why: "the method is gone: an error when it is called",
        source: "addons/mail/models/mail_thread.py, 17.0",
        deed: Deed::Mechanical,
        words: &["message_post_with_"],
        looks: &[Look::Python(names::post_with_view)],
    },
    Rule {
        id: "17.10",
        title: "clear_caches → registry.clear_cache",
        why: "caches belong to the registry; the method of models is deprecated",
        source: "odoo/models.py, 17.0",
        deed: Deed::Mechanical,
        words: &["clear_cache"],
        looks: &[Look::Python(names::clear_caches)],
    },
    Rule {
        id: "17.23",
        title: "search(count=True) → search_count",
        why: "search has no `count`: an error when it is called",
        source: "odoo/models.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["count"],
        looks: &[Look::Python(names::search_count)],
    },
];
