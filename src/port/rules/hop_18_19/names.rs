//! Names of Python that moved within `odoo`.

use ruff_python_ast::Expr;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Python, range};

pub(super) const MOVED: Rule = Rule {
    id: "19.42",
    title: "names that moved out of odoo.fields, odoo.models and odoo.api",
    why: "the three modules only bring what modules are meant to use; the name is not found when the module is loaded",
    source: "odoo/fields/__init__.py, odoo/models/__init__.py, odoo/api/__init__.py, 19.0",
    deed: Deed::Mechanical,
    words: &["fields", "models", "api"],
    looks: &[Look::Python(moved), Look::Python(first)],
};

/// Name, where it was, where it is.
const NAMES: [(&str, &[&str], &str); 20] = [
    ("SENTINEL", &["fields"], "odoo.tools.misc"),
    ("DATE_LENGTH", &["fields"], "odoo.tools.misc"),
    ("resolve_mro", &["fields"], "odoo.orm.fields"),
    ("determine", &["fields"], "odoo.orm.fields"),
    ("IR_MODELS", &["fields"], "odoo.orm.fields"),
    ("_Relational", &["fields"], "odoo.orm.fields_relational"),
    ("_RelationalMulti", &["fields"], "odoo.orm.fields_relational"),
    ("NewId", &["fields", "models"], "odoo.api"),
    ("PREFETCH_MAX", &["fields", "models"], "odoo.tools.constants"),
    ("GC_UNLINK_LIMIT", &["models"], "odoo.tools.constants"),
    ("INSERT_BATCH_SIZE", &["models"], "odoo.orm.models"),
    ("UPDATE_BATCH_SIZE", &["models"], "odoo.orm.models"),
    ("itemgetter_tuple", &["models"], "odoo.orm.models"),
    ("expand_ids", &["models"], "odoo.orm.utils"),
    ("origin_ids", &["models"], "odoo.orm.utils"),
    ("regex_private", &["models"], "odoo.orm.utils"),
    ("call_kw", &["api"], "odoo.service.model"),
    ("Cache", &["api"], "odoo.orm.environments"),
    ("Starred", &["api"], "odoo.orm.environments"),
    ("Transaction", &["api"], "odoo.orm.environments"),
];

fn moved(python: &Python<'_>, found: &mut Found) {
    for (name, modules, to) in NAMES {
        for module in modules {
            let from = format!("odoo.{module}");
            for (import, alias) in python.imported(&from, name) {
                let line = python.at(alias);
                let new = format!("from {to} import {line}");
                if import.names.len() == 1 {
                    found.replace(range(import), new);
                } else {
                    let place = python.line_start(range(import).start);
                    let indent = &python.text[place..range(import).start];
                    let new = format!("{indent}{new}{}", python.newline());
                    found.change(vec![Edit::insert(place, new), python.without_name(import, alias)]);
                }
            }
            if !python.imports("odoo", module) {
                continue;
            }
            let uses: Vec<Edit> = (python.nodes.attributes.iter())
                .filter(|it| it.attr.id.as_str() == name)
                .filter(|it| matches!(&*it.value, Expr::Name(base) if base.id.as_str() == *module))
                .map(|it| Edit::replace(range(*it), name))
                .collect();
            if !uses.is_empty() && python.imported(to, name).next().is_none() && !python.binds(name) {
                let line = format!("from {to} import {name}{}", python.newline());
                for edit in uses {
                    found.change(vec![edit]);
                }
                found.once(Edit::insert(python.import_place(), line));
            }
        }
    }
}

/// `fields.first(records)` → `records[:1]`.
fn first(python: &Python<'_>, found: &mut Found) {
    let imported = python.imported("odoo.fields", "first").next();
    for call in &python.nodes.calls {
        let by_module = matches!(&*call.func, Expr::Attribute(it)
            if it.attr.id.as_str() == "first" && matches!(&*it.value, Expr::Name(base) if base.id.as_str() == "fields"));
        let by_name = imported.is_some() && matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "first");
        let ([records], true) = (&*call.arguments.args, by_module || by_name) else {
            continue;
        };
        let (whole, inner) = (range(*call), range(records));
        let simple = matches!(
            records,
            Expr::Name(_) | Expr::Attribute(_) | Expr::Call(_) | Expr::Subscript(_)
        );
        let (open, close) = if simple { ("", "[:1]") } else { ("(", ")[:1]") };
        let edits = vec![
            Edit::replace(whole.start..inner.start, open),
            Edit::replace(inner.end..whole.end, close),
        ];
        if let (Some((import, alias)), true) = (imported, by_name) {
            found.once(python.without_name(import, alias));
        }
        found.change(edits);
    }
}
