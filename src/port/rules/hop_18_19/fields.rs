//! Fields of Odoo that have another name or another sense.

use ruff_python_ast::Expr;

use crate::port::rules::renames::{Fate, Renamed, fate, rename};
use crate::port::rules::{Deed, Look, Rule};
use crate::port::uses::{How, Use, of_csv, of_python, of_xml};
use crate::port::{Edit, Facts, Found, Level, Python, Table, Xml, range};

pub(super) const GROUPS: Rule = Rule {
    id: "19.5",
    title: "groups_id → group_ids",
    why: "the field has another name on users, actions, views and menus. On users it no longer holds implied groups: \
          `all_group_ids` does, and is what reading meant",
    source: "odoo/addons/base/models/res_users.py, ir_actions.py, ir_ui_view.py, ir_ui_menu.py, 19.0",
    deed: Deed::Mechanical,
    words: &["groups_id"],
    looks: &[
        Look::Python(|python, found| in_python(python, found, &GROUPS_TABLE)),
        Look::Xml(|xml, found| in_xml(xml, found, &GROUPS_TABLE)),
        Look::Csv(|table, found| in_csv(table, found, &GROUPS_TABLE)),
    ],
};

const GROUPS_TABLE: [Renamed; 2] = [
    Renamed {
        models: &["res.users"],
        old: "groups_id",
        new: "group_ids",
        read: Some("all_group_ids"),
        alone: false,
    },
    Renamed {
        models: &[
            "ir.actions.act_window",
            "ir.actions.server",
            "ir.actions.report",
            "ir.actions.actions",
            "ir.actions.client",
            "ir.cron",
            "ir.ui.view",
            "ir.ui.menu",
        ],
        old: "groups_id",
        new: "group_ids",
        read: None,
        alone: true,
    },
];

pub(super) const USERS: Rule = Rule {
    id: "19.30",
    title: "res.groups users → user_ids, trans_implied_ids → all_implied_ids",
    why: "the fields have other names; `user_ids` holds those who were put into the group, `all_user_ids` also those \
          who are in it through another, as `users` did",
    source: "odoo/addons/base/models/res_groups.py, 19.0",
    deed: Deed::Mechanical,
    words: &["users", "trans_implied_ids"],
    looks: &[
        Look::Python(|python, found| in_python(python, found, &USERS_TABLE)),
        Look::Xml(|xml, found| in_xml(xml, found, &USERS_TABLE)),
        Look::Csv(|table, found| in_csv(table, found, &USERS_TABLE)),
    ],
};

const USERS_TABLE: [Renamed; 2] = [
    Renamed {
        models: &["res.groups"],
        old: "users",
        new: "user_ids",
        read: Some("all_user_ids"),
        alone: false,
    },
    Renamed {
        models: &["res.groups"],
        old: "trans_implied_ids",
        new: "all_implied_ids",
        read: None,
        alone: true,
    },
];

pub(super) const LINES: Rule = Rule {
    id: "19.12",
    title: "product_uom → product_uom_id, tax_id and taxes_id → tax_ids on lines of orders",
    why: "the fields have other names on sales and purchase lines; stock moves keep `product_uom`",
    source: "odoo/addons/sale/models/sale_order_line.py, purchase/models/purchase_order_line.py, 19.0",
    deed: Deed::Mechanical,
    words: &["product_uom", "tax_id", "taxes_id"],
    looks: &[
        Look::Python(|python, found| in_python(python, found, &LINES_TABLE)),
        Look::Xml(|xml, found| in_xml(xml, found, &LINES_TABLE)),
        Look::Csv(|table, found| in_csv(table, found, &LINES_TABLE)),
    ],
};

const LINES_TABLE: [Renamed; 4] = [
    Renamed {
        models: &["sale.order.line", "purchase.order.line"],
        old: "product_uom",
        new: "product_uom_id",
        read: None,
        alone: false,
    },
    Renamed {
        models: &["product.supplierinfo"],
        old: "product_uom",
        new: "product_uom_id",
        read: None,
        alone: false,
    },
    Renamed {
        models: &["sale.order.line"],
        old: "tax_id",
        new: "tax_ids",
        read: None,
        alone: false,
    },
    Renamed {
        models: &["purchase.order.line"],
        old: "taxes_id",
        new: "tax_ids",
        read: None,
        alone: false,
    },
];

fn in_python(python: &Python<'_>, found: &mut Found, table: &[Renamed]) {
    rename(python.facts, &of_python(python), table, found);
}

