//! Fields in texts: paths, domains, contexts, expressions.

use std::ops::Range;

use ruff_python_ast::{Expr, ExprDict};
use ruff_python_parser::parse_expression;

use super::piece::Piece;
use super::{How, Use};
use crate::port::{Facts, Python, range};

/// Follows a path such as `order_line.product_uom`, and returns the model it ends at. What follows a colon is no path.
pub(super) fn path<'f>(
    facts: &'f Facts,
    model: Option<&'f str>,
    text: &str,
    place: impl Fn(Range<usize>) -> Range<usize>,
    how: How,
    uses: &mut Vec<Use>,
) -> Option<&'f str> {
    let text = text.split([':', ' ']).next().unwrap_or(text);
    let (mut model, mut at) = (model, 0);
    for step in text.split('.') {
        if step.is_empty() || !step.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return None;
        }
        uses.push(Use::new(model, step, place(at..at + step.len()), how));
        at += step.len() + 1;
        model = model.and_then(|model| facts.comodel(model, step));
    }
    model
}

/// What a text of Python speaks of.
#[derive(Clone, Copy)]
pub(super) struct About<'f> {
    /// The model whose fields the left sides of conditions name.
    pub(super) domain: Option<&'f str>,
    /// The model whose fields stand as names; nothing when names are not fields.
    pub(super) names: Option<&'f str>,
    /// The model whose fields `parent.` names.
    pub(super) parent: Option<&'f str>,
    /// Whether names are fields of a record.
    pub(super) record: bool,
}

/// Looks through an expression written as a text.
pub(super) fn expression(facts: &Facts, piece: &Piece, about: About<'_>, uses: &mut Vec<Use>) {
    // In brackets, so that lines may begin anywhere.
    let text = format!("({}\n)", piece.text);
    let Ok(parsed) = parse_expression(&text) else { return };
    let look = Look {
        facts,
        place: &|range: Range<usize>| piece.place(range.start - 1..range.end - 1),
        about,
    };
    look.expr(parsed.expr(), uses);
}

struct Look<'a> {
    facts: &'a Facts,
    place: &'a dyn Fn(Range<usize>) -> Range<usize>,
    about: About<'a>,
}

impl Look<'_> {
    fn expr(&self, expr: &Expr, uses: &mut Vec<Use>) {
        match expr {
            Expr::Tuple(tuple) if is_leaf(&tuple.elts) => self.leaf(&tuple.elts, uses),
            Expr::List(list) if is_leaf(&list.elts) => self.leaf(&list.elts, uses),
            Expr::Dict(dict) => self.context(dict, uses),
            Expr::Name(name) if self.about.record && !is_known(name.id.as_str()) => {
                uses.push(Use::new(
                    self.about.names,
                    name.id.as_str(),
                    (self.place)(range(name)),
                    How::Name,
                ));
            }
            Expr::Attribute(attribute) => match &*attribute.value {
                Expr::Name(name) if name.id.as_str() == "parent" => {
                    let place = (self.place)(range(&attribute.attr));
                    uses.push(Use::new(
                        self.about.parent,
                        attribute.attr.id.as_str(),
                        place,
                        How::Name,
                    ));
                }
                value => {
                    if let Some(model) = self.of_user(value) {
                        let place = (self.place)(range(&attribute.attr));
                        uses.push(Use::new(Some(model), attribute.attr.id.as_str(), place, How::Read));
                    }
                    self.expr(value, uses);
                }
            },
            other => children(other, &mut |child| self.expr(child, uses)),
        }
    }

    /// Returns the model of what is read off `user`, the user for whom a rule or a domain is worked out.
    fn of_user(&self, expr: &Expr) -> Option<&str> {
        match expr {
            Expr::Name(name) => (name.id.as_str() == "user").then_some("res.users"),
            Expr::Attribute(attribute) => {
                let model = self.of_user(&attribute.value)?;
                self.facts.comodel(model, attribute.attr.id.as_str())
            }
            _ => None,
        }
    }

    fn leaf(&self, elements: &[Expr], uses: &mut Vec<Use>) {
        let [left, operator, right] = elements else { return };
        leaf(self.facts, self.about.domain, left, operator, right, self.place, uses);
        self.expr(right, uses);
    }

    /// A context names fields in `group_by` and `default_…`; any other dictionary is looked through.
    fn context(&self, dict: &ExprDict, uses: &mut Vec<Use>) {
        for item in &dict.items {
            let literal = item.key.as_ref().and_then(Expr::as_string_literal_expr);
            if let Some(literal) = literal {
                let key = literal.value.to_str();
                let start = range(literal).start + 1;
                if let Some(field) = key.strip_prefix("default_") {
                    let at = start + "default_".len();
                    let place = (self.place)(at..at + field.len());
                    uses.push(Use::new(self.about.domain, field, place, How::Key));
                } else if matches!(
                    key,
                    "group_by" | "pivot_row_groupby" | "pivot_column_groupby" | "graph_groupbys"
                ) {
                    self.paths(&item.value, uses);
                }
            }
            self.expr(&item.value, uses);
        }
    }

    fn paths(&self, value: &Expr, uses: &mut Vec<Use>) {
        match value {
            Expr::StringLiteral(literal) => {
                let start = range(literal).start + 1;
                let place = |it: Range<usize>| (self.place)(start + it.start..start + it.end);
                path(
                    self.facts,
                    self.about.domain,
                    literal.value.to_str(),
                    place,
                    How::Path,
                    uses,
                );
            }
            Expr::List(list) => list.elts.iter().for_each(|element| self.paths(element, uses)),
            _ => {}
        }
    }
}

