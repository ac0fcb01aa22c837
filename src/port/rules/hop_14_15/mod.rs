//! 14.0 → 15.0.

mod assets;
mod code;
mod mail;
mod qweb;
mod told;

use super::{Deed, Look, Rule};

/// The rules, in their order.
pub(super) const RULES: &[&[Rule]] = &[MADE, told::RULES];

const MADE: &[Rule] = &[
    Rule {
        id: "15.1",
        title: "bundles of assets in the manifest",
        why: "bundles are no templates any more: the module does not install, or its scripts are not loaded",
        source: "odoo/addons/base/models/ir_asset.py, 15.0",
        deed: Deed::Mechanical,
        words: &[],
        looks: &[Look::Module(assets::templates)],
    },
    Rule {
        id: "15.2",
        title: "qweb → web.assets_qweb",
        why: "the key of the manifest is ignored: templates of the web client are not found",
        source: "addons/web/__manifest__.py, 15.0",
        deed: Deed::Mechanical,
        words: &["qweb"],
        looks: &[Look::Manifest(assets::qweb)],
    },
    Rule {
        id: "15.3",
        title: "SavepointCase → TransactionCase",
        why: "deprecated, and gone in 17.0",
        source: "odoo/tests/common.py, 15.0",
        deed: Deed::Mechanical,
        words: &["Savepoint"],
        looks: &[Look::Python(code::savepoint)],
    },
    Rule {
        id: "15.4",
        title: "t-esc, t-raw → t-out",
        why: "t-raw is deprecated: what is safe says so itself, with Markup",
        source: "odoo/addons/base/models/ir_qweb.py, 15.0",
        deed: Deed::Mechanical,
        words: &["t-esc", "t-raw"],
        looks: &[Look::Xml(qweb::out)],
    },
    Rule {
        id: "15.5",
        title: "mail templates from Jinja to QWeb",
        why: "15.0 draws bodies by QWeb and other fields by {{ … }}: what Jinja should fill in is sent as it stands",
        source: "addons/mail/models/mail_render_mixin.py, 15.0",
        deed: Deed::Mechanical,
        words: &["mail.template", "sms.template"],
        looks: &[Look::Xml(mail::texts)],
    },
    Rule {
        id: "15.6",
        title: "no Environment.manage",
        why: "it does nothing; deprecated, and gone in 16.0",
        source: "odoo/api.py, 15.0",
        deed: Deed::Mechanical,
        words: &["Environment.manage"],
        looks: &[Look::Python(code::manage)],
    },
    Rule {
        id: "15.8",
        title: "toggle_button → boolean_toggle",
        why: "the widget has another name",
        source: "addons/web/static/src/legacy/js/fields/field_registry.js, 15.0",
        deed: Deed::Mechanical,
        words: &["toggle_button"],
        looks: &[Look::Xml(qweb::toggle)],
    },
];
