//! 15.0 → 16.0.

mod account;
mod assets;
mod fields;
mod orm;
mod told;
mod views;

use super::{Deed, Look, Rule, models};

/// The rules, in their order.
pub(super) const RULES: &[&[Rule]] = &[MADE, fields::RULES, told::RULES];

const LOTS: models::Renamed = &[("stock.production.lot", "stock.lot")];
const ROUTES: models::Renamed = &[("stock.location.route", "stock.route")];
const PROVIDERS: models::Renamed = &[
    ("payment.acquirer", "payment.provider"),
    (
        "payment.acquirer.onboarding.wizard",
        "payment.provider.onboarding.wizard",
    ),
];

const MADE: &[Rule] = &[
    Rule {
        id: "16.1",
        title: "get_xml_id → get_external_id",
        why: "deprecated, and gone in 17.0",
        source: "odoo/models.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["get_xml_id"],
        looks: &[Look::Python(orm::external_id)],
    },
    Rule {
        id: "16.2",
        title: "fields_get_keys → _fields",
        why: "deprecated, and gone in 17.0",
        source: "odoo/models.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["fields_get_keys"],
        looks: &[Look::Python(orm::field_names)],
    },
    Rule {
        id: "16.3",
        title: "fields_view_get → get_view",
        why: "the web client asks for views by get_views and get_view: an override of fields_view_get is not called",
        source: "odoo/addons/base/models/ir_ui_view.py, 16.0",
        deed: Deed::Mechanical,
        words: &["fields_view_get"],
        looks: &[Look::Python(views::get_view)],
    },
    Rule {
        id: "16.4",
        title: "web.assets_qweb → web.assets_backend",
        why: "the bundle is gone: templates in it are not loaded",
        source: "addons/web/__manifest__.py, 15.0 and 16.0",
        deed: Deed::Mechanical,
        words: &["web.assets_qweb"],
        looks: &[Look::Manifest(assets::qweb)],
    },
    Rule {
        id: "16.5",
        title: "stock.production.lot → stock.lot",
        why: "the model has another name: the module does not install",
        source: "OpenUpgrade 16.0, apriori.py",
        deed: Deed::Mechanical,
        words: &["stock.production.lot", "stock_production_lot"],
        looks: &[
            Look::Python(|python, found| models::python(python, found, LOTS)),
            Look::Xml(|xml, found| models::xml(xml, found, LOTS)),
            Look::Csv(|table, found| models::csv(table, found, LOTS)),
        ],
    },
    Rule {
        id: "16.6",
        title: "stock.location.route → stock.route",
        why: "the model has another name: the module does not install",
        source: "OpenUpgrade 16.0, apriori.py",
        deed: Deed::Mechanical,
        words: &["stock.location.route", "stock_location_route"],
        looks: &[
            Look::Python(|python, found| models::python(python, found, ROUTES)),
            Look::Xml(|xml, found| models::xml(xml, found, ROUTES)),
            Look::Csv(|table, found| models::csv(table, found, ROUTES)),
        ],
    },
    Rule {
        id: "16.7",
        title: "payment.acquirer → payment.provider",
        why: "the model has another name: the module does not install",
        source: "OpenUpgrade 16.0, apriori.py",
        deed: Deed::Mechanical,
        words: &["payment.acquirer", "payment_acquirer", "acquirer_"],
        looks: &[
            Look::Python(|python, found| {
                models::python(python, found, PROVIDERS);
                super::fields::python(python, found, fields::PROVIDER);
            }),
            Look::Xml(|xml, found| {
                models::xml(xml, found, PROVIDERS);
                super::fields::xml(xml, found, fields::PROVIDER);
            }),
            Look::Csv(|table, found| models::csv(table, found, PROVIDERS)),
        ],
    },
    Rule {
        id: "16.8",
        title: "user_type_id → account_type",
        why: "the type of an account is a selection: records and values with user_type_id fail",
        source: "addons/account/models/account_account.py, 15.0 and 16.0",
        deed: Deed::Mechanical,
        words: &["user_type_id", "internal_type"],
        looks: &[Look::Xml(account::data), Look::Python(account::conditions)],
    },
    Rule {
        id: "16.13",
        title: "args of search methods → domain",
        why: "the parameter has another name: an override fails when it is handed over by name",
        source: "odoo/models.py, 15.0 and 16.0",
        deed: Deed::Mechanical,
        words: &["args"],
        looks: &[Look::Python(orm::domain)],
    },
    Rule {
        id: "16.14",
        title: "tools.ignore → contextlib.suppress",
        why: "deprecated",
        source: "odoo/tools/misc.py, 16.0",
        deed: Deed::Mechanical,
        words: &["ignore"],
        looks: &[Look::Python(orm::ignore)],
    },
    Rule {
        id: "16.15",
        title: "flush → flush_all, flush_model, flush_recordset",
        why: "deprecated, and gone in 17.0",
        source: "odoo/models.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["flush", "recompute"],
        looks: &[Look::Python(orm::flush)],
    },
    Rule {
        id: "16.16",
        title: "invalidate_cache → invalidate_all, invalidate_model, invalidate_recordset",
        why: "deprecated, and gone in 17.0",
        source: "odoo/models.py, 16.0 and 17.0",
        deed: Deed::Mechanical,
        words: &["invalidate_cache", "refresh"],
        looks: &[Look::Python(orm::invalidate)],
    },
    Rule {
        id: "16.24",
        title: "classes of Bootstrap 5",
        why: "16.0 brings Bootstrap 5: left and right are start and end, data-toggle is data-bs-toggle",
        source: "addons/web/static/lib/bootstrap, 15.0 and 16.0",
        deed: Deed::Mechanical,
        words: &["class=", "data-"],
        looks: &[Look::Xml(views::bootstrap)],
    },
];