fn in_xml(xml: &Xml<'_>, found: &mut Found, table: &[Renamed]) {
    rename(xml.facts, &of_xml(xml), table, found);
}

fn in_csv(csv: &Table<'_>, found: &mut Found, table: &[Renamed]) {
    rename(csv.facts, &of_csv(csv), table, found);
}

pub(super) const PICKINGS: Rule = Rule {
    id: "19.43",
    title: "move_ids_without_package → move_ids on pickings",
    why: "the fields that left packages out are gone; the views of 19.0 show all moves in one list",
    source: "odoo/addons/stock/models/stock_picking.py and views/stock_picking_views.xml, 19.0",
    deed: Deed::Mechanical,
    words: &["_without_package", "move_line_nosuggest_ids"],
    looks: &[
        Look::Python(|python, found| in_python(python, found, &PICKINGS_TABLE)),
        Look::Xml(|xml, found| in_xml(xml, found, &PICKINGS_TABLE)),
        Look::Csv(|table, found| in_csv(table, found, &PICKINGS_TABLE)),
    ],
};

const PICKINGS_TABLE: [Renamed; 3] = [
    Renamed {
        models: &["stock.picking"],
        old: "move_ids_without_package",
        new: "move_ids",
        read: None,
        alone: true,
    },
    Renamed {
        models: &["stock.picking"],
        old: "move_line_ids_without_package",
        new: "move_line_ids",
        read: None,
        alone: true,
    },
    Renamed {
        models: &["stock.picking"],
        old: "move_line_nosuggest_ids",
        new: "move_line_ids",
        read: None,
        alone: true,
    },
];

pub(super) const MOBILE: Rule = Rule {
    id: "19.44",
    title: "what holds on to mobile holds on to phone",
    why: "partners and leads have one number; the place of the other is where `phone` stands, and what follows it or reads \
          it finds the number there",
    source: "odoo/addons/base/models/res_partner.py and views/res_partner_views.xml, 19.0",
    deed: Deed::Mechanical,
    words: &["mobile"],
    looks: &[Look::Xml(mobile), Look::Python(mobile_in_python)],
};

const MOBILE_TABLE: [Renamed; 1] = [Renamed {
    models: &["res.partner", "crm.lead"],
    old: "mobile",
    new: "phone",
    read: None,
    alone: false,
}];

fn mobile(xml: &Xml<'_>, found: &mut Found) {
    for it in of_xml(xml).iter().filter(|it| it.how == How::Anchor) {
        let named = |node: &roxmltree::Node<'_, '_>| {
            let attribute = node.attribute_node("name").filter(|_| node.has_tag_name("field"));
            attribute.is_some_and(|name| name.range_value() == it.place) && !node.has_attribute("position")
        };
        // A field that is shown below an anchor is none.
        if let (Some(Fate::Is(_)), None) = (fate(xml.facts, &MOBILE_TABLE, it), xml.elements("field").find(named)) {
            found.replace(it.place.clone(), "phone");
        }
    }
}

/// What is written stays: a number of its own is lost when it goes where another is.
fn mobile_in_python(python: &Python<'_>, found: &mut Found) {
    let uses: Vec<Use> = (of_python(python).into_iter())
        .filter(|it| matches!(it.how, How::Path | How::Read | How::Domain))
        .collect();
    rename(python.facts, &uses, &MOBILE_TABLE, found);
}

pub(super) const DEPRECATED: Rule = Rule {
    id: "19.13",
    title: "account.account deprecated → active, turned round",
    why: "accounts are archived as other records are; the old field is gone",
    source: "odoo/addons/account/models/account_account.py, 19.0",
    deed: Deed::Mechanical,
    words: &["deprecated"],
    looks: &[
        Look::Python(|python, found| turn(python.facts, &of_python(python), Some(python), found)),
        Look::Xml(|xml, found| turn(xml.facts, &of_xml(xml), None, found)),
        Look::Csv(|table, found| turn(table.facts, &of_csv(table), None, found)),
    ],
};

const DEPRECATED_TABLE: [Renamed; 1] = [Renamed {
    models: &["account.account"],
    old: "deprecated",
    new: "active",
    read: None,
    alone: false,
}];

