//! Stock: what is where, what moved, and what it is worth.

use std::fmt::Write as _;

use super::{Expect, Ground, Invariant, money, quantity};
use crate::event::Severity::{Error, Warning};

const LOOK: &str = "compare the stock moves of these products in both databases";
use crate::verify::content::Shape;

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
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "compare the factors of these units with the backup's uom_uom: quantities are converted by them",
        explained: &[],
        query: |ground| unit_factors(ground, false),
    },
    Invariant {
        id: "unit-factors-idle",
        area: "stock",
        title: "how square feet convert, in which nothing is counted",
        severity: Warning,
        expect: Expect::Kept,
        remedy: "the playbook `community_known_issues` relates them to square metres again",
        explained: &[],
        query: |ground| unit_factors(ground, true),
    },
    Invariant {
        id: "packagings",
        area: "stock",
        title: "how many pieces a packaging holds",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "set the units of these packagings to what they hold; the backup's product_packaging has the numbers",
        explained: &[],
        query: packagings,
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

/// Asks what packagings hold: since 19.0 each is a unit of its own, and holds as many as its factor says.
fn packagings(ground: &Ground) -> Option<String> {
    let named = "concat('packaging ', p.id, ' of product ', p.product_id)";
    if ground.has("product_packaging", &["qty", "product_id"]) {
        return Some(format!(
            "SELECT p.id, {named}, to_char(p.qty, '9.999EEEE') FROM product_packaging p WHERE p.qty > 0"
        ));
    }
    (ground.has("product_uom", &["uom_id", "product_id"]) && ground.has("uom_uom", &["factor", "relative_factor"]))
        .then(|| {
            format!(
            "SELECT p.id, {named}, to_char((u.factor / nullif(o.factor, 0))::numeric, '9.999EEEE') FROM product_uom p
             JOIN product_product v ON v.id = p.product_id JOIN product_template t ON t.id = v.product_tmpl_id
             JOIN uom_uom u ON u.id = p.uom_id JOIN uom_uom o ON o.id = t.uom_id"
        )
        })
}

/// Asks how many of the first unit of its kind each unit is: what counts as one differs between series. `idle` asks for
/// square feet that nothing is counted in, which `OpenUpgrade` leaves without a relation to square metres, else for all others.
fn unit_factors(ground: &Ground, idle: bool) -> Option<String> {
    let related = |shape: &Shape| shape.has("uom_uom", &["factor", "parent_path", "relative_factor", "name"]);
    let (kind, factor) = if related(ground.shape) {
        ("split_part(u.parent_path, '/', 1)::int", "u.factor")
    } else {
        ("u.category_id", "1 / u.factor")
    };
    if !related(ground.shape) && !ground.has("uom_uom", &["factor", "category_id", "name"]) {
        return None;
    }
    // The factors of older series are those of 19.0 turned round, and rounded.
    let digits = if related(ground.shape) == related(ground.other) {
        "9.999999EEEE"
    } else {
        "9.99EEEE"
    };
    let name = ground.shape.text("u", "uom_uom", "name");
    let keys = ground.shape.keys.iter();
    let uses = keys.filter(|key| key.target == "uom_uom" && key.table != "uom_uom");
    let used: String = uses.fold(String::new(), |mut used, key| {
        // Writing to a String cannot fail.
        let _ = write!(
            used,
            " OR EXISTS (SELECT FROM \"{}\" o WHERE o.\"{}\" = x.id)",
            key.table, key.column
        );
        used
    });
    let asked = if idle { "NOT" } else { "" };
    Some(format!(
        "SELECT x.id, concat('unit ', x.id, ' (', x.name, ')'), x.value FROM (
           SELECT u.id, {name} AS name, to_char((({factor})::numeric / first_value(({factor})::numeric) OVER (PARTITION BY {kind} ORDER BY u.id)), '{digits}') AS value
           FROM uom_uom u WHERE u.factor > 0) x
         WHERE {asked} (NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'uom.uom' AND d.res_id = x.id AND d.module = 'uom' AND d.name LIKE '%square_foot'){used})"
    ))
}
