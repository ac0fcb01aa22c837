//! Procurements and stock moves.

use ruff_python_ast::Expr;

use crate::port::rules::renames::{Fate, Renamed, fate};
use crate::port::rules::{Deed, Look, Rule};
use crate::port::uses::{How, Use, of_python, of_xml};
use crate::port::{Class, Edit, Facts, Found, Python, range};

pub(super) const PROCUREMENTS: Rule = Rule {
    id: "19.15",
    title: "procurements are run by stock.rule",
    why: "procurement.group is gone; what it did for procurements is done by stock.rule, with the same names",
    source: "odoo/addons/stock/models/stock_rule.py, 19.0",
    deed: Deed::Mechanical,
    words: &["procurement.group"],
    looks: &[Look::Python(procurements)],
};

pub(super) const NAME: Rule = Rule {
    id: "19.45",
    title: "stock moves without name",
    why: "a stock move has no name any more, it shows its product's: ValueError when a move is made with one",
    source: "odoo/addons/stock/models/stock_move.py, 19.0",
    deed: Deed::Mechanical,
    words: &["\"name\"", "'name'"],
    looks: &[Look::Python(name)],
};

pub(super) const SCRAPPED: Rule = Rule {
    id: "19.50",
    title: "scrap_location and scrapped → a usage that is `inventory`",
    why: "what is scrapped goes to a location whose usage is `inventory`; the fields that said so are gone",
    source: "odoo/addons/stock/models/stock_location.py, stock_move.py and stock_scrap.py, 19.0",
    deed: Deed::Mechanical,
    words: &["scrap_location", "scrapped"],
    looks: &[
        Look::Python(|python, found| scrapped(python.facts, python.text, &of_python(python), Some(python), found)),
        Look::Xml(|xml, found| scrapped(xml.facts, xml.text, &of_xml(xml), None, found)),
    ],
};

const SCRAPPED_TABLE: [Renamed; 2] = [
    Renamed {
        models: &["stock.location"],
        old: "scrap_location",
        new: "usage",
        read: None,
        alone: false,
    },
    Renamed {
        models: &["stock.move"],
        old: "scrapped",
        new: "location_dest_usage",
        read: None,
        alone: false,
    },
];

/// What is compared with or read as a boolean is compared with a usage.
fn scrapped(facts: &Facts, text: &str, uses: &[Use], python: Option<&Python<'_>>, found: &mut Found) {
    for it in uses {
        let Some(Fate::Is(renamed)) = fate(facts, &SCRAPPED_TABLE, it) else {
            continue;
        };
        let name = Edit::replace(it.place.clone(), renamed.new);
        let attribute = python.and_then(|python| {
            let is = |attribute: &&&ruff_python_ast::ExprAttribute| range(&attribute.attr) == it.place;
            python.nodes.attributes.iter().find(is).map(|it| range(*it))
        });
        match (it.how, it.operator.as_deref(), &it.truth, attribute) {
            (How::Domain, Some(operator @ ("=" | "!=")), Some((value, truth)), _) => {
                let quote = text[..it.place.start].chars().rev().find(|c| matches!(c, '"' | '\''));
                let quote = quote.unwrap_or('\'');
                let mut edits = vec![name, Edit::replace(value.clone(), format!("{quote}inventory{quote}"))];
                if !truth {
                    let other = if operator == "=" { "!=" } else { "=" };
                    let between = &text[it.place.end..value.start];
                    let Some(at) = between.find(operator) else { continue };
                    let at = it.place.end + at;
                    edits.push(Edit::replace(at..at + operator.len(), other));
                }
                found.change(edits);
            }
            (How::Read, _, _, Some(whole)) => found.change(vec![
                Edit::insert(whole.start, "("),
                name,
                Edit::insert(whole.end, " == \"inventory\")"),
            ]),
            (How::Name, ..) if python.is_none() => {
                found.replace(it.place.clone(), format!("({} == 'inventory')", renamed.new));
            }
            _ => {}
        }
    }
}

/// What stock.rule does now under the same names.
const METHODS: [&str; 10] = [
    "run",
    "Procurement",
    "run_scheduler",
    "_run_scheduler_tasks",
    "_skip_procurement",
    "_search_rule",
    "_get_rule",
    "_get_rule_domain",
    "_get_push_rule",
    "_get_moves_to_assign_domain",
];

fn procurements(python: &Python<'_>, found: &mut Found) {
    for attribute in &python.nodes.attributes {
        if METHODS.contains(&attribute.attr.id.as_str())
            && let Expr::Subscript(subscript) = &*attribute.value
            && Python::is_env(&subscript.value)
            && let Some(literal) = subscript.slice.as_string_literal_expr()
            && literal.value.to_str() == "procurement.group"
            && let Some(inside) = python.inside(literal)
        {
            found.replace(inside, "stock.rule");
        }
    }
    for class in &python.nodes.classes {
        let class = Class::of(class);
        let only_these = class.methods().all(|method| METHODS.contains(&method.name.id.as_str()))
            && class.methods().next().is_some()
            && class.fields().next().is_none();
        if only_these
            && let Some(literal) = class.assigned("_inherit").and_then(|it| it.as_string_literal_expr())
            && literal.value.to_str() == "procurement.group"
            && let Some(inside) = python.inside(literal)
        {
            found.replace(inside, "stock.rule");
        }
    }
}

fn name(python: &Python<'_>, found: &mut Found) {
    let uses = of_python(python);
    let of_moves: Vec<_> = uses
        .iter()
        .filter(|it| it.how == How::Key && it.field == "name" && it.model.as_deref() == Some("stock.move"))
        .map(|it| it.place.start)
        .collect();
    for dict in &python.nodes.dicts {
        for (at, item) in dict.items.iter().enumerate() {
            let key = item.key.as_ref().and_then(|key| key.as_string_literal_expr());
            let inside = key.and_then(|key| python.inside(key));
            if inside.is_some_and(|inside| of_moves.contains(&inside.start)) {
                found.remove(Python::item(dict, at));
            }
        }
    }
}