/// Renames a boolean to its opposite: what it is compared with or set to is turned round with it.
fn turn(facts: &Facts, uses: &[Use], python: Option<&Python<'_>>, found: &mut Found) {
    for it in uses {
        let Some(Fate::Is(_)) = fate(facts, &DEPRECATED_TABLE, it) else {
            continue;
        };
        let name = Edit::replace(it.place.clone(), "active");
        let equal = it
            .operator
            .as_deref()
            .is_none_or(|operator| matches!(operator, "=" | "!="));
        let read = python.and_then(|python| {
            let attribute = |it_: &&&ruff_python_ast::ExprAttribute| range(&it_.attr) == it.place;
            python.nodes.attributes.iter().find(attribute).map(|it_| range(*it_))
        });
        match (it.how, &it.truth, read) {
            (How::Read, _, Some(whole)) => found.change(vec![
                Edit::insert(whole.start, "(not "),
                name,
                Edit::insert(whole.end, ")"),
            ]),
            (How::Name, _, _) => found.replace(it.place.clone(), "(not active)"),
            (How::Key | How::Domain, Some((place, truth)), _) if equal => {
                let turned = if *truth { "False" } else { "True" };
                found.change(vec![name, Edit::replace(place.clone(), turned)]);
            }
            (How::View | How::Anchor | How::Define, ..) => {
                found.change(vec![name]);
                found.say(
                    it.place.start,
                    Level::Note,
                    "`deprecated` became `active`, which means the opposite",
                    "look whether what is shown still reads right",
                );
            }
            (How::Path, ..) => found.change(vec![name]),
            _ => found.say(
                it.place.start,
                Level::Error,
                "account.account has no `deprecated` in 19.0",
                "use `active`, which means the opposite",
            ),
        }
    }
}

pub(super) const PURCHASE_UOM: Rule = Rule {
    id: "19.41",
    title: "product uom_po_id → uom_id",
    why: "a product has one unit of measure; vendors have theirs in the price list of the vendor",
    source: "odoo/addons/product/models/product_template.py, 19.0",
    deed: Deed::Mechanical,
    words: &["uom_po_id"],
    looks: &[
        Look::Python(purchase_uom),
        Look::Xml(purchase_uom_in_xml),
        Look::Csv(|table, found| in_csv(table, found, &PURCHASE_UOM_TABLE)),
    ],
};

const PURCHASE_UOM_TABLE: [Renamed; 1] = [Renamed {
    models: &["product.template", "product.product"],
    old: "uom_po_id",
    new: "uom_id",
    read: None,
    alone: true,
}];

fn purchase_uom(python: &Python<'_>, found: &mut Found) {
    // Where both are set, the second of the two goes.
    let mut gone = Vec::new();
    for dict in &python.nodes.dicts {
        let key =
            |name: &str| (dict.items.iter()).position(|item| item.key.as_ref().and_then(Python::string) == Some(name));
        if let (Some(_), Some(at)) = (key("uom_id"), key("uom_po_id")) {
            let item = &dict.items[at];
            let Some(Expr::StringLiteral(literal)) = &item.key else {
                continue;
            };
            gone.push(range(literal));
            found.remove(Python::item(dict, at));
        }
    }
    for call in &python.nodes.calls {
        let first = call.arguments.find_keyword("uom_id").is_some();
        if let (true, Some(second)) = (first, call.arguments.find_keyword("uom_po_id")) {
            gone.push(range(second));
            found.remove(python.argument_with_comma(call, second));
        }
    }
    let uses: Vec<Use> = (of_python(python).into_iter())
        .filter(|it| !gone.iter().any(|gone| gone.contains(&it.place.start)))
        .collect();
    rename(python.facts, &uses, &PURCHASE_UOM_TABLE, found);
}

fn purchase_uom_in_xml(xml: &Xml<'_>, found: &mut Found) {
    for record in xml.elements("record") {
        if let (Some(_), Some(second)) = (Xml::field(record, "uom_id"), Xml::field(record, "uom_po_id")) {
            found.remove(xml.with_lines(second.range()));
        }
    }
    for it in of_xml(xml) {
        let Some(Fate::Is(_)) = fate(xml.facts, &PURCHASE_UOM_TABLE, &it) else {
            continue;
        };
        match it.how {
            How::Key => {
                let node = (xml.elements("field")).find(|node| {
                    node.attribute_node("name")
                        .is_some_and(|name| name.range_value() == it.place)
                });
                let both = node
                    .and_then(|node| node.parent())
                    .is_some_and(|record| Xml::field(record, "uom_id").is_some());
                if !both {
                    found.replace(it.place.clone(), "uom_id");
                }
            }
            How::View | How::Anchor => found.say(
                it.place.start,
                Level::Error,
                "products have no `uom_po_id` in 19.0: the view does not load",
                "leave the field out, or find the view another place to hold on to, such as `uom_id`",
            ),
            _ => found.replace(it.place.clone(), "uom_id"),
        }
    }
}
