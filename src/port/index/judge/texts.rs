//! Texts in the classes of models that name fields: the domain of a field, and paths that are put together elsewhere.

use ruff_python_ast::{ExprCall, StmtClassDef};

use super::super::super::{Level, Nodes, Python, SourceFile, range};
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

/// Judges texts that can be nothing but a path: the first part is a field of the class's model, and leads to a model.
///
/// What stands in a call is about the model of what it is called on, and judged with that.
pub(super) fn paths(case: &mut Case<'_, '_>, file: &SourceFile, class: &StmtClassDef, model: &str, nodes: &Nodes<'_>) {
    let whole = range(class);
    let in_call = |at: usize| nodes.calls.iter().any(|call| range(&call.arguments).contains(&at));
    for literal in &nodes.strings {
        let (at, text) = (range(*literal).start, literal.value.to_str());
        let Some((first, _)) = text.split_once('.').filter(|_| is_path(text)) else {
            continue;
        };
        let is_other = case.world.has_model(text) || case.world.addons.contains_key(first);
        if !whole.contains(&at) || is_other || in_call(at) || case.lost_part(model, first).is_some() {
            continue;
        }
        if let Some((model, part)) = case.lost_part(model, text) {
            case.say_field(&file.path, at, &model, &part, Level::Error);
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
