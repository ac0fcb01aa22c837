//! Units of measure have no categories.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{CmpOp, Expr, ExprCompare, Stmt};

use crate::port::rules::{Deed, Look, Rule};
use crate::port::uses::{How, of_python, of_xml};
use crate::port::{Class, Edit, Facts, Found, Level, Python, Xml, range};

pub(super) const CATEGORY: Rule = Rule {
    id: "19.25",
    title: "units of measure without categories",
    why: "uom.category is gone, with the fields that lead to it: views do not load and related fields fail. Units \
          convert into each other when they have a common reference",
    source: "odoo/addons/uom/models/uom_uom.py, 19.0",
    deed: Deed::Mechanical,
    words: &["category_id", "uom.category", "uom_type", "factor_inv", "uom_categ"],
    looks: &[Look::Python(in_python), Look::Xml(in_xml)],
};

/// Says whether a field leads to the category of a unit, by the name Odoo and everybody after it gave it.
fn leads_to_category(name: &str) -> bool {
    name.ends_with("uom_category_id") || name.ends_with("uom_categ_id")
}

/// Says whether a unit has lost a field and no other rule says so: where OpenUpgrade's release is at hand, A8 does.
fn is_gone(facts: &Facts, field: &str) -> bool {
    let known = facts.changes.removed_fields.get("uom.uom");
    matches!(field, "category_id" | "uom_type" | "factor_inv" | "ratio")
        && !known.is_some_and(|fields| fields.contains(field))
}

fn in_python(python: &Python<'_>, found: &mut Found) {
    let mut gone: Vec<std::ops::Range<usize>> = Vec::new();
    for class in &python.nodes.classes {
        definitions(python, Class::of(class), &mut gone, found);
    }
    let mut compared = Compared::default();
    python.body.iter().for_each(|stmt| compared.visit_stmt(stmt));
    for compare in compared.found {
        if let (Some(left), [operator], [right]) =
            (unit_of(python, &compare.left), &*compare.ops, &*compare.comparators)
            && let Some(right) = unit_of(python, right)
            && let CmpOp::Eq | CmpOp::NotEq = operator
        {
            let not = if *operator == CmpOp::NotEq { "not " } else { "" };
            found.replace(range(compare), format!("{not}{left}._has_common_reference({right})"));
            gone.push(range(compare));
        }
    }
    for leaf in compared.leaves {
        if let Some(edits) = of_category(python, leaf) {
            found.change(edits);
            gone.push(leaf.first().map_or(0, |it| range(it).start)..leaf.last().map_or(0, |it| range(it).end));
        }
    }
    for it in of_python(python) {
        let of_unit = it.model.as_deref() == Some("uom.uom");
        let removed = of_unit && is_gone(python.facts, &it.field);
        let read = leads_to_category(&it.field) && it.how != How::Define;
        if (removed || read) && !gone.iter().any(|gone| gone.contains(&it.place.start)) {
            found.say(
                it.place.start,
                if it.how == How::Path {
                    Level::Error
                } else {
                    Level::Warning
                },
                format!("units of measure have no categories in 19.0: `{}` is gone", it.field),
                "compare units with `_has_common_reference`; a unit is made of `relative_uom_id` and `relative_factor`",
            );
        }
    }
    for literal in &python.nodes.strings {
        if literal.value.to_str() == "uom.category" {
            found.say(
                range(*literal).start,
                Level::Error,
                "the model uom.category is gone",
                "units that have a common reference (`relative_uom_id`) convert into each other",
            );
        }
    }
}

/// Takes out related fields that lead to a category, and domains that ask for one.
fn definitions(python: &Python<'_>, class: Class<'_>, gone: &mut Vec<std::ops::Range<usize>>, found: &mut Found) {
    for stmt in &class.node.body {
        let Stmt::Assign(assign) = stmt else { continue };
        let Some((name, _, call)) = class
            .fields()
            .find(|(_, _, call)| range(&*assign.value) == range(*call))
        else {
            continue;
        };
        let related = call
            .arguments
            .find_keyword("related")
            .and_then(|it| Python::string(&it.value));
        if related.is_some_and(|path| path.ends_with(".category_id")) && leads_to_category(name) {
            let whole = range(stmt);
            found.remove(python.line_start(whole.start)..python.line_end(whole.end));
            gone.push(whole);
            continue;
        }
        if let Some(domain) = call.arguments.find_keyword("domain")
            && let Some(text) = Python::string(&domain.value)
            && asks_for_category(text)
        {
            found.remove(python.argument_with_comma(call, domain));
            gone.push(range(domain));
        }
    }
}

/// Says whether a domain holds one condition, that a unit is of the category of another field.
fn asks_for_category(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.replace('"', "'");
    let inside = plain
        .strip_prefix("[('category_id','=',")
        .or(plain.strip_prefix("[('category_id','=?',"))
        .and_then(|rest| rest.strip_suffix(")]"));
    inside.is_some_and(|value| {
        value
            .split('.')
            .next_back()
            .is_some_and(|last| leads_to_category(last) || last == "category_id")
    })
}

