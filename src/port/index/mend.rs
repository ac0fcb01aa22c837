//! What the target shows to have moved is followed there.
//!
//! A path that leads nowhere in the target is cut down to its last step when exactly one place of the view, as Odoo and
//! the modules it depends on make it, is called so.

use std::collections::BTreeMap;

use super::super::rules::{Deed, Rule};
use super::super::{Edit, Module, Ported};
use super::judge::{Judged, judged};
use super::{Index, records};

/// What a commit says of it.
pub(crate) static ANCHOR: Rule = Rule {
    id: "ref.anchor",
    title: "places in views that stand elsewhere now",
    why: "the path leads nowhere in the target, and exactly one place of the view is called what its end is called",
    source: "the index of the target",
    deed: Deed::Mechanical,
    words: &[],
    looks: &[],
};

/// A path that leads nowhere, and one that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mend {
    /// The file.
    pub(crate) path: String,
    /// The first byte of the element that says it.
    pub(crate) at: usize,
    /// The new path.
    pub(crate) expr: String,
}

/// Asks the target about modules that were ported, as [`super::judge`] does, and follows what moved in those that `may`
/// be changed. What is told is told of the files afterwards.
pub fn settle(index: &Index, ported: &mut [Ported], may: &dyn Fn(&Ported) -> bool) -> Vec<Judged> {
    let to = (index.series.split('.').next().and_then(|major| major.parse().ok())).unwrap_or_default();
    let mut told = judged(index, &modules(ported));
    let mut changed = false;
    for (module, (_, mends)) in ported.iter_mut().zip(&told) {
        if may(module) {
            changed |= follow(module, mends, to);
        }
    }
    if changed {
        told = judged(index, &modules(ported));
    }
    told.into_iter().map(|(judged, _)| judged).collect()
}

fn modules(ported: &[Ported]) -> Vec<Module> {
    let module = |it: &Ported| Module {
        name: it.name.clone(),
        files: it.files.clone(),
    };
    ported.iter().map(module).collect()
}

/// Writes the new paths; says whether there were any.
fn follow(module: &mut Ported, mends: &[Mend], to: u8) -> bool {
    let mut applied = super::super::Applied {
        rule: &ANCHOR,
        to,
        changes: 0,
        files: BTreeMap::new(),
        edits: BTreeMap::new(),
    };
    for file in &mut module.files {
        let changes: Vec<Vec<Edit>> = (mends.iter())
            .filter(|mend| mend.path == file.path)
            .filter_map(|mend| Some(vec![edit(&file.text, mend)?]))
            .collect();
        let made = super::super::apply(&file.text, &changes, &[]);
        if made.changes == 0 || made.text == file.text || records::parse(&made.text).is_none() {
            continue;
        }
        let old = std::mem::replace(&mut file.text, made.text.clone());
        module.originals.entry(file.path.clone()).or_insert(old);
        applied.changes += made.changes;
        applied.files.insert(file.path.clone(), Some(made.text));
        applied.edits.insert(file.path.clone(), made.edits);
    }
    let any = applied.changes > 0;
    if any {
        module.applied.push(applied);
    }
    any
}

fn edit(text: &str, mend: &Mend) -> Option<Edit> {
    let doc = records::parse(text)?;
    let spec = doc
        .descendants()
        .find(|it| it.is_element() && it.range().start == mend.at)?;
    let expr = spec.attribute_node("expr")?;
    let escaped = mend.expr.replace('&', "&amp;").replace('<', "&lt;");
    let place = expr.range_value();
    let quote = text[..place.start].chars().next_back()?;
    let escaped = match quote {
        '"' => escaped.replace('"', "&quot;"),
        _ => escaped.replace('\'', "&apos;"),
    };
    Some(Edit::replace(place, escaped))
}

/// Returns the last step of a path when it says what it looks for by a name: `//field[@name='x']`.
pub(crate) fn last_step(expr: &str) -> Option<String> {
    let mut depth = 0;
    let mut quote = None;
    let mut start = 0;
    for (at, c) in expr.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth -= 1,
            (None, '/') if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    let step = &expr[start..];
    let named = [
        "[@name=",
        "[@id=",
        "[@for=",
        "[@t-field=",
        "[@t-call=",
        "[@t-foreach=",
        "[@t-set=",
    ];
    let is_name = named.iter().any(|it| step.contains(it)) && step.ends_with(']') && !step.contains("::");
    (is_name && start > 0).then(|| format!("//{step}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_down_to_a_last_step_that_has_a_name() {
        for (expr, last) in [
            ("/form/sheet/field[@name='x']", Some("//field[@name='x']")),
            ("//a[@href='/x']/span[@t-field='a.b']", Some("//span[@t-field='a.b']")),
            ("//field[@name='x']/..", None),
            ("//group[2]/field[1]", None),
            ("//div[@class='x']", None),
            ("field[@name='x']", None),
        ] {
            assert_eq!(last_step(expr).as_deref(), last, "{expr}");
        }
    }
}
