//! Fields of 15.0 that have another name, or another sense.

use crate::port::rules::fields::{Changed, python, renamed, say_python, say_xml, xml};
use crate::port::rules::renames::Renamed;
use crate::port::rules::{Deed, Look, Rule};
use crate::port::uses::{How, Use, of_python, of_xml};
use crate::port::{Edit, Found, Level};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "16.10",
        title: "analytic accounts of lines",
        why: "a line has analytic_distribution, shares of accounts by their ids; analytic_account_id and tags are gone",
        source: "addons/account/models/account_move_line.py, 16.0",
        deed: Deed::Detect,
        words: &["analytic_account_id", "analytic_tag_ids"],
        looks: &[
            Look::Python(|it, found| say_python(it, found, ANALYTIC)),
            Look::Xml(|it, found| say_xml(it, found, ANALYTIC)),
        ],
    },
    Rule {
        id: "16.11",
        title: "exclude_from_invoice_tab → display_type",
        why: "lines of an invoice's tab are those whose display_type is product: the old field is gone",
        source: "addons/account/models/account_move_line.py, 16.0",
        deed: Deed::Mechanical,
        words: &["exclude_from_invoice_tab"],
        looks: &[
            Look::Python(|it, found| invoice_tab(&of_python(it), '"', found)),
            Look::Xml(|it, found| invoice_tab(&of_xml(it), '\'', found)),
        ],
    },
    Rule {
        id: "16.12",
        title: "price of products",
        why: "products have no price of the context's pricelist: an error when it is read",
        source: "addons/product/models/product_product.py, 15.0 and 16.0",
        deed: Deed::Detect,
        words: &["price"],
        looks: &[
            Look::Python(|it, found| say_python(it, found, PRICE)),
            Look::Xml(|it, found| say_xml(it, found, PRICE)),
        ],
    },
    Rule {
        id: "16.28",
        title: "reserved quantities of stock.move.line",
        why: "product_qty and product_uom_qty of move lines are reserved_qty and reserved_uom_qty",
        source: "addons/stock/models/stock_move_line.py, 15.0 and 16.0",
        deed: Deed::Mechanical,
        words: &["product_qty", "product_uom_qty"],
        looks: &[
            Look::Python(|it, found| python(it, found, RESERVED)),
            Look::Xml(|it, found| xml(it, found, RESERVED)),
        ],
    },
];

pub(super) const PROVIDER: &[Renamed] = &[
    renamed(
        &["payment.transaction", "payment.token"],
        "acquirer_id",
        "provider_id",
        true,
    ),
    renamed(
        &["payment.transaction"],
        "acquirer_reference",
        "provider_reference",
        true,
    ),
    renamed(&["payment.token"], "acquirer_ref", "provider_ref", true),
    renamed(
        &["account.payment.method.line"],
        "payment_acquirer_id",
        "payment_provider_id",
        true,
    ),
];
const RESERVED: &[Renamed] = &[
    renamed(&["stock.move.line"], "product_qty", "reserved_qty", false),
    renamed(&["stock.move.line"], "product_uom_qty", "reserved_uom_qty", false),
];
const LINES: &[&str] = &[
    "account.move.line",
    "hr.expense",
    "purchase.order.line",
    "account.asset",
];
const ANALYTIC: &[Changed] = &[
    Changed {
        models: LINES,
        name: "analytic_account_id",
        alone: false,
        level: Level::Error,
        message: "analytic_account_id of lines is gone in 16.0",
        remedy: "analytic_distribution, such as {str(account.id): 100}",
    },
    Changed {
        models: &[
            "account.move.line",
            "hr.expense",
            "purchase.order.line",
            "sale.order.line",
        ],
        name: "analytic_tag_ids",
        alone: true,
        level: Level::Error,
        message: "analytic tags are gone in 16.0",
        remedy: "analytic plans, and analytic_distribution",
    },
];
const PRICE: &[Changed] = &[Changed {
    models: &["product.product", "product.template"],
    name: "price",
    alone: false,
    level: Level::Error,
    message: "price of products is gone in 16.0",
    remedy: "product._get_contextual_price(), or pricelist._get_product_price(product, quantity)",
}];

/// `("exclude_from_invoice_tab", "=", False)` is `("display_type", "=", "product")`.
fn invoice_tab(uses: &[Use], quote: char, found: &mut Found) {
    for it in uses.iter().filter(|it| it.field == "exclude_from_invoice_tab") {
        match (it.how, it.operator.as_deref(), &it.truth) {
            (How::Domain, Some("="), Some((value, false))) => found.change(vec![
                Edit::replace(it.place.clone(), "display_type"),
                Edit::replace(value.clone(), format!("{quote}product{quote}")),
            ]),
            _ => found.say(
                it.place.start,
                Level::Error,
                "exclude_from_invoice_tab is gone in 16.0",
                "display_type: product, tax, payment_term, rounding, cogs, epd, line_section, line_note",
            ),
        }
    }
}
