//! Methods that Python calls on records.

use super::super::super::uses::Call;
use super::super::super::{Level, Python, SourceFile, range};
use super::super::nearest::{hint, nearest};
use super::super::world::Member;
use super::Case;
use super::uses::{at_install, is_asked};

/// Judges the calls of a file outside of the tests.
pub(super) fn judge(case: &mut Case<'_, '_>, file: &SourceFile, python: &Python<'_>, called: Vec<Call>) {
    for Call {
        model,
        method,
        place,
        own,
    } in called
    {
        // `self.env(user=…)` is an environment of its own.
        let there = method == "env"
            || (own && is_of_another(python, place.start))
            || case.world.index.base.contains(&method)
            || !case.world.has_model(&model)
            || case.world.parts(&model).is_empty()
            || case.world.member(&model, &method, &case.known) != Member::Nothing;
        if there || is_asked(&file.text, &method) || is_caught(&file.text) {
            continue;
        }
        let certain = at_install(file, python, place.start);
        let best = nearest(&method, case.world.members(&model));
        let remedy = hint(best, "find what took its place");
        let message = format!("`{model}` has no method `{method}`");
        let level = if certain || own { Level::Error } else { Level::Warning };
        let since = case.findings.len();
        case.say("ref.method", level, &file.path, place.start, message, remedy);
        // Of what other names stand for hopp is less certain than of `self`.
        if !(certain || own) {
            case.doubt(since);
        }
    }
}

/// Says whether a function in a function has a `self` of its own: what that is, its caller knows.
fn is_of_another(python: &Python<'_>, at: usize) -> bool {
    let around = (python.nodes.functions.iter()).filter(|function| range(**function).contains(&at));
    around
        .skip(1)
        .any(|function| function.parameters.iter().any(|it| it.name().as_str() == "self"))
}

/// Says whether a file expects that something may not be there.
fn is_caught(text: &str) -> bool {
    text.contains("AttributeError")
}
