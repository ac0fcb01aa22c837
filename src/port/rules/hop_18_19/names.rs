//! Names of Python that moved within `odoo`.

use std::collections::BTreeMap;

use ruff_python_ast::Expr;

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Edit, Found, Python, range};

pub(super) const MOVED: Rule = Rule {
    id: "19.42",
    title: "names that moved out of odoo.fields, odoo.models, odoo.api and odoo.tools",
    why: "these modules only bring what modules are meant to use; the name is not found when the module is loaded",
    source: "odoo/fields/__init__.py, odoo/models/__init__.py, odoo/api/__init__.py, 19.0",
    deed: Deed::Mechanical,
    words: &["fields", "models", "api", "odoo.tools", "tools."],
    looks: &[Look::Python(moved), Look::Python(first)],
};

/// Name, where it was, where it is.
const NAMES: [(&str, &[&str], &str); 52] = [
    ("api", &["models", "fields"], "odoo"),
    ("fields", &["models"], "odoo"),
    ("models", &["fields"], "odoo"),
    ("_", &["models", "fields", "api"], "odoo"),
    ("_lt", &["models"], "odoo"),
    ("SUPERUSER_ID", &["models", "fields"], "odoo"),
    ("Command", &["models"], "odoo.fields"),
    ("Field", &["models"], "odoo.fields"),
    ("AccessError", &["models", "fields", "api"], "odoo.exceptions"),
    ("CacheMiss", &["fields", "api"], "odoo.exceptions"),
    ("MissingError", &["models", "fields"], "odoo.exceptions"),
    ("UserError", &["models", "fields", "api"], "odoo.exceptions"),
    ("ValidationError", &["models"], "odoo.exceptions"),
    ("OrderedSet", &["models", "fields", "api"], "odoo.tools"),
    ("Query", &["models", "api"], "odoo.tools"),
    ("SQL", &["models", "fields", "api"], "odoo.tools"),
    ("clean_context", &["models", "api"], "odoo.tools"),
    ("date_utils", &["models", "fields"], "odoo.tools"),
    ("DEFAULT_SERVER_DATE_FORMAT", &["models"], "odoo.tools"),
    ("DEFAULT_SERVER_DATETIME_FORMAT", &["models"], "odoo.tools"),
    ("float_compare", &["fields"], "odoo.tools"),
    ("float_is_zero", &["fields"], "odoo.tools"),
    ("float_repr", &["fields"], "odoo.tools"),
    ("float_round", &["fields"], "odoo.tools"),
    ("frozendict", &["models", "api"], "odoo.tools"),
    ("get_lang", &["models"], "odoo.tools"),
    ("groupby", &["models"], "odoo.tools"),
    ("html_sanitize", &["fields"], "odoo.tools"),
    ("ormcache", &["models"], "odoo.tools"),
    ("unique", &["models", "fields"], "odoo.tools"),
    ("image_process", &["fields", "tools"], "odoo.tools.image"),
    ("check_barcode_encoding", &["tools"], "odoo.tools.barcode"),
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

/// Returns where a name of a module is now.
fn now(module: &str, name: &str) -> Option<&'static str> {
    let module = module.strip_prefix("odoo.")?;
    let of = |it: &&(&str, &[&str], &'static str)| it.0 == name && it.1.contains(&module);
    NAMES.iter().find(of).map(|(_, _, to)| *to)
}

fn moved(python: &Python<'_>, found: &mut Found) {
    for import in &python.nodes.imports_from {
        let module = import.module.as_ref().map_or("", |module| module.id.as_str());
        let to = |alias: &ruff_python_ast::Alias| now(module, alias.name.id.as_str()).unwrap_or(module);
        if import.level > 0 || import.names.iter().all(|alias| to(alias) == module) || python.at(*import).contains('#')
        {
            continue;
        }
        let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for alias in &import.names {
            lines.entry(to(alias)).or_default().push(python.at(alias));
        }
        let place = range(*import);
        let indent = &python.text[python.line_start(place.start)..place.start];
        let line = |(from, names): (&&str, &Vec<&str>)| format!("from {from} import {}", names.join(", "));
        let new: Vec<String> = lines.iter().map(line).collect();
        found.replace(place, new.join(&format!("{}{indent}", python.newline())));
    }
    for (name, modules, to) in NAMES {
        for module in modules {
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