/// Categories of Odoo's own, and the unit that all of their units are made of.
const ROOTS: [(&str, &str); 6] = [
    ("uom.product_uom_categ_unit", "uom.product_uom_unit"),
    ("uom.product_uom_categ_kgm", "uom.product_uom_gram"),
    ("uom.product_uom_categ_vol", "uom.product_uom_milliliter"),
    ("uom.uom_categ_length", "uom.product_uom_millimeter"),
    ("uom.uom_categ_surface", "uom.product_uom_square_meter"),
    ("uom.uom_categ_wtime", "uom.product_uom_hour"),
];

/// `("category_id", "=", self.env.ref("uom.uom_categ_length").id)` → the units below the one of that category.
fn of_category(python: &Python<'_>, leaf: &[Expr]) -> Option<Vec<Edit>> {
    let [path, operator, value] = leaf else { return None };
    let (path, operator) = (path.as_string_literal_expr()?, operator.as_string_literal_expr()?);
    let read = path.value.to_str();
    let unit = if read == "category_id" {
        "id"
    } else {
        read.strip_suffix(".category_id")?
    };
    let id = value.as_attribute_expr().filter(|it| it.attr.id.as_str() == "id")?;
    let call = id
        .value
        .as_call_expr()
        .filter(|call| Python::called(call) == Some("ref"))?;
    let category = call.arguments.args.first()?.as_string_literal_expr()?;
    let (_, root) = ROOTS.iter().find(|(old, _)| *old == category.value.to_str())?;
    (operator.value.to_str() == "=").then_some(())?;
    Some(vec![
        Edit::replace(python.inside(path)?, unit),
        Edit::replace(python.inside(operator)?, "child_of"),
        Edit::replace(python.inside(category)?, *root),
    ])
}

#[derive(Default)]
struct Compared<'a> {
    found: Vec<&'a ExprCompare>,
    leaves: Vec<&'a [Expr]>,
}

impl<'a> SourceOrderVisitor<'a> for Compared<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Compare(compare) => self.found.push(compare),
            Expr::Tuple(tuple) if tuple.elts.len() == 3 => self.leaves.push(&tuple.elts),
            Expr::List(list) if list.elts.len() == 3 => self.leaves.push(&list.elts),
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// Returns the unit whose category an expression is: `line.product_uom_id` of `line.product_uom_id.category_id`.
fn unit_of<'p>(python: &'p Python<'_>, expr: &Expr) -> Option<&'p str> {
    let attribute = expr.as_attribute_expr()?;
    let unit = python.at(&*attribute.value);
    let last = unit.rsplit('.').next()?;
    let is_unit = last.contains("uom") && !last.contains('(');
    (attribute.attr.id.as_str() == "category_id" && is_unit).then_some(unit)
}

fn in_xml(xml: &Xml<'_>, found: &mut Found) {
    let mut gone = Vec::new();
    for field in xml.elements("field").filter(|node| Xml::in_arch(*node)) {
        let Some(name) = field.attribute_node("name") else {
            continue;
        };
        if leads_to_category(name.value()) && !field.has_attribute("position") && !field.has_children() {
            found.remove(xml.with_lines(field.range()));
        } else if let Some(domain) = field
            .attribute_node("domain")
            .filter(|it| asks_for_category(it.value()))
        {
            found.remove(xml.attribute_with_blank(domain));
            gone.push(domain.range());
        }
    }
    for it in of_xml(xml) {
        let of_unit = it.model.as_deref() == Some("uom.uom");
        let removed = of_unit && is_gone(xml.facts, &it.field);
        let anchor = leads_to_category(&it.field) && it.how == How::Anchor;
        let gone = gone.iter().any(|gone| gone.contains(&it.place.start));
        if (removed || anchor) && !gone {
            found.say(
                it.place.start,
                Level::Error,
                format!("units of measure have no categories in 19.0: `{}` is gone", it.field),
                "a unit is made of `relative_uom_id` and `relative_factor`; anchor on another field",
            );
        }
    }
    for record in xml.records("uom.category") {
        found.say(
            record.range().start,
            Level::Error,
            "the model uom.category is gone: the record does not load",
            "give the units a common reference: `relative_uom_id`",
        );
    }
    for node in xml.doc.descendants() {
        let category = node
            .attributes()
            .find(|it| it.value().starts_with("uom.product_uom_categ_") || it.value() == "uom.uom_categ_length");
        if let Some(attribute) = category {
            found.say(
                attribute.range_value().start,
                Level::Error,
                format!("`{}` is gone with the categories of units", attribute.value()),
                "set `relative_uom_id` to the unit it is measured in",
            );
        }
    }
}
