//! Texts in the classes of models that name fields: the domain of a field, and paths that are put together elsewhere.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, ExprStringLiteral, StmtClassDef};

use super::super::super::{Level, Python, SourceFile, range};
use super::super::world::Member;
use super::{Case, expression};

/// Judges the domain of a field, as a text or as a list: a view that shows the field is refused when it names what is gone.
pub(super) fn domain(case: &mut Case<'_, '_>, file: &SourceFile, (model, name): (&str, &str), call: &ExprCall) {
    let keyword = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
    let Some(expr) = keyword("domain") else { return };
    let said = keyword("comodel_name").or_else(|| call.arguments.args.first());
    let to = match said.and_then(Python::string) {
        Some(to) => to.to_owned(),
        None => match case.world.member(model, name, &case.known) {
            Member::Field(field) if field.to.is_some() => field.to.clone().unwrap_or_default(),
            _ => return,
        },
    };
    let paths = match Python::string(expr) {
        Some(text) => expression::parse(text).map_or_else(Vec::new, |parsed| expression::domain(&parsed)),
        None => expression::leaves(expr),
    };
    for path in paths {
        if let Some((model, part)) = case.lost_part(&to, &path) {
            case.say_field(&file.path, range(expr).start, &model, &part, Level::Error);
        }
    }
}

/// Judges lists of texts in which one can be nothing but a path: its first part is a field of the class's model, and leads to
/// a model.
///
/// What stands in a call is about the model of what it is called on, and judged with that; a condition's is anyone's.
pub(super) fn paths(case: &mut Case<'_, '_>, file: &SourceFile, class: &StmtClassDef, model: &str) {
    let mut lists = Lists::default();
    lists.visit_body(&class.body);
    for literal in lists.texts {
        let text = literal.value.to_str();
        let Some((first, _)) = text.split_once('.').filter(|_| is_path(text)) else {
            continue;
        };
        let is_other = case.world.has_model(text) || case.world.addons.contains_key(first);
        if is_other || case.lost_part(model, first).is_some() {
            continue;
        }
        if let Some((model, part)) = case.lost_part(model, text) {
            case.say_field(&file.path, range(literal).start, &model, &part, Level::Error);
        }
    }
}

/// The texts of lists of nothing but texts, outside of calls.
#[derive(Default)]
struct Lists<'a> {
    texts: Vec<&'a ExprStringLiteral>,
}

impl<'a> SourceOrderVisitor<'a> for Lists<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(_) => {}
            Expr::List(list) => {
                let texts: Option<Vec<_>> = list.elts.iter().map(Expr::as_string_literal_expr).collect();
                match texts {
                    Some(texts) => self.texts.extend(texts),
                    None => walk_expr(self, expr),
                }
            }
            _ => walk_expr(self, expr),
        }
    }
}

/// Says whether a text is names with dots between them.
fn is_path(text: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    text.split('.').all(is_name)
}
