//! Stock: what is where, what moved, and what it is worth.

use super::{Expect, Ground, Invariant, money, quantity};
use crate::event::Severity::{Error, Warning};

const LOOK: &str = "compare the stock moves of these products in both databases";

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "stock-places",
        area: "stock",
        title: "stock per product, location, lot, package and owner",
        severity: Error,
        expect: Expect::Same,
        remedy: LOOK,
        explained: &[],
        query: |ground| {
            ground
                .has("stock_quant", &["product_id", "location_id", "lot_id", "package_id", "owner_id", "quantity"])
                .then(|| {
                    let sum = quantity("quantity");
                    format!(
                        "SELECT concat_ws(' ', product_id, location_id, coalesce(lot_id, 0), coalesce(package_id, 0), coalesce(owner_id, 0)),
                            concat('product ', product_id, ', location ', location_id, ', lot ', lot_id, ', package ', package_id, ', owner ', owner_id), {sum}
                         FROM stock_quant GROUP BY product_id, location_id, lot_id, package_id, owner_id HAVING {sum} <> 0"
                    )
                })
        },
    },
    Invariant {
        id: "stock-moves",
        area: "stock",
        title: "stock moves per product and state",
        severity: Error,
        expect: Expect::Same,
        remedy: LOOK,
        explained: &[(17, "17.0 makes parts of a repair stock moves")],
        query: |ground| {
            ground.has("stock_move", &["product_id", "state", "product_qty"]).then(|| {
                let sum = quantity("product_qty");
                format!(
                    "SELECT concat_ws(' ', product_id, state), concat('product ', product_id, ', ', state), concat(count(*), ' moves of ', {sum})
                     FROM stock_move GROUP BY product_id, state"
                )
            })
        },
    },
    Invariant {
        id: "stock-done",
        area: "stock",
        title: "quantities done per product",
        severity: Error,
        expect: Expect::Same,
        remedy: LOOK,
        explained: &[],
        query: |ground| {
            let done = if ground.series.major() >= 17 {
                "quantity"
            } else {
                "qty_done"
            };
            ground.has("stock_move_line", &["product_id", "state", done]).then(|| {
                let sum = quantity(done);
                format!(
                    "SELECT product_id, concat('product ', product_id), concat(count(*), ' lines of ', {sum})
                     FROM stock_move_line WHERE state = 'done' GROUP BY product_id"
                )
            })
        },
    },
    Invariant {
        id: "stock-value",
        area: "stock",
        title: "value of the stock moves per product",
        severity: Error,
        expect: Expect::Same,
        remedy: "compare stock_move.value with the layers (stock_valuation_layer) of these products",
        explained: &[],
        query: |ground| {
            // 19.0 values the moves themselves; the layers' table stays behind.
            if ground.series.major() >= 19 {
                return ground.has("stock_move", &["value", "product_id"]).then(|| {
                    let value = money("value");
                    format!(
                        "SELECT product_id, concat('product ', product_id), {value} FROM stock_move
                         WHERE state = 'done' GROUP BY product_id HAVING {value} <> 0"
                    )
                });
            }
            ground
                .has("stock_valuation_layer", &["stock_move_id", "product_id", "value"])
                .then(|| {
                    let value = money("value");
                    format!(
                        "SELECT product_id, concat('product ', product_id), {value} FROM stock_valuation_layer
                     WHERE stock_move_id IS NOT NULL GROUP BY product_id HAVING {value} <> 0"
                    )
                })
        },
    },
    Invariant {
        id: "unit-factors",
        area: "stock",
        title: "how units of measure convert into each other",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "compare the factors of these units with the backup's uom_uom: quantities are converted by them",
        explained: &[],
        query: unit_factors,
    },
    Invariant {
        id: "cost-prices",
        area: "stock",
        title: "cost price per product and company",
        severity: Error,
        expect: Expect::Same,
        remedy: "set the cost prices to what they were; stock is valued with them",
        explained: &[],
        query: |ground| {
            if ground.shape.kind("product_product", "standard_price") == Some("jsonb") {
                return Some(
                    "SELECT concat_ws(' ', p.id, c.key), concat('product ', p.id, ', company ', c.key), round(c.value::numeric, 6)
                     FROM product_product p, jsonb_each_text(p.standard_price) c WHERE round(c.value::numeric, 6) <> 0"
                        .into(),
                );
            }
            // Until 17.0 what differs by company is a record of its own.
            let property = ["name", "res_id", "value_float", "company_id"];
            (ground.has("product_product", &["id"]) && ground.has("ir_property", &property)).then(|| {
                "SELECT concat_ws(' ', split_part(res_id, ',', 2), company_id),
                    concat('product ', split_part(res_id, ',', 2), ', company ', company_id), round(value_float::numeric, 6)
                 FROM ir_property WHERE name = 'standard_price' AND res_id LIKE 'product.product,%' AND company_id IS NOT NULL
                   AND round(value_float::numeric, 6) <> 0".into()
            })
        },
    },
];

/// Asks how many of the first unit of its kind each unit is: what counts as one differs between series.
fn unit_factors(ground: &Ground) -> Option<String> {
    let (kind, factor) = if ground.series.major() >= 19 {
        ("split_part(u.parent_path, '/', 1)::int", "u.factor")
    } else {
        ("u.category_id", "1 / u.factor")
    };
    let name = ground.shape.text("u", "uom_uom", "name");
    let needed: &[&str] = if ground.series.major() >= 19 {
        &["factor", "parent_path", "name"]
    } else {
        &["factor", "category_id", "name"]
    };
    ground.has("uom_uom", needed).then(|| {
        format!(
            "SELECT id, concat('unit ', id, ' (', name, ')'), to_char(factor / first_value(factor) OVER (PARTITION BY kind ORDER BY id), '9.99EEEE')
             FROM (SELECT u.id, {name} AS name, {kind} AS kind, ({factor})::numeric AS factor FROM uom_uom u WHERE u.factor > 0) x"
        )
    })
}
