//! `odoo.osv` and its functions for domains.

use std::ops::Range;

use ruff_python_ast::Expr;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Level, Python, range};

pub(super) const EXPRESSION: Rule = Rule {
    id: "19.4",
    title: "odoo.osv.expression → odoo.fields.Domain",
    why: "odoo.osv is deprecated: 19.0 warns when a module imports it, and at every call",
    source: "odoo/osv/__init__.py and odoo/orm/domains.py, 19.0",
    deed: Deed::Mechanical,
    words: &["odoo.osv"],
    looks: &[Look::Python(expression)],
};

/// A use of something from `odoo.osv.expression`.
struct Use<'a> {
    /// Its name there.
    name: &'a str,
    /// What names it here: `expression.AND`, or `AND`.
    place: Range<usize>,
}

fn expression(python: &Python<'_>, found: &mut Found) {
    let domain = if python.imported("odoo.fields", "Domain").next().is_some() || !python.binds("Domain") {
        "Domain"
    } else if python.imports("odoo", "fields") {
        "fields.Domain"
    } else {
        for (import, _) in python.imported("odoo.osv", "expression") {
            left(found, range(import).start, "odoo.osv.expression");
        }
        return;
    };
    let mut bring = domain == "Domain" && python.imported("odoo.fields", "Domain").next().is_none();
    for import in &python.nodes.imports_from {
        let Some(module) = import.module.as_ref().map(|module| module.id.as_str()) else {
            continue;
        };
        if !matches!(module, "odoo.osv" | "odoo.osv.expression") {
            continue;
        }
        let mut edits = Vec::new();
        let mut gone = Vec::new();
        for alias in &import.names {
            let local = Python::local(alias);
            let uses: Vec<Use<'_>> = match (module, alias.name.id.as_str()) {
                ("odoo.osv", "expression") => members(python, local).collect(),
                ("odoo.osv.expression", name) => names(python, local).map(|place| Use { name, place }).collect(),
                _ => {
                    left(found, range(alias).start, alias.name.id.as_str());
                    continue;
                }
            };
            let mut all = true;
            for it in uses {
                if let Some(more) = become_of(python, &it, domain) {
                    edits.extend(more);
                } else {
                    all = false;
                    left(found, it.place.start, it.name);
                }
            }
            if all {
                gone.push(alias);
            }
        }
        let used = !edits.is_empty();
        let new = "from odoo.fields import Domain".to_owned();
        if gone.len() == import.names.len() {
            if used && bring {
                edits.push(Edit::replace(range(*import), new));
                bring = false;
            } else {
                edits.push(removed(python, range(*import)));
            }
        } else {
            edits.extend(gone.iter().map(|alias| python.without_name(import, alias)));
            if used && bring {
                edits.push(Edit::insert(range(*import).start, new + python.newline()));
                bring = false;
            }
        }
        found.change(edits);
    }
    for import in &python.nodes.imports {
        for alias in &import.names {
            if alias.name.id.as_str().starts_with("odoo.osv") {
                left(found, range(alias).start, alias.name.id.as_str());
            }
        }
    }
}

fn left(found: &mut Found, at: usize, name: &str) {
    found.say(
        at,
        Level::Warning,
        format!("`{name}` of odoo.osv is deprecated and has no twin"),
        "build the domain with `odoo.fields.Domain`: `Domain(…) & Domain(…)`, `Domain.iter_conditions`, `map_conditions`",
    );
}

/// Returns an import without its line, or `pass` when nothing else stands in its block.
fn removed(python: &Python<'_>, whole: Range<usize>) -> Edit {
    let (start, end) = (python.line_start(whole.start), python.line_end(whole.end));
    let at_margin = start == whole.start;
    if at_margin && python.text[whole.end..end].trim().is_empty() {
        Edit::remove(start..end)
    } else {
        Edit::replace(whole, "pass")
    }
}

fn names<'p>(python: &'p Python<'_>, local: &'p str) -> impl Iterator<Item = Range<usize>> + 'p {
    (python.nodes.names.iter())
        .filter(move |name| name.id.as_str() == local)
        .map(|name| range(*name))
}

fn members<'p>(python: &'p Python<'_>, local: &'p str) -> impl Iterator<Item = Use<'p>> + 'p {
    let bare = names(python, local)
        .filter(|place| !(python.nodes.attributes.iter()).any(|attribute| range(&*attribute.value) == *place));
    (python.nodes.attributes.iter())
        .filter(move |it| matches!(&*it.value, Expr::Name(name) if name.id.as_str() == local))
        .map(|it| Use {
            name: it.attr.id.as_str(),
            place: range(*it),
        })
        .chain(bare.map(move |place| Use { name: local, place }))
}

/// Returns what a use becomes; nothing when it has no twin.
fn become_of(python: &Python<'_>, it: &Use<'_>, domain: &str) -> Option<Vec<Edit>> {
    let plain = |text: String| Some(vec![Edit::replace(it.place.clone(), text)]);
    match it.name {
        "AND" | "OR" => {
            let call = python.nodes.calls.iter().find(|call| range(&*call.func) == it.place)?;
            let whole = range(*call);
            let name = format!("{domain}.{}", it.name);
            if grows(python, &whole) {
                Some(vec![
                    Edit::replace(it.place.clone(), format!("list({name}")),
                    Edit::insert(whole.end, ")"),
                ])
            } else {
                plain(name)
            }
        }
        "normalize_domain" => {
            let call = python.nodes.calls.iter().find(|call| range(&*call.func) == it.place)?;
            Some(vec![
                Edit::replace(it.place.clone(), format!("list({domain}")),
                Edit::insert(range(*call).end, ")"),
            ])
        }
        "TRUE_DOMAIN" => plain(format!("{domain}.TRUE")),
        "FALSE_DOMAIN" => plain(format!("{domain}.FALSE")),
        "TRUE_LEAF" => plain("(1, \"=\", 1)".to_owned()),
        "FALSE_LEAF" => plain("(0, \"=\", 1)".to_owned()),
        "AND_OPERATOR" => plain("\"&\"".to_owned()),
        "OR_OPERATOR" => plain("\"|\"".to_owned()),
        "NOT_OPERATOR" => plain("\"!\"".to_owned()),
        "NEGATIVE_TERM_OPERATORS" => plain(format!("{domain}.NEGATIVE_OPERATORS")),
        _ => None,
    }
}

/// Says whether a domain is given to a name that is changed in place later: a `Domain` has no `append`.
fn grows(python: &Python<'_>, value: &Range<usize>) -> bool {
    let given = python.nodes.assignments.iter().find(|it| range(&*it.value) == *value);
    let Some([Expr::Name(target)]) = given.map(|it| it.targets.as_slice()) else {
        return false;
    };
    let is_target = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id == target.id);
    let called = python.nodes.calls.iter().any(|call| match &*call.func {
        Expr::Attribute(it) => {
            is_target(&it.value) && matches!(it.attr.id.as_str(), "append" | "extend" | "insert" | "remove" | "pop")
        }
        _ => false,
    });
    called || python.nodes.subscripts.iter().any(|it| is_target(&it.value))
}