/// Says whether three elements are a condition of a domain.
pub(super) fn is_leaf(elements: &[Expr]) -> bool {
    let [Expr::StringLiteral(_), Expr::StringLiteral(operator), _] = elements else {
        return false;
    };
    let operator = operator.value.to_str();
    matches!(
        operator,
        "=" | "!="
            | "<>"
            | "=="
            | "<"
            | ">"
            | "<="
            | ">="
            | "in"
            | "not in"
            | "child_of"
            | "parent_of"
            | "any"
            | "not any"
    ) || operator.contains("like")
}

/// Takes a condition: the path on its left, with its operator and truth.
pub(super) fn leaf(
    facts: &Facts,
    model: Option<&str>,
    left: &Expr,
    operator: &Expr,
    right: &Expr,
    place: &dyn Fn(Range<usize>) -> Range<usize>,
    uses: &mut Vec<Use>,
) {
    let (Some(left), Some(operator)) = (left.as_string_literal_expr(), Python::string(operator)) else {
        return;
    };
    let start = range(left).start + 1;
    let from = uses.len();
    let within = |it: Range<usize>| place(start + it.start..start + it.end);
    let text = left.value.to_str();
    // What is escaped or joined does not stand there as it reads.
    if range(left).len() != text.len() + 2 {
        return;
    }
    path(facts, model, text, within, How::Domain, uses);
    if let Some(last) = uses[from..].last_mut() {
        last.operator = Some(operator.to_owned());
        if let Expr::BooleanLiteral(truth) = right {
            last.truth = Some((place(range(truth)), truth.value));
        }
    }
}

/// Names that expressions of views know and that are no fields.
fn is_known(name: &str) -> bool {
    matches!(
        name,
        "True"
            | "False"
            | "None"
            | "true"
            | "false"
            | "uid"
            | "context"
            | "context_today"
            | "current_date"
            | "time"
            | "datetime"
            | "relativedelta"
            | "parent"
            | "active_id"
            | "active_ids"
            | "active_model"
            | "allowed_company_ids"
            | "current_company_id"
            | "user"
            | "company_id_"
            | "ref"
            | "len"
            | "set"
            | "bool"
            | "list"
            | "id"
    )
}

/// Calls a function with every expression directly inside another.
pub(super) fn children<'a>(expr: &'a Expr, each: &mut dyn FnMut(&'a Expr)) {
    use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
    struct Children<'s, 'a> {
        each: &'s mut dyn FnMut(&'a Expr),
    }
    impl<'a> SourceOrderVisitor<'a> for Children<'_, 'a> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            (self.each)(expr);
        }
    }
    walk_expr(&mut Children { each }, expr);
}
