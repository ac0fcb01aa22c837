//! Dates in the domains of views.

use std::ops::Range;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, Number, Operator};
use ruff_python_parser::parse_expression;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Python, Xml, range};

pub(super) const DATES: Rule = Rule {
    id: "19.8",
    title: "context_today() in domains → 'today'",
    why: "a domain says `'today -7d'`; the editor of filters shows what is computed in Python as it is written",
    source: "odoo/upgrade_code/18.5-00-domain-dynamic-dates.py, 19.0",
    deed: Deed::Mechanical,
    words: &["context_today"],
    looks: &[Look::Xml(dates)],
};

fn dates(xml: &Xml<'_>, found: &mut Found) {
    let filters = xml.elements("filter").filter(|node| Xml::in_arch(*node));
    for domain in filters.filter_map(|filter| filter.attribute_node("domain")) {
        let place = domain.range_value();
        let text = &xml.text[place.clone()];
        // What is escaped becomes as many bytes as it had.
        let plain = (text.replace("&lt;", "<   ").replace("&gt;", ">   "))
            .replace("&amp;", "&    ")
            .replace("&quot;", "'     ");
        let Ok(parsed) = parse_expression(&plain) else { continue };
        let mut calls = Formatted::default();
        calls.visit_expr(parsed.expr());
        let quote = if text.contains("&quot;") || xml.text[..place.start].ends_with('"') {
            '\''
        } else {
            '"'
        };
        let edits = calls.found.into_iter().map(|(at, today)| {
            Edit::replace(
                place.start + at.start..place.start + at.end,
                format!("{quote}{today}{quote}"),
            )
        });
        edits.for_each(|edit| found.change(vec![edit]));
    }
}

/// Dates that are computed and written out: their bytes, and what is said instead.
#[derive(Default)]
struct Formatted {
    found: Vec<(Range<usize>, String)>,
}

impl<'a> SourceOrderVisitor<'a> for Formatted {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Some(today) = formatted(call)
        {
            self.found.push((range(expr), today));
            return;
        }
        walk_expr(self, expr);
    }
}

/// `(context_today() - relativedelta(days=7)).strftime('%Y-%m-%d')`, or `.to_utc()` left out.
fn formatted(call: &ExprCall) -> Option<String> {
    let function = call.func.as_attribute_expr()?;
    let format = call.arguments.args.first().and_then(Python::string)?;
    if function.attr.id.as_str() != "strftime" || format != "%Y-%m-%d" {
        return None;
    }
    if is_today(&function.value) {
        return Some("today".to_owned());
    }
    let sum = function.value.as_bin_op_expr()?;
    let sign = match sum.op {
        Operator::Add => '+',
        Operator::Sub => '-',
        _ => return None,
    };
    let delta = sum.right.as_call_expr().filter(|_| is_today(&sum.left))?;
    let kind = Python::called(delta)?;
    if !matches!(kind, "relativedelta" | "timedelta") || !delta.arguments.args.is_empty() {
        return None;
    }
    let [only] = &*delta.arguments.keywords else {
        return None;
    };
    let unit = match only.arg.as_ref()?.id.as_str() {
        "days" => 'd',
        "weeks" => 'w',
        "months" => 'm',
        "years" => 'y',
        _ => return None,
    };
    let Expr::NumberLiteral(number) = &only.value else {
        return None;
    };
    let Number::Int(number) = &number.value else {
        return None;
    };
    Some(format!("today {sign}{number}{unit}"))
}

fn is_today(expr: &Expr) -> bool {
    let call = expr.as_call_expr();
    call.is_some_and(|call| Python::called(call) == Some("context_today") && call.arguments.is_empty())
}
