//! Records whose fields or values are gone.

use roxmltree::Node;
use ruff_python_ast::Expr;
use ruff_python_parser::parse_expression;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Level, Python, Xml, range};

pub(super) const TARGET: Rule = Rule {
    id: "19.36",
    title: "target=\"inline\" → current",
    why: "actions have no target `inline` any more: the record does not load",
    source: "odoo/addons/base/models/ir_actions.py, 19.0",
    deed: Deed::Mechanical,
    words: &["inline"],
    looks: &[Look::Xml(target), Look::Python(target_in_python)],
};

pub(super) const FILTERS: Rule = Rule {
    id: "19.38",
    title: "ir.filters user_id → user_ids",
    why: "a filter may belong to several users; the old field is gone: the record does not load",
    source: "odoo/addons/base/models/ir_filters.py, 19.0",
    deed: Deed::Mechanical,
    words: &["ir.filters"],
    looks: &[Look::Xml(filters)],
};

pub(super) const NAMES: Rule = Rule {
    id: "19.39",
    title: "eval=\"xmlid\" → ref",
    why: "an expression no longer knows the records of its module by name: NameError when the data is loaded",
    source: "odoo/tools/convert.py, _get_eval_context, 19.0",
    deed: Deed::Mechanical,
    words: &["eval="],
    looks: &[Look::Xml(names)],
};

pub(super) const CRON: Rule = Rule {
    id: "19.32",
    title: "_notify_progress → _commit_progress",
    why: "the method is deprecated; the new one also commits",
    source: "odoo/addons/base/models/ir_cron.py, 19.0",
    deed: Deed::Detect,
    words: &["_notify_progress"],
    looks: &[Look::Python(progress)],
};

fn target(xml: &Xml<'_>, found: &mut Found) {
    for record in xml.elements("record") {
        let is_action = record
            .attribute("model")
            .is_some_and(|it| it.starts_with("ir.actions."));
        let Some(field) = Xml::field(record, "target").filter(|_| is_action) else {
            continue;
        };
        let Some(text) = field.first_child().filter(Node::is_text) else {
            continue;
        };
        if let Some(at) = xml.text[text.range()]
            .find("inline")
            .filter(|_| field.text().map(str::trim) == Some("inline"))
        {
            let start = text.range().start + at;
            found.replace(start..start + "inline".len(), "current");
        }
    }
}

fn target_in_python(python: &Python<'_>, found: &mut Found) {
    for dict in &python.nodes.dicts {
        let pairs = dict
            .items
            .iter()
            .filter_map(|item| Some((item.key.as_ref().and_then(Python::string)?, &item.value)));
        for (key, value) in pairs {
            if key == "target"
                && let Some(literal) = value.as_string_literal_expr()
                && literal.value.to_str() == "inline"
                && let Some(inside) = python.inside(literal)
            {
                found.replace(inside, "current");
            }
        }
    }
}

fn filters(xml: &Xml<'_>, found: &mut Found) {
    for filter in xml.records("ir.filters") {
        let Some(field) = Xml::field(filter, "user_id") else {
            continue;
        };
        let Some(name) = field.attribute_node("name") else {
            continue;
        };
        let mut edits = vec![Edit::replace(name.range_value(), "user_ids")];
        if let Some(reference) = field.attribute_node("ref") {
            let links = format!("eval=\"[Command.link(ref('{}'))]\"", reference.value());
            edits.push(Edit::replace(reference.range(), links));
        } else if !matches!(field.attribute("eval"), Some("False" | "None" | "")) {
            found.say(
                field.range().start,
                Level::Error,
                "ir.filters has no `user_id` in 19.0",
                "set `user_ids`, a list of users; empty means everybody",
            );
            continue;
        }
        found.change(edits);
    }
}

/// What an expression in data knows besides the names it binds itself.
const KNOWN: [&str; 40] = [
    "True",
    "False",
    "None",
    "Command",
    "time",
    "DateTime",
    "datetime",
    "timedelta",
    "relativedelta",
    "version",
    "ref",
    "pytz",
    "obj",
    "bool",
    "int",
    "float",
    "str",
    "unicode",
    "list",
    "dict",
    "tuple",
    "set",
    "len",
    "abs",
    "min",
    "max",
    "sum",
    "round",
    "range",
    "sorted",
    "enumerate",
    "zip",
    "any",
    "all",
    "map",
    "filter",
    "repr",
    "reduce",
    "isinstance",
    "date",
];

fn names(xml: &Xml<'_>, found: &mut Found) {
    for node in xml
        .doc
        .descendants()
        .filter(|node| node.has_tag_name("field") || node.has_tag_name("value"))
    {
        let Some(attribute) = node.attribute_node("eval") else {
            continue;
        };
        let value = attribute.value();
        // What is escaped in the file has other bytes than the expression.
        if Xml::in_arch(node) || xml.text[attribute.range_value()] != *value {
            continue;
        }
        let Ok(parsed) = parse_expression(value.trim()) else {
            continue;
        };
        let shift = attribute.range_value().start + value.len() - value.trim_start().len();
        let unknown = unknown(parsed.expr());
        match (parsed.expr(), unknown.as_slice()) {
            (_, []) => {}
            (Expr::Name(name), _) if node.attribute("model").is_none() => {
                let reference = format!("ref=\"{}\"", name.id);
                found.replace(attribute.range(), reference);
            }
            (_, several) => found.change(
                several
                    .iter()
                    .map(|(name, at)| Edit::replace(at.start + shift..at.end + shift, format!("ref('{name}')")))
                    .collect(),
            ),
        }
    }
}

/// Returns the names an expression reads and nothing binds.
fn unknown(expr: &Expr) -> Vec<(String, std::ops::Range<usize>)> {
    use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
    #[derive(Default)]
    struct Names {
        read: Vec<(String, std::ops::Range<usize>)>,
        binds: bool,
    }
    impl<'a> SourceOrderVisitor<'a> for Names {
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Name(name) if !KNOWN.contains(&name.id.as_str()) => {
                    self.read.push((name.id.to_string(), range(name)));
                }
                Expr::Lambda(_) | Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                    self.binds = true;
                }
                _ => {}
            }
            walk_expr(self, expr);
        }
    }
    let mut names = Names::default();
    names.visit_expr(expr);
    if names.binds { Vec::new() } else { names.read }
}

fn progress(python: &Python<'_>, found: &mut Found) {
    for attribute in &python.nodes.attributes {
        if attribute.attr.id.as_str() == "_notify_progress" {
            found.say(
                range(&attribute.attr).start,
                Level::Note,
                "`_notify_progress` is deprecated",
                "use `_commit_progress(processed, remaining=…)`; it commits",
            );
        }
    }
}
