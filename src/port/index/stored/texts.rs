//! Code, domains, contexts, paths and templates of a record.

use super::super::super::python::Tree;
use super::super::super::{Facts, Python, range, uses};
use super::super::judge::expression;
use super::Gone;
use super::known::{Known, Lost};
use crate::odoo::stored::{Record, Text, Written};

/// Names that are records in code of the database.
const NAMES: &str = "self = record = records = model";

pub(super) fn judge(known: &Known<'_>, facts: &Facts, record: &Record, gone: &mut Vec<Gone>) {
    if let Some(lost) = known.lost_model(&record.about) {
        gone.push(of(record, "model_id", "model", 1, lost));
        return;
    }
    for text in &record.texts {
        let mut found: Vec<(&'static str, usize, Lost)> = Vec::new();
        let mut path = |line: usize, path: &str| {
            found.extend(known.lost_path(&record.about, path).map(|lost| ("field", line, lost)));
        };
        match text.written {
            Written::Code => {
                let head = format!("{NAMES} = env['{}']\n", record.about);
                found.extend(code(known, facts, &head, text.text.trim(), ""));
            }
            Written::Domain => {
                let head = format!("env['{}'].search(\n", record.about);
                found.extend(code(known, facts, &head, text.text.trim(), "\n)\n"));
            }
            Written::Context => {
                if let Some(parsed) = expression::parse(&text.text) {
                    for it in expression::group_by(&parsed) {
                        path(1, &it);
                    }
                }
            }
            Written::Paths => text.text.split(',').for_each(|it| path(1, it)),
            Written::Sort => {
                let orders: Vec<String> = serde_json::from_str(&text.text).unwrap_or_default();
                let names = orders.iter().flat_map(|order| order.split(','));
                names
                    .filter_map(|order| order.split_whitespace().next())
                    .for_each(|it| path(1, it));
            }
            Written::Template => template(text, &mut path),
        }
        gone.extend(
            found
                .into_iter()
                .map(|(what, line, lost)| of(record, text.field, what, line, lost)),
        );
    }
}

fn of(record: &Record, field: &'static str, what: &'static str, line: usize, lost: Lost) -> Gone {
    Gone {
        what,
        model: record.model.clone(),
        id: record.id,
        name: record.name.clone(),
        field,
        line,
        active: record.active,
        message: lost.message,
        remedy: lost.remedy,
    }
}

/// Judges Python between a line of ours and an end of ours. What does not parse did not run before either.
fn code(known: &Known<'_>, facts: &Facts, head: &str, text: &str, end: &str) -> Vec<(&'static str, usize, Lost)> {
    let whole = format!("{head}{text}{end}");
    let Ok(tree) = Tree::parse(&whole) else {
        return Vec::new();
    };
    let python = Python::new("code.py", "database", &whole, &tree, facts);
    let own = head.len()..head.len() + text.len();
    let line = |at: usize| whole[own.start..at].matches('\n').count() + 1;
    let mut found = Vec::new();
    for it in uses::of_python(&python) {
        if let Some(model) = it.model.as_deref().filter(|_| own.contains(&it.place.start))
            && let Some(lost) = known.lost_field(model, &it.field)
        {
            found.push(("field", line(it.place.start), lost));
        }
    }
    for subscript in &python.nodes.subscripts {
        let at = range(*subscript).start;
        if Python::is_env(&subscript.value)
            && own.contains(&at)
            && let Some(lost) = Python::string(&subscript.slice).and_then(|model| known.lost_model(model))
        {
            found.push(("model", line(at), lost));
        }
    }
    for call in &python.nodes.calls {
        let at = range(*call).start;
        if matches!(Python::called(call), Some("ref" | "has_group"))
            && own.contains(&at)
            && let Some(id) = call.arguments.args.first().and_then(Python::string)
            && let Some(lost) = known.lost_id(id)
        {
            found.push(("xmlid", line(at), lost));
        }
    }
    found
}

/// Finds what a template says of `object`.
fn template(text: &Text, path: &mut dyn FnMut(usize, &str)) {
    const OBJECT: &str = "object.";
    for (at, _) in text.text.match_indices(OBJECT) {
        let before = text.text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
            continue;
        }
        let rest = &text.text[at + OBJECT.len()..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')
            .unwrap_or(rest.len());
        let line = text.text[..at].matches('\n').count() + 1;
        path(line, rest[..end].trim_end_matches('.'));
    }
}
