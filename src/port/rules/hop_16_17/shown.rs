//! 17.30: a field that an expression reads must be in the view.

use std::collections::BTreeSet;

use roxmltree::Node;
use ruff_python_ast::Expr;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_parser::parse_expression;

use crate::port::{Found, Level, Xml};

const MODIFIERS: [&str; 3] = ["invisible", "readonly", "required"];

/// Names that no field has to bring.
const GIVEN: [&str; 20] = [
    "parent",
    "context",
    "uid",
    "id",
    "active_id",
    "active_ids",
    "active_model",
    "time",
    "datetime",
    "relativedelta",
    "current_date",
    "context_today",
    "today",
    "now",
    "allowed_company_ids",
    "current_company_id",
    "len",
    "set",
    "bool",
    "str",
];

const ROOTS: [&str; 4] = ["form", "tree", "list", "kanban"];

pub(super) fn shown(xml: &Xml<'_>, found: &mut Found) {
    for arch in xml.archs() {
        // What an inherited view brings is not known here.
        if arch
            .parent()
            .is_some_and(|record| Xml::field(record, "inherit_id").is_some())
        {
            continue;
        }
        for root in arch
            .descendants()
            .filter(|node| ROOTS.contains(&node.tag_name().name()))
        {
            let own = |node: &Node<'_, '_>| {
                node.ancestors()
                    .skip(1)
                    .find(|above| ROOTS.contains(&above.tag_name().name()))
                    == Some(root)
            };
            let there: BTreeSet<&str> = (root.descendants())
                .filter(|node| node.has_tag_name("field") && own(node))
                .filter_map(|node| node.attribute("name"))
                .collect();
            for node in root.descendants().filter(|node| node.is_element() && own(node)) {
                for attribute in MODIFIERS.iter().filter_map(|name| node.attribute_node(*name)) {
                    for name in names(attribute.value()) {
                        if !there.contains(name.as_str()) && !GIVEN.contains(&name.as_str()) {
                            found.say(
                                attribute.range().start,
                                Level::Error,
                                format!("`{name}` is read here and is not in the view: 17.0 refuses it"),
                                format!("add <field name=\"{name}\" invisible=\"1\"/>"),
                            );
                        }
                    }
                }
            }
        }
    }
}

/// The free names of an expression.
fn names(text: &str) -> BTreeSet<String> {
    let mut names = Names::default();
    if let Ok(parsed) = parse_expression(text.trim()) {
        names.visit_expr(parsed.expr());
    }
    names.0
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'a> SourceOrderVisitor<'a> for Names {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr {
            self.0.insert(name.id.to_string());
        }
        walk_expr(self, expr);
    }
}
